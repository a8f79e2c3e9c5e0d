"""The data card of a bundled set, computed from the data so that it stays true.

python -m srlab.datasets.card        writes srlab/datasets/data/NAME.json, NAME.png and the README.md beside them
"""

import json
from collections import Counter

import numpy as np

from srlab.datasets.checks import closest_pair
from srlab.datasets.dataset import NEAR
from srlab.datasets.label_quality import elastic_constants, equation_of_state, fault_energies, phase_differences
from srlab.datasets.library import DATA, KPOINT_ERROR, bundled_names, bundled_path, load_dataset
from srlab.datasets.reader import is_isolated_atom, read_raw

_MADE = {
    "nested-ensemble": "nested ensemble sampling of small periodic cells, from gas-like disorder down to the crystal "
    "(info sampler, seed)",
    "molecular-dynamics": "random frames of molecular dynamics of the fcc cell on cu-sr1, 300 to 3000 K, volumes 0.92 "
    "to 1.25 of the crystal's",
    "amorphous": "structures of nested ensembles, relaxed in their cells on a potential (info sampler)",
    "phonon": "fcc displaced along plane waves at X, L, W and half way to them, or by one atom",
    "eos": "fcc, bcc, hcp, simple cubic and diamond at volumes from strong compression to near dissociation",
    "path": "Bain (tetragonal) and trigonal deformation paths between fcc, bcc and simple cubic, at several volumes",
    "strained": "fcc, bcc and hcp under each strain alone (info kind), or with random strains of every kind",
    "rattled": "fcc, bcc and hcp, strained, with random displacements",
    "stacking": "close-packed polytypes (hcp, dhcp, 9R, twins) and arrays of intrinsic and unstable stacking faults",
    "surface": "1x1 slabs of (111), (100) and (110), one to seven layers, as cut and rattled",
    "molecule": "dimers, trimers, chains and tetrahedra by bond length, alone in a cube of 10 angstrom",
    "vacancy": "vacancies in cells of 4 and 8 sites, rattled",
    "interstitial": "octahedral and tetrahedral interstitials in the cell of 4, and with dumbbells in the cell of 8",
}
_ROUNDS = {
    "cu-gpaw": "; round 1 on Cleri-Rosato, round 2 on forms refitted to round 1, round 3 on cu-sr1, rounds 4 to 6 by "
    "srlab learn on the front of the round before, from crystals alone (its rounds 1 to 3 in "
    "srlab/learning/data/learn-gpaw); chosen by disagreement and novelty from round 2 on (info round)"
}
# Structures in the queue of a set whose labels are still being made, of `python -m srlab.curation.campaign`.
QUEUED = {"cu-gpaw-fine": 954, "al-gpaw-fine": 100, "ag-gpaw-fine": 100}
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#999999")  # Okabe and Ito
_K_POINTS = {  # part of the settings -> what `tests/benchmarks/label_noise.py` says of them
    "kspacing 0.3 ": "about {:.0f}, {:.0f} and {:.0f} meV/atom in cells of one, two and more atoms".format(
        *(1e3 * error for error in KPOINT_ERROR)
    ),
    "kspacing 0.18 ": "at most 0.4 meV/atom between cells of one crystal (1, 2, 3, 4 and 8 atoms); 0.5 meV/atom and "
    "1.2 meV/angstrom (root mean square) in disordered cells of 4 atoms",
}


def _range(values):
    return [round(float(np.min(values)), 4), round(float(np.max(values)), 4)]


def make_card(dataset):
    """What is in a data set, as a JSON-ready dictionary.

    Energies in eV/atom relative to isolated atoms, forces in eV/angstrom, volumes in angstrom^3/atom (fully periodic
    frames only), distances in angstrom, cost in CPU hours.
    """
    frames = dataset.frames
    energies = dataset.energies() / [len(frame) for frame in frames]
    bulk = [frame.get_volume() / len(frame) for frame in frames if frame.pbc.all()]
    nearest = [closest_pair(frame, 5.0)[0] for frame in frames]
    families = {}
    for family in sorted(set(dataset.families)):
        chosen = [index for index, name in enumerate(dataset.families) if name == family]
        families[family] = {
            "frames": len(chosen),
            "atoms": sum(len(frames[index]) for index in chosen),
            "energy": _range(energies[chosen]),
            "made": _MADE.get(family, "") + (_ROUNDS.get(dataset.name, "") if family == "nested-ensemble" else ""),
        }
    settings = sorted({str(frame.info.get("dft_settings", "unknown")) for frame in frames})
    return {
        "name": dataset.name,
        "element": dataset.element,
        "fingerprint": dataset.fingerprint,
        "settings": settings,
        "frames": len(frames),
        "atoms": dataset.n_atoms,
        "train": len(dataset.train_indices),
        "test": len(dataset.test_indices),
        "queued": QUEUED.get(dataset.name),
        "isolated_atom_energy": round(dataset.isolated_atom_energy, 6),
        "isolated_atom_energy_0K": _free_atom_at_zero_width(dataset.name),
        "near_equilibrium": int(dataset.near_equilibrium().sum()),
        "energy": _range(energies),
        "force": _range([abs(frame.get_forces(apply_constraint=False)).max() for frame in frames]),
        "volume": _range(bulk) if bulk else None,
        "closest_pair": _range([d for d in nearest if np.isfinite(d)]),
        "cpu_hours": round(sum(float(frame.info.get("dft_cpu", 0)) for frame in frames) / 3600, 2),
        "crystal": _crystal(frames),
        "families": families,
        "sizes": {str(size): count for size, count in sorted(Counter(map(len, frames)).items())},
    }


