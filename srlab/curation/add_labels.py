"""Add freshly labelled frames to a data set file, without ever mixing settings or keeping a structure twice.

    python -m srlab.curation.add_labels LABELS.extxyz [...]    adds to the sets of the labels' elements
    python -m srlab.curation.add_labels --set cu-gpaw-fine LABELS.extxyz    adds to this bundled set

Both renew the cards. The set of copper is cu-gpaw, that of silver ag-gpaw; where there is none yet, it is begun.
Extreme frames (:mod:`srlab.datasets.labelled_frames`) go to a set of their own (cu-gpaw-extreme), or nowhere while they
are fewer than ten.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from srlab.datasets.card import write_cards
from srlab.datasets.identity import content_key
from srlab.datasets.labelled_frames import compact, is_extreme
from srlab.datasets.library import DATA
from srlab.datasets.reader import is_isolated_atom, read_raw, screen
from srlab.errors import InputError


@dataclass(frozen=True)
class Added:
    """Of one file: frames added, frames that were there already, frames in the file now."""

    added: int
    duplicates: int
    total: int


def add_labels(target, sources, wanted=lambda frame: True):
    """Add the frames of label files to a data set file.

    Parameters
    ----------
    target : extended XYZ file; made when absent. It is replaced as a whole, so a kill leaves the old or the new
        one.
    sources : label files; a half-written last frame must have been cut off by the labeller or is an error.
    wanted : only frames for which this is true are added; the isolated atom always is.

    Returns
    -------
    Added

    Raises
    ------
    InputError : a source has frames made with other settings (dft_settings) than the target's, or without any; a frame
        cannot be used. Nothing is written then.
    """
    from ase.io import write

    target = Path(target)
    frames = screen(read_raw(target), str(target))[0] if target.exists() else []
    settings = {frame.info.get("dft_settings") for frame in frames}
    keys, added, duplicates = {content_key(frame) for frame in frames}, [], 0
    for source in sources:
        for index, frame in enumerate(screen(read_raw(source), str(source))[0]):
            if not (is_isolated_atom(frame) or wanted(frame)):
                continue
            made_with = frame.info.get("dft_settings")
            settings = settings or {made_with}
            if made_with is None or made_with not in settings:
                raise InputError(
                    f"{source}, frame {index}: labelled with {made_with!r}, not with "
                    f"{sorted(map(str, settings))[0]!r}; label it again, or keep it in a set of its own"
                )
            key = content_key(frame)
            if key in keys:
                duplicates += 1
                continue
            keys.add(key)
            added.append(compact(frame))
    # what was there keeps its place: earlier releases are the first frames (srlab.datasets.library)
    everything = sorted([compact(frame) for frame in frames] + added, key=lambda frame: not is_isolated_atom(frame))
    part = target.with_name(target.name + ".part")
    write(part, everything, format="extxyz")
    os.replace(part, target)
    return Added(len(added), duplicates, len(everything))


FEW = 10  # frames that are no set of their own yet


def add_to_bundled(sources, name=None, folder=None):
    """Add label files to the bundled sets of their elements.

    Parameters
    ----------
    sources : label files of one element each.
    name : of the set, for labels of one element at settings of their own; by default that of the element (cu-gpaw).
    folder : of the sets; default: the one srlab comes with.

    Returns
    -------
    dict : name of a set -> Added

    Raises
    ------
    InputError : a file with more than one element, files of several elements for one name, or what :func:`add_labels`
        refuses.
    """
    folder, by_element, found = Path(folder or DATA), {}, {}
    for source in sources:
        elements = sorted({symbol for frame in read_raw(source) for symbol in frame.get_chemical_symbols()})
        if len(elements) != 1:
            raise InputError(
                f"{source}: a bundled set has one element, and these are {', '.join(elements)}; take them apart"
            )
        by_element.setdefault(elements[0], []).append(source)
    if name and len(by_element) > 1:
        raise InputError(
            f"the set {name} has one element, and these are labels of {', '.join(by_element)}: add them apart"
        )
    for element, files in by_element.items():
        target = folder / f"{name or f'{element.lower()}-gpaw'}.extxyz"
        frames = [
            frame
            for file in ([target] if target.exists() else []) + files
            for frame in read_raw(file)
            if frame.pbc.any()
        ]
        extreme = is_extreme(min(frame.get_potential_energy() / len(frame) for frame in frames))
        found[target.stem] = add_labels(target, files, lambda frame, extreme=extreme: not extreme(frame))
        apart = folder / f"{target.stem}-extreme.extxyz"
        if (
            apart.exists()
            or sum(extreme(frame) and not is_isolated_atom(frame) for file in files for frame in read_raw(file)) >= FEW
        ):
            found[apart.stem] = add_labels(apart, files, extreme)
    return found


def main():
    """Add label files to bundled sets, and renew all cards."""
    parser = argparse.ArgumentParser(prog="python -m srlab.curation.add_labels", description=__doc__.splitlines()[0])
    parser.add_argument("labels", nargs="+", help="what srlab label wrote")
    parser.add_argument(
        "--set", dest="name", help="bundled set to add to; default: that of the element, such as cu-gpaw"
    )
    options = parser.parse_args()
    for name, added in add_to_bundled(options.labels, options.name).items():
        print(name, added)
    write_cards()


if __name__ == "__main__":
    main()
