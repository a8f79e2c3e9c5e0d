"""What the widgets over a run have in common: the page's messages come in while a cell runs, and a picture stays in
the notebook."""

import pathlib
import threading
import weakref

import anywidget
import ipywidgets

STATIC = pathlib.Path(__file__).parent / "static"
_PAGES: weakref.WeakValueDictionary = weakref.WeakValueDictionary()  # by the id of their models


def reopen(model_id):
    """Connect a widget anew, under its id, so that pages make another model of it: one that anywidget gave up, as not
    loaded within its two seconds, hears nothing any more. Pages ask for it (widgets/src/notebook.js). Raises KeyError
    where there is no such widget."""
    _open_anew(_PAGES[model_id])


def remember(widget):
    """Have pages find a widget under its id, for `reopen`."""
    _PAGES[widget.model_id] = widget


def _open_anew(widget):
    for child in getattr(widget, "children", ()):
        if isinstance(child, anywidget.AnyWidget):
            _open_anew(child)
    ipywidgets.Widget.close(widget)
    vars(widget).pop("_repr_mimebundle_", None)  # which closing takes away
    widget.open()


def from_here(folder):
    """A folder as a person would write it in a cell: from the notebook's folder, where it is below that."""
    here, there = pathlib.Path.cwd(), pathlib.Path(folder).resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) else str(folder)


class Page(anywidget.AnyWidget):
    """A widget that leaves a picture for readers without a kernel, of what its `_scene()` says."""

    _esm = STATIC / "dashboard.js"
    _css = STATIC / "dashboard.css"
    _called = "srlab dashboard"
    _shown, _drawn = False, (None, None)
    _drawing = threading.Lock()  # one picture at a time, whichever thread asks for it

    # -- messages from the browser; they may arrive on any thread -----------------------------------------------------

    def open(self):
        super().open()
        self._keep_subshell()
        remember(self)

    def _send(self, msg, buffers=None):
        super()._send(msg, buffers)
        self._keep_subshell()

    def _keep_subshell(self):
        """Let the page's messages come in on the subshell that JupyterLab chose for them.

        ipykernel 7.4 remembers which shell sent last and moves the answers there; after a message from a cell that
        is the main shell, where they would wait until the cell ends, and Pause with them.
        """
        if self.comm is not None:
            vars(self.comm).pop("_reply_subshell_id", None)

    # -- what the notebook keeps
    # ----------------------------------------------------------------------------------------

    def _ipython_display_(self, **_):
        """Show the live widget, and below it the picture for readers without a kernel (the widget hides it)."""
        from IPython.display import display

        bundle, metadata = super()._repr_mimebundle_()
        display(
            {**bundle, "text/plain": f"{self._called}: live while the kernel runs, its last picture below"},
            metadata=metadata,
            raw=True,
        )
        display(self._picture(), raw=True, display_id=f"srlab-{self.model_id}")
        self._shown = True

    def _repr_mimebundle_(self, **_):
        bundle, metadata = super()._repr_mimebundle_()
        return {**bundle, **self._picture()}, metadata

    def _scene(self):
        """(all that the picture depends on, to be compared; a function that draws it and gives {"image/png",
        "text/plain"})."""
        raise NotImplementedError

    def _picture(self):
        """The picture of the run as it is now, drawn once for each state of it."""
        with self._drawing:
            scene, draw = self._scene()
            if self._drawn[0] != scene:
                self._drawn = scene, draw()
            return self._drawn[1]

    def _settled(self):
        """Bring the picture in the notebook up to date."""
        if self._shown:
            from IPython.display import display

            display(self._picture(), raw=True, display_id=f"srlab-{self.model_id}", update=True)
