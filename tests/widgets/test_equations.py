import ast

from srlab.expressions import Formula
from srlab_widgets.equations import copies, typeset

FORMULAS = {"pair": "900.123456789*exp(-3.2*r) - 0.5*r^(-6)", "density": "exp(-1.6*r)", "embedding": "-12.0*sqrt(rho)"}


def test_typeset_rounds_and_names_nothing_it_does_not_know():
    latex = typeset({"formulas": FORMULAS}, digits=4)
    assert latex["pair"].startswith("900.1") and "900.12" not in latex["pair"]
    assert "\\rho" in latex["embedding"]
    assert set(typeset({"formulas": {"pair": "exp(-r)"}})) == {"pair"}


def test_a_formula_of_another_grammar_is_left_as_text():
    assert typeset({"formulas": {"pair": "__import__('os')"}}) is None


def test_copies_are_complete_and_parse():
    out = copies(FORMULAS)
    for language in ("python", "sympy"):
        names = {node.name for node in ast.walk(ast.parse(out[language])) if isinstance(node, ast.FunctionDef)} | {
            target.id
            for node in ast.walk(ast.parse(out[language]))
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        assert {"phi", "f", "F"} <= names
        assert "900.123456789" in out[language]
    assert out["latex"].count("&=") == 3


def test_two_densities_are_copied_with_both():
    two = {**FORMULAS, "second_density": "r^(-4)", "embedding": "(27.0 - rho1)/rho2"}
    out = copies(two)
    assert (
        "def F(rho1, rho2):" in out["python"]
        and "def g(r):" in out["python"]
        and "r, rho1, rho2 = sympy.symbols" in out["sympy"]
    )
    assert out["latex"].count("&=") == 4 and "\\rho_2" in typeset({"formulas": two})["embedding"]


def test_the_copied_python_is_the_formula():
    function = next(
        n for n in ast.parse(copies(FORMULAS)["python"]).body if isinstance(n, ast.FunctionDef) and n.name == "phi"
    )
    source = ast.unparse(function.body[0].value).replace("np.", "").replace("**", "^")
    assert abs(Formula.parse(source).value(2.7) - Formula.parse(FORMULAS["pair"]).value(2.7)) < 1e-12
