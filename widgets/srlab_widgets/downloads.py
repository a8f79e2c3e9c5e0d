"""Files of one candidate for the reader's browser."""

import io
import pathlib
import re
import tempfile
import zipfile

from srlab.errors import InputError, MissingExtra
from srlab.exports import TARGETS, export
from srlab.exports.result import file_name
from srlab.potentials.candidate import Candidate
from srlab.validation.report import report
from srlab.validation.scores import melting_point

REPORT = "eos,elastic,phonons,polymorphs,surfaces,stacking-fault,vacancy"
"""Groups of properties in the report of an archive with everything."""


def download(row, to, element, progress=lambda doing: None):
    """Export a candidate.

    row : the candidate as in the journal.
    to : "lammps", "python", "ase", "latex", "sympy", "json", or "all" for all of them and a validation report.
    progress : called with a few words on what is done now.

    Returns (file name, bytes, one line about it); several files come as one zip archive.
    Raises InputError or MissingExtra as `srlab.export` does; in an archive with everything, what cannot be written
    is named instead.
    """
    candidate = Candidate.from_json(row)
    stem = stem_of(element, row["id"])
    with tempfile.TemporaryDirectory() as folder:
        if to == "all":
            lines = everything(candidate, pathlib.Path(folder), stem, progress)
        else:
            progress(f"{to}, with its check" if to == "lammps" else to)
            report = written(candidate, to, pathlib.Path(folder) / file_name(stem, to))
            lines = [*report.notes, *([str(report.check)] if report.check is not None else [])]
        name, data, names = packed(pathlib.Path(folder), f"{stem}-{to}")
    return name, data, "\n".join([f"{name}: {', '.join(names)}" if len(names) > 1 and to != "all" else name, *lines])


def written(candidate, to, path):
    """The report of an export; runs in LAMMPS have a temperature that suits the element."""
    given = {"melting_point": melting_point(candidate.element)} if to == "lammps" else {}
    return export(candidate, to=to, path=path, **given)


def stem_of(element, identity):
    """The name of the files of a candidate. Both words come from a journal: what could lead to another folder is
    left out of them."""
    words = (re.sub(r"[^\w-]+", "", str(word))[:40] for word in (element or "potential", identity))
    return "-".join(word or "potential" for word in words)


def everything(candidate, folder, stem, progress=lambda doing: None):
    """All exports, each in a folder of its name, and a validation report; returns a line about each."""
    lines = []
    for i, to in enumerate(TARGETS):
        progress(f"{to}, {i + 1} of {len(TARGETS)} files")
        (folder / to).mkdir()
        try:
            found = written(candidate, to, folder / to / file_name(stem, to))
            lines.append(f"{to}: {found.check if found.check is not None else 'written'}")
        except (InputError, MissingExtra) as error:
            lines.append(f"{to}: left out, {error}")
    try:
        report(
            candidate,
            folder / "validation",
            only=REPORT,
            progress=lambda done, total, text="": progress(f"validation report, {done} of {total}: {text}"),
        )
        lines.append("validation: report.html")
    except (InputError, MissingExtra) as error:
        lines.append(f"validation: left out, {error}")
    (folder / "README.txt").write_text(f"{stem}, written by srlab\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return lines


def packed(folder, stem):
    """(name, bytes, names of the files): the one file in a folder, or a zip archive of all."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    if len(files) == 1:
        return files[0].name, files[0].read_bytes(), [files[0].name]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for file in files:
            target.write(file, file.relative_to(folder))
    return f"{stem}.zip", archive.getvalue(), [file.name for file in files]
