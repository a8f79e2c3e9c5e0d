"""Label files: extended XYZ that only ever grows by whole frames, and survives a writer that was killed.

The promise: a frame is appended with one write and flushed to disk; a file whose last frame was cut off is shortened to
its last whole frame when it is opened again, so a kill costs the frame in progress and nothing else. One writer at a
time, guarded by a lock that the operating system drops when the writer dies.
"""

import hashlib
import io
import os
import re
from pathlib import Path

import numpy as np

from srlab.errors import InputError
from srlab.runs.journal import append
from srlab.runs.lock import hold

_COUNT = re.compile(rb"\s*(\d+)\s*")


def structure_key(atoms):
    """Twelve hexadecimal digits that name a structure: its species, cell (angstrom), positions (angstrom) and boundary
    conditions.

    Numbers are rounded to 1e-5 angstrom, so that a structure keeps its name through an extended XYZ file. Labels are
    matched to structures by this key, hence a queue may be reordered or lengthened between two runs of the labeller.
    """
    digest = hashlib.sha256()
    digest.update(np.asarray(atoms.numbers, dtype="<i4").tobytes())
    for block in (np.asarray(atoms.cell), atoms.positions):
        digest.update((np.round(block * 1e5).astype("<i8")).tobytes())
    digest.update(np.asarray(atoms.pbc, dtype="u1").tobytes())
    return digest.hexdigest()[:12]


def label_key(frame):
    """The name of the structure of a labelled frame: what its info says, or where that was read as a number, its
    structure_key.

    One of a hundred names has digits only, or digits around an e, and ASE reads those from a file as numbers.
    """
    said = frame.info.get("label_key")
    return said if isinstance(said, str) else structure_key(frame)


def frame_text(atoms):
    """The extended XYZ text (bytes) of one frame, numbers as ASE writes them."""
    from ase.io.extxyz import write_xyz

    buffer = io.StringIO()
    write_xyz(buffer, [atoms])
    return buffer.getvalue().encode()


def whole_length(data, name="file"):
    """Number of leading bytes of an extended XYZ file that hold whole frames.

    Parameters
    ----------
    data : bytes, the file's content.
    name : how to call the file in an error.

    Raises
    ------
    InputError : the file is not extended XYZ, or is damaged before its last frame (which is never repaired by cutting).
    """
    lines = data.split(b"\n")  # a last line without its newline is unfinished by definition
    complete = len(lines) - 1
    start, offset = 0, 0
    while start < complete:
        if not lines[start].strip() and not b"".join(lines[start:]).strip():
            return len(data)  # nothing but blank lines at the end
        match = _COUNT.fullmatch(lines[start])
        if match is None:
            raise InputError(
                f"{name}, line {start + 1}: expected the number of atoms of a frame, found "
                f"{lines[start][:40].decode(errors='replace')!r}; repair or move the file, nothing was overwritten"
            )
        end = start + int(match.group(1)) + 2
        if end > complete:
            return offset  # the last frame is cut off
        offset += sum(len(line) + 1 for line in lines[start:end])
        start = end
    return offset


class LabelFile:
    """An extended XYZ file opened for appending by one process.

    Parameters
    ----------
    path : the file; made, with its folder, when absent.

    Raises
    ------
    InputError : another process is writing the file, or it is damaged before its last frame.
    """

    def __init__(self, path):
        self.path = Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = hold(
                self.path.with_name(f".{self.path.name}.lock"),
                f"{self.path} is being written by another process: wait for it, or choose another output file",
            )
        except OSError as error:
            raise InputError(f"{self.path} cannot be written: {error.strerror}") from error
        try:
            self._handle = open(self.path, "a+b", buffering=0)
        except OSError as error:
            self._lock.release()
            raise InputError(f"{self.path} cannot be written: {error.strerror}") from error
        self._handle.seek(0)
        data = self._handle.read()
        try:
            keep = whole_length(data, str(self.path))
        except InputError:
            self.close()
            raise
        self.cut_off = keep < len(data)
        if self.cut_off:
            self._handle.truncate(keep)

    def frames(self):
        """All whole frames of the file, a list of ase.Atoms."""
        from ase.io import read

        return read(self.path, ":", format="extxyz") if self.path.stat().st_size else []

    def append(self, atoms):
        """Write one frame and wait until it is on disk. Raises InputError where the disk is full; the frames before it
        are safe.
        """
        try:
            append(self._handle, frame_text(atoms))
            os.fsync(self._handle.fileno())
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be written ({error.strerror}): free some space, and the same command goes on"
            ) from error

    def close(self):
        """Release the file and its lock."""
        self._handle.close()
        self._lock.release()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()
