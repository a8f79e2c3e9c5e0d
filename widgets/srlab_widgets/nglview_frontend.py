"""nglview, asking JupyterLab for the front end that its wheel has installed.

The wheels of nglview 4.0 and 4.0.1 name version 4.0 in `nglview._frontend`, a module of this one constant, and install
the labextension 3.1.5: no structure is shown ("version 4.0 is not registered, however, 3.1.5 is"). Widgets take the
constant when nglview is imported, one of them is made there and then, so nglview's own module is loaded first and its
constant corrected. Where both agree nothing is done.
"""

import contextlib
import importlib.metadata
import importlib.util
import json
import sys
import threading

from srlab.errors import MissingExtra

NEARER = 0.3  # of the distance from which nglview looks, so that the atoms fill the height of a panel
CONSTANT, LABEXTENSION = "nglview/_frontend.py", "labextensions/nglview-js-widgets/package.json"


def import_nglview():
    """The nglview module, able to draw in JupyterLab. Raises MissingExtra if nglview is not installed."""
    if "nglview" not in sys.modules:
        _correct_version()
    with _unseen():
        import nglview

    return nglview


def installed_version():
    """Version of the labextension that nglview's wheel installed, None where it has none. Raises MissingExtra if
    nglview is not installed."""
    file = _file(LABEXTENSION)
    return file and json.loads(file.locate().read_text())["version"]


def _file(end):
    try:
        files = importlib.metadata.files("nglview") or ()
    except importlib.metadata.PackageNotFoundError:
        raise MissingExtra("nglview", "lab", "show atoms") from None
    return next((file for file in files if file.as_posix().endswith(end)), None)


def _correct_version():
    version, constant = installed_version(), _file(CONSTANT)
    if version is None or constant is None:
        return
    spec = importlib.util.spec_from_file_location("nglview._frontend", constant.locate())
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if module.__frontend_version__ != version:
        module.__frontend_version__ = version
        sys.modules[spec.name] = module


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


def sized(view, width, height):
    """Give the view a width and a height, as CSS has them; with "100%" it follows its place. Returns the view."""
    view._remote_call("setSize", target="Widget", args=[width, height])
    return view
