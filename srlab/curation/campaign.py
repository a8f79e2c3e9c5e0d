"""The structures of a data set, before their labels, in the order in which the labels are wanted.

    python -m srlab.curation.campaign QUEUE.extxyz
    python -m srlab.curation.campaign QUEUE.extxyz --element Al --a 4.04 --potential sutton-chen-al --count 100

The same command writes the same queue. It is labelled with `srlab label QUEUE.extxyz --workers 2 -o LABELS.extxyz`,
which goes on after a stop, and the labels are put into a set with `python -m srlab.curation.add_labels --set NAME
LABELS.extxyz`.

Stages follow one another, families within a stage are interleaved, so that a queue that is labelled in part is a data
set already: first what decides lattice constant, elastic constants, the order of fcc, hcp and bcc and the stacking
fault, then what surrounds the crystal, a thin sample of disorder, more crystals, and disorder at last.
"""

import argparse

import numpy as np
from ase import Atoms, units
from ase.build import bulk
from ase.constraints import FixCom
from ase.io import write
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta
from ase.optimize import FIRE

from srlab.datasets.identity import content_key
from srlab.datasets.library import bundled_names, load_dataset
from srlab.potentials import load_potential
from srlab.sampling import crystals
from srlab.sampling.nested import sample

MD_TEMPERATURES = (300.0, 3000.0)  # K
MD_VOLUMES = (0.92, 1.25)  # of the volume of fcc
NEAR_KNOWN = 0.25  # eV/atom above the lowest known frame: labelled anew before the others
HOTTEST = 1.8  # eV/atom above the lowest structure of a nested ensemble
MELTS = ((8, 61, 36), (12, 62, 18), (16, 63, 10))  # atoms in a cell, seed, structures
_ORIGIN = ("family", "kind", "level", "seed", "sampler", "round")  # info that says how a known frame was made
_TIME_STEP, _STEPS = 2.0, 400  # fs; a fifth of a picosecond between two frames, four vibrations of copper


def stages(element="Cu", a=crystals.COPPER_A, known=(), disordered=()):
    """All structures but the free atom: a list of stages, each of families, each of structures, the most wanted first.

    Parameters
    ----------
    a : lattice constant of fcc, angstrom; all volumes follow it.
    known : labelled frames of an earlier set, to be labelled anew: after the first two stages every fourth, later the
        rest of those within `NEAR_KNOWN` eV/atom of the lowest, then all others.
    disordered : families of melts, glasses and whatever else comes last.

    A structure may be in two stages; :func:`queue_of` keeps the first.
    """
    volume, (near, far) = a**3 / 4, _relabelled(known)
    eos = {
        "fcc": (1.0, 0.97, 1.03, 0.94, 1.06, 0.9, 1.1),
        "hcp": (1.0, 0.96, 1.04, 0.92, 1.08),
        "bcc": (1.0, 0.96, 1.04, 0.92, 1.08),
    }
    crystal = [
        *(
            crystals.equations_of_state((lattice,), volume * np.array(scales), element, crystals.conventional)
            for lattice, scales in eos.items()
        ),
        crystals.strains("fcc", volume, (0.02, 0.04), element=element),
        crystals.fault_arrays(a, (3, 4, 5), (1.0,), element=element)
        + [crystals.stacking("ABAC", a, element=element)]
        + crystals.fault_arrays(a, (3, 4), (0.5,), element=element),
    ]
    around = [
        crystals.strains("bcc", 1.005 * volume, (0.02, 0.04), element=element),
        crystals.strains("hcp", volume, (0.02, 0.04), element=element),
        crystals.strains("fcc", volume, (0.01, 0.03), element=element),
        crystals.bain_path((1.05, 1.12, 1.2, 1.28, 1.36, 1.5), (volume,), element),
        crystals.fault_arrays(a, (3, 4, 5, 6), (0.25, 0.75, 0.5, 1.0), element=element),
        crystals.frozen_phonons(a, (0.1, 0.2), ("X", "L"), element)
        + crystals.frozen_phonons(a, (0.1, 0.2), ("Delta", "Lambda", "Sigma", "W"), element),
        crystals.displaced_atom(a, element=element),
        crystals.slabs(a, (5,), displacement=0.0, element=element),
        crystals.point_defects(a, 3, displacement=0.05, element=element),
        near[::16],
    ]
    wide = [
        crystals.equations_of_state(
            ("fcc", "hcp", "bcc"), volume * np.array([0.86, 1.15]), element, crystals.conventional
        ),
        crystals.strains("bcc", 1.005 * volume, (0.01, 0.03), element=element),
        crystals.strains("hcp", volume, (0.01, 0.03), element=element),
        crystals.bain_path((0.92, 1.05, 1.12, 1.2, 1.28, 1.36, 1.5, 1.6), volume * np.array([0.93, 1.07]), element),
        crystals.polytypes(a, element=element),
        crystals.fault_arrays(a, (3, 4, 5), (1.0, 0.5), spacing=0.98, element=element)
        + crystals.fault_arrays(a, (3, 4, 5), (1.0, 0.5), spacing=1.02, element=element),
        crystals.slabs(a, (5, 6, 7), displacement=0.05, seed=1, element=element),
        crystals.interstitials(a, element=element),
        crystals.point_defects(a, 8, displacement=0.1, seed=2, element=element),
    ]
    return [crystal, around, [near[::4], far[::4]], wide, [near], [far], list(disordered)]


