"""In a worker, of this machine or of a Dask cluster: the functions that tasks are given to, each made once."""

from __future__ import annotations

import threading

from srlab.errors import InputError

_SETUPS: dict = {}
_CALLS: dict = {}


def learn(key: str, build, arguments) -> None:
    """Say what tasks with this key run with: `build(*arguments)` is called when the first of them comes, in each
    thread."""
    _SETUPS[key] = build, arguments


def forget(key: str) -> None:
    """No task with this key comes any more."""
    _SETUPS.pop(key, None)
    for mine in [each for each in list(_CALLS) if each[0] == key]:
        _CALLS.pop(mine, None)


def evaluate(key: str, task):
    """The result of a task. Raises InputError where the evaluator cannot be made, and what it raises itself."""
    mine = key, threading.get_ident()  # a worker may have several threads, and an evaluator counts what it does
    if mine not in _CALLS:
        build, arguments = _SETUPS[key]
        try:
            _CALLS[mine] = build(*arguments)
        except Exception as error:
            raise InputError(f"a worker cannot begin: {type(error).__name__}: {error}") from error
    return _CALLS[mine](task)
