"""Labelling: structures in, the same structures with reference energies, forces and stresses out. Resumable to the
frame.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from srlab.datasets.reader import read_raw
from srlab.errors import InputError
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.sampling.label_pool import label_in_pool, open_pool
from srlab.sampling.labelfile import LabelFile, label_key, structure_key
from srlab.sampling.labellers import find_labeller, label_one


@dataclass
class LabelReport:
    """What a call of :func:`label` did, in numbers of frames."""

    labelled: int = 0  # now, by this call
    present: int = 0  # found in the output already
    failed: int = 0  # now, recorded in OUT.failed.jsonl
    passed_over: int = 0  # failed in an earlier call


def label(
    frames_in,
    out,
    calculator="gpaw",
    shard="0/1",
    limit=None,
    seconds=None,
    retry=False,
    min_distance=1.0,
    progress=None,
    workers=1,
    scheduler=None,
):
    """Label structures one by one, appending each to `out` as soon as it is done.

    Structures already in `out` are passed over, so the call can be repeated after a kill and loses at most the
    structures in progress. A structure that fails is recorded in OUT.failed.jsonl and passed over, now and later,
    unless `retry`.

    Parameters
    ----------
    frames_in : list of ase.Atoms, or the path of a file of them.
    out : path of the extended XYZ file to write. Each frame keeps its info and gets energy (eV; the free energy, of
        which the forces are the gradient), forces (eV/angstrom), stress (eV/angstrom^3, ASE's sign), dft_settings,
        dft_cpu and dft_wall (s) and label_key.
    calculator : see :func:`find_labeller`.
    shard : "i/n": only every n-th structure, beginning with the i-th, for calls that cannot see one another and write
        files of their own.
    limit, seconds : start no further structure after this many labels, or this much wall time.
    min_distance : a structure with atoms closer than this (angstrom) is a failure: plane-wave labels there mean
        nothing.
    progress : called as progress(done, total, atoms_or_None, message) after every structure.
    workers : serial processes that label side by side, which gives more labels an hour than one parallel calculation.
        This process writes all labels; their order is that in which they are done.
    scheduler : address of a Dask scheduler, whose workers are used instead.

    Returns
    -------
    LabelReport

    Raises
    ------
    InputError : bad shard or number of workers, unknown calculator, unreadable input, an output made with other
        settings, or a worker with others.
    MissingExtra : GPAW or Dask is asked for and not installed.
    """
    frames, (worker, workers_in_all) = _frames(frames_in), _shard(shard)
    if workers < 1:
        raise InputError(f"workers must be at least 1, not {workers}")
    elements, report, begun = (
        sorted({symbol for frame in frames for symbol in frame.symbols}),
        LabelReport(),
        time.monotonic(),
    )
    labeller = find_labeller(calculator, elements)
    settings = getattr(labeller, "settings", "unknown")
    mine = [
        (index, frame, structure_key(frame)) for index, frame in enumerate(frames) if index % workers_in_all == worker
    ]
    failures = Path(f"{out}.failed.jsonl")
    with LabelFile(out) as file:
        done, failed, tasks = _done(file, settings), set() if retry else _failed_keys(failures), {}
        for index, frame, key in mine:
            report.present += key in done or key in tasks
            report.passed_over += key in failed and key not in done
            if key not in done and key not in failed:
                tasks.setdefault(key, (index, frame, key))

        def may_start(under_way=0):
            return (limit is None or report.labelled + under_way < limit) and (
                seconds is None or time.monotonic() - begun <= seconds
            )

        def take(task, labelled, message):
            index, frame, key = task
            if labelled is None:
                report.failed += 1
                log = JournalWriter(failures)
                log.append(dict(frame=index, label_key=key, error=message[:300]))
                log.close()
                message = f"frame {index} failed: {message[:300]}"
            else:
                file.append(labelled)
                report.labelled += 1
                per_atom = labelled.get_potential_energy() / len(labelled)
                message = (
                    f"frame {index}: {len(frame)} atoms, {per_atom:.4f} eV/atom, {labelled.info['dft_wall']:.0f} s"
                )
            if progress is not None:
                progress(
                    report.labelled + report.present + report.failed + report.passed_over, len(mine), labelled, message
                )

        if workers > 1 or scheduler:
            label_in_pool(
                tasks.values(),
                lambda: open_pool(calculator, elements, settings, min_distance, workers, scheduler),
                may_start,
                take,
            )
        else:
            _label_here(tasks.values(), labeller, settings, min_distance, may_start, take)
    return report


def _label_here(tasks, labeller, settings, min_distance, may_start, take):
    for task in tasks:
        if not may_start():
            break
        try:
            labelled, message = label_one(task[1], labeller, settings, min_distance), ""
        except ImportError:
            raise
        except Exception as error:  # any failure of a reference code is that structure's, never the queue's
            labelled, message = None, f"{type(error).__name__}: {error}"
        take(task, labelled, message)


def _frames(source):
    if isinstance(source, (str, Path)):
        if not os.path.isfile(source):
            raise InputError(f"{source}: no such file")
        source = read_raw(source)
    source = list(source)
    if not source:
        raise InputError("there is no structure to label: the input holds no frames")
    return source


def _shard(text):
    try:
        worker, workers = (int(part) for part in str(text).split("/"))
    except ValueError:
        raise InputError(f"shard {text!r}: write i/n, such as 0/2") from None
    if not 0 <= worker < workers:
        raise InputError(f"shard {text!r}: the first number must be from 0 to {workers - 1}")
    return worker, workers


def _done(file, settings):
    """Keys of the structures labelled in an output file; refuses a file made with other settings."""
    done = set()
    for index, frame in enumerate(file.frames()):
        other = frame.info.get("dft_settings")
        if other != settings:
            raise InputError(
                f"{file.path}, frame {index}: labelled with {other!r}, not with {settings!r}; "
                f"choose another output file"
            )
        done.add(label_key(frame))
    return done


def _failed_keys(path):
    return {str(failure.get("label_key")) for failure in JournalReader(path).read()}
