"""Sphinx: the API reference from docstrings, and the notebooks as they are saved. `make docs` builds it into
build/docs."""

from pathlib import Path

from srlab import __version__

project, author, release = "srlab", "the srlab authors", __version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb"]
html_theme = "furo"
html_title = f"srlab {release}"
nb_execution_mode = "off"  # notebooks are shown as they were saved, with their pictures
suppress_warnings = ["mystnb.unknown_mime_type", "myst.xref_missing"]
autodoc_typehints = "none"  # types stand in the numpydoc sections
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
myst_enable_extensions = ["colon_fence"]
exclude_patterns: list[str] = []


def _link_notebooks() -> None:
    """The notebooks lie above this folder, where Sphinx does not look: it gets links to them."""
    here = Path(__file__).parent
    target = here / "course"
    target.mkdir(exist_ok=True)
    for notebook in sorted(here.parent.glob("[0-9][0-9]_*.ipynb")):
        link = target / notebook.name
        if not link.is_symlink():
            link.symlink_to(notebook)


_link_notebooks()
