"""The same properties with density-functional theory: an ASE calculator around the GPAW settings of the project's
labels.

`python -m srlab.curation.dft_references [eos,elastic,...] [--cache FILE] [--element Al --guess 4.04]` prints one JSON
object with the values and the settings. Hours rather than seconds: for the cheap properties of `CHEAP` about half an
hour on one core. Every single point is kept in the cache: an interrupted computation, asked for again, goes on where it
stopped.
"""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from ase import units
from ase.build import bulk, fcc100, fcc110, fcc111
from ase.calculators.calculator import Calculator, all_changes

from srlab.sampling.gpaw_recipe import GpawRecipe
from srlab.validation.crystal import Crystal, energies_per_atom, relax, stresses
from srlab.validation.properties.defects import formation_energy
from srlab.validation.properties.elastic import elastic_cells, elastic_constants
from srlab.validation.properties.eos import eos_cells, fit_eos
from srlab.validation.properties.phonons import frequencies_at, solved_model, special_points
from srlab.validation.properties.polymorphs import polymorph
from srlab.validation.properties.surfaces import surface_energy

CHEAP = ("eos", "elastic", "polymorphs")
GROUPS = (*CHEAP, "phonons")
DEFECTS = ("surfaces", "vacancy")
LAYERS = {"111": 7, "100": 7, "110": 9}
"""Layers of the slabs; between slabs are 12 A of vacuum."""
FMAX = 0.03
"""eV/A to which defects are relaxed."""


DENSE = 0.18
"""1/A between k points where energies of crystals are compared: with `COARSE`, cells of one atom are 10 meV/atom
wrong."""
COARSE = 0.30
"""1/A, for forces in large cells: phonons, relaxations."""


def recipe_of(element, kspacing):
    """The recipe of an element with k points so far apart (1/angstrom) in every structure."""
    return replace(GpawRecipe.of([element]), kspacing=kspacing, fine=kspacing)


class PbeCalculator(Calculator):
    """PBE with GPAW, at the settings of a `GpawRecipe`; the energy is the free energy, whose gradients the forces are.

    With `cache`, the path of a file of JSON lines, no structure is computed twice, also by later calculators of the
    same settings.
    """

    implemented_properties = ["energy", "free_energy", "forces", "stress"]

    def __init__(self, recipe=None, cache=None, **kwargs):
        super().__init__(**kwargs)
        self.recipe = recipe or recipe_of("Cu", DENSE)
        self.cache, self._kept = cache and Path(cache), {}

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        super().calculate(atoms, properties, system_changes)
        key = self._key()
        known = self._known(key)
        if known is None:
            known, info = self.recipe.compute(self.atoms, kept=self._kept)
            known = {name: getattr(value, "tolist", lambda value=value: value)() for name, value in known.items()}
            if self.cache:
                with self.cache.open("a") as file:
                    file.write(
                        json.dumps({"key": key, "formula": str(self.atoms.symbols), **info, "results": known}) + "\n"
                    )
        self.results = {name: np.array(value) if isinstance(value, list) else value for name, value in known.items()}

    def _key(self):
        """Text that differs where the settings, the cell or an atom's place (to 1e-6 A) does."""
        place = np.round(np.concatenate([self.atoms.cell.array, self.atoms.positions]), 6) + 0.0
        return json.dumps([self.recipe.settings, self.atoms.numbers.tolist(), self.atoms.pbc.tolist(), place.tolist()])

    def _known(self, key):
        if not (self.cache and self.cache.exists()):
            return None
        lines = (json.loads(line) for line in self.cache.read_text().splitlines())
        return next((line["results"] for line in lines if line["key"] == key), None)


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
    calculator = calculator or PbeCalculator(recipe_of(element, DENSE))
    scales = np.linspace(0.94, 1.06, 7)
    fitted = fit_eos(
        scales * guess**3 / 4.0, energies_per_atom(calculator, eos_cells(bulk(element, "fcc", guess), scales))
    )
    a0 = (4.0 * fitted["volume"]) ** (1.0 / 3.0)
    values = {"lattice_constant": a0, "bulk_modulus": fitted["bulk_modulus"]}
    report(f"eos: {values}, energies fitted to {1e3 * fitted['residual']:.2f} meV/atom")
    crystal = Crystal(element, a0, fitted["energy"], calculator)
    if "elastic" in groups:
        # a larger strain than for potentials: stresses are good to 0.1 GPa
        values |= elastic_constants(stresses(calculator, elastic_cells(crystal.primitive(), 0.01)), 0.01)
        report(f"elastic: {values}")
    if "polymorphs" in groups:
        for name, (size, width) in {
            "bcc": (1.01, 0.06),
            "hcp": (1.0, 0.06),
            "sc": (1.17, 0.08),
            "dhcp": (1.0, 0.06),
        }.items():
            volumes = fitted["volume"] * size * np.linspace(1.0 - width, 1.0 + width, 5)
            lowest = fit_eos(
                volumes, energies_per_atom(calculator, [polymorph(element, name, volume) for volume in volumes])
            )["energy"]
            values[f"energy_{name}_fcc"] = 1e3 * (lowest - crystal.energy)
            report(f"{name}: {values[f'energy_{name}_fcc']:.2f} meV/atom above fcc")
    if "phonons" in groups:
        # 32 atoms, in which X and L fit; displaced further than with potentials, because forces are good to 5 meV/A
        coarse = Crystal(element, a0, np.nan, PbeCalculator(recipe_of(element, COARSE)))
        model, points = solved_model(coarse, repeats=2, displacement=0.04), special_points(coarse)
        for name, branches in zip("xl", frequencies_at(model, [points["X"], points["L"]])):
            values |= {
                f"phonon_{name}_transverse": float(branches[0]),
                f"phonon_{name}_longitudinal": float(branches[2]),
            }
        report(f"phonons: {values}")
    return values


