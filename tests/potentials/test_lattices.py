"""Perfect crystals are those of ASE."""

import subprocess
import sys

import numpy as np
import pytest
from ase.build import bulk

from srlab.potentials.lattices import STRUCTURES, primitive_cell


@pytest.mark.parametrize("structure", STRUCTURES)
def test_primitive_cells_are_those_of_ase(structure):
    cell = primitive_cell("Mg", structure, 3.2, 1.6)
    same = bulk("Mg", structure, a=3.2, **({"c": 1.6 * 3.2} if structure == "hcp" else {}))
    assert cell.get_chemical_symbols() == same.get_chemical_symbols() and cell.pbc.all()
    assert np.allclose(cell.cell.array, same.cell.array, rtol=0, atol=1e-14)
    assert np.allclose(cell.positions, same.positions, rtol=0, atol=1e-14)


def test_what_evaluates_candidates_loads_no_more_of_scipy_than_it_needs():
    """Each process of a pool would wait for it, and each of a cluster."""
    program = """
import sys
from srlab.fitting.pair_table import PairTable
from srlab.potentials.lattices import STRUCTURES, primitive_cell
cells = [primitive_cell("Cu", structure, 3.6) for structure in STRUCTURES]
PairTable.build(cells, 4.0).weights(float)
print([name for name in ("ase.build", "scipy.optimize", "scipy.sparse") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
