"""The scorecard as the jury of a search: which of its formulas have the best physics, and which beat a rival line by line.

The loss on frames says little about elastic constants or stacking faults. So the candidates near the lower edge of the cloud (not the front
alone: the best physics often lies just behind it) are validated, and ranked by their misfit: the root mean square over the lines of the
scorecard of error / acceptable error, each at most `WORST`.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from srlab.errors import InputError
from srlab.validation.groups import chosen_groups, validate
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
    from srlab.validation.scores import properties

    found = {}
    for name, entry in card.items():
        acceptable = properties()[name].get("acceptable")
        if acceptable is not None and entry["reference"] is not None:
            found[name] = WORST if entry["error"] is None else min(WORST, abs(entry["error"]) / acceptable)
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
    from srlab.search.staircase import Staircase

    chosen, lowest = [], Staircase()
    for candidate in by_structure(candidates):
        lowest.enter(candidate.complexity, candidate.loss)
        near = candidate.loss <= (1.0 + TOLERANCE) * lowest.height(candidate.complexity)
        if near and candidate.complexity <= max_complexity:
            chosen.append(candidate)
    if len(chosen) > limit:
        chosen = [chosen[round(k * (len(chosen) - 1) / (limit - 1))] for k in range(limit)]
    return chosen


def judge(candidates, rival, groups=GROUPS, workers=1, progress=None, scheduler=None) -> list[Verdict]:
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

    Raises
    ------
    InputError
        If there is no candidate, a group is unknown, the rival has no fcc crystal, nobody answers at the address, or a scorecard takes its worker down three times.
    MissingExtra
        If there is a scheduler, but no Dask.
    """
    groups = chosen_groups(groups)
    if not candidates:
        raise InputError("there is no candidate to judge: search longer, or allow longer formulas")
    report = progress or (lambda done, total, text="": None)
    pool = (
        Cluster(scheduler, _jury, groups)
        if scheduler
        else Serial(_jury, groups)
        if workers == 1
        else LocalPool(workers, _jury, groups)
    )
    verdicts, waiting, died = [], list(candidates), Counter()
    try:
        rival_card = validate(rival, list(groups))
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
    from srlab.potentials.potential import Potential
    from srlab.potentials.taper import Smoothstep
    from srlab.templates import Model

    found = next((reference for reference in view.references if reference["name"] == name), None)
    if found is None:
        raise InputError(f"the search has no refitted {name} to compare with: let it run for some seconds more")
    return Potential.of_model(
        Model.parse(found["formulas"], found["offset"]),
        f"{name}, refitted",
        view.start["element"],
        found["cutoff"],
        Smoothstep(found["taper_start"], found["cutoff"]),
    )


def _jury(groups):
    """The function that a worker process gives candidates to: a scorecard, empty for what is no crystal."""
    from srlab.potentials.candidate import Candidate

    def card(candidate):
        try:
            return validate(Candidate.from_json(candidate).potential(), list(groups))
        except InputError:
            return {}

    return card
