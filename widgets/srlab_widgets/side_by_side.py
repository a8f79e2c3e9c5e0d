"""Two searches on one page."""

import os

import traitlets

from srlab.errors import InputError
from srlab.search.search import Search

from . import compare, snapshot
from .page import Page
from .search_page import SearchPage


class SideBySide(Page):
    """Watch two searches side by side.

    Their fronts are in one plot, with a line of numbers for each, and their chosen formulas beside each other.

    Parameters
    ----------
    a, b : srlab.Search, or str or path-like
        Running, not yet started or ended; or folders of runs.
    names : tuple of str, optional
        What the page calls them; by default the names of their folders.

    Attributes
    ----------
    selected : tuple of str
        Ids of the two candidates that are selected in the browser, "" for none.
    sides : tuple of SearchPage
        The two pages; they are shown below when that is asked for.

    Raises
    ------
    InputError
        For a folder that is no run, the same run twice, or names that cannot be told apart.
    """

    _called, sides = "srlab, two searches side by side", ()
    names = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode()).tag(sync=True)
    selected = traitlets.Tuple(traitlets.Unicode(), traitlets.Unicode(), default_value=("", "")).tag(sync=True)

    def __init__(self, a, b, names=None):
        searches = [Search.attach(search) if isinstance(search, (str, os.PathLike)) else search for search in (a, b)]
        if searches[0].run.resolve() == searches[1].run.resolve():
            raise InputError(f"both searches are {searches[0].run}: choose two")
        names = tuple(compare.folder_names(*(search.run for search in searches)) if names is None else names)
        if len(names) != 2 or not all(isinstance(name, str) and name.strip() for name in names) or names[0] == names[1]:
            raise InputError(f"names must be two different texts, not {names!r}")
        super().__init__(names=names)
        self._differences = None
        self.sides = tuple(Side(search, self, number) for number, search in enumerate(searches))
        self.on_msg(self._receive)
        self.observe(self._selected, "selected")

    @property
    def candidates(self):
        """The two selected `srlab.Candidate`s, None where there is none."""
        return tuple(side.candidate for side in self.sides)

    def wait(self, timeout=None):
        """Wait until both searches have ended, and bring the picture up to date.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most for each.

        Returns
        -------
        tuple of str
            Their states.
        """
        return tuple(side.wait(timeout) for side in self.sides)

    def close(self):
        """End the threads and remove the widget; the searches go on."""
        for side in self.sides:
            side.close()
        super().close()

    def _receive(self, _, message, buffers):
        if message.get("side") in (0, 1):
            self.sides[message["side"]]._receive(None, message, buffers)
        if message.get("type") == "ready":
            self._compare(again=True)

    def _selected(self, change):
        for side, identity in zip(self.sides, change["new"]):
            side.selected = identity

    def _compare(self, again=False):
        """Tell the page in which settings the searches differ, when that is news."""
        texts = compare.differences([side.fold for side in self.sides], self.names)
        if again or texts != self._differences:
            self._differences = texts
            self.send({"type": "differences", "texts": texts})

    def _scene(self):
        folds = [side.still() for side in self.sides]

        def draw():
            drawn = snapshot.pair_png(folds, self.names)
            return {"text/plain": compare.text(folds, self.names), **({"image/png": drawn} if drawn else {})}

        return [snapshot.moment(fold) for fold in folds], draw


class Side(SearchPage):
    """A page without a model of its own in the browser: what it says and hears goes through the page of both."""

    def __init__(self, search, page, number):
        self._page, self._number = page, number
        super().__init__(search)

    def open(self):
        """Leave it to the page: this one has no model in the browser."""

    def send(self, content, buffers=None):
        """Send a message through the page, with the number of this side."""
        self._page.send({**content, "side": self._number}, buffers)
        if content["type"] in ("reset", "patch") and {"settings", "run"} & content.keys():
            self._page._compare()

    def still(self):
        """The run as it is now."""
        with self._publisher.lock:
            return snapshot.still(self.fold)

    def _settled(self):
        self._page._settled()
