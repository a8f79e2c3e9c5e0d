"""Random command lines: exit code 0, 2 or 130; on 2 one sentence on stderr and nothing on stdout, on 0 with --json
one JSON value; files that were there stay."""

import json
import os
import shutil
import subprocess
import warnings
from types import SimpleNamespace

import pytest
from ase.io import write
from hypothesis import given
from hypothesis import strategies as st

from srlab.datasets import load_dataset
from srlab.sampling import label
from srlab.search.search import Search
from srlab.search.worker import continue_run
from tests.cli.conftest import labelled, structures
from tests.fuzz.conftest import cases, command


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a data set, a run, a table, and files that are none of these; commands run in it."""
    folder, before = tmp_path_factory.mktemp("fuzz"), os.getcwd()
    write(folder / "good.extxyz", labelled(structures(6)))
    label(structures(12), folder / "emt.extxyz", "emt")
    continue_run(Search(load_dataset(folder / "good.extxyz"), folder / "run", evaluations=300, workers=1).run)
    (folder / "table.csv").write_text("x,y\n" + "\n".join(f"{x},{x * x}" for x in range(8)))
    (folder / "form.txt").write_text(
        "phi = A*exp(-p*r)\nf = exp(-q*r)\nF = -B*sqrt(rho)\nA = 900.0\np = 3.5\nq = 2.1\nB = 25.0\n"
    )
    (folder / "empty").write_text("")
    (folder / "bytes.json").write_bytes(bytes(range(256)))
    (folder / "list.json").write_text("[1]")
    (folder / "candidate.json").write_text(
        json.dumps(dict(zip("abc", "def"), formulas={"pair": "r", "density": "r", "embedding": "rho"}))
    )
    (folder / "dir").mkdir()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(scope="module", autouse=True)
def no_jupyter():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "srlab.cli.lab.subprocess", SimpleNamespace(run=lambda *arguments, **options: SimpleNamespace(returncode=0))
        )
        yield


KEPT = (
    "good.extxyz",
    "emt.extxyz",
    "run",
    "table.csv",
    "form.txt",
    "empty",
    "bytes.json",
    "list.json",
    "candidate.json",
    "dir",
)
FILES = st.sampled_from(
    [
        "good.extxyz",
        "run",
        "run#c0",
        "run#c1",
        "run#",
        "#c1",
        "run#c999",
        "table.csv",
        "form.txt",
        "empty",
        "bytes.json",
        "list.json",
        "candidate.json",
        "dir",
        "absent",
        "absent.extxyz",
        "no/such/x",
        "",
        ".",
        "dir/..",
        "/",
        "*.extxyz",
        "/dev/null",
        "x" * 300,
        "\x00",
        "é",
        "cu-sr1",
        "gp1",
        "sutton-chen",
        "gp2",
        "-",
        "--",
        "~nobody",
        "run/journal.jsonl",
        "run/data.extxyz",
    ]
)
JUNK = st.sampled_from(
    [
        "",
        "-1",
        "nan",
        "inf",
        "-inf",
        "1e400",
        "abc",
        "0",
        "0.5",
        "1",
        "2",
        "1/2",
        "0/1",
        "1,2",
        "é",
        "\x00",
        "a=b",
        "--json",
        "-o",
        "[1]",
        "{}",
        "9" * 30,
        "1_0",
        "0x5",
    ]
)
SMALL = st.sampled_from(
    ["", "-1", "nan", "inf", "1e400", "abc", "0", "0.05", "1", "2", "é", "-0"]
)  # where a large number would be taken at its word
NAMES = st.sampled_from(["eos", "elastic", "eos,elastic", "", ",", "foo", "eos,foo", "all", "phonons"])
TEXTS = {
    "--operators": ["exp,pow,sqrt", "exp", "", "foo", ",", "exp,,sqrt"],
    "--template": ["eam", "pair", "two-density", "meam", ""],
    "--split": ["all", "alternate", "half", ""],
    "--target": ["c44=76", "c44", "=", "c44=76:2", "c44=nan", "lattice_constant=3.6:0", "foo=1"],
    "--to": ["json", "python", "latex", "sympy", "ase", "fortran", ""],
    "--reference": ["pbe", "experiment", "x", ""],
    "--calculator": ["emt", "lj", "vosp", "", "EMT", "mopac"],
    "--shard": ["0/1", "1/2", "2/1", "x", "0/0", "-1/1"],
}
LIMITED = (
    "--seconds",
    "--evaluations",
    "--workers",
    "--atoms",
    "--levels",
    "--walkers",
    "--per-level",
    "--rounds",
    "--frames",
    "--members",
    "--samplers",
    "--limit",
    "--trees",
    "--exchange",
)
BUDGET = ["--evaluations", "20", "--seconds", "0.2"]
COMMANDS = {
    # name: (arguments that keep it short, number of arguments, options with a value, options without)
    "search": (
        [*BUDGET, "--workers", "1"],
        1,
        [
            "--seconds",
            "--evaluations",
            "--seed",
            "--out",
            "--template",
            "--operators",
            "--max-complexity",
            "--split",
            "--cutoff",
            "--guess",
            "--force-weight",
            "--target",
            "--min-distance",
            "--trees",
            "--exchange",
        ],
        ["--json"],
    ),
    "resume": (["--seconds", "0.1"], 1, ["--seconds"], ["--json"]),
    "replay": ([], 1, ["--out"], ["--json"]),
    "front": ([], 1, [], ["--json", "--all"]),
    "recover": (["--seconds", "0.05"], 1, ["--seconds", "--seed"], ["--json"]),
    "data": ([], 1, ["--min-distance", "--energy-key", "--forces-key", "-o"], ["--json"]),
    "evaluate": ([], 2, ["--min-distance", "--energy-key", "--forces-key"], ["--json", "--fit-offset"]),
    "fit": ([], 2, ["--split", "--cutoff", "--force-weight", "--min-distance", "-o"], ["--json", "--force"]),
    "validate": (
        ["--quick", "--only", "eos"],
        1,
        ["--only", "--reference", "--report", "--beside", "--keep"],
        ["--json"],
    ),
    "judge": (["--only", "eos", "--limit", "2"], 1, ["--only", "--max-complexity", "--limit"], ["--json"]),
    "export": (["--to", "json", "-o", "new.json"], 1, ["--to", "-o"], []),
    "sample": (
        ["--atoms", "2", "--levels", "1", "--walkers", "4", "-o", "new.extxyz"],
        1,
        ["--atoms", "--levels", "--walkers", "--per-level", "--seed", "-o"],
        [],
    ),
    "label": (
        ["--calculator", "emt", "-o", "labels.extxyz"],
        1,
        ["--calculator", "--shard", "--limit", "--seconds", "-o"],
        ["--retry"],
    ),
    "learn": (
        [
            *BUDGET,
            "--rounds",
            "1",
            "--frames",
            "2",
            "--atoms",
            "1",
            "--walkers",
            "4",
            "--levels",
            "1",
            "--calculator",
            "emt",
        ],
        1,
        [
            "--rounds",
            "--seconds",
            "--evaluations",
            "--frames",
            "--atoms",
            "--calculator",
            "--members",
            "--samplers",
            "--walkers",
            "--levels",
            "--max-complexity",
            "--split",
            "--seed",
            "--out",
        ],
        ["--json"],
    ),
    "lab": ([], 0, [], ["--no-browser"]),
    "": ([], 0, [], ["--version", "--help"]),
    "nonsense": ([], 1, [], ["--json"]),
}
FILES_OF = {
    "search": "good.extxyz",
    "resume": "run",
    "replay": "run",
    "front": "run",
    "recover": "gp1",
    "data": "good.extxyz",
    "evaluate": "gp1",
    "fit": "gp1",
    "validate": "gp1",
    "judge": "run",
    "export": "cu-sr1",
    "sample": "gp1",
    "label": "good.extxyz",
    "learn": "emt.extxyz",
}


@st.composite
def command_lines(draw, names):
    name = draw(st.sampled_from(names))
    short, wanted, valued, flags = COMMANDS[name]
    given_here = [
        draw(
            st.one_of(
                st.just(FILES_OF.get(name, "x")),
                st.just("good.extxyz") if k else st.just(FILES_OF.get(name, "x")),
                FILES,
            )
        )
        for k in range(wanted)
    ]
    if draw(st.integers(0, 9)) == 0:
        given_here = given_here[:-1] if draw(st.booleans()) else [*given_here, draw(FILES)]
    options = []
    for _ in range(draw(st.integers(0, 3))):
        if valued and draw(st.booleans()):
            option = draw(st.sampled_from(valued))
            pool = (
                st.sampled_from(TEXTS[option])
                if option in TEXTS
                else NAMES
                if option == "--only"
                else SMALL
                if option in LIMITED
                else st.one_of(st.sampled_from(["out1", "out2"]), FILES)
                if option in ("--out", "-o", "--report", "--guess", "--keep", "--beside")
                else JUNK
            )
            options += [option, draw(pool)]
        elif flags:
            options.append(draw(st.sampled_from([*flags, *flags, "--help", "--nonsense"])))
    return [name] * bool(name) + given_here + short + options


def outcome_is_right(folder, arguments):
    for path in folder.iterdir():
        if path.name not in KEPT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    kept = {folder / name: (folder / name).read_bytes() for name in KEPT if (folder / name).is_file()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        code, out, err = command(*arguments)
    assert code in (0, 2, 130), (code, arguments)
    assert "Traceback" not in err
    if code == 2:
        last = err[err.rfind("srlab: ") :]
        assert last and (last.count("\n") == 1 or last.rstrip().endswith("^")), (arguments, err)
        assert not out.strip() or arguments[0] in ("search", "resume", "replay", "learn"), (arguments, out)
    elif (
        code == 0
        and "--json" in arguments
        and "--help" not in arguments
        and arguments[0] in COMMANDS
        and arguments[arguments.index("--json") - 1] not in ("-o", "--out", "--report", "--guess")
    ):
        json.loads(out)
    if arguments[:1] == ["label"] and "empty" in [
        word for option, word in zip(arguments, arguments[1:]) if option in ("-o", "--output")
    ]:
        (folder / "empty").write_bytes(
            b""
        )  # a file of labels that has none yet, as a kill leaves it: labelling goes on in it
    assert all(path.read_bytes() == content for path, content in kept.items()), arguments


QUICK = [name for name in COMMANDS if name not in ("learn", "search", "replay", "recover", "sample")]


@cases(40)
@given(command_lines(QUICK))
def test_random_command_lines(folder, arguments):
    outcome_is_right(folder, arguments)


@cases(8)
@given(command_lines(["search", "search", "recover", "sample", "learn"]))
def test_random_command_lines_of_what_takes_longer(folder, arguments):
    outcome_is_right(folder, arguments)


@cases(24)
@given(
    st.lists(
        st.one_of(
            FILES,
            JUNK,
            st.sampled_from(["front", "evaluate", "export", "--json", "--all", "-o", "--help", "--version", "--to"]),
            st.text(max_size=8),
        ),
        max_size=5,
    )
)
def test_any_words_at_all(folder, words):
    if not any(word in ("search", "learn", "recover", "sample", "lab") for word in words):
        outcome_is_right(folder, [word for word in words] or ["--help"])


@pytest.mark.slow
def test_arguments_that_are_no_unicode(folder):
    """What a shell hands over need not be UTF-8."""
    import sys

    for bad in (b"\xff", b"\xff.extxyz", b"--\xff"):
        done = subprocess.run(
            [sys.executable, "-m", "srlab.cli", "evaluate", "gp1", bad], capture_output=True, cwd=folder
        )
        assert done.returncode == 2 and done.stderr.startswith(b"srlab: ") and done.stderr.count(b"\n") == 1, (
            done.stderr
        )
