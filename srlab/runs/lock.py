"""Locks between processes. They die with the process that holds them, however it ends."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from srlab.errors import InputError

PATIENCE = 0.5  # seconds: who only looks whether a lock is held holds it for a moment


def _lock(path: Path, timeout: float) -> FileLock:
    # without the fallback, whose marker files outlive a process that was killed
    return FileLock(path, timeout=timeout, thread_local=False, fallback_to_soft=False)


def hold(path: Path, busy: str) -> FileLock:
    """The lock of a file, which is made where it is missing, held until its `release()`.

    Raises InputError with the sentence `busy` while another process, or another lock of this one, holds it; OSError
    where the file cannot be made.
    """
    lock = _lock(path, PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        raise InputError(busy) from None
    return lock


def held(path: Path) -> bool:
    """Whether somebody holds the lock of a file."""
    if not path.exists():
        return False
    lock = _lock(path, 0)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError:  # a file that we may not write in is not held by us either
        return False
    lock.release()
    return False
