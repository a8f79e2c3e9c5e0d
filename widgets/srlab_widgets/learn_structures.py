"""Structures of a learning loop in nglview: the walkers as the ceiling falls, and what was chosen for labelling."""

import ipywidgets
from ase import Atoms

from .nglview_frontend import import_nglview, in_theme, sized

ATOMS_SHOWN = 60  # a periodic cell is repeated to about so many atoms
COLOUR = "#c77f3a"
SIZE = ["340px", "250px"]


class Structures(ipywidgets.Box):
    """A list of sets of structures, a slider through the chosen set, and one nglview widget that shows a structure.

    While `follow` is ticked, the newest set and its newest structure are shown as they come.

    Raises MissingExtra where nglview is not installed.
    """

    def __init__(self):
        self._nglview, self._sets, self._shown = import_nglview(), {}, None
        self.sets = ipywidgets.Dropdown(description="structures", layout={"width": "330px"})
        self.slider = ipywidgets.IntSlider(0, 0, 0, description="number", readout=False, layout={"width": "330px"})
        self.follow = ipywidgets.Checkbox(
            True, description="follow the newest", indent=False, layout={"width": "330px", "margin": "0 0 0 90px"}
        )
        self.said = ipywidgets.HTML("Structures come with the first sampling.", layout={"margin": "0 0 0 12px"})
        self.atoms = None
        side = ipywidgets.VBox([self.sets, self.slider, self.follow, self.said], layout={"flex": "0 1 350px"})
        self._place = ipywidgets.Box(layout={"flex": "0 1 350px", "width": "350px", "height": "10px"})
        super().__init__([side, self._place], layout={"display": "flex", "flex_flow": "row wrap"})
        self.sets.observe(self._set_chosen, "value")
        self.slider.observe(lambda change: self._draw(), "value")

    def show(self, view):
        """Take what is new in a `srlab.learning.LoopView`."""
        self._sets = {
            f"walkers of {run['member']}, {run['atoms']} atoms": run["structures"]
            for run in view.sampling
            if run["structures"]
        }
        newest = list(self._sets)[-1] if self._sets else None
        for number, chosen in sorted(view.chosen.items(), reverse=True):
            if chosen:
                self._sets[f"chosen in round {number}"] = chosen
        if tuple(self._sets) != tuple(self.sets.options):
            kept = self.sets.value
            self.sets.options = tuple(self._sets)
            if kept in self._sets and not self.follow.value:
                self.sets.value = kept
        if self.follow.value and newest:
            self.sets.value = newest
        if self.sets.value is not None:
            self._range()

    def _set_chosen(self, change):
        if change["new"] is not None:
            self._range()

    def _range(self):
        """The slider spans the chosen set; at its end while following."""
        some = self._sets[self.sets.value]
        self.slider.max = len(some) - 1
        if self.follow.value:
            self.slider.value = self.slider.max
        self._draw()

    def _draw(self):
        some = self._sets.get(self.sets.value)
        if not some:
            return
        index = min(self.slider.value, len(some) - 1)
        described = some[index]
        energy, spread = described.get("energy"), described.get("disagreement")
        self.said.value = (
            f"<b>{index + 1} of {len(some)}</b>: {len(described['positions'])} atoms"
            + (f", {energy:.3f} eV/atom" if energy is not None else "")
            + (f"; the formulas disagree by {1e3 * spread:.0f} meV/atom" if spread is not None else "")
        )
        if described is self._shown:
            return
        self._shown, self.atoms = described, repeated(described)
        self._film(self.atoms)

    def _film(self, atoms):
        """Show atoms: new coordinates where there are as many as before, or else a new component of the same widget,
        since a browser has few WebGL contexts."""
        if self._place.children and len(self._frames[0]) == len(atoms):
            self._frames[0] = atoms
            self._view._set_coordinates(0)
            return
        self._frames = [atoms]
        if not self._place.children:
            self._view = in_theme(self._nglview.NGLWidget())
            self._view.camera = "orthographic"
            sized(self._view, *SIZE)
            self._place.layout.height = "255px"
            self._place.children = (self._view,)
        for component in list(self._view._ngl_component_ids):
            self._view.remove_component(component)
        self._view.add_trajectory(self._nglview.ASETrajectory(self._frames))
        self._view.clear_representations()
        self._view.add_representation("spacefill", radius=0.9, color=COLOUR)
        self._view.center()


def repeated(described):
    """The atoms of a structure as `srlab.learning.trace.structure` describes it, its periodic cell repeated to about
    ATOMS_SHOWN atoms."""
    atoms = Atoms(described["symbols"], positions=described["positions"], cell=described["cell"], pbc=True)
    return atoms.repeat([max(1, round((ATOMS_SHOWN / len(atoms)) ** (1 / 3)))] * 3)
