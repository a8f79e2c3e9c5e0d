"""The formulas of a search ranked by their scorecards: which have the best physics, and which beat a reference
potential line by line.

The loss on frames says little about elastic constants or stacking faults. So the candidates near the lower edge of the
cloud (not the front alone: the best physics often lies just behind it) are validated, and ranked by their misfit: the
root mean square over the lines of the scorecard of error / acceptable error, each at most `WORST`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ase import Atoms

from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.potentials.lattices import STRUCTURES, own_structure
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.search.pareto_front import LossFront, by_structure
from srlab.templates import Model
from srlab.validation.crystal import read_structure
from srlab.validation.groups import chosen_groups, validate
from srlab.validation.scores import load_references, properties, thresholds
from srlab.workers.pool import Cluster, Died, LocalPool, Serial

GROUPS = ("eos", "elastic", "phonons", "polymorphs", "surfaces", "stacking-fault", "vacancy", "interstitial")
WORST = 3.0  # misfit of one line at most, and that of a property that has no value
TOLERANCE = 0.15  # a candidate is validated if its loss is at most so much above the lowest of those no longer than it


@dataclass(frozen=True)
class Ranked:
    """id, complexity, formulas : of the candidate; misfit : of its scorecard, dimensionless; card : what `validate`
    gives; lost : lines on which the reference potential is nearer to the reference value, and which are not "good"
    either; behind : lines on which it is nearer at all."""

    id: str
    complexity: int
    formulas: dict
    misfit: float
    lost: tuple[str, ...]
    behind: tuple[str, ...]
    card: dict

    def to_json(self) -> dict:
        return {
            "id": self.id,
            "complexity": self.complexity,
            "misfit": self.misfit,
            "lost": list(self.lost),
            "behind": list(self.behind),
            "formulas": self.formulas,
            "card": self.card,
        }


def misfits(card) -> dict[str, float]:
    """|error| / acceptable error of every line of a scorecard that has both, at most `WORST`; `WORST` where the
    property has no value."""
    found = {}
    for name, entry in card.items():
        limits = entry["reference"] and thresholds(properties()[name], entry[entry["reference"]])
        if limits:
            found[name] = WORST if entry["error"] is None else min(WORST, abs(entry["error"]) / limits[1])
    return found


def compare(candidate, card, reference_card) -> Ranked:
    """What the scorecards say of a candidate beside the reference potential."""
    ours, theirs = misfits(card), misfits(reference_card)
    behind = tuple(name for name, misfit in ours.items() if misfit > theirs.get(name, WORST))
    lost = tuple(name for name in behind if card[name]["score"] != "good")
    misfit = math.sqrt(sum(value**2 for value in ours.values()) / len(ours)) if ours else math.inf
    return Ranked(candidate.id, candidate.complexity, candidate.formulas, misfit, lost, behind, card)


def shortlist(candidates, max_complexity=45, limit=40) -> list:
    """The candidates that are worth a scorecard, one of each form, near the lowest loss for its length: at most
    `limit`, those nearest to it."""
    chosen, lowest = [], LossFront()
    for candidate in by_structure(candidates):
        lowest.insert(candidate.complexity, candidate.loss)
        near = candidate.loss <= (1.0 + TOLERANCE) * lowest.loss(candidate.complexity)
        if near and candidate.complexity <= max_complexity:
            chosen.append(candidate)
    if len(chosen) > limit:
        above = {each.id: each.loss / (lowest.loss(each.complexity) or 1.0) for each in chosen}
        nearest = set(sorted(above, key=above.__getitem__)[:limit])
        chosen = [each for each in chosen if each.id in nearest]
    return chosen


def rank(
    candidates, reference, groups=GROUPS, workers=1, progress=None, scheduler=None, structure=None, references=None
) -> list[Ranked]:
    """Scorecards of candidates beside that of a reference potential, the best first.

    Parameters
    ----------
    candidates : list of Candidate, for example `shortlist(search.candidates.values())`
    reference : Potential
        What they are to beat, for example Sutton-Chen refitted on the same data: `refitted(search.view)`.
    groups : list of str, or text with commas
        Groups of properties, see `srlab.validation.GROUPS`.
    workers : int
        Processes.
    progress : callable, optional
        Called as progress(scorecards done, in all, text).
    scheduler : str, optional
        Address of a Dask scheduler, whose workers are used instead. A worker that dies costs the scorecard it was at,
        which is tried again.
    structure, references
        As for `srlab.validate`.

    Raises
    ------
    InputError
        If there is no candidate, a group is unknown, structure or references cannot be used, nobody answers at the
        address, or a scorecard takes its worker down three times.
    MissingExtra
        If there is a scheduler, but no Dask.
    """
    groups = chosen_groups(groups)
    if not candidates:
        raise InputError("there is no candidate to rank: search longer, or allow longer formulas")
    report = progress or (lambda done, total, text="": None)
    terms = _terms(reference, groups, structure, references)
    pool = (
        Cluster(scheduler, _scorecards, *terms)
        if scheduler
        else Serial(_scorecards, *terms)
        if workers == 1
        else LocalPool(workers, _scorecards, *terms, apart=True)
    )
    ranked, waiting = [], list(candidates)
    try:
        reference_card = _card(reference, *terms)  # empty for what makes no such crystal: it is behind on every line
        while waiting or pool.pending:
            while waiting and pool.pending < pool.capacity:
                candidate = waiting.pop(0)
                pool.submit(candidate, candidate.to_json())
            for candidate, card in pool.completed(1.0):
                if isinstance(card, Died):
                    raise InputError(card.sentence(f"validated {candidate.id}"))
                if card:
                    ranked.append(compare(candidate, card, reference_card))
            report(len(candidates) - len(waiting) - pool.pending, len(candidates), "")
    finally:
        pool.close()
    return sorted(ranked, key=lambda each: (each.misfit, each.complexity))


def refitted(view, name="Sutton-Chen"):
    """The potential of a published form as a search refitted it on its own data: a fixed mark beside its front.

    Raises InputError if the search has not come to it.
    """
    found = next((reference for reference in view.references if reference["name"] == name), None)
    if found is None:
        raise InputError(f"the search has no refitted {name} to compare with: let it run for some seconds more")
    return Potential.of_model(
        Model.parse(found["formulas"], found["offset"]),
        f"{name}, refitted",
        view.start["element"],
        found["cutoff"],
        Smoothstep(found["taper_start"], found["cutoff"]),
        structure=view.start["settings"].get("crystal"),
    )


def _terms(reference, groups, structure, references):
    """What every scorecard is made with, checked once: groups, structure (a name, or the atoms of a file) and
    references (a dict)."""
    if structure is None:
        structure = own_structure(reference)
    elif not isinstance(structure, Atoms) and structure not in STRUCTURES:
        structure, _ = read_structure(structure)
    if references is not None and not isinstance(references, dict):
        references = load_references(references)
    return tuple(groups), structure, references


def _card(potential, groups, structure, references):
    """A scorecard; empty for what makes no such crystal."""
    try:
        return validate(potential, list(groups), structure=structure, references=references)
    except InputError:
        return {}


def _scorecards(groups, structure, references):
    """The function that a worker process gives candidates to."""
    return lambda candidate: _card(Candidate.from_json(candidate).potential(), groups, structure, references)
