"""The same properties with density-functional theory: an ASE calculator around the GPAW settings of the project's labels.

`python -m srlab.validation.dft [eos,elastic,...]` prints one JSON object with the values and the settings. Hours rather than seconds: for the cheap
properties of `CHEAP` about half an hour on one core.
"""

import json
import sys

import numpy as np
from ase.calculators.calculator import Calculator, all_changes

from srlab.sampling.gpaw_recipe import GpawRecipe
from srlab.validation.crystal import Crystal, energies_per_atom, relax, stresses
from srlab.validation.elastic import elastic_cells, elastic_constants
from srlab.validation.eos import eos_cells, fit_eos
from srlab.validation.phonons import POINTS, frequencies_at, solved_model
from srlab.validation.polymorphs import polymorph
from srlab.validation.surfaces import surface_cell, surface_energy

CHEAP = ("eos", "elastic", "polymorphs")
GROUPS = (*CHEAP, "phonons", "surfaces", "vacancy")
LAYERS = {"111": 7, "100": 7, "110": 9}  # of the slabs, one atom each
VACUUM = 6.0  # angstrom on either side of a slab
RELAXED = 0.03  # eV/A, largest force left


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
    groups : of `GROUPS`; each of the last three takes longer than all the others together
    element, guess : the crystal, and about its lattice constant (angstrom)
    calculator : ASE calculator with stress, default `PbeCalculator()`
    report : callable
        Called with a line of text after each step.

    Returns
    -------
    dict
        property -> value, in the units of `srlab.validate`; no cohesive energy, which needs an isolated atom.
    """
    # supercells have the k points of the labels, which there are as dense
    labels, calculator = calculator or PbeCalculator(GpawRecipe()), calculator or PbeCalculator()
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
        model = solved_model(Crystal(element, a0, np.nan, labels), repeat=2, displacement=0.04)
        for name, branches in zip("xl", frequencies_at(model, [POINTS["X"], POINTS["L"]])):
            values |= {f"phonon_{name}_transverse": float(branches[0]), f"phonon_{name}_longitudinal": float(branches[2])}
        report(f"phonons: {values}")
    if "surfaces" in groups:
        for face in LAYERS:
            values[f"surface_energy_{face}"] = dft_surface(crystal, face)
            report(f"surface ({face}): {values[f'surface_energy_{face}']:.3f} J/m2")
    if "vacancy" in groups:
        values["vacancy_formation_energy"] = dft_vacancy(Crystal(element, a0, np.nan, labels))
        report(f"vacancy: {values['vacancy_formation_energy']:.3f} eV")
    return values


def dft_surface(crystal, face):
    """Energy (J/m2) of a relaxed surface from a slab of `LAYERS`, with the same density of k points in the plane as in the crystal."""
    slab, _ = relax(surface_cell(crystal, face, VACUUM, LAYERS[face]), crystal.calculator, RELAXED)
    return surface_energy(slab, slab.get_potential_energy(), crystal.energy)


def dft_vacancy(crystal, repeat=2):
    """Formation energy (eV) of a vacancy relaxed in `repeat`^3 conventional cells of fixed size, against the perfect supercell with the same k points.

    Images of the vacancy are nearer to each other than `srlab.validation.vacancy` would allow a potential (7.3 against 9 A): what a DFT run can afford.
    """
    perfect = crystal.conventional(repeat)
    defect = perfect.copy()
    del defect[0]
    relaxed, _ = relax(defect, crystal.calculator, RELAXED)
    return float(relaxed.get_potential_energy() - len(defect) * energies_per_atom(crystal.calculator, [perfect])[0])


def main(groups=",".join(CHEAP)):
    """Print the values and settings as JSON."""
    calculator = PbeCalculator()
    values = dft_properties(tuple(groups.split(",")), report=lambda text: print(text, file=sys.stderr, flush=True))
    print(json.dumps({"settings": calculator.recipe.settings, "values": values}, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
