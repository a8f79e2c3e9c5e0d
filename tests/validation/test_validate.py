import json
from dataclasses import replace

import pytest

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.potentials.published import published
from srlab.validation import chosen_groups, details, relaxed, validate
from srlab.validation.scores import entry, properties, reference_values
from tests.validation.conftest import formula_potential


def test_entries_and_references():
    card = validate("sutton-chen", only="eos,elastic")
    assert set(card["c44"]) == {"value", "unit", "error", "pbe", "experiment", "reference", "score"}
    assert card["c44"]["error"] == pytest.approx(card["c44"]["value"] - 82.0)
    assert card["c44"]["score"] == "poor" and card["c44"]["unit"] == "GPa"
    experiment = validate("sutton-chen", only=["elastic"], reference="experiment")
    assert experiment["c44"]["error"] == pytest.approx(card["c44"]["value"] - 81.8)
    json.dumps(card, allow_nan=False)


def test_missing_reference_falls_back_and_says_so():
    row = entry("thermal_expansion", 16.0, reference_values("Cu")["thermal_expansion"], "pbe")
    assert row["reference"] == "experiment" and row["error"] == pytest.approx(-0.5)
    assert entry("c11", 100.0, {})["error"] is None and entry("c11", None, {"pbe": 177.0})["error"] is None


def test_scores_at_the_thresholds():
    about = properties()["c11"]
    for error, score in (
        (about["good"], "good"),
        (about["acceptable"], "acceptable"),
        (about["acceptable"] + 1.0, "poor"),
    ):
        assert entry("c11", 177.0 - error, {"pbe": 177.0})["score"] == score


def test_data_files_agree():
    for name, known in reference_values("Cu").items():
        assert name in properties()
        assert all(f"{column}_source" in known for column in ("pbe", "experiment") if column in known)
    assert all(about["good"] < about["acceptable"] for about in properties().values() if "good" in about)


def test_the_pbe_dispersion_passes_through_its_table():
    from srlab.validation.phonon_references import pbe_phonons

    at_x = sorted(pbe_phonons()["Cu"]["segments"][0]["frequencies"][-1])
    assert at_x[0] == pytest.approx(reference_values("Cu")["phonon_x_transverse"]["pbe"], abs=0.01)
    assert at_x[2] == pytest.approx(reference_values("Cu")["phonon_x_longitudinal"]["pbe"], abs=0.01)


def test_a_candidate_of_a_search():
    pair, density = "0.171*exp(-10.96*(r/2.5562 - 1))", "1.498176*exp(-4.556*(r/2.5562 - 1))"
    candidate = Candidate(
        id="c1",
        element="Cu",
        template="eam",
        formulas={"pair": pair, "density": density, "embedding": "-sqrt(rho)"},
        offset=0.1,
        cutoff=6.0,
        taper_start=4.5,
        complexity=20,
        n_constants=6,
        loss=0.1,
        energy_mae=1.0,
        force_mae=2.0,
        test_energy_mae=None,
        test_force_mae=None,
    )
    card = validate(candidate, only="eos,elastic,surfaces,polymorphs", quick=True)
    assert card["lattice_constant"]["value"] == pytest.approx(3.61, abs=0.05)
    plain = validate(formula_potential(pair, density, "-sqrt(rho)"), only="eos", quick=True)
    assert card["cohesive_energy"]["value"] == pytest.approx(plain["cohesive_energy"]["value"] - 0.1)


def test_unknown_words():
    with pytest.raises(InputError, match="choose from eos, elastic"):
        validate("sutton-chen", only="eos,magic")
    with pytest.raises(InputError, match="pbe or experiment"):
        validate("sutton-chen", reference="lda")
    with pytest.raises(InputError):
        chosen_groups("")


def test_progress_counts_and_can_cancel():
    seen = []
    validate(
        "cleri-rosato",
        only="eos,elastic",
        quick=True,
        progress=lambda done, total, text="": seen.append((done, total, text)),
    )
    assert seen[0] == (0, 2, "eos") and seen[-1][:2] == (2, 2)

    def cancel(done, total, text=""):
        if text == "elastic":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        validate("cleri-rosato", only="eos,elastic", progress=cancel)


def test_a_vacancy_of_a_pair_potential_costs_the_cohesive_energy():
    """However much that is: to take an atom out breaks its twelve bonds, of 2 eV each here, and to put it back on a
    surface makes six, so that only the relaxation is left between the two energies."""
    crystal = relaxed(formula_potential("40*exp(-3*r) - 2.0*exp(-6*(r - 3.4)^2)", embedding="0*rho", name="strong"))
    assert crystal.lattice_constant == pytest.approx(3.4 * 2**0.5, rel=0.02) and crystal.energy < -10.0
    found = details(crystal, "vacancy", quick=True)
    assert found["values"]["vacancy_formation_energy"] == pytest.approx(-crystal.energy, rel=0.01)


def test_a_property_without_meaning_is_named():
    """The crystal of Cleri and Rosato's copper, and a hole of the potential into which an atom between the others
    falls."""
    good = published("cleri-rosato").formulas
    hole = f"{good['pair']} - 6000*exp(-20*(r - 1.3)^2)"
    crystal = relaxed(formula_potential(hole, good["density"], good["embedding"], "holed", 7.0))
    assert crystal.lattice_constant == pytest.approx(3.61, abs=0.02)
    found = details(crystal, "interstitial", quick=True)
    assert set(found["values"].values()) == {None}
    assert "hole at short range" in found["warnings"]["interstitial_dumbbell_energy"]


def test_a_mechanically_unstable_crystal_is_named(mishin):
    """Stretched beyond the spinodal, where the bulk modulus is negative."""
    stretched = replace(mishin, lattice_constant=4.6)
    found = details(stretched, "interstitial")
    assert set(found["values"].values()) == {None}
    assert "unstable crystal: C" in found["warnings"]["interstitial_dumbbell_energy"]


def test_quick_is_the_dashboards_three():
    assert chosen_groups(None, quick=True) == ("eos", "elastic", "phonons")
    assert "melting" not in chosen_groups(None)
