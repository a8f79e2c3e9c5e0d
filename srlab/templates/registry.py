"""The templates that there are, by name and by the functions they have."""

from __future__ import annotations

import copyreg

from srlab.errors import InputError
from srlab.templates.template import Function, Template

_TEMPLATES: dict[str, Template] = {}


def register(template: Template) -> Template:
    """Add a template. Raises ValueError where its name, or its set of functions, is taken."""
    for known in _TEMPLATES.values():
        if known.name == template.name or known.names == template.names:
            raise ValueError(f"there is a template {known.name} with the functions {', '.join(known.names)} already")
    _TEMPLATES[template.name] = template
    return template


def unregister(name: str) -> None:
    """Take a template out again."""
    del _TEMPLATES[name]


def templates() -> tuple[Template, ...]:
    """All templates."""
    return tuple(_TEMPLATES.values())


def template_names() -> list[str]:
    """What ``--template`` takes."""
    return list(_TEMPLATES)


def template_named(name: str) -> Template:
    """A template by name. Raises InputError, listing those there are, for any other name."""
    if name not in _TEMPLATES:
        names = template_names()
        raise InputError(f"the template {name!r} is unknown: choose {', '.join(names[:-1])} or {names[-1]}")
    return _TEMPLATES[name]


def _reduce(template: Template) -> tuple:
    return template_named, (template.name,)


copyreg.pickle(Template, _reduce)  # templates are compared by identity: a copy is the registered one, in every process


def template_of(functions) -> Template:
    """The template that has just these functions.

    Parameters
    ----------
    functions : dict or list
        Texts by name, or names. A function whose text is 0 is not there, so that a pair potential may be written as an
        embedded atom.

    Raises
    ------
    InputError
        If there is none; the function that is missing, or is one too many, is named.
    """
    names = list(functions)
    present = [name for name in names if not isinstance(functions, dict) or functions[name] != "0"]
    for wanted in (present, names):
        for template in _TEMPLATES.values():
            if set(template.required) <= set(wanted) <= set(template.names):
                return template
    closest = max(_TEMPLATES.values(), key=lambda each: (len(set(each.names) & set(names)), -len(each.names)))
    closest.check_names(names)
    raise InputError(f"no template has the functions {', '.join(names)}")


def columns(many) -> tuple[Function, ...]:
    """The functions of several models (dicts of texts by name), each name once, in the order of the template that
    has most: columns of a table."""
    found = sorted({template_of(formulas) for formulas in many}, key=lambda each: -len(each.functions))
    by_name = {function.name: function for template in reversed(found) for function in template.functions}
    names = dict.fromkeys(name for template in found for name in template.names)
    return tuple(by_name[name] for name in names)


def functions_in(entry: dict) -> dict:
    """Those entries of a dict that are functions of some template, name -> text."""
    known = {name for template in _TEMPLATES.values() for name in template.names}
    return {name: text for name, text in entry.items() if name in known}
