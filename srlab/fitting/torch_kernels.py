"""The sums over pairs in torch, for a GPU: the methods of `srlab.fitting.backends.CompiledKernels` on tensors.

Everything between the tables of a block and its rows stays on the device. What describes the pairs is copied there
once. Sums at atoms and in frames are `embedding_bag`, one thread a sum in the order of a list made once: there is
nothing to sort in a call, and the same call gives the same numbers, which index_add_ on a GPU does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch.nn.functional import embedding_bag

from srlab.fitting.pair_table import PairTable
from srlab.harmonics import GRADIENTS, HARMONICS

LANES = 64  # candidates in one pass
NUMBERS = 2**27  # most in one tensor of pairs and lanes: 0.5 GB in float32, and a pass holds a few of them
VOIGT = ((0, 0), (1, 1), (2, 2), (2, 1), (2, 0), (1, 0))  # component of a slope, and of the vector of its pair
TYPES = {np.dtype(np.float32): torch.float32, np.dtype(np.float64): torch.float64}


class TorchKernels:
    """The back end of a torch device; see `srlab.fitting.backends.CompiledKernels` for what its methods give.

    Parameters
    ----------
    device : str
        As torch names it: "cuda", "cuda:1", or "cpu", which is slower than the compiled loops.
    """

    xp = torch

    def __init__(self, device: str):
        self.device = torch.device(device)
        self._pairs: WeakKeyDictionary = WeakKeyDictionary()  # table -> dtype -> _Pairs

    def lanes(self, table: PairTable) -> int:
        """Most candidates that are worth taking at a time."""
        return max(1, min(LANES, NUMBERS // max(1, table.n_pairs)))

    def array(self, values, dtype=np.float64):
        """Numbers as a tensor on the device."""
        dtype = dtype if isinstance(dtype, torch.dtype) else TYPES[np.dtype(dtype)]
        if isinstance(values, np.ndarray):
            values = torch.from_numpy(np.ascontiguousarray(values))
        return torch.as_tensor(values, dtype=dtype, device=self.device)

    def numpy(self, array) -> np.ndarray:
        """A tensor as an array of numpy's."""
        return array.contiguous().cpu().numpy()

    def functions(self, formulas, *x):
        """Value and slopes of formulas, one a lane; those that differ in their constants only are evaluated at once."""
        x = [each[:, None].expand(-1, len(formulas)) if each.ndim == 1 else each for each in x]
        results = [torch.zeros(x[0].shape, dtype=x[0].dtype, device=self.device) for _ in range(1 + len(x))]
        alike: dict = {}
        for lane, formula in enumerate(formulas):
            if formula is not None:
                alike.setdefault(formula.root, []).append(lane)
        for lanes in alike.values():
            constants = self.array(np.array([formulas[lane].values for lane in lanes]).T)
            at = [each[:, lanes].requires_grad_() for each in x]
            with torch.enable_grad():
                value = formulas[lanes[0]].torch(*at, constants=constants)
            slopes = [torch.zeros_like(each) for each in at]
            if value.requires_grad:  # a constant has no slope
                slopes = torch.autograd.grad(value.sum(), at, allow_unused=True, materialize_grads=True)
            for result, part in zip(results, (value.detach(), *slopes)):
                result[:, lanes] = part
        return tuple(results)

    def tables(self, formulas, x, shaped, dtype):
        """Tables and slopes, each (k, n), of formulas, one a lane."""
        return tuple(self.array(each, dtype) for each in shaped(*self.functions(formulas, x)))

    def orthonormal(self, columns):
        """An orthonormal basis of columns (m, n), and the triangle (n, n), numpy's, that makes them of it.

        By Cholesky factors of the products of the columns, twice (CholeskyQR2: Yamamoto et al., Electron. Trans. Numer.
        Anal. 44, 306 (2015)), products of matrices being what a GPU does best; by reflections where columns say nearly
        the same.
        """
        basis, triangle = columns, np.eye(columns.shape[1])
        for _ in range(2):
            try:
                factor = np.linalg.cholesky(self.numpy(basis.T @ basis)).T
            except np.linalg.LinAlgError:
                factor = np.zeros_like(triangle)
            if not np.abs(np.diag(factor)).min() > 1e-6:  # nor where they are not finite
                basis, factor = torch.linalg.qr(columns)
                return basis, self.numpy(factor)
            basis, triangle = basis @ self.array(np.linalg.inv(factor)), factor @ triangle
        return basis, triangle

    def per_frame(self, table, per_atom):
        """Sum over the atoms of each frame of (n_atoms, n)."""
        pairs = self._of(table, per_atom.dtype)
        return embedding_bag(pairs.atoms, per_atom, pairs.atom_start, mode="sum", include_last_offset=True)

    def pair_energies(self, table, phi):
        """Pair energy of each frame, (n_frames, n), of tables phi (k, n)."""
        pairs, phi = self._with(table, phi)
        return self.per_frame(table, 0.5 * pairs.at_atoms(pairs.interpolated(phi)).double())

    def densities(self, table, f):
        """Density of each atom, (n_atoms, n), of tables f (k, n)."""
        pairs, f = self._with(table, f)
        return pairs.at_atoms(pairs.interpolated(f)).double()

    def block_forces(self, table, dphi, df, slopes):
        """Forces (n_atoms, 3, n) of candidates."""
        pairs, dphi = self._with(table, dphi)
        g = pairs.interpolated(dphi)
        for df_of, slope in zip(df, slopes):
            g += pairs.of_both(slope.to(g.dtype)) * pairs.interpolated(df_of)
        return pairs.forces_along(g)

    def pair_columns(self, table, dphi):
        """Forces (n_atoms, 3, n) of pair functions."""
        return self.block_forces(table, dphi, [], [])

    def embedding_columns(self, table, df, slope_change):
        """Forces (n_atoms, 3, n) of changes of dF/drho."""
        pairs, df = self._with(table, df[:, None])
        return pairs.forces_along(pairs.of_both(slope_change) * pairs.interpolated(df))

    def density_columns(self, table, df, slope_change, dembedding, df_change):
        """Forces (n_atoms, 3, n) of changes of a density function."""
        pairs, df = self._with(table, df[:, None])
        g = pairs.of_both(slope_change) * pairs.interpolated(df)
        g += pairs.of_both(dembedding[:, None]) * pairs.interpolated(df_change)
        return pairs.forces_along(g)

    def moments(self, table, rank, a):
        """Moments (n_atoms, 2 rank + 1, n) of radial tables a (k, n)."""
        pairs, a = self._with(table, a)
        value = pairs.interpolated(a)
        return torch.stack([pairs.at_atoms(value, harmonic) for harmonic in pairs.harmonics[rank]], axis=1)

    def moment_forces(self, table, rank, factors, gain, virials):
        """Forces (n_atoms, 3, n) and virials (n_frames, 6, n) or (0, 6, n)."""
        pairs, across = self._with(table, factors[0])
        along = self.array(factors[1], across.dtype)
        slopes = pairs.contracted(gain, rank)
        radial = pairs.along(slopes) * pairs.interpolated(along)
        across = pairs.interpolated(across)
        return self._pushed(
            table, pairs, [slope * across + radial * x[:, None] for slope, x in zip(slopes, pairs.unit)], virials
        )

    def moment_columns(self, table, rank, factors, gain, factor_changes, gain_change, virials):
        """As `moment_forces`, to first order, of changes of a radial function."""
        pairs, across = self._with(table, factors[0][:, None])
        along, across_change, along_change = (
            self.array(each, across.dtype) for each in (factors[1][:, None], *factor_changes)
        )
        own, changes = pairs.contracted(gain[:, :, None], rank), pairs.contracted(gain_change, rank)
        radial = pairs.along(changes) * pairs.interpolated(along) + pairs.along(own) * pairs.interpolated(along_change)
        across, across_change = pairs.interpolated(across), pairs.interpolated(across_change)
        slopes = [
            change * across + slope * across_change + radial * x[:, None]
            for change, slope, x in zip(changes, own, pairs.unit)
        ]
        return self._pushed(table, pairs, slopes, virials)

    def _pushed(self, table, pairs, slopes, virials):
        """Forces of slopes, three components (p, n), and their virials by frame."""
        forces = torch.stack([pairs.at_atoms(slope, pairs.sign) for slope in slopes], axis=1)
        if not virials:
            return forces, forces.new_zeros((0, 6, forces.shape[2]))
        vector = [(0.5 * pairs.distance * x)[pairs.both] for x in pairs.unit]
        parts = [self.per_frame(table, pairs.at_atoms(slopes[a], vector[b])) for a, b in VOIGT]
        return forces, torch.stack(parts, axis=1)

    def _with(self, table, values):
        """The pairs of a table, and a function's values on its grid on the device, of one dtype."""
        values = self.array(values, values.dtype)
        return self._of(table, values.dtype), values

    def _of(self, table, dtype) -> _Pairs:
        kept = self._pairs.setdefault(table, {})
        if dtype not in kept:
            kept[dtype] = _Pairs.of(table, dtype, self)
        return kept[dtype]


