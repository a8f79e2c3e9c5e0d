"""Tables of a potential for LAMMPS, and which of its file formats can hold them, if any can."""

from dataclasses import dataclass, field, replace

import numpy as np

from srlab.errors import InputError
from srlab.potentials.calculator import density_range
from srlab.potentials.self_check_crystals import covalent_lattice_constant
from srlab.potentials.table import CubicTable
from srlab.templates.adp import ADP

R_GUARD = 0.5
"""Below this distance (angstrom) the tables keep the value they have there: a pole at r = 0 would make the splines
ring."""
R_CHECKED = 1.5
"""From here on (angstrom) the tables must follow the functions closely; no two atoms come nearer."""
_POINTS = (10_000, 20_000, 50_000, 100_000)
_F_ERROR = 1e-7  # eV; the finest of _POINTS is taken if none reaches it


@dataclass(frozen=True)
class LammpsTables:
    """What a setfl (`eam/alloy`), `eam/he` or `adp` file holds.

    pair_style : "eam/alloy", "eam/he" or "adp".
    cutoff : angstrom.
    r, density, r_phi : (n_r,) angstrom, 1, eV A.
    rho, embedding : (n_rho,) 1, eV; the offset is part of the embedding.
    notes : sentences for the user.
    dipole, quadrupole : (n_r,) sqrt(eV)/A and sqrt(eV)/A^2, u and w of adp, else None.
    splines : the angular functions of the template it cannot hold; each takes a file of its own, see
        `srlab.exports.meam_spline`.
    """

    pair_style: str
    cutoff: float
    r: np.ndarray
    density: np.ndarray
    r_phi: np.ndarray
    rho: np.ndarray
    embedding: np.ndarray
    notes: list[str] = field(default_factory=list)
    dipole: np.ndarray | None = None
    quadrupole: np.ndarray | None = None
    splines: tuple = ()


def tabulate(potential, a0, frames=(), n_r=10_000, n_rho=None):
    """Tables of a potential whose template says that LAMMPS can hold it.

    Parameters
    ----------
    potential : Potential
    a0 : float
        fcc lattice constant, angstrom; sets the scale of the densities.
    frames : list of ase.Atoms, optional
        Structures whose densities the table must hold with room to spare.
    n_r, n_rho : int
        Points. By default n_rho is 10000, or as many of 20000, 50000, 100000 as it takes to interpolate F to 1e-7 eV
        over the densities of bound atoms.

    Raises
    ------
    InputError
        If no table of LAMMPS holds such a form, or a function is not finite where condensed matter needs it.
    """
    if not potential.template.lammps:
        raise InputError(f"{potential.name} {potential.template.without_lammps}")
    notes = []
    r, density, r_phi = _radial(potential, n_r, notes)
    low, bound, densest = _occurring_densities(potential, a0, frames)
    pair_style = "eam/alloy"  # with angular functions it may become adp
    if low < 0.0:
        pair_style = "eam/he"
        notes.append(
            "the density can become negative, where setfl (eam/alloy) is silently wrong: written for pair_style eam/he"
        )
    low, high = _finite_range(potential, low, bound, densest, notes)
    if low > 0.0:
        pair_style = "eam/he"
        notes.append(
            "F is not finite at rho = 0, which setfl (eam/alloy) cannot hold: written for "
            f"pair_style eam/he, with F from rho = {low:.4g} on"
            " (LAMMPS goes on linearly below, where single atoms leave the crystal)"
        )
    for points in (n_rho,) if n_rho else _POINTS:
        rho = np.linspace(low, high, points)
        embedding = potential.F(rho)[0] + potential.offset
        error = _interpolation_error(potential, rho, embedding)
        if error[rho[:-1] > bound].max(initial=0.0) < _F_ERROR:
            break
    wrong = np.flatnonzero(error > 1e-6)
    if len(wrong):
        notes.append(
            f"F is interpolated to 1e-6 eV from rho = {rho[wrong[-1] + 1]:.4g} on; a bound atom has {bound:.4g} or more"
        )
    notes.append(f"densities up to {high:.4g} are tabulated, the densest state expected has {densest:.4g}")
    if potential.offset:
        notes.append(f"the offset of {potential.offset:.6g} eV per atom is part of F")
    tables = LammpsTables(pair_style, potential.cutoff, r, density, r_phi, rho, embedding, notes)
    return _with_angular(potential, tables)


def _with_angular(potential, tables):
    """The tables with the angular functions: those of ranks 1 and 2 that cost energy as u and w of adp, the others
    for `meam/spline`."""
    angular = potential.present(potential.template.moments)
    if not angular:
        return tables
    held = {}
    if tables.pair_style == "eam/alloy":
        held = {function.rank: function for function in angular if function.sign > 0 and function.rank <= 2}
    if held:
        u, w = (
            _angular_table(potential, tables.r, held[each.rank], each) if each.rank in held else np.zeros_like(tables.r)
            for each in ADP.moments
        )
        tables = replace(tables, pair_style="adp", dipole=u, quadrupole=w)
    splines = tuple(function for function in angular if function is not held.get(function.rank))
    if splines:
        tables.notes.append(
            f"{', '.join(function.name for function in splines)} cannot be held by "
            f"{tables.pair_style}: written for pair_style meam/spline,"
            " which in.lammps lays on top of it"
        )
    return replace(tables, splines=splines)


def _angular_table(potential, r, function, place):
    """An angular function on the grid as the one of adp in its place, u or w, has to be."""

    def value(x):
        return potential.moment(function, x)[0] / (place.factor * x**place.power)

    values = value(np.maximum(r, R_GUARD))
    if not np.isfinite(values).all():
        raise InputError(
            f"{function.name} of {potential.name} is not finite at r = "
            f"{r[~np.isfinite(values)][-1]:.3f} A: a potential with a pole there cannot be "
            "tabulated"
        )
    _check_table(potential, function.name, value, r, values)
    return values


