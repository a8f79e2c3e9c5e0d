"""The validated candidate in the picture that a saved notebook keeps: equation of state, phonons and a table of
properties, marked as on the dashboard."""

from .palette import ACCENT, INK, MUTED, REFERENCE

ROWS = (  # property, its name, its unit, decimals
    ("lattice_constant", "lattice constant", "Å", 3),
    ("cohesive_energy", "cohesive energy", "eV", 2),
    ("bulk_modulus", "bulk modulus", "GPa", 0),
    ("c11", "C₁₁", "GPa", 0),
    ("c12", "C₁₂", "GPa", 0),
    ("c44", "C₄₄", "GPa", 0),
    ("surface_energy_111", "surface (111)", "J/m²", 2),
    ("stacking_fault_energy", "stacking fault", "mJ/m²", 0),
    ("vacancy_formation_energy", "vacancy", "eV", 2),
)
# volumes are shown where the DFT energies lie, with a little air; without these, so many eV/atom above the minimum
AROUND = 0.7


def panels(figure, name, own, reference, data, measured):
    """Draw into a matplotlib figure or subfigure.

    name : of the candidate. own, reference : results of `validation_worker.results`; the reference with its name, or
    None. data : DFT points {volume, energy} or None. measured : dict of `validation_panel.measured`.
    """
    left, middle, right = figure.subplots(1, 3, width_ratios=[1, 1.05, 1.25])
    other = reference and reference["name"].replace("-", "–")
    _eos(left, name, own, other, reference or {}, data)
    _phonons(middle, name, own, other, reference or {}, measured)
    _table(right, name, own, other, reference or {}, measured["table"])


def _plain(axes, title, x, y):
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xlabel(x, fontsize=8, color=MUTED)
    axes.set_ylabel(y, fontsize=8, color=MUTED)
    axes.tick_params(labelsize=7.5, colors=MUTED, length=0)
    axes.grid(axis="y", color="#ececf0", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)


def _key(axes, where, **columns):
    if axes.get_legend_handles_labels()[1]:
        axes.legend(
            fontsize=7, frameon=False, loc=where, labelcolor=INK, handlelength=1.6, columnspacing=1.0, **columns
        )


def _eos(axes, name, own, other, reference, data):
    lines = [
        (own.get("eos"), name, {"color": ACCENT, "linewidth": 1.6, "zorder": 3}),
        (reference.get("eos"), other, {"color": REFERENCE, "linewidth": 1.3, "linestyle": "--"}),
    ]
    lines = [(eos, label, style) for eos, label, style in lines if eos and eos.get("volume")]
    for eos, label, style in lines:
        axes.plot(eos["volume"], eos["energy"], label=label, **style)
    if data and data["volume"]:
        axes.plot(
            data["volume"],
            data["energy"],
            "o",
            color=INK,
            markerfacecolor="white",
            markersize=4,
            markeredgewidth=0.9,
            label="DFT",
            zorder=4,
        )
    _plain(axes, "equation of state", "volume (Å³/atom)", "energy (eV/atom)")
    if lines:
        volumes, energies = (data["volume"], data["energy"]) if data and len(data["volume"]) > 3 else _near(lines[0][0])
        air = 0.06 * (max(energies) - min(energies))
        axes.set_xlim(0.98 * min(volumes), 1.02 * max(volumes))
        axes.set_ylim(min(energies) - air, max(energies) + air)
    _key(axes, "upper center")


def _near(eos):
    bottom = min(eos["energy"])
    return zip(*[(v, e) for v, e in zip(eos["volume"], eos["energy"]) if e < bottom + AROUND])


def _phonons(axes, name, own, other, reference, measured):
    _plain(axes, "phonons", "wave vector", "frequency (THz)")
    styles = (
        (measured.get("pbe_phonons"), "PBE", {"color": INK, "linewidth": 1.0, "linestyle": ":"}),
        (reference.get("phonons"), other, {"color": REFERENCE, "linewidth": 1.2, "linestyle": "--"}),
        (own.get("phonons"), name, {"color": ACCENT, "linewidth": 1.6}),
    )
    ticks = None
    for phonons, label, style in styles:
        if phonons and phonons.get("x"):
            for i, branch in enumerate(phonons["branches"]):
                axes.plot(
                    phonons["x"],
                    [float("nan") if f is None else f for f in branch],
                    label=label if i == 0 else None,
                    **style,
                )
            ticks = phonons["ticks"]
    at = {label: x for x, text in ticks or () for label in text.split("|")}
    points = [
        (at[point], f) for point, values in (measured.get("phonons") or {}).items() if point in at for f in values
    ]
    if points:
        axes.plot(
            *zip(*points),
            "o",
            color=INK,
            markerfacecolor="white",
            markersize=4,
            markeredgewidth=0.9,
            label="experiment",
            zorder=4,
            clip_on=False,
        )
    if ticks:
        axes.set_xticks([x for x, _ in ticks], [text for _, text in ticks])
        axes.set_xlim(ticks[0][0], ticks[-1][0])
        axes.grid(axis="x", color="#ececf0", linewidth=0.7)
    low, high = axes.get_ylim()
    axes.set_ylim(min(0.0, low) if low < -0.4 else 0.0, 1.28 * high)  # room for the key
    _key(axes, "upper left", ncols=4)


def _table(axes, name, own, other, reference, known):
    axes.set_axis_off()
    axes.set_title("properties", fontsize=9, loc="left")
    columns = (0.0, 0.50, 0.70, 0.82, 0.94, 0.97)

    def say(x, y, text, colour, align="right", **style):
        return axes.text(
            x, y, text, color=colour, ha=align, va="center", fontsize=7.5, transform=axes.transAxes, **style
        )  # noqa: E731

    for x, text, colour in zip(columns[1:5], (name, other or "", "PBE", "exp."), (ACCENT, REFERENCE, MUTED, MUTED)):
        say(x, 0.965, text, colour)
    rows = [row for row in ROWS if row[0] in own.get("table", {})]
    for i, (key, label, unit, digits) in enumerate(rows):
        y, mine = 0.965 - (i + 1) * 0.097, own["table"][key]
        axes.plot(
            (0, 1.19), (y + 0.048, y + 0.048), color="#ececf0", linewidth=0.7, transform=axes.transAxes, clip_on=False
        )
        say(0.0, y, label, INK, "left")
        say(0.30, y, unit, MUTED, "left")
        values = (
            mine.get("value"),
            reference.get("table", {}).get(key, {}).get("value"),
            *(known.get(key, {}).get(source) for source in ("pbe", "experiment")),
        )
        for x, value, colour, weight in zip(
            columns[1:5], values, (ACCENT, REFERENCE, MUTED, MUTED), ("bold", "normal", "normal", "normal")
        ):
            say(x, y, "–" if value is None else f"{value:.{digits}f}".replace("-", "−"), colour, weight=weight)
        if mine.get("score"):
            say(columns[5], y, mine["score"], INK if mine["score"] == "poor" else MUTED, "left")
    if own.get("error"):
        say(0.0, 0.868, own["error"], INK, "left", wrap=True)
