"""Which properties there are, and how they are computed together: `validate` and the steps it is made of.

Every property is a plain function of a `Crystal` (the relaxed crystal of a potential, or of any ASE calculator) that
returns a dictionary of numbers and lists: `values` {property: number}, `warnings` {property: sentence}, and what a
panel needs to plot. `validate` runs them and adds the references.
"""

from importlib import import_module

from srlab.errors import InputError, MissingExtra
from srlab.loading import load_potential
from srlab.validation.crystal import Crystal, relaxed_crystal
from srlab.validation.results import Kept
from srlab.validation.scores import (
    check_reference,
    entry,
    load_references,
    names_of,
    reference_values,
    structure_entry,
)

GROUPS = {
    # group: module, and function of the same name in it
    "eos": "properties.eos",
    "elastic": "properties.elastic",
    "phonons": "properties.phonons",
    "polymorphs": "properties.polymorphs",
    "bain": "properties.bain",
    "surfaces": "properties.surfaces",
    "stacking-fault": "properties.stacking_fault",
    "vacancy": "properties.vacancy",
    "interstitial": "properties.interstitial",
    "grain-boundary": "properties.grain_boundary",
    "expansion": "properties.expansion",
    "melting": "dynamics.melting",
    "solid-amorphous": "dynamics.solid_amorphous",
    "liquid": "dynamics.liquid",
}
DEFAULT = (
    "eos",
    "elastic",
    "phonons",
    "polymorphs",
    "bain",
    "surfaces",
    "stacking-fault",
    "vacancy",
    "interstitial",
    "grain-boundary",
    "expansion",
)
"""What `validate` computes unless told otherwise: everything without molecular dynamics."""
QUICK = ("eos", "elastic", "phonons")
DYNAMICS = ("melting", "solid-amorphous", "liquid")
"""Groups that run molecular dynamics, for minutes; they keep logs."""


def validate(
    potential,
    only=None,
    reference="pbe",
    quick=False,
    progress=None,
    keep=None,
    structure=None,
    references=None,
):
    """Properties of a potential beside PBE and experiment.

    Parameters
    ----------
    potential : Potential, Candidate, what `load_potential` takes, or a Crystal (`relaxed_crystal` makes one of any ASE
    calculator)
    only : str or list of str, optional
        Groups to compute ("eos,elastic" or a list); see `GROUPS`. Default: `DEFAULT`, or `QUICK` with `quick`.
    reference : "pbe" or "experiment"
        What errors and scores refer to.
    quick : bool
        Smaller cells and fewer points.
    progress : callable, optional
        Called as progress(groups done, groups in all, text). What it raises ends the computation: that is how to
        cancel.
    keep : path-like, optional
        Folder in which finished groups, and the logs of molecular dynamics, are kept; the same call goes on there after
        a stop or a kill.
    structure : str, path-like or ase.Atoms, optional
        The crystal: fcc, bcc, hcp, diamond, or a structure file. Default: the crystal of the data that
        a potential was fitted to, else the ground state of the element.
    references : path-like or dict, optional
        A file of references of one's own, or what `load_references` makes of it; they go before the bundled ones.

    Returns
    -------
    dict
        "structure" -> {value: fcc, bcc, hcp, diamond or the name of a file, ...}, and property -> {value, unit, error
        (value - reference), pbe, experiment, reference, score[, warning, standard_error]}. Where the wanted reference
        has no value the other one is used, and `reference` says so. A property that has no meaning for this potential
        or this structure has the value None and a warning that says why.

    Raises
    ------
    InputError
        If a group or the reference is unknown, the potential has no such crystal, or `keep`, `structure` or
        `references` cannot be used.
    """
    check_reference(reference)
    groups = chosen_groups(only, quick)
    if references is not None and not isinstance(references, dict):
        references = load_references(references)
    found = compute(potential, groups, quick, progress, keep, structure)
    return scorecard(found, found["element"], reference, found["structure"], references)


