"""srlab search, resume, replay, front, recover."""

import shlex
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from srlab.cli import options
from srlab.cli.output import busy, console, note, notes_on, print_json, program, say

DEFAULT_SECONDS = 60.0
FIRST_LOOK = 20  # a longer front is shown by its steps at the end of a search,
A_STEP = 0.03  # each of which lowers the loss by so much, as a share

Seconds = Annotated[float | None, typer.Option(metavar="S", help="Stop after so many seconds of search.")]
Evaluations = Annotated[int | None, typer.Option(metavar="N", help="Stop after so many evaluations of a candidate.")]


def search(
    data: options.Data,
    seconds: Seconds = None,
    evaluations: Evaluations = None,
    seed: options.Seed = 0,
    workers: Annotated[
        int | None,
        typer.Option(
            metavar="W",
            help="Processes; by default one for each processor. One gives the same front each "
            "time for the same seed and evaluations.",
        ),
    ] = None,
    scheduler: options.Scheduler = None,
    trees: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Search in N trees that give each other their best: for as many workers, or "
            "fewer. Seed, trees, exchange and "
            "evaluations then give the same front on any number of workers.",
        ),
    ] = 1,
    exchange: Annotated[
        int | None,
        typer.Option(metavar="EVALUATIONS", help="Evaluations of a tree between two exchanges; by default 10,000."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Folder of the run; by default a new one under runs/.")
    ] = None,
    template: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="What the energy is made of: eam, pair (a pair potential alone), two-density (F "
            "of rho1 and rho2), adp or "
            "angular; any other name lists all there are.",
        ),
    ] = "eam",
    operators: Annotated[
        str | None, typer.Option(metavar="exp,pow,...", help="Groups of operators the formulas may use.")
    ] = None,
    operator: Annotated[
        list[str] | None,
        typer.Option(
            metavar="'NAME(x) = FORMULA'",
            help="An operator of your own, such as 'bump(x) = exp(-x^2)'; may be repeated. With --operators it is used "
            "if it is named there.",
        ),
    ] = None,
    cost: Annotated[
        list[str] | None,
        typer.Option(
            metavar="OPERATOR=NODES",
            help="How many nodes each use of an operator counts, as exp=2; 1 unless given, and of your own what it is "
            "made of; may be repeated. An unknown operator lists all there are.",
        ),
    ] = None,
    max_complexity: Annotated[int | None, typer.Option(metavar="C", help="Most nodes over all functions.")] = None,
    split: options.Split = "stratified",
    cutoff: options.Cutoff = None,
    guess: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Text file with your own phi = ..., f = ..., F = ... to begin with."),
    ] = None,
    force_weight: options.ForceWeight = None,
    stress_weight: options.StressWeight = None,
    focus: options.Focus = None,
    family_weight: options.FamilyWeight = None,
    correlation_length: options.CorrelationLength = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE[:WEIGHT]",
            help="Property of the crystal of the data to aim at beside them, "
            "as c44=76 or lattice_constant=3.643:2; may be repeated.",
        ),
    ] = None,
    repulsive: Annotated[
        bool, typer.Option("--repulsive", help="Only pair functions that fall all the way to the nearest neighbours.")
    ] = False,
    convex: Annotated[
        bool, typer.Option("--convex", help="Only embeddings that are convex around the density of the crystal.")
    ] = False,
    min_distance: options.MinDistance = None,
    energy_key: options.EnergyKey = None,
    forces_key: options.ForcesKey = None,
    device: Annotated[
        str,
        typer.Option(
            metavar="cpu|cuda[:N]", help="Where candidates are evaluated and refined; a GPU needs the extra torch."
        ),
    ] = "cpu",
    as_json: options.Json = False,
) -> None:
    """Search formulas on DATA.

    Prints the front with the refitted published forms beside it. Without --seconds and --evaluations it takes 60
    seconds.
    """
    with busy("reading the data"):
        from srlab.datasets import load_dataset
        from srlab.errors import InputError
        from srlab.search.data_crystal import cutoff_at, length_scale
        from srlab.search.islands.island_search import IslandSearch
        from srlab.search.search import Search

        if exchange is not None and trees == 1:
            raise InputError("--exchange is between trees: give --trees 2 or more with it")
        dataset = load_dataset(
            data, split=split, min_distance=min_distance, energy_key=energy_key, forces_key=forces_key
        )
        text = read_guess(guess, cutoff or cutoff_at(length_scale(dataset)), template) if guess else None
        if not dataset.has_isolated_atom and any(one.startswith("cohesive_energy") for one in target or ()):
            raise InputError(
                f"{dataset.name} has no isolated atom, so its energies have no cohesive energy to aim at: "
                "add one, or leave out --target cohesive_energy"
            )
        if seconds is None and evaluations is None:
            seconds = DEFAULT_SECONDS
        given: dict[str, Any] = dict(
            seconds=seconds,
            evaluations=evaluations,
            seed=seed,
            template=template,
            cutoff=cutoff,
            workers=workers,
            scheduler=scheduler,
            force_weight=force_weight,
            stress_weight=stress_weight,
            focus=focus,
            family_weights=options.read_family_weights(family_weight) or None,
            correlation_length=correlation_length,
            max_complexity=max_complexity,
            targets=target or None,
            operators=operators,
            own_operators=operator,
            repulsive=repulsive,
            convex=convex,
            costs=read_costs(cost) if cost else None,
            device=device,
        )
        if trees != 1:
            given.update(trees=trees, exchange=exchange)
        run = (Search if trees == 1 else IslandSearch)(
            dataset, out, **{name: value for name, value in given.items() if value is not None}
        )
    notes_on(dataset)
    if dataset.dropped:
        note(f"left out {len(dataset.dropped)} frames with atoms closer than {min_distance:g} A")
    if text:
        run.inject(text)
    follow(run, as_json)


