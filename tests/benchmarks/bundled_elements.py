"""Other elements through the same pipeline, nothing changed but a name: a search on each bundled set that is not
copper's, and what it found beside Sutton-Chen.

    python tests/benchmarks/bundled_elements.py [--evaluations 60000] [--seed 0] [--nodes 25] [--out FOLDER] [--json]
        [DATA ...]

The form shown is the one of least loss with at most so many nodes whose crystal is fcc and stable (no warning in the
groups below). Sutton-Chen stands beside it as published for the element, and refitted on the same training frames. PBE
and experiment: srlab/validation/reference.json. Energies are compared after a constant is taken off.
"""

import argparse
import json
import os
import tempfile
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from srlab import Search, evaluate, load_potential
from srlab.datasets import bundled_names, load_dataset
from srlab.errors import InputError
from srlab.validation import validate
from srlab.validation.ranking import refitted
from srlab.validation.scores import properties

GROUPS = "eos,elastic,phonons,polymorphs,vacancy,surfaces,stacking-fault"


def chosen(search, nodes):
    """(candidate, its scorecard): the least loss with at most so many nodes that makes a stable fcc crystal."""
    for candidate in sorted((c for c in search.candidates.values() if c.complexity <= nodes), key=lambda c: c.loss):
        try:
            card = validate(candidate, "eos,elastic,polymorphs,phonons")
        except InputError:
            continue
        if not any("warning" in entry for entry in card.values()):
            return candidate, validate(candidate, GROUPS)
    raise InputError(f"no form of at most {nodes} nodes makes a stable fcc crystal: search longer")


def study(name, options, folder):
    """What is known of one data set."""
    data = load_dataset(name)
    search = Search(data, folder / name, evaluations=options.evaluations, seed=options.seed, workers=1).start().wait()
    candidate, card = chosen(search, options.nodes)
    columns = {candidate.id: (candidate.potential(), card)}
    for label, potential in (
        ("Sutton-Chen refitted", refitted(search.view)),
        ("Sutton-Chen 1990", load_potential(f"sutton-chen-{data.element.lower()}")),
    ):
        try:
            columns[label] = potential, validate(potential, GROUPS)
        except InputError:
            columns[label] = potential, {}
    return {
        "data": name,
        "element": data.element,
        "fingerprint": data.fingerprint,
        "train": len(data.train),
        "test": len(data.test),
        "nodes": candidate.complexity,
        "formulas": candidate.formulas,
        "errors": {
            label: {key: evaluate(potential, data.test, fit_offset=True)[key] for key in ("energy_mae", "force_mae")}
            for label, (potential, _) in columns.items()
        },
        "cards": {label: own for label, (_, own) in columns.items()},
    }


def short(value):
    return "-" if value is None else f"{value:.4g}"


def markdown(found):
    first = next(iter(found["cards"]))
    lines = [
        f"### {found['element']}: {found['data']}, {found['train']} training and {found['test']} test frames",
        "",
        "```",
        *(
            f"{symbol} = {found['formulas'][part]}"
            for symbol, part in (("phi", "pair"), ("f  ", "density"), ("F  ", "embedding"))
        ),
        "```",
        "",
        f"| | {first}, {found['nodes']} nodes | {' | '.join(list(found['cards'])[1:])} | PBE | experiment | unit |",
        f"|:--|{'--:|' * (len(found['cards']) + 2)}:--|",
    ]
    for key, label, unit in (
        ("energy_mae", "energy error, test frames", "meV/atom"),
        ("force_mae", "force error, test frames", "meV/A"),
    ):
        lines.append(
            f"| {label} | {' | '.join(f'{errors[key]:.1f}' for errors in found['errors'].values())} | | | {unit} |"
        )
    for name, entry in found["cards"][first].items():
        values = [short(card[name]["value"]) if name in card else "-" for card in found["cards"].values()]
        if not name.endswith("down_to"):
            lines.append(
                f"| {properties()[name]['label']} | {' | '.join(values)} | {short(entry['pbe'])} "
                f"| {short(entry['experiment'])} | {entry['unit']} |"
            )
    return "\n".join([*lines, ""])


def main():
    others = [name for name in bundled_names() if not name.startswith("cu-") and not name.endswith("-extreme")]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="*", default=others)
    parser.add_argument("--evaluations", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--nodes", type=int, default=25)
    parser.add_argument("--out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        studies = [study(name, options, Path(options.out or temporary)) for name in options.data]
    print(json.dumps(studies) if options.json else "\n".join(markdown(found) for found in studies))


if __name__ == "__main__":
    main()
