"""Ordered structures worth labelling: equations of state, strains, paths, phonons, faults, surfaces and defects.

Every function returns a list of ase.Atoms with info family (which part of a data set it is) and kind (which structure),
no calculator. `a` is the fcc lattice constant in angstrom throughout. The cells are the smallest that show the physics,
since a label costs the cube of the number of atoms.
"""

import numpy as np

COPPER_A = 3.643  # PBE at the project's GPAW settings, angstrom
_LAYERS = {"A": (0.0, 0.0), "B": (1 / 3, 1 / 3), "C": (2 / 3, 2 / 3)}
_VOIGT = ("xx", "yy", "zz", "yz", "xz", "xy")
VACUUM = 9.0  # angstrom of vacuum above a slab: beyond any cutoff in use


def _tag(atoms, family, kind, **info):
    atoms.info.clear()
    atoms.info.update(family=family, kind=kind, **info)
    return atoms


def primitive(lattice, volume, element="Cu"):
    """The primitive cell of fcc, bcc, sc, hcp (ideal c/a) or diamond at a volume of `volume` angstrom^3/atom."""
    from ase.build import bulk

    atoms = bulk(element, lattice, a=1.0, **({"c": np.sqrt(8 / 3)} if lattice == "hcp" else {}))
    atoms.set_cell(atoms.cell * (volume * len(atoms) / atoms.get_volume()) ** (1 / 3), scale_atoms=True)
    return atoms


def conventional(lattice, volume, element="Cu"):
    """The cubic cell of fcc (4 atoms) or bcc (2), the hexagonal one of hcp (2, ideal c/a), at `volume` angstrom^3/atom.

    With k points equally far apart it is much better converged than the primitive cell, and has the symmetry of the
    crystal.
    """
    from ase.build import bulk

    if lattice == "hcp":
        return primitive(lattice, volume, element)
    atoms = bulk(element, lattice, a=1.0, cubic=True)
    atoms.set_cell(atoms.cell * (volume * len(atoms) / atoms.get_volume()) ** (1 / 3), scale_atoms=True)
    return atoms


def equations_of_state(lattices=("fcc", "bcc", "hcp"), volumes=None, element="Cu", cell=primitive):
    """One frame per lattice and volume (angstrom^3/atom), from strong compression to near dissociation.

    `cell` makes the cell: :func:`primitive` or :func:`conventional`.
    """
    volumes = (7.0, 8.0, 9.2, 10.2, 11.2, 11.8, 12.5, 13.4, 15.0, 17.5, 21.0, 25.0) if volumes is None else volumes
    return [_tag(cell(lattice, volume, element), "eos", lattice) for volume in volumes for lattice in lattices]


def strains(lattice, volume, amplitudes=(0.01, 0.02, 0.03, 0.04), components=range(6), element="Cu"):
    """A crystal under each of the six strains alone, both ways: what elastic constants are read from.

    Parameters
    ----------
    volume : of the crystal before, angstrom^3/atom.
    amplitudes : of a component in Voigt order xx, yy, zz, yz, xz, xy; shears are engineering strains, twice the
        tensor's component.
    components : which of the six.

    Cubic crystals are the same under several of them: :func:`srlab.curation.campaign.queue_of` keeps one of each kind.
    """
    from ase.stress import voigt_6_to_full_3x3_strain

    frames = []
    for amplitude in amplitudes:
        for component in components:
            for sign in (1, -1):
                strain = np.zeros(6)
                strain[component] = sign * amplitude
                atoms = conventional(lattice, volume, element)
                atoms.set_cell(atoms.cell @ voigt_6_to_full_3x3_strain(strain), scale_atoms=True)
                frames.append(_tag(atoms, "strained", f"{lattice} {_VOIGT[component]} {sign * amplitude:+g}"))
    return frames


