"""The view of a learning loop: what it sends of a folder, live and afterwards, and that it ends its thread."""

import json
import threading
from importlib.resources import files
from importlib.util import find_spec

import pytest
from ase import Atoms

from srlab.errors import InputError
from srlab.learning.trace import LevelLog, structure
from srlab.sampling.nested import Level

if find_spec("nglview") is None:
    pytest.skip("needs nglview: pip install 'srlab[lab]'", allow_module_level=True)

from srlab_widgets import LearnView
from srlab_widgets.learn_structures import repeated
from tests.waiting import wait_until

FORMS = {
    "id": "c7",
    "complexity": 21,
    "formulas": {"pair": "exp(-r)", "density": "exp(-r)", "embedding": "-rho^0.5"},
    "train": 40,
    "labels": 0,
    "test_energy_mae": 9.0,
    "test_force_mae": 30.0,
    "test_near_energy_mae": 4.0,
    "test_near_force_mae": 20.0,
    "test_far_energy_mae": None,
    "test_far_force_mae": None,
}


def level(index, ceiling):
    cell = Atoms(
        "Cu2",
        positions=[[0, 0, 0], [1.8, 1.8, 0]],
        cell=[3.6 - 0.1 * index] * 3,
        pbc=True,
        info={"surrogate_energy": ceiling - 0.1},
    )
    return Level(index, ceiling, ceiling - 0.2, [cell], [], [], [])


def append(path, *events):
    with open(path, "a") as file:
        file.writelines(json.dumps(event) + "\n" for event in events)


@pytest.fixture
def folder(tmp_path):
    """A loop whose first search is done and that samples."""
    append(
        tmp_path / "learn.jsonl",
        {
            "event": "start",
            "version": "0",
            "name": "made",
            "calculator": "emt",
            "test": [0, 4],
            "settings": {"rounds": 2},
        },
        {"event": "search", "round": 0, "seconds": 1.0, "result": FORMS},
    )
    (tmp_path / "round-1").mkdir()
    return tmp_path


@pytest.fixture
def view(folder):
    view = LearnView(folder, every=0.05)
    yield view
    view.close()


def test_the_thread_brings_levels_labels_and_rounds(folder, view):
    assert (
        view.plots.state["sampling"] == []
        and view.plots.state["stage"] == "sample"
        and len(view.plots.state["rounds"]) == 1
    )
    log = LevelLog(folder / "round-1")
    log.begin(0, "c7", 2, 40)
    for index, ceiling in enumerate((2.0, 1.0)):
        log.level(level(index, ceiling))
    wait_until(
        lambda: view.plots.state["sampling"] == [{"name": "c7, 2 atoms", "ceiling": [2.0, 1.0], "lowest": [1.8, 0.8]}]
    )
    assert (
        view.structures.sets.options == ("walkers of c7, 2 atoms",)
        and "<b>2 of 2</b>: 2 atoms, 0.900 eV/atom" in view.structures.said.value
    )
    line = {
        "event": "label",
        "key": "a",
        "atoms": 2,
        "energy": -3.0,
        "model": -2.9,
        "forces": [0.1, 0.2],
        "model_forces": [0.1, None],
        "extreme": False,
        "cpu": 30.0,
    }
    append(
        folder / "round-1" / "parity.jsonl",
        line,
        {**line, "key": "b", "extreme": True},
        {**line, "key": "c", "model": None, "model_forces": None},
    )
    wait_until(lambda: view.plots.state["labels"]["done"] == 3)
    assert (
        view.plots.state["parity"] == [{"round": 1, "energy": [[-3.0, -2.9]], "force": [[0.1, 0.1]]}]
        and view.plots.state["labels"]["cpu"] == 90.0
    )
    append(folder / "learn.jsonl", {"event": "error", "message": "the disk is full"})
    wait_until(lambda: view.plots.state["state"] == "failed")
    assert view.plots.state["error"] == "the disk is full" and view.error is None
    json.dumps(view.plots.state, allow_nan=False)


def test_the_newest_structure_is_followed_until_one_is_chosen(folder, view):
    log = LevelLog(folder / "round-1")
    log.begin(0, "c7", 2, 40)
    log.level(level(0, 2.0))
    wait_until(lambda: view.structures.atoms is not None)
    first = view.structures.atoms
    view.structures.follow.value = False
    log.level(level(1, 1.0))
    wait_until(lambda: view.structures.slider.max == 1)
    assert view.structures.slider.value == 0 and view.structures.atoms is first
    view.structures.slider.value = 1
    assert "2 of 2" in view.structures.said.value and view.structures.atoms is not first


def test_close_ends_the_thread(folder):
    view = LearnView(folder, every=0.05)
    assert view._thread in threading.enumerate()
    view.close()
    view._thread.join(5)
    assert not view._thread.is_alive()


def test_the_saved_picture_says_what_is_there(folder, view):
    picture = view._picture()
    assert picture["image/png"].startswith(b"\x89PNG")
    assert (
        "stopped; round 1 of 2: sampling" in picture["text/plain"]
        and "     9.0     30.0      4.0     20.0        -" in picture["text/plain"]
    )


def test_no_legend_of_the_picture_lies_over_its_plot():
    from srlab.learning.view import LoopView
    from srlab_widgets import learn_picture
    from srlab_widgets.learn_view import state_of

    shipped = LoopView(files("srlab.learning") / "data" / "learn-gpaw")
    shipped.refresh()
    figure = learn_picture.drawn(state_of(shipped, "finished"))
    figure.canvas.draw()
    boxes = [axes.get_legend().get_window_extent() for axes in figure.axes]
    assert len(boxes) == len(figure.axes) >= 3
    for axes, box in zip(figure.axes, boxes):
        assert box.y0 >= axes.get_window_extent().y1 - 1 and axes._left_title.get_window_extent().y0 >= box.y1 - 1
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:]))


def test_wait_ends_with_the_loop(view):
    assert view.wait(5) == "stopped"


def test_small_cells_are_repeated():
    atoms = Atoms("Cu4", positions=[[k, 0, 0] for k in range(4)], cell=[4, 4, 4], pbc=True)
    assert len(repeated(structure(atoms))) == 32
    assert repeated(structure(atoms)).cell.lengths()[0] == 8


def test_a_folder_without_a_loop_says_so(tmp_path):
    with pytest.raises(InputError, match="no folder of srlab learn"):
        LearnView(tmp_path)
