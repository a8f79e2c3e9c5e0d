"""The pictures of the README: notebook 01 in JupyterLab, its search ended and its best formula validated, light and
dark.

    python tests/browser/pictures.py [FOLDER] [--seconds 60]

Writes dashboard.png and dashboard-dark.png into FOLDER, notebooks/ unless given.
"""

import argparse
import pathlib
import tempfile

import lab
import nbformat

NOTEBOOKS = pathlib.Path(__file__).parents[2] / "notebooks"
STORE = "document.querySelector('.srlab').dashboard.store"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=NOTEBOOKS)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        source = [
            cell.source
            for cell in nbformat.read(NOTEBOOKS / "01_live_search.ipynb", as_version=4).cells
            if cell.cell_type == "code"
        ][:2]
        lab.write_notebook(root / "pictures.ipynb", source)
        with (
            lab.server(root, {"SRLAB_NOTEBOOK_SECONDS": str(options.seconds)}) as (address, token),
            lab.browser(1400, 2600) as context,
        ):
            page = lab.open_notebook(context, address, token, "pictures.ipynb")
            lab.run_cell(page, 0)
            lab.run_cell(page, 1)
            page.wait_for_selector(".srlab .front .point", timeout=60_000)
            page.wait_for_function(
                f"() => {STORE}.header.state === 'finished'", timeout=1000 * (2 * options.seconds + 60)
            )
            page.wait_for_function(f"() => {STORE}.validations.get({STORE}.selected.candidate)?.done", timeout=180_000)
            for name, theme in (("dashboard.png", "JupyterLab Light"), ("dashboard-dark.png", "JupyterLab Dark")):
                lab.theme(page, theme)
                page.mouse.move(0, 0)
                lab.picture(page, options.folder / name)


if __name__ == "__main__":
    main()
