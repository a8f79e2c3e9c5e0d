"""The scorecard as the jury of a search: which of its formulas have the best physics, and which beat a rival line by line.

The loss on frames says little about elastic constants or stacking faults. So the candidates near the lower edge of the cloud (not the front
alone: the best physics often lies just behind it) are validated, and ranked by their misfit: the root mean square over the lines of the
scorecard of error / acceptable error, each at most `WORST`.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from ase import Atoms

from srlab.errors import InputError
from srlab.potentials.lattices import STRUCTURES, ground_state
from srlab.validation.crystal import read_structure
from srlab.validation.groups import chosen_groups, validate
from srlab.validation.scores import load_references, properties, thresholds
from srlab.workers.pool import Cluster, LocalPool, Serial

GROUPS = ("eos", "elastic", "phonons", "polymorphs", "surfaces", "stacking-fault", "vacancy", "interstitial")
WORST = 3.0  # misfit of one line at most, and that of a property that has no value
TRIES = 3  # times that a scorecard is tried whose worker dies
TOLERANCE = (
    0.15  # a candidate is heard if its loss is at most so much above the lowest one of those that are no longer than it
)


@dataclass(frozen=True)
class Verdict:
    """id, complexity, formulas : of the candidate; misfit : of its scorecard, dimensionless; card : what `validate` gives;
    lost : lines on which the rival is nearer to the reference, and which are not "good" either; behind : lines on which it is nearer at all."""

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
    """|error| / acceptable error of every line of a scorecard that has both, at most `WORST`; `WORST` where the property has no value."""
    found = {}
    for name, entry in card.items():
        limits = entry["reference"] and thresholds(properties()[name], entry[entry["reference"]])
        if limits:
            found[name] = WORST if entry["error"] is None else min(WORST, abs(entry["error"]) / limits[1])
    return found


def verdict(candidate, card, rival_card) -> Verdict:
    """What the scorecards say of a candidate beside its rival."""
    ours, theirs = misfits(card), misfits(rival_card)
    behind = tuple(name for name, misfit in ours.items() if misfit > theirs.get(name, WORST))
    lost = tuple(name for name in behind if card[name]["score"] != "good")
    misfit = math.sqrt(sum(value**2 for value in ours.values()) / len(ours)) if ours else math.inf
    return Verdict(candidate.id, candidate.complexity, candidate.formulas, misfit, lost, behind, card)


def heard(candidates, max_complexity=45, limit=40) -> list:
    """The candidates that are worth a scorecard, at most `limit`, evenly over the lengths: one of each form, near the lowest loss for its length."""
    from srlab.search.highlights import by_structure

    chosen, lowest = [], math.inf
    for candidate in by_structure(candidates):
        lowest = min(lowest, candidate.loss)
        if candidate.loss <= (1.0 + TOLERANCE) * lowest and candidate.complexity <= max_complexity:
            chosen.append(candidate)
    if len(chosen) > limit:
        chosen = [chosen[round(k * (len(chosen) - 1) / (limit - 1))] for k in range(limit)]
    return chosen


def judge(
    candidates, rival, groups=GROUPS, workers=1, progress=None, scheduler=None, structure=None, references=None
) -> list[Verdict]:
    """Scorecards of candidates beside that of a rival, the best first.

    Parameters
    ----------
    candidates : list of Candidate, for example `heard(search.candidates.values())`
    rival : Potential
        What they are to beat, for example Sutton-Chen refitted on the same data: `rival_of(search)`.
    groups : list of str, or text with commas
        Groups of properties, see `srlab.validation.GROUPS`.
    workers : int
        Processes.
    progress : callable, optional
        Called as progress(scorecards done, in all, text).
    scheduler : str, optional
        Address of a Dask scheduler, whose workers are used instead. A worker that dies costs the scorecard it was at, which is tried again.
    structure, references
        As for `srlab.validate`.

    Raises
    ------
    InputError
        If there is no candidate, a group is unknown, structure or references cannot be used, nobody answers at the address, or a scorecard takes its worker
        down three times.
    MissingExtra
        If there is a scheduler, but no Dask.
    """
    groups = chosen_groups(groups)
    if not candidates:
        raise InputError("there is no candidate to judge: search longer, or allow longer formulas")
    report = progress or (lambda done, total, text="": None)
    terms = _terms(rival.element, groups, structure, references)
    pool = (
        Cluster(scheduler, _jury, *terms)
        if scheduler
        else Serial(_jury, *terms)
        if workers == 1
        else LocalPool(workers, _jury, *terms)
    )
    verdicts, waiting, died = [], list(candidates), Counter()
    try:
        rival_card = _card(rival, *terms)  # empty for what makes no such crystal: it is behind on every line
        while waiting or pool.pending:
            while waiting and pool.pending < pool.capacity:
                candidate = waiting.pop(0)
                pool.submit(candidate, candidate.to_json())
            for candidate, card in pool.completed(1.0):
                if card:
                    verdicts.append(verdict(candidate, card, rival_card))
                elif card is None:
                    died[candidate.id] += 1
                    if died[candidate.id] == TRIES:
                        raise InputError(
                            f"the worker that judged {candidate.id} was lost {TRIES} times: is there enough memory where it runs, and the same version of srlab?"
                        )
                    waiting.append(candidate)
            report(len(candidates) - len(waiting) - pool.pending, len(candidates), "")
    finally:
        pool.close()
    return sorted(verdicts, key=lambda each: (each.misfit, each.complexity))


def rival_of(view, name="Sutton-Chen"):
    """The potential of a published form as a search refitted it on its own data: a fixed mark beside its front.

    Raises InputError if the search has not come to it.
    """
    from srlab.fitting.model import Model
    from srlab.potentials.potential import Potential
    from srlab.potentials.taper import Smoothstep

    found = next((reference for reference in view.references if reference["name"] == name), None)
    if found is None:
        raise InputError(f"the search has no refitted {name} to compare with: let it run for some seconds more")
    return Potential(
        f"{name}, refitted",
        view.start["element"],
        **Model.parse(found["formulas"]).functions,
        cutoff=found["cutoff"],
        taper=Smoothstep(found["taper_start"], found["cutoff"]),
        offset=found["offset"],
    )


def _terms(element, groups, structure, references):
    """What every scorecard is made with, checked once: groups, structure (a name, or the atoms of a file) and references (a dict)."""
    if structure is None:
        structure = ground_state(element)
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


def _jury(groups, structure, references):
    """The function that a worker process gives candidates to."""
    from srlab.potentials.candidate import Candidate

    return lambda candidate: _card(Candidate.from_json(candidate).potential(), groups, structure, references)
