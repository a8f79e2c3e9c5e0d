"""Numbers with their standard deviation in parentheses, 1.234(5) for 1.234 +- 0.005."""

from __future__ import annotations

import math


def with_deviation(value: float, deviation: float) -> str:
    """The value to the digit its deviation reaches, and the deviation of the last digits in parentheses.

    The deviation has one digit, two where it begins with 1 (GUM, JCGM 100:2008, 7.2.2 for the notation). A deviation of
    zero is an exact number, written in full; one that is not finite is a question mark. Far from one there is a power
    of ten: 1.23(4)e-07.
    """
    if deviation == 0:
        return repr(float(value))
    if not math.isfinite(deviation):
        return f"{value:.4g}(?)"
    digits = 2 if f"{abs(deviation):.1e}"[0] == "1" else 1
    reach = int(f"{abs(deviation):.{digits - 1}e}".partition("e")[2]) - (
        digits - 1
    )  # power of ten of the last digit shown
    top = max(int(f"{abs(value):e}".partition("e")[2]) if value else reach, reach)
    exponent = top if top < -3 or reach > 0 else 0
    decimals = exponent - reach
    scale = 10.0**-exponent
    last = round(abs(deviation) / 10.0**reach)
    return f"{value * scale:.{decimals}f}({last})" + (f"e{exponent:+03d}" if exponent else "")
