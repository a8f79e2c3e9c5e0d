"""Symbolic recovery on the field's own curves: Nguyen 1-8 and the one-variable Livermore problems, beside pyoperon and gplearn.

    python tests/benchmarks/curves.py [--seeds 20] [--seconds 60] [--problems nguyen-1,...] [--methods srlab,pyoperon,gplearn] [--json]

Problems and ranges are those of Uy et al. (2011) and Mundhenk et al. (2021): uniform random points, drawn by the seed. One thread each,
one run after the other in this process. All three get + - * / sin cos exp log sqrt and constants; srlab and pyoperon powers also, which gplearn
does not have; pyoperon its Levenberg-Marquardt optimiser and two objectives (error and length). It computes in single precision, so each of its
formulas is judged as it is and with its constants refitted to the points in double precision, after its time is over. gplearn, which has no
time limit of its own, runs one generation
after another (warm start) until the time is over. srlab and gplearn end early at an exact fit; pyoperon uses all its time.

A run has recovered the problem if one of the formulas it returns (the front; gplearn: its best program) is the same function: with its
constants as they are, or, expanded or not, each within 1e-4 of a fraction with denominator up to 12 replaced by that fraction (and
below 1e-6 by zero), it differs from the truth by less than 1e-8 (1 + |y|) everywhere on 400 points of the training range and of 1.5 times that
range, where the truth is defined. An identical formula always passes; one that only fits the points does not. The rule is the
same for all. peers' formulas are rebuilt node by node, never evaluated as text. `pip install pyoperon gplearn` for the peers.
"""

import argparse
import json
import math
import os
import statistics
import sys
import time
import warnings
from fractions import Fraction

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
import sympy

from srlab.expressions import Formula

X = sympy.Symbol("x", real=True)
UNIT, LOG, ROOT = (-1.0, 1.0, 20), (0.0, 2.0, 20), (0.0, 4.0, 20)


def powers(n):
    return " + ".join(f"x^{k}" for k in range(1, n + 1))


PROBLEMS = {
    **{f"nguyen-{n - 2}": (powers(n), UNIT) for n in (3, 4, 5, 6)},
    "nguyen-5": ("sin(x^2)*cos(x) - 1", UNIT),
    "nguyen-6": ("sin(x) + sin(x + x^2)", UNIT),
    "nguyen-7": ("log(x + 1) + log(x^2 + 1)", LOG),
    "nguyen-8": ("sqrt(x)", ROOT),
    "livermore-1": ("1/3 + x + sin(x^2)", (-10.0, 10.0, 1000)),
    "livermore-2": ("sin(x^2)*cos(x) - 2", UNIT),
    "livermore-3": ("sin(x^3)*cos(x^2) - 1", UNIT),
    "livermore-4": ("log(x + 1) + log(x^2 + 1) + log(x)", LOG),
    "livermore-6": ("4*x^4 + 3*x^3 + 2*x^2 + x", UNIT),
    "livermore-7": ("(exp(x) - exp(-x))/2", UNIT),
    "livermore-8": ("(exp(x) + exp(-x))/2", UNIT),
    "livermore-9": (powers(9), UNIT),
    "livermore-13": ("x^(1/3)", ROOT),
    "livermore-14": ("x^3 + x^2 + x + sin(x) + sin(x^2)", UNIT),
    "livermore-15": ("x^(1/5)", ROOT),
    "livermore-16": ("x^(2/5)", ROOT),
    "livermore-18": ("sin(x^2)*cos(x) - 5", UNIT),
    "livermore-19": ("x^5 + x^4 + x^2 + x", UNIT),
    "livermore-20": ("exp(-x^2)", UNIT),
    "livermore-21": (powers(8), UNIT),
    "livermore-22": ("exp(-x^2/2)", UNIT),
    # not of the standard sets, and with constants that are no simple numbers: run with --problems constant
    "constant-1": ("3.39*x^3 + 2.12*x^2 + 1.78*x", UNIT),
    "constant-2": ("sin(x^2)*cos(x) - 0.75", UNIT),
    "constant-5": ("sqrt(1.23*x)", ROOT),
    "constant-6": ("x^0.426", ROOT),
    "constant-8": ("log(x + 1.4) + log(x^2 + 1.3)", LOG),
    "keijzer-1": ("0.3*x*sin(6.283185307179586*x)", UNIT),
}
STANDARD = [name for name in PROBLEMS if name.startswith(("nguyen", "livermore"))]


