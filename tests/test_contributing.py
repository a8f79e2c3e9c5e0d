"""What CONTRIBUTING.md says of the house is so, and a stranger finds his way by names."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOUND_IN = dict(re.findall(r"^\| ([^|`]+) \| `([\w/.]+)` \|$", TEXT.partition("| looked for | found in |")[2], re.M))
# Modules of one name in two folders, and what both are.
SAME = {
    "front_table": "a front as a table: its text, and the widget that shows it",
    "latex": "LaTeX: of a formula, and as a target of the export",
    "settings": "what a user decides: of a search, and of a learning loop",
    "view": "the state of a run, from its journal: of a search, and of a learning loop",
    "worker": "the process that does the work: of a search, and of a learning loop",
}


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:srlab|tests|widgets)/[\w/.]+)`", TEXT))))
def test_the_paths_are_there(path):
    assert (ROOT / path).exists()


def test_ten_features_are_found_by_their_names():
    assert len(FOUND_IN) == 10
    stems = {"pareto", "resume", "ranking", "islands", "elastic", "lammps", "terms", "reader", "steering", "nested"}
    names = [re.split(r"[/._]", path) for path in FOUND_IN.values()]
    assert all((ROOT / path).exists() for path in FOUND_IN.values())
    assert sorted(sum((sorted(stems.intersection(name)) for name in names), [])) == sorted(stems)


def test_a_name_means_one_thing():
    places = defaultdict(list)
    for path in [*(ROOT / "srlab").rglob("*.py"), *(ROOT / "widgets" / "srlab_widgets").rglob("*.py")]:
        places[path.stem].append(path.relative_to(ROOT).as_posix())
    twice = {name: found for name, found in places.items() if len(found) > 1 and name not in {"__init__", *SAME}}
    assert twice == {} and all(len(places[name]) == 2 for name in SAME)
