"""The search of formulas y(x): select, move, refine, snap, enter in tree and front, until the budget is spent."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np

from srlab.curves.learner import GROUPS, CurveNetwork
from srlab.curves.objective import CurveObjective
from srlab.curves.proposer import CurveProposal, CurveProposer
from srlab.curves.snap import at_floor, snap
from srlab.errors import InputError
from srlab.expressions.formula import Formula
from srlab.search import moves
from srlab.search.tree import Node, Tree

FEWEST_ROWS = 5
KEEP = 0.6  # share of playouts, by reward, that become nodes
GIVE_UP = 3.0  # a refinement whose loss stays above so many times the front's is abandoned early
ROUND = 1.0  # below so many times the front's, constants are snapped
AFTER_EXACT = 60  # playouts after the first exact formula, for a shorter one


@dataclass(frozen=True)
class CurveMember:
    """A formula of the front. error : root mean square residual, in units of y; loss : its square over the variance of y."""

    formula: Formula
    complexity: int
    error: float
    loss: float


@dataclass(frozen=True)
class CurveResult:
    """front : members that no other beats in complexity and loss, sorted by complexity; exact : residual at machine precision."""

    front: tuple[CurveMember, ...]
    evaluations: int
    playouts: int
    seconds: float
    exact: bool

    @property
    def best(self) -> CurveMember:
        """The member of least loss."""
        return self.front[-1]

    @property
    def knee(self) -> CurveMember:
        """The exact member if there is one, else that farthest below the line from the shortest to the best in complexity and log loss."""
        if self.exact:
            return self.front[-1]
        first, last = self.front[0], self.front[-1]
        width, height = last.complexity - first.complexity, math.log(first.loss / last.loss)
        if width <= 0 or height <= 0:
            return last
        return max(
            self.front[1:],
            key=lambda m: math.log(first.loss / m.loss) / height - (m.complexity - first.complexity) / width,
        )


def fit_curve(
    x,
    y,
    seconds: float | None = None,
    evaluations: int | None = None,
    seed: int = 0,
    max_complexity: int = 50,
    operators=GROUPS,
    exploration: float = 1.0,
) -> CurveResult:
    """Search formulas y(x).

    x, y : (n,) finite numbers, n at least 5. seconds, evaluations : budgets, 30 s if neither is given; it ends early when a formula
    fits to machine precision. operators : groups of units, of `srlab.curves.learner.GROUPS`. max_complexity : operators + variables
    + constants. The same seed and evaluations give the same front. Raises InputError for unusable data or settings.
    """
    x, y = checked(x, y)
    for name, value in (("seconds", seconds), ("evaluations", evaluations)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise InputError(f"{name} must be above zero, not {value}")
    if not 1 <= max_complexity <= 200:
        raise InputError(f"max_complexity must lie between 1 and 200, not {max_complexity}")
    if seed < 0:
        raise InputError(f"seed must not be negative: {seed}")
    operators = tuple(operators)
    for name in operators:
        if name not in GROUPS:
            raise InputError(f"unknown operator {name!r}: choose from {', '.join(GROUPS)}")
    if not operators:
        raise InputError(f"no operator is left: choose from {', '.join(GROUPS)}")
    if seconds is None and evaluations is None:
        seconds = 30.0
    return CurveSearch(x, y, seed, max_complexity, operators, exploration).run(seconds, evaluations)


def checked(x, y) -> tuple[np.ndarray, np.ndarray]:
    """x and y as float arrays. Raises InputError where they are no table a curve can be fitted to."""
    try:
        x, y = np.asarray(x, float), np.asarray(y, float)
    except (TypeError, ValueError):
        raise InputError("x and y must be numbers: remove or convert what is not") from None
    if x.ndim != 1 or x.shape != y.shape:
        raise InputError(f"x and y must be two columns of the same length, not of shapes {x.shape} and {y.shape}")
    for name, values in (("x", x), ("y", y)):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise InputError(f"{name} is not finite in row {bad[0] + 1}: remove the row")
    if len(x) < FEWEST_ROWS:
        raise InputError(f"{len(x)} rows are too few to search a formula: give at least {FEWEST_ROWS}")
    if np.ptp(x) == 0:
        raise InputError("x has the same value in every row: a curve needs different ones")
    return x, y


class CurveSearch:
    """One search on one table; `run` blocks."""

    def __init__(self, x, y, seed=0, max_complexity=50, operators=GROUPS, exploration=1.0):
        self.objective = CurveObjective(x, y)
        self.network = CurveNetwork(operators)
        self.max_complexity = max_complexity
        self.proposer = CurveProposer(
            self.network, self.objective.x, self.objective.y, max_complexity, exploration, seed
        )
        self.tree = Tree()
        self.tree.add(Node(0, -1, 0, "root", None, None, np.inf, 0, ""))
        self.best_of_structure: dict[str, float] = {}
        self.front: list[CurveMember] = []
        self.rewards: list[float] = []
        self.playouts = 0

    def run(self, seconds: float | None, evaluations: int | None) -> CurveResult:
        """Search until the budget is spent, or until a while after a formula fits to machine precision."""
        started, left = time.monotonic(), None
        self._enter(Formula.parse(repr(float(self.objective.y.mean())), "x"))
        while (evaluations is None or self.evaluations < evaluations) and (
            seconds is None or time.monotonic() - started < seconds
        ):
            if self.exact:
                left = AFTER_EXACT if left is None else left - 1
                if left <= 0:
                    break
            self._play(self.proposer.next(self.tree))
        return CurveResult(tuple(self.front), self.evaluations, self.playouts, time.monotonic() - started, self.exact)

    @property
    def evaluations(self) -> int:
        """Formulas evaluated, rollouts included."""
        return self.objective.evaluations + self.proposer.roller.rolled

    @property
    def exact(self) -> bool:
        """Whether a formula with clearly fewer constants than rows fits to machine precision."""
        best = self.front[-1]
        return at_floor(best.loss) and len(best.formula.values) <= len(self.objective.x) // 3

    def _play(self, proposal: CurveProposal) -> None:
        self.playouts += 1
        structure = proposal.formula.structure
        self.proposer.tried(structure)
        self.tree.visit(proposal.parent)
        known = self.tree.front_loss(proposal.formula.complexity)
        fit = self.objective.refine(
            proposal.formula, give_up_above=GIVE_UP * known, bounds=self.network.bounds(proposal.vector)
        )
        if not np.isfinite(fit.loss):
            return
        formula, loss = fit.formula, fit.loss
        if loss < ROUND * known or loss < 1e-12:
            fit = self.objective.refine(formula, 60, 1e-9)
            shorter, cost = snap(self.objective, fit.formula, fit.loss)
            if self._enter(shorter, cost):
                self.proposer.queue.extend(
                    CurveProposal(proposal.parent, "prune", vector, self.network.model(vector))
                    for vector in moves.without_one_unit(self.network, proposal.vector)[:4]
                    if cost < 1e-12
                )
            formula, loss = fit.formula, fit.loss
            complexity = shorter.complexity
        else:
            complexity = formula.complexity
        if not loss < 0.999 * self.best_of_structure.get(structure, np.inf) or complexity > self.max_complexity:
            return
        self.best_of_structure[structure] = loss
        reward = self.tree.reward(loss, complexity)
        self.rewards.append(reward)
        if len(self.tree) > 24 and reward > np.quantile(self.rewards[-400:], KEEP):
            return
        parent = self.tree.nodes[proposal.parent]
        vector = self.network.absorb(proposal.vector, formula)
        node = Node(
            len(self.tree),
            parent.id,
            parent.depth + 1,
            proposal.move,
            vector,
            {"y": formula.text},
            loss,
            complexity,
            structure,
        )
        self.tree.add(node)
        node.visits = 1

    def _enter(self, formula: Formula, loss: float | None = None) -> bool:
        """Enter a formula in the front; False if it is dominated, too long or not finite."""
        loss = self.objective.loss(formula) if loss is None else loss
        # below machine precision all losses are the same: the shorter formula wins
        level = max(loss, 1e-28)
        if (
            formula.complexity > self.max_complexity
            or not np.isfinite(loss)
            or any(m.complexity <= formula.complexity and m.loss <= level for m in self.front)
        ):
            return False
        error = float(np.sqrt(np.mean((formula.value(self.objective.x) - self.objective.y) ** 2)))
        self.front = [m for m in self.front if not (m.complexity >= formula.complexity and m.loss >= level)]
        self.front.append(CurveMember(formula, formula.complexity, error, level))
        self.front.sort(key=lambda m: m.complexity)
        return True
