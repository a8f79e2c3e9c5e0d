"""A still picture of a run, and its front as text: what a saved notebook shows without a kernel."""

import copy
import functools
import io
import threading
from operator import itemgetter

import numpy as np

from srlab.errors import InputError
from srlab.search.pareto_front import loss_front
from srlab.templates import templates

from .equations import parse, typeset
from .palette import ACCENT, MUTED, REFERENCE, SECOND
from .snapshot_validation import panels

_drawing = threading.Lock()


def _one_at_a_time(draw):
    """matplotlib's parser of mathematics is shared by all threads and not made for two at once: formulas would be
    left out."""

    @functools.wraps(draw)
    def alone(*arguments, **options):
        with _drawing:
            return draw(*arguments, **options)

    return alone


def still(fold):
    """A copy that stands still while the run goes on, so that nothing has to wait for the drawing."""
    held = _held(fold)
    held.view = _held(fold.view)
    return held


def _held(state):
    """A copy of an object with lists and dicts of its own, which grow in place: one that has grown names candidates
    that another has not."""
    held = copy.copy(state)
    for name, value in vars(state).items():
        if isinstance(value, (list, dict, set)):
            setattr(held, name, value.copy())
    return held


def moment(fold):
    """What changes with every change of a run: (how it began, how many events came after, its state)."""
    return fold.run, fold.view.n_events, fold.status["state"]


def members(fold):
    """The candidates on the front, by complexity."""
    return [fold.candidates[i] for i in fold.front if i in fold.candidates]


def text(fold):
    """State of the run and its front in a few lines."""
    status, run = fold.status, fold.run
    head = (
        f"srlab search ({run.get('element', '?')}, {run.get('dataset', '?')}): {status['state']}, "
        f"{status['evaluations']} evaluations, {len(fold.nodes)} nodes, {len(fold.candidates)} candidates"
    )
    lines = [head]
    front = members(fold)
    if front:
        lines.append("nodes  energy, meV/atom  force, meV/A   equations (test errors)")
    for c in front:
        formulas = "; ".join(_short(c["formulas"]))
        lines.append(
            f"{c['complexity']:5d}  {_figure(c.get('test_energy_mae')):>16}  "
            f"{_figure(c.get('test_force_mae')):>12}   {formulas}"
        )
    return "\n".join(lines)


def _figure(value):
    return "-" if value is None else f"{value:.2f}"


def _short(formulas):
    symbols = {each.name: each.symbol for template in templates() for each in template.functions}
    try:
        formulas = {part: formula.short(3) for part, formula in parse(formulas).functions.items()}
    except InputError:
        pass  # a form outside the grammar is shown as it was written
    return [f"{symbols.get(part, part)} = {text}" for part, text in formulas.items()]


@_one_at_a_time
def png(fold, validated=None, width=12.6, dots=100):
    """PNG of tree, front and the best equations; None while the tree is empty or matplotlib is missing.

    validated : what `Validator.recall` gives of one candidate; its equation of state, phonons and properties are
    drawn below.
    width : inches; dots : per inch. Drawn without pyplot, so that any thread may draw.
    """
    if not fold.nodes or (figure := _figure_of(width, 7.4 if validated else 4.6, dots)) is None:
        return None
    top, bottom = figure.subfigures(2, 1, height_ratios=(4.6, 2.8)) if validated else (figure, None)
    left, middle, right = top.subplots(1, 3, width_ratios=[1.15, 1, 1.1])
    _tree(left, fold)
    _front(middle, [(fold, ACCENT, "o")])
    _equations(right, fold)
    if validated:
        panels(bottom, **validated)
    run, status = fold.run, fold.status
    figure.suptitle(
        f"{run.get('element', '')} · {run.get('dataset', '')} · seed {run.get('seed', '')} · {status['state']} · "
        f"{status['evaluations']:,} evaluations",
        fontsize=9,
        color=MUTED,
    )
    return _saved(figure)


@_one_at_a_time
def pair_png(folds, names, width=12.6, dots=100):
    """PNG of the fronts of two runs in one plot and the best equations of each; None while both are empty or
    matplotlib is missing."""
    if not any(fold.candidates for fold in folds) or (figure := _figure_of(width, 4.8, dots)) is None:
        return None
    left, *others = figure.subplots(1, 3, width_ratios=[1.25, 1, 1])
    _front(left, [(folds[0], ACCENT, "o"), (folds[1], SECOND, "s")], names)
    for axes, fold, name, colour in zip(others, folds, names, (ACCENT, SECOND)):
        _equations(axes, fold, colour=colour)
        axes.set_title(
            f"{name}: {fold.status['state']}, {fold.status['evaluations']:,} evaluations", fontsize=9, loc="left"
        )
    return _saved(figure)


