"""srlab evaluate, fit, export."""

import math
from pathlib import Path
from typing import Annotated

import typer

from srlab.cli import options
from srlab.cli.output import bar, busy, console, new_file, note, notes_on, print_json
from srlab.cli.tables import errors_table


def evaluate(
    potential: options.Potential,
    data: options.Data,
    fit_offset: Annotated[
        bool,
        typer.Option(
            "--fit-offset", help="First take off the median energy difference per atom (data of another code)."
        ),
    ] = False,
    min_distance: options.MinDistance = None,
    energy_key: options.EnergyKey = None,
    forces_key: options.ForcesKey = None,
    as_json: options.Json = False,
) -> None:
    """Errors of POTENTIAL on all frames of DATA."""
    from srlab.datasets import load_dataset
    from srlab.potentials import load_potential
    from srlab.validation.evaluation import evaluate

    loaded = load_potential(potential)
    dataset = load_dataset(data, split="all", min_distance=min_distance, energy_key=energy_key, forces_key=forces_key)
    notes_on(dataset)
    with bar("evaluating") as advance:
        result = evaluate(loaded, dataset, fit_offset, advance)
    offset = result.pop("energy_offset")
    if as_json:
        return print_json(result)
    print(
        f"{loaded.name} on {dataset.name}: {result['n_frames']} frames, {result['n_atoms']} atoms"
        + (f"; {offset:.1f} meV/atom taken off" if fit_offset else "")
    )
    console().print(errors_table(result))
    for sentence in result["notes"]:
        note(sentence)


def fit(
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORM",
            help="sutton-chen, cleri-rosato, gp1, gp2, gp3, stillinger-weber, a text file, or "
            "text like 'phi = A*exp(-p*r); f = exp(-q*r); "
            "F = -B*sqrt(rho); A = 900.0; p = 3.5; q = 2.1; B = 25.0'.",
        ),
    ],
    data: options.Data,
    split: options.Split = "stratified",
    cutoff: options.Cutoff = None,
    force_weight: options.ForceWeight = None,
    stress_weight: options.StressWeight = None,
    focus: options.Focus = None,
    family_weight: options.FamilyWeight = None,
    correlation_length: options.CorrelationLength = None,
    min_distance: options.MinDistance = None,
    energy_key: options.EnergyKey = None,
    forces_key: options.ForcesKey = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Also write the refitted potential as JSON, for validate, evaluate and export.",
        ),
    ] = None,
    force: options.Force = False,
    as_json: options.Json = False,
) -> None:
    """Refit the constants of FORM on DATA.

    Only the training frames are fitted to; without --focus they all count the same.
    """
    with busy("fitting"):
        from srlab.search.fit import fit

        if output is not None:
            output = new_file(output, force)
        given = {"force_weight": force_weight, "stress_weight": stress_weight}
        result = fit(
            form,
            data,
            cutoff=cutoff,
            focus=focus,
            correlation_length=correlation_length,
            family_weights=options.read_family_weights(family_weight),
            split=split,
            min_distance=min_distance,
            energy_key=energy_key,
            forces_key=forces_key,
            **{name: value for name, value in given.items() if value is not None},
        )
    if output is not None:
        from srlab.exports import export as write

        write(result.potential(), "json", output, overwrite=force)
    dataset, test = result.dataset, result.test
    notes_on(dataset)
    if result.doubt:
        note(f"note: the form does not fit these data: {result.doubt}, other than with its starting values")
    if result.form.kept:
        note(f"not fitted, being whole numbers: {', '.join(result.form.kept)}; written with a point, as 2.0, they are")
    errors = {
        "energy_mae": result.train.energy_mae,
        "force_mae": result.train.force_mae,
        "test_energy_mae": test.energy_mae if test else None,
        "test_force_mae": test.force_mae if test else None,
    }
    if as_json:
        return print_json({"constants": result.constants, "deviations": result.deviations, **errors})
    print(
        f"{result.form.title} on {dataset.name}: {len(dataset.train)} training and "
        f"{len(dataset.test)} test frames, cutoff "
        f"{result.cutoff:g} A"
    )
    for name, value in result.constants.items():
        spread = result.deviations[name]
        print(
            f"  {name} = {value:.6g}"
            + (f" +- {spread:.1g}" if math.isfinite(spread) else ", which the data do not determine")
        )
    print(f"  offset = {result.model.offset:.6g} eV/atom")
    print(f"train {errors['energy_mae']:.2f} meV/atom, {errors['force_mae']:.1f} meV/A")
    if test:
        print(f"test  {errors['test_energy_mae']:.2f} meV/atom, {errors['test_force_mae']:.1f} meV/A")


def export(
    potential: options.Potential,
    to: Annotated[str, typer.Option("--to", metavar="lammps|torch|python|ase|latex|sympy|json", help="For what.")],
    output: options.Output,
    force: options.Force = False,
    large: Annotated[
        bool,
        typer.Option("--large", help="With lammps: a melting run of millions of atoms, in.coexistence, beside it."),
    ] = False,
    zbl: Annotated[
        bool,
        typer.Option(
            "--zbl", help="With lammps: the repulsion of nuclei (Ziegler, Biersack, Littmark) at short distance."
        ),
    ] = False,
    zbl_range: Annotated[
        str | None,
        typer.Option(
            metavar="INNER:OUTER",
            help="Distances between which the pair function goes over into it, angstrom; 0.4 and 0.7 neighbour "
            "distances unless given.",
        ),
    ] = None,
) -> None:
    """Write POTENTIAL for another program.

    What is written for LAMMPS, LAMMPS itself has checked: its energies and forces on three frames against ours.
    """
    with busy("exporting"):
        from srlab.errors import InputError
        from srlab.exports import TARGETS, export
        from srlab.potentials import load_potential
        from srlab.validation.scores import melting_point

        if to not in TARGETS:
            raise InputError(f"cannot export to {to!r}: choose one of {', '.join(TARGETS)}")
        if large and to != "lammps":
            raise InputError(f"--large writes an input of LAMMPS, not for {to}: leave it out, or export to lammps")
        if output.is_file() or to != "lammps" and not output.expanduser().is_dir():
            output = new_file(output, force)  # in folders the targets decide themselves on the names
        core = read_range(zbl_range) if zbl_range else zbl
        if core and to != "lammps":
            raise InputError(f"--zbl is for tables of LAMMPS, not for {to}: leave it out, or export to lammps")
        given: dict = {"zbl": core} if core else {}
        if to == "lammps":
            given |= {"large": large, "melting_point": melting_point(load_potential(potential).element)}
        report = export(potential, to, output, overwrite=force, **given)
    print(report)


def read_range(text: str) -> tuple[float, float]:
    """Two distances of INNER:OUTER, angstrom. Raises InputError."""
    from srlab.errors import InputError

    try:
        inner, outer = map(float, text.split(":"))
    except ValueError:
        raise InputError(f"--zbl-range {text}: write INNER:OUTER in angstrom, as in 1.0:1.8") from None
    return inner, outer
