"""The melting atoms in nglview."""

from importlib.util import find_spec

import pytest

import srlab_widgets
from srlab.errors import InputError
from srlab_widgets.interface import COLOURS, atoms_of

VIEW = {"text": "", "cell": [10.0, 11.0, 20.0], "positions": [[1.0, 2.0, 3.0], [4.0, 5.0, 16.0]], "solid": [1, 0]}


def test_z_lies_to_the_right():
    atoms, solid = atoms_of(VIEW, "Ag")
    assert atoms.get_chemical_formula() == "Ag2" and solid == [1, 0]
    assert atoms.positions[0].tolist() == [17.0, 1.0, 9.0]  # nglview's first axis points to the left
    assert atoms.cell.lengths().tolist() == [20.0, 10.0, 11.0]


def test_phases_are_two_representations():
    if find_spec("nglview") is None:  # not imported here: import_nglview must do that
        pytest.skip("nglview is not installed: pip install 'srlab[lab]'")
    shown = srlab_widgets.interface_view(VIEW)
    assert srlab_widgets.interface_view is not None and callable(
        srlab_widgets.interface_view
    )  # the module does not take the function's place
    told = [
        m for m in shown._ngl_msg_archive if m["methodName"] == "addRepresentation"
    ]  # what a page that opens it is sent
    colours = [m["kwargs"]["color"] for m in told if m["args"] == ["spacefill"]]
    assert colours == [COLOURS["crystal"], COLOURS["liquid"]]


def test_before_anything_is_melted_it_says_what_to_do():
    class Empty:
        interface = None

    with pytest.raises(InputError, match="press Coexistence"):
        srlab_widgets.interface_view(Empty())
