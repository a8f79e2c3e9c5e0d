"""`srlab.fit`: the constants of a form, published or one's own, fitted to data by least squares."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from srlab.datasets import Dataset, load_dataset
from srlab.errors import InputError
from srlab.fitting.forms import Form, load_form
from srlab.fitting.refit import Refit, refit
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.search.data_crystal import crystal_neighbour, crystal_structure, cutoff_at, length_scale
from srlab.search.playout import make_objective, make_unweighted_objective
from srlab.search.references import doubt
from srlab.search.settings import SearchSettings


@dataclass(frozen=True)
class Fit(Refit):
    """A form after its fit to a data set.

    Attributes
    ----------
    constants, deviations : dict of str to float
        The fitted constants and their standard deviations, NaN where the data do not determine one.
    model : Model
        The formulas with these constants, and the offset in eV/atom.
    loss : float
        Dimensionless, on training frames.
    train, test : Errors
        Mean absolute and root-mean-square errors in meV/atom and meV/A; test is None without test frames.
    dataset : Dataset
    cutoff, taper_start : float
        Angstrom.
    """

    dataset: Dataset
    cutoff: float
    taper_start: float

    @property
    def doubt(self) -> str:
        """Why the form does not fit these data, in words, or empty; see `srlab.search.references.doubt`."""
        return doubt(self.model, self.form.model, crystal_neighbour(self.dataset))

    def __repr__(self) -> str:
        errors = f"{self.train.energy_mae:.3g} meV/atom, {self.train.force_mae:.3g} meV/A in training"
        return f"<fit of {self.form.title} to {self.dataset.name}: {errors}: {self.model.text}>"

    def potential(self) -> Potential:
        """The potential of the fitted form: for an ASE calculator, validation or export."""
        made = Potential.of_model(
            self.model,
            f"{self.form.title}, refitted",
            self.dataset.element,
            self.cutoff,
            Smoothstep(self.taper_start, self.cutoff),
            f"the form of {self.form.title}, its constants fitted with srlab",
        )
        return replace(made, atomic_scale=self.dataset.has_isolated_atom, structure=crystal_structure(self.dataset))


def fit(
    form: str | Form,
    data,
    *,
    cutoff: float | None = None,
    force_weight: float = 0.5,
    stress_weight: float = 0.0,
    focus: float | None = None,
    family_weights=(),
    correlation_length: float | None = None,
    **reading,
) -> Fit:
    """Fit the constants of a form to the training frames of a data set.

    Parameters
    ----------
    form : str or Form
        A published name ("cleri-rosato"), a text file, or text such as
        ``"phi = A*exp(-p*r); f = exp(-q*r); F = -B*sqrt(rho); A = 900.0; p = 3.0; q = 1.5; B = 10.0"``.
    data : Dataset, str, path, ase.Atoms or list
        What `srlab.load_dataset` takes.
    cutoff : float
        Where all functions of distance end, angstrom; by default 6 A in copper and as many neighbour distances in other
        elements. The taper begins its width, 1.5 A in most forms for copper, before it.
    force_weight, stress_weight : float
        Beside an energy weight of 1.
    focus : float, optional
        Energy per atom above the lowest frame at which a frame counts a quarter, eV/atom; None: all count the same.
    family_weights : tuple of (str, float)
        Weights of families of frames.
    correlation_length : float, optional
        Distance of frames over which errors of energies differ; zero: each has its own (see `SearchSettings`).
    reading
        Further arguments of `srlab.load_dataset`, such as split.

    Returns
    -------
    Fit

    Raises
    ------
    InputError
        If the form or the data cannot be read, or no constants that were tried give finite errors.
    """
    loaded = form if isinstance(form, Form) else load_form(form)
    if isinstance(data, Dataset) and reading:
        raise InputError(f"a fit to data that have been read takes no {', '.join(reading)}")
    dataset = data if isinstance(data, Dataset) else load_dataset(data, **reading)
    scale = length_scale(dataset)
    loaded = loaded.at_scale(scale)
    cutoff = cutoff_at(scale) if cutoff is None else cutoff
    settings = SearchSettings(
        cutoff=cutoff,
        taper_start=cutoff - loaded.taper_width,
        scale=scale,
        force_weight=force_weight,
        stress_weight=stress_weight,
        focus=focus,
        family_weights=family_weights,
        correlation_length=correlation_length,
    )
    train = make_objective(dataset, dataset.train, settings)
    test = make_unweighted_objective(dataset, dataset.test, settings) if dataset.test else None
    found = refit(loaded, train, test)
    if not math.isfinite(found.loss):
        raise InputError(
            f"{loaded.name} has no finite error on {dataset.name} with any constants that were tried: look for a "
            "pole or an overflow"
        )
    return Fit(**vars(found), dataset=dataset, cutoff=settings.cutoff, taper_start=settings.taper_start)
