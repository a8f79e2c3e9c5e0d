"""Energies, forces, stresses and weights of a frame, by whichever name the code that wrote them gives them.

A name counts whatever its case, with or without a prefix such as REF_ or dft_ that says whose labels they are. Names
that mean one thing are read; where two mean the same and differ, an `InputError` names them, and `energy_key` and
`forces_key` decide.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from srlab.errors import InputError

_PREFIX = re.compile(r"(ref|reference|dft|target|label|qm|abinitio|vasp|gpaw|castep|cp2k|qe|espresso|aims)_?(?=[a-z])")
# The forces are the gradient of the free energy, so it comes first where a frame has both.
_FREE = ("free_energy", "freeenergy", "energy_free")
_ENERGY = (
    "energy",
    "total_energy",
    "totalenergy",
    "potential_energy",
    "potentialenergy",
    "energy_total",
    "etot",
    "toten",
)
_ENERGY_SUM = ("energies", "c_pe", "c_peatom", "c_pe_atom", "c_eng", "c_eatom", "c_energy")  # per atom: their sum
_FORCES = ("forces", "force")
_STRESS = ("stress", "stresses")
_VIRIAL = ("virial", "virials")
_WEIGHT = ("weight", "config_weight", "frame_weight", "sample_weight")
_SIGMA = ("energy_sigma",)
_DOUBTFUL = re.compile("weight|sigma|stress|virial|uncertain|error|_std|variance", re.IGNORECASE)
_SAME = 1e-6  # eV, eV/angstrom: labels that differ by less are the same


@dataclass
class Labels:
    """What a frame says of itself.

    Attributes
    ----------
    energy : eV, of all atoms; None where there is none. May be no number: the checks say so.
    forces : (n, 3) eV/angstrom or None.
    stress : (6,) eV/angstrom^3 in ASE's order (xx, yy, zz, yz, xz, xy) and sign, or None.
    weight : dimensionless, 1 unless the frame has one.
    energy_sigma : eV/atom or None.
    names : what each was called, {"energy": "REF_energy", ...}.
    found : names of all that might have been labels, for a sentence on what is missing.
    notes : what was left out, as sentences without the frame.
    """

    energy: object = None
    forces: object = None
    stress: object = None
    weight: float = 1.0
    energy_sigma: float | None = None
    names: dict = field(default_factory=dict)
    found: tuple = ()
    notes: tuple = ()


def is_label_name(key):
    """Whether something of this name may be taken for an energy, forces, a stress, a weight or an energy's error."""
    bases = (*_FREE, *_ENERGY, *_ENERGY_SUM, *_FORCES, *_STRESS, *_VIRIAL, *_WEIGHT, *_SIGMA)
    return base_name(key)[1] in bases


@lru_cache(maxsize=1000)  # the frames of a file have the same names, and each is asked for dozens of times
def base_name(key):
    """(prefix, rest) of a name in lower case: ("ref", "energy") for REF_Energy."""
    plain = re.sub(r"[\s\-.]+", "_", str(key)).lower()
    match = _PREFIX.match(plain)
    return (match[1], plain[match.end() :]) if match and plain not in ("reference",) else ("", plain)


def find_labels(atoms, where, energy_key=None, forces_key=None):
    """The labels of a frame, from its calculator's results, its info and its arrays.

    Parameters
    ----------
    atoms : ase.Atoms
    where : file and frame, for a sentence.
    energy_key, forces_key : names to take instead of those that are known. The energy may be a column: its sum counts.

    Returns
    -------
    Labels

    Raises
    ------
    InputError : several names for one thing with different numbers, a name that is not there, a weight that cannot be.
    """
    results = {name: value for name, value in (getattr(atoms.calc, "results", None) or {}).items() if value is not None}
    per_atom = {name: value for name, value in atoms.arrays.items() if name not in ("numbers", "positions")}
    pool = {**per_atom, **atoms.info, **results}
    labels = Labels(found=tuple(sorted(map(str, pool))))
    forces = _choose(pool, forces_key, _FORCES, "forces", where, "--forces-key")
    labels.forces = pool.get(forces)
    energy = _choose_energy(pool, energy_key, forces if forces_key is None else None, where)
    labels.energy = _total(pool.get(energy), atoms) if energy in per_atom or energy == "energies" else pool.get(energy)
    if labels.forces is None and labels.energy is not None and len(atoms) == 1:
        labels.forces = np.zeros((1, 3))  # by symmetry, whether the atom is alone or in a crystal
    labels.stress, labels.names["stress"], labels.notes = _find_stress(pool, atoms, base_name(energy or "")[0])
    labels.weight, weight_key = _find_number(pool, _WEIGHT, where, 1.0)
    labels.energy_sigma, sigma_key = _find_number(pool, _SIGMA, where, None)
    labels.names.update(energy=energy, forces=forces, weight=weight_key, energy_sigma=sigma_key)
    labels.notes += tuple(
        f"{key} is not used"
        for key in _left_out(pool, labels.names)
        if not any(key in note.split() for note in labels.notes)
    )
    return labels


