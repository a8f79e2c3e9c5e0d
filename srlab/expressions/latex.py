"""LaTeX of an expression tree, laid out as a person would write it."""

from __future__ import annotations

from srlab.expressions.syntax import Call, Node, Number, Parameter, Variable

_SYMBOLS = {"rho": r"\rho", "rho1": r"\rho_1", "rho2": r"\rho_2"}


def to_latex(root: Node, values, digits: int = 4) -> str:
    """LaTeX of the tree with constants rounded to `digits` significant digits."""
    return _latex(root, values, digits, 0)


def number_to_latex(value: float, digits: int) -> str:
    """A number to so many significant digits, with a power of ten where it is far from one."""
    if float(value).is_integer() and abs(value) < 10**digits:
        return str(int(value))
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    if -4 < int(exponent) < digits + 1:
        text = f"{value:.{max(0, digits - 1 - int(exponent))}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return rf"{mantissa} \times 10^{{{int(exponent)}}}"


def _latex(node: Node, values, digits: int, parent: int) -> str:
    if isinstance(node, (Number, Parameter)):
        text = number_to_latex(node.value if isinstance(node, Number) else values[node.index], digits)
        return (
            rf"\left({text}\right)" if parent >= 2 and text.startswith("-") or parent > 3 and "times" in text else text
        )
    if isinstance(node, Variable):
        return _SYMBOLS.get(node.name, node.name)
    name, arguments = node.operator.name, node.arguments
    text = _CALLS[name](arguments, values, digits) if name in _CALLS else _function(name, arguments, values, digits)
    return (
        rf"\left({text}\right)"
        if node.operator.precedence < parent
        and name not in ("div", "sqrt")
        or parent > 4
        and name in ("div", "exp", "pow")
        else text
    )


def _function(name, arguments, values, digits):
    return rf"\{name}\left({_latex(arguments[0], values, digits, 0)}\right)"


def _sum(arguments, values, digits):
    left, right = (_latex(a, values, digits, 1) for a in arguments)
    return f"{left} - {right[1:].lstrip()}" if right.startswith("-") else f"{left} + {right}"


def _difference(arguments, values, digits):
    left, right = _latex(arguments[0], values, digits, 1), _latex(arguments[1], values, digits, 1)
    if isinstance(arguments[1], Call) and arguments[1].operator.name in ("add", "sub"):
        right = rf"\left({right}\right)"
    return f"{left} + {right[1:].lstrip()}" if right.startswith("-") else f"{left} - {right}"


def _product(arguments, values, digits):
    # the first factor keeps its sign in front of the whole product
    left, right = (
        _latex(arguments[0], values, digits, 0 if isinstance(arguments[0], (Number, Parameter)) else 2),
        _latex(arguments[1], values, digits, 2),
    )
    return rf"{left} \cdot {right}" if right[0].isdigit() else rf"{left}\,{right}"


def _power(arguments, values, digits):
    return rf"{_latex(arguments[0], values, digits, 5)}^{{{_latex(arguments[1], values, digits, 0)}}}"


_CALLS = {
    "add": _sum,
    "sub": _difference,
    "neg": lambda a, v, d: f"-{_latex(a[0], v, d, 3)}",
    "mul": _product,
    "div": lambda a, v, d: rf"\frac{{{_latex(a[0], v, d, 0)}}}{{{_latex(a[1], v, d, 0)}}}",
    "pow": _power,
    "exp": lambda a, v, d: rf"e^{{{_latex(a[0], v, d, 0)}}}",
    "log": lambda a, v, d: rf"\ln\left({_latex(a[0], v, d, 0)}\right)",
    "sqrt": lambda a, v, d: rf"\sqrt{{{_latex(a[0], v, d, 0)}}}",
}