def _figure_of(width, height, dots):
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return None
    figure = Figure(figsize=(width, height), dpi=dots, layout="constrained")
    FigureCanvasAgg(figure)
    figure.patch.set_facecolor("white")
    return figure


def _saved(figure):
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def _tree(axes, fold):
    """Depth to the right, leaves downwards in the order in which they came."""
    from matplotlib.collections import LineCollection

    children, roots = {}, []
    for identity, node in fold.nodes.items():
        children.setdefault(node["parent"], []).append(identity) if node["parent"] in fold.nodes else roots.append(
            identity
        )
    height, row, stack = {}, 0, [(r, False) for r in reversed(roots)]
    while stack:  # a loop, because a tree may be deeper than Python's stack
        identity, done = stack.pop()
        below = children.get(identity, [])
        if done:
            height[identity] = float(np.mean([height[c] for c in below]))
        elif below:
            stack.append((identity, True))
            stack.extend((c, False) for c in reversed(below))
        else:
            height[identity], row = float(row), row + 1
    nodes = [n for n in fold.nodes.values() if n["id"] in height]
    at = {n["id"]: (n["depth"] or 0, height[n["id"]]) for n in nodes}
    axes.add_collection(
        LineCollection(
            [(at[n["parent"]], at[n["id"]]) for n in nodes if n["parent"] in at],
            colors="#c9c9d0",
            linewidths=0.5,
            zorder=1,
        )
    )
    best = fold.best()
    path, identity = [], best and best.get("node")
    while identity in at:
        path.append(at[identity])
        identity = fold.nodes[identity]["parent"]
    if path:
        axes.plot(*zip(*path), color=ACCENT, linewidth=1.6, zorder=2)
    loss = np.array([n["loss"] if n["loss"] and n["loss"] > 0 else np.nan for n in nodes], dtype=float)
    order = np.argsort(-np.nan_to_num(loss, nan=np.inf))
    seen = np.isfinite(loss)
    if seen.any():
        low, high = np.nanmin(loss), np.nanpercentile(loss, 90)
        colour = 1.0 - (np.log(np.clip(np.nan_to_num(loss, nan=high), low, high)) - np.log(low)) / max(
            np.log(high / low), 1e-9
        )
    else:
        colour = np.zeros(len(nodes))
    size = np.array([4.0 + 7.0 * np.log2(1 + n["visits"]) for n in nodes]) * min(
        1.0, max(0.2, min(60 / max(row, 1), (22 / max(1, *(d for d, _ in at.values()))) ** 2))
    )
    points = np.array([at[n["id"]] for n in nodes])
    axes.scatter(
        points[order, 0],
        points[order, 1],
        c=colour[order],
        s=size[order],
        cmap="viridis",
        vmin=0,
        vmax=1,
        edgecolors="white",
        linewidths=0.3,
        zorder=3,
    )
    axes.invert_yaxis()
    axes.set_axis_off()
    axes.set_title(f"search tree, {len(fold.nodes)} nodes", fontsize=9, loc="left")


