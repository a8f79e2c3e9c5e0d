"""Files of potentials with angular functions: none of their energy is left out, whatever the target."""

import json
import subprocess
import sys

import pytest
import sympy

from srlab.exports import export
from srlab.exports.latex import equations
from srlab.loading import load_potential
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from srlab.validation.results import fingerprint
from tests.exports.test_standalone import compare
from tests.exports.test_sympy import R, load
from tests.potentials.test_angular_energy import FUNCTIONS, only, potential, silicon

ADP_TEXTS = {
    "pair": "900.0*exp(-3.1*r)",
    "density": "exp(-1.3*r)",
    "embedding": "-2.0*sqrt(rho)",
    "dipole": "0.7*exp(-0.5*r)",
    "quadrupole": "0.2*exp(-0.3*r)*cos(1.3*r)",
}


def adp():
    return Potential.of_model(Model.parse(ADP_TEXTS), "an-adp", "Si", 4.5, Smoothstep(3.0, 4.5))


MODELS = {"angular": lambda: potential(**FUNCTIONS), "one": lambda: potential(**only("angular_2")), "adp": adp}


@pytest.mark.parametrize("to", ["ase", pytest.param("python", marks=pytest.mark.slow)])
def test_standalone_files_have_the_numbers_of_the_calculator(to, tmp_path):
    cluster = silicon()
    cluster.pbc = False
    compare(to, tmp_path, *((make(), [silicon(), cluster]) for make in MODELS.values()))


def test_the_self_test_sees_a_changed_angular_function(tmp_path):
    path = tmp_path / "potential.py"
    export(potential(**only("angular_3_negative")), "python", path)
    path.write_text(path.read_text().replace(", 3, -0.5, 0)", ", 3, 0.5, 0)"))
    broken = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True)
    assert broken.returncode != 0 and "self-test failed" in broken.stderr


@pytest.mark.parametrize("make", MODELS.values(), ids=MODELS)
def test_json_both_ways(make, tmp_path):
    model, path, atoms = make(), tmp_path / "potential.json", silicon()
    export(model, "json", path)
    atoms.calc = model.calculator()
    energy = atoms.get_potential_energy()
    atoms.calc = load_potential(path).calculator()
    assert atoms.get_potential_energy() == energy
    assert all(name in json.loads(path.read_text())["formulas"] for name in model.functions)


def test_sympy_has_the_functions_and_says_how_they_enter(tmp_path):
    model = potential(**only("angular_1", "angular_3_negative"))
    scope = load(model, tmp_path)
    for name, symbol in (("angular_1", "a1"), ("angular_3_negative", "b3")):
        value = model.tapered(name, R)[0]
        assert [float(scope[symbol].subs(scope["r"], x)) for x in R] == pytest.approx(value, rel=1e-12, abs=1e-14)
        assert isinstance(sympy.diff(scope[symbol], scope["r"]), sympy.Basic)
    text = (tmp_path / "potential.py").read_text()
    assert "+ 1/2 sum_jk a1(r_ij) a1(r_ik) P_1(cos theta_jik) - 1/2 sum_jk b3(r_ij) b3(r_ik) P_3" in text
    assert "a2" not in text


def test_latex_states_the_sums_and_the_polynomials():
    text = equations(potential(**only("angular_2", "angular_3_negative")))
    assert r"+ \tfrac{1}{2} \sum_{j, k \ne i} a_2(r_{ij}) a_2(r_{ik}) \, P_2(\cos \theta_{jik})" in text
    assert r"- \tfrac{1}{2} \sum_{j, k \ne i} b_3(r_{ij}) b_3(r_{ik}) \, P_3(\cos \theta_{jik})" in text
    assert "P_2(c) &= " in text and "P_3(c) = " in text and "P_1" not in text
    assert r"\tfrac{1}{3} \sum_{j, k \ne i} w(r_{ij}) \, r_{ij}^2 w(r_{ik}) \, r_{ik}^2 \, P_2" in equations(adp())
    assert text.count("{") == text.count("}")


def test_results_of_validation_are_told_apart_by_angular_functions():
    prints = [fingerprint(potential()), *(fingerprint(potential(**{name: "exp(-r)"})) for name in FUNCTIONS)]
    assert len(set(prints)) == len(prints)