def _relabelled(known):
    """Known frames without their labels: those within `NEAR_KNOWN` of the lowest, and the others."""
    energies = [frame.get_potential_energy() / len(frame) for frame in known]
    parts = [], []
    for frame, energy in zip(known, energies):
        bare = Atoms(frame.numbers, positions=frame.positions, cell=frame.cell, pbc=frame.pbc)
        bare.info.update({key: frame.info[key] for key in _ORIGIN if key in frame.info})
        parts[energy > min(energies) + NEAR_KNOWN].append(bare)
    return parts


def strong_deformations(element="Cu", a=crystals.COPPER_A, seed=3):
    """Families of crystals far from equilibrium, for an element of which nothing is known."""
    scale = (a / crystals.COPPER_A) ** 3
    volumes = scale * np.array([9.5, 10.4, 11.2, 12.7, 14.0, 16.5])
    between = tuple(scale * np.array([9.5, 14.5]))
    return [
        crystals.equations_of_state(("fcc", "bcc", "hcp"), volumes, element),
        crystals.bain_path((0.9, 1.2, 1.6), (11.9 * scale,), element),
        crystals.trigonal_path((55, 75, 90), 11.9 * scale, element),
        crystals.strained_and_rattled(
            count=3, strain=0.05, displacement=0, volumes=between, cubic=False, seed=seed, element=element
        ),
        crystals.strained_and_rattled(count=3, strain=0.04, volumes=between, seed=seed + 1, element=element),
        crystals.slabs(a, (1, 3), seed=seed, element=element),
    ]


def nested_ensembles(potential, atoms=4, seed=31, count=24, walkers=60, levels=48):
    """`count` structures of a nested ensemble on a potential, evenly over its levels, from gas to crystal.

    Parameters
    ----------
    atoms : in a cell; volumes as the sampler's defaults.
    walkers, levels : see :func:`srlab.sampling.nested.sample`.
    """
    found = sample(potential, atoms, walkers, levels, seed=seed, per_level=4)
    lowest = min(frame.info["surrogate_energy"] for frame in found)
    found = [frame for frame in found if frame.info["surrogate_energy"] < lowest + HOTTEST]
    chosen = [found[index] for index in np.linspace(0, len(found) - 1, count).round().astype(int)]
    for frame in chosen:
        frame.info["sampler"] = potential.name
    return chosen


def quenched(frames, potential):
    """Glasses: the structures relaxed in their cells on a potential, to 0.1 eV/angstrom or for 200 steps."""
    glasses = []
    for frame in frames:
        glass = frame.copy()
        glass.calc = potential.calculator()
        FIRE(glass, logfile=None).run(fmax=0.1, steps=200)
        glass.calc = None
        glass.wrap()
        glass.info.clear()
        glass.info.update(
            family="amorphous", kind=f"{len(glass)} atoms", sampler=potential.name, seed=frame.info["seed"]
        )
        glasses.append(glass)
    return glasses


