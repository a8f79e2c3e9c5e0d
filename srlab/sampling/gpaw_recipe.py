"""The GPAW settings of the project's copper labels, in one place: every label is made with them, or says otherwise.

PBE, plane waves to 500 eV, Gamma-centred k points, Fermi-Dirac occupations of 0.1 eV width. Cutoffs are never mixed:
absolute energies move by 0.1-0.2 eV between 350 and 500 eV. K points are 0.18 1/angstrom apart, and 0.14 where a
meV/atom decides: in cells of one and two atoms, whose errors do not average out, and in the families that elasticity,
phase order and stacking are read from (`FINE_FAMILIES`). Left at these settings are 0.5 meV/atom and 1.2
meV/angstrom from the k points (measured by tests/benchmarks/label_noise.py), 2.4 meV/angstrom from the cutoff, 0.1 GPa
in pressure after the Pulay correction. Other elements may need denser points where a meV decides (`_FINE`).

The first labels had 0.30 1/angstrom everywhere and a Pulay pressure calibrated on them, `GpawRecipe(kspacing=0.30,
fine=0.30, pulay=-0.7)`: up to 10 meV/atom between two cells of one crystal, and 0.9 GPa of tension too much.
"""

import math
import os
from dataclasses import dataclass

import numpy as np

from srlab.errors import MissingExtra
from srlab.workers.process import is_own

GPA = 160.21766208  # GPa in one eV/angstrom^3
_PULAY = {"Cu": -1.6}  # GPa at the default cutoff, by element, where it was calibrated on an equation of state
# 1/angstrom, where a meV decides; of other elements 0.14, as of copper. At 0.14 strained crystals of aluminium had C11,
# C12, C44 of 86, 74, 25 GPa, at 0.09 110, 64, 35 (experiment 114, 62, 32).
_FINE = {"Al": 0.09}
FINE_FAMILIES = ("eos", "path", "stacking", "strained")  # info family of the frames that get the finer k points
FINE_ATOMS = 2  # cells of as many atoms or fewer get them, too
_PULAY_VOLUME = 11.8  # angstrom^3/atom at which the Pulay pressure was calibrated (fcc copper)
# Bands above those that the electrons fill on average: so many at least, and so many an atom. They are doubled while
# the highest is occupied at any k point (electrons per state).
# A fifth of the filled ones, as this recipe had at first, is plenty for copper with its eleven electrons; aluminium,
# with three, was up to 25 meV/atom too high, and took twice the iterations.
_EMPTY, _EMPTY_PER_ATOM, _OCCUPIED = 6, 1.2, 1e-4
# eV^2 per electron to which eigenstates converge, without and with `_decisive`. Of those to 1e-9, melts are 0.001
# meV/atom and 1 meV/angstrom off at 1e-5, in four fifths of the time that 1e-6 takes; stresses of a stacking of three
# atoms 0.09 GPa at 1e-5, 0.01 GPa at 1e-6.
_EIGENSTATES = (1e-5, 1e-6)
# Tried in this order until the density converges: (beta, history, weight of long wavelengths).
_MIXERS = ((0.4, 8, 1.0), (0.1, 8, 20.0), (0.03, 5, 50.0))
_SYMMETRIC = 1e-5  # angstrom within which an operation takes a structure to itself
# An axis so many times longer than the others keeps its own number of grid points: with an operation that mixes it with
# a shorter one, as in an array of stacking faults, FFTs are (35, 35, 35) instead of (14, 14, 35), an hour a label
# instead of ten minutes.
_LONG = 1.5
_BUILD_HINT = (
    "label structures with DFT (GPAW builds from source: apt-get install libxc-dev libopenblas-dev libfftw3-dev, "
    "then CC=g++ CXX=g++ in the environment, since its sources are C++)"
)


