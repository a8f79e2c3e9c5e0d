"""The data card of a bundled set, computed from the data so that it stays true.

    python -m srlab.datasets.card        writes srlab/datasets/data/NAME.json and the README.md beside it
"""
import json
from collections import Counter

import numpy as np

from srlab.datasets.checks import closest_pair
from srlab.datasets.dataset import NEAR
from srlab.datasets.library import DATA, bundled_names, bundled_path, load_dataset

_MADE = {
    "nested-ensemble": "nested ensemble sampling of small periodic cells, from gas-like disorder down to the crystal; on Cleri-Rosato, or on what "
                       "info sampler names: forms refitted to this set (round 2), chosen by disagreement and novelty",
    "eos": "fcc, bcc and hcp at volumes from strong compression to near dissociation",
    "path": "Bain (tetragonal) and trigonal deformation paths between fcc, bcc and simple cubic",
    "strained": "fcc, bcc and hcp with random strains of every kind",
    "rattled": "fcc, bcc and hcp, strained, with random displacements",
    "stacking": "close-packed polytypes (hcp, dhcp, 9R, twins) and arrays of intrinsic and unstable stacking faults",
    "surface": "1x1 slabs of (111), (100) and (110), one to five layers, as cut and rattled",
    "molecule": "dimers, trimers, chains and tetrahedra by bond length, alone in a cube of 10 angstrom",
    "vacancy": "vacancies in cells of 4 and 8 sites, rattled",
    "interstitial": "octahedral and tetrahedral interstitials in the cell of 4, rattled",
}


def _range(values):
    return [round(float(np.min(values)), 4), round(float(np.max(values)), 4)]


def make_card(dataset):
    """What is in a data set, as a JSON-ready dictionary.

    Energies in eV/atom relative to isolated atoms, forces in eV/angstrom, volumes in angstrom^3/atom (fully periodic frames
    only), distances in angstrom, cost in CPU hours.
    """
    frames = dataset.frames
    energies = dataset.energies() / [len(frame) for frame in frames]
    bulk = [frame.get_volume() / len(frame) for frame in frames if frame.pbc.all()]
    nearest = [closest_pair(frame, 5.0)[0] for frame in frames]
    families = {}
    for family in sorted(set(dataset.families)):
        chosen = [index for index, name in enumerate(dataset.families) if name == family]
        families[family] = {"frames": len(chosen), "atoms": sum(len(frames[index]) for index in chosen),
                            "energy": _range(energies[chosen]), "made": _MADE.get(family, "")}
    settings = sorted({str(frame.info.get("dft_settings", "unknown")) for frame in frames})
    return {
        "name": dataset.name, "element": dataset.element, "fingerprint": dataset.fingerprint, "settings": settings,
        "frames": len(frames), "atoms": dataset.n_atoms, "train": len(dataset.train_indices), "test": len(dataset.test_indices),
        "isolated_atom_energy": round(dataset.isolated_atom_energy, 6),
        "near_equilibrium": int(dataset.near_equilibrium().sum()),
        "energy": _range(energies), "force": _range([abs(frame.get_forces()).max() for frame in frames]),
        "volume": _range(bulk) if bulk else None, "closest_pair": _range([d for d in nearest if np.isfinite(d)]),
        "cpu_hours": round(sum(float(frame.info.get("dft_cpu", 0)) for frame in frames) / 3600, 2),
        "families": families, "sizes": {str(size): count for size, count in sorted(Counter(map(len, frames)).items())},
    }


def card_markdown(card):
    """The card as a short Markdown page."""
    e, v = card["energy"], card["volume"]
    lines = [
        f"# {card['name']}: {card['frames']} frames of {card['element']}, {card['atoms']} atoms", "",
        "Made for srlab, MIT licence as the rest of the project. This page and the JSON beside it are written by "
        "`python -m srlab.datasets.card`.", "",
        f"- Settings, the same for every frame: {'; '.join(card['settings'])}. Gamma-centred k points, no spin (the isolated atom "
        "is spin-polarised), `srlab/sampling/gpaw_recipe.py`.",
        "- `energy` is the free energy at 0.1 eV smearing, the one the forces are the gradient of; `energy_0K` is extrapolated to zero "
        "smearing. `stress` has ASE's sign and the Pulay correction.",
        f"- Isolated atom: {card['isolated_atom_energy']:.4f} eV, the file's first frame; `load_dataset` measures energies from it and "
        "does not count it.",
        f"- Energies {e[0]:.3f} to {e[1]:.3f} eV/atom; {card['near_equilibrium']} frames are within {NEAR:g} eV/atom of the lowest. "
        f"Largest force on an atom's component up to {card['force'][1]:.2f} eV/angstrom."
        + (f" Volumes {v[0]:.2f} to {v[1]:.2f} angstrom^3/atom." if v else "")
        + f" Closest pairs {card['closest_pair'][0]:.2f} to {card['closest_pair'][1]:.2f} angstrom.",
        f"- Split, stratified by energy with seed 0: {card['train']} train, {card['test']} test. Fingerprint {card['fingerprint']}.",
        f"- Cost: {card['cpu_hours']:.1f} CPU hours.", "- Molecules and frames more than 2 eV/atom above the lowest are in cu-gpaw-extreme, all "
        "others in cu-gpaw.", "",
        "| family | frames | atoms | eV/atom | how made |", "|---|---|---|---|---|"]
    for family, row in card["families"].items():
        lines.append(f"| {family} | {row['frames']} | {row['atoms']} | {row['energy'][0]:.2f} to {row['energy'][1]:.2f} | {row['made']} |")
    sizes = ", ".join(f"{count} of {size}" for size, count in card["sizes"].items())
    return "\n".join(lines + ["", f"Frames by number of atoms: {sizes}.", ""])


def write_cards():
    """Write NAME.json for every bundled set, and the README.md that shows them all; returns the cards by name."""
    cards = {name: make_card(load_dataset(name)) for name in bundled_names()}
    for name, card in cards.items():
        bundled_path(name).with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n")
    (DATA / "README.md").write_text("\n".join(card_markdown(card) for card in cards.values()))
    return cards


if __name__ == "__main__":
    write_cards()
