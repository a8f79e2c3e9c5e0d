"""The terms that an equation learner can switch on, each with the ranges of its inner constants.

The name of a term's group is what a user names in ``--operators`` and bans in the dashboard. To add a term to the
search, add a line to `RADIAL`, `DENSITY`, `ANGULAR`, `EMBEDDING` or `TWO_DENSITIES`; which function has which, its
template says (`srlab.templates`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np


@dataclass(frozen=True)
class Term:
    """One kind of term.

    group : the operator it belongs to; pattern : its text, ``{0}``, ``{1}``... standing for the inner constants;
    low, high : their ranges for starting values; least, most : bounds that fits keep; copies : how many a network
        holds; lengths : for each inner constant, the power of a length that it is, -1 for a decay in 1/A. Without it
        they are plain numbers.
    """

    group: str
    pattern: str
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    least: tuple[float, ...] = ()
    most: tuple[float, ...] = ()
    copies: int = 1
    lengths: tuple[int, ...] = ()

    def text(self, constants) -> str:
        """The term with its inner constants filled in."""
        return self.pattern.format(*(repr(float(c)) for c in constants))

    def scaled(self, scale: float) -> Term:
        """The term for crystals whose distances are so many times those of copper: ranges of constants that have a
        length in them move with it."""
        if scale == 1.0 or not any(self.lengths):
            return self
        factors = scale ** np.array(self.lengths, float)
        low, high, least, most = (
            tuple(map(float, factors * bound)) for bound in (self.low, self.high, self.least, self.most)
        )
        return replace(self, low=low, high=high, least=least, most=most)


# r in angstrom; ranges span what copper needs from the first neighbour shell to the cutoff (`Term.scaled` makes them
# another element's), bounds keep every term decaying; constants are added, not subtracted, as canonical formulas have
# it
RADIAL = (
    Term("exp", "exp({0}*r)", (-8.0,), (-0.8,), (-12.0,), (-0.2,), 2, lengths=(-1,)),
    Term("pow", "r^({0})", (-15.0,), (-2.0,), (-20.0,), (-1.0,)),
    Term("rpow", "r^({0} + {1}*r)", (-6.0, -6.0), (12.0, -0.4), (-16.0, -8.0), (20.0, -0.1), lengths=(0, -1)),
    Term("gauss", "exp({0}*(r + {1})^2)", (-4.0, -4.5), (-0.1, -1.0), (-10.0, -6.0), (-0.05, 1.0), 2, lengths=(-2, 1)),
    Term(
        "cos",
        "exp({0}*r)*cos({1}*r + {2})",
        (-3.0, 1.5, -3.1),
        (-0.3, 7.0, 3.1),
        (-6.0, 0.5, -9.0),
        (-0.1, 9.0, 9.0),
        lengths=(-1, -1, 0),
    ),
    Term("inverse", "exp({0}*r)/r", (-6.0,), (-0.5,), (-12.0,), (-0.1,), lengths=(-1,)),
    Term("wave", "cos({0}*r + {1})", (1.5, -3.1), (7.0, 3.1), (0.5, -9.0), (9.0, 9.0), lengths=(-1, 0)),
)
DENSITY = (
    Term("exp", "exp({0}*r)", (-4.0,), (-0.6,), (-8.0,), (-0.2,), lengths=(-1,)),
    Term("pow", "r^({0})", (-9.0,), (-2.0,), (-14.0,), (-1.0,)),
    Term("rpow", "r^({0} + {1}*r)", (-2.0, -4.0), (6.0, -0.4), (-8.0, -8.0), (14.0, -0.1), lengths=(0, -1)),
    Term("gauss", "exp({0}*(r + {1})^2)", (-2.0, -3.5), (-0.1, 0.0), (-6.0, -5.0), (-0.03, 1.0), lengths=(-2, 1)),
)
# of angular sums, which enter the energy squared
ANGULAR = (
    Term("exp", "exp({0}*r)", (-4.0,), (-0.5,), (-8.0,), (-0.1,), lengths=(-1,)),
    Term("rpow", "r^({0} + {1}*r)", (-2.0, -6.0), (12.0, -0.4), (-8.0, -12.0), (30.0, -0.1), lengths=(0, -1)),
    Term("gauss", "exp({0}*(r + {1})^2)", (-3.0, -4.5), (-0.1, -1.0), (-6.0, -6.0), (-0.03, 1.0), lengths=(-2, 1)),
    Term(
        "cos",
        "exp({0}*r)*cos({1}*r + {2})",
        (-2.0, 1.0, -3.1),
        (-0.3, 5.0, 3.1),
        (-6.0, 0.3, -9.0),
        (-0.1, 8.0, 9.0),
        lengths=(-1, -1, 0),
    ),
)
# every term but inverse vanishes with the density, so that an isolated atom has no energy
EMBEDDING = (
    Term("sqrt", "sqrt(rho)"),
    Term("pow", "rho^({0})", (0.1,), (0.9,), (0.05,), (3.0,)),
    Term("linear", "rho"),
    Term("square", "rho^2"),
    Term("log", "log(1 + {0}*rho)", (0.1,), (10.0,), (1e-3,), (1e5,)),
    Term("log", "rho*log(rho)"),
    Term("inverse", "1/rho"),
    Term("tanh", "tanh({0}*rho)", (0.1,), (10.0,), (1e-3,), (1e5,)),
)
# of the two densities rho1 and rho2: every term of one of them, and products
TWO_DENSITIES = (
    *(
        replace(term, pattern=term.pattern.replace("rho", density))
        for density in ("rho1", "rho2")
        for term in EMBEDDING
    ),
    Term("pow", "rho2*rho1^({0})", (-0.8,), (1.5,), (-0.95,), (3.0,)),
    Term("square", "rho1*rho2"),
    Term("inverse", "rho2/rho1"),
)
GROUPS = tuple(
    dict.fromkeys(term.group for terms in (RADIAL, DENSITY, ANGULAR, EMBEDDING, TWO_DENSITIES) for term in terms)
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
