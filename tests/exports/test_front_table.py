"""A front as CSV, Markdown and LaTeX: read back, and inert where it holds what somebody else wrote."""

import csv
import io
import shutil
import subprocess

import pytest

from srlab.errors import InputError
from srlab.exports.front_table import front_text
from srlab.potentials.candidate import Candidate

FORMULAS = {"pair": "812.345678*exp(-3.0*r)", "density": "exp(-1.9*r)", "embedding": "-20.0*sqrt(rho)"}
REFERENCE = {"name": "Sutton-Chen", "complexity": 17, "formulas": FORMULAS, "energy_mae": 6.55, "force_mae": 67.5}


def candidate(identity="c3", test=12.25):
    return Candidate(identity, "Cu", "eam", FORMULAS, 0.0, 6.0, 4.5, 14, 4, 0.5, 9.0, 90.0, test, test)


def test_csv_holds_the_numbers_and_the_whole_formulas():
    text = front_text([candidate(), candidate("c4", None)], [REFERENCE], "csv", {"c3": "mine, and good"})
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["id"] for row in rows] == ["c3", "c4", "Sutton-Chen (refitted)"]
    assert float(rows[0]["test_energy_mae_meV_per_atom"]) == 12.25 and rows[1]["test_force_mae_meV_per_angstrom"] == ""
    assert rows[0]["pair"] == FORMULAS["pair"] and rows[0]["tag"] == "mine, and good"


def test_a_tag_is_no_command_of_a_spreadsheet_no_html_and_no_latex():
    evil = "=1+1|<script>&\\input{/etc/passwd}"
    given = (
        [candidate()],
        (),
    )
    assert list(csv.DictReader(io.StringIO(front_text(*given, "csv", {"c3": evil}))))[0]["tag"] == "'" + evil
    markdown = front_text(*given, "markdown", {"c3": evil}).splitlines()[2]
    assert "<script" not in markdown and markdown.count("|") - markdown.count("\\|") == 9
    latex = front_text(*given, "latex", {"c3": evil})
    assert "\\input" not in latex and r"\textbackslash{}input\{/etc/passwd\}" in latex


def test_markdown_has_a_cell_for_every_head():
    head, rule, *rows = front_text([candidate()], [REFERENCE], "markdown").splitlines()
    assert head.count("|") == rule.count("|") == rows[0].count("|") == rows[1].count("|") == 8
    assert "9.0 / 12.2" in rows[0] and r"\varphi(r)" in head and "6.5 / –" in rows[1].replace("6.6", "6.5")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles(tmp_path):
    body = front_text([candidate()], [REFERENCE], "latex", {"c3": "a_b & 50 %"})
    document = f"\\documentclass{{article}}\\usepackage{{booktabs}}\\begin{{document}}{body}\\end{{document}}"
    (tmp_path / "t.tex").write_text(document)
    subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True)


def test_properties_are_columns_in_every_format():
    more = {"ground state": {"c3": "hcp (wrong)"}, "C44 (GPa)": {"c3": 71.23456, "Sutton-Chen": 58.0}}
    text = {name: front_text([candidate()], [REFERENCE], name, None, more) for name in ("csv", "markdown", "latex")}
    rows = list(csv.DictReader(io.StringIO(text["csv"])))
    assert [row["C44 (GPa)"] for row in rows] == ["71.2346", "58"]
    assert [row["ground state"] for row in rows] == ["hcp (wrong)", ""]
    head, rule, *rows = text["markdown"].splitlines()
    assert head.count("|") == rule.count("|") == rows[0].count("|") == 10 and "| hcp (wrong) | 71.23 |" in rows[0]
    assert "hcp (wrong) & 71.23" in text["latex"] and "{lrrrrrlll}" in text["latex"]


def test_another_format_is_refused():
    with pytest.raises(InputError, match="choose csv, markdown or latex"):
        front_text([], format="xlsx")
