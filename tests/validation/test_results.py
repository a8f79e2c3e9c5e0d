import json
from dataclasses import replace

import pytest

from srlab.errors import InputError
from srlab.potentials.published import published
from srlab.validation import groups, validate
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.results import Kept, fingerprint


@pytest.fixture
def counted(monkeypatch):
    """The groups that are computed, in order."""
    computed, original = [], groups.details

    def details(subject, group, *rest):
        computed.append(group)
        return original(subject, group, *rest)

    monkeypatch.setattr(groups, "details", details)
    return computed


def test_what_is_kept_is_not_computed_again(tmp_path, counted):
    first = validate("sutton-chen", "eos,elastic", keep=tmp_path)
    again = validate("sutton-chen", "elastic,eos,polymorphs", keep=tmp_path)
    assert counted == ["eos", "elastic", "polymorphs"]
    assert {name: again[name] for name in first} == first


def test_a_stop_between_two_groups_keeps_the_first(tmp_path, counted):
    def stop(done, total, text=""):
        if text == "elastic":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        validate("cleri-rosato", "eos,elastic", progress=stop, keep=tmp_path)
    card = validate("cleri-rosato", "eos,elastic", keep=tmp_path)
    assert counted == ["eos", "elastic"] and card["c11"]["value"] == pytest.approx(178.4, abs=0.5)


def test_potentials_of_one_name_and_quick_results_stay_apart(tmp_path, counted):
    potential = published("sutton-chen")
    other = replace(potential, offset=0.01)
    assert fingerprint(potential) == fingerprint(published("sutton-chen")) != fingerprint(other)
    for each, quick in ((potential, False), (other, False), (potential, True)):
        validate(each, "elastic", quick=quick, keep=tmp_path)
    assert len(counted) == 3 and len(list(tmp_path.iterdir())) == 3


def test_a_half_written_file_is_named_and_other_names_do_no_harm(tmp_path):
    potential = replace(published("sutton-chen"), name="../<b> out")
    kept = Kept(tmp_path, relaxed_crystal(potential))
    assert kept.folder.parent == tmp_path and kept.read("eos") is None
    kept.write("eos", {"values": {"lattice_constant": 3.6}, "warnings": {}})
    assert kept.read("eos")["values"] == {"lattice_constant": 3.6}
    (kept.folder / "eos.json").write_text(json.dumps({"values": {}})[:-1])
    with pytest.raises(InputError, match="eos.json cannot be read: remove it"):
        validate(potential, "eos", keep=tmp_path)


def test_a_file_is_no_folder_to_keep_results_in(tmp_path):
    (tmp_path / "there").write_text("")
    with pytest.raises(InputError, match="is a file"):
        validate("sutton-chen", "eos", keep=tmp_path / "there")
