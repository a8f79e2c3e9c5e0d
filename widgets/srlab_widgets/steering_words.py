"""What a running search can be told, and what it was told, in words."""

from srlab.expressions.operators import OPERATORS
from srlab.expressions.terms import ABOUT
from srlab.fitting.targets import tolerances
from srlab.validation.scores import properties, reference_values

DONE = {"pause": "paused", "resume": "resumed", "stop": "stopped", "step": "one step"}
SETTINGS = {
    "max_complexity": "max nodes",
    "energy_weight": "energy weight",
    "force_weight": "force weight",
    "stress_weight": "stress weight",
    "correlation_length": "shared errors",
}


def target_choices(element, structure):
    """The properties of a crystal of a structure that can be targets of the loss: dicts of name, label, unit and value,
    the PBE reference in that unit (None without one)."""
    about, known = properties(), reference_values(element, structure)
    return [
        {
            "name": name,
            "label": about[name]["label"],
            "unit": on_screen(about[name]["unit"]),
            "value": known.get(name, {}).get("pbe"),
        }
        for name in tolerances(structure)
    ]


def on_screen(unit):
    """A unit of a property as a screen shows it: Å, mJ/m²."""
    return unit.replace("angstrom", "Å").replace("m2", "m²").replace("A3", "Å³")


def operator_words(template):
    """{group: what it is, and its terms} of the operators of a template; a group without words of its own has its
    terms only."""
    terms = {}
    for function in template.functions:
        for term in function.terms:
            terms.setdefault(term.group, {})[term.pattern.format(*"abcd")] = None  # in order, each once
    return {
        group: "\n".join([*([ABOUT[group]] if group in ABOUT else []), f"terms: {',  '.join(found)}"])
        for group, found in terms.items()
    }


def cost_choices(template):
    """The operators whose cost a person may set for the functions of a template: dicts of name and about."""
    texts = [function.parse(term.text(term.low)) for function in template.functions for term in function.terms]
    used = {"add", "mul"}.union(*(formula.operators for formula in texts))  # terms have coefficients, and are added
    return [{"name": name, "about": OPERATORS[name].about} for name in OPERATORS if name in used]


def told(command, settings, pins=()):
    """A command of the journal as a line of the log.

    command : dict as in the journal; settings, pins : those in force before it.
    """
    name = str(command.get("name"))
    if name == "set":
        return " · ".join(_change(key, settings.get(key), value) for key, value in command.items() if key != "name")
    if name == "inject":
        return f"inject {command.get('text', '')}"
    if name == "pin":
        identity = str(command.get("candidate"))
        return f"{'unpin' if identity in pins else 'pin'} {identity}"
    if "node" in command:
        return f"{name} #{command['node']}"
    count = command.get("count", 1)
    return f"{count} steps" if name == "step" and count != 1 else DONE.get(name, name)


def _change(name, before, after):
    if name == "operators" and isinstance(after, list):
        before = before or []
        lost, new = [each for each in before if each not in after], [each for each in after if each not in before]
        return (
            ", ".join(
                f"{word} {' '.join(map(str, which))}" for word, which in (("without", lost), ("with", new)) if which
            )
            or "operators as before"
        )
    if name == "own_operators" and isinstance(after, list):
        before = before or []
        lost, new = [each for each in before if each not in after], [each for each in after if each not in before]
        said = [f"{word} {each}" for word, which in (("no longer", lost), ("new:", new)) for each in which]
        return ", ".join(said) or "own operators as before"
    if name == "targets" and isinstance(after, list):
        before = before or []
        lost = [f"no target {each[0]}" for each in before if each[0] not in [other[0] for other in after]]
        new = [f"target {_target(*each)}" for each in after if list(each) not in [list(other) for other in before]]
        return ", ".join(lost + new) or "targets as before"
    if name == "costs" and isinstance(after, list):
        before, after = dict(before or []), dict(after)
        said = [
            f"cost of {each} {before.get(each, 1)} → {after.get(each, 1)}"
            for each in sorted({*before, *after})
            if before.get(each, 1) != after.get(each, 1)
        ]
        return ", ".join(said) or "costs as before"
    if name == "correlation_length":
        before, after = before or None, after or None
    none = "off" if name in ("focus", "correlation_length") else "–"
    return f"{SETTINGS.get(name, name)} {_number(before, none)} → {_number(after, none)}"


def _target(name, value, weight):
    unit = on_screen(properties().get(name, {}).get("unit", ""))
    return f"{name} = {_number(value)} {unit}, weight {_number(weight)}"


def _number(value, none="–"):
    return none if value is None else f"{value:g}" if isinstance(value, (int, float)) else str(value)
