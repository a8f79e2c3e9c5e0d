"""What the learning loop tells while a stage is under way, in two files of each round, one JSON object a line.

round-K/levels.jsonl : a line where a sampling run begins ("begin": sampler, member, atoms, levels) and one for each of
its levels ("level": index, ceiling and lowest in eV/atom, structures). A run that was cut short begins anew, with a
line of its own. round-K/parity.jsonl : a line for each label ("label": key, atoms; energy and model in eV/atom,
relative to isolated atoms; forces and model_forces, 3 n components in eV/angstrom; extreme: whether it is left out of
the fit; cpu in seconds). The model is the form with the lowest loss of the round before, which has not seen the label.

Nothing here is needed to go on with a loop: these files are for the eye.
"""

import math
from pathlib import Path

import numpy as np

from srlab.errors import InputError
from srlab.potentials.residuals import labels_of, residuals
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.sampling.labelfile import label_key

LEVELS, PARITY = "levels.jsonl", "parity.jsonl"
COLUMNS = {
    "round": "round",
    "train": "train",
    "labelled": "labelled",
    "failed": "failed",
    "nodes": "complexity",
    "energy": "test_energy_mae",
    "force": "test_force_mae",
    "near E": "test_near_energy_mae",
    "near F": "test_near_force_mae",
    "far E": "test_far_energy_mae",
    "far F": "test_far_force_mae",
    "new E": "new_energy_mae",
    "new F": "new_force_mae",
}
"""Title -> key of what a table of rounds shows; errors in meV/atom and meV/A, "new" on labels of the round that the
form had not seen."""


class LevelLog:
    """Writes levels.jsonl of a round."""

    def __init__(self, folder):
        self._writer = JournalWriter(Path(folder) / LEVELS)

    def begin(self, sampler, member, atoms, levels):
        """A sampling run begins: number `sampler`, on the candidate `member`, with cells of `atoms` atoms and at
        most `levels` levels."""
        self._writer.append(dict(event="begin", sampler=sampler, member=member, atoms=atoms, levels=levels))

    def level(self, level):
        """One `srlab.sampling.Level`."""
        self._writer.append(
            dict(
                event="level",
                index=level.index,
                ceiling=_number(level.ceiling),
                lowest=_number(level.lowest),
                structures=[structure(atoms) for atoms in level.samples],
            )
        )

    def close(self):
        self._writer.close()


def structure(atoms):
    """A structure as JSON: symbols, cell (3, 3) and positions (n, 3) in angstrom, energy in eV/atom where the
    sampler said one."""
    return dict(
        symbols=str(atoms.symbols),
        cell=np.round(np.asarray(atoms.cell), 3).tolist(),
        positions=np.round(atoms.positions, 3).tolist(),
        energy=atoms.info.get("surrogate_energy"),
    )


class ParityLog:
    """Writes parity.jsonl of a round: labels beside what a potential says of them.

    potential : has not seen the labels. isolated_atom_energy : eV. is_extreme : function of a frame, whether the fit
    leaves it out.
    """

    def __init__(self, folder, potential, isolated_atom_energy, is_extreme):
        self.path = Path(folder) / PARITY
        self._known = {line.get("key") for line in JournalReader(self.path).read()}
        self._potential, self._isolated, self._is_extreme = potential, isolated_atom_energy, is_extreme
        self._writer = JournalWriter(self.path)

    def add(self, *frames):
        """Labelled frames; those that are there already are passed over, as after a kill."""
        for frame in frames:
            if label_key(frame) not in self._known:
                self._known.add(label_key(frame))
                self._writer.append(parity_line(self._potential, frame, self._isolated, self._is_extreme(frame)))

    def close(self):
        self._writer.close()


def parity_line(potential, frame, isolated_atom_energy, extreme):
    """The line of one labelled frame."""
    energy, forces = labels_of(frame, 0)
    try:
        found = residuals(potential, [frame], isolated_atom_energy)
        model, model_forces = _number(found.energies[0]), [_number(value) for value in np.ravel(found.forces[0])]
    except InputError:  # a form with no finite energy there: the label stands, and it is not for the eye to end a loop
        model, model_forces = None, None
    return dict(
        event="label",
        key=label_key(frame),
        atoms=len(frame),
        energy=_number(energy / len(frame) - isolated_atom_energy),
        model=model,
        forces=[_number(value) for value in np.ravel(forces)],
        model_forces=model_forces,
        extreme=bool(extreme),
        cpu=float(frame.info.get("dft_cpu", 0.0)),
    )


def _number(value):
    """Four decimals; None where a form has no value there."""
    return round(float(value), 4) if math.isfinite(value) else None
