"""What an export returns, and the rule that no export overwrites a file unasked."""

import re
from dataclasses import dataclass, field
from keyword import iskeyword
from pathlib import Path
from typing import Any

from srlab.errors import InputError
from srlab.loading import load_potential


@dataclass(frozen=True)
class ExportReport:
    """Outcome of an export.

    files : paths written.
    notes : sentences the user should read.
    check : the LAMMPS self-check, or None.
    """

    files: list[Path]
    notes: list[str] = field(default_factory=list)
    check: Any = None

    def __str__(self):
        lines = [f"wrote {path}" for path in self.files] + list(self.notes)
        return "\n".join(lines + ([str(self.check)] if self.check is not None else []))


_ENDINGS = {
    "lammps": ".eam.alloy",
    "torch": "_torch.py",
    "python": ".py",
    "ase": "_ase.py",
    "latex": ".tex",
    "sympy": "_sympy.py",
    "json": ".json",
}


def file_name(stem, to):
    """The name an export gets in a folder: no two targets share one, and what Python imports has a name it can import.

    Parameters
    ----------
    stem : str
        Name of the potential; what does not belong in a file name becomes a hyphen.
    to : str
        The target.
    """
    stem = re.sub(r"[^\w-]+", "-", str(stem)).strip("-") or "potential"
    ending = _ENDINGS.get(to, f".{to}")
    return (module_name(stem) if ending.endswith(".py") else stem) + ending


def module_name(stem):
    """The word closest to `stem` that can stand in an import line."""
    name = re.sub(r"\W", "_", str(stem), flags=re.ASCII)
    return name if name.isidentifier() and not iskeyword(name) else f"p_{name}"


def import_line(path, names):
    """How a person imports names from a file, with the remedy where its own name cannot be imported."""
    stem = Path(path).stem
    line = f"from {module_name(stem)} import {names}"
    return line if module_name(stem) == stem else f"rename this file to {module_name(stem)}.py, then {line}"


def one_line(text):
    """A name or source as plain text on one line: it goes into docstrings and file headers, and must not end them."""
    return " ".join(str(text).replace('"', "'").replace("\\", "/").split())


def target_file(path, overwrite):
    """The path, once it is certain that it may be written.

    Raises
    ------
    InputError
        If the file exists and `overwrite` is not set, or its folder does not exist or the path is a folder.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        raise InputError(f"{path} is a folder: give the name of a file in it")
    if path.exists() and not overwrite:
        raise InputError(f"{path} exists already: choose another name, or have it replaced (--force, overwrite=True)")
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent}: make it first")
    return path


def write_text(path, text, overwrite):
    """Write a text file and report it; see `target_file` for what it refuses."""
    path = target_file(path, overwrite)
    path.write_text(text, encoding="utf-8")
    return ExportReport([path])


def as_formula_potential(potential, target):
    """The potential behind `potential` (a name, file, candidate or potential), sure to be made of formulas.

    Raises
    ------
    InputError
        If it is made of tables.
    """
    potential = load_potential(potential)
    if potential.formulas is None:
        raise InputError(
            f"{potential.name} is a table, it has no formulas to write as {target}: only --to lammps can take it"
        )
    return potential
