"""Data sets by name: the bundled ones, mixtures of them, and those of load-atoms."""

import os
from dataclasses import replace
from pathlib import Path

from srlab.datasets.dataset import Dataset
from srlab.datasets.identity import content_key
from srlab.datasets.reader import is_isolated_atom, read_raw
from srlab.datasets.sources import Reading, is_pattern, read_source
from srlab.errors import InputError, MissingExtra

DATA = Path(__file__).parent / "data"
DEFAULT = "cu-gpaw"
# Bundled sets only ever grow at their end, so what they were when something was found in them is their first frames.
RELEASES = {"cu-gpaw-v1": ("cu-gpaw", 195), "cu-gpaw-v2": ("cu-gpaw", 591)}
# Converged labels, and behind them the frames of an earlier set that have none yet, with the error of their labels.
MIXTURES = {f"{name}-mixed": (f"{name}-fine", name) for name in ("ag-gpaw", "al-gpaw", "cu-gpaw")}
# eV/atom, root mean square error of labels at 0.30 1/angstrom in cells of one, two, and more atoms. From fcc, bcc, hcp,
# sheared fcc and two disordered cells computed at several spacings; `tests/benchmarks/label_noise.py` compares what has
# labels of both.
KPOINT_ERROR = (0.008, 0.006, 0.004)
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
    source : str, path, ase.Atoms or list
        A bundled name ("cu-gpaw"), an earlier release of one ("cu-gpaw-v1", in which cu-sr1 was found;
        "cu-gpaw-v2"), a mixture ("ag-gpaw-mixed", "al-gpaw-mixed", "cu-gpaw-mixed", see :func:`mixture`), a file
        (extended XYZ, the output of a DFT code, any format ASE reads), a folder of such files, a pattern
        (``"runs/*/OUTCAR"``), or "load-atoms:NAME", such as "load-atoms:Cu-POET", which downloads with the load-atoms
        package; or a list of these. Or labelled frames themselves.
    split : str
        "stratified" by energy per atom, three frames in four train; "alternate", even index train and odd index
        test; "all".
    seed : int
        Of the stratified split.
    min_distance : float
        Leave out frames with atoms closer than this, angstrom.
    energy_key, forces_key : str
        What the labels are called, where the names that are known will not do or are several.

    Returns
    -------
    Dataset

    Raises
    ------
    InputError
        A name that does not exist, or data that cannot be used; the sentence names file, frame and remedy.
    MissingExtra
        A load-atoms name without the load-atoms package.
    """
    from ase import Atoms

    sources = list(source) if isinstance(source, (list, tuple)) else [source]
    if not sources:
        raise InputError("there are no data: give a bundled data set, a file or a folder")
    if all(isinstance(each, Atoms) for each in sources):
        return Dataset.from_frames(
            sources,
            split=split,
            seed=seed,
            min_distance=min_distance,
            energy_key=energy_key,
            forces_key=forces_key,
        )
    if strange := [type(each).__name__ for each in sources if not isinstance(each, (str, os.PathLike))]:
        raise InputError(
            "data are names, files, folders or frames (ase.Atoms), one or a list of one of these kinds, and not "
            f"{strange[0]}"
        )
    name = str(sources[0]) + (f" and {len(sources) - 1} more" if len(sources) > 1 else "")
    whole = read_sources(sources)
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


def read_sources(sources) -> Reading:
    """All frames of bundled data sets, files, folders and patterns, as they are there.

    Parameters
    ----------
    sources : list of str or path

    Returns
    -------
    Reading

    Raises
    ------
    InputError, MissingExtra
        As :func:`load_dataset` does.
    """
    whole = Reading()
    for one in sources:
        _add(str(one), whole)
    return whole


def _add(name, reading):
    """Read a name, file, folder or pattern into a `Reading`."""
    if name.startswith(_LOAD_ATOMS):
        frames = _load_atoms(name[len(_LOAD_ATOMS) :])
    elif name in RELEASES:
        whole, count = RELEASES[name]
        everything = read_raw(bundled_path(whole))
        atoms = [frame for frame in everything if is_isolated_atom(frame)]
        frames = atoms + [frame for frame in everything if not is_isolated_atom(frame)][:count]
    elif name in MIXTURES:
        frames = mixture(*(read_raw(bundled_path(part)) for part in MIXTURES[name]))
    elif name in bundled_names():
        frames = read_raw(bundled_path(name))
    elif not os.path.exists(os.path.expanduser(name)) and not Path(name).suffix and not is_pattern(name):
        there = ", ".join([*bundled_names(), *RELEASES, *MIXTURES])
        raise InputError(f"{name}: no such file, and no bundled data set of that name (bundled: {there})")
    else:
        return reading.extend(read_source(name))
    reading.frames += frames
    reading.places += [f"{name}, frame {k}" for k in range(len(frames))]
    reading.files.append((name, "extxyz", len(frames)))


def mixture(converged, earlier):
    """Frames with converged labels, and those of an earlier set whose structures are not among them.

    Parameters
    ----------
    converged, earlier : lists of ase.Atoms with labels of one code, functional and cutoff, which differ in their k
        points only, so that energies may stand side by side.

    Returns
    -------
    list of ase.Atoms. Those of the earlier set say in info energy_sigma (eV/atom) how far off their energies are,
    `KPOINT_ERROR` of their number of atoms; the others, whose error is below 1 meV/atom, say nothing.
    Stresses of the earlier set of copper have 0.9 GPa of tension more (its Pulay pressure was -0.7 GPa, not -1.6), so
    a mixture is for energies and forces.

    Raises
    ------
    InputError : the isolated atoms of the two sets differ by more than 1 meV, so the labels do not belong together.
    """
    atoms = [frame.get_potential_energy() for part in (converged, earlier) for frame in part if is_isolated_atom(frame)]
    if len(atoms) != 2 or abs(atoms[0] - atoms[1]) > 1e-3:
        raise InputError("two sets with different isolated atoms, or with none, cannot be mixed: use them one by one")
    known, rest = {content_key(frame) for frame in converged}, []
    for frame in earlier:
        if content_key(frame) not in known:
            frame.info["energy_sigma"] = KPOINT_ERROR[min(len(frame), len(KPOINT_ERROR)) - 1]
            rest.append(frame)
    return [*converged, *rest]


def _load_atoms(name):
    try:
        import load_atoms
    except ImportError:
        raise MissingExtra("load-atoms", "load-atoms", f"download the data set {name!r}") from None
    try:
        return list(load_atoms.load_dataset(name))
    except Exception as error:  # unknown name, no network, broken download: all the user's to solve
        raise InputError(f"load-atoms cannot load {name!r}: {type(error).__name__}: {error}") from None
