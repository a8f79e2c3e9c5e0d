"""The process that exports a candidate for the dashboard: ``python -m srlab_widgets.export_worker FILE``.

It reads one request, a line of JSON {"row", "to", "element"}, writes lines of JSON {"doing"} as it goes on and at last
{"name", "text"}, with the bytes in FILE, or {"error"}; to cancel it, kill it.
"""

import os
import pathlib
import sys

from srlab.errors import InputError, MissingExtra
from srlab.workers.process import answer

from .downloads import download

POLITENESS = 5  # niceness: the search goes first


def export(request, tell):
    """Answer one request."""
    if hasattr(os, "nice"):
        os.nice(POLITENESS)
    try:
        name, data, text = download(request["row"], request["to"], request["element"], lambda doing: tell(doing=doing))
    except (InputError, MissingExtra) as error:
        return tell(error=str(error))
    pathlib.Path(sys.argv[1]).write_bytes(data)
    tell(name=name, text=text)


if __name__ == "__main__":
    sys.exit(answer(export))
