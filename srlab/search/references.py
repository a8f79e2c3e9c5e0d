"""Published forms refitted on the data of a search: the fixed marks beside its front."""

from __future__ import annotations

from dataclasses import replace

from ..fitting.forms import form_names, load_form
from ..fitting.refit import refit
from .playout import make_objective
from .settings import SearchSettings


def references(dataset, settings: SearchSettings):
    """The fields of one "reference" event after the other, as the fits finish; forms of two densities only where the search has two."""
    for form in map(load_form, form_names()):
        if form.model().second_density is not None and settings.template != "two-density":
            continue
        tapered = replace(settings, taper_start=settings.cutoff - form.taper_width)
        test = make_objective(dataset, dataset.test, tapered) if dataset.test else None
        fit = refit(form, make_objective(dataset, dataset.train, tapered), test)
        yield {
            "name": form.title, "complexity": fit.model.complexity, "formulas": fit.model.formulas, "offset": fit.model.offset,
            "cutoff": tapered.cutoff, "taper_start": tapered.taper_start, "energy_mae": fit.train.energy_mae, "force_mae": fit.train.force_mae,
            "test_energy_mae": fit.test.energy_mae if fit.test else None, "test_force_mae": fit.test.force_mae if fit.test else None,
        }
