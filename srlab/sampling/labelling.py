"""Labelling: structures in, the same structures with reference energies, forces and stresses out. Resumable to the
frame.
"""

import os
import resource
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srlab.errors import InputError
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.sampling.labelfile import LabelFile, label_key, structure_key


@dataclass
class LabelReport:
    """What a call of :func:`label` did, in numbers of frames."""

    labelled: int = 0  # now, by this call
    present: int = 0  # found in the output already
    failed: int = 0  # now, recorded in OUT.failed.jsonl
    passed_over: int = 0  # failed in an earlier call


class AseLabeller:
    """Labels from any ASE calculator; `name` and the calculator's parameters are its settings line."""

    def __init__(self, calculator, name=None):
        self.calculator = calculator
        parameters = {
            key: value
            for key, value in sorted(getattr(calculator, "parameters", {}).items())
            if isinstance(value, (int, float, str, bool))
        }
        self.settings = " ".join(
            [name or type(calculator).__name__, *(f"{key}={value}" for key, value in parameters.items())]
        )
        if "forces" not in getattr(calculator, "implemented_properties", ["forces"]):
            raise InputError(f"calculator {name or type(calculator).__name__} gives no forces: choose one that does")

    def compute(self, atoms):
        """Energy (eV), forces (n, 3) (eV/angstrom) and, where the calculator has it, stress (6,) (eV/angstrom^3) of one
        structure.
        """
        from ase.calculators.calculator import PropertyNotImplementedError

        work = atoms.copy()
        work.calc = self.calculator
        free = work.get_potential_energy(force_consistent="free_energy" in self.calculator.implemented_properties)
        stress = None
        if work.pbc.all():
            try:
                stress = work.get_stress(apply_constraint=False)
            except (PropertyNotImplementedError, NotImplementedError):
                pass
        try:
            forces = work.get_forces(apply_constraint=False)
        except (PropertyNotImplementedError, NotImplementedError):
            raise InputError(f"calculator {self.settings.split()[0]} gives no forces: choose one that does") from None
        return dict(energy=float(free), free_energy=float(free), forces=forces, stress=stress), {}


def find_labeller(calculator, elements=("Cu",)):
    """What makes the labels: "gpaw" (the project's recipe), the name of an ASE calculator, an ASE calculator, or a
    Potential.

    `elements` are those of the structures; the recipe's correction of the stress depends on them.
    Returns an object with `.settings` (one line) and `.compute(atoms) -> (results, info)`.
    """
    if hasattr(calculator, "compute"):
        return calculator
    if callable(getattr(calculator, "calculator", None)):
        return AseLabeller(calculator.calculator(), calculator.name)
    if not isinstance(calculator, str):
        return AseLabeller(calculator)
    if calculator.lower() == "gpaw":
        from srlab.sampling.gpaw_recipe import GpawRecipe

        return GpawRecipe.of(elements)
    from ase.calculators.calculator import get_calculator_class, names

    if calculator.lower() not in names:
        raise InputError(f"unknown calculator {calculator!r}: use gpaw or the name of an ASE calculator, such as emt")
    try:
        made = get_calculator_class(calculator.lower())()
    except Exception as error:  # each code says in its own way that it is not installed, or wants arguments
        raise InputError(
            f"ASE's calculator {calculator} cannot be set up ({' '.join(str(error).split())[:200] or type(error).__name__}): install and configure it as ASE says, or make "
            f"it in Python and call srlab.sampling.label"
        ) from error
    return AseLabeller(made, calculator.lower())


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
                message = f"frame {index}: {len(frame)} atoms, {labelled.get_potential_energy() / len(labelled):.4f} eV/atom, {labelled.info['dft_wall']:.0f} s"
            if progress is not None:
                progress(
                    report.labelled + report.present + report.failed + report.passed_over, len(mine), labelled, message
                )

        if workers > 1 or scheduler:
            from srlab.sampling.label_pool import label_in_pool, open_pool

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


def label_one(frame, labeller, settings, min_distance=1.0):
    """One labelled copy of `frame`; raises what the labeller raises, and ValueError for numbers that are no label."""
    from ase.calculators.singlepoint import SinglePointCalculator

    from srlab.datasets.checks import check_structure, closest_pair

    check_structure(frame, "the structure")
    distance, first, second = closest_pair(frame, max(min_distance, 0.1))
    if distance < min_distance:
        raise ValueError(
            f"atoms {first} and {second} are {distance:.3f} angstrom apart, closer than {min_distance:g}: move them apart, or leave the structure out"
        )
    wall, cpu = time.monotonic(), _cpu_seconds()
    results, info = labeller.compute(frame)
    if not (np.isfinite(results["energy"]) and np.isfinite(results["forces"]).all()):
        raise ValueError(
            "the calculator returned an energy or a force that is not finite: leave the structure out, or choose another calculator"
        )
    if results["forces"].shape != (len(frame), 3):
        raise ValueError("the calculator returned forces of another shape")
    labelled = frame.copy()
    labelled.info.update(
        info,
        dft_settings=settings,
        dft_cpu=round(_cpu_seconds() - cpu, 1),
        dft_wall=round(time.monotonic() - wall, 1),
        label_key=structure_key(frame),
    )
    # 1e-6 eV and 1e-8 eV/angstrom^3 are far below the error of any label, and keep the files small
    rounded = dict(energy=round(results["energy"], 6), forces=results["forces"])
    if results.get("stress") is not None:
        rounded["stress"] = np.round(results["stress"], 8)
    labelled.calc = SinglePointCalculator(labelled, **rounded)
    return labelled


def _cpu_seconds():
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _frames(source):
    if isinstance(source, (str, Path)):
        from srlab.datasets.reader import read_raw

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
                f"{file.path}, frame {index}: labelled with {other!r}, not with {settings!r}; choose another output file"
            )
        done.add(label_key(frame))
    return done


def _failed_keys(path):
    return {str(failure.get("label_key")) for failure in JournalReader(path).read()}
