"""srlab lab: JupyterLab on the first notebook."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import typer

NOTEBOOK = Path("notebooks") / "01_live_search.ipynb"


def lab(context: typer.Context) -> None:
    """Open JupyterLab on the first notebook.

    Further options, such as --no-browser, go to JupyterLab.
    """
    from srlab.errors import InputError, MissingExtra

    if find_spec("jupyterlab") is None:
        raise MissingExtra("jupyterlab", "lab", "open the notebooks")
    notebook = find_notebook()
    if notebook is None:
        raise InputError(f"{NOTEBOOK} is neither here nor beside the installed package: run srlab lab in a clone of the repository")
    try:
        code = subprocess.run([sys.executable, "-m", "jupyterlab", str(notebook), *context.args]).returncode
    except KeyboardInterrupt:
        code = 130
    raise typer.Exit(code)


def find_notebook() -> Path | None:
    """The first notebook, in the current folder or in the repository the package is installed from."""
    folders = Path.cwd(), Path(__file__).parents[2]
    return next((folder / NOTEBOOK for folder in folders if (folder / NOTEBOOK).is_file()), None)
