"""The structures of a data set, before their labels: crystals of every kind, nested ensembles, and molecular dynamics to compare with.

    python -m srlab.curation.campaign QUEUE.extxyz                              the third part of the bundled copper set
    python -m srlab.curation.campaign QUEUE.extxyz --element Al --a 4.04 --potential sutton-chen-al --small

The queue is then labelled with `srlab label QUEUE.extxyz --workers 2 -o LABELS.extxyz` and merged with `python -m srlab.datasets.grow LABELS.extxyz`. For an element
without known frames it begins with the free atom.
Families are interleaved, so that a queue that is labelled in part is still a data set.
"""

import numpy as np

from srlab.sampling import crystals

MD_TEMPERATURES = (300.0, 3000.0)  # K
MD_VOLUMES = (0.92, 1.25)  # of the volume of fcc
_TIME_STEP, _STEPS = 2.0, 400  # fs; a fifth of a picosecond between two frames, four vibrations of copper


def crystal_families(element="Cu", a=crystals.COPPER_A, small=False, seed=3):
    """Lists of crystalline structures by family, all volumes scaled with the lattice constant `a` (angstrom) of fcc.

    `small` is about fifty structures, for another element; otherwise about three hundred.
    """
    v = (a / crystals.COPPER_A) ** 3
    eos = (
        np.array(
            [9.5, 10.4, 11.2, 11.9, 12.7, 14.0, 16.5]
            if small
            else [8.4, 9.0, 9.7, 10.2, 10.7, 11.2, 11.6, 11.9, 12.2, 12.6, 13.2, 14.0, 15.2, 17.0, 19.5, 23.0]
        )
        * v
    )
    families = [
        crystals.equations_of_state(("fcc", "bcc", "hcp"), eos, element),
        crystals.bain_path(
            (0.9, 1.2, 1.6) if small else (0.8, 0.85, 0.9, 0.95, 1.06, 1.12, 1.2, 1.28, 1.36, 1.48, 1.55, 1.65),
            np.array([11.9] if small else [10.4, 11.9, 13.6, 16.5]) * v,
            element,
        ),
        crystals.trigonal_path((55, 75, 90) if small else (50, 55, 66, 75, 83, 90, 98, 105), 11.9 * v, element)
        + ([] if small else crystals.trigonal_path((53, 57, 63, 70, 79, 87, 94, 102), 13.2 * v, element)),
    ]
    count, volumes = (3, 14), tuple(np.array([9.5, 14.5]) * v)
    families += [
        crystals.strained_and_rattled(
            count=count[not small],
            strain=0.05,
            displacement=0,
            volumes=volumes,
            cubic=False,
            seed=seed,
            element=element,
        ),
        crystals.strained_and_rattled(
            count=count[not small], strain=0.04, volumes=volumes, seed=seed + 1, element=element
        ),
        crystals.stackings(a, element)[:: 4 if small else 1],
        crystals.slabs(a, (1, 3) if small else (1, 2, 3, 4, 5), seed=seed, element=element),
        [frame for frame in crystals.point_defects(a, 2 if small else 6, seed=seed, element=element) if len(frame) < 8],
    ]
    if not small:
        families += [
            crystals.equations_of_state(("sc", "diamond"), eos[1::2] * 1.12, element),
            crystals.molecules(element=element),
        ]
    return families


def nested_ensembles(
    potential, seeds=(31, 32, 33), count=24, atoms=4, walkers=60, levels=48, committee=(), known=(), tag=None
):
    """`count` structures a seed, of nested ensembles on a potential, chosen by `srlab.learning.committee.select`; one list a seed.

    Without a committee they are drawn evenly over the levels. Cells are of `atoms` atoms; volumes as the sampler's defaults.
    """
    from srlab.learning.committee import select
    from srlab.sampling.nested import sample

    chosen, known = [], list(known)
    for seed in seeds:
        found = sample(potential, atoms, walkers, levels, seed=seed, per_level=4)
        lowest = min(frame.info["surrogate_energy"] for frame in found)
        found = [frame for frame in found if frame.info["surrogate_energy"] < lowest + 1.8]
        picked = (
            select(found, committee, count, known=known) if committee else found[:: max(1, len(found) // count)][:count]
        )
        for frame in picked:
            frame.info.update(sampler=tag or potential.name, round=3)
        known += picked
        chosen.append(picked)
    return chosen


def molecular_dynamics(potential, seeds=(41, 42, 43), count=24, a=crystals.COPPER_A, element="Cu", tag=None):
    """`count` structures a seed, at random from molecular dynamics of the fcc cell of 4 atoms; one list a seed.

    Each is the end of a Langevin run of 0.8 ps at a temperature drawn from MD_TEMPERATURES and a volume drawn from MD_VOLUMES, begun at the
    crystal: what one would label who knows a potential and no better way to choose.
    """
    from ase import units
    from ase.build import bulk
    from ase.constraints import FixCom
    from ase.md.langevin import Langevin
    from ase.md.velocitydistribution import thermalize_momenta

    runs = []
    for seed in seeds:
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
            end.info.update(
                family="molecular-dynamics",
                kind=f"{temperature:.0f} K",
                seed=seed,
                sampler=tag or potential.name,
                round=3,
            )
            frames.append(end)
        runs.append(frames)
    return runs


def queue_of(families, known=(), element="Cu"):
    """Structures of all families in turn, none twice and none that is known; where nothing is known, the free atom first."""
    from srlab.datasets.grow import content_key

    keys, queue = {content_key(frame) for frame in known}, [] if len(known) else [crystals.free_atom(element)]
    for frame in crystals.interleave(families):
        key = content_key(frame)
        if key not in keys:
            keys.add(key)
            queue.append(frame)
    return queue


def main():
    """Write a queue."""
    import argparse

    from ase.io import write

    from srlab.datasets.library import load_dataset
    from srlab.potentials import load_potential

    parser = argparse.ArgumentParser(prog="python -m srlab.curation.campaign", description=__doc__.splitlines()[0])
    parser.add_argument("output")
    parser.add_argument("--element", default="Cu")
    parser.add_argument("--a", type=float, default=crystals.COPPER_A, help="lattice constant of fcc, angstrom")
    parser.add_argument("--potential", default="cu-sr1", help="what is sampled on")
    parser.add_argument(
        "--committee",
        default="cu-sr1,cu-sr2,cleri-rosato,gp1",
        help="potentials whose disagreement chooses; of this element",
    )
    parser.add_argument("--known", help="a data set whose structures are not wanted again; cu-gpaw for copper")
    parser.add_argument("--small", action="store_true", help="about 80 structures")
    options = parser.parse_args()
    copper, potential = options.element == "Cu", load_potential(options.potential)
    known = load_dataset(options.known or "cu-gpaw", split="all").frames if copper or options.known else []
    committee = [load_potential(name) for name in options.committee.split(",")] if copper else []
    nested = nested_ensembles(
        potential, seeds=(31,) if options.small else (31, 32, 33), committee=committee, known=known
    )
    families = crystal_families(options.element, options.a, options.small) + nested
    if not options.small:
        families += molecular_dynamics(potential, a=options.a, element=options.element)
    queue = queue_of(families, known, options.element)
    write(options.output, queue, format="extxyz")
    print(f"{len(queue)} structures of {sum(map(len, queue))} atoms: {options.output}")


if __name__ == "__main__":
    main()
