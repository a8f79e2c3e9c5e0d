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
    """One formula of a search, with all that is known of it. Immutable; JSON both ways.

    Attributes
    ----------
    id : str
        c12; of a search on islands t3-c12.
    element, template : str
        Chemical symbol; name of the template.
    formulas : dict of str to str
        Texts of the template's functions by name, in eV and angstrom.
    offset : float
        eV/atom.
    cutoff, taper_start : float
        Angstrom.
    complexity, n_constants : int
        Operators, variables and constants of all functions; the constants alone.
    loss : float
        Dimensionless, on training frames.
    energy_mae, force_mae, test_energy_mae, test_force_mae : float
        Mean absolute errors, meV/atom and meV/A; those of test frames are None where there are none.
    near_energy_mae, far_energy_mae, test_near_energy_mae, ... : float
        The same of frames within `srlab.datasets.dataset.NEAR` of the lowest, and beyond; None without such frames, and
        in journals from before they were written.
    node, move : int, str
        Its node in the tree, or the one that the move began at where the search gave it none; the kind of move.
    seed, version, fingerprint
        Of the search, of srlab, and of the data.
    structures : dict of str to float
        Energies of simple crystals, meV/atom above the lowest of them; None where nobody asked.
    right_crystal : bool
        Whether the crystal of the data is the lowest (`srlab.search.ground_state`); None where nobody asked.
    atomic_scale : bool
        Whether the data had an isolated atom, from which energies are measured.
    crystal : str
        The structure of the lowest frame of the data, fcc, bcc, hcp or diamond; None in journals from before it was
        written.
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
        """Give all fields as a JSON object; `from_json` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict) -> Candidate:
        """Make a candidate of the object that `to_json` gives.

        Raises
        ------
        InputError
            If a field is missing or of the wrong kind.
        """
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
        """The functions as a `srlab.templates.Model`."""
        return Model.parse(self.formulas, self.offset, template_named(self.template))

    @property
    def structure(self) -> str:
        """The form without its constants."""
        return self.model.structure

    def __repr__(self) -> str:
        errors = f"{self.energy_mae:.3g} meV/atom, {self.force_mae:.3g} meV/A in training"
        return f"<candidate {self.id} of {self.element}: {self.complexity} nodes, {errors}: {self.model.text}>"

    def summary(self) -> dict:
        """Say what `srlab front --json` prints of it; near and far are errors on test frames."""
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
        """Make a potential of it: for an ASE calculator, validation or export.

        Returns
        -------
        Potential
            One that makes the wrong crystal says so in its notes.
        """
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
        """A sentence on the crystal that it makes instead of that of the data."""
        lowest = min(self.structures, key=self.structures.__getitem__)
        own = self.crystal or ground_state(self.element)
        above = f"{self.structures[own]:.1f} meV/atom above it" if own in self.structures else "no minimum at all"
        whose = "its data" if self.crystal else self.element
        return f"note: the crystal of lowest energy of {self.id} is {lowest}; {own}, that of {whose}, is {above}"