@dataclass(frozen=True)
class GpawRecipe:
    """Plane-wave PBE labels with GPAW.

    Attributes
    ----------
    cutoff : plane-wave cutoff, eV.
    kspacing : largest distance between k points, 1/angstrom, 2 pi included.
    fine : the same, for cells of one and two atoms and for frames whose info family is one of `FINE_FAMILIES`.
    width : width of the Fermi-Dirac occupations, eV.
    pulay : isotropic correction added to the diagonal of the stress at 11.8 angstrom^3/atom, GPa; scaled with the
        density elsewhere. It belongs to the cutoff and to the element: -1.6 at 500 eV, calibrated on
        the equations of state of fcc, hcp and bcc copper (:func:`srlab.datasets.label_quality.stress_offset`).
    """

    cutoff: float = 500.0
    kspacing: float = 0.18
    fine: float = 0.14
    width: float = 0.1
    pulay: float = _PULAY["Cu"]

    @classmethod
    def of(cls, elements):
        """The recipe for structures of these elements: stresses are corrected where that was calibrated, for copper,
        and plain otherwise; the finer k points are those of the element that needs the finest.
        """
        return cls(
            fine=min((_FINE.get(element, cls.fine) for element in elements), default=cls.fine),
            pulay=_PULAY.get(*elements, 0.0) if len(elements) == 1 else 0.0,
        )

    @property
    def settings(self):
        """One line that names code, version and every setting that moves an energy; the same for every frame of a data
        set.
        """
        finer = f" ({self.fine:g} up to {FINE_ATOMS} atoms and in {', '.join(FINE_FAMILIES)})"
        return (
            f"GPAW {_gpaw().__version__} PBE PW({self.cutoff:g}) kspacing {self.kspacing:g}"
            f"{finer if self.fine != self.kspacing else ''} fermi-dirac {self.width:g} pulay {self.pulay:g} GPa"
        )

    def spacing(self, atoms):
        """Largest distance between the k points of this structure, 1/angstrom: `fine` or `kspacing`."""
        return self.fine if _decisive(atoms) else self.kspacing

    def kpoints(self, atoms):
        """Gamma-centred grid that the spacing asks for, three integers; one point along a vacuum direction.
        :func:`sampling` may take more.
        """
        heights = 1.0 / np.linalg.norm(atoms.cell.reciprocal(), axis=1)
        counts = np.ceil(2 * np.pi / heights / self.spacing(atoms) - 1e-6).astype(int)
        return [max(1, int(count)) if periodic else 1 for count, periodic in zip(counts, atoms.pbc)]

    def compute(self, atoms, spin=None, kept=None):
        """Self-consistent energy, forces and stress of one structure.

        Parameters
        ----------
        atoms : ase.Atoms with a cell in all three directions.
        spin : let the density be spin-polarised, started from Hund's rule; by default for a single atom that is
            periodic in no direction.
        kept : dict that is handed from call to call, in which the last GPAW calculator stays: the next step of a
            relaxation (the same cell, atoms and symmetry, a little moved) then starts from its wave functions instead
            of from atoms.

        Returns
        -------
        results : dict with energy and free_energy (eV, both the free energy, which is what the forces are the gradient
            of), forces (n, 3) eV/angstrom, stress (6,) eV/angstrom^3 with ASE's sign and order, or None for a molecule.
        info : dict with energy_0K (eV, extrapolated to zero width), dft_kspacing (1/angstrom, what was asked for),
            dft_kpts (the grid), dft_bands, dft_iter, dft_beta.

        Raises
        ------
        MissingExtra : GPAW is not installed.
        gpaw.KohnShamConvergenceError : no mixer brought the density to convergence.
        """
        gpaw = _gpaw()
        failure = None
        spin = len(atoms) == 1 and not atoms.pbc.any() if spin is None else spin
        periodic = atoms.copy()
        periodic.pbc = True  # plane waves are; a vacuum direction has one k point instead
        symmetry, kpts = sampling(periodic, self.kpoints(atoms))
        kept = {} if kept is None else kept
        operations = symmetry["rotations"].tobytes() + symmetry["translations"].tobytes()
        same = (atoms.cell.array.tobytes(), atoms.numbers.tobytes(), operations, spin)
        last = kept.pop("calculator", None) if kept.get("of") == same else None
        empty = max(_EMPTY, math.ceil(_EMPTY_PER_ATOM * len(atoms)))
        eigenstates = _EIGENSTATES[_decisive(atoms)]
        # charge sloshes in a slab: damping long waves first halves its iterations, while bulk cells converge soonest
        # without
        for mixer in _MIXERS if atoms.pbc.all() else (_MIXERS[1], _MIXERS[0], _MIXERS[2]):
            work = periodic.copy()
            work.calc = last or self._calculator(gpaw, work, kpts, symmetry, spin, empty, mixer, eigenstates)
            last = None
            try:
                free = float(work.calc.get_potential_energy(work, force_consistent=True))
                while _highest_occupation(work.calc) > _OCCUPIED:
                    empty *= 2
                    work.calc = self._calculator(gpaw, work, kpts, symmetry, spin, empty, mixer, eigenstates)
                    free = float(work.calc.get_potential_energy(work, force_consistent=True))
            except gpaw.KohnShamConvergenceError as error:
                failure = error
                continue
            zero = float(work.calc.get_potential_energy(work, force_consistent=False))
            stress = None
            if atoms.pbc.any():
                stress = np.array(work.get_stress(apply_constraint=False))
                stress[:3] += self.pulay / GPA * _PULAY_VOLUME * len(atoms) / atoms.get_volume()
            results = dict(energy=free, free_energy=free, forces=work.get_forces(apply_constraint=False), stress=stress)
            kept.update(of=same, calculator=work.calc)
            return results, dict(
                energy_0K=round(zero, 6),
                dft_kspacing=self.spacing(atoms),
                dft_kpts=" ".join(map(str, kpts)),
                dft_bands=int(work.calc.get_number_of_bands()),
                dft_iter=int(work.calc.get_number_of_iterations()),
                dft_beta=mixer[0],
            )
        raise gpaw.KohnShamConvergenceError(
            f"the density did not converge with any of {len(_MIXERS)} mixers, each in 100 iterations: leave the "
            f"structure out, or label it with a calculator of your own"
        ) from failure

    def _calculator(self, gpaw, atoms, kpts, symmetry, spin, empty, mixer, eigenstates):
        """A GPAW calculator; mixer is one of `_MIXERS`, eigenstates one of `_EIGENSTATES`."""
        return gpaw.GPAW(
            mode=gpaw.PW(self.cutoff),
            xc="PBE",
            kpts={"size": kpts, "gamma": True},
            occupations={"name": "fermi-dirac", "width": self.width},
            hund=spin,
            txt=None,
            mixer=(gpaw.MixerDif if spin else gpaw.Mixer)(*mixer),
            maxiter=100,
            symmetry=symmetry,
            eigensolver={"name": "davidson", "niter": 1},  # 2 gives the same energy to 1e-6 eV, in a third more time
            nbands=-empty,
            convergence={"energy": 1e-5, "density": 1e-4, "eigenstates": eigenstates, "forces": 5e-3},
        )


