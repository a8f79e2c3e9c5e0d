import json

import pytest

from srlab.export import export
from srlab.potentials.load import load_potential


def test_both_ways(searched, frames, tmp_path):
    """Not one bit is lost, the taper, cutoff and offset are there, and the file is plain JSON."""
    path = tmp_path / "potential.json"
    export(searched, "json", path)
    data = json.loads(path.read_text())
    assert data["taper"] == {"kind": "smoothstep", "start": 4.5, "stop": 6.0} and data["offset"] == -0.123
    again = load_potential(path)
    for atoms in frames:
        energies = []
        for potential in (searched, again):
            atoms.calc = potential.calculator()
            energies.append(atoms.get_potential_energy())
        assert energies[0] == energies[1]


def test_a_candidate_keeps_its_provenance(tmp_path):
    class Candidate:
        def to_json(self):
            return {"id": "c7", "formulas": {}, "seed": 3, "loss": 0.01}

    path = tmp_path / "candidate.json"
    export(Candidate(), "json", path)
    assert json.loads(path.read_text())["seed"] == pytest.approx(3)
