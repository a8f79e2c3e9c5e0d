"""Published forms refitted on the data of a search: the fixed marks beside its front."""

from __future__ import annotations

import numpy as np

from srlab.fitting.forms import form_names, load_form
from srlab.fitting.refit import refit
from srlab.potentials.taper import Smoothstep
from srlab.runs.events import Reference
from srlab.search.playout import make_objective, make_unweighted_objective
from srlab.search.settings import SearchSettings
from srlab.templates import template_named
from srlab.templates.eam import EAM


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
        yield Reference(
            name=form.title,
            complexity=fit.model.weighed(dict(settings.costs)),
            formulas=fit.model.formulas,
            offset=fit.model.offset,
            cutoff=settings.cutoff,
            taper_start=settings.cutoff - form.taper_width,
            energy_mae=fit.train.energy_mae,
            force_mae=fit.train.force_mae,
            test_energy_mae=fit.test.energy_mae if fit.test else None,
            test_force_mae=fit.test.force_mae if fit.test else None,
        )
