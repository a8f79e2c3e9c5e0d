import importlib.util

import pytest

if importlib.util.find_spec("nglview") is None:
    pytest.skip("nglview is not installed", allow_module_level=True)

SOURCE = """
from srlab_widgets.nglview_frontend import import_nglview, installed_version
print(import_nglview().NGLWidget._view_module_version.default_value, installed_version())
"""


def test_the_version_asked_for_is_installed_and_importing_it_shows_nothing_in_the_cell(tmp_path):
    """A widget of nglview's own stood there, and after a reload a line that its model was not found."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SOURCE)])
    nbclient.NotebookClient(
        notebook, timeout=1200, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    (shown,) = notebook.cells[0].outputs
    assert shown.output_type == "stream" and shown.name == "stdout"
    asked, installed = shown.text.split()
    assert asked == installed
