"""What a potential says of labelled frames, beside the labels: the numbers behind errors and parity plots."""

from dataclasses import dataclass

import numpy as np

from srlab.errors import InputError
from srlab.potentials.calculator import energies_forces_virial


@dataclass(frozen=True)
class Residuals:
    """Labels and predictions of n frames.

    Attributes
    ----------
    labels, energies : (n,) eV/atom
        Energies from the data and from the potential, both relative to isolated atoms, the potential's with `offset`
        taken off.
    label_forces, forces : lists of (n_atoms, 3), eV/A
    offset : float
        eV/atom, taken off the potential's energies; 0 unless it was fitted.
    """

    labels: np.ndarray
    energies: np.ndarray
    label_forces: list
    forces: list
    offset: float

    def __len__(self):
        return len(self.labels)

    @property
    def force_errors(self):
        """Mean absolute error of the force components of each frame, (n,) eV/A."""
        return np.array([np.abs(own - label).mean() for own, label in zip(self.forces, self.label_forces)])

    def errors(self, chosen=None):
        """Errors over all frames, or over those for which `chosen` (n,) is true.

        Returns a dict: energy_mae, energy_rmse (meV/atom, over frames), force_mae, force_rmse (meV/A, over components),
        n_frames, n_atoms; the errors are None where no frame is chosen.
        """
        chosen = np.arange(len(self)) if chosen is None else np.flatnonzero(chosen)
        energy = (self.energies - self.labels)[chosen]
        force = (
            np.concatenate([(self.forces[k] - self.label_forces[k]).ravel() for k in chosen])
            if len(chosen)
            else np.array([])
        )

        def mean(values):
            return 1e3 * float(np.abs(values).mean()) if len(values) else None

        def root(values):
            return 1e3 * float(np.sqrt((values**2).mean())) if len(values) else None

        return {
            "energy_mae": mean(energy),
            "energy_rmse": root(energy),
            "force_mae": mean(force),
            "force_rmse": root(force),
            "n_frames": len(chosen),
            "n_atoms": sum(len(self.forces[k]) for k in chosen),
        }


def residuals(potential, frames, isolated_atom_energy=0.0, fit_offset=False, progress=None):
    """Predictions of a potential for labelled frames.

    Parameters
    ----------
    potential : Potential
    frames : list of ase.Atoms, labelled with energies (eV) and forces (eV/A)
    isolated_atom_energy : float
        eV; taken off the labels, once per atom.
    fit_offset : bool
        Take the median energy difference per atom off the predictions, for data of another code.
    progress : callable, optional
        Called with (frames done, frames in all) after each frame.

    Returns
    -------
    Residuals

    Raises
    ------
    InputError
        If there are no frames, or a frame has no labels, another element, overlapping atoms or no finite energy; the
        frame is named.
    """
    if not len(frames):
        raise InputError("there are no frames to evaluate on: give a data set with at least one labelled frame")
    labels, energies, label_forces, own_forces = [], [], [], []
    for k, atoms in enumerate(frames):
        try:
            own, forces, _ = energies_forces_virial(potential, atoms)
        except InputError as error:
            raise InputError(f"frame {k}: {error}") from error
        energy, label = labels_of(atoms, k)
        labels.append(energy / len(atoms) - isolated_atom_energy)
        energies.append(own.sum() / len(atoms))
        label_forces.append(label)
        own_forces.append(forces)
        if progress is not None:
            progress(k + 1, len(frames))
    labels, energies = np.array(labels), np.array(energies)
    offset = float(np.median(energies - labels)) if fit_offset else 0.0
    return Residuals(labels, energies - offset, label_forces, own_forces, offset)


def labels_of(atoms, frame):
    """Energy (eV) and forces (n, 3) eV/A stored with a frame; an `InputError` names the frame if they are missing or
    not finite."""
    results = getattr(atoms.calc, "results", {})
    energy, forces = results.get("energy"), results.get("forces")
    if energy is None or forces is None:
        raise InputError(
            f"frame {frame} has no {'energy' if energy is None else 'forces'}: only labelled frames can be evaluated"
        )
    if not (np.isfinite(energy) and np.isfinite(forces).all()):
        raise InputError(f"frame {frame} has an energy or a force that is not finite: remove it")
    return float(energy), np.asarray(forces, float)
