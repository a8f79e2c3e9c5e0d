"""The labelled structures of files, folders and patterns, in one list, each with the place it comes from."""

import glob
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from srlab.datasets.codes import detect, read_steps
from srlab.datasets.cp2k import is_cp2k_positions, read_cp2k
from srlab.datasets.keys import base_name
from srlab.errors import InputError
from srlab.filetext import read_bytes, read_head

_ANY = re.compile(r"[*?\[]")
FAMILY_KEYS = ("family", "source", "config_type", "group")
MOST_FILES = 10_000
MOST_SENTENCES = 5  # on files that cannot be read
_LABEL = ("energy", "free_energy", "total_energy", "forces", "force", "energies")


@dataclass
class Reading:
    """What files gave.

    Attributes
    ----------
    frames : list of ase.Atoms, unchecked.
    places : for each, "file, frame 3".
    files : (path, ASE's name of its format, frames) of every file that was read.
    unconverged, incomplete : steps left out because their electrons had not converged; files cut off in the middle of a
        step.
    passed_over : files of folders that hold no labelled structures.
    unreadable : sentences on files of folders that cannot be read: one run that crashed does not stand in the way.
    """

    frames: list = field(default_factory=list)
    places: list = field(default_factory=list)
    files: list = field(default_factory=list)
    unconverged: int = 0
    incomplete: int = 0
    passed_over: list = field(default_factory=list)
    unreadable: list = field(default_factory=list)

    def extend(self, other):
        """Add what other files gave."""
        self.frames += other.frames
        self.places += other.places
        self.files += other.files
        self.passed_over += other.passed_over
        self.unreadable += other.unreadable
        self.unconverged += other.unconverged
        self.incomplete += other.incomplete

    def notes(self):
        """Sentences on what was left out."""
        found = []
        if self.unconverged:
            steps = "steps" if self.unconverged > 1 else "step"
            found.append(f"left out {self.unconverged} {steps} whose electrons had not converged")
        if self.incomplete:
            files = "1 file is" if self.incomplete == 1 else f"{self.incomplete} files are"
            found.append(f"{files} cut off or still written: read up to the last whole step")
        if self.passed_over:
            some = ", ".join(path.name for path in self.passed_over[:3])
            more = f" and {len(self.passed_over) - 3} more" if len(self.passed_over) > 3 else ""
            found.append(f"passed over {some}{more}: no structures with energies in them")
        found += self.unreadable[:MOST_SENTENCES]
        if len(self.unreadable) > MOST_SENTENCES:
            found.append(f"{len(self.unreadable) - MOST_SENTENCES} more files cannot be read")
        return found


def is_pattern(name):
    """Whether a name stands for files as a shell's patterns do."""
    return bool(_ANY.search(name))


def read_source(source):
    """All frames of a file, of what lies below a folder, of the files a pattern such as "runs/*/OUTCAR" stands for, or
    of several of these.

    In folders, files are told by their content, whatever their names; of a vasprun.xml and the OUTCAR beside it the
    first is read.

    Parameters
    ----------
    source : str or path-like, or a list of them.

    Returns
    -------
    Reading

    Raises
    ------
    InputError : there is no such file, or it cannot be read; a folder with nothing to read.
    """
    reading = Reading()
    for one in source if isinstance(source, (list, tuple)) else [source]:
        text = os.path.expanduser(str(one))
        names = [text]
        if not os.path.exists(text) and is_pattern(text):
            names = sorted(glob.glob(text, recursive=True))
            if not names:
                raise InputError(f"{text}: no file has a name of this pattern")
        for name in names:
            if os.path.isdir(name):
                _read_folder(Path(name), reading)
            else:
                _read_file(Path(name), reading, names != [text])
    return reading


def _read_file(path, reading, family):
    steps = read_file(path)
    for place, frame in zip(steps.places, steps.frames):
        if family and not any(key in frame.info for key in FAMILY_KEYS):
            frame.info["family"] = path.parent.name or path.stem
        reading.frames.append(frame)
        reading.places.append(f"{path}, frame {place}")
    reading.files.append((path, steps.format, len(steps.frames)))
    reading.unconverged += steps.unconverged
    reading.incomplete += steps.incomplete


