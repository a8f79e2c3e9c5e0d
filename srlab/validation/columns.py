"""What validation knows of the candidates of a run, as columns of a table: the scorecards that the dashboard and
`srlab judge` kept in the run's folder, and the crystals that the search asked about by itself."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from srlab import __version__
from srlab.errors import InputError
from srlab.potentials.lattices import ground_state
from srlab.runs.journal import JournalReader, JournalWriter
from srlab.validation.scores import names_of, properties

CARDS_FILE = "validation.jsonl"
GROUND_STATE = "ground_state"
"""The column with the structure of lowest energy, in a word."""
WRONG = "(wrong)"
"""Behind a ground state that is not the crystal of the data."""
OFFERED = ("eos", "elastic", "polymorphs", "surfaces", "stacking-fault", "vacancy", "interstitial")


def keep_card(run: str | Path, key: str, name: str, result: dict) -> None:
    """Add what was found of a potential to the folder of a run.

    Parameters
    ----------
    key : names the result among those of other versions and protocols.
    name : id of the candidate, or name of the published form.
    result : with the scorecard as "table".

    Raises InputError where it cannot be written.
    """
    writer = JournalWriter(Path(run) / CARDS_FILE)
    try:
        writer.append({"key": key, "name": name, "version": __version__, "result": result})
    finally:
        writer.close()


def read_cards(run: str | Path) -> dict[str, dict]:
    """id of a candidate, or name of a published form -> {property: line of its scorecard}, of this version; where a
    property was computed twice, the later one."""
    found: dict[str, dict] = {}
    for line in JournalReader(Path(run) / CARDS_FILE).read():
        result = line.get("result")
        if line.get("version") == __version__ and isinstance(result, dict) and isinstance(result.get("table"), dict):
            card = {name: entry for name, entry in result["table"].items() if isinstance(entry, dict)}
            found.setdefault(str(line.get("name")), {}).update(card)
    return found


def crystal_values(record: dict) -> dict:
    """Values of the columns that the search knows by itself: the ground state in a word, marked where it is not the
    crystal of the data, and the energies of the other structures above the own one (meV/atom).

    record : a candidate as JSON; {} where nobody asked for its crystals.
    """
    structures = record.get("structures")
    if not isinstance(structures, dict) or not all(isinstance(energy, (int, float)) for energy in structures.values()):
        return {}  # a line that was written by hand
    if not structures:
        return {}
    lowest = min(structures, key=structures.__getitem__)
    values: dict = {GROUND_STATE: lowest if record.get("right_crystal") is not False else f"{lowest} {WRONG}"}
    own = crystal_of(record.get("crystal"), record.get("element"))
    if own in structures:
        for other, energy in structures.items():
            if f"energy_{other}_{own}" in properties():
                values[f"energy_{other}_{own}"] = energy - structures[own]
    return values


def column_values(records, cards: dict, names) -> dict[str, dict]:
    """Heads of columns with their units -> {name of a row: value}.

    Parameters
    ----------
    records : candidates as JSON, or published forms of a journal.
    cards : from `read_cards`; the search's own word on crystals stands where there is none.
    names : columns, from `check_columns`; the ground state comes first and by itself where one of the records has the
        wrong one, for nobody should copy such a candidate unawares.
    """
    records = list(records)
    if GROUND_STATE not in names and any(record.get("right_crystal") is False for record in records):
        names = (GROUND_STATE, *names)
    found: dict[str, dict] = {head(name): {} for name in names}
    for record in records:
        for name, value in property_values(record, cards, names).items():
            found[head(name)][row_name(record)] = value
    return found


def property_values(record: dict, cards: dict, names) -> dict:
    """Those of the columns that are known of one candidate or published form, name -> value."""
    values = crystal_values(record)
    for name, entry in cards.get(row_name(record), {}).items():
        if entry.get("value") is not None:
            values[name] = entry["value"]
    return {name: values[name] for name in names if name in values}


def row_name(record: dict) -> str:
    """id of a candidate, name of a published form."""
    return str(record.get("id") or record.get("name"))


def label(name: str) -> str:
    """A column in a few words."""
    return "ground state" if name == GROUND_STATE else properties()[name]["label"]


def head(name: str) -> str:
    """What stands above a column: its label and unit."""
    unit = "" if name == GROUND_STATE else properties()[name]["unit"]
    return f"{label(name)} ({unit})" if unit else label(name)


def offered(element: str | None, crystal: str | None = None) -> tuple[str, ...]:
    """Columns worth offering for an element: those of its crystal, see `crystal_of`, of fcc where that is not known."""
    structure = crystal_of(crystal, element) or "fcc"
    return (GROUND_STATE, *(name for group in OFFERED for name in names_of(group, structure)))


def check_columns(names) -> tuple[str, ...]:
    """Names of columns, or a text of names with commas, each once. Raises InputError for one that is none, with the
    nearest that is."""
    listed = names.split(",") if isinstance(names, str) else names
    checked = tuple(dict.fromkeys(str(name).strip() for name in listed if str(name).strip()))
    known = (GROUND_STATE, *properties())
    for name in checked:
        if name not in known:
            near = get_close_matches(name, known, 3, 0.5) or ["c11", "stacking_fault_energy", "energy_hcp_fcc"]
            raise InputError(f"there is no column {name!r}: did you mean {', '.join(near)}, or {GROUND_STATE}?")
    return checked


def crystal_of(crystal: str | None, element: str | None) -> str | None:
    """The structure that a run is about: the crystal of its data where it names one, else the ground state of the
    element; None where that is none of fcc, bcc, hcp and diamond, or there is no element."""
    try:
        return crystal or (ground_state(element) if element else None)
    except InputError:
        return None
