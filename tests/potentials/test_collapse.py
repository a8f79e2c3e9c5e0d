"""Cold curves against the calculator, and holes put in on purpose."""

import numpy as np
import pytest
from ase.build import bulk

from srlab.errors import InputError
from srlab.potentials import Potential, Smoothstep
from srlab.potentials.collapse import SCALES, ColdCurves, falls_below
from srlab.potentials.equilibrium import equilibrium
from srlab.potentials.lattices import STRUCTURES, neighbour_ratio, primitive_cell
from srlab.potentials.published import published
from srlab.templates import Model
from srlab.templates.angular import ANGULAR_EAM


def gupta(element, neighbour, hole=0.0, where=1.0, pair=0.0333):
    """A Gupta form with neighbours about `neighbour` apart, 1.6 eV/atom deep, with a Gaussian well of `hole` eV at
    `where` neighbour distances."""
    well = f"{hole}*exp(-{60 / neighbour**2}*(r - {where * neighbour})^2)"
    functions = {
        "pair": f"{2 * pair}*exp(-7.8*(r/{neighbour} - 1)) - {well}",
        "density": f"{0.3}*exp(-1.7*(r/{neighbour} - 1))",
        "embedding": "-sqrt(rho)",
    }
    cutoff = 2.6 * neighbour
    return Potential("made-up", element, Model.parse(functions).functions, cutoff, Smoothstep(0.75 * cutoff, cutoff))


def test_cold_curves_are_those_of_the_calculator():
    potential = published("gp2")  # two densities
    frame = bulk("Cu", "hcp", 2.6, 4.5)
    frame.positions[1] += [0.1, 0.0, 0.2]
    nearest = frame.get_all_distances(mic=True)[0, 1]
    curves = ColdCurves([*STRUCTURES, frame], 2.55, potential.cutoff)
    calculator = potential.calculator()
    for k in (40, 70):
        for structure, curve in zip((*STRUCTURES, None), curves.energies(potential)):
            if structure is None:
                atoms = frame.copy()
                atoms.set_cell(atoms.cell.array * curves.distances[k] / nearest, scale_atoms=True)
            else:
                atoms = primitive_cell("Cu", structure, curves.distances[k] / neighbour_ratio(structure))
            atoms.calc = calculator
            assert curve[k] == pytest.approx(atoms.get_potential_energy() / len(atoms), abs=1e-5)


def test_angles_count():
    """Of rank 3, which does not vanish in diamond; in fcc, where every atom is a centre of symmetry, it does."""
    functions = {"pair": "900.0*exp(-3.1*r)", "density": "exp(-1.3*r)", "embedding": "-2.0*sqrt(rho)"}
    angular = Model.parse({**functions, "angular_3": "exp(-0.8*r)"}, template=ANGULAR_EAM)
    with_angles, without = (
        Potential.of_model(model, "made-up", "Si", 4.0, Smoothstep(3.0, 4.0))
        for model in (angular, Model.parse(functions, template=ANGULAR_EAM))
    )
    curves = ColdCurves(["fcc", "diamond"], 2.35, 4.0)
    (fcc, diamond), (plain_fcc, plain_diamond) = curves.energies(with_angles), curves.energies(without)
    assert fcc == pytest.approx(plain_fcc, rel=1e-6)
    k = int(np.argmin(np.abs(SCALES - 1.0)))
    atoms = primitive_cell("Si", "diamond", curves.distances[k] / neighbour_ratio("diamond"))
    atoms.calc = with_angles.calculator()
    assert diamond[k] == pytest.approx(atoms.get_potential_energy() / 2) and diamond[k] > plain_diamond[k] + 1e-3


@pytest.mark.parametrize("name", ["sutton-chen", "cleri-rosato", "gp1", "gp2", "cu-sr1"])
def test_sound_potentials_do_not_fall(name):
    from srlab.potentials import load_potential

    assert falls_below(load_potential(name), STRUCTURES, 2.55) is None


@pytest.mark.parametrize("element, neighbour", [("Li", 3.0), ("Cu", 2.55), ("Be", 2.22)])
def test_a_hole_is_found_on_the_scale_of_its_element(element, neighbour):
    """Lithium's holes begin at 2.7 A, where copper's neighbours would be: distances count in units of the crystal's
    own."""
    assert falls_below(gupta(element, neighbour), STRUCTURES, neighbour) is None
    fall = falls_below(gupta(element, neighbour, hole=1.5, where=0.65), STRUCTURES, neighbour)
    assert 0.5 * neighbour < fall.distance < 0.9 * neighbour and 0.0 <= fall.barrier < 3.0
    assert not fall.stretched and f"compressed {fall.structure}" in str(fall) and f"{fall.distance:.2f} A" in str(fall)


def test_a_hole_behind_a_high_wall_is_passed_over():
    potential = gupta("Cu", 2.55, hole=14.0, where=0.42)
    assert falls_below(potential, ["fcc"], 2.55, ceiling=1.0) is None
    assert falls_below(potential, ["fcc"], 2.55, ceiling=50.0).barrier > 1.0


def test_no_energy_is_a_fall():
    """An embedding that ends at the densities of compression."""
    functions = {"pair": "exp(-2*(r - 2.5))", "density": "exp(-2*(r - 2.5))", "embedding": "-2*sqrt(rho*(40 - rho))/6"}
    potential = Potential("ends", "Cu", Model.parse(functions).functions, 6.0, Smoothstep(4.5, 6.0))
    assert falls_below(potential, ["fcc"], 2.5, ceiling=100.0) is not None


def test_a_crystal_that_flies_apart_is_found():
    """A form that a search made of molybdenum's data, which have no isolated atom: 3.16 A, and lower far away."""
    functions = {"pair": "176.1*r^(-5.09)", "density": "exp(-0.2*r)", "embedding": "-0.11491*rho*log(rho)"}
    loose = Potential("loose", "Mo", Model.parse(functions).functions, 6.0, Smoothstep(4.5, 6.0))
    fall = falls_below(loose, STRUCTURES, 2.73)
    assert fall.stretched and 2.8 < fall.distance < 3.6 and fall.barrier < 0.1 and str(fall).startswith("stretched")
    # the minimum that is meant is the one where molybdenum's atoms are, not the lower one at 4.85 A
    assert equilibrium(loose).lattice_constant == pytest.approx(3.15, abs=0.03)


def test_a_lower_crystal_than_those_tried_counts():
    """What is above the energy it is told to stay above has not fallen."""
    potential = gupta("Cu", 2.55, hole=1.5, where=0.65)
    curve = ColdCurves(["bcc"], 2.55, potential.cutoff).energies(potential)[0]
    lowest = float(np.nanmin(curve[: np.argmax(SCALES < 0.5)]))
    assert falls_below(potential, ["bcc"], 2.55) is not None
    assert falls_below(potential, ["bcc"], 2.55, energy=lowest - 1.0) is None


def test_what_cannot_be_compressed_is_refused():
    atoms = bulk("Cu")
    atoms.pbc = False
    with pytest.raises(InputError, match="not periodic"):
        ColdCurves([atoms], 2.5, 6.0)
    with pytest.raises(InputError, match="must be positive"):
        ColdCurves(["fcc"], 0.0, 6.0)
