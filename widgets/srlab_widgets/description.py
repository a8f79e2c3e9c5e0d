"""What the page shows of one candidate: its equations, typeset and to be copied, and its curves over another's."""

from srlab.errors import InputError
from srlab.potentials.convexity import embedding_is_convex

from .curves import angles, compact, curves, limits, panels, shells
from .equations import copies, energy, typeset
from .fold import finite
from .validation_panel import subject_of
from .validation_worker import potential


def describe(row, reference, element, settings):
    """What the browser shows of one candidate: typeset and copied forms, curves over the reference's.

    row, reference : dicts from the journal; the reference may be None.
    """
    out = {"latex": typeset(row), "copy": None, "curves": None}
    try:
        out["copy"], out["energy"] = copies(row["formulas"]), energy(row["formulas"])
        cutoff, start = (
            row.get("cutoff") or settings.get("cutoff"),
            row.get("taper_start") or settings.get("taper_start"),
        )
        subject = subject_of(row, element, {**settings, "cutoff": cutoff, "taper_start": start})
        structure = subject["structure"]
        own = curves(row["formulas"], element, cutoff, start, structure)
        out["convex"] = embedding_is_convex(potential(subject))
        drawn, plots = [own], panels([row["formulas"]])
        if reference:
            other = curves(
                reference["formulas"],
                element,
                reference.get("cutoff") or settings.get("cutoff") or cutoff,  # an older run does not say
                reference.get("taper_start") or settings.get("taper_start") or start,
                structure,
            )
            out["reference"] = {"name": reference["name"], "curves": compact(other)}
            drawn, plots = [own, other], panels([row["formulas"], reference["formulas"]])
        neighbours = [float(distance) for distance in shells(element, cutoff, structure)[0]]
        out.update(
            curves=compact(own),
            panels=plots,
            neighbours=neighbours,
            angles=angles(element, structure),
            limits=limits(plots, drawn, neighbours[0]),
        )
    except (InputError, KeyError, ValueError, TypeError) as error:
        out["error"] = f"no curves: {error}"
    return finite(out)
