"""Where things go: results to stdout, everything else to stderr; progress only where a terminal shows it."""

import json
import math
import shlex
import shutil
import sys
import textwrap
from contextlib import contextmanager
from pathlib import Path

from srlab.errors import InputError


def print_json(value) -> None:
    """One JSON value on stdout; a number that is not finite becomes null, since JSON has none."""
    print(json.dumps(_finite(value), indent=2, allow_nan=False))


def say(text: str) -> None:
    """Sentences on stdout, folded between words where a terminal would fold them inside one."""
    print(_folded(text, sys.stdout))


def note(text: str) -> None:
    """A line for the user, not for the next program; folded as what `say` prints."""
    print(_folded(text, sys.stderr), file=sys.stderr)


def _folded(text, stream):
    if not stream.isatty():
        return text
    width = max(shutil.get_terminal_size().columns, 40)
    return "\n".join(
        textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")
    )


def program() -> str:
    """How a person calls this program again: srlab where the shell finds it, else as it was called this time, such as
    .venv/bin/srlab."""
    called, found = Path(sys.argv[0]), shutil.which("srlab")
    if called.stem != "srlab" or not called.exists() or (found and Path(found).samefile(called)):
        return "srlab"
    return shlex.quote(str(called))


def notes_on(dataset) -> None:
    """Lines on what of the data is read under other names, left out or not used."""
    for sentence in dataset.notes:
        note(f"{dataset.name}: {sentence}")


def console(stderr: bool = False):
    """A rich console; where no terminal tells its width, tables get 120 columns."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else 120, highlight=False, soft_wrap=False)


@contextmanager
def busy(message: str):
    """A spinner with a message on stderr while something without steps runs."""
    with console(stderr=True).status(message) if sys.stderr.isatty() else _nothing():
        yield


@contextmanager
def bar(message: str):
    """A progress bar on stderr: yields advance(done, total, text)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(message),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total, text="": progress.update(task, completed=done, total=total, description=text)


def new_file(path: Path, force: bool) -> Path:
    """The path, once it is certain that it may be written. Raises InputError otherwise."""
    path = Path(path).expanduser()
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file in it")
    if path.exists() and not force:
        raise InputError(f"{path} exists already: choose another name, or add --force")
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}: make it first")
    return path


@contextmanager
def _nothing():
    yield


def _finite(value):
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
