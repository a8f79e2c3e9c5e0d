"""Import nglview with the front-end version that its installed labextension registers.

nglview 4.0 and 4.0.1 ask JupyterLab for the version of the Python package, but ship a labextension of another
version, so
that no structure is shown ("version 4.0 is not registered, however, 3.1.5 is"). The version is read from a module of
one constant, `nglview._frontend`; it is replaced before nglview is first imported.
"""

import contextlib
import importlib.metadata
import json
import sys
import threading
import types

from srlab.errors import MissingExtra

PACKAGE = "labextensions/nglview-js-widgets/package.json"


def import_nglview():
    """The nglview module, able to draw in JupyterLab. Raises MissingExtra if nglview is not installed."""
    if "nglview" not in sys.modules:
        try:
            files = importlib.metadata.files("nglview") or ()
        except importlib.metadata.PackageNotFoundError:
            raise MissingExtra("nglview", "lab", "show atoms") from None
        for file in files:
            if file.as_posix().endswith(PACKAGE):
                module = types.ModuleType("nglview._frontend")
                module.__frontend_version__ = json.loads(file.locate().read_text())["version"]
                sys.modules["nglview._frontend"] = module
    with _unseen():
        import nglview

    return nglview


def _unseen():
    """What is shown on import is not: nglview puts a widget without a view into the cell, and a reload says of it
    that its model was not found.

    Only on the main thread: on another one it has no cell to go to, and what the cell shows meanwhile would be lost.
    """
    if "nglview" in sys.modules or threading.current_thread() is not threading.main_thread():
        return contextlib.nullcontext()
    from IPython.utils.capture import capture_output

    return capture_output(stdout=False, stderr=False, display=True)


def in_theme(view):
    """Put the page's own colour behind the atoms, light or dark, and follow it: nglview paints white.

    Its canvas is transparent and the colour is the canvas' style, which `base.css` overrules; the fog would be
    white, too. Returns the view.
    """
    view.add_class("srlab-atoms")
    view.stage.set_parameters(fog_near=100, fog_far=100)
    return view
