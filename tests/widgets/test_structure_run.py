"""Atoms relaxed in a process of their own."""

import sys
import threading

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.validation.structures import EXCESS
from srlab_widgets.structure_run import Relaxer
from tests.waiting import wait_until

SUTTON_CHEN = {
    "name": "sc",
    "element": "Cu",
    "formulas": {"pair": "0.0124*(3.61/r)^9", "density": "(3.61/r)^6", "embedding": "-0.488*sqrt(rho)"},
    "offset": 0.0,
    "cutoff": 6.0,
    "taper_start": 4.5,
    "structure": "fcc",
}
SILENT = "import sys; sys.stdin.read()"


def test_the_atoms_come_with_their_shares_of_the_energy():
    atoms = Relaxer().relax(SUTTON_CHEN, "vacancy_formation_energy")
    excess = atoms.arrays[EXCESS]
    assert atoms.pbc.all() and len(atoms) % 4 == 3
    assert (np.sort(excess)[-12:] > 3 * np.median(excess)).all()  # the neighbours of the vacancy


def test_what_has_no_atoms_is_one_sentence():
    with pytest.raises(InputError, match="no atoms to show of bulk_modulus"):
        Relaxer().relax(SUTTON_CHEN, "bulk_modulus")


def test_a_cancel_ends_it_and_so_does_the_next_one():
    relaxer, found = Relaxer([sys.executable, "-c", SILENT]), []
    for end in (relaxer.cancel, lambda: threading.Thread(target=relaxer.relax, args=(SUTTON_CHEN, "any")).start()):
        thread = threading.Thread(target=lambda: found.append(relaxer.relax(SUTTON_CHEN, "any")))
        before = relaxer._child
        thread.start()
        wait_until(lambda before=before: relaxer._child is not before and relaxer._child.begun)
        end()
        thread.join()
    assert found == [None, None]
    wait_until(lambda: relaxer._child.begun)
    relaxer.cancel()
