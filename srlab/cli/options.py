"""Arguments and options that several commands share, each described once."""

import math
from pathlib import Path
from typing import Annotated

import typer


def _finite(value):
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise typer.BadParameter(f"{value} is no distance in angstrom")
    return value


Data = Annotated[
    list[str],
    typer.Argument(
        metavar="DATA...",
        help="A bundled data set (cu-gpaw), files of labelled structures (extxyz, outputs of DFT codes), folders or "
        "patterns.",
    ),
]
EnergyKey = Annotated[
    str | None,
    typer.Option("--energy-key", metavar="NAME", help="What the energy is called in the data, such as REF_energy."),
]
ForcesKey = Annotated[
    str | None,
    typer.Option("--forces-key", metavar="NAME", help="What the forces are called in the data, such as REF_forces."),
]
Potential = Annotated[
    str,
    typer.Argument(
        metavar="POTENTIAL",
        help="A published name (sutton-chen, quantum-sutton-chen, cleri-rosato, gp1, gp2, "
        "gp3, stillinger-weber), a shipped model (cu-sr1, cu-sr2, cu-sr3), "
        "RUN#ID, a candidate JSON file, or a table file of LAMMPS (FILE:Cu for one element of several).",
    ),
]
Run = Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")]
Output = Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="File to write.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on stdout and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Scheduler of a Dask cluster whose workers are used.")
]
Seed = Annotated[int, typer.Option(min=0, metavar="K", help="Seed of the random numbers.")]
Split = Annotated[
    str,
    typer.Option(
        metavar="stratified|alternate|all",
        help="Which frames are kept back for testing: one of every four neighbours in energy, every odd one, or none.",
    ),
]
Cutoff = Annotated[
    float | None,
    typer.Option(
        metavar="R",
        help="Where all functions of distance end, angstrom (3 to 12); by default it follows the crystal of the "
        "data, 6 for copper.",
    ),
]
ForceWeight = Annotated[
    float | None, typer.Option(metavar="W", help="Weight of the forces beside an energy weight of 1.")
]
StressWeight = Annotated[
    float | None,
    typer.Option(
        metavar="W",
        help="Weight of the stresses beside an energy weight of 1, on frames that have them; 0 unless given.",
    ),
]
Focus = Annotated[
    float | None,
    typer.Option(
        metavar="EV",
        help="eV/atom above the lowest frame where an energy counts a quarter and a force a half; inf: all the same.",
    ),
]
FamilyWeight = Annotated[
    list[str] | None,
    typer.Option(metavar="FAMILY=W", help="Weight of a family of frames, as eos=2; 1 unless given; may be repeated."),
]
CorrelationLength = Annotated[
    float | None,
    typer.Option(
        metavar="D",
        help="How far apart, by radial distribution, frames share the error of a formula, so that their differences "
        "count more than their energies; 0: they share none, as without a focus.",
    ),
]
MinDistance = Annotated[
    float | None,
    typer.Option(metavar="D", callback=_finite, help="Leave out frames with atoms closer than this, angstrom."),
]


def read_family_weights(texts: list[str] | None) -> tuple:
    """(family, weight) of FAMILY=W texts. Raises InputError for those that are none."""
    from srlab.datasets.weights import check_family_weights
    from srlab.errors import InputError

    pairs = []
    for text in texts or ():
        family, equals, weight = text.rpartition("=")
        if not equals or not family.strip():
            raise InputError(f"--family-weight {text}: write FAMILY=W, as in eos=2")
        pairs.append((family.strip(), weight))
    return check_family_weights(pairs)
