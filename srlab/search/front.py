"""The Pareto front of complexity, energy error and force error, on training frames; with property targets also of
the loss, which holds these."""

from __future__ import annotations

from srlab.potentials.candidate import Candidate


def objectives(candidate: Candidate) -> tuple[float, float, float]:
    """What is to be small: nodes, energy error (meV/atom), force error (meV/A)."""
    return candidate.complexity, candidate.energy_mae, candidate.force_mae


def dominates(a, b) -> bool:
    """Whether objectives a are nowhere worse than b and somewhere better."""
    return all(x <= y for x, y in zip(a, b)) and tuple(a) != tuple(b)


class ParetoFront:
    """The candidates that no other dominates, sorted by complexity; of two with the same objectives the first stays.

    with_loss : the loss is an objective, too. Without it, a formula that meets a property target at the price of a
        larger error would be dropped.
    """

    def __init__(self, candidates=(), with_loss: bool = False):
        self.with_loss = with_loss
        self.members: list[Candidate] = []
        for candidate in candidates:
            self.insert(candidate)

    def insert(self, candidate: Candidate) -> bool:
        """Enter a candidate and drop what it dominates; False if it is dominated itself."""
        if not self.accepts(candidate):
            return False
        new = self._objectives(candidate)
        self.members = [member for member in self.members if not dominates(new, self._objectives(member))]
        self.members.append(candidate)
        self.members.sort(key=lambda member: (member.complexity, member.loss, member.id))
        return True

    def accepts(self, candidate: Candidate) -> bool:
        """Whether a candidate would enter: no member dominates it or has the same objectives."""
        new = self._objectives(candidate)
        return not any(old == new or dominates(old, new) for old in map(self._objectives, self.members))

    def _objectives(self, candidate):
        return (*objectives(candidate), candidate.loss) if self.with_loss else objectives(candidate)

    @property
    def ids(self) -> list[str]:
        return [member.id for member in self.members]

    def __len__(self):
        return len(self.members)

    def __iter__(self):
        return iter(self.members)
