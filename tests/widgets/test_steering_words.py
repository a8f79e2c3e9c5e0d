"""What a search can be told, and what it was told, in words."""

from srlab.templates import templates
from srlab_widgets.steering_words import OPERATORS, operator_words, told


def test_every_operator_of_every_template_is_explained_with_its_terms():
    for template in templates():
        words = operator_words(template)
        assert set(words) == set(template.groups)
        assert all("terms: " in text for text in words.values())
    known = {group for template in templates() for group in template.groups}
    assert set(OPERATORS) <= known, "words for an operator that is no more"
    eam = operator_words(next(template for template in templates() if template.name == "eam"))
    assert "sqrt(rho)" in eam["sqrt"] and "exp(a*r)" in eam["exp"]


def test_steering_is_told_with_what_it_was_before():
    assert told({"name": "set", "max_complexity": 30}, {"max_complexity": 45}) == "max nodes 45 → 30"
    assert told({"name": "set", "focus": 0.1}, {"focus": None}) == "focus off → 0.1"
    assert told({"name": "set", "seconds": 90.0}, {"seconds": None}) == "seconds – → 90"
