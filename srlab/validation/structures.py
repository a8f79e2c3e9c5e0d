"""The atoms behind a property: vacancy, interstitial, surface and stacking fault, relaxed, to be looked at.

Every atom comes with its share of the defect's energy: how far its own energy lies above that of an atom of the perfect
crystal, of a fault that of the same atom in a slab without it. Where that is large, the crystal is disturbed, whatever
the defect.
"""

from __future__ import annotations

from srlab.errors import InputError
from srlab.potentials.lattices import STRUCTURES
from srlab.validation.crystal import relax
from srlab.validation.properties.defects import host
from srlab.validation.properties.interstitial import SITES, interstitial_cell
from srlab.validation.properties.slabs import slab
from srlab.validation.properties.stacking_fault import (
    LINES,
    layers_needed,
    relaxed_slab,
    sheared_parts,
    sheared_slab,
    stacked_slab,
    stackings,
)
from srlab.validation.properties.surfaces import FACES
from srlab.validation.properties.vacancy import jumps, vacancy_cells

EXCESS = "excess_energy"
"""Array of the atoms with their shares of the defect's energy, eV."""
FMAX = 5e-3  # eV/A; what is looked at needs no more
HALF = 0.5  # of the way along a gamma line: near its top, where that is not known
SURFACE, VACANCY = "surface_energy_", "vacancy_formation_energy"
CLOSE_PACKED = {
    "stacking_fault_energy": "intrinsic",
    "extrinsic_stacking_fault_energy": "extrinsic",
    "twin_boundary_energy": "twin",
}
UNSTABLE = "unstable_stacking_fault_energy"


def shown_properties(structure: str) -> tuple[str, ...]:
    """Properties of a crystal structure that `relaxed_structure` has atoms for."""
    faults = [UNSTABLE, *CLOSE_PACKED] if structure == "fcc" else []
    for line in LINES.get(structure, ()):
        faults += [name for name in (line.top, line.end) if name]
    surfaces = [f"{SURFACE}{face}" for face in FACES.get(structure, ())]
    vacancy = [VACANCY] if structure in STRUCTURES else []
    return (*vacancy, *SITES.get(structure, ()), *surfaces, *faults)


def relaxed_structure(crystal, name: str):
    """The relaxed atoms whose energy a property is.

    Parameters
    ----------
    crystal : Crystal
    name : str
        One of `shown_properties`. Of the top of a gamma line the atoms are half the way along it.

    Returns
    -------
    ase.Atoms
        Surfaces and faults as slabs, z along their normal and not periodic; with an array `EXCESS`, (n,) eV.

    Raises
    ------
    InputError
        If the property is of no such structure, the supercell would be too small, or atoms fall upon each other.
    """
    if name not in shown_properties(crystal.structure):
        known = ", ".join(shown_properties(crystal.structure)) or "nothing"
        raise InputError(f"there are no atoms to show of {name} in {crystal.described}: choose {known}")
    ground = crystal.energy
    if name == VACANCY:
        perfect = host(crystal, quick=True)
        atoms, _ = relax(vacancy_cells(perfect, jumps(crystal, perfect)[0])[0], crystal.calculator, FMAX)
    elif name in SITES[crystal.structure]:
        edges, place = crystal.conventional().cell.array, SITES[crystal.structure][name]
        cell = interstitial_cell(host(crystal, quick=True), place, edges, crystal.lattice_constant)
        atoms, _ = relax(cell, crystal.calculator, FMAX)
    elif name.startswith(SURFACE):
        cut = slab(crystal, FACES[crystal.structure][name.removeprefix(SURFACE)], 2.0 * max(crystal.reach, 6.0) + 10.0)
        atoms, _ = relax(cut, crystal.calculator, FMAX)
    else:
        faulted, perfect = _fault(crystal, name)
        atoms, undisturbed = (relaxed_slab(crystal, each)[0] for each in (faulted, perfect))
        ground = undisturbed.calc.get_property("energies", undisturbed).copy()  # its surfaces are no part of the fault
    atoms.set_array(EXCESS, atoms.calc.get_property("energies", atoms) - ground)
    atoms.set_constraint()
    atoms.calc = None
    return atoms


def _fault(crystal, name):
    """A slab with a fault in its middle, and the same atoms without it, neither relaxed."""
    if crystal.structure == "fcc":
        half = layers_needed(crystal)
        orders = stackings(half)
        perfect = stacked_slab(crystal, orders["perfect"])
        if name == UNSTABLE:
            return sheared_slab(crystal, HALF, half), perfect
        return stacked_slab(crystal, orders[CLOSE_PACKED[name]]), perfect
    line = next(each for each in LINES[crystal.structure] if name in (each.top, each.end))
    perfect, upper, vector = sheared_parts(crystal, line)
    sheared = perfect.copy()
    sheared.positions[upper] += (1.0 if name == line.end else HALF) * vector
    return sheared, perfect
