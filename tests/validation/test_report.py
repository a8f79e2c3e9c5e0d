import json
import re
from dataclasses import replace

import pytest

pytest.importorskip("matplotlib")
from srlab.errors import InputError
from srlab.potentials.published import published
from srlab.validation.report import report


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    potential = replace(published("cleri-rosato"), name="<b>mine</b>")
    return report(potential, folder, only="eos,elastic,polymorphs", beside=["sutton-chen", "gp1"], quick=True).parent


def test_files(written):
    assert {path.name for path in written.iterdir()} >= {
        "report.html",
        "report.md",
        "report.json",
        "eos.png",
        "elastic.png",
        "polymorphs.png",
    }
    assert (written / "eos.png").read_bytes().startswith(b"\x89PNG")


def test_page_holds_everything_and_escapes_names(written):
    page = (written / "report.html").read_text(encoding="utf-8")
    assert page.count("data:image/png;base64,") == 3 and "<b>mine" not in page and "&lt;b&gt;mine" in page
    assert "http" not in page  # one file, nothing from elsewhere
    assert "isolated atom has no finite energy" not in page  # a warning of GP1, which only stands beside


def test_table_says_what_the_json_says(written):
    data = json.loads((written / "report.json").read_text(encoding="utf-8"))
    row = next(
        line for line in (written / "report.md").read_text(encoding="utf-8").splitlines() if line.startswith("| C44")
    )
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert float(cells[2]) == pytest.approx(data["<b>mine</b>"]["c44"]["value"], abs=0.01)
    assert float(cells[7]) == pytest.approx(data["sutton-chen"]["c44"]["value"], abs=0.01)
    assert cells[4] == data["<b>mine</b>"]["c44"]["score"]


def test_counts_in_the_summary(written):
    good, acceptable, poor, scored = map(
        int,
        re.search(r"(\d+) good, (\d+) acceptable, (\d+) poor of (\d+)", (written / "report.md").read_text()).groups(),
    )
    assert good + acceptable + poor == scored > 5


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "there").write_text("x")
    with pytest.raises(InputError, match="is a file"):
        report("sutton-chen", tmp_path / "there", only="elastic")


def test_a_report_on_a_bcc_metal_says_so_and_draws_its_own_lines(iron, tmp_path):
    page = report(iron.potential, tmp_path / "iron", only="elastic,polymorphs,bain", beside=[], quick=True)
    text = (page.parent / "report.md").read_text(encoding="utf-8")
    assert "Crystal: bcc." in text and "fcc - bcc" in text and "no reference" in text
    assert "Simmons 1971" in text and "Zuo 2020" not in text  # only the sources that are cited
    for group in ("elastic", "polymorphs", "bain"):
        assert (page.parent / f"{group}.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="Cu and cannot stand beside one for Fe"):
        report(iron.potential, tmp_path / "two", only="elastic", beside=["sutton-chen"])