_BUILDERS = {"111": (fcc111, 3), "100": (fcc100, 2), "110": (fcc110, 2)}
"""Face: builder, layers after which they repeat."""


def surface_cell(crystal, face, layers, vacuum=8.0):
    """A thin slab of an fcc crystal with one atom per layer, for DFT.

    Parameters
    ----------
    crystal : Crystal
    face : str
        "111", "100" or "110".
    layers : int
    vacuum : float
        Angstrom on each side; the slab is not periodic across it.
    """
    return _BUILDERS[face][0](
        crystal.element, (1, 1, layers), a=crystal.lattice_constant, vacuum=vacuum, periodic=False
    )


def oriented_bulk(crystal, face):
    """The perfect crystal in a cell with the edges of the slab of that face: with DFT, k points in the surface are
    then the same in both."""
    builder, period = _BUILDERS[face]
    return builder(crystal.element, (1, 1, period), a=crystal.lattice_constant, periodic=True)


def dft_surfaces(calculator, dense=None, element="Cu", lattice_constant=3.643, layers=LAYERS, report=print):
    """Surface energies from thin slabs, relaxed, against the crystal in a cell with the same edges in the surface.

    Parameters
    ----------
    calculator : ASE calculator that relaxes the slabs
    dense : ASE calculator, optional
        With more k points: computes the relaxed slabs again.
    lattice_constant : angstrom
    layers : dict
        face -> layers of its slab.

    Returns
    -------
    dict
        surface_energy_111 (100, 110), J/m2; with `dense` they are its own, and surface_energy_111_coarse (...) those of
        `calculator`.
    """
    values = {}
    for face, number in layers.items():
        crystal = Crystal(element, lattice_constant, np.nan, calculator)
        slab, _ = relax(surface_cell(crystal, face, number, 6.0), calculator, FMAX)
        name = f"surface_energy_{face}"
        methods = {name: calculator} if dense is None else {f"{name}_coarse": calculator, name: dense}
        for label, method in methods.items():
            energy, perfect = (energies_per_atom(method, [cell])[0] for cell in (slab, oriented_bulk(crystal, face)))
            values[label] = surface_energy(slab, energy * len(slab), perfect)
            report(f"{label}: {values[label]:.4f} J/m2, {number} layers")
    return values


