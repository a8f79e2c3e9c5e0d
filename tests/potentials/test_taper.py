import runpy

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.potentials.taper import HernandezTaper, NoTaper, Smoothstep, taper_from_json

TAPERS = [Smoothstep(4.5, 6.0), HernandezTaper(3.0, 5.0)]


@pytest.mark.parametrize("taper", TAPERS)
def test_one_below_zero_above(taper):
    value, first, second = taper.derivatives(np.array([0.5, taper.start, taper.stop, 9.0]))
    assert value == pytest.approx([1, 1, 0, 0], abs=1e-15)
    assert first == pytest.approx(np.zeros(4), abs=1e-15)
    assert second[[0, 3]] == pytest.approx(np.zeros(2), abs=1e-15)


@pytest.mark.parametrize("taper", TAPERS)
def test_derivatives_are_those_of_the_value(taper):
    r, h = np.linspace(taper.start + 0.01, taper.stop - 0.01, 57), 1e-5
    low, middle, high = taper.derivatives(r - h), taper.derivatives(r), taper.derivatives(r + h)
    assert middle[1] == pytest.approx((high[0] - low[0]) / (2 * h), abs=1e-9)
    assert middle[2] == pytest.approx((high[1] - low[1]) / (2 * h), abs=1e-8)


def test_smoothstep_has_no_jump_in_the_second_derivative():
    taper = Smoothstep(4.5, 6.0)
    edge = np.array([4.5 + 1e-9, 6.0 - 1e-9])
    assert taper.derivatives(edge)[2] == pytest.approx([0, 0], abs=1e-6)


def test_hernandez_value_by_hand():
    # halfway in r^2, u = 17: (2*17 - 27 + 25) (25 - 17)^2 / 16^3 = 32 * 64 / 4096 = 1/2
    assert HernandezTaper(3.0, 5.0).derivatives(np.sqrt(17.0))[0] == pytest.approx(0.5, abs=1e-14)


@pytest.mark.parametrize("taper", [*TAPERS, NoTaper()])
def test_sympy_and_python_forms_agree_with_the_numbers(taper, tmp_path):
    import sympy

    r = sympy.Symbol("r", positive=True)
    expression = taper.sympy(r)
    source = tmp_path / "taper.py"
    source.write_text("import numpy as np\n\n" + taper.python())
    scope = runpy.run_path(source)
    x = np.array([2.0, 3.1, 4.0, 4.9, 5.5, 6.5])
    value, first, _ = taper.derivatives(x)
    assert value == pytest.approx([float(expression.subs(r, a)) for a in x], abs=1e-14)
    assert first == pytest.approx([float(expression.diff(r).subs(r, a)) for a in x], abs=1e-13)
    written = scope["taper"](x)
    assert written[0] == pytest.approx(value, abs=1e-15)
    assert written[1] == pytest.approx(first, abs=1e-15)


@pytest.mark.parametrize("taper", [*TAPERS, NoTaper()])
def test_json_round_trip(taper):
    assert taper_from_json(taper.to_json()) == taper


@pytest.mark.parametrize(
    "data", [{"kind": "cosine", "start": 1, "stop": 2}, {"kind": "smoothstep", "start": 1}, {}, None]
)
def test_unreadable_json_is_an_input_error(data):
    with pytest.raises(InputError, match="taper"):
        taper_from_json(data)


@pytest.mark.parametrize("start, stop", [(5.0, 5.0), (6.0, 5.0), (-1.0, 5.0), (1.0, float("nan"))])
def test_a_range_that_is_none(start, stop):
    with pytest.raises(InputError, match="not a range"):
        Smoothstep(start, stop)