def _decisive(atoms):
    """True of a structure whose energy and stress elasticity, phase order or stacking are read from."""
    return len(atoms) <= FINE_ATOMS or atoms.info.get("family") in FINE_FAMILIES


def _highest_occupation(calculator):
    """Largest occupation, 0 to 1, that any k point and spin has in its highest band."""
    points, spins = len(calculator.get_ibz_k_points()), range(calculator.get_number_of_spins())
    return max(calculator.get_occupation_numbers(k, spin, raw=True)[-1] for k in range(points) for spin in spins)


def sampling(atoms, counts):
    """Symmetry operations that GPAW is told to use, and a k-point grid that has them: the pair with the fewest k points
    left over.

    GPAW's own search asks for a lattice that is symmetric to 1e-7 of a Bohr radius, which cells of eight digits, as
    files hold them, are not: a trigonal cell of one atom had 4004 k points left instead of 781. And an operation that
    takes one axis to another, or to itself plus another, is only one of a grid with equal counts along both: 2893
    points left of 25 x 21 x 21 in a body-centred tetragonal cell, 1183 of 25 x 25 x 25.

    Parameters
    ----------
    atoms : ase.Atoms, periodic in all directions.
    counts : three integers, the k points along each axis that the spacing asks for.

    Returns
    -------
    symmetry : dict of rotations (n, 3, 3), translations (n, 3), atommaps (n, atoms) and a tolerance, as GPAW takes
        them: scaled positions s go to s @ rotation + translation.
    counts : list of three integers, none smaller than was given.
    """
    rotations, translations, atommaps = _operations(atoms)
    lengths = atoms.cell.lengths()
    axis = int(np.argmax(lengths))
    if lengths[axis] >= _LONG * np.delete(lengths, axis).max():
        kept = ~_mixes(rotations)[:, axis].any(axis=1)
        rotations, translations, atommaps = rotations[kept], translations[kept], atommaps[kept]
    plain, merged = np.array(counts), _merged(counts, rotations)
    # those operations that the grid has as it is
    kept = ~(_mixes(rotations) & (plain[:, None] != plain)).any(axis=(1, 2))
    if plain.prod() / kept.sum() < merged.prod() / len(rotations):
        rotations, translations, atommaps, merged = rotations[kept], translations[kept], atommaps[kept], plain
    symmetry = {
        "rotations": rotations,
        "translations": translations,
        "atommaps": atommaps,
        "tolerance": 10 * _SYMMETRIC,  # of atoms that move in a relaxation
    }
    return symmetry, [int(count) for count in merged]


