"""How well the data of a search determine the constants of one of its candidates; computed when somebody asks, not
for all candidates."""

from __future__ import annotations

from dataclasses import dataclass, replace

from srlab.fitting.uncertainty import constant_deviations, uncertain_texts
from srlab.search.playout import make_objective
from srlab.search.settings import SearchSettings


@dataclass(frozen=True)
class CandidateUncertainty:
    """constants, deviations : part -> list of numbers, in the order of the formula's text; a deviation is None where
    the data do not determine
    the constant. formulas : part -> text with deviations in parentheses, 1.234(5)."""

    constants: dict
    deviations: dict
    formulas: dict


def candidate_uncertainty(search, candidate) -> CandidateUncertainty:
    """Standard deviations of a candidate's constants on the training frames of its search, with the weights in force
    now.

    search : `srlab.Search`, running or not; candidate : `Candidate` of it. Takes about a second, most of it for reading
        the data. Raises InputError where the data set of the run has gone or changed.
    """
    search.refresh()
    dataset = search.folder.dataset(search.view.start)
    here = replace(SearchSettings.from_json(search.view.settings), device="cpu")  # a run is looked at on any machine
    objective = make_objective(dataset, dataset.train, here)
    model = candidate.model
    spread = constant_deviations(objective, model)
    constants, deviations, start = {}, {}, 0
    for part, formula in model.functions.items():
        stop = start + len(formula.values)
        constants[part] = list(formula.values)
        deviations[part] = [float(value) if value == value else None for value in spread[start:stop]]
        start = stop
    return CandidateUncertainty(constants, deviations, uncertain_texts(model, spread))