def _read_folder(folder, reading):
    candidates, others = [], []
    for path in _files_below(folder):
        (candidates if detect(read_head(path), path.name) else others).append(path)
    read = []
    twins = {_twin(path) for path in candidates if "vasprun" in path.name.lower()}
    for path in candidates:
        if _is_part_of_another(path) or "outcar" in path.name.lower() and _twin(path) in twins:
            continue
        part = Reading()
        try:
            _read_with_twin(path, part)
        except InputError as error:
            # a file that is no XYZ file by its name may begin with a number for other reasons
            if detect(read_head(path), path.name) == "extxyz" and path.suffix not in (".xyz", ".extxyz"):
                others.append(path)
            else:
                reading.unreadable.append(str(error))
            continue
        if any(_is_labelled(frame) for frame in part.frames) or part.unconverged:
            read.append(path)
            reading.extend(part)
        else:
            others.append(path)
    if not read:
        if reading.unreadable:
            raise InputError(reading.unreadable[0])
        raise InputError(
            f"{folder} is a folder in which no file holds structures with energies: give the files by name, "
            "or say what they are in extended XYZ"
        )
    reading.passed_over += others


def _read_with_twin(path, reading):
    """Read a file or, if it is a vasprun.xml that cannot be read, the OUTCAR beside it."""
    try:
        _read_file(path, reading, True)
    except InputError:
        outcar = path.with_name(re.sub(r"(?i)vasprun(\.xml)?", "OUTCAR", path.name))
        if outcar == path or not outcar.is_file():
            raise
        _read_file(outcar, reading, True)


def _files_below(folder):
    """All files below a folder that are not hidden, by name; links to folders are not followed.

    Raises
    ------
    InputError : the folder is a whole disk, or holds more files than runs do.
    """
    if folder.resolve() == Path(folder.resolve().anchor):
        raise InputError(f"{folder} is a whole disk: give the folders of the runs in it")
    found = []
    for root, folders, names in os.walk(folder):  # which passes over what may not be read
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(root) / name for name in sorted(names) if not name.startswith(".")]
        if len(found) > MOST_FILES:
            raise InputError(f"{folder} holds more than {MOST_FILES} files: give the folders of the runs in it")
    return [path for path in found if os.path.isfile(path)]


def _twin(path):
    """The same for OUTCAR-03 and vasprun.xml-03 of one folder."""
    name = re.sub(r"(?i)outcar|vasprun(\.xml)?|\.(gz|xz|bz2)$", "", path.name)
    return path.parent, name


def _is_part_of_another(path):
    """Forces and cells of CP2K, which are read with their positions."""
    return bool(re.search(r"-(frc|vel)-\d+\.xyz$", path.name))


def _is_labelled(frame):
    names = {*frame.info, *frame.arrays, *(getattr(frame.calc, "results", None) or {})}
    return any(base_name(name)[1] in _LABEL for name in names)


def read_file(path):
    """The steps of one file as a `CodeSteps`; InputError when it is absent, empty or cannot be parsed."""
    path = Path(path)
    if not os.path.exists(path):  # unlike Path.exists, False for a name that is too long to be one
        raise InputError(f"{path}: no such file, and no bundled data set of that name")
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the files in it")
    if not path.is_file():
        raise InputError(f"{path} is no regular file: copy the frames into one first")
    data = read_bytes(path)
    if not data[:4096].strip():
        raise InputError(f"{path} is empty: it holds no frames")
    try:
        if is_cp2k_positions(path, data):
            return read_cp2k(path, data)
        return read_steps(path, data, detect(data, path.name))
    except InputError:
        raise
    except KeyError as error:  # ASE looks the species up in its table
        raise InputError(f"{path} has an atom of an unknown element {error}: correct the species column") from None
    except Exception as error:
        said = " ".join(str(error).split())
        raise InputError(
            f"{path} cannot be read as structures: {type(error).__name__}: "
            f"{said if len(said) < 300 else said[:297] + '...'}"
        ) from None
