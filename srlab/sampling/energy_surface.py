"""Energy surfaces as the sampler sees them: `energy(scaled, cell, volume) -> (energy, shortest distance)`.

A `Potential` is turned into tables, so that a step costs the same whatever its formulas are; any other ASE calculator
works too, a few hundred times slower.
"""

import numpy as np

from srlab.datasets.checks import closest_pair
from srlab.errors import InputError
from srlab.sampling.walk import FORBIDDEN, table_energy

_RADIAL_POINTS, _DENSITY_POINTS = 4000, 8000


def hermite(x, value, first):
    """Cubic polynomials between equidistant points: (len(x) - 1, 4) coefficients of powers of the reduced coordinate
    in [0, 1]."""
    h = x[1] - x[0]
    v0, v1, d0, d1 = value[:-1], value[1:], first[:-1] * h, first[1:] * h
    return np.ascontiguousarray(np.column_stack([v0, d0, 3 * (v1 - v0) - 2 * d0 - d1, 2 * (v0 - v1) + d0 + d1]))


def _finite(value, first):
    value, first = np.broadcast_arrays(np.asarray(value, float), np.asarray(first, float))
    good = np.isfinite(value) & np.isfinite(first) & (abs(value) < FORBIDDEN)
    return np.where(good, value, FORBIDDEN), np.where(good, first, 0.0)


def potential_tables(potential, min_distance):
    """Tables of a potential with one density or none between `min_distance` (angstrom) and its cutoff.

    F is tabulated over sqrt(rho), in which the square-root embeddings of metals are straight lines, or over rho itself
    where the density function changes sign. The largest density in the table is 1.5 times that of fcc at a neighbour
    distance of `min_distance`, which is about the densest an arrangement with that minimum distance can be.

    Returns
    -------
    tuple of the arguments :func:`srlab.sampling.walk.table_energy` takes after the structure.
    """
    from ase.build import bulk
    from ase.neighborlist import neighbor_list

    start, stop = 0.98 * min_distance, float(potential.cutoff)
    if start >= stop:
        raise InputError(
            f"min_distance {min_distance:g} angstrom is beyond the potential's cutoff {stop:g}: choose a smaller one"
        )
    r = np.linspace(start, stop, _RADIAL_POINTS)
    with np.errstate(all="ignore"):
        phi, f = _finite(*potential.phi(r)), _finite(*_density(potential, r))
        dense = neighbor_list("d", bulk("Cu", "fcc", a=min_distance * np.sqrt(2)), stop)
        top = 1.5 * float(np.abs(_finite(*_density(potential, dense))[0]).sum()) or 1.0
        rooted = bool((f[0] >= 0).all())
        if rooted:
            u = np.linspace(0.0, np.sqrt(top), _DENSITY_POINTS)
            value, slope = potential.F(u * u)
            # d/du F(u^2); at u = 0 the slope of a square root has the limit of its neighbour
            slope = np.asarray(2 * u * slope, float)
            slope[0] = slope[1]
        else:
            u = np.linspace(-top, top, _DENSITY_POINTS)
            value, slope = potential.F(u)
        value, slope = _finite(value, slope)
    return (
        stop,
        start,
        (_RADIAL_POINTS - 1) / (stop - start),
        hermite(r, *phi),
        hermite(r, *f),
        u[0],
        (_DENSITY_POINTS - 1) / (u[-1] - u[0]),
        hermite(u, value, slope),
        rooted,
        float(potential.offset),
    )


def _density(potential, r):
    """The one density function and its derivative, or zeros where the potential has none."""
    return next(iter(potential.densities(r)), np.zeros((2, len(r))))


class TableSurface:
    """A `Potential` of at most one density, compiled.

    `energy` and `extra` are what :func:`srlab.sampling.walk.walker` wants.
    """

    compiled = True

    def __init__(self, potential, min_distance):
        self.element, self.energy = potential.element, table_energy
        self.extra = potential_tables(potential, min_distance)

    def __call__(self, scaled, cell):
        """Energy (eV) and shortest distance (angstrom, 1e9 beyond the cutoff) of scaled positions (n, 3) in [0, 1)
        and a cell (3, 3)."""
        cell = np.ascontiguousarray(cell, dtype=float)
        return self.energy(np.ascontiguousarray(scaled, dtype=float), cell, abs(np.linalg.det(cell)), *self.extra)


class CalculatorSurface:
    """Any ASE calculator."""

    compiled = False
    extra = ()

    def __init__(self, calculator, element, min_distance):
        self.calculator, self.element, self.min_distance = calculator, element, min_distance

    def energy(self, scaled, cell, volume=None):
        """Energy (eV) and shortest distance (angstrom, infinity beyond the minimum distance asked for)."""
        from ase import Atoms

        atoms = Atoms([self.element] * len(scaled), scaled_positions=scaled, cell=cell, pbc=True)
        shortest = closest_pair(atoms, self.min_distance)[0]
        if shortest < self.min_distance:
            return FORBIDDEN, shortest
        atoms.calc = self.calculator
        energy = float(atoms.get_potential_energy())
        return (energy if np.isfinite(energy) else FORBIDDEN), shortest

    __call__ = energy


def make_surface(potential, min_distance, element=None):
    """The surface of a `Potential` (compiled where it has at most one density), of an ASE calculator, or of anything
    with `energy`, `extra`
    and `compiled` (returned as it is)."""
    if hasattr(potential, "extra") and hasattr(potential, "energy"):
        return potential
    if hasattr(potential, "phi") and hasattr(potential, "cutoff"):
        if len(potential.template.densities) <= 1 and not potential.template.moments:
            return TableSurface(potential, min_distance)
        return CalculatorSurface(potential.calculator(), potential.element, min_distance)
    if hasattr(potential, "get_potential_energy"):
        if element is None:
            raise InputError('sampling on a calculator needs the element: pass element="Cu"')
        return CalculatorSurface(potential, element, min_distance)
    raise InputError(f"cannot sample on {type(potential).__name__}: give a Potential or an ASE calculator")
