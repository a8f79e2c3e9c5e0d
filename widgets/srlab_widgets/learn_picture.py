"""A still picture of a learning loop, and its rounds as text: what a saved notebook shows without a kernel."""

import io

from srlab.learning.trace import COLUMNS

from .palette import ACCENT, MUTED
from .palette import REFERENCE as FAR

NEAR = "#009e73"


def text(state):
    """State and rounds in a few lines; energies meV/atom, forces meV/A."""
    lines = [
        f"srlab learning loop: {state['state']}; {state['message']}; {state['labels']['done']} labels, "
        f"{state['labels']['failed']} failed, {state['labels']['cpu']:.0f} s of processor time"
    ]
    if state["rounds"]:
        lines.append("".join(f"{title:>9}" for title in COLUMNS))
        lines += ["".join(f"{_figure(entry.get(key)):>9}" for key in COLUMNS.values()) for entry in state["rounds"]]
    return "\n".join(lines)


def _figure(value):
    return "-" if value is None else str(value) if isinstance(value, int) else f"{value:.1f}"


def png(state, width=12.6, dots=100):
    """PNG of the ceiling, model against labels, and errors by round; None while there is nothing, or matplotlib is
    missing.

    width : inches; dots : per inch.
    """
    figure = drawn(state, width, dots)
    if figure is None:
        return None
    out = io.BytesIO()
    figure.savefig(out, format="png")
    return out.getvalue()


def drawn(state, width=12.6, dots=100):
    """The same as a matplotlib Figure, made without pyplot, so that any thread may draw."""
    if not (state["sampling"] or state["rounds"]):
        return None
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return None
    figure = Figure(figsize=(width, 3.1), dpi=dots, layout="constrained")
    FigureCanvasAgg(figure)
    figure.patch.set_facecolor("white")
    plots = [
        (_ceiling, state["sampling"]),
        (_parity, state["parity"]),
        (_errors("energy", "meV/atom"), state["rounds"]),
        (_errors("force", "meV/Å"), state["rounds"]),
    ]
    shown = [(draw, what) for draw, what in plots if what]
    for axes, (draw, what) in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown):
        draw(axes, what)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=7.5, colors=MUTED, length=2)
    figure.suptitle(f"{state['message']} · {state['labels']['done']} labels", fontsize=9, color=MUTED)
    return figure


def _ceiling(axes, runs):
    for run in runs[:-1]:
        axes.plot(run["ceiling"], color="#c9c9d0", linewidth=0.9)
    if any(value is not None for value in runs[-1]["lowest"]):
        axes.plot([_nan(value) for value in runs[-1]["lowest"]], color=MUTED, linewidth=1.4, label="lowest walker")
    axes.plot(runs[-1]["ceiling"], color=ACCENT, linewidth=1.6, label="ceiling")
    if len(runs[-1]["ceiling"]) > 2:
        axes.set_ylim(None, runs[-1]["ceiling"][1])
    _titles(axes, "energy ceiling, eV/atom", "level")


def _parity(axes, rounds):
    for entry in rounds:
        newest = entry is rounds[-1]
        axes.plot(
            *zip(*(entry["energy"] or [(float("nan"),) * 2])),
            "o",
            markersize=4,
            color=ACCENT if newest else MUTED,
            alpha=0.85 if newest else 0.4,
            markeredgewidth=0,
            label="this round" if newest else "earlier rounds" if entry is rounds[0] else None,
        )
    low, high = axes.get_xlim()
    axes.plot([low, high], [low, high], ":", color="#444444", linewidth=0.9, zorder=0)
    _titles(axes, "model against labels, eV/atom", "label, from isolated atoms")


def _errors(what, unit):
    def draw(axes, rounds):
        for part, name, colour, style in (
            ("test_far_", "far", FAR, "--"),
            ("test_near_", "near", NEAR, ":"),
            ("test_", "all", ACCENT, "-"),
        ):
            axes.plot(
                [entry["round"] for entry in rounds],
                [_nan(entry.get(f"{part}{what}_mae")) for entry in rounds],
                style,
                color=colour,
                linewidth=1.6,
                label=name,
            )
        axes.plot(
            [entry["round"] for entry in rounds],
            [_nan(entry.get(f"new_{what}_mae")) for entry in rounds],
            "o",
            color="#1c1c1f",
            markerfacecolor="white",
            markersize=4,
            label="new labels",
        )
        axes.set_ylim(0, None)
        axes.set_xticks([entry["round"] for entry in rounds])
        _titles(axes, f"test {what} error, {unit}", "round")

    return draw


def _nan(value):
    return float("nan") if value is None else value


def _titles(axes, title, across):
    axes.set_title(title, fontsize=9, loc="left", pad=17)
    axes.set_xlabel(across, fontsize=8, color=MUTED)
    # Between title and plot: within it there is no place that lines never cross.
    axes.legend(
        frameon=False,
        fontsize=7,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=4,
        borderpad=0,
        borderaxespad=0.5,
        handlelength=1.5,
        handletextpad=0.4,
        columnspacing=1.1,
    )
