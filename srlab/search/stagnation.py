"""Whether a search still finds anything, and the likely reason where it does not."""

from __future__ import annotations

from collections import deque

from srlab.search.moves import Proposal
from srlab.search.settings import SearchSettings
from srlab.search.tree import Tree

WINDOW = 400  # playouts without a new node after which a search is called stalled
FEW = 0.2  # share of the tree's nodes that may still be selected, below which the tree is the reason
MOST = 0.5  # share of playouts that were seeds for want of a move, above which the forms are the reason


class Stagnation:
    """Counts playouts since something was found; made anew when a person steers."""

    def __init__(self):
        self._fallbacks: deque[bool] = deque(maxlen=WINDOW)
        self._since = 0

    def began(self, proposal: Proposal) -> None:
        """A playout was begun."""
        self._fallbacks.append(proposal.fallback)
        self._since += 1

    def found(self) -> None:
        """The tree has a new node."""
        self._since = 0

    def reason(self, tree: Tree, settings: SearchSettings) -> str:
        """One sentence with the likely reason and the remedy; "" while the search finds new nodes."""
        if self._since < WINDOW:
            return ""
        nodes = tree.nodes[1:]
        short = [node for node in nodes if tree.within_limit(node)]
        free = sum(not tree.pruned(node.id) for node in short)
        said = f"No new node in the last {self._since} playouts: "
        if len(short) < FEW * len(nodes):
            return (
                f"{said}only {len(short)} of {len(nodes)} nodes are within max nodes {settings.max_complexity}; "
                "raise max nodes, or let new seeds grow."
            )
        if free < FEW * len(nodes):
            return f"{said}only {free} of {len(nodes)} nodes are not pruned; release a branch."
        if sum(self._fallbacks) > MOST * len(self._fallbacks):
            return (
                f"{said}nearly all forms of at most {settings.max_complexity} nodes that lie near have been tried; "
                "raise max nodes or allow more operators."
            )
        return (
            f"{said}what is near the best is known; more exploration or a wider window leads away from it, "
            "a higher max nodes allows longer formulas."
        )
