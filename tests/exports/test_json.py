import json

from srlab.exports import export
from srlab.loading import load_potential
from srlab.potentials.candidate import Candidate


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


def test_a_candidate_keeps_its_provenance(searched, frames, tmp_path):
    """Errors, seed and fingerprint of a search result survive, and so does its energy."""
    candidate = Candidate(
        "c7",
        "Cu",
        "eam",
        searched.formulas,
        -0.123,
        6.0,
        4.5,
        searched.complexity,
        9,
        0.01,
        2.5,
        40.0,
        2.6,
        41.0,
        seed=3,
        fingerprint="abc",
    )
    path = tmp_path / "candidate.json"
    export(candidate, "json", path)
    data = json.loads(path.read_text())
    assert (data["seed"], data["fingerprint"], data["test_force_mae"]) == (3, "abc", 41.0)
    energies = []
    for potential in (searched, load_potential(path), load_potential(candidate)):
        frames[1].calc = potential.calculator()
        energies.append(frames[1].get_potential_energy())
    assert energies[0] == energies[1] == energies[2]
