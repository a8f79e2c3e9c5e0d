"""The process that validates candidates for the dashboard: ``python -m srlab_widgets.validation_worker``.

It reads one request, a line of JSON, and writes lines of JSON as results come in; to cancel it, kill it.
"""

import os
import sys
import traceback
from functools import lru_cache
from importlib.util import find_spec

import numpy as np

from srlab.datasets import load_dataset
from srlab.errors import InputError
from srlab.neighbours import pairs_within
from srlab.potentials.lattices import primitive_cell
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model
from srlab.validation import details, relaxed, scorecard
from srlab.workers.process import answer

from .fold import finite

GROUPS = {  # in the order of computing, and how the page calls them
    "eos": "the equation of state",
    "elastic": "elastic constants",
    "phonons": "phonons",
    "surfaces": "surfaces",
    "stacking-fault": "stacking faults",
    "vacancy": "the vacancy",
    "interstitial": "the interstitial",
}
CURVES = ("eos", "phonons")
REACH = 1.72  # nearest-neighbour distances up to which a frame is compared with a perfect crystal
SLOW = GROUPS["surfaces"]  # from here on it takes seconds: all potentials get their curves first
TABLE = (
    "lattice_constant",
    "cohesive_energy",
    "bulk_modulus",
    "c11",
    "c12",
    "c44",
    "surface_energy_111",
    "surface_energy_100",
    "surface_energy_110",
    "stacking_fault_energy",
    "unstable_stacking_fault_energy",
    "vacancy_formation_energy",
    "vacancy_migration_energy",
    "interstitial_dumbbell_energy",
    # of crystals that are not fcc
    "lattice_constant_c",
    "c13",
    "c33",
    "surface_energy_112",
    "surface_energy_0001",
    "surface_energy_1010",
    *(f"surface_energy_{face}_unreconstructed" for face in ("111", "100", "110")),
    "unstable_stacking_fault_energy_110",
    "unstable_stacking_fault_energy_112",
    "interstitial_dumbbell_110_energy",
    "interstitial_octahedral_energy",
)
# Which warning of a group is the one sentence its panel has room for, the gravest first.
GRAVEST = {"eos": ("repulsive_down_to", "dimer_repulsive_down_to", "bulk_modulus"), "elastic": TABLE}
POLITENESS = 2  # niceness: the search goes first, and yet the panel is not kept waiting for a minute
MODESTY = 19  # where nobody asked for it: what the search and the browser leave


def potential(subject):
    """`srlab.potentials.Potential` of {"name", "element", "formulas", "offset", "cutoff", "taper_start", "structure"},
    the last of which may be missing or None: then its crystal is the ground state of the element."""
    return Potential.of_model(
        Model.parse(subject["formulas"], subject["offset"]),
        subject["name"],
        subject["element"],
        subject["cutoff"],
        Smoothstep(subject["taper_start"], subject["cutoff"]),
        "srlab",
        structure=subject.get("structure"),
    )


def results(subject):
    """What the panels show of one potential, growing: yields (what is computed next or "", the dictionary so far).

    The crystal is that of the subject. The dictionary has, as they come: error (a sentence, and then
    nothing else), structure, eos {volume (A^3/atom), energy (eV/atom), says}, table {property: entry of
    `srlab.validation.scores.entry`}, phonons {x (2 pi / a0), branches (lists, THz; three for each atom of the primitive
    cell), ticks [[x, label]], says}, remarks {group: warning or None} of the groups without a curve; says is a warning
    or None. Defects and faults are computed in the smaller cells (`quick`). With incomplete, a package was missing and
    the result should not be kept.
    """
    out, card = {"table": {}, "remarks": {}}, {}
    yield "the crystal", out
    try:
        crystal = relaxed(potential(subject))
        out["structure"] = crystal.structure
    except InputError as error:
        out["error"] = str(error)
    for group in () if "error" in out else GROUPS:
        yield GROUPS[group], out
        found = details(crystal, group, quick=group not in CURVES)  # curves need their points, which cost half a second
        card.update(scorecard({group: found}, crystal.element, structure=crystal.structure))
        out["table"] = {name: card[name] for name in TABLE if name in card}
        if group == "eos":
            out["eos"] = {
                "volume": rounded(found.get("volume", [])),
                "energy": rounded(found.get("energy", [])),
                "says": says(group, found),
            }
        elif group == "phonons":
            out["incomplete"] = find_spec("phonopy") is None
            out["phonons"] = {
                **dispersion(found.get("segments", []), crystal.lattice_constant),
                "says": says(group, found),
            }
        else:
            out["remarks"][group] = says(group, found)
    yield "", out


