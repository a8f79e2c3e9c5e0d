"""Export as JSON: the candidate with its provenance, or the potential. `load_potential` reads both back."""

import json

from srlab.exports.result import as_formula_potential, write_text
from srlab.potentials.serialise import potential_to_json


def write(potential, path, overwrite=False):
    """Write a candidate or a potential of formulas as one JSON object.

    See `srlab.exports.export` for what it raises.
    """
    if callable(getattr(potential, "to_json", None)):
        data = potential.to_json()  # a Candidate: keep its losses, seed and fingerprint
    else:
        data = potential_to_json(as_formula_potential(potential, "json"))
    return write_text(path, json.dumps(data, indent=2, ensure_ascii=False) + "\n", overwrite)
