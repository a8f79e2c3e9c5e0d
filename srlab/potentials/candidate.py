"""A candidate: one refined set of formulas with its errors, as it stands in the journal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from srlab.decoding import decode
from srlab.errors import InputError
from srlab.potentials.lattices import STRUCTURES, ground_state
from srlab.potentials.potential import Potential
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model, template_named


@dataclass(frozen=True)
class Candidate:
    """Immutable; JSON both ways.

    formulas : texts of the template's functions by name; offset : eV/atom; cutoff, taper_start : angstrom;
    complexity : nodes; loss : dimensionless, on training frames; errors in meV/atom and meV/A, None without test
    frames; near and far : of frames within `srlab.datasets.dataset.NEAR` of the lowest and beyond, None without such
    frames, and in journals from before they were written; structures : energies of simple crystals, meV/atom above the
    lowest of them, and right_crystal : whether the element's own is the lowest (`srlab.search.ground_state`), both None
    where nobody asked; node, move : where in the tree it came from; seed, version, fingerprint : of the search and its
    data; atomic_scale : whether the data had an isolated atom, from which energies are measured; crystal : the
    structure of their lowest frame, fcc, bcc, hcp or diamond, None in journals from before it was written.
    """

    id: str
    element: str
    template: str
    formulas: dict[str, str]
    offset: float
    cutoff: float
    taper_start: float
    complexity: int
    n_constants: int
    loss: float
    energy_mae: float
    force_mae: float
    test_energy_mae: float | None
    test_force_mae: float | None
    node: int = -1
    move: str = ""
    seed: int = 0
    version: str = ""
    fingerprint: str = ""
    near_energy_mae: float | None = None
    near_force_mae: float | None = None
    far_energy_mae: float | None = None
    far_force_mae: float | None = None
    test_near_energy_mae: float | None = None
    test_near_force_mae: float | None = None
    test_far_energy_mae: float | None = None
    test_far_force_mae: float | None = None
    structures: dict[str, float] | None = None
    right_crystal: bool | None = None
    atomic_scale: bool = True
    crystal: str | None = None

    def to_json(self) -> dict:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> Candidate:
        """Raises InputError where a field is missing or of the wrong kind."""
        if not isinstance(data, dict):
            raise InputError("this is not a complete srlab candidate: it is no object with fields")
        candidate = decode(cls, data, "this is not a complete srlab candidate")
        try:
            candidate.model  # noqa: B018  (parsed, to see that it can be)
        except InputError as error:
            raise InputError(f"this is not a complete srlab candidate: {error}") from error
        if candidate.crystal not in (None, *STRUCTURES):
            raise InputError(f"this is not a complete srlab candidate: its crystal, {candidate.crystal!r}, cannot be")
        if (
            not 0.0 <= candidate.taper_start < candidate.cutoff <= 100.0
            or candidate.complexity < 0
            or candidate.loss < 0.0
        ):
            raise InputError(
                "this is not a complete srlab candidate: its cutoff, taper_start, complexity or loss cannot be"
            )
        return candidate

    @property
    def model(self) -> Model:
        return Model.parse(self.formulas, self.offset, template_named(self.template))

    @property
    def structure(self) -> str:
        """The form without its constants."""
        return self.model.structure

    def summary(self) -> dict:
        """What `srlab front --json` prints of it; near and far are errors on test frames."""
        return {
            **{
                name: getattr(self, name)
                for name in ("id", "complexity", "energy_mae", "force_mae", "test_energy_mae", "test_force_mae")
            },
            **{
                f"{part}_{kind}_mae": getattr(self, f"test_{part}_{kind}_mae")
                for part in ("near", "far")
                for kind in ("energy", "force")
            },
            "structures": self.structures,
            "right_crystal": self.right_crystal,
            "formulas": self.formulas,
        }

    def potential(self):
        """The `srlab.potentials.Potential` of this candidate; one that makes the wrong crystal says so in its notes."""
        potential = Potential.of_model(
            self.model,
            self.id,
            self.element,
            self.cutoff,
            Smoothstep(self.taper_start, self.cutoff),
            f"srlab {self.version}, seed {self.seed}, data {self.fingerprint}",
            self.atomic_scale,
            self.crystal,
        )
        return (
            replace(potential, notes=(self._warning,)) if self.right_crystal is False and self.structures else potential
        )

    @property
    def _warning(self) -> str:
        """A sentence on the crystal that it makes instead of the element's own."""
        lowest = min(self.structures, key=self.structures.__getitem__)
        own = self.crystal or ground_state(self.element)
        above = f"{self.structures[own]:.1f} meV/atom above it" if own in self.structures else "no minimum at all"
        return f"note: the crystal of lowest energy of {self.id} is {lowest}; {own}, that of {self.element}, is {above}"
