"""Parity of a candidate with DFT, frame by frame, and the frame behind a point in nglview."""

import html
import threading

import ipywidgets
import numpy as np

from srlab.errors import InputError, MissingExtra
from srlab.search.diagnostics import Parity

from .nglview_frontend import import_nglview, in_theme, sized

# Okabe and Ito's colours without black and yellow, which one theme or the other would swallow; a shape goes with
# each, for the sixth family and the colour-blind.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
SHAPES = ("circle", "square", "diamond", "triangle-up", "triangle-down", "pentagon", "x", "star", "hexagon", "cross")
INK = "#808080"  # legible on white and on black: plots do not know the theme
WORST = 15
ATOMS_SHOWN = 60  # small cells are repeated, so that one sees a structure and not an atom


class ResidualView(ipywidgets.VBox):
    """Energies and forces of one candidate against DFT, coloured by family, its errors by structure, and the
    structure that is chosen.

    It follows the selection of a dashboard. A click on a point shows its frame, and so does the list of the worst
    frames, which the keyboard reaches.

    Parameters
    ----------
    dashboard : `srlab_widgets.Dashboard` of a search with candidates.

    Attributes
    ----------
    frame : int or None
        Index, in the run's data, of the frame that is shown.
    figure : plotly.graph_objects.FigureWidget

    Raises
    ------
    InputError : the run has no candidate yet, or its data have changed. MissingExtra : plotly or nglview is not
    installed.
    """

    def __init__(self, dashboard):
        self.dashboard, self.frame = dashboard, None
        search = dashboard.search
        search.refresh()
        candidate = dashboard.candidate or _best(search)
        if candidate is None:
            raise InputError("the search has no candidate yet: let it run for some seconds, then show its residuals")
        self._nglview, self._lock = import_nglview(), threading.Lock()
        self.parity = Parity(search)
        self.figure = _figure(self.parity)
        self._title, self._said = (
            ipywidgets.HTML(),
            ipywidgets.HTML("Click a point, or choose a frame, to see its atoms."),
        )
        self._list = ipywidgets.Dropdown(
            description="worst frames", style={"description_width": "initial"}, layout={"width": "330px"}
        )
        self._atoms = ipywidgets.Box(layout={"width": "330px", "height": "0px"})
        for trace in self.figure.data:
            trace.on_click(self._clicked)
        self._list.observe(lambda change: change["new"] is not None and self.show_frame(change["new"]), "value")
        side = ipywidgets.VBox([self._list, self._said, self._atoms], layout={"flex": "0 1 340px"})
        self.show_candidate(candidate)
        self.figure.show_at_once()
        plots = ipywidgets.Box([self.figure], layout={"flex": "3 1 560px", "min_width": "0"})
        plots.add_class(
            "srlab-figure"
        )  # the name `layout` of a figure is plotly's own: `base.css` lets it take the width
        row = ipywidgets.Box([plots, side], layout={"display": "flex", "flex_flow": "row wrap"})
        super().__init__([self._title, row])
        dashboard.observe(self._selected, "selected")

    def close(self):
        """Stop following the dashboard, and go."""
        self.dashboard.unobserve(self._selected, "selected")
        super().close()

    def show_candidate(self, candidate):
        """Show the errors of another `srlab.Candidate` of the same search."""
        with self._lock:
            found = self._found = self.parity.residuals(candidate)
            self._energy_errors, self._force_errors = 1e3 * (found.energies - found.labels), 1e3 * found.force_errors
            with self.figure.batch_update():
                for trace in self.figure.data:
                    chosen = _frames_of(self.parity, trace.legendgroup)
                    if trace.meta == "force":
                        trace.y = _components(found.forces, chosen)
                    else:
                        trace.y = (found.energies if trace.meta == "energy" else self._energy_errors)[chosen]
            test, train = (found.errors(mask) for mask in (self.parity.test, ~self.parity.test))
            self._title.value = (
                f"<b>{html.escape(candidate.id)}</b>, {candidate.complexity} nodes: "
                f"{_errors(train, 'training')}; {_errors(test, 'test')}"
            )
            worst = np.argsort(-np.abs(self._energy_errors), kind="stable")[:WORST]
            self._list.options = [("", None)] + [
                (f"{self.parity.dataset.families[k]} {k}: {self._energy_errors[k]:+.0f} meV/atom", int(k))
                for k in worst
            ]
        if self.frame is not None:
            self._describe()

    def show_frame(self, index):
        """Show the atoms of frame `index` of the run's data."""
        self.frame = int(index)
        atoms = self.parity.dataset.frames[self.frame]
        with self._lock:
            view = in_theme(self._nglview.show_ase(repeated(atoms)))
            view.clear_representations()
            view.add_representation("spacefill", radius=0.9, color="#c77f3a")
            view.add_unitcell()
            view.camera = "orthographic"
            view.center()
            sized(view, "330px", "260px")
            self._atoms.layout.height = "265px"
            for old in self._atoms.children:
                old.close()
            self._atoms.children = (view,)
        self._describe()

    def _describe(self):
        k, data = self.frame, self.parity.dataset
        atoms, info = data.frames[k], data.frames[k].info
        kind = f" ({info['kind']})" if "kind" in info else ""
        where = html.escape(f"{data.families[k]}{kind}")  # both come from a file
        self._said.value = (
            f"<b>frame {k}</b>: {where}, {len(atoms)} atom{'s' if len(atoms) > 1 else ''}, "
            f"{'test' if self.parity.test[k] else 'training'}<br>"
            f"DFT {self._found.labels[k]:.3f} eV/atom, error {self._energy_errors[k]:+.1f} meV/atom, "
            f"forces {self._force_errors[k]:.0f} meV/Å"
        )

    def _clicked(self, trace, points, _):
        if points.point_inds:
            self.show_frame(int(trace.customdata[points.point_inds[0]]))

    def _selected(self, _):
        candidate = self.dashboard.candidate
        if candidate is not None:
            self.show_candidate(candidate)


