"""The two back ends of the kernels, behind the same signatures: loops compiled for the CPU, and torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from srlab.fitting import kernels, lanes, moment_kernels
from srlab.fitting.devices import require_device

if TYPE_CHECKING:
    from srlab.fitting.torch_kernels import TorchKernels


class CompiledKernels:
    """The compiled loops of `srlab.fitting.kernels` and `srlab.fitting.moment_kernels`.

    widths : numbers of lanes a call may have, ascending.
    """

    widths = lanes.WIDTHS
    pair_energies = staticmethod(kernels.pair_energies)
    densities = staticmethod(kernels.densities)
    block_forces = staticmethod(kernels.block_forces)
    pair_columns = staticmethod(kernels.pair_columns)
    embedding_columns = staticmethod(kernels.embedding_columns)
    density_columns = staticmethod(kernels.density_columns)
    moments = staticmethod(moment_kernels.moments)
    moment_forces = staticmethod(moment_kernels.moment_forces)
    moment_columns = staticmethod(moment_kernels.moment_columns)


COMPILED = CompiledKernels()


def kernels_on(device: str) -> CompiledKernels | TorchKernels:
    """The back end of a device, "cpu", "cuda" or "cuda:N". Raises as `srlab.fitting.devices.require_device`."""
    require_device(device)
    if device == "cpu":
        return COMPILED
    from srlab.fitting.torch_kernels import TorchKernels

    return TorchKernels(device)
