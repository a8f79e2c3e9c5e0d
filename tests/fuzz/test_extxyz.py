"""Damaged files of labelled structures: a data set, or one sentence that names the file."""

import io
import warnings
from pathlib import Path

import numpy as np
import pytest
from ase.io import write
from hypothesis import given
from hypothesis import strategies as st

from srlab.datasets import Dataset, load_dataset
from srlab.errors import InputError
from srlab.sampling.labelfile import LabelFile, whole_length
from tests.cli.conftest import labelled, structures
from tests.fuzz.conftest import cases


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """(a file that is written over by each case, its content while it was good)"""
    buffer = io.StringIO()
    write(buffer, labelled(structures(4)), format="extxyz")
    return tmp_path_factory.mktemp("fuzz") / "frames.extxyz", buffer.getvalue().encode()


WORDS = [
    b"nan",
    b"inf",
    b"-inf",
    b"1e400",
    b"999999999",
    b"99999999999999999999",
    b"-1",
    b"0",
    b"1.5",
    b"Xx",
    b"Cu",
    b"",
    b"\x00",
    b"\xff",
    b"\xc3\xa9",
    b'"',
    b"T",
    b"F F F",
    b"Properties=species:S:1:pos:R:3",
    b"Properties=species:S:1:pos:R:3:forces:R:3:forces:R:3",
    b"Properties=pos:R:3",
    b"Properties=species:S:1:pos:R:999999999",
    b"Properties=species:S:1:pos:I:3:forces:L:3",
    b"Properties=",
    b'Lattice="1 0 0 0 1 0 0 0"',
    b'Lattice="0 0 0 0 0 0 0 0 0"',
    b'Lattice="1e-9 0 0 0 1e-9 0 0 0 1e-9"',
    b'Lattice="1e9 0 0 0 1e9 0 0 0 1e9"',
    b'Lattice="1e-5 0 0 0 1e-5 0 0 0 1e6"',
    b'Lattice="4 0 0 4 1e-4 0 0 0 4"',
    b"1e300",
    b"1e12",
    b'Lattice="1e300 0 0 0 1e300 0 0 0 1e300"',
    b"energy=abc",
    b'energy="1 2 3"',
    b"energy=1e400",
    b"energy=T",
    b"energy={}",
    b'pbc="T F"',
    b"pbc=5",
    b"stress=5",
    b'stress="a b c"',
    b"config_type=isolated_atom",
    b"family=isolated-atom",
    b"free_energy=1",
    b"energy=",
    b"=",
    b"a=[[1,2],[3]]",
    b"H" * 100,
    b"Lattice",
]
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("byte"), st.integers(0, 10**6), st.integers(0, 255)),
        st.tuples(st.just("cut"), st.integers(0, 10**6), st.just(0)),
        st.tuples(st.just("double"), st.integers(0, 100), st.just(0)),
        st.tuples(st.just("drop"), st.integers(0, 100), st.just(0)),
        st.tuples(st.just("blank"), st.integers(0, 100), st.just(0)),
        st.tuples(st.just("column"), st.integers(0, 100), st.integers(0, 8)),
        st.tuples(st.just("word"), st.integers(0, 100), st.tuples(st.integers(0, 12), st.sampled_from(WORDS))),
        st.tuples(st.just("first"), st.integers(0, 3), st.sampled_from(WORDS)),
    ),
    min_size=1,
    max_size=4,
)


def damaged(data, changes):
    """The file after some accidents."""
    for kind, where, what in changes:
        lines = data.split(b"\n")
        line = where % len(lines)
        words = lines[line].split()
        if kind == "byte" and data:
            where %= len(data)
            data = data[:where] + bytes([what]) + data[where + 1 :]
            continue
        if kind == "cut":
            data = data[: where % (len(data) + 1)]
            continue
        if kind == "double":
            lines.insert(line, lines[line])
        elif kind == "drop":
            del lines[line]
        elif kind == "blank":
            lines.insert(line, b"")
        elif kind == "column" and words:
            del words[what % len(words)]
            lines[line] = b" ".join(words)
        elif kind == "word" and words:
            words[what[0] % len(words)] = what[1]
            lines[line] = b" ".join(words)
        elif kind == "first":
            lines[min(6 * where, len(lines) - 1)] = what
        data = b"\n".join(lines)
    return data


@cases(120)
@given(CHANGES)
def test_a_damaged_file_gives_a_data_set_or_a_sentence(whole, changes):
    path, data = whole
    path.write_bytes(damaged(data, changes))
    before = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ASE's, of what it finds odd
        try:
            found = load_dataset(path)
        except InputError as error:
            assert path.name in str(error) and len(str(error)) < 1000, error
        else:
            assert isinstance(found, Dataset) and found.frames and len(found.fingerprint) == 16
            assert np.isfinite(found.energies()).all() and all(
                np.isfinite(frame.get_forces()).all() for frame in found.frames
            )
    assert path.read_bytes() == before


@cases(40)
@given(
    st.binary(max_size=400), st.sampled_from([".extxyz", ".xyz", ".txt", "", ".cif", ".json", ".traj", ".py", ".db"])
)
def test_any_bytes_are_a_data_set_or_a_sentence(whole, data, suffix):
    path = whole[0].with_name(f"any{suffix}")
    path.write_bytes(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            load_dataset(path)
        except InputError as error:
            assert path.name in str(error) and len(str(error)) < 1000, error


@cases(15)
@given(
    st.one_of(
        st.text(max_size=300),
        st.sampled_from(
            [
                "x" * 300,
                "x" * 5000 + ".extxyz",
                "\x00",
                "a\x00.extxyz",
                "/dev/null",
                "/",
                "load-atoms:",
                "cu-gpaw@0",
            ]
        ),
    )
)
def test_any_name_is_found_or_refused(name):
    if Path(name[:200].replace("\x00", "")).suffix == ".py" or name.startswith("load-atoms:") and len(name) > 11:
        return
    try:
        load_dataset(name)
    except ImportError as error:
        assert "load-atoms" in str(error)
    except InputError as error:
        assert str(error)


@cases(60)
@given(CHANGES)
def test_a_damaged_label_file_is_shortened_to_whole_frames_or_left_alone(whole, changes):
    path, data = whole
    path = path.with_name("labels.extxyz")
    content = damaged(data, changes)
    path.write_bytes(content)
    try:
        keep = whole_length(content)
    except InputError:
        with pytest.raises(InputError, match="labels.extxyz"):
            LabelFile(path)
        assert path.read_bytes() == content
        return
    LabelFile(path).close()
    assert path.read_bytes() == content[:keep] and (keep == len(content) or not whole_length(content[keep:]))
