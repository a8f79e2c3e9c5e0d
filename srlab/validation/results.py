"""Results of a validation kept in a folder, group by group, so that one that was stopped or killed goes on where it
was.

One folder serves for many potentials. FOLDER/NAME-DIGITS/GROUP.json holds what `srlab.validation.details` gave,
FOLDER/NAME-DIGITS/GROUP/ the logs of molecular dynamics, which resume by themselves; the digits are of the potential's
functions, so that two of one name stay apart, as do crystals of other structures than fcc.
"""

import hashlib
import json
import os
import re
from pathlib import Path

import numpy as np

from srlab.errors import InputError


class Kept:
    """What a folder keeps of one potential.

    Parameters
    ----------
    folder : path-like
        Made if need be.
    crystal : Crystal
        With a potential.
    quick : bool
        Quick results are kept apart.

    Raises
    ------
    InputError
        If the folder is a file, or the crystal is that of a bare calculator, whose results cannot be told from those of
        another.
    """

    def __init__(self, folder, crystal, quick=False):
        folder, potential = Path(folder).expanduser(), crystal.potential
        if potential is None:
            raise InputError(
                "results of a bare calculator are not kept: give a Potential, or no folder to keep results in"
            )
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{folder} is a file: give a folder to keep results in")
        name = re.sub(r"[^A-Za-z0-9.]+", "-", potential.name).strip("-.")[:40] or "potential"
        kind = "" if crystal.structure == "fcc" else f"-{_kind(crystal)}"
        self.folder = folder / f"{name}-{fingerprint(potential)[:8]}{kind}{'-quick' if quick else ''}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def logs(self, group):
        """Where a group may keep logs of its own."""
        return self.folder / group

    def read(self, group):
        """Details of a group as they were kept, or None. Raises InputError if the file cannot be read."""
        path = self.folder / f"{group}.json"
        try:
            details = json.loads(path.read_text(encoding="utf-8"))
            details["values"], details["warnings"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            raise InputError(f"{path} cannot be read: remove it, and the group is computed again") from None
        return details

    def write(self, group, details):
        """Keep the details of a group; a kill leaves the whole file or none."""
        path = self.folder / f"{group}.json"
        part = path.with_suffix(".part")
        part.write_text(json.dumps(details), encoding="utf-8")
        os.replace(part, path)


def _kind(crystal):
    """The structure, of a file with digits of its relaxed cell."""
    if crystal.cell is None:
        return crystal.structure
    place = np.round(np.vstack([crystal.cell.cell.array, crystal.cell.positions]), 3) + 0.0
    return f"{crystal.structure}-{hashlib.sha256(place.tobytes()).hexdigest()[:8]}"


def fingerprint(potential):
    """Sixteen hexadecimal digits that two potentials share only if their functions agree: from all of them on a grid,
    to eight digits.
    """
    r = np.linspace(0.3 * potential.cutoff, 0.999 * potential.cutoff, 60)
    with np.errstate(all="ignore"):
        densities = [values for values, _ in potential.densities(r)]
        embedding = potential.F(*(12 * np.abs(values) + 1e-9 for values in densities))[0]
    ranks = "".join(f" {each.name}" for each in potential.present(potential.template.moments))
    text = ranks + " ".join(
        f"{value:.8g}"
        for values in (potential.phi(r)[0], *densities, embedding, *(a for _, a, _ in potential.moments(r)))
        for value in np.broadcast_to(values, r.shape)
    )
    return hashlib.sha256(
        f"{potential.element} {potential.cutoff:.8g} {potential.offset:.8g} {text}".encode()
    ).hexdigest()[:16]
