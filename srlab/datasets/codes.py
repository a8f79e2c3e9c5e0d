"""Which code wrote a file, told by its content, and its steps: whole ones, electronically converged, through ASE's
readers.

Every reader here takes the bytes of a file and gives `CodeSteps`. The energy that belongs to the forces (VASP, GPAW and
FHI-aims: the free energy) is what the keys find, since ASE's readers keep it as `free_energy`.
"""

import re
import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

from srlab.datasets.extxyz import read_extxyz
from srlab.errors import InputError
from srlab.filetext import decode

_HEAD = 20_000  # bytes in which a file says who wrote it
# format of ASE -> what its files say near their beginning
_SIGNS = {
    "vasp-xml": re.compile(rb"<modeling>"),
    "vasp-out": re.compile(rb"^\s*vasp\.\d", re.MULTILINE),
    "espresso-out": re.compile(rb"Program PWSCF"),
    "aims-output": re.compile(rb"Invoking FHI-aims"),
    "gpaw-log": re.compile(rb"\A\s*__  _  _\s*$", re.MULTILINE),  # from version 25 on; GPAW itself brings the reader
    "gpaw-out": re.compile(rb"\A\s*___ ___ ___ _ _ _\s*$", re.MULTILINE),
    "lammps-dump-text": re.compile(rb"^ITEM: (TIMESTEP|UNITS)", re.MULTILINE),
}
_STARTS = {"traj": b"- of UlmASE-Trajectory", "gpw": b"- of UlmGPAW", "db": b"SQLite format 3\x00"}
_NAMES = {form: f"data.{form}" for form in ("traj", "gpw", "db", "json")}  # ASE goes by the ending
_XYZ = re.compile(rb"\s*\d+[ \t\r]*\n")
_OUTCAR_STEP = "FREE ENERGIE OF THE ION-ELECTRON SYSTEM"
_NELM = 60  # VASP's default


@dataclass(frozen=True)
class CodeSteps:
    """Frames of a file and what was left out of it.

    frames : list of ase.Atoms. places : (n,) the number of each in the file. unconverged : steps whose electrons had
        not converged.
    incomplete : 1 for a file that ends in the middle of a step. format : ASE's name of it.
    """

    frames: list
    places: list
    format: str
    unconverged: int = 0
    incomplete: int = 0


def detect(data, name=""):
    """ASE's name of the format of a file's bytes, told by its content; None where that does not tell."""
    for form, start in _STARTS.items():
        if data.startswith(start):
            return form
    head = data[:_HEAD]
    if head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        head = decode(head).encode()
    for form, sign in _SIGNS.items():
        if sign.search(head):
            return form
    if _XYZ.match(head) or Path(name).suffix.lower() in (".xyz", ".extxyz"):
        return "extxyz"
    if head.lstrip().startswith(b"{") and b'"numbers"' in head:
        return "json"
    return None


def read_steps(path, data, form):
    """The steps of a file.

    Parameters
    ----------
    path : of the file, for its name.
    data : its bytes, unpacked.
    form : what :func:`detect` says, or None to let ASE guess by the name.

    Returns
    -------
    CodeSteps

    Raises
    ------
    InputError : an XYZ file or a dump that cannot be understood. Anything else is what ASE raises.
    """
    if form == "extxyz":
        return _all(read_extxyz(decode(data), str(path)), form)
    if form == "vasp-out":
        return _outcar(decode(data))
    if form == "vasp-xml":
        return _flagged(
            _through_file(data, "vasprun.xml", form), _vasprun_flags(decode(data)), form, _cut(data, b"</modeling>")
        )
    if form == "espresso-out":
        frames = _through_file(data, "pw.out", form)
        return _flagged(frames, _espresso_flags(frames), form, _cut(data, b"JOB DONE"))
    if form == "aims-output":
        frames = _through_file(data, "aims.out", form, non_convergence_ok=True)
        return _flagged(frames, _aims_flags(decode(data), len(frames)), form, _cut(data, b"Have a nice day"))
    if form in ("gpaw-out", "gpaw-log"):
        frames = _through_file(data, "gpaw.txt", form)
        return _flagged(frames, _gpaw_steps(decode(data), frames), form)
    if form == "lammps-dump-text":
        return _all(_dump(path, data), form)
    if form is None:
        form = _guess(path, data)
    return _all(_through_file(data, _NAMES.get(form, _plain_name(path)), form), form)


def _all(frames, form):
    return CodeSteps(frames, list(range(len(frames))), form)


def _flagged(frames, converged, form, incomplete=0):
    """The frames whose flag is true; a reader that found other steps than the flags are for must not shift them."""
    if len(converged) != len(frames):
        if all(converged):
            converged = [True] * len(frames)
        else:
            raise ValueError(f"{len(frames)} steps were read, but {len(converged)} ended")
    places = [k for k, good in enumerate(converged) if good]
    return CodeSteps([frames[k] for k in places], places, form, len(frames) - len(places), incomplete)


def _cut(data, end):
    """1 if the words a finished file ends with are not near its end."""
    return int(end not in data[-20_000:])


