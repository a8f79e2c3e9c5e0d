"""The notebook is found, and its absence said."""

import importlib.util
import json
import pathlib
import subprocess
from types import SimpleNamespace

import pytest

from srlab.cli import lab
from srlab.errors import InputError


def test_the_notebook_of_the_current_folder_comes_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_live_search.ipynb").write_text("{}")
    assert lab.find_notebook() == tmp_path / "notebooks" / "01_live_search.ipynb"


def test_without_notebook(srlab, monkeypatch):
    monkeypatch.setattr(lab, "find_notebook", lambda: None)
    outcome = srlab("lab")
    assert outcome.code == 2 and "01_live_search.ipynb" in outcome.sentence


def test_without_jupyterlab(srlab, monkeypatch):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    outcome = srlab("lab")
    assert outcome.code == 2 and "srlab[lab]" in outcome.sentence


def test_further_options_go_to_jupyterlab(srlab, monkeypatch, tmp_path):
    calls = []
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_live_search.ipynb").write_text("{}")
    monkeypatch.setattr(lab, "find_spec", lambda name: importlib.util.find_spec("json"))
    monkeypatch.setattr(subprocess, "run", lambda command, env: calls.append(command) or SimpleNamespace(returncode=3))
    assert srlab("lab", "--no-browser", "--port", "9999").code == 3
    assert calls[0][1:] == [
        "-m",
        "jupyterlab",
        str(tmp_path / "notebooks" / "01_live_search.ipynb"),
        "--no-browser",
        "--port",
        "9999",
    ]


def test_the_app_is_the_dashboard_alone(srlab, monkeypatch, tmp_path):
    seen = []

    def run(command, env):
        source = json.loads(pathlib.Path(command[3]).read_text())["cells"][0]["source"]
        compile(source, "app", "exec")
        seen.append((command[1:3], command[4:], source))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(lab, "find_spec", lambda name: importlib.util.find_spec("json"))
    monkeypatch.setattr(subprocess, "run", run)
    assert srlab("lab", "--app", "--no-browser").code == 0
    ((module, options, source),) = seen
    assert (
        module == ["-m", "voila"] and options == ["--no-browser"] and "Dashboard(" in source and ".wait(" not in source
    )  # a page is shown when all cells have run


def test_without_voila(srlab, monkeypatch):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    outcome = srlab("lab", "--app")
    assert outcome.code == 2 and "srlab[app]" in outcome.sentence


@pytest.mark.parametrize(
    "remote",
    [
        "https://github.com/some-one/srlab.git",
        "git@github.com:some-one/srlab.git",
        "ssh://git@github.com/some-one/srlab",
    ],
)
def test_the_badge_starts_the_first_notebook(remote):
    assert lab.binder_badge(remote) == (
        "[![Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/some-one/srlab/HEAD"
        "?urlpath=lab/tree/notebooks/01_live_search.ipynb)"
    )


@pytest.mark.parametrize("remote", ["", "https://example.org/a/b", "https://github.com/a/b)<script>", "/home/me/srlab"])
def test_there_is_no_badge_for_other_remotes(remote):
    with pytest.raises(InputError, match="no repository on GitHub"):
        lab.binder_badge(remote)
