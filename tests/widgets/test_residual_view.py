"""Residuals by structure: they follow the dashboard's selection, and a chosen frame is shown."""

from importlib.util import find_spec

import numpy as np
import pytest
from ase import Atoms

import srlab
from srlab.datasets import Dataset
from srlab.errors import InputError
from srlab.search.worker import continue_run
from tests.bundled import bundled

if find_spec("nglview") is None or find_spec("plotly") is None:
    pytest.skip("needs nglview and plotly: pip install 'srlab[lab]'", allow_module_level=True)

from srlab_widgets import Dashboard, ResidualView
from srlab_widgets.residual_view import repeated

pytestmark = pytest.mark.usefixtures("no_references")


@pytest.fixture(scope="module")
def data():
    return Dataset.from_frames(bundled("cu-gpaw").frames[::12], name="cu-few")  # quick playouts


@pytest.fixture(scope="module")
def dashboard(data, tmp_path_factory):
    search = srlab.Search(data, tmp_path_factory.mktemp("residuals") / "run", evaluations=200, seed=2, workers=1)
    continue_run(search.run)
    dashboard = Dashboard(search)
    yield dashboard
    dashboard.close()


def test_it_shows_every_frame_and_follows_the_selection(dashboard):
    view = ResidualView(dashboard)
    data, front = view.parity.dataset, dashboard.search.front
    points = {
        meta: [trace for trace in view.figure.data if trace.meta == meta] for meta in ("energy", "force", "error")
    }
    assert (
        sum(len(trace.x) for trace in points["energy"])
        == sum(len(trace.x) for trace in points["error"])
        == len(data.frames)
    )
    assert sum(len(trace.x) for trace in points["force"]) == 3 * data.n_atoms
    assert all(np.isfinite(trace.y).all() for trace in view.figure.data)
    for (
        trace
    ) in view.figure.data:  # the legend has the mark of the first point: filled, where there is a training frame
        tested = [bool(view.parity.test[k]) for k in trace.customdata]
        assert tested == sorted(tested) == [symbol.endswith("-open") for symbol in trace.marker.symbol]
    energies = data.energies() / [len(frame) for frame in data.frames]
    assert all(np.allclose(trace.x, energies[np.array(trace.customdata)]) for trace in points["energy"])
    before = np.concatenate([trace.y for trace in points["energy"]])
    view.show_candidate(front[0])
    dashboard._publisher.tick()
    dashboard.selected = front[-1].id
    assert front[-1].id in view._title.value and f"{front[-1].test_force_mae:.1f} meV/Å" in view._title.value
    after = np.concatenate([trace.y for trace in points["energy"]])
    assert after.shape == before.shape and not np.allclose(after, view.parity.residuals(front[0]).energies.mean())
    view.close()
    dashboard.selected = front[0].id
    assert front[-1].id in view._title.value  # a closed view follows no more


def test_a_point_and_the_list_show_a_frame(dashboard):
    view = ResidualView(dashboard)
    trace = next(trace for trace in view.figure.data if trace.meta == "force" and len(trace.customdata) > 12)

    class Points:
        point_inds = [11]

    view._clicked(trace, Points, None)
    assert view.frame == trace.customdata[11] and f"frame {view.frame}" in view._said.value
    worst = view._list.options[1][1]
    view._list.value = worst
    assert view.frame == worst == int(np.argmax(abs(view._energy_errors)))
    assert len(view._atoms.children) == 1
    view.close()


def test_small_cells_are_repeated_along_their_periodic_directions():
    slab = Atoms("Cu2", positions=[[0, 0, 0], [0, 0, 2]], cell=[2, 2, 20], pbc=[True, True, False])
    assert len(repeated(slab)) == 50 and repeated(slab).cell.lengths()[2] == 20
    assert len(repeated(Atoms("Cu3", positions=[[0, 0, 0], [2, 0, 0], [4, 0, 0]], cell=[9] * 3))) == 3


def test_what_a_data_file_says_is_shown_and_not_run(dashboard):
    view = ResidualView(dashboard)
    k = view.parity.dataset.families.index("eos")
    frame = view.parity.dataset.frames[k]
    kind = frame.info.get("kind")
    frame.info["kind"] = "<img src=x onerror=alert(1)>"
    try:
        view.show_frame(k)
        assert "<img" not in view._said.value and "&lt;img src=x" in view._said.value
    finally:
        frame.info.pop("kind")
        if kind is not None:
            frame.info["kind"] = kind
        view.close()


def test_the_figure_goes_to_the_page_with_its_data(dashboard):
    view = ResidualView(dashboard)
    assert view.figure.comm is not None and all(np.isfinite(np.asarray(d["y"])).all() for d in view.figure._widget_data)
    assert view.figure.layout.width is None  # its place decides
    view.close()


def test_a_search_without_candidates_says_so(data, tmp_path):
    new = Dashboard(srlab.Search(data, tmp_path / "run", evaluations=10, workers=1))
    with pytest.raises(InputError, match="no candidate yet"):
        ResidualView(new)
    new.close()