def dft_vacancy(calculator, dense=None, element="Cu", lattice_constant=3.636, repeat=2, report=print):
    """Formation energy of a vacancy (eV) in a small supercell, against the perfect supercell with the same k points.

    Parameters
    ----------
    calculator : ASE calculator with stress, which relaxes it
    dense : ASE calculator, optional
        With more k points: computes the relaxed vacancy and the perfect supercell again.
    lattice_constant : angstrom, near the minimum of that calculator
    repeat : conventional cells along each edge; at 2 the images are 7.3 A apart, nearer than is allowed to potentials

    Returns
    -------
    dict
        vacancy_formation_energy, relaxed in a fixed cell and taken to zero pressure, and
        vacancy_formation_energy_unrelaxed, eV; with `dense` the first is its own, and vacancy_formation_energy_coarse
        that of `calculator`.
    """
    perfect = bulk(element, "fcc", lattice_constant, cubic=True).repeat(repeat)
    energy = energies_per_atom(calculator, [perfect])[0]
    report(f"perfect supercell: {energy:.5f} eV/atom")
    crystal = Crystal(element, lattice_constant, energy, calculator)
    start = perfect.copy()
    del start[0]
    values = {
        "vacancy_formation_energy_unrelaxed": float((energies_per_atom(calculator, [start])[0] - energy) * len(start))
    }
    report(f"unrelaxed vacancy: {values}")
    # bulk modulus of the label settings; it enters only the elastic energy of the fixed cell, about 0.01 eV
    name = "vacancy_formation_energy"
    values[name], relaxed, _ = formation_energy(crystal, start, 138.7 * units.GPa, FMAX)
    report(f"relaxed vacancy: {values}")
    if dense is not None:
        coarse = values[name]
        stored = float(relaxed.get_potential_energy()) - energy * len(start) - coarse
        vacant, whole = energies_per_atom(dense, [relaxed, perfect])
        values |= {f"{name}_coarse": coarse, name: float((vacant - whole) * len(start) - stored)}
        report(f"with more k points: {values}")
    return values


def main(arguments=None):
    """Print the values and settings as JSON."""
    parser = argparse.ArgumentParser(prog="python -m srlab.curation.dft_references", description=__doc__)
    parser.add_argument("groups", nargs="?", default=",".join(CHEAP), help=f"of {', '.join(GROUPS + DEFECTS)}")
    parser.add_argument("--cache", help="file of JSON lines in which every single point is kept")
    parser.add_argument("--element", default="Cu")
    parser.add_argument(
        "--guess", type=float, default=3.635, help="about the lattice constant of its fcc crystal, angstrom"
    )
    options = parser.parse_args(arguments)
    groups = options.groups.split(",")
    unknown = set(groups) - {*GROUPS, *DEFECTS}
    if unknown:
        parser.error(f"there is no group {sorted(unknown)[0]!r}: choose from {', '.join(GROUPS + DEFECTS)}")
    element = options.element
    if element != "Cu" and set(groups) & set(DEFECTS):
        parser.error(f"{', '.join(DEFECTS)} are done for copper only: their cells start from its lattice constants")
    # 0.22: 4x4x4 k points in the supercell of 32 atoms of copper
    dense, label, denser = (
        PbeCalculator(recipe_of(element, kspacing), cache=options.cache) for kspacing in (DENSE, COARSE, 0.22)
    )

    def report(text):
        print(text, file=sys.stderr, flush=True)

    values = {}
    if set(groups) & set(GROUPS):
        values |= dft_properties(groups, element, options.guess, dense, report)
    if "surfaces" in groups:
        values |= dft_surfaces(label, dense, report=report)
    if "vacancy" in groups:
        values |= dft_vacancy(label, denser, report=report)
    settings = {"crystal, surfaces": dense, "phonons, relaxations, coarse values": label, "vacancy": denser}
    print(
        json.dumps(
            {"settings": {what: method.recipe.settings for what, method in settings.items()}, "values": values},
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
