"""A run done again: the same data, seed and settings, and the person's commands obeyed after as many playouts as they
were then.

Every command in a journal says how many playouts had been begun when it was obeyed. With one worker that fixes all that
follows, so the replay finds the same candidates, whatever the clock did. Several workers bring their playouts back in
another order each time.
"""

from __future__ import annotations

from dataclasses import dataclass

from srlab.errors import InputError
from srlab.runs import events
from srlab.runs.view import RunView


class Script:
    """Commands with the number of playouts after which each is due.

    commands : list of (playouts, command); until : playouts after which the run is over, None leaves that to its
    budget.
    """

    def __init__(self, commands, until: int | None = None):
        self._commands, self._until = list(commands), until

    @classmethod
    def of(cls, known: RunView) -> Script | None:
        """What is left of the script of a run; None for a run that is no replay."""
        script = known.start.get("script")
        return None if script is None else cls(script[len(known.commands) :], known.start.get("until"))

    def waits(self, playouts: int) -> bool:
        """Whether a command is due."""
        return bool(self._commands) and self._commands[0][0] <= playouts

    def due(self, playouts: int) -> list[dict]:
        """The commands that are due, in order; each is given once."""
        found = []
        while self.waits(playouts):
            found.append(self._commands.pop(0)[1])
        return found

    def over(self, playouts: int, state: str) -> bool:
        """Whether the run that is replayed went no further; a pause that no command ends is an end, too."""
        return not self.waits(playouts) and (self._until is not None and playouts >= self._until or state == "paused")


@dataclass(frozen=True)
class Recording:
    """What of a journal can be replayed.

    commands : [playouts, command] in order; playouts, evaluations : made until the run's first end; taken_up : whether
    it went on after that; workers : how many it had.
    """

    commands: list
    playouts: int | None
    evaluations: int
    taken_up: bool
    workers: int

    @property
    def remark(self) -> str:
        """What a reader must know about the replay, or ""."""
        parts = []
        if self.workers > 1:
            parts.append(
                f"the run had {self.workers} workers, whose playouts come back in another order each time: the "
                "commands are the same, the front need not be"
            )
        if self.taken_up:
            parts.append(
                f"the run was taken up again later: the replay ends where it first ended, after {self.evaluations:,} "
                "evaluations"
            )
        return "; ".join(parts)


def recording(journal: list[events.Event], run) -> Recording:
    """Read the commands of a journal. Raises InputError where they do not say when they were obeyed, or the run
    began as a fork."""
    start, *rest = journal
    if not isinstance(start, events.Start):
        raise InputError(f"{run}: its journal does not begin as that of a search, so it cannot be replayed")
    if start.trees is not None:
        raise InputError(
            f"{run} is a search on islands, whose trees can be replayed one by one: {run}/tree-0 is the first"
        )
    if start.forked_from is not None:
        raise InputError(f"{run} began with what another run knew: replay that run instead")
    commands, playouts, evaluations, ended, taken_up = [], None, 0, False, False
    for event in rest:
        if (
            isinstance(event, events.Resumed)
            or ended
            and isinstance(event, (events.Node, events.Visit, events.Candidate, events.Command))
        ):
            taken_up = True
            break
        if isinstance(event, (events.Status, events.Finish)):
            playouts = playouts if event.playouts is None else event.playouts
            evaluations, ended = event.evaluations, isinstance(event, events.Finish)
        elif isinstance(event, events.Command):
            if event.playouts is None:
                raise InputError(
                    f"{run} was made by a version whose journal does not say after how many playouts a command was "
                    "obeyed: it cannot be replayed"
                )
            # the clock of then is not the clock of now
            command = {
                key: value for key, value in event.command.items() if event.command["name"] != "set" or key != "seconds"
            }
            if command != {"name": "set"}:
                commands.append([event.playouts, command])
    workers = 2 if start.settings.get("scheduler") else start.settings.get("workers", 1)
    return Recording(commands, playouts, evaluations, taken_up, workers)
