"""What the folder of a learning loop says, folded into one state: stage, ceiling, labels, errors by round. Readers
only.

It works while the loop runs in another process, when it has ended, and for a folder that holds nothing but learn.jsonl.
"""

import json
from io import BytesIO, TextIOWrapper
from pathlib import Path

from srlab.datasets.labelled_frames import is_extreme
from srlab.errors import InputError
from srlab.learning import trace as learn_trace
from srlab.learning.loop import JOURNAL, STAGES, missing
from srlab.runs.folder import LOCK_FILE, RunFolder
from srlab.runs.journal import JournalReader
from srlab.sampling.labelfile import label_key, whole_length
from srlab.search.search import Search

EXAMPLE = Path(__file__).with_name("data") / "learn-gpaw"  # what a loop with GPAW told; COMMAND in it made it
SHOWN = 40  # structures of a sampling run that are kept, the newest of each level


class LoopView:
    """Reads the files of a folder anew whenever `refresh` is called, of each only what is new.

    Attributes
    ----------
    start : the journal's first event; settings : of the newest call; error : what ended the loop, or "".
    done : {(round, stage): result}.
    sampling : of the newest round with one (its number is `sampled`), the sampling runs in order: dicts of member,
        atoms, levels (at most), ceiling and lowest (lists, eV/atom; None in loops of older versions) and structures
        (see :func:`srlab.learning.trace.structure`).
    chosen : {round: structures chosen for labelling}. labels : {round: lines of parity.jsonl}. failed : {round: number
        of structures}.

    Raises InputError where the folder is no loop's.
    """

    def __init__(self, folder):
        self.folder = Path(folder)
        self._journal, self._readers, self._sizes = JournalReader(self.folder / JOURNAL), {}, {}
        self.start, self.settings, self.error, self.done = {}, {}, "", {}
        self.sampling, self.chosen, self.labels, self.failed, self.sampled = [], {}, {}, {}, 0
        self._failures, self._said = {}, ""
        if not (self.folder / JOURNAL).is_file():
            raise InputError(f"{folder} is no folder of srlab learn: there is no {JOURNAL} in it")
        self.refresh()
        if not self.start:
            raise InputError(f"{self.folder / JOURNAL} does not begin with a start event: it is damaged")

    # -- reading
    # ---------------------------------------------------------------------------------------------------------

    def refresh(self):
        """Read what is new. Returns whether anything was."""
        events = self._journal.read()
        for event in events:
            self._take(event)
        if not self.start:
            return False
        news = [self._read_round(number) for number in range(1, self.round + 1)]
        said, self._said = self._said, self._search_line()
        return bool(events) or any(news) or said != self._said

    def _take(self, event):
        kind = event.get("event")
        if kind in ("start", "continue") and isinstance(event.get("settings"), dict):
            self.settings, self.error = event["settings"], ""
            self.start = self.start or event
        elif kind in STAGES and isinstance(event.get("round"), int) and isinstance(event.get("result"), dict):
            self.done[event["round"], kind] = event["result"]
        elif kind == "error":
            self.error = str(event.get("message"))

    def _read_round(self, number):
        folder = self.folder / f"round-{number}"
        if not folder.is_dir():
            return False
        news = [self._read_levels(number, folder), self._read_chosen(number, folder), self._read_labels(number, folder)]
        failures = self._lines(folder / "labels.extxyz.failed.jsonl")
        if failures:
            self._failures.setdefault(number, set()).update(str(line.get("label_key")) for line in failures)
            self.failed[number] = len(self._failures[number])
        return any(news) or bool(failures)

    def _lines(self, path):
        return self._readers.setdefault(path, JournalReader(path)).read()

    def _changed(self, path):
        """Whether the size of a file is another than at the last look."""
        size = path.stat().st_size if path.is_file() else 0
        before, self._sizes[path] = self._sizes.get(path, 0), size
        return size != before

    def _read_levels(self, number, folder):
        lines = self._lines(folder / learn_trace.LEVELS)
        for line in lines:
            if number > self.sampled:
                self.sampling, self.sampled = [], number
            if number == self.sampled:
                self._level(line)
        if lines or (folder / learn_trace.LEVELS).is_file() or number < self.sampled:
            return bool(lines)
        return self._read_samples(number, folder)

    def _level(self, line):
        if line.get("event") == "begin":
            self.sampling = [
                run
                for run in self.sampling
                if (run["sampler"], run["atoms"]) != (line.get("sampler"), line.get("atoms"))
            ]
            self.sampling.append(
                dict(
                    sampler=line.get("sampler"),
                    member=str(line.get("member")),
                    atoms=line.get("atoms"),
                    levels=line.get("levels"),
                    ceiling=[],
                    lowest=[],
                    structures=[],
                )
            )
        elif line.get("event") == "level" and self.sampling:
            run = self.sampling[-1]
            run["ceiling"].append(line.get("ceiling"))
            run["lowest"].append(line.get("lowest"))
            run["structures"] = [*run["structures"], *(line.get("structures") or [])[:1]][-SHOWN:]

    def _read_samples(self, number, folder):
        """Loops of older versions told no levels: the finished sampling runs tell theirs."""
        paths = [path for path in sorted(folder.glob("samples-*.extxyz")) if self._changed(path)]
        for path in paths:
            if number > self.sampled:
                self.sampling, self.sampled = [], number
            frames, (_, sampler, atoms) = _frames(path), path.stem.split("-")
            highest = {frame.info["level"]: frame for frame in frames}
            self.sampling.append(
                dict(
                    sampler=int(sampler),
                    member=f"form {int(sampler) + 1}",
                    atoms=int(atoms),
                    levels=len(highest),
                    ceiling=[frame.info["ceiling"] for frame in highest.values()],
                    lowest=[None] * len(highest),
                    structures=[learn_trace.structure(frame) for frame in highest.values()][-SHOWN:],
                )
            )
        return bool(paths)

    def _read_chosen(self, number, folder):
        path = folder / "queue.extxyz"
        if not self._changed(path):
            return False
        self.chosen[number] = [
            {**learn_trace.structure(frame), "disagreement": frame.info.get("disagreement")} for frame in _frames(path)
        ]
        return True

    def _read_labels(self, number, folder):
        lines = self._lines(folder / learn_trace.PARITY)
        if not lines and not (folder / learn_trace.PARITY).is_file() and self._changed(folder / "labels.extxyz"):
            known = {line["key"] for line in self.labels.get(number, ())}
            lines = self._compare(
                number, [frame for frame in _frames(folder / "labels.extxyz") if label_key(frame) not in known]
            )
        self.labels.setdefault(number, []).extend(line for line in lines if line.get("event") == "label")
        return bool(lines)

    def _compare(self, number, frames):
        """The parity lines of labels of a loop of an older version, from the front of the round before."""
        search = Search.attach(self.folder / f"round-{number - 1}" / "search")
        data = Search.attach(self.folder / "round-0" / "search")
        data = data.folder.dataset(data.view.start)
        potential = min(search.front, key=lambda candidate: candidate.loss).potential()
        extreme = is_extreme(min(frame.get_potential_energy() / len(frame) for frame in data.frames))
        return [
            learn_trace.parity_line(potential, frame, data.isolated_atom_energy, extreme(frame)) for frame in frames
        ]

    def _search_line(self):
        """The newest word of the search under way: evaluations and candidates."""
        number, stage = self.under_way or (0, "")
        path = self.folder / f"round-{number}" / "search" / "journal.jsonl"
        if stage != "search" or not path.is_file():
            return ""
        with open(path, "rb") as file:
            file.seek(max(0, path.stat().st_size - 20_000))
            lines = [line for line in file.read().split(b"\n")[:-1] if line.startswith(b'{"event":"status"')]
        try:
            status = json.loads(lines[-1])
            return f"{status['evaluations']:,} evaluations, {status['candidates']:,} candidates"
        except (IndexError, ValueError, KeyError, TypeError):
            return ""

    # -- what it says
    # ----------------------------------------------------------------------------------------------------

    @property
    def rounds(self):
        """Finished rounds, as :func:`srlab.learning.loop.rounds` gives them."""
        found = {}
        for (number, _), result in self.done.items():
            found.setdefault(number, {"round": number}).update(result)
        return [entry for _, entry in sorted(found.items()) if "id" in entry]

    @property
    def under_way(self):
        """(round, stage) that is next, or under way where the loop runs; None at the end."""
        return next(iter(missing(self.done, int(self.settings.get("rounds", 0)))), None)

    @property
    def round(self):
        """Round that is under way, or the last."""
        return self.under_way[0] if self.under_way else int(self.settings.get("rounds", 0))

    @property
    def state(self):
        """running, finished, failed (it ended with an error) or stopped (by a person, a kill, or not begun)."""
        if not self.under_way:
            return "finished"
        if (self.folder / LOCK_FILE).exists() and RunFolder(self.folder).busy():
            return "running"
        return "failed" if self.error else "stopped"

    def cpu_seconds(self):
        """Processor time of all labels so far, seconds."""
        numbers = {number for number, stage in self.done if stage == "label"} | set(self.labels)
        return sum(
            self.done[n, "label"]["cpu_seconds"]
            if "cpu_seconds" in self.done.get((n, "label"), {})
            else sum(line.get("cpu") or 0.0 for line in self.labels[n])
            for n in numbers
        )

    def message(self):
        """The stage under way in a few words."""
        if not self.under_way:
            return f"all {self.settings.get('rounds')} rounds are done"
        number, stage = self.under_way
        run, count = (
            (self.sampling[-1] if self.sampled == number and self.sampling else None),
            len(self.chosen.get(number, ())),
        )
        return (
            f"round {number} of {self.settings.get('rounds')}: "
            + {
                "sample": f"sampling on {run['member']}, {run['atoms']} atoms, level {len(run['ceiling'])}"
                if run
                else "sampling",
                "select": "choosing where the formulas disagree",
                "label": f"labelling, {len(self.labels.get(number, ()))} of {count} done",
                "search": f"searching{', ' + self._said if self._said else ''}",
            }[stage]
        )


def _frames(path):
    """All whole frames of an extended XYZ file that may be growing."""
    from ase.io import read

    data = path.read_bytes()
    whole = data[: whole_length(data, str(path))]
    return read(TextIOWrapper(BytesIO(whole), encoding="utf-8"), ":", format="extxyz") if whole.strip() else []