def repeated(atoms):
    """A small periodic cell repeated along its periodic directions, to at most ATOMS_SHOWN atoms or so; others as
    they are."""
    count = atoms.pbc.sum()
    times = max(1, int((ATOMS_SHOWN / len(atoms)) ** (1 / count))) if count else 1
    shown = atoms.repeat([times if periodic else 1 for periodic in atoms.pbc])
    shown.calc = None
    return shown


def _best(search):
    return min(search.front, key=lambda candidate: candidate.loss, default=None)


def _frames_of(parity, family):
    """Indices of the frames of a family, those of the training first: the legend shows the mark of the first one."""
    chosen = np.flatnonzero(np.array(parity.dataset.families) == family)
    return chosen[np.argsort(parity.test[chosen], kind="stable")]


def _components(forces, chosen):
    return np.concatenate([forces[k].ravel() for k in chosen])


def _errors(errors, title):
    if not errors["n_frames"]:
        return f"no {title} frames"
    energy, force = (f"{errors[name]:.1f}" for name in ("energy_mae", "force_mae"))
    return f"{energy} meV/atom and {force} meV/Å on {errors['n_frames']} {title} frames"


def _figure(parity):
    """The three empty plots: x of every point stands, y comes with a candidate."""
    try:
        from plotly.graph_objects import FigureWidget
        from plotly.subplots import make_subplots
    except ImportError:
        raise MissingExtra("plotly", "lab", "show parity plots") from None

    class Figure(FigureWidget):
        """A figure that goes to the page with its data: one that is filled later can be drawn before they arrive,
        and stays empty."""

        _held = True

        def open(self):
            if not self._held:
                super().open()

        def show_at_once(self):
            """Open it on the page as it is now."""
            self._held = False
            self._repr_mimebundle_()  # takes what was changed into the state that a page begins with
            self.open()

    data, families = parity.dataset, np.array(parity.dataset.families)
    names = sorted(set(families), key=lambda name: -(families == name).sum())
    energies, forces = (
        data.energies() / [len(frame) for frame in data.frames],
        [frame.get_forces() for frame in data.frames],
    )
    plots = make_subplots(
        1,
        3,
        subplot_titles=("energy, eV/atom", "force components, eV/Å", "energy error by structure, meV/atom"),
        horizontal_spacing=0.07,
        column_widths=[0.3, 0.3, 0.4],
    )
    for number, name in enumerate(names):
        chosen = _frames_of(parity, name)
        shape, colour = SHAPES[number % len(SHAPES)], COLOURS[number % len(COLOURS)]
        atom_frame = np.repeat(chosen, [3 * len(data.frames[k]) for k in chosen])
        spread = number + 0.7 * (np.argsort(np.argsort(energies[chosen])) / max(len(chosen) - 1, 1) - 0.5)
        for column, meta, x, frames in (
            (1, "energy", energies[chosen], chosen),
            (2, "force", _components(forces, chosen), atom_frame),
            (3, "error", spread, chosen),
        ):
            filled = [shape + ("-open" if parity.test[k] else "") for k in frames]
            words = {
                "energy": "DFT %{x:.3f}, here %{y:.3f} eV/atom",
                "force": "DFT %{x:.2f}, here %{y:.2f} eV/Å",
                "error": "%{y:+.1f} meV/atom",
            }[meta]
            plots.add_scatter(
                row=1,
                col=column,
                x=x,
                y=np.full(len(x), np.nan),
                mode="markers",
                name=html.escape(name),  # plotly draws some HTML
                legendgroup=name,
                showlegend=column == 1,
                meta=meta,
                customdata=frames,
                marker={"color": colour, "symbol": filled, "size": 6 if meta != "force" else 4, "opacity": 0.8},
                hovertemplate=f"{html.escape(name)}, frame %{{customdata}}<br>{words}<extra></extra>",
            )
    limit = max((abs(f).max() for f in forces), default=1.0)
    for column, (low, high) in ((1, (energies.min(), energies.max())), (2, (-limit, limit))):
        plots.add_shape(
            type="line",
            x0=low,
            y0=low,
            x1=high,
            y1=high,
            line={"color": INK, "width": 1, "dash": "dot"},
            row=1,
            col=column,
            layer="below",
        )
    plots.update_layout(
        height=440,
        autosize=True,  # the width is that of the cell or of the panel
        margin={"l": 8, "r": 8, "t": 56, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": INK, "size": 12},
        legend={"orientation": "h", "y": -0.38, "title": {"text": "filled training, open test", "side": "top"}},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": INK},
    )
    plots.update_annotations(font_size=13)
    plots.update_xaxes(gridcolor="rgba(128,128,128,0.25)", zeroline=False, title_standoff=4, automargin=True)
    plots.update_yaxes(gridcolor="rgba(128,128,128,0.25)", zeroline=False, automargin=True)
    for column in (1, 2):
        plots.update_xaxes(title_text="DFT", row=1, col=column)
        plots.update_yaxes(title_text="candidate" if column == 1 else None, row=1, col=column)
    plots.update_xaxes(
        tickvals=list(range(len(names))), ticktext=[html.escape(name) for name in names], tickangle=40, row=1, col=3
    )
    plots.update_yaxes(zeroline=True, zerolinecolor=INK, row=1, col=3)
    figure = Figure(plots)
    figure._config = {"responsive": True}
    return figure
