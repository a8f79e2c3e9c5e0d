"""Damaged journals: every reader gives what is whole, or one sentence; the file keeps what it had."""

import json
import math
import random
import shutil

import pytest
from ase.io import write
from hypothesis import given
from hypothesis import strategies as st

from srlab.datasets import load_dataset
from srlab.errors import InputError
from srlab.potentials import load_potential
from srlab.runs.folder import RunFolder
from srlab.runs.journal import JournalReader
from srlab.runs.view import RunView
from srlab.search.driver import Driver
from srlab.search.resume import settings_of
from srlab.search.search import Search
from srlab.search.worker import continue_run
from tests.cli.conftest import labelled, structures
from tests.fuzz.conftest import cases, command


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """(folder of a run whose journal each case writes over, lines of the journal while it was good)"""
    folder = tmp_path_factory.mktemp("fuzz")
    write(folder / "frames.extxyz", labelled(structures(8)))
    search = Search(load_dataset(folder / "frames.extxyz"), folder / "run", evaluations=400, workers=1, seed=3)
    search.inject("phi = 900.0*exp(-3.5*r); f = exp(-2.1*r); F = -25.0*sqrt(rho)")
    continue_run(search.run)
    lines = (search.run / "journal.jsonl").read_bytes().splitlines(keepends=True)
    more = [
        {"event": "flag", "t": 1.0, "node": 1, "flag": "boost"},
        {"event": "command", "t": 1.0, "command": {"name": "set", "max_complexity": 40}},
        {"event": "command", "t": 1.0, "command": {"name": "pin", "candidate": "c1"}},
        {"event": "error", "t": 1.0, "message": "none"},
        {"event": "rescore", "t": 1.0, "nodes": {"1": 0.5}, "candidates": {"c1": 0.5}},
    ]
    return search.run, [*lines[:-2], *(json.dumps(event).encode() + b"\n" for event in more), *lines[-2:]]


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from(
        [
            10**18,
            -(10**18),
            10**400,
            math.nan,
            math.inf,
            -math.inf,
            1e308,
            0.5,
            "",
            "x",
            "5",
            [],
            {},
            [[]],
            {"a": 1},
            ["c0", 5],
            [1e308] * 3,
            "r",
            "exp(",
            {"pair": "r"},
            {"pair": 5, "density": [], "embedding": None},
            "\ud800",
            "../x",
            "died",
            "set",
            "pin",
            "node",
        ]
    ),
)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("value"), st.integers(0), st.integers(0), JUNK),
        st.tuples(st.just("value"), st.integers(0), st.integers(0), JUNK),
        st.tuples(st.just("key"), st.integers(0), st.integers(0), st.none()),
        st.tuples(st.just("cut"), st.integers(0), st.none(), st.none()),
        st.tuples(st.just("byte"), st.integers(0), st.integers(0, 255), st.none()),
        st.tuples(st.just("drop"), st.integers(0), st.none(), st.none()),
        st.tuples(st.just("double"), st.integers(0), st.integers(0), st.none()),
        st.tuples(
            st.just("line"),
            st.integers(0),
            st.none(),
            st.one_of(
                st.binary(max_size=30),
                st.sampled_from(
                    [
                        b"[" * 5000,
                        b"{}",
                        b"null",
                        b'{"event":[]}',
                        b'{"event":"node"}',
                        b'{"event":"candidate","candidate":{}}',
                        b'{"event":"start"}',
                        b'{"event":"later","x":1}',
                        b'{"event":"status","t":-1}',
                    ]
                ),
            ),
        ),
    ),
    min_size=1,
    max_size=4,
)


