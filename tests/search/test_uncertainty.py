"""Uncertainties of a candidate of a run, from the run folder alone."""

from srlab.search.search import Search
from srlab.search.uncertainty import candidate_uncertainty


def test_the_constants_of_a_candidate_have_deviations(finished):
    search = finished(evaluations=2500)
    candidate = max(search.front, key=lambda each: each.loss)
    found = candidate_uncertainty(Search.attach(search.run), candidate)
    assert found.constants == {part: list(getattr(candidate.model, part).values) for part in candidate.formulas}
    assert [len(found.deviations[part]) for part in found.deviations] == [
        len(found.constants[part]) for part in found.constants
    ]
    assert any(value and value > 0 for values in found.deviations.values() for value in values)
    assert all("(" in found.formulas[part] for part, values in found.constants.items() if values)


def test_better_data_make_sharper_constants(finished):
    search = finished(evaluations=2500)
    good, poor = (pick(search.front, key=lambda each: each.loss) for pick in (min, max))

    def relative(candidate):
        found = candidate_uncertainty(search, candidate)
        return min(
            spread / abs(value)
            for part in found.constants
            for value, spread in zip(found.constants[part], found.deviations[part])
            if spread
        )

    assert relative(good) < relative(poor)
