"""What a user decides about the learning loop; every value is checked here and written into its journal."""

from dataclasses import asdict, dataclass, fields

from srlab.errors import InputError

MAY_CHANGE = ("rounds", "seconds", "evaluations", "workers")  # between two calls that go on with one folder


@dataclass(frozen=True)
class LearnSettings:
    """Settings of the loop.

    rounds : times that structures are sampled, labelled and learned. seconds, evaluations : budget of each round's
    search; None is no limit. frames : labels a round. atoms : sizes of the sampled cells. seed : of searches and
    samplers; each round draws its own from it. members : how many of the front, lowest loss first, vote on what to
    label; samplers : how many of them are sampled on. walkers, levels, per_level : of each sampling run.
    max_complexity : of the search; None is the search's default. workers : processes of the search and of the labels,
    threads of the sampler.
    """

    rounds: int = 3
    seconds: float | None = 60.0
    evaluations: int | None = None
    frames: int = 20
    atoms: tuple[int, ...] = (4, 8)
    seed: int = 0
    members: int = 5
    samplers: int = 2
    walkers: int = 60
    levels: int = 64
    per_level: int = 2
    max_complexity: int | None = None
    workers: int = 1

    def __post_init__(self):
        object.__setattr__(self, "atoms", tuple(self.atoms))
        for name, least in (
            ("rounds", 1),
            ("frames", 1),
            ("members", 2),
            ("samplers", 1),
            ("walkers", 4),
            ("levels", 1),
            ("workers", 1),
            ("seed", 0),
        ):
            if getattr(self, name) < least:
                raise InputError(f"{name} must be at least {least}, not {getattr(self, name)}")
        if not self.atoms or min(self.atoms) < 1:
            raise InputError(f"atoms {self.atoms}: give the sizes of the cells to sample, such as 4,8")
        if self.seconds is None and self.evaluations is None:
            raise InputError("the search of a round needs a budget: give seconds or evaluations")

    def to_json(self):
        return {**asdict(self), "atoms": list(self.atoms)}

    def check_same(self, journal, out):
        """Raise InputError where a folder was begun with other settings, except those that may change."""
        for field in fields(self):
            ours, theirs = self.to_json()[field.name], journal.get(field.name)
            if field.name not in MAY_CHANGE and ours != theirs:
                raise InputError(
                    f"{out} was begun with {field.name} {theirs}, not {ours}: go on with the same, or choose another "
                    "folder"
                )
