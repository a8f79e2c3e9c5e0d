"""The journal survives what processes die of."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srlab.errors import InputError
from srlab.runs.journal import JournalReader, JournalWriter


def test_events_come_back_in_order_and_once(tmp_path):
    writer, reader = JournalWriter(tmp_path / "j"), JournalReader(tmp_path / "j")
    writer.append({"event": "a"})
    assert reader.read() == [{"event": "a"}]
    writer.append({"event": "b", "x": 1.5})
    writer.append({"event": "c"})
    assert [event["event"] for event in reader.read()] == ["b", "c"]
    assert reader.read() == []


def test_a_half_written_line_waits_for_its_end(tmp_path):
    path = tmp_path / "j"
    path.write_bytes(b'{"event":"a"}\n{"event":"b"')
    reader = JournalReader(path)
    assert [event["event"] for event in reader.read()] == ["a"]
    with open(path, "ab") as file:
        file.write(b',"t":1}\n')
    assert reader.read() == [{"event": "b", "t": 1}]


@pytest.mark.parametrize("tail", [b"", b"{", b'{"event":"b"', b"x" * 10000])
def test_a_writer_cuts_off_what_was_half_written(tmp_path, tail):
    path = tmp_path / "j"
    path.write_bytes(b'{"event":"a"}\n' + tail)
    JournalWriter(path).append({"event": "c"})
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["a", "c"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_an_exception(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("journal") / "j"
    path.write_bytes(data + b'\n{"event":"end"}\n')
    assert JournalReader(path).read()[-1] == {"event": "end"}


def test_a_missing_journal_is_empty_and_a_folder_that_is_gone_is_explained(tmp_path):
    assert JournalReader(tmp_path / "none").read() == []
    with pytest.raises(InputError, match="cannot be written"):
        JournalWriter(tmp_path / "gone" / "j")


def test_a_full_disk_is_one_clear_sentence():
    writer = JournalWriter("/dev/full")
    with pytest.raises(InputError, match="cannot be written .*free some space and resume"):
        writer.append({"event": "a"})
