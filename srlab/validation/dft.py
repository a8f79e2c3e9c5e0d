"""The same properties with density-functional theory: an ASE calculator around the GPAW settings of the project's labels.

`python -m srlab.validation.dft [eos,elastic,...]` prints one JSON object with the values and the settings. Hours rather than seconds: for the cheap
properties of `CHEAP` about half an hour on one core.
"""

import json
import sys

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

from srlab.sampling.gpaw_recipe import GpawRecipe
from srlab.validation.crystal import Crystal, energies_per_atom, stresses
from srlab.validation.elastic import elastic_cells, elastic_constants
from srlab.validation.eos import eos_cells, fit_eos
from srlab.validation.phonons import POINTS, frequencies_at, solved_model
from srlab.validation.polymorphs import polymorph

CHEAP = ("eos", "elastic", "polymorphs")
GROUPS = (*CHEAP, "phonons")


class PbeCalculator(Calculator):
    """PBE with GPAW, at the settings of a `GpawRecipe`; the energy is the free energy, whose gradients the forces are."""

    implemented_properties = ["energy", "free_energy", "forces", "stress"]

    def __init__(self, recipe=None, **kwargs):
        super().__init__(**kwargs)
        # cells of one atom need more k points than the labels have, or energies are 10 meV/atom wrong
        self.recipe = recipe or GpawRecipe(kspacing=0.18)

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        self.results, _ = self.recipe.compute(self.atoms)


def dft_properties(groups=CHEAP, element="Cu", guess=3.635, calculator=None, report=print):
    """Values of the cheaper properties, from few cells.

    Parameters
    ----------
    groups : of `GROUPS`; phonons take several times as long as the rest
    element, guess : the crystal, and about its lattice constant (angstrom)
    calculator : ASE calculator with stress, default `PbeCalculator()`
    report : callable
        Called with a line of text after each step.

    Returns
    -------
    dict
        property -> value, in the units of `srlab.validate`; no cohesive energy, which needs an isolated atom.
    """
    calculator = calculator or PbeCalculator()
    scales = np.linspace(0.94, 1.06, 7)
    fitted = fit_eos(scales * guess**3 / 4.0, energies_per_atom(calculator, eos_cells(element, guess, scales)))
    a0 = (4.0 * fitted["volume"]) ** (1.0 / 3.0)
    values = {"lattice_constant": a0, "bulk_modulus": fitted["bulk_modulus"]}
    report(f"eos: {values}, energies fitted to {1e3 * fitted['residual']:.2f} meV/atom")
    crystal = Crystal(element, a0, fitted["energy"], calculator)
    if "elastic" in groups:
        # a larger strain than for potentials: stresses are good to 0.1 GPa
        values |= elastic_constants(stresses(calculator, elastic_cells(element, a0, 0.01)), 0.01)
        report(f"elastic: {values}")
    if "polymorphs" in groups:
        for name, (size, width) in {"bcc": (1.01, 0.06), "hcp": (1.0, 0.06), "sc": (1.17, 0.08), "dhcp": (1.0, 0.06)}.items():
            volumes = fitted["volume"] * size * np.linspace(1.0 - width, 1.0 + width, 5)
            lowest = fit_eos(volumes, energies_per_atom(calculator, [polymorph(element, name, volume) for volume in volumes]))["energy"]
            values[f"energy_{name}_fcc"] = 1e3 * (lowest - crystal.energy)
            report(f"{name}: {values[f'energy_{name}_fcc']:.2f} meV/atom above fcc")
    if "phonons" in groups:
        # 32 atoms, in which X and L fit; displaced further than with potentials, because forces are good to 5 meV/A
        model = solved_model(Crystal(element, a0, np.nan, PbeCalculator(GpawRecipe())), repeat=2, displacement=0.04)
        for name, branches in zip("xl", frequencies_at(model, [POINTS["X"], POINTS["L"]])):
            values |= {f"phonon_{name}_transverse": float(branches[0]), f"phonon_{name}_longitudinal": float(branches[2])}
        report(f"phonons: {values}")
    return values


def main(groups=",".join(CHEAP)):
    """Print the values and settings as JSON."""
    calculator = PbeCalculator()
    values = dft_properties(tuple(groups.split(",")), calculator=calculator, report=lambda text: print(text, file=sys.stderr, flush=True))
    print(json.dumps({"settings": calculator.recipe.settings, "values": values}, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
