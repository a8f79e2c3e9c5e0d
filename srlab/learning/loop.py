"""The loop that makes the data: search, sample on what was found, choose where the forms disagree, label, and search
on.

Everything is in one folder: learn.jsonl, the journal, with a line for each finished stage; round-K/search, an ordinary
run; round-K/samples-*.extxyz, queue.extxyz and labels.extxyz; and what is told for the eye, see
:mod:`srlab.learning.trace`. A stage that was not finished is taken up where it stood: a search from its own journal,
labels frame by frame, a sampling run from its beginning (it takes about a minute).
"""

import os
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from srlab import __version__
from srlab.datasets.labelled_frames import EXTREME, is_extreme
from srlab.datasets.reader import read_raw
from srlab.errors import InputError
from srlab.learning.committee import select
from srlab.learning.round_data import check_labeller, enlarged, errors_by_part, evaluate_frames, learned
from srlab.learning.settings import LearnSettings
from srlab.learning.trace import LevelLog, ParityLog
from srlab.runs import events
from srlab.runs.folder import LOCK_FILE, RunFolder
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.sampling.labellers import find_labeller
from srlab.sampling.labelling import label
from srlab.sampling.nested import sample
from srlab.search.search import Search
from srlab.search.worker import continue_run

JOURNAL = "learn.jsonl"
STAGES = ("sample", "select", "label", "search")


def learn(dataset, out, calculator="gpaw", progress=None, **settings):
    """Learn for some rounds; the same call goes on after a kill, and with more `rounds` after the end.

    Parameters
    ----------
    dataset : Dataset with test frames; these stay the test frames of all rounds, and all new labels are training
        frames.
    out : folder; made when absent.
    calculator : what makes the labels, see :func:`srlab.sampling.labellers.find_labeller`. It must be what made the
        data set's.
    progress : called as progress(stage, round, done, total, message).
    settings : see :class:`srlab.learning.settings.LearnSettings`.

    Returns
    -------
    list of dict, one a round, round 0 being the search before anything was sampled: see :func:`rounds`.

    Raises
    ------
    InputError : settings that cannot be used, or not those the folder was begun with; data without test frames or of
        another calculator; a search that found fewer than two forms; a folder in use.
    MissingExtra : GPAW is asked for and not installed.
    """
    return Loop(dataset, Path(out), calculator, LearnSettings(**settings), progress or (lambda *event: None)).run()


def rounds(out):
    """What the journal of a folder says, one dict a finished round.

    round; train: frames the search knew; labels: those of them this loop made; complexity, formulas, id of the form
    with the lowest loss; its energy_mae (meV/atom) and force_mae (meV/A) on test frames as test_*, test_near_* and
    test_far_*; labelled, failed and cpu_seconds of this round; new_energy_mae, new_force_mae: errors of the round
    before's form on this round's labels, which it had not seen.
    """
    found = {}
    for event in JournalReader(Path(out) / JOURNAL).read():
        if event.get("event") in STAGES:
            found.setdefault(event["round"], {"round": event["round"]}).update(event["result"])
    return [entry for _, entry in sorted(found.items()) if "id" in entry]


def missing(done, count):
    """(round, stage) still to be done of a loop of `count` rounds; `done` holds those that are."""
    return [
        (number, stage)
        for number in range(count + 1)
        for stage in (STAGES if number else ("search",))
        if (number, stage) not in done
    ]