def _front(axes, runs, names=None):
    """Fronts of [(fold, colour, marker)] in one plot; names make a legend."""
    from matplotlib.patheffects import Normal, Stroke
    from matplotlib.ticker import LogLocator, NullLocator, ScalarFormatter

    error = lambda c: c.get("test_force_mae") or c.get("force_mae") or np.nan  # noqa: E731
    references = list({r["name"]: r for fold, *_ in reversed(runs) for r in fold.references}.values())
    values = [error(c) for fold, *_ in runs for c in members(fold)] + [error(r) for r in references]
    values = [v for v in values if np.isfinite(v)]
    for i, (fold, colour, marker) in enumerate(runs):
        front, others = members(fold), [c for c in fold.candidates.values() if c["id"] not in set(fold.front)]
        axes.scatter(
            [c["complexity"] for c in others],
            [error(c) for c in others],
            s=5,
            color=MUTED if len(runs) == 1 else colour,
            alpha=0.35,
            linewidths=0,
            marker=marker,
        )
        steps, rings, least = (
            [],
            [],
            np.inf,
        )  # as on the dashboard: full dots where a candidate is the best in this error
        for c in front:
            (steps if error(c) < least else rings).append((c["complexity"], error(c)))
            least = min(least, error(c))
        if steps:
            axes.step(
                *zip(*steps, (max(c["complexity"] for c in front), steps[-1][1])),
                where="post",
                color=colour,
                linewidth=1.4,
            )
            axes.plot(*zip(*steps), marker, color=colour, markersize=4.5, label=names and names[i])
        if rings:
            axes.plot(*zip(*rings), marker, color=colour, markerfacecolor="white", markersize=3.2, markeredgewidth=0.9)
    if names:
        axes.legend(fontsize=8, frameon=False, loc="upper right")
    for r in references:
        axes.plot(r["complexity"], error(r), "D", color=REFERENCE, markerfacecolor="white", markersize=5.5, zorder=5)
        axes.annotate(
            r["name"].replace("-", "–"),
            (r["complexity"], error(r)),
            xytext=(7, -3),
            textcoords="offset points",
            fontsize=7.5,
            color=REFERENCE,
            zorder=6,
            path_effects=[Stroke(linewidth=2.5, foreground="white"), Normal()],
        )
    if values:
        axes.set_yscale("log")
        axes.set_ylim(min(values) / 1.12, max(values) * 1.15)
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 4, 5, 6, 8)))
        axes.yaxis.set_major_formatter(ScalarFormatter())
        axes.yaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("complexity (nodes)", fontsize=8, color=MUTED)
    axes.set_ylabel("force error, test (meV/Å)", fontsize=8, color=MUTED)
    axes.tick_params(labelsize=7.5, colors=MUTED, length=0)
    axes.grid(axis="y", color="#ececf0", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_title("Pareto fronts" if names else "Pareto front", fontsize=9, loc="left")


def _equations(axes, fold, rows=3, colour=ACCENT):
    """A long, a middling and a short candidate of the front as mathematics, the lowest loss on top."""
    symbols = {each.name: each.latex for template in templates() for each in template.functions}
    axes.set_axis_off()
    axes.set_title("equations, test errors", fontsize=9, loc="left")
    best = loss_front(members(fold), key=itemgetter("complexity", "loss", "id"))
    chosen = (
        list({c["id"]: c for c in (best[round(share * (len(best) - 1))] for share in (1.0, 0.6, 0.25))}.values())
        if best
        else []
    )
    top = 1.0
    for i, c in enumerate(chosen):
        lines = [
            line
            for part, formula in (typeset(c, digits=3) or {}).items()
            for line in _folded(f"{symbols[part]} = {formula}")
        ]
        top = min(top, 1.0 - i / rows)
        if i and top - 0.068 - 0.052 * len(lines) < -0.05:
            break  # many functions leave no room for a third
        axes.text(
            0,
            top - 0.015,
            f"{c['complexity']} nodes · {_figure(c.get('test_energy_mae'))} meV/atom · "
            f"{_figure(c.get('test_force_mae'))} meV/Å",
            fontsize=7.5,
            color=colour,
            va="top",
            transform=axes.transAxes,
        )
        for k, line in enumerate(lines):
            _math(axes, f"${line}$", top - 0.068 - 0.052 * k)
        top -= 0.068 + 0.052 * len(lines) + 0.02


def _folded(latex, longest=95):
    """A formula in one line or, at a plus or minus outside all brackets that lies near the middle, in two."""
    depth, places = 0, []
    for i, character in enumerate(latex):
        depth += (character in "{(") - (character in "})")
        if depth == 0 and latex[i : i + 3] in (" + ", " - "):
            places.append(i)
    if len(latex) <= longest or not places:
        return [latex]
    place = min(places, key=lambda i: abs(i - len(latex) / 2))
    return [latex[:place], rf"\quad {latex[place:].strip()}"]


def _math(axes, source, y):
    """One line of mathematics, made smaller until it fits; left out if matplotlib cannot set it."""
    for size in (8.5, 7.5, 6.5, 5.5, 4.8):
        line = axes.text(0.01, y, source, fontsize=size, va="top", transform=axes.transAxes)
        try:
            wide = line.get_window_extent().width
        except ValueError:
            line.remove()
            return
        if wide <= axes.get_window_extent().width or size == 4.8:
            line.set_in_layout(False)
            return
        line.remove()
