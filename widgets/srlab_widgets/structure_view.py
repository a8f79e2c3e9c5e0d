"""The atoms behind a property of a potential, in nglview: a vacancy, a dumbbell, a surface, a stacking fault."""

import html

import ipywidgets
import numpy as np

from srlab.validation import relaxed
from srlab.validation.scores import properties
from srlab.validation.structures import EXCESS, relaxed_structure

from .nglview_frontend import NEARER, import_nglview, in_theme, sized

COLOURS = ("#8c8c8c", "#3b528b", "#21918c", "#5ec962", "#fde725")
"""Grey for atoms as in the crystal, legible on white and on black, then viridis up to the most disturbed one."""
LEAST = 1e-3  # eV; what is less is no disturbance worth a colour
WIDE = 14.0  # angstrom that a slab is shown wide, at least


class StructureView(ipywidgets.VBox):
    """Relaxed atoms, coloured by the share of each in the energy of the defect.

    Parameters
    ----------
    potential : srlab.potentials.Potential
    name : str
        Property, one of `srlab.validation.structures.shown_properties`.
    found : ase.Atoms, optional
        What `srlab.validation.structures.relaxed_structure` gives for them, where that is known; else it is computed,
        which takes some seconds.

    Attributes
    ----------
    atoms : ase.Atoms
        As they are shown: slabs repeated, with their normal upwards.

    Raises
    ------
    InputError : the potential has no such crystal, or no such structure. MissingExtra : nglview is not installed.
    """

    def __init__(self, potential, name, found=None):
        nglview = import_nglview()
        if found is None:
            found = relaxed_structure(relaxed(potential), name)
        self.atoms = centred(found) if found.pbc.all() else upright(found)
        excess = self.atoms.arrays[EXCESS]
        top = max(LEAST, float(excess.max()))
        view = in_theme(nglview.show_ase(self.atoms))
        view.clear_representations()
        step = np.clip(len(COLOURS) * excess / top, 0, len(COLOURS) - 1).astype(int)
        for number, colour in enumerate(COLOURS):
            chosen = np.flatnonzero(step == number).tolist()
            if chosen:
                radius = 0.4 if number == 0 else 0.95  # one looks through the crystal at its defect
                view.add_representation("spacefill", selection=chosen, color=colour, radius=radius)
        if self.atoms.pbc.all():
            view.add_unitcell()
        view.camera = "orthographic"
        view.center()
        view.control.zoom(NEARER)
        sized(view, "100%", "340px")
        marks = "".join(f'<span style="color:{colour}">●</span>' for colour in COLOURS)
        label = html.escape(properties()[name]["label"])
        shares = f"share of an atom in its energy: 0 {marks} {1e3 * top:.0f} meV"
        if not step.any():
            shares = f"no atom is coloured: none has a share of {1e3 * LEAST:.0f} meV in its energy"
        said = f"<b>{html.escape(potential.name)}</b>: {label}, {len(found)} atoms, relaxed · {shares}"
        super().__init__([ipywidgets.HTML(said), view], layout={"min_height": "370px"})


def centred(atoms):
    """A periodic cell, moved so that its defect, the centre of the excess energies, is in its middle."""
    weights = np.clip(atoms.arrays[EXCESS], 0.0, None)
    around = weights @ np.exp(2j * np.pi * atoms.get_scaled_positions())  # a mean of what is periodic
    shown = atoms.copy()
    shown.set_scaled_positions(shown.get_scaled_positions() + 0.5 - np.angle(around) / (2.0 * np.pi))
    shown.wrap()
    return shown


def upright(atoms):
    """A slab repeated until it is `WIDE`, and turned so that its normal points upwards: nglview looks along z. It loses
    its cell, by which nglview would turn it back."""
    times = [max(1, int(np.ceil(WIDE / length))) if length else 1 for length in atoms.cell.lengths()[:2]]
    shown = atoms.repeat((*times, 1))
    turn = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], float)  # x, z and y to the right, up and away
    shown.set_cell(None)
    shown.pbc = False
    shown.positions = shown.positions @ turn
    return shown