# Wave vectors of fcc, in reciprocal vectors of the primitive cell, and the smallest supercells that hold a whole wave.
_WAVES = {
    "X": ((1 / 2, 1 / 2, 0), ((1, -1, 0), (0, 0, 1), (1, 1, -1))),
    "L": ((1 / 2, 1 / 2, 1 / 2), ((1, -1, 0), (0, 1, -1), (1, 1, 0))),
    "W": ((1 / 4, 1 / 2, 3 / 4), ((1, 1, -1), (0, 2, 0), (1, 0, 1))),
    "Delta": ((1 / 4, 1 / 4, 0), ((1, -1, 0), (0, 0, 1), (2, 2, -2))),
    "Lambda": ((1 / 4, 1 / 4, 1 / 4), ((1, -1, 0), (0, 1, -1), (2, 1, 1))),
    "Sigma": ((1 / 4, 1 / 4, 1 / 2), ((1, -1, 0), (1, 1, -1), (0, 0, 2))),
}


def frozen_phonons(a=COPPER_A, amplitudes=(0.1, 0.2), waves=tuple(_WAVES), element="Cu"):
    """Fcc displaced along a plane wave, longitudinal and transverse, in cells of 2 and 4 atoms.

    Parameters
    ----------
    amplitudes : largest displacement of an atom, angstrom.
    waves : points X, L and W of the zone's boundary; Delta, Lambda and Sigma, half way to X and L and two thirds to K.

    Atoms move by e cos(2 pi q.n + pi/4), e along the wave vector, and along two directions across it.
    """
    from ase.build import bulk, make_supercell

    frames, cell = [], bulk(element, "fcc", a=a)
    for amplitude in amplitudes:
        for name in waves:
            q, matrix = (np.array(part) for part in _WAVES[name])
            direction = q @ cell.cell.reciprocal()
            direction /= np.linalg.norm(direction)
            # across it: the axis that is most nearly so, made so, and what is normal to both
            across = np.eye(3)[np.argmin(abs(direction))]
            across = across - (across @ direction) * direction
            across /= np.linalg.norm(across)
            for kind, polarisation in (("L", direction), ("T1", across), ("T2", np.cross(direction, across))):
                atoms = make_supercell(cell, matrix)
                wave = np.cos(2 * np.pi * (cell.cell.scaled_positions(atoms.positions) @ q) + np.pi / 4)
                atoms.positions += amplitude * np.outer(wave / abs(wave).max(), polarisation)
                frames.append(_tag(atoms, "phonon", f"{name} {kind} {amplitude:g}"))
    return frames


def displaced_atom(a=COPPER_A, amplitudes=(0.1, 0.2), element="Cu"):
    """One atom moved along [001], [011] and [111] in the cubic cell of 4 and the doubled primitive cell of 8."""
    from ase.build import bulk

    frames = []
    for amplitude in amplitudes:
        for direction in ((0, 0, 1), (0, 1, 1), (1, 1, 1)):
            for crystal in (bulk(element, "fcc", a=a, cubic=True), bulk(element, "fcc", a=a).repeat(2)):
                crystal.positions[0] += amplitude * np.array(direction) / np.linalg.norm(direction)
                frames.append(_tag(crystal, "phonon", f"atom {''.join(map(str, direction))} {amplitude:g}"))
    return frames


def bain_path(ratios=(0.80, 0.9, 1.1, 1.2, 1.3, 1.55, 1.7), volumes=(11.9, 10.4, 13.6), element="Cu"):
    """One-atom tetragonal cells from bcc (c/a 1) through fcc (c/a 1.414) at given volumes (angstrom^3/atom)."""
    from ase import Atoms

    frames = []
    for volume in volumes:
        for ratio in ratios:
            a = (2 * volume / ratio) ** (1 / 3)
            cell = 0.5 * np.array([[-a, a, ratio * a], [a, -a, ratio * a], [a, a, -ratio * a]])
            frames.append(_tag(Atoms(element, cell=cell, pbc=True), "path", "bain"))
    return frames


def trigonal_path(angles=(50, 55, 66, 75, 83, 90, 98, 105), volume=11.9, element="Cu"):
    """One-atom rhombohedral cells by angle (degrees): fcc at 60, simple cubic at 90, bcc at 109.47."""
    from ase import Atoms
    from ase.geometry import cellpar_to_cell

    frames = []
    for angle in angles:
        cell = cellpar_to_cell([1, 1, 1, angle, angle, angle])
        cell = cell * (volume / abs(np.linalg.det(cell))) ** (1 / 3)
        frames.append(_tag(Atoms(element, cell=cell, pbc=True), "path", "trigonal"))
    return frames


