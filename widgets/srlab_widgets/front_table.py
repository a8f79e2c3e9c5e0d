"""A Pareto front as a table of typeset equations that a saved notebook keeps."""

from srlab.exports.front_table import front_text
from srlab.search.pareto_front import loss_front
from srlab.validation.columns import check_columns, column_values, read_cards


class FrontTable:
    """Shows candidates of a front, and published potentials below them, as Markdown with LaTeX.

    Of the front those are listed whose training loss no shorter candidate reaches.

    Parameters
    ----------
    search : srlab.Search.
    limit : candidates at most; longer lists are thinned evenly, their ends stay.
    columns : properties beside the errors, as "c44,energy_hcp_fcc" or a list, of those that were validated
        (`srlab.validation.columns`). The ground state is there by itself where one of the candidates has the wrong one.

    Attributes
    ----------
    candidates : list of `srlab.Candidate`, by complexity.
    references : dicts of published forms refitted on the same data, by complexity.
    """

    def __init__(self, search, limit=12, columns=()):
        self.columns, self._run = check_columns(columns), search.run
        front = loss_front(search.front)
        if len(front) > limit:
            front = [front[round(i * (len(front) - 1) / (limit - 1))] for i in range(limit)]
        self.candidates = front
        self.references = sorted(search.view.references, key=lambda row: row["complexity"])

    def _repr_markdown_(self):
        rows = [*(candidate.to_json() for candidate in self.candidates), *self.references]
        columns = column_values(rows, read_cards(self._run), self.columns)
        return front_text(self.candidates, self.references, "markdown", columns=columns)

    def __repr__(self):
        rows = [(candidate.id, candidate.to_json()) for candidate in self.candidates]
        rows += [(row["name"], row) for row in self.references]
        lines = [f"{'':16}{'nodes':>6}  {'energy, meV/atom':>17}  {'force, meV/A':>15}   (train / test)"]
        for name, row in rows:
            energy, force = (_pair(row, error) for error in ("energy_mae", "force_mae"))
            lines.append(f"{name:16}{row['complexity']:6d}  {energy:>17}  {force:>15}")
        return "\n".join(lines)


def _pair(row, error):
    return " / ".join("–" if value is None else f"{value:.1f}" for value in (row.get(error), row.get(f"test_{error}")))
