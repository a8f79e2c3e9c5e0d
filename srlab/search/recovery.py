"""Recovery of a known form: frames labelled by a published potential, and a search that is to find it in them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from srlab.datasets import Dataset, load_dataset
from srlab.errors import InputError
from srlab.expressions.formula import Formula
from srlab.expressions.simplify import fold
from srlab.expressions.syntax import terms
from srlab.potentials.candidate import Candidate
from srlab.potentials.potential import Potential
from srlab.potentials.published import published
from srlab.potentials.taper import Smoothstep
from srlab.runs import events
from srlab.search.driver import Driver
from srlab.search.search import Search
from srlab.templates import Model

CUTOFF, TAPER_START = 6.0, 4.5
EXPONENT_TOLERANCE = 0.01  # relative, of every constant inside a term
ENERGY_TOLERANCE = 0.01  # meV/atom, mean absolute error on all frames

# the published forms in the terms of the equation learners; numbers are the published constants
TARGETS = {
    "sutton-chen": {"pair": "1.0*r^(-9.0)", "density": "r^(-6.0)", "embedding": "-1.0*sqrt(rho)"},
    "cleri-rosato": {
        "pair": f"1.0*exp({-10.96 / 2.5562!r}*r)",
        "density": f"exp({-4.556 / 2.5562!r}*r)",
        "embedding": "-1.0*sqrt(rho)",
    },
    "gp1": {
        "pair": f"2.0*r^(10.21 - 5.47*r) - 2.0*exp({float(np.log(0.21))!r}*r)",
        "density": f"exp({float(np.log(0.33))!r}*r)",
        "embedding": "0.97/rho",
    },
}
# angular potentials of such terms; their frames are labelled by themselves
ANGULAR_TARGETS = {
    "adp": {
        "pair": "2000.0*exp(-3.6*r)",
        "density": "exp(-1.9*r)",
        "embedding": "-14.0*sqrt(rho)",
        "dipole": "0.9*exp(-1.2*r)",
        "quadrupole": "0.3*exp(-1.0*r)",
    },
    # as Stillinger and Weber have it, a pair function with a well and triplets (c + 1/3)^2 h_j h_k of all neighbours
    "sw-type": {
        "pair": "1500.0*exp(-3.2*r) - 30.0*exp(-1.5*r)",
        "density": "exp(-1.3*r)",
        "embedding": "10.0*rho^2",
        "angular_1": f"{30.0**0.5!r}*exp(-1.3*r)",
        "angular_2": f"{30.0**0.5!r}*exp(-1.3*r)",
    },
}
# 1/rho is no default operator, so whoever wants GP1 back must allow it
EXTRA_OPERATORS = {"gp1": ("inverse",)}


@dataclass(frozen=True)
class Recovery:
    """Whether a form came back.

    Attributes
    ----------
    recovered : bool
    seconds : float
        Of search, until it was found or given up.
    evaluations : int
    formulas : dict of str to str
        Texts by function; where it did not come back those of the last candidate of least loss.
    """

    recovered: bool
    seconds: float
    evaluations: int
    formulas: dict

    def to_json(self) -> dict:
        """Give all fields as a JSON object."""
        return {
            "recovered": self.recovered,
            "seconds": self.seconds,
            "evaluations": self.evaluations,
            "formulas": self.formulas,
        }


def recover(
    form: str,
    seconds: float | None = 120.0,
    seed: int = 0,
    workers: int = 1,
    watch=None,
    evaluations: int | None = None,
) -> Recovery:
    """Search on data made by a published potential until its form is found.

    The frames are those of the bundled copper set, labelled by the potential with a quintic taper from 4.5 to 6 A and
    no noise. Found means: the same terms, every inner constant within 1 %, energies within 0.01 meV/atom on training
    and test frames.

    Parameters
    ----------
    form : str
        sutton-chen, cleri-rosato or gp1, or one with angular functions, adp or sw-type.
    seconds : float, optional
        Of search at most; None is no limit.
    seed, workers : int
        Of the search.
    watch : callable, optional
        Called with every event of the journal.
    evaluations : int, optional
        At most; None is no limit.

    Returns
    -------
    Recovery

    Raises
    ------
    InputError
        For an unknown form.
    """
    known = {**TARGETS, **ANGULAR_TARGETS}
    if form not in known:
        raise InputError(f"{form!r} cannot be recovered: choose from {', '.join(known)}")
    target = Model.parse(known[form])
    dataset = labelled_by(form, seed)
    found: list[Candidate] = []
    with tempfile.TemporaryDirectory(prefix="srlab-recover-") as folder:
        search = Search(
            dataset,
            Path(folder) / "run",
            seconds=seconds,
            evaluations=evaluations,
            seed=seed,
            workers=workers,
            template=target.template.name,
            operators=target.template.default_groups + EXTRA_OPERATORS.get(form, ()),
            cutoff=CUTOFF,
            taper_start=TAPER_START,
            scale=1.0,  # targets are in copper's ranges, whatever their lowest frame is
            focus=None,  # labels without noise that the form holds exactly: nothing has to be traded
        )

        def look(event):
            if isinstance(event, events.Candidate):
                candidate = Candidate.from_json(event.candidate)
                if matches(candidate, target):
                    found.append(candidate)
                    driver.stop_reason = "finished"
            if watch:
                watch(event)

        driver = Driver(search.folder, dataset, search.settings, watch=look)
        driver.run()
        best = (
            found[0]
            if found
            else min(driver.best_of_structure.values(), key=lambda candidate: candidate.loss, default=None)
        )
        return Recovery(bool(found), round(driver.elapsed, 2), driver.evaluations, best.formulas if best else {})


def matches(candidate: Candidate, target: Model) -> bool:
    """Tell whether a candidate is the target.

    Same terms in any order, inner constants within 1 %, energies within 0.01 meV/atom.
    """
    errors = [error for error in (candidate.energy_mae, candidate.test_energy_mae) if error is not None]
    if max(errors) > ENERGY_TOLERANCE:
        return False
    model = candidate.model
    return model.functions.keys() == target.functions.keys() and all(
        _same_terms(formula, target.functions[part]) for part, formula in model.functions.items()
    )


def _same_terms(formula, target) -> bool:
    ours, theirs = _terms(formula), _terms(target)
    return len(ours) == len(theirs) and all(
        a[0] == b[0] and np.allclose(a[1], b[1], rtol=EXPONENT_TOLERANCE, atol=1e-3) for a, b in zip(ours, theirs)
    )


def _terms(formula) -> list[tuple[str, tuple]]:
    """(structure, inner constants) of each summand, sorted."""
    result = []
    for root in terms(formula.root):
        root, values = fold(root, formula.values)
        term = Formula(root, values, ("",) * len(values), formula.variable)
        result.append((term.structure, tuple(v for k, v in enumerate(term.values) if k not in term.linear)))
    return sorted(result)


def labelled_by(form: str, seed: int = 0) -> Dataset:
    """Label the frames of the bundled copper set with a published potential or an angular target.

    Energies in eV, forces in eV/A, stresses in eV/A^3.
    """
    from ase.calculators.singlepoint import SinglePointCalculator

    source, frames = load_dataset("cu-gpaw", seed=seed), []
    if form in ANGULAR_TARGETS:
        taper = Smoothstep(TAPER_START, CUTOFF)
        potential = Potential.of_model(Model.parse(ANGULAR_TARGETS[form]), form, "Cu", CUTOFF, taper)
    else:
        potential = published(form, CUTOFF, TAPER_START)
    calculator = potential.calculator()
    for original in source.frames:
        atoms = original.copy()
        atoms.calc = calculator
        labels = {"energy": atoms.get_potential_energy(), "forces": atoms.get_forces(), "stress": atoms.get_stress()}
        atoms.calc = SinglePointCalculator(atoms, **labels)
        frames.append(atoms)
    made = Dataset.from_frames(
        frames, name=f"{form} on the frames of {source.name}", split="all", isolated_atom_energy=0.0
    )
    return replace(made, train_indices=source.train_indices, test_indices=source.test_indices)
