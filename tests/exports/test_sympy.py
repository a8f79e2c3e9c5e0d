"""The SymPy file builds expressions equal to the numbers of the potential, taper included."""

import runpy

import numpy as np
import pytest

from srlab.exports import export
from srlab.potentials.published import published, published_names

R = np.array([1.9, 2.5561, 3.3, 4.1, 4.9, 5.7, 6.8, 8.5, 11.0])


def load(potential, tmp_path):
    path = tmp_path / "potential.py"
    export(potential, "sympy", path)
    return runpy.run_path(path)


def check(potential, scope):
    import sympy

    r = scope["r"]
    for function in potential.present(potential.template.functions):
        if function.variables != ("r",):
            continue
        value, first = potential.tapered(function.name, R)
        assert [float(scope[function.symbol].subs(r, x)) for x in R] == pytest.approx(value, rel=1e-12, abs=1e-14)
        slope = sympy.diff(scope[function.symbol], r)
        assert [float(slope.subs(r, x)) for x in R] == pytest.approx(first, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", published_names())
def test_published_forms(name, tmp_path):
    potential = published(name)
    scope = load(potential, tmp_path)
    check(potential, scope)
    if "rho" in scope:
        assert float(scope["F"].subs(scope["rho"], 1.7)) == pytest.approx(float(potential.F(1.7)[0]), rel=1e-14)
    else:
        assert float(scope["F"].subs({scope["rho1"]: 1.7, scope["rho2"]: 2.3})) == pytest.approx(
            float(potential.F(1.7, 2.3)[0]), rel=1e-14
        )


def test_a_search_result(searched, tmp_path):
    scope = load(searched, tmp_path)
    check(searched, scope)
    assert (scope["cutoff"], scope["offset"]) == (6.0, -0.123)