def resume(
    run: options.Run, seconds: Seconds = None, evaluations: Evaluations = None, as_json: options.Json = False
) -> None:
    """Go on with a search.

    One that was interrupted or killed goes on to its budget; --seconds or --evaluations replace it, counted from the
    beginning.
    """
    from srlab.errors import InputError
    from srlab.search.search import Search

    attached = Search.attach(run)
    if attached.folder.busy():
        raise InputError(f"{run} is in use by another search: wait for it or stop it first")
    if attached.view.begun:  # what was said to the last process, stop for one, is not meant for this one
        attached.folder.forget_commands()
    follow(
        attached,
        as_json,
        {} if seconds is None and evaluations is None else {"seconds": seconds, "evaluations": evaluations},
    )


def replay(
    run: options.Run,
    out: Annotated[
        Path | None, typer.Option(metavar="NEW", help="Folder of the new run; by default a new one under runs/.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Do a run again, with the commands it was given.

    The same data, seed and settings, and every command obeyed after as many playouts as then. With one worker it finds
    the same candidates.
    """
    from srlab.search.search import Search

    original = Search.attach(run)
    again = Search.replay(run, out)
    if again.recording.remark:
        note(f"note: {again.recording.remark}")
    follow(again, as_json)
    one, two = ([candidate.summary() for candidate in each.front] for each in (original, Search.attach(again.run)))
    if not again.recording.taken_up:
        note(
            f"The front is {'the same as' if one == two else 'not the same as'} that of "
            f"{run}; commands replayed: {len(again.recording.commands)}."
        )


def front(
    run: options.Run,
    everything: Annotated[
        bool,
        typer.Option(
            "--all",
            help="All forms that were found (of a search in several trees, those in or near the "
            "front), the best candidate of each, not only the front.",
        ),
    ] = False,
    as_json: options.Json = False,
    format: Annotated[
        str | None, typer.Option(metavar="csv|markdown|latex", help="Print a table to paste, and nothing else.")
    ] = None,
    columns: Annotated[
        str | None,
        typer.Option(
            metavar="c44,energy_hcp_fcc,...",
            help="Properties beside the errors, as srlab validate calls them, and ground_state: those that the "
            "dashboard or srlab judge has validated.",
        ),
    ] = None,
) -> None:
    """Show the front of a run.

    It may be searching still.
    """
    from srlab.search.search import Search
    from srlab.validation.columns import check_columns, column_values, read_cards

    attached, names = Search.attach(run), check_columns(columns or "")
    if format is not None:
        from srlab.exports.front_table import front_text
        from srlab.runs.notes import read_notes
        from srlab.search.pareto_front import by_structure

        listed = by_structure(attached.view.candidates.values()) if everything else attached.view.front
        references = attached.view.references
        records = [*(candidate.to_json() for candidate in listed), *references]
        more = column_values(records, read_cards(run), names)
        return print(front_text(listed, references, format, read_notes(run)["tags"], more), end="")
    show(attached.view, run, as_json, everything=everything, names=names)


def recover(
    form: Annotated[
        str,
        typer.Argument(
            metavar="FORM", help="sutton-chen, cleri-rosato, gp1, or with angular functions adp or sw-type."
        ),
    ],
    seconds: Seconds = 120.0,
    evaluations: Evaluations = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Find a published form again.

    The search gets frames labelled by that potential and nothing else, and ends when it has the form back or its
    budget is spent.
    """
    from srlab.cli.progress import SearchProgress
    from srlab.search.recovery import recover

    with SearchProgress() as progress:
        progress.view.settings = {"seconds": seconds, "evaluations": evaluations}
        result = recover(form, seconds, seed, watch=progress.watch, evaluations=evaluations)
    if as_json:
        return print_json(result.to_json())
    print(
        f"{form} {'found' if result.recovered else 'not found'} in {result.seconds:.1f} "
        f"s, {result.evaluations:,} evaluations"
    )
    for name, formula in result.formulas.items():
        print(f"  {name} = {formula}")


def follow(run, as_json: bool, budget: dict | None = None) -> None:
    """Search in this process until the budget is spent or Ctrl-C, then show the front."""
    from srlab.cli.progress import SearchProgress
    from srlab.search.worker import continue_run

    interrupted, budget = False, budget or {}
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # a batch system's way of saying Ctrl-C
    with SearchProgress(run.folder.events()) as progress:
        try:
            continue_run(run.run, progress.watch, budget)
        except KeyboardInterrupt:
            interrupted = True
        finally:
            signal.signal(signal.SIGTERM, before)
    show(progress.view, run.folder.shown, as_json, brief=True)
    if interrupted:
        note(f"interrupted; everything is saved. Go on with: srlab resume {shlex.quote(str(run.folder.shown))}")
        raise typer.Exit(130)


def show(view, run: Path, as_json: bool, brief: bool = False, everything: bool = False, names: tuple = ()) -> None:
    """Print a front as JSON, or as a table with what to do next; `brief` leaves out most of a long one, `everything`
    adds what is behind it, `names` are columns of properties (`srlab.validation.columns`)."""
    from srlab.search.pareto_front import by_structure, knee, loss_front, scores
    from srlab.validation.columns import column_values, property_values, read_cards

    front, best = view.front, knee(view.front)
    listed = by_structure(view.candidates.values()) if everything else front
    score = scores(front)
    cards = read_cards(run) if names else {}
    if as_json:
        from srlab.potentials.convexity import embedding_is_convex

        print_json(
            [
                {
                    **candidate.summary(),
                    "score": score.get(candidate.id),
                    "knee": candidate is best,
                    "embedding_convex": embedding_is_convex(candidate.potential()),
                    **({"properties": property_values(candidate.to_json(), cards, names)} if names else {}),
                }
                for candidate in listed
            ]
        )
        return
    from srlab.cli.tables import comparison, footnotes, front_table

    status, path, trees = view.status, shlex.quote(str(run)), view.start.get("trees")
    say(
        f"{status['evaluations']:,} evaluations in {view.seconds:.0f} s, "
        f"{f'{trees} trees, ' if trees else ''}{status['nodes']} nodes, "
        f"{status['candidates']} candidate{'' if status['candidates'] == 1 else 's'}; "
        f"data {view.start['dataset']['name']}: {view.start['dataset']['train']} training "
        f"and {view.start['dataset']['test']} test frames"
    )
    references = list({reference["name"]: reference for reference in view.references}.values())
    shown = loss_front(front, A_STEP, best) if brief and len(front) > FIRST_LOOK else listed
    if front or references:
        records = [*(candidate.to_json() for candidate in shown), *references]
        more = column_values(records, cards, names) if names else {}
        print(front_table(shown, references, best, score, console().width, more))
        if missing := [head for head, values in more.items() if not any(each.id in values for each in shown)]:
            say(f"Not known of any candidate: {', '.join(missing)}; {program()} judge {path} validates them.")
    if best is None:
        more = (
            f": give the search more time with {program()} resume {path} --seconds {2 * view.seconds + 10:.0f}"
            if view.state == "finished"
            else ""
        )
        say(f"No candidate yet{more}")
        return
    say(comparison(front, references))
    if shown is not listed:
        say(
            f"Shown are the {len(shown)} whose loss is 3 % below that of all shorter ones; "
            f"{program()} front {path} shows all."
        )
    for line in footnotes(shown, references):
        say(line)
    passed_over = best.right_crystal is not False and any(each.right_crystal is False for each in front)
    say(
        f"* the knee{' of those with the right ground state' if passed_over else ''}: more nodes pay less from here "
        "on. Below the line, published forms refitted on the same training frames."
    )
    commands = [f"front {path}"] * brief + [f"export {path}#{best.id} --to lammps -o {best.element}.eam.alloy"]
    print(f"\nThe run is in {run}. Next:", *(f"  {program()} {command}" for command in commands), sep="\n")


def read_costs(texts: list[str]) -> tuple:
    """(operator, cost) of OPERATOR=NODES, whichever operators there are. Raises InputError."""
    from srlab.errors import InputError

    costs = []
    for text in texts:
        name, _, number = text.partition("=")
        if not number.strip().isdecimal():
            raise InputError(f"--cost {text}: write OPERATOR=NODES with a whole number, as in exp=2")
        costs.append((name.strip(), int(number)))
    return tuple(costs)


def read_guess(path: Path, cutoff: float, template: str) -> str:
    """The text of a file of formulas, once it is sure to be usable.

    Raises InputError naming the file, FormulaError showing the place.
    """
    from srlab.errors import InputError
    from srlab.search.proposer import parse_guess

    if not path.is_file():
        raise InputError(f"{path}: no such file; --guess takes a text file with phi = ..., f = ..., F = ...")
    try:
        text = path.read_text(encoding="utf-8")
        parse_guess(text, cutoff, template)
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text file: --guess takes phi = ..., f = ..., F = ..., one a line") from None
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return text
