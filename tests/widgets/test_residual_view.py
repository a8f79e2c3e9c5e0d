"""Residuals by structure: they follow the dashboard's selection, and a chosen frame is shown."""

from importlib.util import find_spec

import numpy as np
import pytest
from ase import Atoms

import srlab
from srlab.errors import InputError

if find_spec("nglview") is None or find_spec("plotly") is None:
    pytest.skip("needs nglview and plotly: pip install 'srlab[lab]'", allow_module_level=True)

from srlab_widgets import Dashboard, ResidualView
from srlab_widgets.residual_view import repeated


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory):
    search = srlab.Search(
        srlab.load_dataset("cu-gpaw"), tmp_path_factory.mktemp("residuals") / "run", evaluations=400, seed=2, workers=1
    )
    dashboard = Dashboard(search.start().wait(120))
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
    before = np.concatenate([trace.y for trace in points["energy"]])
    view.show_candidate(front[0])
    dashboard._pump.tick()
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


def test_a_search_without_candidates_says_so(tmp_path):
    new = Dashboard(srlab.Search(srlab.load_dataset("cu-gpaw"), tmp_path / "run", evaluations=10, workers=1))
    with pytest.raises(InputError, match="no candidate yet"):
        ResidualView(new)
    new.close()
