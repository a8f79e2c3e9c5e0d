"""Properties of crystals, of several potentials side by side with PBE and experiment: what formulas that were fitted to
frames say of what they were not asked.

    python tests/benchmarks/crystals.py [POTENTIAL ...] [--groups eos,elastic,polymorphs,vacancy] [--full] [--json]

POTENTIAL is what `srlab validate` takes, RUN#ID for a candidate; all are of one element. Beside silicon stand
Stillinger and Weber's potential and Tersoff's (Phys. Rev. B 39, 5566 (1989), as matscipy has it) unless others are
named. Smaller cells unless --full. A row for each property that one of them has; a dash where one has none.
"""

import argparse
import json
import sys

from srlab.errors import InputError
from srlab.loading import load_potential
from srlab.validation import validate
from srlab.validation.crystal import relaxed_crystal
from srlab.validation.scores import properties

SILICON = ("stillinger-weber", "tersoff")


def crystal_of(name):
    """The relaxed crystal of a potential by name; tersoff is matscipy's."""
    if name != "tersoff":
        return relaxed_crystal(load_potential(name))
    from matscipy.calculators.manybody import Manybody
    from matscipy.calculators.manybody.explicit_forms import TersoffBrenner
    from matscipy.calculators.manybody.explicit_forms.tersoff_brenner import Tersoff_PRB_39_5566_Si_C

    return relaxed_crystal(Manybody(**TersoffBrenner(Tersoff_PRB_39_5566_Si_C)), "Si")


def table(cards):
    """Markdown: a row for each property, a column for each potential, PBE and experiment."""
    names = list(dict.fromkeys(name for card in cards.values() for name in card if name in properties()))
    lines = [f"| | {' | '.join(cards)} | PBE | experiment |", f"|:--|{'--:|' * (len(cards) + 2)}"]
    for name in names:
        known = next(card[name] for card in cards.values() if name in card)
        values = [card.get(name, {}).get("value") for card in cards.values()]
        cells = [short(value) for value in (*values, known["pbe"], known["experiment"])]
        about = properties()[name]
        unit = f", {about['unit']}" if about["unit"] else ""
        lines.append(f"| {about['label']}{unit} | {' | '.join(cells)} |")
    return "\n".join(lines)


def short(value):
    return "-" if value is None else value if isinstance(value, str) else f"{value:.4g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("potentials", nargs="*", default=list(SILICON))
    parser.add_argument("--groups", default="eos,elastic,polymorphs,vacancy")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cards = {}
    try:
        crystals = {name: crystal_of(name) for name in options.potentials}
        if {crystal.element for crystal in crystals.values()} == {"Si"}:
            crystals |= {name: crystal_of(name) for name in SILICON if name not in crystals}
        for name, crystal in crystals.items():
            label = name.rpartition("/")[2]
            cards[label] = validate(crystal, options.groups, quick=not options.full)
            if not options.json:
                print(f"{label}: {crystal.described}", file=sys.stderr, flush=True)
    except InputError as error:
        sys.exit(str(error))
    print(json.dumps(cards) if options.json else table(cards))


if __name__ == "__main__":
    main()
