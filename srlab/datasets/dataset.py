"""`Dataset`: labelled frames of one element with a reproducible split and a fingerprint."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from srlab.datasets.checks import check_one_element
from srlab.datasets.reader import family_of, is_isolated_atom, screen
from srlab.datasets.splits import split_indices
from srlab.datasets.weights import check_weights
from srlab.errors import InputError

NEAR = 0.1  # eV/atom above the lowest frame: what counts as near equilibrium


@dataclass(frozen=True)
class Dataset:
    """Frames a potential is fitted to and tested on.

    Attributes
    ----------
    name : str
        Bundled name or file.
    frames : list of ase.Atoms
        Each with a calculator holding energy (eV, as the reference code gave it), forces (eV/angstrom) and, where
        known, stress (eV/angstrom^3).
    train_indices, test_indices : ndarray of int
        Ascending indices into `frames`.
    element : str
        Chemical symbol; one element only.
    isolated_atom_energy : float
        eV, the energy of the free atom at the same settings; 0.0 when the data do not say.
    has_isolated_atom : bool
        Whether they say. Without it energies have no physical zero, and cohesive energies mean nothing.
    fingerprint : str
        16 hexadecimal digits over positions, cells, boundary conditions, species, energies and forces of all frames.
    families : list of str
        For each frame, the part of the data set it belongs to.
    dropped : tuple of int
        Indices, in the source, of frames left out by `min_distance`.
    notes : tuple of str
        Sentences on what was found under other names, and what was left out or is not used.
    """

    name: str
    frames: list = field(repr=False)
    train_indices: np.ndarray = field(repr=False)
    test_indices: np.ndarray = field(repr=False)
    element: str = "Cu"
    isolated_atom_energy: float = 0.0
    fingerprint: str = ""
    families: list = field(default_factory=list, repr=False)
    dropped: tuple = ()
    has_isolated_atom: bool = False
    notes: tuple = ()

    @classmethod
    def from_frames(
        cls,
        frames,
        name="frames",
        split="stratified",
        seed=0,
        min_distance=None,
        isolated_atom_energy=None,
        energy_key=None,
        forces_key=None,
        places=None,
    ):
        """Check frames and split them.

        A free atom (:func:`srlab.datasets.reader.is_isolated_atom`) is not a frame to fit: it sets
        `isolated_atom_energy`, unless that is given. The last one counts, those that are called so before those that
        are merely alone.

        Parameters
        ----------
        frames : list of ase.Atoms
            With labels, in eV and eV/angstrom.
        name : str
            Of the data set.
        split, seed
            See :func:`srlab.datasets.splits.split_indices`.
        min_distance, energy_key, forces_key, places
            See :func:`srlab.datasets.reader.screen`.
        isolated_atom_energy : float, optional
            eV.

        Returns
        -------
        Dataset

        Raises
        ------
        InputError
            As :func:`srlab.datasets.reader.screen`; for several elements, or an unknown split.
        """
        frames, dropped, notes = screen(list(frames), name, min_distance, energy_key, forces_key, places)
        check_weights(frames, name)
        element = check_one_element(frames, name)
        atoms = sorted(
            (frame for frame in frames if is_isolated_atom(frame)), key=lambda frame: family_of(frame) != "all"
        )
        known = bool(atoms) or isolated_atom_energy is not None
        if isolated_atom_energy is None:
            isolated_atom_energy = _label(atoms[-1]) if atoms else 0.0
        frames = [frame for frame in frames if not is_isolated_atom(frame)]
        if not frames:
            raise InputError(f"{name} holds isolated atoms only: add frames to fit to")
        energies = [_label(frame) / len(frame) for frame in frames]
        train, test = split_indices(energies, split, seed)
        return cls(
            name=str(name),
            frames=frames,
            train_indices=train,
            test_indices=test,
            element=element,
            isolated_atom_energy=float(isolated_atom_energy),
            fingerprint=fingerprint(frames),
            families=[family_of(frame) for frame in frames],
            dropped=tuple(dropped),
            has_isolated_atom=known,
            notes=tuple(notes),
        )

    def __repr__(self):
        frames = f"{len(self.train_indices)} training and {len(self.test_indices)} test frames"
        return f"<data set {self.name} of {self.element}: {frames}, {self.n_atoms} atoms>"

    @property
    def train(self):
        """Frames to fit to."""
        return [self.frames[index] for index in self.train_indices]

    @property
    def test(self):
        """Frames kept back: no search ever sees them."""
        return [self.frames[index] for index in self.test_indices]

    @property
    def n_atoms(self):
        """Number of atoms in all frames."""
        return sum(len(frame) for frame in self.frames)

    def energies(self, frames=None):
        """Energies relative to isolated atoms.

        Parameters
        ----------
        frames : list of ase.Atoms, optional
            By default all.

        Returns
        -------
        ndarray, (n,)
            eV.
        """
        frames = self.frames if frames is None else frames
        return np.array([_label(frame) - len(frame) * self.isolated_atom_energy for frame in frames])

    def near_equilibrium(self, frames=None, window=NEAR):
        """Which frames are near the lowest of the whole data set; the others are far from equilibrium.

        Parameters
        ----------
        frames : list of ase.Atoms, optional
            By default all.
        window : float
            eV/atom.

        Returns
        -------
        ndarray of bool, (n,)
        """
        frames = self.frames if frames is None else frames
        lowest = min(_label(frame) / len(frame) for frame in self.frames)
        return np.array([_label(frame) / len(frame) < lowest + window for frame in frames], dtype=bool)

    def save(self, path, overwrite=False):
        """Write all frames as extended XYZ, and the isolated atom where its energy is known.

        `load_dataset(path)` reads them back.

        Raises
        ------
        InputError
            If the file exists and `overwrite` is not set.
        """
        from ase.io import write

        path = Path(path)
        if path.exists() and not overwrite:
            raise InputError(f"{path} exists already: choose another name, or pass overwrite=True")
        write(path, self._isolated() + self.frames, format="extxyz")

    def _isolated(self):
        if not self.has_isolated_atom:
            return []
        from ase import Atoms
        from ase.calculators.singlepoint import SinglePointCalculator

        atom = Atoms(self.element, cell=[10.0] * 3, pbc=False, info=dict(family="isolated-atom"))
        atom.calc = SinglePointCalculator(atom, energy=self.isolated_atom_energy, forces=np.zeros((1, 3)))
        return [atom]


def _label(frame):
    """Energy (eV) that a screened frame is labelled with.

    `get_potential_energy` compares the frame with the one that was labelled each time, which for all frames takes
    longer than a block of candidates.
    """
    return frame.calc.results["energy"]


def fingerprint(frames):
    """Hash everything a fit depends on: 16 hexadecimal digits of a SHA-256.

    Numbers are rounded to 8 decimals in their unit, the way extended XYZ does that keeps so many, so a data set written
    and read again keeps its fingerprint, whatever digits it came with. Weights and errors of energies count where there
    are any.
    """
    digest = hashlib.sha256()
    for frame in frames:
        digest.update(np.asarray(frame.numbers, dtype="<i4").tobytes() + np.asarray(frame.pbc, dtype="u1").tobytes())
        results = frame.calc.results
        given = [[frame.info[key]] for key in ("weight", "energy_sigma") if key in frame.info]
        for block in (np.asarray(frame.cell), frame.positions, results["energy"], results["forces"], *given):
            digest.update(_as_written(block).tobytes())
    return digest.hexdigest()[:16]


def _as_written(block):
    """Numbers rounded to 8 decimals as printing them rounds.

    + 0.0 turns the negative zeros a reader may make into plain ones.
    """
    block = np.atleast_1d(np.asarray(block, dtype="<f8"))
    rounded = np.round(block, 8)
    # numpy rounds the product with 1e8, printing the number itself: they part where the ninth decimal is a five and no
    # more follow
    doubtful = np.abs(np.abs(block - rounded) - 5e-9) < 1e-9
    if doubtful.any():
        rounded[doubtful] = [float(f"{value:.8f}") for value in block[doubtful]]
    return rounded + 0.0
