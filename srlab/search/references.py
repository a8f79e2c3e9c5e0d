"""Published forms refitted on the data of a search: the fixed marks beside its front."""

from __future__ import annotations

import numpy as np

from srlab.fitting.forms import form_names, load_form
from srlab.fitting.refit import refit
from srlab.potentials.taper import Smoothstep
from srlab.runs.events import Reference
from srlab.search.data_crystal import crystal_neighbour
from srlab.search.playout import make_objective, make_unweighted_objective
from srlab.search.settings import SearchSettings
from srlab.templates import Model, template_named
from srlab.templates.eam import EAM

CLOSE, FAR = 0.75, 1.5
"""In neighbour distances: where a pair function has to repel, and where a density has to be below that of a
neighbour."""


def references(dataset, settings: SearchSettings, known=()):
    """One reference event after the other, as the fits finish, but for names that are known: of all forms whose
    functions are among those of the search, or of an embedded atom, and that are finite on all frames (1/rho is not on
    a lone atom). Forms with angular functions are left out: they take as long to fit as a search has, and `srlab fit`
    does that."""
    comparable = {*template_named(settings.template).names, *EAM.names}
    forms = [
        form
        for form in map(load_form, form_names())
        if form.title not in known and comparable.issuperset(form.model.functions) and not form.model.moments
    ]
    if not forms:
        return
    train, test = (
        make_objective(dataset, dataset.train, settings),
        make_unweighted_objective(dataset, dataset.test, settings) if dataset.test else None,
    )
    for form in (each.at_scale(settings.scale) for each in forms):
        taper = Smoothstep(settings.cutoff - form.taper_width, settings.cutoff)
        fit = refit(form, train.with_taper(taper), test and test.with_taper(taper))
        measured = [number for errors in (fit.train, fit.test) if errors for number in vars(errors).values()]
        if not np.isfinite([fit.loss, *measured]).all():
            continue
        near = {
            f"{split}near_{name}": getattr(errors, name)
            for split, objective, frames in (("", train, dataset.train), ("test_", test, dataset.test))
            if objective
            for errors in objective.with_taper(taper).errors_on(fit.model, [dataset.near_equilibrium(frames)])
            if errors
            for name in ("energy_mae", "force_mae")
        }
        yield Reference(
            name=form.title,
            complexity=fit.model.weighed(settings.node_costs),
            formulas=fit.model.formulas,
            offset=fit.model.offset,
            cutoff=settings.cutoff,
            taper_start=settings.cutoff - form.taper_width,
            energy_mae=fit.train.energy_mae,
            force_mae=fit.train.force_mae,
            test_energy_mae=fit.test.energy_mae if fit.test else None,
            test_force_mae=fit.test.force_mae if fit.test else None,
            **near,
            doubt=doubt(fit.model, form.model, crystal_neighbour(dataset)),
        )


def doubt(model: Model, published: Model, neighbour: float) -> str:
    """Why a refitted form is none of its kind any more, in words; empty where it is. A fit may take the pair function
    for what binds and the embedding for what repels, or let densities grow with distance: numbers of least loss, and no
    metal.

    published : the form with its starting values, whose signs are right; neighbour : distance of nearest neighbours in
    the crystal of the data, angstrom.
    """
    close, here, far = (np.array([share * neighbour]) for share in (CLOSE, 1.0, FAR))
    words = {
        "repels": f"its pair function does not repel at {close[0]:.2f} A",
        "decays": f"its density grows with distance, from {here[0]:.2f} to {far[0]:.2f} A",
        "binds": "its embedding repels",
    }
    fitted, meant = _signs(model, close, here, far), _signs(published, close, here, far)
    return next((words[sign] for sign, right in meant.items() if right and not fitted[sign]), "")


def _signs(model, close, here, far) -> dict[str, bool]:
    """Whether the first pair function repels, the first density decays, and the embedding binds, as far as the model
    has them."""
    found = {}
    with np.errstate(all="ignore"):
        for formula in model.pairs[:1]:
            value, slope = formula.value_and_slope(close)
            found["repels"] = bool(value[0] > 0.0 > slope[0])
        for formula in model.densities[:1]:
            found["decays"] = bool(formula.value(here)[0] > formula.value(far)[0])
        if model.embedding is not None:
            sums = [12.0 * formula.value(here) for formula in model.densities]
            found["binds"] = bool(model.embedding.value_and_slopes(*sums)[1][0] < 0.0)
    return found
