"""Measured and PBE phonons to draw beside computed ones."""

import json
from functools import lru_cache
from pathlib import Path

# Frequencies at zone-boundary points of copper (THz): point -> branches, ascending. From Born-von Karman constants
# fitted to neutron scattering:
# R. M. Nicklow et al., Phys. Rev. 164, 922 (1967), 49 K.
PHONONS = {"Cu": {"X": (5.15, 5.15, 7.24), "L": (3.40, 3.40, 7.29), "K": (4.60, 5.87, 6.63), "U": (4.60, 5.87, 6.63)}}

PHONON_STRUCTURES = {"Cu": "fcc"}
"""Which crystal of an element these are of."""


@lru_cache(maxsize=1)
def pbe_phonons():
    """Element -> {source, segments} of the PBE dispersion computed for this project (segments as in
    `srlab.validation.properties.phonons`)."""
    return json.loads(Path(__file__).with_name("pbe_phonons.json").read_text(encoding="utf-8"))


def phonon_reference(element, structure):
    """{measured: {point: frequencies (THz)}, segments: of the PBE dispersion}, both empty where there is none for this
    crystal."""
    if structure != PHONON_STRUCTURES.get(element):
        return {"measured": {}, "segments": []}
    return {"measured": PHONONS.get(element, {}), "segments": pbe_phonons().get(element, {}).get("segments", [])}
