"""The committed bundle is what its sources build, fetches nothing, and its store passes its own tests."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

WIDGETS = pathlib.Path(__file__).parents[2] / "widgets"
STATIC = WIDGETS / "srlab_widgets" / "static"
OFFLINE = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "ETIMEDOUT", "ENOTCACHED")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A copy of the sources with its packages installed and the bundle built."""
    if shutil.which("npm") is None:
        pytest.skip("node and npm are not installed: the bundle cannot be rebuilt here")
    folder = tmp_path_factory.mktemp("widgets")
    for name in ("package.json", "package-lock.json", ".npmrc", ".oxlintrc.json", "build.mjs"):
        shutil.copy(WIDGETS / name, folder)
    shutil.copytree(WIDGETS / "src", folder / "src")
    environment = dict(os.environ, SRLAB_STATIC=str(folder / "static"))
    install = subprocess.run(
        ["npm", "ci", "--prefer-offline", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True
    )
    if install.returncode and any(word in install.stdout + install.stderr for word in OFFLINE):
        pytest.skip("npm's registry cannot be reached: the bundle cannot be rebuilt here")
    assert install.returncode == 0, install.stderr
    build = subprocess.run(["npm", "run", "build"], cwd=folder, env=environment, capture_output=True, text=True)
    assert build.returncode == 0, build.stderr
    return folder


@pytest.mark.parametrize("name", ["dashboard.js", "dashboard.css", "learn.js", "learn.css", "LICENSES.txt"])
def test_the_committed_bundle_is_what_the_sources_build(built, name):
    assert (built / "static" / name).read_bytes() == (STATIC / name).read_bytes(), (
        f"run 'npm run build' in widgets/ and commit {name}"
    )


def test_every_name_in_the_sources_is_defined_and_used(built):
    result = subprocess.run(["npm", "run", "lint"], cwd=built, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_parts_without_a_dom_pass_their_tests(built):
    result = subprocess.run(["npm", "test"], cwd=built, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
    assert int(re.search(r"^# pass (\d+)", result.stdout, re.M)[1]) >= 100


def test_the_bundle_fetches_nothing():
    css, script = ("".join(path.read_text() for path in sorted(STATIC.glob(f"*.{kind}"))) for kind in ("css", "js"))
    assert all(source.startswith("data:") for source in re.findall(r"url\(\"?([^)\"]*)", css))
    assert "@import" not in css
    assert not re.search(r"\bimport\s*\(?[\"']|[^.\w]fetch\([^)]|XMLHttpRequest|cdn\.", script)
    assert len(css) + len(script) < 640_000


def test_the_lock_file_names_no_host():
    assert "resolved" not in (WIDGETS / "package-lock.json").read_text()


def test_the_licences_of_what_is_bundled_are_there():
    text = (STATIC / "LICENSES.txt").read_text()
    for name in ("katex", "d3-hierarchy", "d3-zoom", "d3-selection"):
        assert f"\n{name} " in text