def molecular_dynamics(potential, seed=41, count=24, a=crystals.COPPER_A, element="Cu"):
    """`count` structures at random from molecular dynamics of the fcc cell of 4 atoms.

    Each is the end of a Langevin run of 0.8 ps at a temperature drawn from MD_TEMPERATURES and a volume drawn from
    MD_VOLUMES, begun at the crystal: what one would label who knows a potential and no better way to choose.
    """
    rng, frames = np.random.default_rng(seed), []
    for _ in range(count):
        atoms = bulk(element, "fcc", a=a * rng.uniform(*MD_VOLUMES) ** (1 / 3), cubic=True)
        temperature = rng.uniform(*MD_TEMPERATURES)
        thermalize_momenta(atoms, 2 * temperature, rng=rng)
        atoms.set_constraint(FixCom())
        atoms.calc = potential.calculator()
        Langevin(
            atoms, _TIME_STEP * units.fs, temperature_K=temperature, friction=0.02 / units.fs, rng=rng, fixcm=False
        ).run(_STEPS)
        end = atoms.copy()
        end.arrays.pop("momenta", None)
        end.set_constraint()
        end.wrap()
        end.info.clear()
        end.info.update(family="molecular-dynamics", kind=f"{temperature:.0f} K", seed=seed, sampler=potential.name)
        frames.append(end)
    return frames


def disordered_families(potential, element="Cu", a=crystals.COPPER_A, known=()):
    """Melts and glasses of 8 to 16 atoms; where no earlier set is known, far crystals and cells of 4 before them."""
    families = []
    if not len(known):
        families += strong_deformations(element, a)
        families += [nested_ensembles(potential), molecular_dynamics(potential, a=a, element=element)]
    for atoms, seed, count in MELTS:
        melt = nested_ensembles(potential, atoms, seed, count)
        families += [melt, quenched(melt[::2], potential)]
    return families


def queue_of(stages, element="Cu", count=None):
    """The free atom, then the structures of all stages, families interleaved, none twice.

    Parameters
    ----------
    count : structures in all; the first stage is kept whole, and the later ones are thinned evenly.
    """
    keys, parts = set(), []
    for families in stages:
        parts.append([])
        for frame in crystals.interleave(families):
            key = content_key(frame)
            if key not in keys:
                keys.add(key)
                parts[-1].append(frame)
    first = [crystals.free_atom(element), *parts[0]]
    later = [frame for part in parts[1:] for frame in part]
    wanted = len(later) if count is None else min(max(count - len(first), 0), len(later))
    return first + [later[index] for index in np.linspace(0, len(later) - 1, wanted).round().astype(int)]


def main():
    """Write a queue."""
    parser = argparse.ArgumentParser(prog="python -m srlab.curation.campaign", description=__doc__.splitlines()[0])
    parser.add_argument("output")
    parser.add_argument("--element", default="Cu")
    parser.add_argument("--a", type=float, default=crystals.COPPER_A, help="lattice constant of fcc, angstrom")
    parser.add_argument("--potential", default="cu-sr1", help="what melts are sampled on")
    parser.add_argument("--known", help="data set that is labelled anew; default: the bundled one of the element")
    parser.add_argument("--count", type=int, help="structures in all; default: every one there is")
    options = parser.parse_args()
    bundled, potential = f"{options.element.lower()}-gpaw", load_potential(options.potential)
    name = options.known or (bundled if bundled in bundled_names() else None)
    known = load_dataset(name, split="all").frames if name else []
    disordered = disordered_families(potential, options.element, options.a, known)
    queue = queue_of(stages(options.element, options.a, known, disordered), options.element, options.count)
    write(options.output, queue, format="extxyz")
    print(f"{len(queue)} structures of {sum(map(len, queue))} atoms: {options.output}")


if __name__ == "__main__":
    main()
