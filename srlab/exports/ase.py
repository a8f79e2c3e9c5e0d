"""Export as a standalone ASE calculator: one file that needs ASE and numpy, with a self-test."""

from srlab.exports.result import as_formula_potential, import_line, write_text
from srlab.exports.source import (
    energy_source,
    expected_source,
    functions_source,
    header,
    self_test_structure,
    settings_source,
)

_CALCULATOR = '''class EAM(Calculator):
    """ASE calculator: energy, free_energy, energies, forces, and stress where the cell has a volume."""

    implemented_properties = ["energy", "free_energy", "energies", "forces", "stress"]

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        if set(self.atoms.symbols) - {ELEMENT}:
            raise ValueError("this potential is for %s only" % ELEMENT)
        i, j, r, d = neighbor_list("ijdD", self.atoms, CUTOFF)
        energies, forces, virial = _energies_forces_virial(len(self.atoms), i, j, r, d)
        energy = float(energies.sum())
        self.results = {"energy": energy, "free_energy": energy, "energies": energies, "forces": forces}
        if self.atoms.cell.rank == 3:
            self.results["stress"] = full_3x3_to_voigt_6_stress(virial / self.atoms.get_volume())
'''

_SELF_TEST = '''def self_test():
    """Compare with the numbers srlab found when it wrote this file."""
    atoms = Atoms([ELEMENT] * len(TEST_POSITIONS), positions=TEST_POSITIONS, cell=TEST_CELL, pbc=True, calculator=EAM())
    errors = abs(atoms.get_potential_energy() - TEST_ENERGY) / len(atoms), np.abs(atoms.get_forces() - TEST_FORCES).max()
    print("energy differs by %.1e eV/atom, forces by %.1e eV/A" % errors)
    if not (errors[0] < 1e-9 and errors[1] < 1e-8):
        raise SystemExit("self-test failed")
    print("self-test passed")


if __name__ == "__main__":
    self_test()
'''


def write(potential, path, overwrite=False):
    """Write a file with the ASE calculator class `EAM` and a self-test.

    See `srlab.exports.export` for what it raises.
    """
    return write_text(path, source(as_formula_potential(potential, "ase"), path), overwrite)


def source(potential, path="eam.py"):
    """The text of the file, whose header says how to import it from `path`."""
    atoms, energy, forces = self_test_structure(potential)
    imports = (
        "import numpy as np\nfrom ase import Atoms\nfrom ase.calculators.calculator import Calculator, all_changes\n"
        "from ase.neighborlist import neighbor_list\nfrom ase.stress import full_3x3_to_voigt_6_stress\n"
    )
    parts = [
        header(
            potential,
            "as an ASE calculator",
            [f"{import_line(path, 'EAM')}; atoms.calc = EAM(); run the file for a self-test."],
        ),
        imports,
        settings_source(potential),
        functions_source(potential),
        "",
        energy_source(potential),
        "",
        _CALCULATOR,
        "",
        expected_source(atoms, energy, forces),
        _SELF_TEST,
    ]
    return "\n".join(parts)
