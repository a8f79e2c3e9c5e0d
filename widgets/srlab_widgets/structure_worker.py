"""The process that relaxes the atoms behind a property for the dashboard: ``python -m srlab_widgets.structure_worker``.

It reads one request, a line of JSON {"subject", "name"}, and writes one, {"atoms"}, as `ase.io.jsonio` has them; to
cancel it, kill it.
"""

import os
import sys

from ase.io import jsonio

from srlab.validation import relaxed
from srlab.validation.structures import relaxed_structure
from srlab.workers.process import answer

from .validation_worker import POLITENESS, potential


def relax(request, tell):
    """Answer one request. Raises InputError where there are no such atoms."""
    if hasattr(os, "nice"):
        os.nice(POLITENESS)
    tell(atoms=jsonio.encode(relaxed_structure(relaxed(potential(request["subject"])), request["name"])))


if __name__ == "__main__":
    sys.exit(answer(relax))
