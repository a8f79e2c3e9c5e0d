"""srlab lab: JupyterLab on the first notebook, or the dashboard alone as an app."""

import json
import os
import re
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import typer

NOTEBOOK = Path("notebooks") / "01_live_search.ipynb"
APP = """import srlab
from srlab_widgets import Dashboard

Dashboard(srlab.Search(srlab.load_dataset("cu-gpaw")), forks=1, runs=False)
"""


def lab(
    context: typer.Context,
    app: bool = typer.Option(
        False,
        "--app",
        help="The dashboard alone, without a notebook, with Voila: every visitor gets a "
        "search to start, in a run folder here.",
    ),
    badge: bool = typer.Option(
        False,
        "--badge",
        help="Only print the line of Markdown that starts this checkout's GitHub repository on Binder.",
    ),
) -> None:
    """Open JupyterLab on the first notebook.

    Further options, such as --no-browser, go to JupyterLab, or with --app to Voila.
    """
    from srlab.errors import InputError, MissingExtra

    if badge:
        print(binder_badge(_remote()))
        return
    if app:
        if find_spec("voila") is None:
            raise MissingExtra("voila", "app", "show the dashboard as an app")
        with tempfile.TemporaryDirectory() as folder:
            notebook = Path(folder) / "srlab.ipynb"
            notebook.write_text(json.dumps(app_notebook(Path.cwd())), encoding="utf-8")
            raise typer.Exit(_run("voila", str(notebook), *context.args))
    if find_spec("jupyterlab") is None:
        raise MissingExtra("jupyterlab", "lab", "open the notebooks")
    notebook = find_notebook()
    if notebook is None:
        raise InputError(
            f"{NOTEBOOK} is neither here nor beside the installed package: run srlab lab in a clone of the repository"
        )
    raise typer.Exit(_run("jupyterlab", str(notebook), *context.args))


def _run(module: str, *arguments: str) -> int:
    """Exit code of a module's command line.

    What runs in it finds the srlab command, also where no environment is active.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    try:
        return subprocess.run([sys.executable, "-m", module, *arguments], env={**os.environ, "PATH": path}).returncode
    except KeyboardInterrupt:
        return 130


def binder_badge(remote: str) -> str:
    """Markdown of a badge that starts the first notebook of a GitHub repository on Binder.

    Parameters
    ----------
    remote : str
        Address as git has it, such as git@github.com:OWNER/NAME.git or https://github.com/OWNER/NAME.

    Raises
    ------
    InputError
        If it is not a repository on GitHub.
    """
    from srlab.errors import InputError

    found = re.fullmatch(r"(?:https://|ssh://git@|git@)github\.com[/:]([\w.-]+)/([\w.-]+?)(?:\.git)?/?", remote)
    if found is None:
        raise InputError(
            f"the remote {remote or 'of this folder'!r} is no repository on GitHub: give its address to a Binder "
            "service by hand"
        )
    address = f"https://mybinder.org/v2/gh/{found[1]}/{found[2]}/HEAD?urlpath=lab/tree/{NOTEBOOK.as_posix()}"
    return f"[![Binder](https://mybinder.org/badge_logo.svg)]({address})"


def _remote() -> str:
    """Address of the git remote of the current folder; empty where there is none."""
    try:
        done = subprocess.run(["git", "remote", "get-url", "origin"], capture_output=True, text=True)
    except OSError:  # no git
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def app_notebook(folder: Path) -> dict:
    """The notebook of the app: one dashboard, of a search on the bundled data with its run in a folder."""
    cell = {
        "cell_type": "code",
        "id": "app",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": f"import os\n\nos.chdir({str(folder)!r})\n{APP}",
    }
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": [cell]}


def find_notebook() -> Path | None:
    """The first notebook, in the current folder or in the repository the package is installed from."""
    folders = Path.cwd(), Path(__file__).parents[2]
    return next((folder / NOTEBOOK for folder in folders if (folder / NOTEBOOK).is_file()), None)
