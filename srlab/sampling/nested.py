"""Nested ensemble sampling: structures from gas-like disorder to the crystal, under a falling energy ceiling.

Walkers are spread uniformly over all structures below a ceiling. The ceiling falls, by the median of their energies
(half of the remaining configuration space at a time) or walker by walker from the top; those left above are replaced by
copies of others, which random moves make independent again. So every range of energies is visited in proportion to the
logarithm of the space it holds, which a simulation at any one temperature cannot do. Skilling, Bayesian Anal. 1, 833
(2006); for atoms, Partay, Bartok and Csanyi, J. Phys. Chem. B 114, 10502 (2010); the median rule, Nielsen, J. Chem.
Phys. 139, 124104 (2013).
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np

from srlab.errors import InputError
from srlab.sampling.energy_surface import make_surface
from srlab.sampling.walk import COMPACT, adapt, random_numbers, walker


@dataclass(frozen=True)
class Level:
    """One level of a run.

    Attributes
    ----------
    index : from 0.
    ceiling, lowest : highest allowed and lowest found energy, eV/atom.
    samples : list of ase.Atoms below the ceiling, cells Niggli-reduced.
    dead : (k,) total energies (eV) of the walkers that were above the ceiling, falling.
    log_volumes : (k,) logarithm of the fraction of configuration space below each of them.
    acceptance : (3,) accepted fraction of atom, volume and shear moves.
    """

    index: int
    ceiling: float
    lowest: float
    samples: list = field(repr=False)
    dead: np.ndarray = field(repr=False)
    log_volumes: np.ndarray = field(repr=False)
    acceptance: np.ndarray = field(repr=False)


def default_bounds(element):
    """Smallest distance (angstrom) and range of volumes (angstrom^3/atom) for an element, from the volume of its
    crystal (ASE's reference states).

    For copper 1.74 and 9.1 to 20.2, at a crystal of 11.8; for other elements as the cube root of their volume, and the
    volume, are to copper's. Elements whose reference state is no fcc, bcc, hcp or diamond crystal go by their covalent
    radius, which for copper gives the same.
    """
    from ase.data import atomic_numbers, covalent_radii

    contact = 2 * covalent_radii[atomic_numbers["Cu"]]
    volume = _reference_volume(element)
    contact = (
        contact * (volume / _reference_volume("Cu")) ** (1 / 3)
        if volume
        else 2 * covalent_radii[atomic_numbers[element]]
    )
    return 0.66 * contact, (0.70 * contact**3 / np.sqrt(2), 1.55 * contact**3 / np.sqrt(2))


def _reference_volume(element):
    """angstrom^3/atom of ASE's reference crystal; None for a molecule, an atom, or a lattice of another kind."""
    from ase.data import atomic_numbers, reference_states

    state = reference_states[atomic_numbers[element]] or {}
    atoms_per_cube = {"fcc": 4, "bcc": 2, "diamond": 8}
    if state.get("symmetry") in atoms_per_cube:
        return state["a"] ** 3 / atoms_per_cube[state["symmetry"]]
    return state["a"] ** 3 * state["c/a"] * np.sqrt(3) / 4 if state.get("symmetry") == "hcp" else None


class NestedSampler:
    """Iterate over the levels of a run; stop whenever you like.

    Parameters
    ----------
    potential : Potential, ASE calculator (then give `element`), or a surface of :mod:`srlab.sampling.energy_surface`.
    atoms : atoms in the periodic cell.
    walkers : independent structures carried along.
    seed : the same seed gives the same structures, whatever `workers` is.
    rule : "median" halves the space at each level; "worst" removes one walker at a time, walkers * ln 2 of them a
        level.
    volumes : bounds, angstrom^3/atom.
    min_distance : no two atoms nearer than this, angstrom.
    sweeps : moves per atom (and per walker) between levels.
    per_level : structures returned from each level.
    fixed : (scaled (n, 3), cell (3, 3)) start all walkers here and keep the cell, for checks against known answers.
    workers : threads; compiled walks run in parallel.

    Raises
    ------
    InputError : arguments that cannot be used, or bounds so tight that no structure is found.
    """

    def __init__(
        self,
        potential,
        atoms=8,
        walkers=60,
        seed=0,
        rule="median",
        volumes=None,
        min_distance=None,
        sweeps=60,
        per_level=1,
        element=None,
        fixed=None,
        workers=1,
    ):
        self.element = element or getattr(potential, "element", None) or "Cu"
        distance, bounds = default_bounds(self.element)
        self.min_distance = distance if min_distance is None else float(min_distance)
        self.volumes = np.array(bounds if volumes is None else volumes, dtype=float)
        if atoms < 1 or walkers < 4 or not 1 <= per_level <= walkers:
            raise InputError(
                f"sampling needs at least 1 atom, 4 walkers and 1 to {walkers} samples a level, "
                f"not {atoms}, {walkers}, "
                f"{per_level}: change them"
            )
        if rule not in ("median", "worst"):
            raise InputError(f"unknown rule {rule!r}: use median or worst")
        if not 0 < self.volumes[0] < self.volumes[1]:
            raise InputError(f"volumes {tuple(self.volumes)}: give a smaller and a larger volume in angstrom^3/atom")
        self.surface = make_surface(potential, self.min_distance, element)
        # equal spheres fill space best as fcc does
        if self.volumes[1] < self.min_distance**3 / np.sqrt(2):
            raise InputError(
                f"no structure with atoms {self.min_distance:g} angstrom apart fits "
                f"{self.volumes[1]:g} angstrom^3/atom: "
                f"allow larger volumes or a smaller min_distance"
            )
        self.atoms, self.rule, self.sweeps, self.per_level = atoms, rule, sweeps, per_level
        self.seed, self.workers, self.fixed_cell = seed, workers, fixed is not None
        self.sizes, self.log_volume = np.array([0.5, 0.8, 0.06]), 0.0
        self._walk, self._rng = walker(self.surface), np.random.default_rng(seed)
        start = [fixed or self._random_cell() for _ in range(walkers)]
        self._state = [(np.array(s, float), np.array(c, float), np.inf) for s, c in start]

    def __iter__(self):
        """Yield Level after Level, without end."""
        pool = ThreadPoolExecutor(self.workers) if self.workers > 1 and self.surface.compiled else nullcontext()
        with pool:
            for _ in range(3):  # forget the way the first structures were drawn
                self._decorrelate(range(len(self._state)), np.inf, pool)
            index = 0
            while True:
                yield (self._median_level if self.rule == "median" else self._worst_level)(index, pool)
                index += 1

    def _median_level(self, index, pool):
        count = len(self._state)
        order = np.argsort([-state[2] for state in self._state], kind="stable")
        gone, kept = order[: count // 2], order[count // 2 :]
        dead = np.array([self._state[k][2] for k in gone])
        # with m walkers left the topmost holds on average the fraction 1/m of the remaining logarithmic space
        logs = self.log_volume - np.cumsum(1.0 / np.arange(count, count - len(gone), -1))
        self.log_volume = float(logs[-1])
        ceiling = self._state[kept[0]][2]
        for k in gone:
            self._state[k] = self._state[self._rng.choice(kept)]
        return self._finish(index, ceiling, dead, logs, self._decorrelate(range(count), ceiling, pool))

    def _worst_level(self, index, pool):
        count, dead, logs, moves = len(self._state), [], [], np.zeros((2, 3))
        for _ in range(max(1, round(count * np.log(2)))):
            worst = int(np.argmax([state[2] for state in self._state]))
            ceiling = self._state[worst][2]
            dead.append(ceiling)
            self.log_volume -= 1.0 / count
            logs.append(self.log_volume)
            other = int(self._rng.integers(count - 1))
            self._state[worst] = self._state[other + (other >= worst)]
            moves += self._decorrelate([worst], ceiling, pool, adapt_sizes=False)
        self.sizes = adapt(self.sizes, *moves)
        return self._finish(index, ceiling, np.array(dead), np.array(logs), moves)

    def _decorrelate(self, which, ceiling, pool, adapt_sizes=True):
        steps = self.sweeps * self.atoms
        # numbers are drawn here, in order, so that threads cannot change the result
        tasks = [(k, *random_numbers(self._rng, steps, self.atoms)) for k in which]

        def run(task):
            k, kinds, picks, normals = task
            scaled, cell, _ = self._state[k]
            # a copy on the ceiling itself must stay allowed
            return k, self._walk(
                scaled,
                cell,
                np.nextafter(ceiling, np.inf),
                self.min_distance,
                self.volumes,
                self.sizes,
                kinds,
                picks,
                normals,
                self.fixed_cell,
                self.surface.extra,
            )

        moves = np.zeros((2, 3))
        for k, (scaled, cell, energy, accepted, tried) in (
            pool.map(run, tasks) if isinstance(pool, ThreadPoolExecutor) else map(run, tasks)
        ):
            self._state[k] = (scaled, cell, energy)
            moves += accepted, tried
        if adapt_sizes:
            self.sizes = adapt(self.sizes, *moves)
        return moves

    def _finish(self, index, ceiling, dead, logs, moves):
        chosen = self._rng.choice(len(self._state), self.per_level, replace=False)
        samples = [self._structure(k, index, ceiling / self.atoms) for k in chosen]
        lowest = min(state[2] for state in self._state) / self.atoms
        return Level(index, ceiling / self.atoms, lowest, samples, dead, logs, moves[0] / np.maximum(moves[1], 1))

    def _structure(self, k, level, ceiling):
        from ase import Atoms
        from ase.build import niggli_reduce

        scaled, cell, energy = self._state[k]
        atoms = Atoms([self.element] * self.atoms, scaled_positions=scaled, cell=cell, pbc=True)
        if not self.fixed_cell:
            niggli_reduce(atoms)
        atoms.wrap()
        atoms.info.update(
            family="nested-ensemble",
            level=level,
            seed=self.seed,
            ceiling=round(ceiling, 6),
            surrogate_energy=round(energy / self.atoms, 6),
        )
        return atoms

    def _random_cell(self):
        """A random compact cell with random atoms no closer than the minimum distance."""
        rng, n = self._rng, self.atoms
        for _ in range(100):
            side = (rng.uniform(*self.volumes) * n) ** (1 / 3)
            cell = np.eye(3) * side + rng.normal(0, 0.08 * side, (3, 3))
            cell *= side / abs(np.linalg.det(cell)) ** (1 / 3)
            if (1 / np.linalg.norm(np.linalg.inv(cell), axis=0)).min() < COMPACT * side:
                continue
            scaled = rng.random((n, 3))
            shortest = shortest_distance(scaled, cell)
            for _ in range(200 * n):
                if shortest > self.min_distance:
                    return scaled, cell
                trial = scaled.copy()
                trial[rng.integers(n)] = rng.random(3)
                distance = shortest_distance(trial, cell)
                if distance >= shortest:
                    scaled, shortest = trial, distance
        raise InputError(
            f"no structure of {n} atoms at {self.volumes[0]:g}-{self.volumes[1]:g} angstrom^3/atom keeps all atoms "
            f"{self.min_distance:g} angstrom apart: allow larger volumes or a smaller min_distance"
        )


_IMAGES = np.array([(a, b, c) for a in range(-2, 3) for b in range(-2, 3) for c in range(-2, 3)])


def shortest_distance(scaled, cell):
    """Shortest distance (angstrom) between atoms at scaled positions (n, 3) of a compact cell, images two cells away
    included."""
    difference = scaled[:, None, None, :] - scaled[None, :, None, :] + _IMAGES
    squares = ((difference @ cell) ** 2).sum(axis=-1)
    squares[np.arange(len(scaled)), np.arange(len(scaled)), len(_IMAGES) // 2] = np.inf
    return float(np.sqrt(squares.min()))


def sample(potential, atoms=8, walkers=60, levels=64, seed=0, tolerance=0.002, progress=None, **options):
    """Structures from disorder to crystal on a potential.

    Parameters
    ----------
    potential, atoms, walkers, seed : see :class:`NestedSampler`, which takes the other `options`, too (rule, volumes,
        min_distance,
        sweeps, per_level, element, workers).
    levels : at most this many.
    tolerance : stop when ceiling and lowest energy are this close, eV/atom: the walkers have reached one structure.
    progress : called as progress(level, levels, Level) after every level; return False to stop.

    Returns
    -------
    list of ase.Atoms, info: family "nested-ensemble", level, seed, ceiling and surrogate_energy (eV/atom).
    """
    if levels < 1:
        raise InputError(f"levels {levels}: at least 1 is needed")
    found = []
    for level in NestedSampler(potential, atoms=atoms, walkers=walkers, seed=seed, **options):
        found += level.samples
        stop = progress is not None and progress(level.index + 1, levels, level) is False
        if stop or level.index + 1 >= levels or level.ceiling - level.lowest < tolerance:
            return found
