import importlib.util

import pytest

if importlib.util.find_spec("nglview") is None:
    pytest.skip("nglview is not installed", allow_module_level=True)


def test_the_version_asked_for_is_the_one_that_is_installed():
    from srlab_widgets.nglview_frontend import import_nglview, installed_version

    nglview = import_nglview()
    if nglview.widget.__frontend_version__ != installed_version():
        pytest.skip("nglview was imported before by another test, as it is")
    assert nglview.NGLWidget._view_module_version.default_value == installed_version()


def test_importing_it_shows_nothing_in_the_cell(tmp_path):
    """A widget of nglview's own stood there, and after a reload a line that its model was not found."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    source = "from srlab_widgets.nglview_frontend import import_nglview\nimport_nglview().__version__"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbclient.NotebookClient(
        notebook, timeout=1200, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert [output.output_type for output in notebook.cells[0].outputs] == ["execute_result"]
