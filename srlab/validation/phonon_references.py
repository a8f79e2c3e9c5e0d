"""Measured and PBE phonons to draw beside computed ones."""

import json
from functools import lru_cache
from pathlib import Path

# Frequencies at zone-boundary points of copper (THz): point -> branches, ascending. From Born-von Karman constants fitted to neutron scattering:
# R. M. Nicklow et al., Phys. Rev. 164, 922 (1967), 49 K.
PHONONS = {"Cu": {"X": (5.15, 5.15, 7.24), "L": (3.40, 3.40, 7.29), "K": (4.60, 5.87, 6.63), "U": (4.60, 5.87, 6.63)}}


@lru_cache(maxsize=1)
def pbe_phonons():
    """Element -> {source, segments} of the PBE dispersion computed for this project (segments as in `srlab.validation.properties.phonons`)."""
    return json.loads(Path(__file__).with_name("pbe_phonons.json").read_text(encoding="utf-8"))