@dataclass(frozen=True)
class _Pairs:
    """The half pairs of a table on a device.

    i, j, lower : (p,) atoms and lower grid point; weight, distance : (p,); unit : three of (p,); both : (2 p,) each
    pair twice, sorted by the atom it is seen from, and sign : (2 p,) 1 where that is i, -1 where it is j; start :
    (n_atoms + 1,) where those of an atom begin; atoms : (n_atoms,) their numbers; atom_start : (n_frames + 1,) where
    frames begin.
    """

    i: torch.Tensor
    j: torch.Tensor
    lower: torch.Tensor
    weight: torch.Tensor
    unit: list[torch.Tensor]
    distance: torch.Tensor
    both: torch.Tensor
    sign: torch.Tensor
    start: torch.Tensor
    atoms: torch.Tensor
    atom_start: torch.Tensor

    @classmethod
    def of(cls, table: PairTable, dtype, kernels: TorchKernels) -> _Pairs:
        def whole(values):
            return torch.as_tensor(np.asarray(values, np.int64), device=kernels.device)

        ends = np.concatenate([table.i, table.j])
        order = np.argsort(ends, kind="stable")
        start = np.concatenate([[0], np.cumsum(np.bincount(ends, minlength=table.n_atoms))])
        return cls(
            i=whole(table.i),
            j=whole(table.j),
            lower=whole(table.bin),
            weight=kernels.array(table.weight, dtype),
            unit=[kernels.array(component, dtype) for component in table.unit.T],
            distance=kernels.array(table.distance, dtype),
            both=whole(order % max(1, table.n_pairs)),
            sign=kernels.array(np.where(order < table.n_pairs, 1.0, -1.0), dtype),
            start=whole(start),
            atoms=whole(np.arange(table.n_atoms)),
            atom_start=whole(table.atom_start),
        )

    def interpolated(self, values):
        """Values (k, n) on the grid at the pairs: (p, n)."""
        return torch.lerp(values[self.lower], values[self.lower + 1], self.weight[:, None])

    def of_both(self, per_atom):
        """Sum of (n_atoms, n) over both atoms of each pair: (p, n)."""
        return per_atom[self.i] + per_atom[self.j]

    @cached_property
    def away(self) -> list[torch.Tensor]:
        """Components, three of (2 p,), of the unit vectors from the atoms that the pairs are seen from."""
        return [self.sign * x[self.both] for x in self.unit]

    @cached_property
    def harmonics(self) -> dict:
        """rank -> harmonics of the vectors `away`, each (2 p,)."""
        return {rank: function(*self.away) for rank, function in HARMONICS.items()}

    @cached_property
    def gradients(self) -> dict:
        """rank -> three components of each harmonic's gradient at the vectors from i to j, each (p,)."""
        return {rank: function(*self.unit) for rank, function in GRADIENTS.items()}

    def at_atoms(self, values, weights=None):
        """Sum of values (p, n) over the pairs of each atom, (n_atoms, n), times weights (2 p,) of each as it is seen
        from that atom."""
        return embedding_bag(
            self.both, values, self.start, mode="sum", per_sample_weights=weights, include_last_offset=True
        )

    def forces_along(self, g):
        """Forces (n_atoms, 3, n) of slopes g (p, n) along the pairs."""
        return torch.stack([self.at_atoms(g, x) for x in self.away], axis=1)

    def contracted(self, gain, rank):
        """X = sum over m of the gains of both atoms, (n_atoms, 2 rank + 1, n), times the gradients of the harmonics:
        three components (p, n)."""
        slopes = [gain.new_zeros(len(self.i), gain.shape[2]) for _ in self.unit]
        for m, gradient in enumerate(self.gradients[rank]):
            both = torch.add(gain[:, m][self.i], gain[:, m][self.j], alpha=1 - 2 * (rank % 2))
            for slope, component in zip(slopes, gradient):
                slope.addcmul_(both, component[:, None])
        return slopes

    def along(self, slopes):
        """Slopes, three components (p, n), along the pairs: (p, n)."""
        return sum(slope * x[:, None] for slope, x in zip(slopes, self.unit))
