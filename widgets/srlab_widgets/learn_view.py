"""The learning loop, live: the falling ceiling, structures, model against reference, errors by round. It reads the
loop's folder and nothing else."""

import pathlib
import threading
import time

import anywidget
import ipywidgets
import traitlets

from srlab.learning.view import LoopView

from . import learn_picture
from .learn_structures import Structures
from .page import from_here, remember

STATIC = pathlib.Path(__file__).parent / "static"
POINTS = 4000  # force components that are sent, the newest
FIGURES = (
    "round",
    "train",
    "labelled",
    "failed",
    "cpu_seconds",
    "complexity",
    *(f"{part}{what}_mae" for part in ("test_", "test_near_", "test_far_", "new_") for what in ("energy", "force")),
)


class LearnPlots(anywidget.AnyWidget):
    """The plots and the table, without structures. `state` is what `state_of` makes of a `srlab.learning.LoopView`."""

    _esm = STATIC / "learn.js"
    _css = STATIC / "learn.css"
    state = traitlets.Dict().tag(sync=True)

    def __init__(self, **traits):
        super().__init__(**traits)
        self.on_msg(lambda *_: self.send({"type": "here"}))  # a page asks whether it is heard


class LearnView(ipywidgets.VBox):
    """Watch `srlab learn`, or `srlab.learning.Learning`, from a notebook: while it runs in another process, and
    afterwards.

    A thread looks at the folder once a second and sends what is new. The cell's saved output also holds a picture of
    the last state, for readers without a kernel.

    Parameters
    ----------
    folder : the folder of the loop, or the `srlab.learning.Learning`.
    every : seconds between two looks.

    Attributes
    ----------
    view : `srlab.learning.LoopView`. plots : `LearnPlots`. structures : `srlab_widgets.learn_structures.Structures`.

    Raises
    ------
    InputError : there is no loop in the folder. MissingExtra : nglview is not installed.
    """

    def __init__(self, folder, every=1.0):
        self.view, self.error = LoopView(getattr(folder, "folder", folder)), None
        # a process that was just started does not hold its folder yet: who started it knows better
        self._state = (lambda: folder.state) if hasattr(folder, "state") else (lambda: self.view.state)
        self.plots, self.structures = LearnPlots(), Structures()
        super().__init__([self.plots, self.structures])
        remember(self)
        self._lock, self._over, self._display = threading.Lock(), threading.Event(), f"srlab-{self.model_id}"
        self._rested, self._shown, self._drawn = None, False, (None, None)
        self.update()
        self._thread = threading.Thread(target=self._follow, args=(every,), name="srlab-learn-view", daemon=True)
        self._thread.start()

    def update(self):
        """Look at the folder now. Returns the state of the loop: running, finished, stopped or failed."""
        with self._lock:
            self.view.refresh()
            state = state_of(self.view, self._state())
            if state != self.plots.state:
                self.plots.state = state
                self.structures.show(self.view)
        if state["state"] != "running" and self._rested != state:
            self._rested = state
            self._settled()
        return state["state"]

    def wait(self, timeout=None):
        """Wait until the loop has ended, or `timeout` seconds, and bring the picture saved with the notebook up to
        date.

        Interrupting the cell leaves the loop running. Returns its state.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while self.update() == "running" and (deadline is None or time.monotonic() < deadline):
            time.sleep(0.2)
        self._settled()
        return self.plots.state["state"]

    def close(self):
        """End the thread and remove the widget; the loop goes on."""
        if "_over" in vars(self):  # or it was never made: there is no loop in the folder
            self._over.set()
            self.structures.close()
            self.plots.close()
        super().close()

    def _follow(self, every):
        while not self._over.wait(every):
            try:
                self.update()
            except Exception as error:  # a print from a thread lands in somebody else's cell: keep it for the caller
                self.error = error

    # -- what the notebook keeps
    # ----------------------------------------------------------------------------------------

    def _ipython_display_(self, **_):
        """Show the live widget, and below it the picture for readers without a kernel (the widget hides it)."""
        from IPython.display import display

        bundle = super()._repr_mimebundle_()
        display(
            {**bundle, "text/plain": "srlab learning loop: live while the kernel runs, its last picture below"},
            raw=True,
        )
        display(self._picture(), raw=True, display_id=self._display)
        self._shown = True

    def _settled(self):
        if self._shown and not self._over.is_set():
            from IPython.display import display

            display(self._picture(), raw=True, display_id=self._display, update=True)

    def _picture(self):
        """The picture of the state that is shown, drawn once."""
        state = self.plots.state
        if self._drawn[0] is not state:
            drawn = learn_picture.png(state)
            self._drawn = state, {"text/plain": learn_picture.text(state), **({"image/png": drawn} if drawn else {})}
        return self._drawn[1]


def state_of(view, state):
    """All that is shown of a `srlab.learning.LoopView` whose loop is running, finished, stopped or failed, as JSON;
    energies in eV/atom relative to isolated atoms, forces in eV/angstrom."""
    under_way = view.under_way
    number, stage = under_way or (view.round, None)
    rounds = [{name: entry.get(name) for name in FIGURES} for entry in view.rounds]
    lines = {k: [line for line in some if not line.get("extreme")] for k, some in sorted(view.labels.items()) if some}
    done, failed = sum(map(len, view.labels.values())), sum(view.failed.values())
    waiting = (
        len(view.chosen.get(number, ())) - len(view.labels.get(number, ())) - view.failed.get(number, 0)
        if stage == "label"
        else 0
    )
    if not done:  # a folder with nothing but its journal
        done, failed = sum(entry["labelled"] or 0 for entry in rounds), sum(entry["failed"] or 0 for entry in rounds)
    return {
        "folder": from_here(view.folder),
        "state": state,
        "message": view.message(),
        "stage": stage,
        "error": view.error if state == "failed" else "",
        "source": _source(view),
        "labels": {"done": done, "failed": failed, "of": max(0, waiting), "cpu": round(view.cpu_seconds(), 1)},
        "sampling": [
            {"name": f"{run['member']}, {run['atoms']} atoms", "ceiling": run["ceiling"], "lowest": run["lowest"]}
            for run in view.sampling
        ],
        "parity": _thinned(
            [
                {
                    "round": k,
                    "energy": [[line["energy"], line["model"]] for line in some if line.get("model") is not None],
                    "force": _forces(some),
                }
                for k, some in lines.items()
            ]
        ),
        "rounds": rounds,
    }


def _forces(lines):
    return [
        [x, y]
        for line in lines
        if line.get("model_forces")
        for x, y in zip(line["forces"], line["model_forces"])
        if y is not None
    ]


def _thinned(rounds):
    """At most POINTS force components, those of the newest rounds."""
    left = POINTS
    for entry in reversed(rounds):
        entry["force"] = entry["force"][-left:] if left > 0 else []
        left -= len(entry["force"])
    return rounds


def _source(view):
    start = view.start
    return (
        f"Data {start.get('name')}, labels by {start.get('calculator')}; errors are those of the form with "
        f"the lowest loss on {len(start.get('test', ()))} test frames that stay the same; "
        "new: of the form of the round before on this round's labels."
    )
