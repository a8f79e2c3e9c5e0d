"""The process that exports a candidate for the dashboard: ``python -m srlab_widgets.export_worker FILE``.

It reads one request, a line of JSON {"row", "to", "element"}, writes lines of JSON {"doing"} as it goes on and at last {"name", "text"}, with the bytes in
FILE, or {"error"}; to cancel it, kill it.
"""

import json
import os
import pathlib
import sys

POLITENESS = 5  # niceness: the search goes first


def main():
    """Answer the request on standard input."""
    from srlab.errors import InputError, MissingExtra

    from .downloads import download

    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not get between the lines

    def tell(**line):
        out.write(json.dumps(line) + "\n")

    if hasattr(os, "nice"):
        os.nice(POLITENESS)
    request = json.loads(sys.stdin.readline())
    try:
        name, data, text = download(request["row"], request["to"], request["element"], lambda doing: tell(doing=doing))
    except (InputError, MissingExtra) as error:
        return tell(error=str(error))
    pathlib.Path(sys.argv[1]).write_bytes(data)
    tell(name=name, text=text)


if __name__ == "__main__":
    main()
