"""What a search can be told, and what it was told, in words."""

from srlab.expressions.terms import ABOUT, GROUPS
from srlab.templates import template_named, templates
from srlab_widgets.steering_words import cost_choices, operator_words, told


def test_every_operator_of_every_template_is_explained_with_its_terms():
    for template in templates():
        words = operator_words(template)
        assert set(words) == set(template.groups)
        assert all("terms: " in text for text in words.values())
    assert set(ABOUT) == set(GROUPS)
    eam = operator_words(next(template for template in templates() if template.name == "eam"))
    assert "sqrt(rho)" in eam["sqrt"] and "exp(a*r)" in eam["exp"]


def test_steering_is_told_with_what_it_was_before():
    assert told({"name": "set", "max_complexity": 30}, {"max_complexity": 45}) == "max nodes 45 → 30"
    assert told({"name": "set", "focus": 0.1}, {"focus": None}) == "focus off → 0.1"
    assert told({"name": "set", "correlation_length": 0.0}, {"correlation_length": 0.02}) == "shared errors 0.02 → off"
    assert told({"name": "set", "seconds": 90.0}, {"seconds": None}) == "seconds – → 90"
    costs = {"name": "set", "costs": [["exp", 3], ["cos", 2]]}
    assert told(costs, {"costs": [["exp", 2]]}) == "cost of cos 1 → 2, cost of exp 2 → 3"
    assert told({"name": "set", "costs": []}, {"costs": [["exp", 2]]}) == "cost of exp 2 → 1"


def test_an_operator_of_ones_own_is_told_with_its_formula():
    bump, hill = "bump(x) = exp(-x^2)", "hill(x) = x*exp(-1.5*x)"
    command = {"name": "set", "own_operators": [hill], "operators": ["exp", "hill"]}
    said = told(command, {"own_operators": [bump], "operators": ["exp", "bump"]})
    assert said == f"no longer {bump}, new: {hill} · without bump, with hill"


def test_costs_can_be_given_to_the_operators_of_a_template():
    names = [choice["name"] for choice in cost_choices(template_named("eam"))]
    assert names == ["add", "mul", "div", "pow", "exp", "log", "sqrt", "cos", "tanh"]
    assert all(choice["about"] for choice in cost_choices(template_named("two-density")))
