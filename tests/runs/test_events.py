"""What counts as an event: the schema states every field once, old journals are read with it, and what fits it not
is passed over."""

import json
import math

import pytest

from srlab.runs import events

NODE = {"event": "node", "t": 1.5, "id": 3, "parent": 1, "depth": 2, "move": "expand", "loss": 0.5, "playouts": 1}
STATUS = {"event": "status", "t": 2.0, "state": "running", "evaluations": 9, "rate": 1, "nodes": 3, "candidates": 1}
DATA = {"name": "cu", "fingerprint": "f", "frames": 4, "train": 3, "test": 1}


def parse(event):
    return events.parse(json.dumps(event).encode())


def test_what_is_written_is_read_again(tmp_path):
    written = [
        events.Start(settings={"seed": 3}, dataset=events.Data(**DATA), seed=3, trees=2),
        events.root(),
        events.Node(id=1, parent=0, depth=1, move="seed", loss=0.5, playouts=1, vector=[0.25], formulas={"pair": "r"}),
        events.Visit(node=1, playouts=1, best=0.25, form="a*r", t=1.5),
        events.Candidate(candidate={"id": "c0", "loss": 0.5}),
        events.Front(ids=["c0"]),
        events.Command(command={"name": "set", "targets": [["c44", 80.0, 1.0]]}, playouts=4),
        events.Rescore(nodes={1: 0.75}, candidates={"c0": 0.75}),
        events.Recount(nodes={1: 12}, candidates={"c0": 12}, references={"GP1": 30}),
        events.Checkpoint(rng={"state": {"state": 2**127 + 1}}, seeds=[[0.5]], queue=[]),
        events.Flag(node=1, flag=None),
        events.Epoch(tree=1, seconds=0.5),
        events.Finish(state="finished", evaluations=9, seconds=1.5, playouts=4),
    ]  # fmt: skip
    writer = events.writer(tmp_path / "journal")
    writer.append(*written)
    assert events.reader(tmp_path / "journal").read() == written
    assert all(b"null" not in line for line in (tmp_path / "journal").read_bytes().splitlines()[3:10])


def test_fields_with_their_default_are_left_out():
    assert events.to_json(events.Visit(node=1, playouts=2, t=0.5)) == {
        "event": "visit",
        "t": 0.5,
        "node": 1,
        "playouts": 2,
    }


def test_lines_of_older_versions_are_read():
    assert parse({"event": "stretch", "t": 1.0, "tree": 2, "seconds": 0.5, "nodes": 3}) == events.Epoch(
        t=1.0, tree=2, seconds=0.5
    )
    old = {**NODE, "candidate": None, "score": None, "window": None, "label": ""}
    assert parse(old) == parse(NODE)


@pytest.mark.parametrize(
    "event",
    [
        {**NODE, "parent": 3},
        {**NODE, "id": -1},
        {**NODE, "loss": -0.5},
        {**NODE, "loss": math.inf},
        {**NODE, "playouts": True},
        {**NODE, "vector": [0.5, "x"]},
        {**NODE, "formulas": {"pair": 5}},
        {**STATUS, "t": -1.0},
        {**STATUS, "evaluations": 10**18},
        {**STATUS, "rate": None},
        {"event": "candidate", "candidate": {"loss": 1.0}},
        {"event": "candidate", "candidate": []},
        {"event": "command", "command": {}},
        {"event": "command", "command": {"name": "pin"}},
        {"event": "rescore", "nodes": {"x": 0.5}, "candidates": {}},
        {"event": "start", "settings": {}, "dataset": {"name": "cu"}},
        {"event": "of a newer version"},
        {"event": ["node"]},
        {},
        [],
        None,
    ],
)
def test_what_does_not_fit_is_passed_over(event):
    assert parse(event) is None


@pytest.mark.parametrize("line", [b"", b"{", b"[" * 5000, b'{"event":"error","message":"\xff"}', b"\x00"])
def test_what_is_no_json_is_passed_over(line):
    assert events.parse(line) is None
