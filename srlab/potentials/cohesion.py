"""Whether the energies of a potential have the isolated atom for their zero, and what the cohesive energy is then."""

import numpy as np


def cohesive_energy(potential, energy):
    """Cohesive energy of a crystal, eV/atom, positive if it is bound.

    Parameters
    ----------
    potential : Potential, or None for energies of another calculator
    energy : float
        Of the crystal, eV/atom.

    Returns
    -------
    value : float or None
        A table says what a lone atom has, F(0), and from there it is measured, as LAMMPS would. A formula fitted to
        data with an isolated atom gives energies
        on the scale of that atom.
    why : str or None
        Why there is no value: no isolated atom among the data, or a formula that is not defined for one.
    """
    if potential is None:
        return -energy, None
    if not potential.atomic_scale:
        return None, (
            "the data it was fitted to have no isolated atom, so nothing says where its energies are measured from: "
            "add one to the data"
        )
    alone = potential.atom_energy
    if potential.formulas is None:
        return alone - energy, None
    if potential.offset == 0.0 and not np.isfinite(alone):
        return None, (
            "an isolated atom has no finite energy with this potential, so its energies are not on the scale of "
            "isolated atoms"
        )
    return -energy, None