def card_markdown(card):
    """The card as a short Markdown page."""
    e, v = card["energy"], card["volume"]
    lines = [
        f"# {card['name']}: {card['frames']} frames of {card['element']}, {card['atoms']} atoms",
        "",
        f"![Energies, forces, volumes and closest pairs by family]({card['name']}.png)",
        "",
        "Made for srlab, MIT licence as the rest of the project. This page and the JSON beside it are written by "
        "`python -m srlab.datasets.card`.",
        "",
        *_progress(card),
        f"- Settings, the same for every frame: {'; '.join(card['settings'])}. Gamma-centred k points, no spin (the "
        "isolated atom is spin-polarised), `srlab/sampling/gpaw_recipe.py`.",
        "- `energy` is the free energy at 0.1 eV smearing, the one the forces are the gradient of; `energy_0K` is "
        "extrapolated to zero smearing. `stress` has ASE's sign and the Pulay correction of the settings.",
        f"- Isolated atom: {card['isolated_atom_energy']:.4f} eV, the file's first frame; `load_dataset` "
        "measures energies from it and does not count it." + _smearing_note(card),
        f"- Energies {e[0]:.3f} to {e[1]:.3f} eV/atom; {card['near_equilibrium']} frames are within {NEAR:g} eV/atom "
        f"of the lowest. Largest force on an atom's component up to {card['force'][1]:.2f} eV/angstrom."
        + (f" Volumes {v[0]:.2f} to {v[1]:.2f} angstrom^3/atom." if v else "")
        + f" Closest pairs {card['closest_pair'][0]:.2f} to {card['closest_pair'][1]:.2f} angstrom.",
        f"- Split, stratified by energy with seed 0: {card['train']} train, {card['test']} test. Fingerprint "
        f"{card['fingerprint']}.",
        f"- Cost: {card['cpu_hours']:.1f} CPU hours.",
        *_k_point_lines(card),
        *_crystal_lines(card),
        *_extremes(card["name"].removesuffix("-extreme")),
        "",
        "| family | frames | atoms | eV/atom | how made |",
        "|---|---|---|---|---|",
    ]
    for family, row in card["families"].items():
        lines.append(
            f"| {family} | {row['frames']} | {row['atoms']} | {row['energy'][0]:.2f} to {row['energy'][1]:.2f} | "
            f"{row['made']} |"
        )
    sizes = ", ".join(f"{count} of {size}" for size, count in card["sizes"].items())
    return "\n".join(lines + ["", f"Frames by number of atoms: {sizes}.", ""])


def _crystal(frames):
    """What the labels say of the crystal; None unless there are cells that elastic constants are read from."""
    elastic = elastic_constants(frames)
    if not elastic:
        return None
    found = {
        "elastic_constants": elastic,
        "equation_of_state": equation_of_state(frames),
        "phase_differences": phase_differences(frames),
        "fault_energies": fault_energies(frames),
    }
    return {name: {key: round(value, 4) for key, value in values.items()} for name, values in found.items()}


def _crystal_lines(card):
    if not card["crystal"]:
        return []
    state, phases = card["crystal"]["equation_of_state"], card["crystal"]["phase_differences"]
    parts = [", ".join(f"{name} {value:.0f}" for name, value in card["crystal"]["elastic_constants"].items()) + " GPa"]
    if state:
        side = (4 * state["volume"]) ** (1 / 3)
        parts.insert(0, f"lattice constant {side:.3f} angstrom, bulk modulus {state['bulk_modulus']:.0f} GPa")
    if phases:
        above = ", ".join(f"{name} {value:.1f}" for name, value in phases.items())
        parts.append(f"above fcc, meV/atom: {above}")
    if card["crystal"]["fault_energies"]:
        faults = ", ".join(f"{value:.0f} ({kind})" for kind, value in card["crystal"]["fault_energies"].items())
        parts.append(f"unrelaxed arrays of faults, mJ/m2 each: {faults}")
    return [f"- Fcc as these labels have it, no potential in between: {'; '.join(parts)}."]