class Loop:
    """One loop in one process; `run()` blocks until its rounds are done. Arguments are those of :func:`learn`."""

    def __init__(self, dataset, out, calculator, settings, progress):
        if not len(dataset.test_indices):
            raise InputError(f"{dataset.name} keeps no frames back for testing: choose another split")
        self.base, self.out, self.settings, self.progress = dataset, out, settings, progress
        self.calculator = (
            calculator if isinstance(calculator, str) else None
        )  # by a name, another process can have it, too
        self.labeller = find_labeller(calculator, [dataset.element])
        self.lowest = min(frame.get_potential_energy() / len(frame) for frame in dataset.frames)
        self.done = {}

    def run(self):
        """Do what is not done yet; returns what :func:`rounds` says then."""
        with self._opened():
            for number, stage in self._missing():
                self._stage(number, stage)
        return rounds(self.out)

    def prepare(self):
        """Make the folder with all that another process needs to run the loop: the journal's first line, and the
        first search with the data."""
        with self._opened():
            self._folder(0).mkdir(exist_ok=True)
            self._make_search(0, self._folder(0))

    @contextmanager
    def _opened(self):
        """Hold the folder and its journal. What ends the loop goes to the journal, too, since another process may be
        watching."""
        if self.out.exists() and not self.out.is_dir():
            raise InputError(f"{self.out} is a file: choose another folder")
        if (
            self.out.exists()
            and any(path.name != LOCK_FILE for path in self.out.iterdir())
            and not (self.out / JOURNAL).exists()
        ):
            raise InputError(f"{self.out} holds something else: choose another folder")
        start, first = self._begin(JournalReader(self.out / JOURNAL).read())
        self.out.mkdir(parents=True, exist_ok=True)
        lock = RunFolder(self.out)
        lock.lock()
        try:
            self.journal = JournalWriter(self.out / JOURNAL)
            if first:
                self.journal.append(start)
            elif self._missing():
                self.journal.append({"event": "continue", "version": __version__, "settings": self.settings.to_json()})
            try:
                yield
            except Exception as error:
                with suppress(InputError):  # a full disk, perhaps
                    self.journal.append(
                        {
                            "event": "error",
                            "message": str(error) if isinstance(error, (InputError, ImportError)) else repr(error),
                        }
                    )
                raise
            finally:
                self.journal.close()
        finally:
            lock.unlock()

    def _missing(self):
        """(round, stage) of what is still to be done."""
        return missing(self.done, self.settings.rounds)

    def _begin(self, journal):
        """The start event, and whether it is still to be written; what is done already goes to `self.done`."""
        origin = dict(
            fingerprint=self.base.fingerprint,
            test=[int(k) for k in self.base.test_indices],
            calculator=self.labeller.settings,
        )
        start = next((event for event in journal if event.get("event") == "start"), None)
        if start is None:
            check_labeller(self.base, self.labeller)
            return {
                "event": "start",
                "version": __version__,
                "name": self.base.name,
                **origin,
                "settings": self.settings.to_json(),
                "element": self.base.element,
                "calculator_name": self.calculator,
                "isolated_atom_energy": self.base.isolated_atom_energy,
                "lowest": self.lowest,
            }, True
        for name, value in origin.items():
            if start[name] != value:
                what = {
                    "fingerprint": "other data",
                    "test": "another split",
                    "calculator": f"the calculator {start[name]!r}",
                }[name]
                raise InputError(f"{self.out} was begun with {what}: go on with the same, or choose another folder")
        self.settings.check_same(start["settings"], self.out)
        self.done = {
            (event["round"], event["event"]): event["result"] for event in journal if event.get("event") in STAGES
        }
        return start, False

    def _stage(self, number, stage):
        folder, begun = self._folder(number), time.monotonic()
        folder.mkdir(exist_ok=True)
        result = getattr(self, f"_{stage}")(number, folder)
        self.done[number, stage] = result
        self.journal.append(
            {"event": stage, "round": number, "seconds": round(time.monotonic() - begun, 1), "result": result}
        )
        self.progress(stage, number, 1, 1, "done")

    def _folder(self, number):
        return self.out / f"round-{number}"

    def _data(self, number):
        """What the search of a round knows: the data set and the labels up to that round."""
        frames = [
            frame
            for earlier in range(1, number + 1)
            for frame in learned(self._folder(earlier) / "labels.extxyz", self.lowest)
        ]
        return enlarged(self.base, frames)

    # -- stages
    # ----------------------------------------------------------------------------------------------------------

    def _make_search(self, number, folder):
        """The folder of a round's search, and the data of that search."""
        s, run, data = self.settings, folder / "search", self._data(number)
        if not run.exists():
            part = folder / "search.part"  # renamed once it is whole, so that a kill leaves no half-made run
            shutil.rmtree(part, ignore_errors=True)
            given = dict(
                seconds=s.seconds,
                evaluations=s.evaluations,
                workers=s.workers,
                seed=s.seed + number,
                max_complexity=s.max_complexity,
            )
            search = Search(data, part, **given)
            for member in self._committee(number - 1) if number else ():
                search.inject(member.model.text)
            os.replace(part, run)
        return run, data

    def _search(self, number, folder):
        s, (run, data) = self.settings, self._make_search(number, folder)
        search = Search.attach(run)
        if search.view.nodes:  # what the last process was told is not told again
            search.folder.forget_commands()
        seconds, evaluations = search.view.seconds, search.view.status["evaluations"]
        spent = (s.seconds and seconds >= s.seconds) or (s.evaluations and evaluations >= s.evaluations)
        if search.view.state != "finished" and not spent:
            continue_run(run, self._watcher(number, search.view), dict(seconds=s.seconds, evaluations=s.evaluations))
            search.refresh()
        if not search.front:
            raise InputError(f"the search of round {number} found no form: give it more seconds")
        best = min(search.front, key=lambda candidate: candidate.loss)
        errors = errors_by_part(best.potential(), self.base, self.base.test)
        return {
            "id": best.id,
            "complexity": best.complexity,
            "formulas": best.formulas,
            "train": len(data.train_indices),
            "labels": len(data.frames) - len(self.base.frames),
            **{f"test_{name}": value for name, value in errors.items()},
        }

    def _watcher(self, number, view):
        budget = self.settings.seconds or self.settings.evaluations

        def watch(event):
            view.apply(event)
            if isinstance(event, events.Status):
                done = view.seconds if self.settings.seconds else event.evaluations
                best = min((candidate.loss for candidate in view.front), default=None)
                self.progress(
                    "search",
                    number,
                    min(done, budget),
                    budget,
                    f"{event.candidates} forms" + (f", loss {best:.4f}" if best else ""),
                )

        return watch

    def _committee(self, number):
        """The members of a round's front with the lowest loss."""
        front = Search.attach(self._folder(number) / "search").front
        return sorted(front, key=lambda candidate: candidate.loss)[: self.settings.members]

    def _sample(self, number, folder):
        s, files, refused, log = self.settings, [], [], LevelLog(folder)
        tasks = [
            (k, member, atoms)
            for k, member in enumerate(self._committee(number - 1)[: s.samplers])
            for atoms in s.atoms
        ]
        for count, (k, member, atoms) in enumerate(tasks):
            path, what = folder / f"samples-{k}-{atoms}.extxyz", f"{member.id}, {atoms} atoms"

            def watch(done, total, level, before=count, what=what):
                log.level(level)
                message = f"{what}: ceiling {level.ceiling:.2f} eV/atom"
                self.progress("sample", number, before + done / total, len(tasks), message)

            if not path.exists():
                log.begin(k, member.id, atoms, s.levels)
                try:
                    found = sample(
                        member.potential(),
                        atoms,
                        s.walkers,
                        s.levels,
                        seed=s.seed + 1000 * number + k,
                        progress=watch,
                        per_level=s.per_level,
                        workers=s.workers,
                    )
                except InputError as error:  # a form that cannot be sampled on: the others can
                    refused.append(f"{what}: {error}")
                    continue
                for frame in found:
                    frame.info.update(sampler=" | ".join(member.formulas.values()), round=number)
                _write(path, found)
            files.append(path.name)
        log.close()
        if not files:
            raise InputError(f"no form of round {number - 1} could be sampled on: {refused[0]}")
        return {"samples": files, "refused": refused}

    def _select(self, number, folder):
        from ase.io import read

        ceiling = min(self.base.energies() / [len(frame) for frame in self.base.frames]) + EXTREME
        frames = [
            frame
            for name in self.done[number, "sample"]["samples"]
            for frame in read(folder / name, ":")
            if frame.info["surrogate_energy"] < ceiling
        ]
        committee = self._committee(number - 1)
        if len(committee) < 2:
            raise InputError(
                f"the search of round {number - 1} found one form, and disagreement takes two: give it more seconds"
            )
        self.progress("select", number, 0, 1, f"{self.settings.frames} of {len(frames)} structures")
        chosen = select(
            frames,
            [member.potential() for member in committee],
            self.settings.frames,
            known=self._data(number - 1).frames,
        )
        if not chosen:
            raise InputError(f"round {number} found nothing new to label: give more atoms or another seed")
        _write(folder / "queue.extxyz", chosen)
        return {"sampled": len(frames), "chosen": len(chosen)}

    def _label(self, number, folder):
        path, queue, before = (
            folder / "labels.extxyz",
            folder / "queue.extxyz",
            self._committee(number - 1)[0].potential(),
        )
        log = ParityLog(folder, before, self.base.isolated_atom_energy, is_extreme(self.lowest))

        def watch(done, total, atoms, message):
            log.add(*([atoms] if atoms is not None else []))
            self.progress("label", number, done, total, message)

        # an object may not travel to other processes, a name does
        label(
            queue,
            path,
            self.calculator or self.labeller,
            progress=watch,
            workers=self.settings.workers if self.calculator else 1,
        )
        failures = JournalReader(Path(f"{path}.failed.jsonl")).read()
        made = read_raw(path) if path.exists() and path.stat().st_size else []
        log.add(*made)  # those whose line a kill took
        log.close()
        new = learned(path, self.lowest)
        errors = evaluate_frames(before, self.base, new)
        return {
            "labelled": len(made),
            "failed": len({failure.get("label_key") for failure in failures}),
            "extreme": len(made) - len(new),
            "cpu_seconds": round(sum(float(frame.info["dft_cpu"]) for frame in made), 1),
            **{f"new_{name}": errors.get(name) for name in ("energy_mae", "force_mae")},
        }


def _write(path, frames):
    """All frames or none, whenever the power goes."""
    from ase.io import write

    part = path.with_name(path.name + ".part")
    write(part, frames, format="extxyz")
    os.replace(part, path)
