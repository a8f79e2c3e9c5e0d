"""Data sets by name: the bundled ones, and those of load-atoms."""

import os
from dataclasses import replace
from pathlib import Path

from srlab.datasets.dataset import Dataset
from srlab.datasets.reader import is_isolated_atom, read_raw
from srlab.datasets.sources import Reading, is_pattern, read_source
from srlab.errors import InputError, MissingExtra

DATA = Path(__file__).parent / "data"
DEFAULT = "cu-gpaw"
# Bundled sets only ever grow at their end, so what they were when something was found in them is their first frames.
RELEASES = {"cu-gpaw-v1": ("cu-gpaw", 195), "cu-gpaw-v2": ("cu-gpaw", 591)}
_LOAD_ATOMS = "load-atoms:"


def bundled_names():
    """Names of the data sets that come with srlab."""
    return sorted(path.stem for path in DATA.glob("*.extxyz"))


def bundled_path(name=DEFAULT):
    """The extended XYZ file of a bundled data set; InputError for an unknown name."""
    if name not in bundled_names():
        raise InputError(f"no bundled data set {name!r}: there is {', '.join(bundled_names())}")
    return DATA / f"{name}.extxyz"


def load_dataset(source=DEFAULT, split="stratified", seed=0, min_distance=None, energy_key=None, forces_key=None):
    """Load labelled frames and split them.

    Parameters
    ----------
    source : a bundled name ("cu-gpaw"), an earlier release of one ("cu-gpaw-v1", in which cu-sr1 was found; "cu-gpaw-v2"), a file
        (extended XYZ, the output of a DFT code, any format ASE reads), a folder of such files, a pattern ("runs/*/OUTCAR"), or
        "load-atoms:NAME", such as "load-atoms:Cu-POET", which downloads with the load-atoms package; or a list of these.
    split : "stratified" by energy per atom, three frames in four train; "alternate", even index train and odd index test; "all".
    seed : of the stratified split.
    min_distance : leave out frames with atoms closer than this, angstrom.
    energy_key, forces_key : what the labels are called, where the names that are known will not do or are several.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError : a name that does not exist, or data that cannot be used; the sentence names file, frame and remedy.
    MissingExtra : a load-atoms name without the load-atoms package.
    """
    sources = list(source) if isinstance(source, (list, tuple)) else [source]
    if not sources:
        raise InputError("there are no data: give a bundled data set, a file or a folder")
    name = str(sources[0]) + (f" and {len(sources) - 1} more" if len(sources) > 1 else "")
    whole = Reading()
    for one in sources:
        _add(str(one), whole)
    places = whole.places if len(whole.files) > 1 or whole.unconverged else None
    dataset = Dataset.from_frames(
        whole.frames,
        name,
        split=split,
        seed=seed,
        min_distance=min_distance,
        energy_key=energy_key,
        forces_key=forces_key,
        places=places,
    )
    return replace(dataset, notes=(*whole.notes(), *dataset.notes))


def _add(name, reading):
    """Read a name, file, folder or pattern into a `Reading`."""
    if name.startswith(_LOAD_ATOMS):
        frames = _load_atoms(name[len(_LOAD_ATOMS) :])
    elif name in RELEASES:
        whole, count = RELEASES[name]
        everything = read_raw(bundled_path(whole))
        atoms = [frame for frame in everything if is_isolated_atom(frame)]
        frames = atoms + [frame for frame in everything if not is_isolated_atom(frame)][:count]
    elif name in bundled_names():
        frames = read_raw(bundled_path(name))
    elif not os.path.exists(os.path.expanduser(name)) and not Path(name).suffix and not is_pattern(name):
        raise InputError(
            f"{name}: no such file, and no bundled data set of that name (bundled: {', '.join([*bundled_names(), *RELEASES])})"
        )
    else:
        return reading.extend(read_source(name))
    reading.frames += frames
    reading.places += [f"{name}, frame {k}" for k in range(len(frames))]
    reading.files.append((name, "extxyz", len(frames)))


def _load_atoms(name):
    try:
        import load_atoms
    except ImportError:
        raise MissingExtra("load-atoms", "load-atoms", f"download the data set {name!r}") from None
    try:
        return list(load_atoms.load_dataset(name))
    except Exception as error:  # unknown name, no network, broken download: all the user's to solve
        raise InputError(f"load-atoms cannot load {name!r}: {type(error).__name__}: {error}") from None
