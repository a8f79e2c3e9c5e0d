"""srlab runs: the list, its JSON, and what it does to a run."""

import io
import json
import re
import time

from rich.console import Console

from srlab.cli.runs import table, when
from srlab.runs.catalogue import Catalogue
from srlab.runs.notes import read_notes

from ..runs.test_catalogue import runs  # noqa: F401


def test_the_list_names_state_data_and_best_values(srlab, runs):  # noqa: F811
    found = srlab("runs", runs, "--json")
    rows = {row["path"]: row for row in json.loads(found.out)}
    assert found.code == 0 and rows[str(runs / "done")]["best"]["force_mae"] == 100.0
    shown = srlab("runs", runs).out
    assert "deep/killed" in shown and "died" in shown and "100.00" in shown and "fork of done" in shown


def test_the_list_fits_into_80_columns(runs):  # noqa: F811
    console = Console(width=80, file=io.StringIO())
    console.print(table(Catalogue(runs).runs(), runs))
    text = console.file.getvalue()
    assert "few (12), 4 s" in text and "changed" in text and "…" not in text
    assert any("deep/killed" in line and "died" in line for line in text.splitlines())


def test_the_name_that_a_run_is_given_is_not_broken_in_80_columns(runs):  # noqa: F811
    named = runs / "Cu-20261127-150429-seed12"
    (runs / "done").rename(named)
    console = Console(width=80, file=io.StringIO())
    console.print(table(Catalogue(runs).runs(), runs))
    (line,) = [line for line in console.file.getvalue().splitlines() if named.name in line]
    assert "finished" in line and "100.00" in line


def test_a_change_of_today_has_its_hour_and_others_their_day():
    assert re.fullmatch(r"\d\d:\d\d", when(time.time())) and when(0.0) in ("1970-01-01", "1969-12-31")


def test_a_note_is_written_and_a_run_deleted_only_when_that_is_meant(srlab, runs):  # noqa: F811
    assert srlab("runs", runs, "--note", "done", "the good one").code == 0
    assert read_notes(runs / "done")["note"] == "the good one"
    refused = srlab("runs", runs, "--delete", "done")
    assert refused.code == 2 and "add --yes" in refused.sentence and (runs / "done").exists()
    assert srlab("runs", runs, "--delete", "done", "--yes").code == 0 and not (runs / "done").exists()
    assert "there is no run" in srlab("runs", runs, "--stop", "../elsewhere").sentence


def test_an_empty_folder_has_no_runs(srlab):
    assert srlab("runs", "--json").out.strip() == "[]"
    assert "no runs below runs" in srlab("runs").out
