import re
import shutil
import subprocess

import pytest

from srlab.exports import export
from srlab.exports.latex import equations
from srlab.expressions import Formula
from srlab.potentials.published import published, published_names


@pytest.mark.parametrize("name", published_names())
def test_constants_taper_and_cutoff_are_stated(name, tmp_path):
    potential = published(name)
    path = tmp_path / "potential.tex"
    export(potential, "latex", path)
    text = path.read_text()
    for formula in (potential.pair, potential.density):
        for constant in formula.constants:
            assert f"{abs(constant):.6g}" in text
    assert f"cutoff of {potential.cutoff:g}" in text
    assert "t(r) &=" in text and potential.taper.latex() in text
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")


def test_constants_are_rounded_and_the_offset_is_there(searched):
    text = equations(
        searched.with_functions(pair=Formula.parse("0.123456789*exp(-3.98765*r)")),
        digits=3,
    )
    assert "0.123" in text and "3.99" in text and "3.987" not in text
    assert r"-0.123\,\mathrm{eV} +" in text
    assert not re.search(r"\d\.\d{6,}", text)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX on this machine")
def test_it_compiles(searched, tmp_path):
    export(searched, "latex", tmp_path / "potential.tex")
    (tmp_path / "main.tex").write_text(
        "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\\input{potential}\\end{document}\n"
    )
    done = subprocess.run(["pdflatex", "-halt-on-error", "main"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-800:]