# -- methods: (x, y, seconds, seed) -> list of sympy expressions ---------------------------------------------------------------------------


def run_srlab(x, y, seconds, seed):
    from srlab.curves import fit_curve

    return [to_sympy(member.formula) for member in reversed(fit_curve(x, y, seconds=seconds, seed=seed).front)]


def run_pyoperon(x, y, seconds, seed):
    from pyoperon.sklearn import SymbolicRegressor

    from srlab.curves.objective import CurveObjective

    model = SymbolicRegressor(
        allowed_symbols="add,sub,mul,div,sin,cos,exp,log,sqrt,square,pow,constant,variable",
        objectives=["r2", "length"],
        optimizer="lm",
        optimizer_iterations=10,
        population_size=1000,
        max_length=50,
        generations=10**6,
        max_evaluations=10**9,
        max_time=math.ceil(seconds),
        n_threads=1,
        random_state=seed,
    ).fit(x[:, None], y)
    texts = [model.get_model_string(entry["tree"], 17) for entry in model.pareto_front_] + [
        model.get_model_string(model.model_, 17)
    ]
    found, objective = [], CurveObjective(x, y)
    for text in texts:
        try:
            formula = _operon(text)
            found += [to_sympy(formula), to_sympy(objective.refine(formula, 200, 1e-14).formula)]
        except ValueError as error:
            print(f"pyoperon: {text[:80]} not understood: {error}", file=sys.stderr)
    return found


def _operon(text):
    """A formula with square(u): written as (u)^2 for the parser."""
    while "square(" in text:
        start = text.rindex("square(")
        depth, end = 0, start + 6
        for end in range(start + 6, len(text)):
            depth += (text[end] == "(") - (text[end] == ")")
            if depth == 0:
                break
        text = f"{text[:start]}({text[start + 6 : end + 1]}^2){text[end + 1 :]}"
    return Formula.parse(text, "X1")


def run_gplearn(x, y, seconds, seed):
    from gplearn.functions import make_function
    from gplearn.genetic import SymbolicRegressor

    bounded = make_function(function=_exp, name="exp", arity=1)
    started, generations = time.monotonic(), 0
    model = SymbolicRegressor(
        population_size=1000,
        function_set=("add", "sub", "mul", "div", "sqrt", "log", "sin", "cos", bounded),
        metric="rmse",
        const_range=(-5.0, 5.0),
        parsimony_coefficient=0.001,
        stopping_criteria=1e-12,
        warm_start=True,
        random_state=seed,
    )
    while time.monotonic() - started < seconds:
        generations += 1
        model.set_params(generations=generations).fit(x[:, None], y)
        if model._program.raw_fitness_ < 1e-12:
            break
    return [gplearn_tree(model._program.program)]


def _exp(values):
    with np.errstate(over="ignore"):
        return np.where(values < 100.0, np.exp(np.minimum(values, 100.0)), 0.0)


def gplearn_tree(program):
    """SymPy expression of a gplearn program, a list in prefix order; its sqrt, log are those of |u|."""
    makers = {
        "add": lambda a, b: a + b,
        "sub": lambda a, b: a - b,
        "mul": lambda a, b: a * b,
        "div": lambda a, b: a / b,
        "sin": sympy.sin,
        "cos": sympy.cos,
        "exp": sympy.exp,
        "sqrt": lambda a: sympy.sqrt(sympy.Abs(a)),
        "log": lambda a: sympy.log(sympy.Abs(a)),
    }
    rest = iter(program)

    def build():
        node = next(rest)
        if isinstance(node, (int, np.integer)):
            return X
        if isinstance(node, (float, np.floating)):
            return sympy.Float(float(node))
        return makers[node.name](*(build() for _ in range(node.arity)))

    return build()


