"""Figures of the report, one function a group.

Each takes [(name, details), ...], the potential of the report first, the element and the structure of the crystal, and
returns a matplotlib Figure.
"""

import numpy as np

from srlab.errors import MissingExtra
from srlab.validation.phonon_references import phonon_reference

ACCENT = "#0b6e99"
OTHERS = ("#c2571a", "#7a7a7a", "#8c6bb1", "#4d9221")


def new_figure(columns=1, height=3.4):
    """A figure with its axes, hairlines only.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("matplotlib", "validation", "draw the figures of a report") from error
    figure = Figure(figsize=(4.2 * columns if columns > 1 else 6.4, height), layout="constrained", dpi=130)
    axes = np.atleast_1d(figure.subplots(1, columns))
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.spines[["left", "bottom"]].set_linewidth(0.6)
        axis.tick_params(width=0.6, labelsize=8)
    return figure, axes


def _colours(results):
    return [
        (name, details, ACCENT if k == 0 else OTHERS[(k - 1) % len(OTHERS)], 1.6 if k == 0 else 1.0)
        for k, (name, details) in enumerate(results)
    ]


def _finish(axis, x, y, legend=True):
    axis.set_xlabel(x, fontsize=9)
    axis.set_ylabel(y, fontsize=9)
    if legend and axis.get_legend_handles_labels()[0]:
        axis.legend(frameon=False, fontsize=8)


def eos(results, element="Cu", structure="fcc"):
    """Energy near the minimum, cold pressure on compression, and the dimer."""
    figure, (near, cold, pair) = new_figure(3)
    for name, details, colour, width in _colours(results):
        volume, energy = np.array(details["volume"]), np.array(details["energy"], float)
        depth = energy - np.nanmin(energy)
        close = depth < 1.2
        near.plot(volume[close], depth[close], color=colour, lw=width, label=name)
        pressure = np.array(details["pressure"], float)
        squeezed = (pressure > 0.5) & (pressure < 2000)
        cold.semilogy(volume[squeezed], pressure[squeezed], color=colour, lw=width)
        r, dimer = np.array(details["dimer_distance"]), np.array(details["dimer_energy"], float)
        dimer = dimer - dimer[-1]
        shown = np.flatnonzero(dimer < 6.0)  # false for nan: isolated atoms may have no energy
        pair.plot(r[shown], np.maximum(dimer[shown], -8.0), color=colour, lw=width)
    _finish(near, "volume (A$^3$/atom)", "energy above the minimum (eV/atom)")
    _finish(cold, "volume (A$^3$/atom)", "pressure (GPa)")
    _finish(pair, "dimer distance (A)", "energy (eV)")
    return figure


def elastic(results, element="Cu", structure="fcc"):
    """Elastic constants against pressure; where they are known at rest only, as bars."""
    figure, (axis,) = new_figure()
    if not results[0][1]["pressure"]:
        return _elastic_bars(figure, axis, results)
    for name, details, colour, width in _colours(results):
        for constant, style in (("c11", "-"), ("c12", "--"), ("c44", ":")):
            axis.plot(
                details["pressure"],
                details[f"{constant}_at"],
                style,
                color=colour,
                lw=width,
                label=f"{name} {constant.upper()}",
            )
    axis.axhline(0.0, color="#999999", lw=0.5)
    _finish(axis, "pressure (GPa)", "elastic constant (GPa)")
    return figure


def _elastic_bars(figure, axis, results):
    names = [name for name, value in results[0][1]["values"].items() if abs(value) > 0.05]
    width = 0.8 / len(results)
    for k, (label, details, colour, _) in enumerate(_colours(results)):
        place = np.arange(len(names)) + (k - 0.5 * (len(results) - 1)) * width
        axis.bar(place, [details["values"].get(name) or 0.0 for name in names], width, color=colour, label=label)
    axis.set_xticks(range(len(names)), [name.upper() for name in names])
    axis.axhline(0.0, color="#999999", lw=0.5)
    _finish(axis, "at zero pressure", "elastic constant (GPa)")
    return figure


def phonons(results, element="Cu", structure="fcc"):
    """Dispersion along the path of the lattice, of copper with PBE and measured zone-boundary frequencies, and density
    of states."""
    figure, (axis, dos) = new_figure(2, 3.8)
    own = phonon_reference(element, structure)
    ticks, measured = {}, own["measured"]
    reach = results[0][1]["segments"][-1]["x"][-1]
    for name, details, colour, width in _colours(results):
        scale = reach / details["segments"][-1]["x"][-1]  # the paths of crystals of other size end at the same place
        for k, segment in enumerate(details["segments"]):
            x = scale * np.array(segment["x"])
            lines = axis.plot(x, segment["frequencies"], color=colour, lw=width)
            if k == 0:
                lines[0].set_label(name)
            if details is results[0][1]:
                for label, place in zip(segment["labels"], (x[0], x[-1])):
                    ticks.setdefault(round(place, 6), []).append("Γ" if label == "G" else label)
                    axis.plot(
                        [place] * len(measured.get(label, ())),
                        measured.get(label, ()),
                        "o",
                        mfc="none",
                        mec="#222222",
                        ms=4.5,
                        mew=0.9,
                        zorder=5,
                        clip_on=False,
                    )
        dos.plot(details["dos"], details["dos_frequency"], color=colour, lw=width)
    reference = own["segments"]
    for k, segment in enumerate(reference):
        x = reach / reference[-1]["x"][-1] * np.array(segment["x"])
        lines = axis.plot(x, segment["frequencies"], "--", color="#222222", lw=0.7)
        if k == 0:
            lines[0].set_label("PBE")
    axis.set_xticks(list(ticks), ["|".join(dict.fromkeys(names)) for names in ticks.values()])
    for place in ticks:
        axis.axvline(place, color="#cccccc", lw=0.5, zorder=0)
    axis.axhline(0.0, color="#999999", lw=0.5)
    axis.set_xlim(0.0, 1.0001 * reach)  # ticks are rounded: the last one must not lie outside
    axis.set_ylim(top=1.25 * axis.get_ylim()[1])  # room for the legend
    _finish(axis, "open circles: neutron scattering" if measured else "wave vector", "frequency (THz)")
    _finish(dos, "density of states (1/THz per atom)", "frequency (THz)", legend=False)
    return figure


def polymorphs(results, element="Cu", structure="fcc"):
    """Energy against volume of each structure."""
    figure, (axis,) = new_figure()
    for name, details, colour, _ in _colours(results):
        table = details["structures"]
        axis.plot(
            [s["volume"] for s in table.values()],
            [s["energy"] for s in table.values()],
            "o",
            color=colour,
            ms=5,
            label=name,
        )
        for structure, values in table.items() if details is results[0][1] else ():
            axis.annotate(
                structure, (values["volume"], values["energy"]), (5, 4), textcoords="offset points", fontsize=8
            )
    axis.set_yscale("symlog", linthresh=20.0)
    _finish(axis, "volume (A$^3$/atom)", f"energy above {structure} (meV/atom)")
    return figure


PATHS = {
    "bain": ("c_over_a", "c/a", {1.0: "bcc", np.sqrt(2.0): "fcc"}),
    "trigonal": ("angle", "angle (degrees)", {60.0: "fcc", 90.0: "sc", 109.47: "bcc"}),
    "burgers": ("burgers_share", "share of Burgers' path", {0.0: "bcc", 1.0: "hcp"}),
}


def bain(results, element="Cu", structure="fcc"):
    """Energies along the transformation paths."""
    shown = [path for path in PATHS if f"{path}_energy" in results[0][1]]
    figure, axes = new_figure(len(shown))
    for axis, path in zip(axes, shown):
        key, label, marks = PATHS[path]
        for name, details, colour, width in _colours(results):
            axis.plot(details[key], details[f"{path}_energy"], color=colour, lw=width, label=name)
        for place, name in marks.items():
            axis.axvline(place, color="#cccccc", lw=0.5, zorder=0)
            axis.text(place, 1.0, name, fontsize=8, ha="center", va="bottom", transform=axis.get_xaxis_transform())
        _finish(axis, label, f"energy above {structure} (meV/atom)", legend=path == shown[0])
    return figure


def stacking_fault(results, element="Cu", structure="fcc"):
    """The gamma lines."""
    labels = [line["label"] for line in results[0][1]["lines"]]
    figure, axes = new_figure(len(labels))
    for k, (axis, label) in enumerate(zip(axes, labels)):
        for name, details, colour, width in _colours(results):
            line = details["lines"][k]
            axis.plot(line["share"], line["energy"], color=colour, lw=width, label=name)
        axis.axhline(0.0, color="#999999", lw=0.5)
        _finish(axis, f"share of the shift, {label}", "fault energy (mJ/m$^2$)", legend=k == 0)
    return figure


def vacancy(results, element="Cu", structure="fcc"):
    """The migration path."""
    figure, (axis,) = new_figure()
    for name, details, colour, width in _colours(results):
        axis.plot(details["path_share"], details["path_energy"], "o-", color=colour, lw=width, ms=4, label=name)
    _finish(axis, "share of the jump", "energy (eV)")
    return figure


def _two_curves(results, against, left, right):
    """Two panels of curves over one quantity; each argument is (key of the details, label of the axis)."""
    figure, axes = new_figure(2)
    for name, details, colour, width in _colours(results):
        for axis, (key, _), label in zip(axes, (left, right), (name, None)):
            axis.plot(details[against[0]], details[key], color=colour, lw=width, label=label)
    for axis, (_, label) in zip(axes, (left, right)):
        _finish(axis, against[1], label)
    return figure


def expansion(results, element="Cu", structure="fcc"):
    """Lattice constant and linear expansion against temperature."""
    return _two_curves(
        results,
        ("temperature", "temperature (K)"),
        ("lattice_constant", "lattice constant (A)"),
        ("expansion", "linear expansion (10$^{-6}$/K)"),
    )


def melting(results, element="Cu", structure="fcc"):
    """Temperature and crystalline share against time."""
    figure = _two_curves(
        results, ("time", "time (ps)"), ("temperature", "temperature (K)"), ("solid", "crystalline share")
    )
    figure.axes[1].set_ylim(0.0, 1.0)
    return figure


def solid_amorphous(results, element="Cu", structure="fcc"):
    """Crystalline share against temperature on heating."""
    figure, (axis,) = new_figure()
    for name, details, colour, width in _colours(results):
        axis.plot(details["temperature"], details["solid"], color=colour, lw=width, label=name)
    _finish(axis, "temperature (K)", "crystalline share")
    axis.set_ylim(0.0, 1.0)
    return figure


def liquid(results, element="Cu", structure="fcc"):
    """Radial distribution function."""
    figure, (axis,) = new_figure()
    for name, details, colour, width in _colours(results):
        axis.plot(details["r"], details["g"], color=colour, lw=width, label=name)
    _finish(axis, "r (A)", "g(r)")
    return figure


FIGURES = {
    "eos": eos,
    "elastic": elastic,
    "phonons": phonons,
    "polymorphs": polymorphs,
    "bain": bain,
    "stacking-fault": stacking_fault,
    "vacancy": vacancy,
    "expansion": expansion,
    "melting": melting,
    "solid-amorphous": solid_amorphous,
    "liquid": liquid,
}
