import pytest

from srlab.potentials.candidate import Candidate
from srlab.potentials.convexity import embedding_is_convex, room_crystal, shells
from srlab.potentials.published import published
from srlab.templates import template_of


def candidate(**formulas):
    texts = {"pair": "900.0*exp(-3.2*r)", "density": "exp(-1.6*r)", "embedding": "-12.0*sqrt(rho)", **formulas}
    return Candidate(
        id="c",
        element="Cu",
        template=template_of(texts).name,
        formulas=texts,
        offset=0.0,
        cutoff=6.0,
        taper_start=4.5,
        complexity=1,
        n_constants=1,
        loss=1.0,
        energy_mae=1.0,
        force_mae=1.0,
        test_energy_mae=None,
        test_force_mae=None,
    ).potential()


@pytest.mark.parametrize(
    "embedding, convex",
    [
        ("-12.0*sqrt(rho)", True),
        ("2.0*rho*log(rho)", True),
        ("-2.0*rho^2", False),
        ("-3.0*rho^1.4 + 0.1*rho", False),
        ("1.0*rho", True),
    ],
)
def test_the_sign_of_the_curvature_decides(embedding, convex):
    assert embedding_is_convex(candidate(embedding=embedding)) is convex


def test_two_densities_and_what_has_no_embedding():
    assert embedding_is_convex(candidate(second_density="r^(-4)", embedding="-2.0*sqrt(rho1) + 0.1*rho2")) is True
    assert embedding_is_convex(candidate(second_density="r^(-4)", embedding="-2.0*rho1*rho2")) is False
    assert embedding_is_convex(candidate(density="0", embedding="0")) is None
    assert embedding_is_convex(published("sutton-chen")) is True


def test_shells_are_those_of_the_structure_at_the_volume_of_the_element():
    """Copper has 11.8 A^3/atom; a bcc crystal of that volume eight neighbours 2.49 A away, and six 2.87 A."""
    assert len(room_crystal("Cu")) == 1
    distances, counts = shells("Cu", 3.0, "bcc")
    assert list(counts) == [8, 6] and distances == pytest.approx([2.486, 2.870], abs=0.005)
    assert shells("Cu", 3.0, "fcc")[0] == pytest.approx(shells("Cu", 3.0)[0])
    assert list(shells("Al", 3.0, "diamond")[1]) == [4]
    with pytest.raises(ValueError):
        shells("Rn", 3.0)