def strained_and_rattled(
    lattices=("fcc", "bcc", "hcp"),
    count=10,
    strain=0.06,
    displacement=0.12,
    volumes=(8.5, 16.0),
    cubic=True,
    seed=0,
    element="Cu",
):
    """Cells of 1-4 atoms with a random strain and random displacements at random volumes.

    Parameters
    ----------
    count : frames per lattice.
    strain : standard deviation of the six strain components.
    displacement : standard deviation of each Cartesian displacement, angstrom; 0 gives family "strained", else
        "rattled".
    volumes : lowest and highest volume, angstrom^3/atom.
    cubic : use the conventional cell of fcc (4 atoms) and bcc (2 atoms).
    """
    from ase.build import bulk

    rng, frames = np.random.default_rng(seed), []
    for _ in range(count):
        for lattice in lattices:
            if cubic and lattice in ("fcc", "bcc"):
                atoms = bulk(element, lattice, a=1.0, cubic=True)
            else:
                atoms = primitive(lattice, 11.9, element)
            volume = rng.uniform(*volumes) * len(atoms)
            tensor = rng.normal(0, strain, (3, 3))
            cell = atoms.cell @ (np.eye(3) + 0.5 * (tensor + tensor.T))
            cell = cell * (volume / abs(np.linalg.det(cell))) ** (1 / 3)
            atoms.set_cell(cell, scale_atoms=True)
            if displacement:
                atoms.positions += rng.normal(0, displacement, (len(atoms), 3))
            frames.append(_tag(atoms, "rattled" if displacement else "strained", lattice))
    return frames


def stacking(sequence, a=COPPER_A, shift=0.0, spacing=1.0, element="Cu"):
    """Close-packed layers, one atom a layer, stacked as "ABC" says.

    Parameters
    ----------
    sequence : letters A, B, C; "AB" is hcp, "ABAC" dhcp, "ABABCBCAC" 9R.
    shift : displacement of the periodic repeat along the Shockley partial (a/6)<112>, in units of its length: between 0
        (no fault) and 1 (an intrinsic fault) it passes the unstable fault, one fault in every len(sequence) layers.
    spacing : factor on the distance between layers.
    """
    from ase import Atoms

    side, height = a / np.sqrt(2), spacing * a / np.sqrt(3)
    plane = side * np.array([[1, 0, 0], [0.5, np.sqrt(3) / 2, 0]])
    positions = [np.dot(_LAYERS[letter], plane) + [0, 0, height * layer] for layer, letter in enumerate(sequence)]
    partial = (plane[0] + plane[1]) / 3
    cell = [*plane, shift * partial + [0, 0, height * len(sequence)]]
    atoms = Atoms([element] * len(sequence), positions=positions, cell=cell, pbc=True)
    return _tag(atoms, "stacking", sequence if not shift else f"{sequence}+{shift:g}")


def fault_arrays(a=COPPER_A, layers=(3, 4, 5, 6), shifts=(1.0, 0.5, 0.25, 0.75), spacing=1.0, element="Cu"):
    """Fcc with one fault in every so many layers: intrinsic (shift 1), unstable (0.5) and on the way between.

    `spacing` is a factor on the distance between layers, all of them.
    """
    frames = []
    for shift in shifts:
        for count in layers:
            # the shift, in partials, with which so many layers repeat as a perfect crystal
            closing = (count + 1) % 3 - 1
            atoms = stacking(("ABC" * count)[:count], a, shift + closing, spacing, element)
            frames.append(_tag(atoms, "stacking", f"fault {shift:g} in {count} layers"))
    return frames


def polytypes(a=COPPER_A, spacings=(1.0, 0.97, 1.03), element="Cu"):
    """Close-packed polytypes of 2 to 7 layers at several distances between layers, twins and extrinsic faults too."""
    # with h a layer between two alike: ABCB is hchc, ABCABCB has one extrinsic fault (hch), ABCACB two twin boundaries
    sequences = ("AB", "ABC", "ABCB", "ABABC", "ABCACB", "ABABAC", "ABCABCB")
    return [stacking(sequence, a, spacing=spacing, element=element) for spacing in spacings for sequence in sequences]


