"""Units of the equation learners: the terms a network can switch on, each with the range of its inner constants.

The name of a unit's group is what a user names in ``--operators`` and bans in the dashboard. To add a term to the
search, add a line to `RADIAL`, `DENSITY`, `ANGULAR`, `EMBEDDING` or `TWO_DENSITIES`; which function has which, its
template says (`srlab.templates`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Unit:
    """One kind of term.

    group : the operator it belongs to; pattern : its text, ``{0}``, ``{1}``... standing for the inner constants;
    low, high : their ranges for starting values; least, most : bounds that fits keep; copies : how many a network
        holds.
    """

    group: str
    pattern: str
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    least: tuple[float, ...] = ()
    most: tuple[float, ...] = ()
    copies: int = 1

    def text(self, constants) -> str:
        """The term with its inner constants filled in."""
        return self.pattern.format(*(repr(float(c)) for c in constants))


# r in angstrom; ranges span what metals need from the first neighbour shell to the cutoff, bounds keep every term
# decaying; constants are added, not subtracted, as canonical formulas have it
RADIAL = (
    Unit("exp", "exp({0}*r)", (-8.0,), (-0.8,), (-12.0,), (-0.2,), 2),
    Unit("pow", "r^({0})", (-15.0,), (-2.0,), (-20.0,), (-1.0,)),
    Unit("rpow", "r^({0} + {1}*r)", (-6.0, -6.0), (12.0, -0.4), (-16.0, -8.0), (20.0, -0.1)),
    Unit("gauss", "exp({0}*(r + {1})^2)", (-4.0, -4.5), (-0.1, -1.0), (-10.0, -6.0), (-0.05, 1.0), 2),
    Unit(
        "cos", "exp({0}*r)*cos({1}*r + {2})", (-3.0, 1.5, -3.1), (-0.3, 7.0, 3.1), (-6.0, 0.5, -9.0), (-0.1, 9.0, 9.0)
    ),
    Unit("inverse", "exp({0}*r)/r", (-6.0,), (-0.5,), (-12.0,), (-0.1,)),
    Unit("wave", "cos({0}*r + {1})", (1.5, -3.1), (7.0, 3.1), (0.5, -9.0), (9.0, 9.0)),
)
DENSITY = (
    Unit("exp", "exp({0}*r)", (-4.0,), (-0.6,), (-8.0,), (-0.2,)),
    Unit("pow", "r^({0})", (-9.0,), (-2.0,), (-14.0,), (-1.0,)),
    Unit("rpow", "r^({0} + {1}*r)", (-2.0, -4.0), (6.0, -0.4), (-8.0, -8.0), (14.0, -0.1)),
    Unit("gauss", "exp({0}*(r + {1})^2)", (-2.0, -3.5), (-0.1, 0.0), (-6.0, -5.0), (-0.03, 1.0)),
)
# of angular sums, which enter the energy squared
ANGULAR = (
    Unit("exp", "exp({0}*r)", (-4.0,), (-0.5,), (-8.0,), (-0.1,)),
    Unit("rpow", "r^({0} + {1}*r)", (-2.0, -4.0), (6.0, -0.4), (-8.0, -8.0), (14.0, -0.1)),
    Unit("gauss", "exp({0}*(r + {1})^2)", (-3.0, -4.5), (-0.1, -1.0), (-6.0, -6.0), (-0.03, 1.0)),
    Unit(
        "cos", "exp({0}*r)*cos({1}*r + {2})", (-2.0, 1.0, -3.1), (-0.3, 5.0, 3.1), (-6.0, 0.3, -9.0), (-0.1, 8.0, 9.0)
    ),
)
# every unit but inverse vanishes with the density, so that an isolated atom has no energy
EMBEDDING = (
    Unit("sqrt", "sqrt(rho)"),
    Unit("pow", "rho^({0})", (0.1,), (0.9,), (0.05,), (3.0,)),
    Unit("linear", "rho"),
    Unit("square", "rho^2"),
    Unit("log", "log(1 + {0}*rho)", (0.1,), (10.0,), (1e-3,), (1e5,)),
    Unit("log", "rho*log(rho)"),
    Unit("inverse", "1/rho"),
    Unit("tanh", "tanh({0}*rho)", (0.1,), (10.0,), (1e-3,), (1e5,)),
)
# of the two densities rho1 and rho2: every unit of one of them, and products
TWO_DENSITIES = (
    *(
        replace(unit, pattern=unit.pattern.replace("rho", density))
        for density in ("rho1", "rho2")
        for unit in EMBEDDING
    ),
    Unit("pow", "rho2*rho1^({0})", (-0.8,), (1.5,), (-0.95,), (3.0,)),
    Unit("square", "rho1*rho2"),
    Unit("inverse", "rho2/rho1"),
)
GROUPS = tuple(
    dict.fromkeys(unit.group for units in (RADIAL, DENSITY, ANGULAR, EMBEDDING, TWO_DENSITIES) for unit in units)
)
"""All groups of the terms above, in the order in which they are listed."""
ON_REQUEST = ("inverse", "wave", "tanh")
"""Groups for those who ask for them: 1/rho diverges for an isolated atom, of a wave without decay only the taper
makes an end, tanh ends in a constant."""
ABOUT = {
    "exp": "decay with distance, exp(-a r)",
    "pow": "powers, r^-n between atoms and rho^n in the embedding",
    "rpow": "a power that falls off faster with distance, r^(a - b r) (Hernandez 2019)",
    "gauss": "a bump at some distance, exp(-a (r - r0)^2)",
    "cos": "a damped wave, exp(-a r) cos(b r + c), as of electrons around an atom",
    "inverse": "screened Coulomb, exp(-a r)/r; in the embedding 1/rho, without end for a lone atom",
    "wave": "a wave without decay, which only the taper ends",
    "sqrt": "square root of the density: bonds weaken as neighbours are added",
    "linear": "the density itself: as good as a pair function",
    "square": "the density squared",
    "log": "logarithms of the density, log(1 + a rho) and rho log(rho)",
    "tanh": "levels off at high density, tanh(a rho)",
}
"""What a group is, in a few words."""