def compute(potential, groups, quick=False, progress=None, keep=None, structure=None):
    """Details of several groups of properties.

    Returns
    -------
    dict
        "element" -> symbol, "structure" -> its name, "crystal" -> it in words, and group -> what `details` gives; see
        `validate` for the arguments and what is raised.
    """
    crystal = potential if isinstance(potential, Crystal) else relaxed(potential, structure)
    found = {"element": crystal.element, "structure": crystal.structure, "crystal": crystal.described}
    kept = Kept(keep, crystal, quick) if keep else None
    report = progress or (lambda done, total, text="": None)
    for k, group in enumerate(groups):
        report(k, len(groups), group)
        found[group] = kept and kept.read(group)
        if not found[group]:
            found[group] = details(
                crystal,
                group,
                quick,
                lambda text="", k=k, group=group: report(k, len(groups), f"{group}  {text}".strip()),
                kept and kept.logs(group),
            )
            if kept and any(value is not None for value in found[group]["values"].values()):
                kept.write(group, found[group])
    report(len(groups), len(groups), "")
    return found


def details(subject, group, quick=False, tick=None, folder=None):
    """All numbers and arrays of one group of properties, for plots; JSON-able.

    Parameters
    ----------
    subject : Crystal, Potential, Candidate, or what `load_potential` takes
    group : str
        One of `GROUPS`.
    quick : bool
    tick : callable, optional
        Called between the steps, by molecular dynamics with a line of text; what it raises ends the computation.
    folder : path-like, optional
        Where molecular dynamics (`DYNAMICS`) keeps its logs, from which it goes on.

    Returns
    -------
    dict
        values, warnings, and the arrays of that group (see its module). If the property has no meaning for this
        potential or structure, or a package it needs is not installed, all values are None and the warnings say why.

    Raises
    ------
    InputError
        If the group is unknown, or the potential has no crystal.
    """
    (group,) = chosen_groups(group, quick)
    crystal = subject if isinstance(subject, Crystal) else relaxed(subject)
    module = import_module(f"srlab.validation.{GROUPS[group]}")
    try:
        return getattr(module, GROUPS[group].rpartition(".")[2])(
            crystal, quick=quick, tick=tick, **({"folder": folder} if group in DYNAMICS else {})
        )
    except (InputError, MissingExtra) as error:
        names = names_of(group, crystal.structure)
        return {"values": dict.fromkeys(names), "warnings": dict.fromkeys(names, str(error))}


def scorecard(found, element, reference="pbe", structure=None, references=None):
    """The entries of `validate` from {group: details}; with the structure of the crystal also the line that says it.

    Keys of `found` that are no groups are passed over; for `references` see `validate`.
    """
    card = {}
    if structure is not None:
        card["structure"] = structure_entry(found.get("crystal", structure), structure, element)
    known = reference_values(element, structure, references)
    for group in [found[name] for name in found if name in GROUPS]:
        for name, value in group["values"].items():
            card[name] = entry(name, value, known.get(name, {}), reference, group["warnings"].get(name))
            if name in group.get("standard_errors", {}):
                card[name]["standard_error"] = group["standard_errors"][name]
    return card


def relaxed(potential, structure=None):
    """The `Crystal` of a potential, candidate, or what `load_potential` takes; `structure` as for `validate`."""
    return relaxed_crystal(load_potential(potential), structure=structure)


def chosen_groups(only, quick=False):
    """The groups in `only` (text with commas, or a list) as a tuple.

    Raises
    ------
    InputError
        If one is unknown; the known ones are listed.
    """
    if only is None:
        return QUICK if quick else DEFAULT
    names = [name.strip() for name in (only.split(",") if isinstance(only, str) else only)]
    names = list(dict.fromkeys(name for name in names if name))
    unknown = [name for name in names if name not in GROUPS]
    if unknown or not names:
        raise InputError(
            f"there is no property group {unknown[0] if unknown else ''!r}: choose from {', '.join(GROUPS)}"
        )
    return tuple(names)