def _radial(potential, n_r, notes):
    """r (n_r,), f and r phi, with the guard at short distance."""
    r = np.linspace(0.0, potential.cutoff, n_r)
    guarded = np.maximum(r, R_GUARD)
    phi, f = potential.phi(guarded)[0], _density(potential, guarded)
    bad = np.flatnonzero(~(np.isfinite(phi) & np.isfinite(f)))
    if len(bad):
        start = r[bad[-1]] + 1e-3
        if start > 1.5:
            raise InputError(
                f"phi or f of {potential.name} is not finite at r = {r[bad[-1]]:.3f} A: a "
                "potential with a pole there cannot be tabulated"
            )
        guarded = np.maximum(r, start)
        phi, f = potential.phi(guarded)[0], _density(potential, guarded)
        notes.append(f"phi and f are constant below r = {start:.3f} A, where the formulas are not finite")
    _check_radial(potential, r, f, r * phi)
    return r, f, r * phi


def _density(potential, r):
    """The one tapered density function at r (any shape, angstrom), or zeros for a potential that has none."""
    return next((f for f, _ in potential.densities(r)), np.zeros(np.shape(r)))


def _check_radial(potential, r, f, r_phi):
    """Raise where the table cannot follow phi or f between its points, as at a pole."""
    _check_table(potential, "r phi", lambda x: x * potential.phi(x)[0], r, r_phi)
    _check_table(potential, "f", lambda x: _density(potential, x), r, f)


def _check_table(potential, name, function, r, values):
    middle = 0.5 * (r[1:] + r[:-1])
    middle = middle[middle > R_CHECKED]
    error = np.abs(CubicTable(0.0, r[1], values).derivatives(middle)[0] - function(middle))
    worst = int(np.argmax(np.where(np.isfinite(error), error, np.inf)))
    if not error[worst] < 1e-6 * max(1.0, np.abs(values[r > R_CHECKED]).max()):
        raise InputError(
            f"{name} of {potential.name} changes too fast at r = {middle[worst]:.3f} A for a "
            f"table of {len(r)} points: is there a pole? More points (n_r) may help"
        )


def _occurring_densities(potential, a0, frames):
    """Lowest density that must be tabulated (0 or negative), a low density of a bound atom, and that of the densest
    state that may be met."""
    from ase.build import bulk  # it loads half of SciPy

    crystal = density_range(potential, [bulk(potential.element, "fcc", a0)])[1]
    bound = 0.1 * crystal  # about one neighbour left
    densest = 10.0 * crystal  # what compressed, rattled copper reaches under an energy ceiling
    lowest, positive = _sign_bounds(potential, a0)
    if lowest < 0.0:
        bound, densest = (
            min(bound, 0.0),
            max(densest, positive),
        )  # crystals may cancel to nothing: their density sets no scale
    if len(frames):
        low, high = density_range(potential, frames)
        bound, densest = min(bound, low), max(densest, high)
        lowest = min(lowest, 2.0 * low)
    if densest == 0.0:
        densest = bound = 1.0  # a pair potential: LAMMPS divides by the spacing of the densities all the same
    return min(lowest, 0.0), bound, densest


def _sign_bounds(potential, a0):
    """Densities of a crystal compressed to a third if all its neighbours sat where f is negative, or where it is
    positive."""
    r = np.linspace(R_GUARD, potential.cutoff, 2000)
    f = _density(potential, r)
    a = min(a0, covalent_lattice_constant(potential.element))
    neighbours = 3.0 * (4.0 / a**3) * 4.0 * np.pi * r**2 * (r[1] - r[0]) * (r > 0.4 * a)
    return float(np.sum(np.minimum(f, 0.0) * neighbours)), float(np.sum(np.maximum(f, 0.0) * neighbours))


def _finite_range(potential, low, bound, densest, notes):
    """The largest part of [low, twice the densest state] around the bound states in which F is finite."""
    rho = np.linspace(low, 2.0 * densest, 20_001)
    finite = np.isfinite(potential.F(rho)[0])
    if finite.all():
        return low, float(rho[-1])
    inside = (rho >= bound) & (rho <= densest)
    if not finite[inside].all():
        raise InputError(
            f"F of {potential.name} is not finite at rho = "
            f"{rho[inside][~finite[inside]][0]:.4g}, which dense or sparse "
            f"{potential.element} reaches: it cannot be tabulated"
        )
    bad_low, bad_high = rho[(~finite) & (rho < bound)], rho[(~finite) & (rho > densest)]
    if len(bad_high):
        notes.append(f"F is not finite from rho = {bad_high[0]:.4g} on; the table ends before")
    high = float(bad_high[0] - 1e-3 * densest) if len(bad_high) else float(rho[-1])
    if not len(bad_low):
        return low, high
    if bad_low[-1] < 0.0:
        notes.append("F is not finite at negative densities; LAMMPS goes on linearly there")
        return (0.0, high) if np.isfinite(potential.F(0.0)[0]) else (float(rho[finite & (rho > 0.0)][0]), high)
    return max(0.1 * bound, float(bad_low[-1] + rho[1] - rho[0])), high


def _interpolation_error(potential, rho, embedding):
    """Departure of the interpolated F from F in the middle of each interval, eV, (n_rho - 1,)."""
    middle = 0.5 * (rho[1:] + rho[:-1])
    interpolated = CubicTable(rho[0], rho[1] - rho[0], embedding).derivatives(middle)[0]
    return np.abs(interpolated - potential.F(middle)[0] - potential.offset)
