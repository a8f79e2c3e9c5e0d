"""What a running search can be told, and what it was told, in words."""

from srlab.fitting.targets import tolerances
from srlab.validation.scores import properties, reference_values

OPERATORS = {  # group of terms -> what it is, in a few words
    "exp": "decay with distance, exp(-a r)",
    "pow": "powers, r^-n between atoms and rho^n in the embedding",
    "rpow": "a power that falls off faster with distance, r^(a - b r) (Hernandez 2019)",
    "gauss": "a bump at some distance, exp(-a (r - r0)^2)",
    "cos": "a damped wave, exp(-a r) cos(b r + c), as of electrons around an atom",
    "inverse": "screened Coulomb, exp(-a r)/r; in the embedding 1/rho, without end for a lone atom",
    "wave": "a wave without decay, which only the taper ends",
    "sqrt": "square root of the density: bonds weaken as neighbours are added",
    "linear": "the density itself: as good as a pair function",
    "square": "the density squared",
    "log": "logarithms of the density, log(1 + a rho) and rho log(rho)",
    "tanh": "levels off at high density, tanh(a rho)",
}
DONE = {"pause": "paused", "resume": "resumed", "stop": "stopped", "step": "one step"}
SETTINGS = {
    "max_complexity": "max nodes",
    "energy_weight": "energy weight",
    "force_weight": "force weight",
    "stress_weight": "stress weight",
}


def target_choices(element, structure):
    """The properties of a crystal of a structure that can be targets of the loss: dicts of name, label, unit and value,
    the PBE reference in that unit (None without one)."""
    about, known = properties(), reference_values(element, structure)
    return [
        {
            "name": name,
            "label": about[name]["label"],
            "unit": about[name]["unit"].replace("angstrom", "Å"),
            "value": known.get(name, {}).get("pbe"),
        }
        for name in tolerances(structure)
    ]


def operator_words(template):
    """{group: what it is, and its terms} of the operators of a template; a group without words of its own has its
    terms only."""
    terms = {}
    for function in template.functions:
        for term in function.terms:
            terms.setdefault(term.group, {})[term.pattern.format(*"abcd")] = None  # in order, each once
    return {
        group: "\n".join([*([OPERATORS[group]] if group in OPERATORS else []), f"terms: {',  '.join(found)}"])
        for group, found in terms.items()
    }


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
    if name == "targets" and isinstance(after, list):
        before = before or []
        lost = [f"no target {each[0]}" for each in before if each[0] not in [other[0] for other in after]]
        new = [f"target {_target(*each)}" for each in after if list(each) not in [list(other) for other in before]]
        return ", ".join(lost + new) or "targets as before"
    none = "off" if name == "focus" else "–"
    return f"{SETTINGS.get(name, name)} {_number(before, none)} → {_number(after, none)}"


def _target(name, value, weight):
    unit = properties().get(name, {}).get("unit", "").replace("angstrom", "Å")
    return f"{name} = {_number(value)} {unit}, weight {_number(weight)}"


def _number(value, none="–"):
    return none if value is None else f"{value:g}" if isinstance(value, (int, float)) else str(value)