METHODS = {"srlab": run_srlab, "pyoperon": run_pyoperon, "gplearn": run_gplearn}


# -- the rule ------------------------------------------------------------------------------------------------------------------------------


def to_sympy(formula):
    return (
        formula.sympy(positive=False)
        .subs(sympy.Symbol(formula.variable, positive=False), X)
        .subs(sympy.Symbol(formula.variable), X)
    )


def rounded(expression):
    """The expression with each constant replaced by a fraction of denominator up to 12 within 1e-4, or by zero below 1e-6."""
    swaps = {}
    for number in expression.atoms(sympy.Float):
        value = float(number)
        fraction = Fraction(value).limit_denominator(12) if abs(value) < 1e6 else Fraction(0)
        if abs(value) < 1e-6:
            swaps[number] = sympy.Integer(0)
        elif fraction and abs(float(fraction) - value) <= 1e-4 * abs(value):
            swaps[number] = sympy.Rational(fraction.numerator, fraction.denominator)
    return expression.xreplace(swaps)


def same(expression, truth, span) -> bool:
    """Whether the expression is the truth on the training range and on 1.5 times it."""
    low, high = span[:2]
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    grid = np.concatenate([np.linspace(low, high, 400), np.linspace(middle - 1.5 * half, middle + 1.5 * half, 400)])
    target = truth.value(grid)
    good = np.isfinite(target)
    for variant in (
        lambda e: e,
        rounded,
        lambda e: rounded(sympy.expand(e)),
        lambda e: rounded(sympy.expand_log(sympy.expand(e), force=True)),
    ):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                value = (
                    np.asarray(sympy.lambdify(X, variant(expression), "numpy")(grid[good].astype(complex)), complex)
                    + 0.0 * grid[good]
                )
        except (TypeError, ValueError, ZeroDivisionError, OverflowError, KeyError):
            continue
        if np.all(np.abs(value - target[good]) < 1e-8 * (1.0 + np.abs(target[good]))):
            return True
    return False


def data(problem, seed):
    text, (low, high, count) = PROBLEMS[problem]
    x = np.random.default_rng([seed, sorted(PROBLEMS).index(problem)]).uniform(low, high, count)
    return x, Formula.parse(text, "x").value(x)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--problems", default="standard", help="names or beginnings of names, comma-separated")
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    starts = tuple(options.problems.split(","))
    problems = (
        STANDARD
        if options.problems == "standard"
        else [name for name in PROBLEMS if name in starts or any(name.startswith(f"{s}-") for s in starts)]
    )
    methods = options.methods.split(",")
    results = {problem: {} for problem in problems}
    for problem in problems:
        truth = Formula.parse(PROBLEMS[problem][0], "x")
        for method in methods:
            times, found = [], 0
            for seed in range(options.seeds):
                x, y = data(problem, seed)
                started = time.monotonic()
                formulas = METHODS[method](x, y, options.seconds, seed)
                times.append(time.monotonic() - started)
                found += any(same(expression, truth, PROBLEMS[problem][1]) for expression in formulas)
            results[problem][method] = {
                "recovered": found,
                "of": options.seeds,
                "median_seconds": round(statistics.median(times), 2),
            }
        if not options.json:
            print(
                f"{problem:14}",
                *(
                    f"{m}: {r['recovered']}/{r['of']} in {r['median_seconds']:.1f} s "
                    for m, r in results[problem].items()
                ),
                flush=True,
            )
    share = {m: sum(r[m]["recovered"] for r in results.values()) / (options.seeds * len(results)) for m in methods}
    total = {"problems": results, "recovery_rate": share, "seeds": options.seeds, "seconds": options.seconds}
    print(json.dumps(total) if options.json else f"recovery rate: {share}")


if __name__ == "__main__":
    main()
