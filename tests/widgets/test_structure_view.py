"""The atoms behind a property in nglview."""

from importlib.util import find_spec

import numpy as np
import pytest
from ase.build import bulk, fcc111

from srlab_widgets.structure_view import EXCESS, StructureView, centred, upright
from tests.waiting import wait_until

needs_nglview = pytest.mark.skipif(find_spec("nglview") is None, reason="needs nglview: pip install 'srlab[lab]'")


def test_a_slab_stands_upright_and_is_wide_enough_to_see_something():
    slab = fcc111("Cu", (1, 1, 4), a=3.61, vacuum=8.0)
    slab.pbc = (True, True, False)
    slab.set_array(EXCESS, np.arange(4.0))
    shown = upright(slab)
    assert len(shown) % 4 == 0 and np.ptp(shown.positions[:, 0]) > 14.0 and not shown.pbc.any()
    assert np.ptp(shown.positions[:, 1]) == pytest.approx(np.ptp(slab.positions[:, 2]))
    assert np.sort(shown.get_all_distances()[0])[1] == pytest.approx(3.61 / np.sqrt(2.0))
    assert shown.arrays[EXCESS][:4].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_a_defect_at_the_edge_of_its_cell_is_moved_into_the_middle():
    crystal = bulk("Cu", cubic=True, a=3.61).repeat(3)
    distances = crystal.get_distances(0, np.arange(1, len(crystal)), mic=True)
    del crystal[0]
    crystal.set_array(EXCESS, np.where(distances < 2.6, 0.07, -0.001))
    shown = centred(crystal)
    around = shown.positions[shown.arrays[EXCESS] > 0]
    assert len(around) == 12 and np.linalg.norm(around - 1.5 * 3.61, axis=1) == pytest.approx(3.61 / np.sqrt(2.0))


@needs_nglview
def test_the_disturbed_atoms_have_the_bright_colours():
    from srlab.potentials import load_potential
    from srlab_widgets.structure_view import COLOURS

    view = StructureView(load_potential("sutton-chen"), "vacancy_formation_energy")
    told = [m for m in view.children[1]._ngl_msg_archive if m["methodName"] == "addRepresentation"]
    colours = [m["kwargs"]["color"] for m in told if m["args"] == ["spacefill"]]
    assert colours[0] == COLOURS[0] and colours[-1] == COLOURS[-1]
    shown = [len(m["kwargs"]["sele"].strip("@").split(",")) for m in told if m["args"] == ["spacefill"]]
    assert sum(shown) == len(view.atoms) and shown[-1] <= 12
    assert "vacancy formation" in view.children[0].value and view.atoms.pbc.all()


@needs_nglview
def test_where_nothing_is_disturbed_it_says_so_in_place_of_a_scale():
    from srlab.potentials import load_potential

    slab = fcc111("Cu", (1, 1, 4), a=3.61, vacuum=8.0)
    slab.pbc = (True, True, False)
    slab.set_array(EXCESS, np.array([0.0, -2e-3, 1e-4, 0.0]))
    view = StructureView(load_potential("sutton-chen"), "stacking_fault_energy", slab)
    assert "no atom is coloured" in view.children[0].value and "●" not in view.children[0].value


@needs_nglview
def test_a_dashboard_shows_them_in_a_panel_of_its_own(grown, open_dashboard):
    from test_dashboard import last, say

    dashboard = open_dashboard(grown)
    say(dashboard, type="ready")
    assert "vacancy_formation_energy" in last(dashboard, "reset")["settings"]["structures"]
    say(dashboard, type="structure", id="c99999", name="vacancy_formation_energy")
    wait_until(lambda: last(dashboard, "notice"))
    assert not last(dashboard, "notice")["ok"] and "choose a candidate first" in last(dashboard, "notice")["text"]
    dashboard.sent.clear()
    dashboard.fold.candidates["sc"] = {
        **dashboard.fold.candidates[dashboard.fold.front[0]],
        "id": "sc",
        "formulas": {"pair": "0.0124*(3.61/r)^9", "density": "(3.61/r)^6", "embedding": "-0.488*sqrt(rho)"},
    }
    say(dashboard, type="structure", id="sc", name="surface_energy_111")
    wait_until(lambda: last(dashboard, "notice"))
    assert last(dashboard, "notice")["ok"] and isinstance(dashboard.guests["structure"], StructureView)
    shown = dashboard.guests["structure"]
    assert not shown.atoms.pbc.all() and shown.atoms.arrays[EXCESS].max() > 0.05
    say(dashboard, type="dismiss", slot="structure")
    wait_until(lambda: shown.comm is None)
    assert all(child.comm is None for child in shown.children) and not dashboard.guests  # or each reload brings them