def dispersion(segments, lattice_constant):
    """The path as one line of wave vectors in units of 2 pi / a0, so that crystals of different size compare, with its
    branches above it.

    U and K are the same point up to a reciprocal vector: the branches go on there without a step.
    """
    x = [lattice_constant * v for s in segments for v in s["x"]]
    ticks = []
    for s in segments:
        for label, at in zip(s["labels"], (s["x"][0], s["x"][-1])):
            label, at = label.replace("G", "Γ"), round(lattice_constant * at, 4)
            if ticks and abs(ticks[-1][0] - at) < 1e-3:
                ticks[-1][1] += "" if label in ticks[-1][1] else f"|{label}"
            else:
                ticks.append([at, label])
    return {
        "x": rounded(x),
        "branches": [rounded(branch) for branch in zip(*(f for s in segments for f in s["frequencies"]))],
        "ticks": ticks,
    }


def says(group, found):
    """The gravest warning of a group, or None."""
    warnings = found["warnings"]
    return next((warnings[name] for name in (*GRAVEST.get(group, ()), *warnings) if name in warnings), None)


def rounded(values):
    """Numbers to five figures; None stays."""
    return [None if v is None else float(f"{v:.5g}") for v in values]


def data_points(path, structure):
    """Volumes (A^3/atom) and energies (eV/atom, relative to isolated atoms) of the perfect crystals of a structure in a
    run's data, by volume."""
    data = load_dataset(path, split="all")
    chosen = [atoms for atoms in data.frames if len(atoms) <= 8 and is_perfect(atoms, structure)]
    points = sorted(
        zip((a.get_volume() / len(a) for a in chosen), (e / len(a) for a, e in zip(chosen, data.energies(chosen))))
    )
    return {"volume": rounded([v for v, _ in points]), "energy": rounded([e for _, e in points])}


def is_perfect(atoms, structure, tolerance=2e-3):
    """Whether a periodic frame is the perfect crystal of a structure: every atom has the neighbours that the crystal of
    its volume has, up to 1.72 times the nearest, each within `tolerance` of that (hcp, whose axes are free: within
    0.05)."""
    if not atoms.pbc.all():
        return False
    scale = (atoms.get_volume() / len(atoms)) ** (1.0 / 3.0)
    expected = scale * neighbour_distances(structure)
    i, _, found, _ = pairs_within(atoms, REACH * expected[0])
    slack = expected[0] * (0.05 if structure == "hcp" else tolerance)
    if (np.bincount(i, minlength=len(atoms)) != len(expected)).any():
        return False
    return all(np.abs(np.sort(found[i == k]) - expected).max() < slack for k in range(len(atoms)))


@lru_cache(maxsize=8)
def neighbour_distances(structure):
    """Distances from an atom to its neighbours in the perfect crystal of unit volume per atom, ascending, up to REACH
    times the nearest."""
    crystal = primitive_cell("H", structure, 1.0)
    crystal.set_cell(crystal.cell.array * (len(crystal) / crystal.get_volume()) ** (1.0 / 3.0), scale_atoms=True)
    nearest = pairs_within(crystal, 1.01 * crystal.cell.lengths().max())[2].min()
    i, _, distances, _ = pairs_within(crystal, REACH * nearest)
    return np.sort(distances[i == 0])


def give_way(niceness):
    """Let other processes go first. Linux may weigh the processes of a session against each other only, and this one is
    alone in its session: there the session is made nice, too."""
    if hasattr(os, "nice"):
        os.nice(niceness)
    try:
        with open("/proc/self/autogroup", "w") as session:
            session.write(str(niceness))
    except OSError:
        pass  # no such weights here


def validate(request, send):
    """Answer one request, {"subjects": [{"key", ...}], "data": path or null, "structure": of the perfect crystals in
    the data, "niceness": 0 to 19}."""

    def tell(**line):
        send(**finite(line))

    give_way(request.get("niceness", POLITENESS))
    under_way = {subject["key"]: results(subject) for subject in request["subjects"]}

    def go_on(until):
        for key, steps in under_way.items():
            try:
                for doing, result in steps:
                    tell(key=key, doing=doing, result=result)
                    if doing == until:
                        break
            except Exception as error:  # one potential's trouble must not keep the other from its panels
                traceback.print_exc()
                tell(
                    key=key,
                    doing="",
                    result={"error": f"the validation failed: {type(error).__name__}: {error}", "incomplete": True},
                )

    go_on(until=SLOW)
    if request.get("data"):
        try:
            tell(data=data_points(request["data"], request["structure"]))
        except InputError:
            tell(data=None)  # the curves stand without them
    go_on(until=None)


if __name__ == "__main__":
    sys.exit(answer(validate))