def slabs(a=COPPER_A, layers=(1, 2, 3, 4), displacement=0.1, seed=0, element="Cu"):
    """1x1 slabs of (111), (100) and (110), as cut and rattled, periodic in the plane only; info kind is as fcc111."""
    from ase.build import fcc100, fcc110, fcc111

    rng, frames = np.random.default_rng(seed), []
    for count in layers:
        for face, build in (("111", fcc111), ("100", fcc100), ("110", fcc110)):
            atoms = build(element, (1, 1, count + (face == "110")), a=a, vacuum=VACUUM / 2, periodic=False)
            frames.append(_tag(atoms, "surface", f"fcc{face}"))
            if count > 1:
                atoms = atoms.copy()
                atoms.positions += rng.normal(0, displacement, atoms.positions.shape)
                frames.append(_tag(atoms, "surface", f"fcc{face}-rattled"))
    return frames


def point_defects(a=COPPER_A, count=6, displacement=0.08, seed=0, element="Cu"):
    """Vacancies (3 of 4 atoms, 7 of 8) and interstitials (5 atoms in the cell of 4) in small fcc cells, rattled,
    volumes varied.
    """
    from ase import Atom
    from ase.build import bulk

    rng, frames = np.random.default_rng(seed), []
    for index in range(count):
        scale = rng.uniform(0.97, 1.04)
        small = bulk(element, "fcc", a=a * scale, cubic=True)
        large = bulk(element, "fcc", a=a * scale).repeat(2)
        crowded = bulk(element, "fcc", a=a * rng.uniform(1.03, 1.12), cubic=True)
        site = np.array([0.5, 0.5, 0.5]) if index % 2 else np.array([0.25, 0.25, 0.25])
        crowded.append(Atom(element, site @ crowded.cell))
        del small[0], large[0]
        for atoms, kind in (
            (small, "vacancy"),
            (large, "vacancy"),
            (crowded, "octahedral" if index % 2 else "tetrahedral"),
        ):
            atoms.positions += rng.normal(0, displacement if index else 0.0, atoms.positions.shape)
            frames.append(_tag(atoms, "vacancy" if kind == "vacancy" else "interstitial", kind))
    return frames


def interstitials(a=COPPER_A, displacements=(0.0, 0.05), seed=0, element="Cu"):
    """Interstitials in two cubic cells of fcc, 9 atoms: (100) dumbbell, octahedral and tetrahedral, as built and
    rattled.
    """
    from ase import Atom
    from ase.build import bulk

    rng, frames = np.random.default_rng(seed), []
    for displacement in displacements:
        for kind, sites in (
            ("dumbbell", ((-0.3, 0.0, 0.0), (0.3, 0.0, 0.0))),
            ("octahedral", ((0.0, 0.0, 0.0), (0.5, 0.5, 0.5))),
            ("tetrahedral", ((0.0, 0.0, 0.0), (0.25, 0.25, 0.25))),
        ):
            crystal = bulk(element, "fcc", a=1.03 * a, cubic=True).repeat((2, 1, 1))
            crystal.positions[0] = np.multiply(sites[0], 1.03 * a)
            crystal.append(Atom(element, np.multiply(sites[1], 1.03 * a)))
            crystal.positions += rng.normal(0, displacement, crystal.positions.shape)
            frames.append(_tag(crystal, "interstitial", kind))
    return frames


def interleave(families):
    """Merge lists of frames evenly, so that a queue stopped anywhere holds every family in proportion to its length."""
    order = [
        ((index + 0.5) / len(frames), number, index)
        for number, frames in enumerate(families)
        for index in range(len(frames))
    ]
    return [families[number][index] for _, number, index in sorted(order)]


def free_atom(element="Cu", box=10.0):
    """One atom alone in a cube of `box` angstrom, from which cohesive energies are measured (in a cube of 7 angstrom
    copper is wrong by 60 meV).
    """
    from ase import Atoms

    atom = Atoms(element, cell=[box] * 3, pbc=False)
    atom.center()
    return _tag(atom, "isolated-atom", "atom")