def _mixes(rotations):
    """(n, 3, 3) booleans: the operation takes some of one of the two axes to the other."""
    mixed = (rotations != 0) & ~np.eye(3, dtype=bool)
    return mixed | mixed.transpose(0, 2, 1)


def _merged(counts, rotations):
    """The smallest counts that are equal along all axes that the operations mix, none below those given."""
    linked = _mixes(rotations).any(axis=0) | np.eye(3, dtype=bool)
    merged = np.array(counts)
    for _ in range(2):  # two steps from any axis to any other
        merged = np.where(linked, merged, 0).max(axis=1)
    return merged


def _operations(atoms):
    """Rotations, translations and atom maps of a structure, in GPAW's convention; the identity alone at worst.

    Of the operations that differ by a translation of the lattice (in a cell that is not primitive) the one with no
    translation is taken, and else none, for what is left must be a group. Translations are read as twelfths: GPAW
    wants a group to 1e-10, positions in a file have eight digits.
    """
    import spglib

    scaled = atoms.get_scaled_positions()
    found = spglib.get_symmetry((atoms.cell.array, scaled, atoms.numbers), symprec=_SYMMETRIC)
    if found is None:
        found = {"rotations": np.eye(3, dtype=int)[None], "translations": np.zeros((1, 3))}
    primitive = len(found["rotations"]) == len({rotation.tobytes() for rotation in found["rotations"]})
    kept = []
    for rotation, translation in zip(found["rotations"], found["translations"]):
        twelfths = np.round(12 * translation) / 12 % 1
        off = translation - twelfths
        if abs(off - off.round()) @ atoms.cell.lengths() > 10 * _SYMMETRIC or (twelfths.any() and not primitive):
            continue
        moved = scaled @ rotation.T + twelfths
        away = moved[:, None] - scaled
        atommap = np.linalg.norm((away - away.round()) @ atoms.cell.array, axis=2).argmin(axis=1)
        kept.append((rotation.T, twelfths, atommap))
    return tuple(np.array(part) for part in zip(*kept))


def _gpaw():
    """The gpaw module, in a process of ours with one thread; MissingExtra when it or spglib is not installed."""
    if is_own():
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    try:
        import gpaw
        import spglib  # noqa: F401  of `_operations`
    except ImportError:
        raise MissingExtra("GPAW", "dft", _BUILD_HINT) from None
    return gpaw
