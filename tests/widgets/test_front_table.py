from srlab.search.search import Search
from srlab.validation.columns import keep_card
from srlab_widgets import FrontTable


def test_candidates_are_sorted_thinned_and_the_published_forms_below(grown):
    search = Search.attach(grown.run)
    table = FrontTable(search, limit=3)
    assert len(table.candidates) == 3
    assert {row["name"] for row in table.references} == {"Sutton-Chen", "Cleri-Rosato", "GP1"}
    best = min(search.front, key=lambda c: c.loss)
    assert {search.front[0].id, best.id} < {candidate.id for candidate in table.candidates}
    lengths = [candidate.complexity for candidate in table.candidates]
    assert lengths == sorted(lengths)


def test_markdown_has_as_many_cells_in_each_row(grown):
    lines = FrontTable(Search.attach(grown.run))._repr_markdown_().splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert any("Sutton-Chen (refitted)" in line and "$" in line for line in lines)


def test_properties_are_columns(grown):
    keep_card(grown.run, "k", "Sutton-Chen", {"table": {"c44": {"value": 58.0}}})
    head, _, *lines = FrontTable(Search.attach(grown.run), columns="c44")._repr_markdown_().splitlines()
    assert "C44 (GPa)" in head and any("Sutton-Chen" in line and "| 58 |" in line for line in lines)


def test_text_for_a_terminal(grown):
    text = repr(FrontTable(Search.attach(grown.run)))
    assert "6.5 / 6.7" in text  # Sutton-Chen of the toy, train and test