def places(value, found):
    """(container, key) of everything in a JSON value."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        found.append((value, key))
        if isinstance(inner, (dict, list)):
            places(inner, found)
    return found


def damaged(lines, changes):
    lines = list(lines)
    # half of the accidents happen to the kinds of events of which there are few
    rare = [
        k
        for kind in (b"start", b"reference", b"status", b"front", b"flag", b"command", b"rescore", b"finish", b"error")
        for k, line in enumerate(lines)
        if line.startswith(b'{"event":"' + kind) or line.startswith(b'{"event": "' + kind)
    ]
    for kind, where, what, junk in changes:
        line = (random.Random(where).choice(rare) if where % 2 else where) % max(len(lines), 1)
        if kind in ("value", "key"):
            try:
                event = json.loads(lines[line])
            except (ValueError, IndexError, RecursionError):
                continue
            if not isinstance(event, dict) or not event:
                continue
            spots = places(event, [])
            inside, key = spots[what % len(spots)]
            if kind == "key":
                del inside[key]
            else:
                inside[key] = junk
            lines[line] = json.dumps(event).encode() + b"\n"
        elif kind == "cut":
            data = b"".join(lines)
            lines = data[: where % (len(data) + 1)].splitlines(keepends=True)
        elif kind == "byte" and lines:
            data = bytearray(lines[line])
            data[where % len(data)] = what
            lines[line] = bytes(data)
        elif kind == "drop" and lines:
            del lines[line]
        elif kind == "double" and lines:
            lines.insert(what % len(lines), lines[line])
        elif kind == "line":
            lines.insert(line, junk + b"\n")
    return b"".join(lines)


@cases(30)
@given(st.integers(0))
def test_a_cut_at_any_byte_costs_the_line_it_is_in(whole, where):
    run, lines = whole
    data = b"".join(lines)
    cut = data[: where % (len(data) + 1)]
    (run / "journal.jsonl").write_bytes(cut)
    assert len(JournalReader(run / "journal.jsonl").read()) == cut.count(b"\n")
    try:
        search = Search.attach(run)
    except InputError as error:
        assert "damaged" in str(error) and not cut.count(b"\n")
    else:
        assert len(search.candidates) == len(
            {
                json.loads(line)["candidate"]["id"]
                for line in cut.splitlines()[: cut.count(b"\n")]
                if line.startswith(b'{"event":"candidate"')
            }
        )
    assert (run / "journal.jsonl").read_bytes() == cut


@cases(36)
@given(CHANGES)
def test_readers_of_a_damaged_journal(whole, changes):
    run, lines = whole
    content = damaged(lines, changes)
    (run / "journal.jsonl").write_bytes(content)
    for arguments in (["front", run], ["front", run, "--json", "--all"]):
        code, out, err = command(*arguments)
        assert code == 0 and out or code == 2 and err.startswith("srlab: ") and err.count("\n") == 1, (code, err)
        assert code or "--json" not in arguments or isinstance(json.loads(out), list)
    try:
        search = Search.attach(run)
        assert search.state and search.front is not None and search.settings
    except InputError as error:
        assert str(error)
    try:
        load_potential(f"{run}#c1")
    except InputError as error:
        assert str(error)
    assert (run / "journal.jsonl").read_bytes() == content


@cases(10)
@given(CHANGES)
def test_a_damaged_journal_goes_on_or_is_refused_and_loses_nothing(whole, changes):
    run, lines = whole
    content = damaged(lines, changes)
    (run / "journal.jsonl").write_bytes(content)
    try:
        before = JournalReader(run / "journal.jsonl").read()
        known = max(
            [
                event["evaluations"]
                for event in before
                if event.get("event") == "status" and isinstance(event.get("evaluations"), int)
            ],
            default=0,
        )
        if known > 10**6:
            return
        continue_run(run, budget={"evaluations": max(known, 0) + 20})
    except InputError as error:
        assert str(error)
    kept = content[: content.rfind(b"\n") + 1]
    after = (run / "journal.jsonl").read_bytes()
    assert after.startswith(kept)
    assert all(json.loads(line) for line in after[len(kept) :].splitlines() if after != content)


@cases(20)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=60),
            st.dictionaries(
                st.sampled_from(
                    ["name", "node", "count", "text", "candidate", "evaluations", "operators", "targets", "x"]
                ),
                st.one_of(
                    JUNK,
                    st.sampled_from(["pause", "resume", "step", "set", "boost", "inject", "stop", "prune", "release"]),
                ),
                max_size=4,
            ),
        ),
        max_size=4,
    )
)
def test_any_commands_are_obeyed_or_refused(whole, commands):
    """Commands come from a file, too: what is no command is answered with an error event, and the search goes on."""
    run, lines = whole
    folder = RunFolder(run.with_name("commanded"))
    shutil.rmtree(folder.path, ignore_errors=True)
    folder.path.mkdir()
    folder.journal.write_bytes(b"".join(lines))
    folder.commands.write_bytes(
        b"\n".join(each if isinstance(each, bytes) else json.dumps(each).encode() for each in commands) + b"\n"
    )
    known = RunView(folder.events())
    driver = Driver(folder, RunFolder(run).dataset(known.start), settings_of(known), known)
    driver.pool = driver._open_pool()
    for each in JournalReader(folder.commands).read():
        driver._obey(each)
    driver.writer.close()
    assert all(json.loads(line) for line in folder.journal.read_bytes().splitlines())
