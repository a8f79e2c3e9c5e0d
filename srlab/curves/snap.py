"""Constants made simple where that costs nothing: whole numbers, small fractions, few digits; the rest refitted."""

from __future__ import annotations

from srlab.curves.objective import FLOOR, CurveObjective
from srlab.expressions.formula import Formula
from srlab.expressions.syntax import Call, Node, Number, Parameter, call

EXACT = 1e-18  # a loss below this is no loss: residuals of 1e-9 standard deviations
DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 10)
COST = 1.001  # a snap may multiply the loss by so much, or leave it exact


def simple_values(value: float) -> list[float]:
    """Simpler numbers near a value, the simplest first: fractions of small denominator, then 3 and 4 significant digits."""
    fractions = [round(value * d) / d for d in DENOMINATORS]
    near = [f for f in fractions if abs(f - value) < 1e-2 * max(abs(value), 1e-3)]
    return list(dict.fromkeys([*near, float(f"{value:.3g}"), float(f"{value:.4g}")]))


def snap(objective: CurveObjective, formula: Formula, loss: float) -> tuple[Formula, float]:
    """Round constants one after another, inner ones first, refitting the others each time; whole numbers join the structure."""
    allowed = max(COST * loss, EXACT) if loss > EXACT else EXACT
    frozen: set[int] = set()
    order = sorted(range(len(formula.values)), key=lambda k: (k in formula.linear, k))
    for k in order:
        for value in simple_values(formula.values[k]):
            if value == 0 and k not in formula.linear:
                continue
            values = formula.constants
            values[k] = value
            fit = objective.refine(formula.with_constants(values), 12, 1e-3, frozen=frozenset(frozen | {k}))
            if fit.loss <= allowed:
                formula, loss = fit.formula, fit.loss
                frozen.add(k)
                break
    plain = Formula.parse(with_whole_numbers(formula).text, "x")
    cost = objective.loss(plain)
    return (plain, cost) if cost <= max(allowed, 1.01 * loss) else (formula, loss)


def with_whole_numbers(formula: Formula) -> Formula:
    """The same function with constants that are whole numbers made part of the structure; 0*u, 1*u and -1*u are written plainly."""
    whole = {k for k, value in enumerate(formula.values) if float(value).is_integer() and abs(value) < 1e6}

    def walk(node: Node) -> Node:
        if isinstance(node, Parameter) and node.index in whole:
            return Number(formula.values[node.index])
        if not isinstance(node, Call):
            return node
        a = [walk(each) for each in node.arguments]
        name = node.operator.name
        if (
            name == "mul"
            and isinstance(a[0], Call)
            and a[0].operator.name == "mul"
            and _number(a[0].arguments[0]) is not None
        ):
            a = [a[0].arguments[0], call("mul", a[0].arguments[1], a[1])]  # (2*u)*v is 2*(u*v)
        first, second = _number(a[0]), _number(a[1]) if len(a) > 1 else None
        if name == "mul" and (first == 0 or second == 0):
            return Number(0.0)
        if name == "mul" and first == 1:
            return a[1]
        if name == "mul" and first == -1:
            return call("neg", a[1])
        if name in ("add", "sub") and second == 0:
            return a[0]
        if name == "add" and first == 0:
            return a[1]
        if name == "add" and isinstance(a[1], Call) and a[1].operator.name == "neg":
            return call("sub", a[0], a[1].arguments[0])
        if name == "add" and second is not None and second < 0:
            return call("sub", a[0], Number(-second))
        if name == "pow" and second == 1:
            return a[0]
        return call(name, *a)

    root = walk(formula.root)
    return Formula(root, formula.values, formula.names, formula.variable).canonical()


def _number(node: Node) -> float | None:
    return node.value if isinstance(node, Number) else None


def at_floor(loss: float) -> bool:
    """Whether a loss is at machine precision."""
    return loss <= max(1e-26, FLOOR)
