"""Templates by name and by functions, and models made of them."""

import copy
import pickle

import numpy as np
import pytest

from srlab.errors import InputError
from srlab.templates import (
    Function,
    Model,
    Template,
    columns,
    functions_in,
    register,
    template_named,
    template_names,
    template_of,
    templates,
)
from srlab.templates.eam import EAM
from srlab.templates.pair import PAIR
from srlab.templates.two_density import TWO_DENSITY

FORMULAS = {"pair": "900.0*exp(-3.0*r)", "density": "exp(-1.9*r)", "embedding": "-20.0*sqrt(rho)"}


def test_a_template_is_known_by_its_name():
    assert [template_named(name) for name in template_names()] == list(templates())
    with pytest.raises(InputError, match="'tersoff' is unknown: choose eam, pair"):
        template_named("tersoff")


def test_a_template_is_known_by_its_functions():
    assert template_of(FORMULAS) is EAM
    assert template_of({"pair": "1.0*r"}) is PAIR
    assert template_of(["pair", "density", "second_density", "embedding"]) is TWO_DENSITY
    assert template_of({**FORMULAS, "density": "0", "embedding": "0"}) is PAIR  # as pair potentials were once written
    with pytest.raises(InputError, match="the density function is missing: add 'f = ...'"):
        template_of(["pair", "embedding"])
    with pytest.raises(InputError, match="has no function 'screening'"):
        template_of([*FORMULAS, "screening"])
    assert functions_in({**FORMULAS, "title": "x"}) == FORMULAS


def test_names_and_functions_are_taken_once():
    with pytest.raises(ValueError, match="eam with the functions pair, density, embedding"):
        register(Template("other", "other", EAM.functions, lammps="eam/alloy"))


@pytest.mark.parametrize(
    ("functions", "words"),
    [
        ((EAM["density"],), "without an embedding"),
        ((EAM["pair"], EAM["embedding"]), "one embedding with a variable for each sum"),
        ((EAM["density"], TWO_DENSITY["embedding"]), "one embedding with a variable for each sum"),
    ],
)
def test_what_cannot_be_an_energy_is_refused(functions, words):
    with pytest.raises(ValueError, match=words):
        Template("broken", "broken", functions, lammps="eam/alloy")


def test_a_template_says_what_lammps_can_do_with_it():
    with pytest.raises(ValueError, match="which LAMMPS style holds it, or why none does"):
        Template("silent", "silent", EAM.functions)


@pytest.mark.parametrize("template", templates(), ids=lambda each: each.name)
def test_the_shortest_model_has_as_many_nodes_as_the_template_says(template):
    shortest = {}
    for each in (template[name] for name in template.required):
        texts = [term.text(term.low) for term in each.terms]
        if not each.positive:
            texts = [f"2.0{text[1:]}" if text.startswith("1/") else f"2.0*{text}" for text in texts]
        shortest[each.name] = min(texts, key=lambda text, each=each: each.parse(text).complexity)
    assert Model.parse(shortest, template=template).complexity == template.shortest


def test_the_energy_in_words():
    assert EAM.energy_text() == "E = sum_i [ offset + F(rho_i) + 1/2 sum_j phi(r_ij) ], rho_i = sum_j f(r_ij)"
    assert PAIR.energy_text("C") == "E = sum_i [ C + 1/2 sum_j phi(r_ij) ]"
    assert "F(rho1_i, rho2_i)" in TWO_DENSITY.energy_text() and "rho2_i = sum_j g(r_ij)" in TWO_DENSITY.energy_text()
    assert [each.left_side for each in TWO_DENSITY.functions] == [r"\varphi(r)", "f(r)", "g(r)", r"F(\rho_1, \rho_2)"]


def test_columns_of_a_table_with_several_templates():
    two = {**FORMULAS, "second_density": "exp(-2.0*r)", "embedding": "-1.0*sqrt(rho1) + 0.1*rho2"}
    assert [each.name for each in columns([FORMULAS, two])] == list(TWO_DENSITY.names)
    assert columns([FORMULAS, two])[-1] is TWO_DENSITY["embedding"] and columns([]) == ()


def test_a_model_is_parsed_in_the_order_of_its_template():
    model = Model.parse(dict(reversed(FORMULAS.items())), 0.5)
    assert list(model.functions) == list(EAM.names) and model.formulas == FORMULAS and model.offset == 0.5
    np.testing.assert_array_equal(model.constants, [900.0, -3.0, -1.9, -20.0])
    assert model.text == "phi = 900.0*exp(-3.0*r); f = exp(-1.9*r); F = -20.0*sqrt(rho)"
    assert model.pair is model.functions["pair"] and model.embedding.variable == "rho"
    with pytest.raises(AttributeError, match="no function 'second_density': it has pair, density, embedding"):
        _ = model.second_density


def test_constants_are_changed_function_by_function():
    model = Model.parse(FORMULAS).with_constants([1.0, -2.0, -3.0, -4.0], offset=7.0)
    assert model.formulas == {"pair": "1.0*exp(-2.0*r)", "density": "exp(-3.0*r)", "embedding": "-4.0*sqrt(rho)"}
    assert model.offset == 7.0 and model.structure == Model.parse(FORMULAS).structure


def test_a_function_too_many_is_refused_and_a_zero_is_not():
    assert list(Model.parse({**FORMULAS, "density": "0", "embedding": "0"}, template=PAIR).functions) == ["pair"]
    with pytest.raises(InputError, match="template pair has no function 'density'"):
        Model.parse(FORMULAS, template=PAIR)
    with pytest.raises(InputError, match="pair function must be a text"):
        Model.parse({"pair": 3})


def test_models_and_templates_survive_copies_and_processes():
    model = Model.parse(FORMULAS)
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert again.formulas == model.formulas and again.template is EAM
    assert isinstance(pickle.loads(pickle.dumps(EAM["pair"])), Function)
