import importlib.metadata
import importlib.util
import json

import pytest

if importlib.util.find_spec("nglview") is None:
    pytest.skip("nglview is not installed", allow_module_level=True)


def test_the_version_asked_for_is_the_one_that_is_installed():
    from srlab_widgets.nglview_frontend import PACKAGE, import_nglview

    nglview = import_nglview()
    installed = next(f for f in importlib.metadata.files("nglview") if f.as_posix().endswith(PACKAGE))
    version = json.loads(installed.locate().read_text())["version"]
    if nglview.widget.__frontend_version__ != version:
        pytest.skip("nglview was imported before, unpatched, by another test")
    assert nglview.NGLWidget._view_module_version.default_value == version
