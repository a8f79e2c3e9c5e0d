"""A Pareto front as a table of typeset equations that a saved notebook keeps."""

from srlab.search.staircase import steps
from srlab.templates import columns

from .equations import typeset


class FrontTable:
    """Shows candidates of a front, and published potentials beside them, as Markdown with LaTeX.

    Of the front those are listed whose training loss no shorter candidate reaches.

    Parameters
    ----------
    search : srlab.Search.
    limit : candidates at most; longer lists are thinned evenly, their ends stay.
    """

    def __init__(self, search, limit=12):
        front = steps(search.front)
        if len(front) > limit:
            front = [front[round(i * (len(front) - 1) / (limit - 1))] for i in range(limit)]
        self.rows = [{**c.to_json(), "name": c.id} for c in front] + [
            dict(r, reference=True) for r in search.view.references
        ]
        self.rows.sort(key=lambda row: row["complexity"])

    def _repr_markdown_(self):
        heads = {each.name: f"${each.left_side}$" for each in columns(row["formulas"] for row in self.rows)}
        lines = [
            f"| | nodes | energy, meV/atom<br>train / test | force, meV/Å<br>train / test | {' | '.join(heads.values())} |",
            f"|:--|--:|--:|--:|{'|'.join([':--'] * len(heads))}|",
        ]
        for row in self.rows:
            latex = typeset(row, digits=3) or {}
            # a bare | would end the cell
            cells = [f"${latex[part]}$".replace("|", "\\vert ") if part in latex else "" for part in heads]
            name = f"*{row['name']}, refitted*" if row.get("reference") else row["name"]
            lines.append(
                f"| {name} | {row['complexity']} | {_pair(row, 'energy_mae')} | {_pair(row, 'force_mae')} | {' | '.join(cells)} |"
            )
        return "\n".join(lines)

    def __repr__(self):
        lines = [f"{'':16}{'nodes':>6}  {'energy, meV/atom':>17}  {'force, meV/A':>15}   (train / test)"]
        lines += [
            f"{row['name']:16}{row['complexity']:6d}  {_pair(row, 'energy_mae'):>17}  {_pair(row, 'force_mae'):>15}"
            for row in self.rows
        ]
        return "\n".join(lines)


def _pair(row, error):
    return " / ".join("–" if value is None else f"{value:.1f}" for value in (row.get(error), row.get(f"test_{error}")))
