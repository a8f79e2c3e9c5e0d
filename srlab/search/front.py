"""The Pareto front of complexity, energy error and force error, on training frames."""

from __future__ import annotations

from .candidate import Candidate


def objectives(candidate: Candidate) -> tuple[float, float, float]:
    """What is to be small: nodes, energy error (meV/atom), force error (meV/A)."""
    return candidate.complexity, candidate.energy_mae, candidate.force_mae


def dominates(a, b) -> bool:
    """Whether objectives a are nowhere worse than b and somewhere better."""
    return all(x <= y for x, y in zip(a, b)) and tuple(a) != tuple(b)


class ParetoFront:
    """The candidates that no other dominates, sorted by complexity; of two with the same objectives the first stays."""

    def __init__(self, candidates=()):
        self.members: list[Candidate] = []
        for candidate in candidates:
            self.insert(candidate)

    def insert(self, candidate: Candidate) -> bool:
        """Enter a candidate and drop what it dominates; False if it is dominated itself."""
        new = objectives(candidate)
        for member in self.members:
            old = objectives(member)
            if old == new or dominates(old, new):
                return False
        self.members = [member for member in self.members if not dominates(new, objectives(member))]
        self.members.append(candidate)
        self.members.sort(key=lambda member: (member.complexity, member.loss, member.id))
        return True

    @property
    def ids(self) -> list[str]:
        return [member.id for member in self.members]

    def __len__(self):
        return len(self.members)

    def __iter__(self):
        return iter(self.members)