def _through_file(data, name, form, **options):
    """ASE's frames of some bytes, from a file of a name it expects in a folder of its own."""
    from ase.io import read

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / (name or "data")
        path.write_bytes(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # on where ASE will keep its readers
            return read(path, ":", format=form, do_not_split_by_at_sign=True, **options)


def _guess(path, data):
    """ASE's guess by name and content; its formats that are no files of structures are not tried."""
    from ase.io.formats import UnknownFileTypeError, filetype

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / _plain_name(path)
        copy.write_bytes(data)
        try:
            return filetype(str(copy))
        except UnknownFileTypeError:
            raise ValueError("it is in no format that is known") from None


def _plain_name(path):
    """A file's name without the ending of a packer."""
    return re.sub(r"\.(gz|xz|bz2)$", "", Path(path).name)


def _outcar(text):
    """VASP's OUTCAR up to its last whole step."""
    ends = [match.end() for match in re.finditer(_OUTCAR_STEP, text)]
    # four more lines carry the energies
    whole = [end for end in ends if text.count("\n", end, end + 2000) >= 5]
    if not whole:
        raise ValueError("it ends before its first ionic step does")
    last = whole[-1]
    for _ in range(5):
        last = text.index("\n", last) + 1
    incomplete = int("General timing and accounting" not in text[last:])
    nelm = re.search(r"NELM\s*=\s*(\d+)", text)
    nelm = int(nelm[1]) if nelm else _NELM
    flags, begin = [], 0
    for end in whole:
        flags.append(_outcar_converged(text[begin:end], nelm))
        begin = end
    frames = _through_file(text[:last].encode(), "OUTCAR", "vasp-out")
    return _flagged(frames, flags, "vasp-out", incomplete)


def _outcar_converged(step, nelm):
    if "EDIFF was not reached" in step:
        return False
    iterations = re.findall(r"Iteration\s+\d+\(\s*(\d+)\)", step)
    return "EDIFF is reached" in step or not iterations or int(iterations[-1]) < nelm


def _vasprun_flags(text):
    """Whether each ionic step of a vasprun.xml stopped before the last electronic step that was allowed, or below the
    break condition."""
    nelm = re.search(r'name="NELM">\s*(\d+)', text)
    nelm = int(nelm[1]) if nelm else _NELM
    ediff = re.search(r'name="EDIFF">\s*([\d.eE+-]+)', text)
    ediff = float(ediff[1]) if ediff else 1e-4
    flags = []
    for step in text.split("<calculation>")[1:]:
        electronic, _, rest = step.rpartition("</scstep>")
        if "e_fr_energy" not in rest:
            continue  # cut off before its energy: ASE leaves it out, too
        energies = [float(value) for value in re.findall(r'name="e_fr_energy">\s*([-\d.eE+]+)', electronic)]
        flags.append(
            electronic.count("<scstep>") < nelm or len(energies) > 1 and abs(energies[-1] - energies[-2]) <= ediff
        )
    return flags


def _espresso_flags(frames):
    """pw.x marks the energy of a converged step; ASE finds no energy in the others."""
    return [getattr(frame.calc, "results", {}).get("energy") is not None for frame in frames]


def _aims_flags(text, count):
    """Whether the last self-consistency loop of each of `count` steps converged; one that restarts its mixer is no
    step."""
    flags = []
    for loop in text.split("Begin self-consistency loop")[1:]:
        if "restarting mixer to attempt better convergence" not in loop:
            flags.append("Self-consistency cycle converged" in loop)
    return flags[:count]


def _gpaw_steps(text, frames):
    """Whether each step converged; the free energy, which ASE's readers pass over, is put beside the energy of zero
    smearing."""
    steps = [step for step in re.split(r"(?mi)^(?:positions:|atoms  #)", text)[1:] if "Free energy:" in step]
    if len(steps) != len(frames):
        raise ValueError(f"{len(frames)} steps were read, but {len(steps)} have a free energy")
    for step, frame in zip(steps, frames):
        if frame.calc is not None:
            frame.calc.results["free_energy"] = float(re.search(r"Free energy:\s*([-+.\d]+)", step)[1])
    return ["did not converge" not in step.lower() for step in steps]


def _dump(path, data):
    """Frames of a LAMMPS dump, without the energy of zero that ASE gives each of them."""
    text = decode(data)
    units = re.search(r"ITEM: UNITS\s+(\S+)", text)
    if units and units[1] != "metal":
        raise InputError(f"{path} is a LAMMPS dump in units {units[1]}: only metal units (eV, angstrom) are read")
    columns = re.search(r"ITEM: ATOMS (.*)", text)
    if columns and not {"element", "mass"} & set(columns[1].split()):
        raise InputError(
            f"{path} is a LAMMPS dump that numbers its atom types but does not name them: dump a column 'element' "
            "(dump_modify element)"
        )
    last = text.rfind("ITEM: TIMESTEP")
    if last > 0 and not _whole_dump_step(text[last:]):
        text = text[:last]
    frames = _through_file(text.encode(), "dump.txt", "lammps-dump-text")
    for frame in frames:
        if frame.calc is not None:
            frame.calc.results.pop("energy", None)
        frame.info.pop("timestep", None)
    return frames


def _whole_dump_step(step):
    count = re.search(r"NUMBER OF ATOMS\s+(\d+)", step)
    _, head, rows = step.partition("ITEM: ATOMS")
    return bool(count and head) and rows.count("\n") > int(count[1])