def _k_point_lines(card):
    """What is known of the error of the k points, for copper and beyond."""
    whose = "" if card["element"] == "Cu" else ", as measured on copper"
    return [
        f"- Error of the k points{whose}: {said}."
        for setting, said in _K_POINTS.items()
        if setting in card["settings"][0]
    ]


def _progress(card):
    """How far a set is whose labels are still being made."""
    if not card["queued"] or card["frames"] + 1 >= card["queued"]:  # the free atom is no frame
        return []
    return [
        f"- Unfinished: {card['frames'] + 1} of {card['queued']} structures have their labels. "
        "`srlab/curation/campaign.py` lists them in the order in which they are wanted: first what decides the "
        "crystal, then what is near it, disorder last. `make labels` goes on with those of copper that are missing, "
        "CONTRIBUTING.md says how to with those of other elements."
    ]


def _free_atom_at_zero_width(name):
    """eV, of the isolated atom of a bundled set; None where it is not known."""
    atoms = (
        [frame for frame in read_raw(bundled_path(name)) if is_isolated_atom(frame)] if name in bundled_names() else []
    )
    return round(float(atoms[0].info["energy_0K"]), 6) if atoms and "energy_0K" in atoms[0].info else None


def _smearing_note(card):
    """What the smearing of an open shell does to the free atom, where it is more than the crystal's own smearing could
    make good.
    """
    zero = card["isolated_atom_energy_0K"]
    if zero is None or abs(zero - card["isolated_atom_energy"]) < 0.03:
        return ""
    return (
        f" Extrapolated to zero smearing it has {zero:.4f} eV: the smearing spreads its electrons over an open shell, "
        f"so cohesive energies from it are {zero - card['isolated_atom_energy']:.2f} eV too small."
    )


def _extremes(name):
    return (
        [f"- Molecules and frames more than 2 eV/atom above the lowest are in {name}-extreme, all others in {name}."]
        if f"{name}-extreme" in bundled_names()
        else []
    )


def draw_histograms(dataset, path):
    """A PNG of what is in a data set: energies, forces, volumes and closest pairs of its frames, the largest families
    apart.

    Energies in eV/atom relative to isolated atoms, force components in eV/angstrom, volumes in angstrom^3/atom,
    distances in angstrom.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    frames, families = dataset.frames, np.array(dataset.families)
    common = [name for name, _ in Counter(families.tolist()).most_common(5)]
    groups = {**{name: families == name for name in common}, "others": ~np.isin(families, common)}
    groups = {name: np.flatnonzero(mask) for name, mask in groups.items() if mask.any()}
    energies = dataset.energies() / [len(frame) for frame in frames]
    panels = {
        "energy, eV/atom": lambda k: [energies[k]],
        "force component, eV/\u00c5": lambda k: frames[k].get_forces(apply_constraint=False).ravel(),
        "volume, \u00c5\u00b3/atom": lambda k: [frames[k].get_volume() / len(frames[k])] if frames[k].pbc.all() else [],
        "closest pair, \u00c5": lambda k: [d for d in (closest_pair(frames[k], 5.0)[0],) if np.isfinite(d)],
    }
    figure = Figure(figsize=(11, 2.9), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (title, values) in zip(figure.subplots(1, 4), panels.items()):
        columns = [np.concatenate([np.asarray(values(k), float) for k in chosen]) for chosen in groups.values()]
        axes.hist(columns, bins=30, stacked=True, color=_COLOURS[: len(groups)], label=list(groups))
        axes.set_xlabel(title)
        axes.locator_params(axis="x", nbins=4)
        axes.spines[["top", "right"]].set_visible(False)
        if "force" in title:
            axes.set_yscale("log")  # most components are small
        axes.set_ylabel("components" if "force" in title else "frames")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper center", ncols=6, frameon=False)
    figure.savefig(path, metadata={"Software": None})


def write_cards():
    """Write NAME.json and the histograms NAME.png for every bundled set, and the README.md that shows them all; returns
    the cards by name.
    """
    sets = {name: load_dataset(name) for name in bundled_names()}
    cards = {name: make_card(dataset) for name, dataset in sets.items()}
    for name, card in cards.items():
        draw_histograms(sets[name], bundled_path(name).with_suffix(".png"))
        bundled_path(name).with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")
    (DATA / "README.md").write_text("\n".join(card_markdown(card) for card in cards.values()))
    return cards


if __name__ == "__main__":
    write_cards()
