"""What a user decides about a search; every value is checked here and written into the journal."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from numbers import Integral

from srlab.datasets.composition import lowest_energies
from srlab.datasets.weights import FrameWeights, check_families, check_family_weights, frame_weights
from srlab.decoding import decode
from srlab.errors import InputError
from srlab.expressions.costs import Costs
from srlab.expressions.operators import OPERATORS
from srlab.expressions.own_operators import OwnOperator, own_operators
from srlab.fitting.devices import check_device
from srlab.fitting.targets import check_targets
from srlab.potentials.lattices import STRUCTURES
from srlab.search.data_crystal import TAPER_WIDTH, cutoff_at
from srlab.templates import template_named

FOCUS, CORRELATION_LENGTH = 0.1, 0.02  # eV/atom, and over radial fingerprints; chosen by tests/benchmarks/focus.py
MOST_COST = 20
WEIGHTS = ("energy_weight", "force_weight", "stress_weight", "focus", "family_weights", "correlation_length")
STEERABLE = (
    "operators",
    "own_operators",
    "costs",
    "max_complexity",
    "exploration",
    "window",
    "seconds",
    "evaluations",
    "targets",
    "idle_limit",
    *WEIGHTS,
)


@dataclass(frozen=True)
class SearchSettings:
    """Settings of a search.

    Attributes
    ----------
    operators : tuple of str, optional
        Groups of terms (`srlab.expressions.terms`) the equation learners may use; None is what the template uses, and
        all of one's own.
    own_operators : tuple of str
        Definitions of further operators, such as "bump(x) = exp(-x^2)" (`srlab.expressions.own_operators`).
    costs : tuple of (str, int)
        Operator and how many nodes each use of it counts: of the grammar (`srlab.expressions.operators`) where it is
        more than one, and of one's own where it is not what they are made of (`srlab.expressions.costs`).
    max_complexity : int
        Nodes over all functions, costs included.
    exploration : float
        Weight of the exploration term of the selection score; rewards are ranks, so 1 means the same on all data.
    window : float
        Scale of the perturbations, 1 is the default schedule.
    energy_weight, force_weight, stress_weight : float
        Of the loss.
    focus : float, optional
        eV/atom above the lowest frame at which the energy of a frame counts a quarter and its forces a half
        (`srlab.datasets.weights`); None, or infinity, is the same weight for all.
    family_weights : tuple of (str, float)
        Family and weight, of those families of frames whose weight is not one.
    correlation_length : float, optional
        Distance of frames over which the error of energy that a formula makes differs, over radial fingerprints
        (`srlab.fitting.energy_errors`): differences between similar frames count more than the energies themselves.
        Zero takes each error as one's own, as the plain loss does; unless said, 0.02 where there is a focus.
    cutoff, taper_start : float
        Angstrom; unless said, 6 A and 1.5 A before the cutoff, times `scale`.
    scale : float
        Nearest neighbours in the crystal of the data over those of copper (`srlab.search.data_crystal`): ranges of
        constants, cutoff, taper and the check for holes are copper's, times this.
    template : str
        Name of what the energy is made of (`srlab.templates`).
    seed : int
    workers : int
        Processes on this machine.
    scheduler : str, optional
        Address of a Dask scheduler whose workers are used instead.
    seconds, evaluations : float and int, optional
        Budgets; None is no limit.
    targets : tuple of (str, float, float)
        Name, value and weight of properties that are part of the loss (`srlab.fitting.targets`).
    crystal : str, optional
        fcc, bcc, hcp or diamond: the crystal of the data. A candidate is marked by whether it is the lowest; targets
        are properties of it (of fcc where it is None); validation and exports start from it.
    repulsive : bool
        Whether pair functions have to fall at all distances from 0.4 of that of nearest neighbours in the crystal of
        the data up to it.
    convex : bool
        Whether embeddings have to be convex around the density of the crystal (`srlab.potentials.convexity`).
    idle_limit : float, optional
        Seconds after which a search that somebody watched in a notebook, and nobody watches any more, pauses itself;
        None is never.
    device : str
        Where candidates are evaluated and refined: "cpu", or with torch a GPU, "cuda" or "cuda:N"; each machine of
        the search needs it.
    """

    operators: tuple[str, ...] | None = None
    own_operators: tuple[str, ...] = ()
    costs: tuple[tuple[str, int], ...] = ()
    max_complexity: int = 45
    exploration: float = 1.0
    window: float = 1.0
    energy_weight: float = 1.0
    force_weight: float = 0.5
    stress_weight: float = 0.0
    focus: float | None = FOCUS
    family_weights: tuple[tuple[str, float], ...] = ()
    correlation_length: float | None = None
    cutoff: float | None = None
    taper_start: float | None = None
    template: str = "eam"
    seed: int = 0
    workers: int = 1
    scheduler: str | None = None
    seconds: float | None = None
    evaluations: int | None = None
    targets: tuple[tuple[str, float, float], ...] = ()
    idle_limit: float | None = 1800.0
    device: str = "cpu"
    scale: float = 1.0
    crystal: str | None = None
    repulsive: bool = False
    convex: bool = False

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str) and field.type.startswith(("int", "float")):
                raise InputError(f"{field.name} must be a number, not the text {value!r}")
        template = template_named(self.template)
        own = own_operators(self.own_operators)
        object.__setattr__(self, "own_operators", tuple(operator.text for operator in own))
        used = (*template.default_groups, *(each.name for each in own)) if self.operators is None else self.operators
        object.__setattr__(self, "operators", template.check_groups(used, own))
        object.__setattr__(self, "costs", check_costs(self.costs, own))
        if self.crystal not in (None, *STRUCTURES):
            raise InputError(f"the crystal {self.crystal!r} is unknown: choose from {', '.join(STRUCTURES)}")
        object.__setattr__(self, "targets", check_targets(self.targets, self.target_crystal))
        object.__setattr__(self, "family_weights", check_family_weights(self.family_weights))
        if self.focus == math.inf:
            object.__setattr__(self, "focus", None)
        if self.correlation_length is None:
            object.__setattr__(self, "correlation_length", CORRELATION_LENGTH if self.focus is not None else 0.0)
        if not 0.4 <= self.scale <= 2.5:
            raise InputError(f"the length scale must lie between 0.4 and 2.5, that of copper is 1, not {self.scale}")
        if self.cutoff is None:
            object.__setattr__(self, "cutoff", cutoff_at(self.scale))
        if self.taper_start is None:
            object.__setattr__(self, "taper_start", round(self.cutoff - TAPER_WIDTH * self.scale, 6))
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float) and not math.isfinite(value):  # NaN would pass every comparison below
                raise InputError(f"{field.name} must be a finite number, not {value}")
        for name in ("seed", "workers", "max_complexity"):
            if not isinstance(getattr(self, name), Integral):
                raise InputError(f"{name} must be a whole number, not {getattr(self, name)!r}")
        if self.seed < 0:
            raise InputError(f"seed must not be negative: {self.seed}")
        shortest = template.shortest_weighed(self.node_costs)
        if not shortest <= self.max_complexity <= 200:
            raise InputError(
                f"max_complexity must lie between {shortest} and 200 nodes, not "
                f"{self.max_complexity}: the shortest functions take {shortest}"
            )
        if not 3.0 <= self.cutoff <= 12.0:
            raise InputError(f"the cutoff must lie between 3 and 12 A, not {self.cutoff}")
        if not 0.0 <= self.taper_start < self.cutoff:
            raise InputError(f"the taper must start below the cutoff of {self.cutoff} A, not at {self.taper_start}")
        if self.exploration < 0 or self.window <= 0:
            raise InputError("exploration must not be negative and window must be above zero")
        if (
            min(self.energy_weight, self.force_weight, self.stress_weight) < 0
            or self.energy_weight + self.force_weight + self.stress_weight <= 0
        ):
            raise InputError(
                "the weights of energy, force and stress must not be negative, and one of them must be above zero"
            )
        if self.focus is not None and not self.focus > 0:
            raise InputError(
                f"focus must be above zero eV/atom, not {self.focus}: "
                "a large one, or none, gives all frames the same weight"
            )
        if self.correlation_length < 0:
            raise InputError(
                f"the correlation length must be zero, for errors that frames do not share, or above, not "
                f"{self.correlation_length}"
            )
        if self.workers < 1:
            raise InputError(f"workers must be at least 1, not {self.workers}")
        for name in ("seconds", "evaluations", "idle_limit"):
            if getattr(self, name) is not None and getattr(self, name) <= 0:
                raise InputError(f"{name} must be above zero, not {getattr(self, name)}")
        check_device(self.device)

    @property
    def target_crystal(self) -> str:
        """The crystal whose properties targets are."""
        return self.crystal or "fcc"

    @property
    def node_costs(self) -> Costs:
        """What the operators count in the complexity of a formula."""
        return Costs.of(self.costs, own_operators(self.own_operators))

    def steered(self, changes: dict) -> SearchSettings:
        """New settings with some changed while the search runs.

        Parameters
        ----------
        changes : dict
            Setting and value.

        Returns
        -------
        SearchSettings

        Raises
        ------
        InputError
            For what cannot be steered, or has a value that cannot be.
        """
        for name in changes:
            if name not in STEERABLE:
                raise InputError(
                    f"{name!r} cannot be changed while the search runs: choose from {', '.join(STEERABLE)}"
                )
        if "own_operators" in changes and "operators" not in changes:  # new ones are used, lost ones cannot be
            before, now = (
                [each.name for each in own_operators(texts)] for texts in (self.own_operators, changes["own_operators"])
            )
            kept = [name for name in self.operators or () if name not in before or name in now]
            changes = {**changes, "operators": [*kept, *(name for name in now if name not in before)]}
            changes = {"costs": [pair for pair in self.costs if pair[0] not in before or pair[0] in now], **changes}
        try:
            return replace(self, **changes)
        except TypeError as error:
            raise InputError(f"a setting has the wrong type: {error}") from error

    def to_json(self) -> dict:
        """Give all fields as a JSON object; `from_json` reads it."""
        pairs = {name: [list(each) for each in getattr(self, name)] for name in ("costs", "targets", "family_weights")}
        names = {name: list(getattr(self, name)) for name in ("operators", "own_operators")}
        return {**asdict(self), **names, **pairs}

    @classmethod
    def from_json(cls, data: dict) -> SearchSettings:
        """Read what `to_json` gives.

        Parameters
        ----------
        data : dict

        Returns
        -------
        SearchSettings

        Raises
        ------
        InputError
            For values that cannot be, or are of the wrong kind.
        """
        data = {"focus": None, "correlation_length": 0.0, **data}  # runs from before there was one
        return decode(cls, data, "the settings of the run are damaged")


def check_costs(costs, own: tuple[OwnOperator, ...] = ()) -> tuple[tuple[str, int], ...]:
    """Check (operator, cost) pairs, or a dict of them.

    Parameters
    ----------
    costs : iterable of (str, int), or dict
    own : tuple of OwnOperator
        What there is beside the operators of the grammar.

    Returns
    -------
    tuple of (str, int)
        In the order of the operators, those of the grammar without those that cost one, which they do anyway.

    Raises
    ------
    InputError
        For an operator that is none, one that is there twice, or a cost that is no whole number from 1 to 20.
    """
    try:
        pairs = [(str(name), cost) for name, cost in (costs.items() if isinstance(costs, dict) else costs)]
    except (TypeError, ValueError):
        raise InputError(
            f"costs must be pairs of an operator and a whole number, as exp and 2, not {costs!r}"
        ) from None
    known = [*OPERATORS, *(operator.name for operator in own)]
    for name, cost in pairs:
        if name not in known:
            raise InputError(f"unknown operator {name!r} among the costs: choose from {', '.join(known)}")
        if not isinstance(cost, Integral) or isinstance(cost, bool) or not 1 <= int(cost) <= MOST_COST:
            raise InputError(f"the cost of {name} must be a whole number from 1 to {MOST_COST}, not {cost!r}")
    given = dict(pairs)
    if len(given) < len(pairs):
        raise InputError("an operator is there twice among the costs: give each one cost")
    kept = (name for name in known if name in given and (given[name] != 1 or name not in OPERATORS))
    return tuple((name, int(given[name])) for name in kept)


def training_weights(dataset, frames, settings: SearchSettings) -> FrameWeights:
    """Weights of some training frames of a data set; for the focus, what is lowest is so among all training frames.

    Parameters
    ----------
    dataset : Dataset
    frames : list of ase.Atoms
        Those that are to have weights.
    settings : SearchSettings

    Returns
    -------
    FrameWeights

    Raises
    ------
    InputError
        For a family that is not there, or weights that leave nothing to fit.
    """
    check_families(settings.family_weights, dataset.families, dataset.name)
    lowest = lowest_energies(dataset.train, dataset.energies(dataset.train))
    return frame_weights(frames, dataset.energies(frames), lowest, settings.focus, settings.family_weights)


def check_weights(dataset, settings: SearchSettings) -> None:
    """Check, before a search begins, that the training frames of a data set can carry its weights.

    Raises
    ------
    InputError
        Where they cannot, or no frame has the stress that has a weight.
    """
    training_weights(dataset, dataset.train, settings)
    if settings.stress_weight and not any("stress" in atoms.calc.results for atoms in dataset.train):
        raise InputError(
            f"{dataset.name} has no stress on any training frame: leave the stress weight at zero, "
            "or label frames with stress"
        )
