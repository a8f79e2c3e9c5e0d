"""The content of files as people bring them: compressed or not, in UTF-8, with a byte order mark, or in Latin-1."""

import bz2
import gzip
import lzma
import zlib
from pathlib import Path

from srlab.errors import InputError

_COMPRESSED = {b"\x1f\x8b": gzip.decompress, b"\xfd7zXZ\x00": lzma.decompress, b"BZh": bz2.decompress}

_OPENERS = {b"\x1f\x8b": gzip.open, b"\xfd7zXZ\x00": lzma.open, b"BZh": bz2.open}


def read_bytes(path):
    """The bytes of a file, unpacked if it begins as gzip, xz or bzip2 files do, whatever its name.

    Raises
    ------
    InputError : the file cannot be read or unpacked.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from error
    for magic, unpack in _COMPRESSED.items():
        if data.startswith(magic):
            try:
                return unpack(data)
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
                raise InputError(f"{path} cannot be unpacked: it is cut off or damaged ({error})") from error
    return data


def read_head(path, count=20_000):
    """The first bytes of a file, unpacked as by :func:`read_bytes`; empty if it cannot be read or unpacked."""
    try:
        with open(path, "rb") as file:
            start = file.read(count)
        opener = next((_OPENERS[magic] for magic in _OPENERS if start.startswith(magic)), None)
        if opener is None:
            return start
        with opener(path) as file:
            return file.read(count)
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
        return b""


def decode(data):
    """Bytes as text: UTF-8 with or without a byte order mark, UTF-16 with one, else Latin-1, where any byte is a
    letter."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def read_text(path):
    """The text of a file, unpacked and decoded; lines end as they do in the file. InputError as :func:`read_bytes`."""
    return decode(read_bytes(path))
