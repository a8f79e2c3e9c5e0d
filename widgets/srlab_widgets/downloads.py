"""Files of one candidate for the reader's browser."""

import io
import pathlib
import tempfile
import zipfile

ENDINGS = {"lammps": "eam.alloy", "python": "py", "ase": "py", "latex": "tex", "sympy": "py", "json": "json"}


def download(row, to, element):
    """Export a candidate.

    row : the candidate as in the journal.
    to : "lammps", "python", "ase", "latex", "sympy" or "json".

    Returns (file name, bytes, one line about it); several files come as one zip archive.
    Raises InputError or MissingExtra as `srlab.export` does.
    """
    from srlab.export import export
    from srlab.search.candidate import Candidate

    candidate = Candidate.from_json(row)
    stem = f"{element or 'potential'}-{row['id']}"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / f"{stem}.{ENDINGS.get(to, to)}"
        report = export(candidate, to=to, path=path)
        files = sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file())
        if len(files) == 1:
            name, data = files[0].name, files[0].read_bytes()
        else:
            name, packed = f"{stem}-{to}.zip", io.BytesIO()
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
                for file in files:
                    archive.write(file, file.relative_to(folder))
            data = packed.getvalue()
    lines = [f"{name}: {', '.join(f.name for f in files)}" if len(files) > 1 else name, *report.notes]
    return name, data, "\n".join(lines + ([str(report.check)] if report.check is not None else []))
