"""Two runs in words: in which settings they differ, and which of them leads."""

import pathlib

from .snapshot import text as text_of_one

LIMITS = (20, 30, 45)  # nodes at which two searches are compared; widgets/src/pair_data.js has the same
WORDS = {  # setting -> what a person calls it
    "template": "template",
    "own_operators": "own operators",
    "costs": "costs of operators",
    "cutoff": "cutoff (Å)",
    "taper_start": "start of the taper (Å)",
    "max_complexity": "longest formula (nodes)",
    "exploration": "exploration",
    "window": "window of the perturbations",
    "energy_weight": "weight of energies",
    "force_weight": "weight of forces",
    "stress_weight": "weight of stresses",
    "focus": "focus of the loss (eV/atom)",
    "family_weights": "weights of families",
    "correlation_length": "length over which errors are shared",
    "crystal": "crystal of the data",
    "scale": "length scale (copper is 1)",
    "repulsive": "only repulsive pair functions",
    "convex": "only convex embeddings",
    "targets": "targets",
    "seconds": "seconds at most",
    "evaluations": "evaluations at most",
    "workers": "workers",
    "scheduler": "scheduler",
    "device": "device",
}
NONE = {  # what no value means, as in runs from before there was such a setting, where it is not no limit
    **dict.fromkeys(("own_operators", "costs", "family_weights", "targets", "scheduler"), "none"),
    **{"focus": "off", "correlation_length": "0", "scale": "1", "repulsive": "no", "convex": "no", "device": "cpu"},
    "crystal": "not named",
}


def folder_names(*runs):
    """Names for runs: those of their folders, with the folder above where these are the same."""
    paths = [pathlib.Path(run).resolve() for run in runs]
    names = [path.name for path in paths]
    return names if len(set(names)) == len(names) else ["/".join(path.parts[-2:]) for path in paths]


def differences(folds, names):
    """Sentences on how two runs differ, the data first; names as a person gave them."""
    (a, b), quoted = folds, [f"“{name}”" for name in names]
    both = lambda x, y: f"{x} in {quoted[0]}, {y} in {quoted[1]}"  # noqa: E731
    if not (a.run and b.run):
        return []
    data = [f"{fold.run['dataset']} ({fold.run['frames']} frames)" for fold in folds]
    same = a.run["fingerprint"] == b.run["fingerprint"]
    lines = [
        f"Same data: {data[0]}."
        if same
        else f"Data: {both(*data)}. Their errors are those of different frames, so a lead says little."
    ]
    if a.run["seed"] != b.run["seed"]:
        lines.append(f"Seed: {both(a.run['seed'], b.run['seed'])}.")
    lines += _operators(*(set(fold.settings.get("operators") or ()) for fold in folds), quoted)
    for key, word in WORDS.items():
        x, y = (_said(fold.settings.get(key), NONE.get(key, "no limit")) for fold in folds)
        if x != y:
            lines.append(f"{word[0].upper()}{word[1:]}: {both(x, y)}.")
    return lines if len(lines) > 1 else [lines[0][:-1] + ", same settings."] if same else lines


def _operators(a, b, quoted):
    own = [
        f"{', '.join(sorted(extra))} only in {name}"
        for extra, name in ((a - b, quoted[0]), (b - a, quoted[1]))
        if extra
    ]
    return [f"Operators: {'; '.join(own)}."] if own else []


def _said(value, none):
    if value is None:
        return none
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        return f"{value:,}" if isinstance(value, int) else f"{value:g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(_pair(each) for each in value) or "none"
    return str(value)


def _pair(entry):
    if not isinstance(entry, (list, tuple)):
        return str(entry)
    name, value, *weight = entry
    return f"{name} {value:g}" + "".join(f" (weight {each:g})" for each in weight)


def best(fold, limit=float("inf")):
    """The candidate of least training loss with at most so many nodes, or None."""
    ranked = [c for c in fold.candidates.values() if c.get("loss") is not None and c["complexity"] <= limit]
    return min(ranked, key=lambda c: c["loss"], default=None)


def text(folds, names):
    """Both runs in numbers, their differences and their fronts."""
    lines = [
        "test errors of the formula of least training loss",
        f"{'':24}" + "".join(f"{f'up to {limit} nodes':>26}" for limit in LIMITS),
    ]
    for fold, name in zip(folds, names):
        found = [best(fold, limit) for limit in LIMITS]
        lines.append(f"{name[:24]:24}" + "".join(f"{_errors(c):>26}" for c in found))
    return "\n".join(
        [*lines, *differences(folds, names), *(f"\n{name}\n{text_of_one(fold)}" for fold, name in zip(folds, names))]
    )


def _errors(c):
    known = [c and c.get(f"test_{kind}_mae") for kind in ("energy", "force")]
    return "-" if None in known else f"{known[0]:.2f} meV/atom {known[1]:.1f} meV/Å"
