"""What makes a label: any ASE calculator, or GPAW with the recipe of the bundled sets; and one label, checked."""

import resource
import time

import numpy as np

from srlab.datasets.checks import check_structure, closest_pair
from srlab.errors import InputError
from srlab.loading import load_potential
from srlab.sampling.gpaw_recipe import GpawRecipe
from srlab.sampling.labelfile import structure_key


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
    """What makes the labels: "gpaw" (the project's recipe), the name of an ASE calculator, what `srlab.load_potential`
    takes, an ASE calculator, or a Potential.

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
        return GpawRecipe.of(elements)
    from ase.calculators.calculator import get_calculator_class, names

    if calculator.lower() not in names:
        try:
            potential = load_potential(calculator)
        except InputError as error:
            raise InputError(
                f"unknown calculator {calculator!r}: use gpaw, the name of an ASE calculator, such as emt, or a "
                f"potential ({error})"
            ) from None
        return AseLabeller(potential.calculator(), potential.name)
    try:
        made = get_calculator_class(calculator.lower())()
    except Exception as error:  # each code says in its own way that it is not installed, or wants arguments
        raise InputError(
            f"ASE's calculator {calculator} cannot be set up "
            f"({' '.join(str(error).split())[:200] or type(error).__name__}): install and configure it as ASE says, or "
            f"make it in Python and call srlab.sampling.label"
        ) from error
    return AseLabeller(made, calculator.lower())


def label_one(frame, labeller, settings, min_distance=1.0):
    """One labelled copy of `frame`; raises what the labeller raises, and ValueError for numbers that are no label."""
    from ase.calculators.singlepoint import SinglePointCalculator

    check_structure(frame, "the structure")
    distance, first, second = closest_pair(frame, max(min_distance, 0.1))
    if distance < min_distance:
        raise ValueError(
            f"atoms {first} and {second} are {distance:.3f} angstrom apart, closer than {min_distance:g}: move them "
            f"apart, or leave the structure out"
        )
    wall, cpu = time.monotonic(), _cpu_seconds()
    results, info = labeller.compute(frame)
    if not (np.isfinite(results["energy"]) and np.isfinite(results["forces"]).all()):
        raise ValueError(
            "the calculator returned an energy or a force that is not finite: leave the structure out, or choose "
            "another calculator"
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
