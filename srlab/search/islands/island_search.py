"""`IslandSearch`: several searches on the same data that give each other what they find, spread over workers.

It looks like one `Search`. Its folder has a journal of its own, that of a search without a tree, with the candidates of
all trees in or near the common front, and in tree-0, tree-1, ... the trees: ordinary run folders.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from numbers import Integral
from pathlib import Path
from typing import Self

from srlab.errors import InputError
from srlab.runs.folder import DATA_FILE, RunFolder
from srlab.runs.view import RunView
from srlab.search.islands.coordinator import IslandDriver
from srlab.search.search import Search, start_event
from srlab.search.settings import SearchSettings

EXCHANGE = 10_000  # evaluations of a tree between two exchanges: some seconds on the bundled data
ELITES = 4
# tree k has the seed of the search plus k times this: tree 0 is the search with that seed, and no tree is in two
# searches
SEEDS_APART = 1000
MOST_TREES = 10_000


class IslandSearch(Search):
    """Several trees on a data set that exchange their elites.

    A number of evaluations, seed, trees, exchange and elites decide what is found, on one worker, on many, and on a
    cluster.

    Parameters
    ----------
    dataset : srlab.datasets.Dataset
        Or what `srlab.load_dataset` takes.
    run : str or path-like, optional
        Folder of the search; by default a new one under runs/.
    trees : int
        As many as there are workers, or more.
    exchange : int
        Evaluations of each tree between two exchanges.
    elites : int
        Candidates that a tree is given at an exchange at most; 0 leaves the trees alone.
    **settings
        Keywords of `Search`. seconds and evaluations are those of the whole, each tree gets its share; seed decides
        those of the trees.

    Raises
    ------
    InputError
        For settings or a folder that cannot be used.
    """

    def __init__(
        self,
        dataset,
        run: str | Path | None = None,
        trees: int = 2,
        exchange: int = EXCHANGE,
        elites: int = ELITES,
        **settings,
    ):
        for name, value, least in (("trees", trees, 1), ("exchange", exchange, 1), ("elites", elites, 0)):
            if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
                raise InputError(f"{name} must be a whole number, {least} or more, not {value!r}")
        if trees > MOST_TREES:
            raise InputError(f"trees must not be more than {MOST_TREES:,}, not {trees:,}")
        self._islands = {"trees": int(trees), "exchange": int(exchange), "elites": int(elites)}
        super().__init__(dataset, run, **settings)

    def _create(self, dataset, run, inherited=(), **origin):
        super()._create(dataset, run, inherited, **self._islands, **origin)

    @classmethod
    def attach(cls, run: str | Path) -> Self:
        """Take the search of an existing folder.

        Raises
        ------
        InputError
            Where there is none, or the search is of one tree.
        """
        search = super().attach(run)
        if not is_islands(search.view.start):
            raise InputError(f"{run} is a search of one tree: take Search.attach")
        return search

    @property
    def trees(self) -> list[RunFolder]:
        """Run folders of the trees; `Search.attach(folder.path)` shows one."""
        self.refresh()
        return tree_folders(self.run, self.view.start)


def is_islands(start: dict) -> bool:
    """Whether a journal with this start event, see `RunView.start`, is that of a search on islands."""
    return (
        start.keys() >= {"trees", "exchange", "elites"} and 0 < start["trees"] <= MOST_TREES and start["exchange"] > 0
    )


def tree_folders(run: Path, start: dict) -> list[RunFolder]:
    """Run folders of the trees of a search on islands, whose start event is `start`."""
    return [RunFolder(Path(run) / f"tree-{number}") for number in range(start["trees"])]


def continue_islands(
    folder: RunFolder, known: RunView, settings: SearchSettings, watch=None, budget: dict | None = None
) -> None:
    """Begin or continue the search on islands of a folder, locked by the caller, in this process.

    Raises
    ------
    InputError
        As `srlab.search.worker.continue_run`.
    """
    start, dataset = known.start, folder.dataset(known.start)
    trees = tree_folders(folder.path, start)
    locked = []
    _allow_files(len(trees) + 256)
    try:
        for number, tree in enumerate(trees):
            if not tree.made:
                alone = replace(
                    settings,
                    seed=settings.seed + SEEDS_APART * number,
                    workers=1,
                    scheduler=None,
                    seconds=None,
                    evaluations=None,
                )
                tree.create(dataset, [start_event(dataset, alone)], folder.path / DATA_FILE)
            tree.lock()
            locked.append(tree)
        driver = IslandDriver(folder, trees, dataset, settings, start["exchange"], start["elites"], known, watch)
        if budget:
            driver.record_budget(budget)
        driver.run()
    finally:
        for tree in locked:
            tree.unlock()


def _allow_files(count: int) -> None:
    """Let this process have so many files open, where it may: a search on islands holds the lock of each tree."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < count:
            resource.setrlimit(
                resource.RLIMIT_NOFILE, (count if hard == resource.RLIM_INFINITY else min(count, hard), hard)
            )