def _left_out(pool, names):
    """Names of what looks like a label or a weight and was not taken, in order."""
    used, prefix = set(names.values()), base_name(names["energy"] or "")[0]
    for key in sorted(pool, key=str):
        own, base = base_name(key)
        if key in used:
            continue
        if base in _FREE + _ENERGY + _FORCES:  # of one prefix, the other energies are that of another smearing
            chosen = names["forces" if base in _FORCES else "energy"]
            if own != prefix and chosen is not None and not _same(pool[key], pool[chosen]):
                yield str(key)
        elif _DOUBTFUL.search(str(key)) and not (base in _VIRIAL and own == prefix and names["stress"]):
            yield str(key)


def _named(pool, bases):
    """Names in the pool whose base is among `bases`, the best base first, plain names before those with a prefix."""
    ranked = [
        (bases.index(base), bool(prefix), str(key), key)
        for key in pool
        for prefix, base in [base_name(key)]
        if base in bases
    ]
    return [key for *_, key in sorted(ranked)]


def _same(first, second):
    try:
        return bool(np.allclose(np.asarray(first, float), np.asarray(second, float), rtol=0.0, atol=_SAME))
    except (ValueError, TypeError):
        return False


def _given(pool, key, what, where, option):
    if key not in pool:
        raise InputError(
            f"{where} has no {key!r} for its {what}: {option} can be one of "
            f"{', '.join(sorted(map(str, pool))) or 'none'}"
        )
    return key


def _choose(pool, given, bases, what, where, option):
    """The one name for a thing, or None."""
    if given is not None:
        return _given(pool, given, what, where, option)
    names = _named(pool, bases)
    different = [name for name in names[1:] if not _same(pool[name], pool[names[0]])]
    if different:
        raise InputError(
            f"{where} has {what} of several names with different numbers, {', '.join([names[0], *different])}: say "
            f"which with {option}"
        )
    return names[0] if names else None


def _choose_energy(pool, given, forces, where):
    """The name of the energy that the forces are the gradient of, or None.

    Of energies of several prefixes those of the forces' own count; of one prefix the free energy.
    """
    if given is not None:
        return _given(pool, given, "energy", where, "--energy-key")
    groups = {}
    for name in _named(pool, _FREE) + _named(pool, _ENERGY):
        groups.setdefault(base_name(name)[0], []).append(name)
    if forces is not None and base_name(forces)[0] in groups:
        groups = {prefix: names for prefix, names in groups.items() if prefix == base_name(forces)[0]}
    best = [names[0] for names in groups.values()]
    for names in groups.values():
        plain = [name for name in names if base_name(name)[1] not in _FREE]
        if names[0] in plain and any(not _same(pool[name], pool[names[0]]) for name in plain[1:]):
            best += plain[1:]
    if any(not _same(pool[name], pool[best[0]]) for name in best[1:]):
        raise InputError(
            f"{where} has energies of several names with different numbers, {', '.join(best)}: say which with "
            "--energy-key"
        )
    if best:
        return best[0]
    columns = _named(pool, _ENERGY_SUM)
    return columns[0] if columns else None


def _total(values, atoms):
    """The sum of a column; what is none is left for the checks to complain of."""
    values = np.asarray(values)
    return float(values.sum()) if values.shape == (len(atoms),) and values.dtype.kind in "fiu" else values


def _voigt(value):
    """(6,) in ASE's order from (3, 3), (9,) or (6,); None for anything else."""
    try:
        value = np.asarray(value, dtype=float)
    except (ValueError, TypeError):
        return None
    if value.size == 9:
        value = value.reshape(3, 3)
        value = 0.5 * (value + value.T)[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
    return value.ravel() if value.size == 6 and np.isfinite(value).all() else None


def _find_stress(pool, atoms, prefix):
    """(stress or None, its name or None, notes): a stress, or a virial turned into one, stress = -virial / volume.

    Every name that is not used is in one of the notes, which begin with it.
    """
    stresses, virials = (
        [key for key in names if base_name(key)[0] == prefix] or names
        for names in (_named(pool, _STRESS), _named(pool, _VIRIAL))
    )
    volume = abs(np.linalg.det(np.asarray(atoms.cell))) if atoms.cell.rank == 3 else 0.0
    found, notes = [], []
    for key in stresses[:1]:
        tensor = _voigt(pool[key])
        if tensor is None:
            notes.append(f"{key} is not used: it is no tensor of finite numbers")
        else:
            found.append((key, tensor))
    for key in virials[:1]:
        if np.size(pool[key]) == 6:
            notes.append(f"{key} is not used: nothing says in which order its six numbers are, write nine")
        elif volume == 0.0 or _voigt(pool[key]) is None:
            notes.append(f"{key} is not used: it is no tensor of finite numbers, or the cell has no volume")
        else:
            found.append((key, -_voigt(pool[key]) / volume))
    if len(found) == 2 and not np.allclose(found[0][1], found[1][1], rtol=1e-3, atol=1e-5):
        both = f"{found[0][0]} and {found[1][0]}"
        return None, None, (*notes, f"{both} contradict each other, for a stress is -virial/volume: neither is used")
    name, stress = found[0] if found else (None, None)
    return stress, name, tuple(notes)


def _find_number(pool, bases, where, default):
    """(value, name) of a number that is zero or more; InputError for anything else under that name."""
    names = _named(pool, bases)
    if not names:
        return default, None
    value = pool[names[0]]
    if np.ndim(value) or np.asarray(value).dtype.kind not in "fiu" or not (np.isfinite(value) and value >= 0):
        raise InputError(f"{where} has a {names[0]} that is no number of zero or more: correct or remove it")
    return float(value), names[0]
