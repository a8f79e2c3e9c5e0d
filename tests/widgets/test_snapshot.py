import io

import pytest

from srlab.search.journal import JournalReader
from srlab_widgets import snapshot
from srlab_widgets.fold import Fold


@pytest.fixture
def fold(grown):
    fold = Fold()
    fold.add(JournalReader(grown.run / "journal.jsonl").read())
    return fold


def test_there_is_no_picture_of_nothing():
    assert snapshot.png(Fold()) is None
    assert "new, 0 evaluations" in snapshot.text(Fold())


def test_the_text_lists_the_front(fold):
    lines = snapshot.text(fold).splitlines()
    assert len(lines) == 2 + len(fold.front)
    assert "finished" in lines[0] and "phi = " in lines[2]


def test_the_picture_is_a_png_of_the_right_size_and_not_empty(fold):
    matplotlib = pytest.importorskip("matplotlib")
    data = snapshot.png(fold)
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and 20_000 < len(data) < 300_000
    pixels = matplotlib.image.imread(io.BytesIO(data), format="png")
    assert pixels.shape[1] == 1260
    left, middle, right = (pixels[40:, a:b, :3] for a, b in ((0, 420), (470, 830), (860, 1260)))
    for part in (left, middle, right):
        assert (part.min(axis=2) < 0.9).mean() > 0.005  # something is drawn in each third


def test_long_formulas_are_folded_outside_brackets():
    assert snapshot._folded("F = x + y") == ["F = x + y"]
    first, second = snapshot._folded("F = " + " + ".join(["e^{-1.5 + 2}\\,\\left(r - 2 + 1\\right)"] * 5))
    assert second.startswith("\\quad +") and all(line.count("{") == line.count("}") and line.count("(") == line.count(")") for line in (first, second))


def test_a_formula_that_cannot_be_set_does_not_spoil_the_picture(fold):
    pytest.importorskip("matplotlib")
    for identity in fold.front:
        fold.candidates[identity]["formulas"] = {"pair": "not a (formula", "density": "exp(-r)", "embedding": "-sqrt(rho)"}
    assert snapshot.png(fold)
    assert "not a (formula" in snapshot.text(fold)
