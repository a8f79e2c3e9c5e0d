"""What is computed of a candidate when somebody asks: frame by frame it adds up to the errors in the journal, and its
constants have deviations."""

import pytest

import srlab
from srlab import evaluate
from srlab.datasets import Dataset
from srlab.search.diagnostics import Parity, candidate_uncertainty
from srlab.search.search import Search
from srlab.search.worker import continue_run
from tests.bundled import bundled


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    data = Dataset.from_frames(bundled("cu-gpaw").frames[::12], name="cu-few")  # quick playouts
    search = srlab.Search(data, tmp_path_factory.mktemp("parity") / "run", evaluations=200, seed=2, workers=1)
    continue_run(search.run)
    search.refresh()
    return search


def test_frames_add_up_to_the_errors_of_the_candidate(searched):
    parity, candidate = Parity(searched), searched.front[0]
    found = parity.residuals(candidate)
    test, train = found.errors(parity.test), found.errors(~parity.test)
    assert (test["n_frames"], train["n_frames"]) == (len(parity.dataset.test), len(parity.dataset.train))
    for name in ("energy_mae", "force_mae"):
        assert train[name] == pytest.approx(getattr(candidate, name), rel=1e-4)
        assert test[name] == pytest.approx(getattr(candidate, f"test_{name}"), rel=1e-4)


def test_they_are_those_of_the_calculator(searched):
    """Tables of the search against analytic derivatives, frame by frame."""
    parity, candidate = Parity(searched), searched.front[-1]
    ours, exact = parity.residuals(candidate).errors(), evaluate(candidate.potential(), parity.dataset)
    assert ours["energy_mae"] == pytest.approx(exact["energy_mae"], rel=1e-4) and ours["force_rmse"] == pytest.approx(
        exact["force_rmse"], rel=1e-4
    )


def test_the_constants_of_a_candidate_have_deviations(plain):
    candidate = max(plain.front, key=lambda each: each.loss)
    found = candidate_uncertainty(Search.attach(plain.run), candidate)
    assert found.constants == {part: list(getattr(candidate.model, part).values) for part in candidate.formulas}
    assert [len(found.deviations[part]) for part in found.deviations] == [
        len(found.constants[part]) for part in found.constants
    ]
    assert any(value and value > 0 for values in found.deviations.values() for value in values)
    assert all("(" in found.formulas[part] for part, values in found.constants.items() if values)


def test_better_data_make_sharper_constants(plain):
    good, poor = (pick(plain.candidates.values(), key=lambda each: each.loss) for pick in (min, max))
    assert good.loss < 1e-3 * poor.loss

    def relative(candidate):
        found = candidate_uncertainty(plain, candidate)
        return min(
            spread / abs(value)
            for part in found.constants
            for value, spread in zip(found.constants[part], found.deviations[part])
            if spread
        )

    assert relative(good) < relative(poor)
