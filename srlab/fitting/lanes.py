"""Lanes of the compiled loops, a few at a time: how many columns or candidates one pass over the pairs takes."""

from __future__ import annotations

import numpy as np

WIDTHS = (1, 2, 4, 8, 16)  # lanes the loops are compiled for


def in_chunks(kernel, arrays, shapes):
    """Run a loop on lanes, padded to the next width it is compiled for.

    Parameters
    ----------
    kernel : callable
        kernel(*chunks, width, *outs) adds to `outs`; `width` is a tuple of as many zeros as the chunks have lanes.
    arrays : list of (..., n) arrays
        Of one dtype, lanes last.
    shapes : list of tuple
        Of the results, without their lanes.

    Returns
    -------
    list of shape + (n,) arrays
    """
    count, dtype, parts = arrays[0].shape[-1], arrays[0].dtype, []
    for start in range(0, count, WIDTHS[-1]):
        taken = min(WIDTHS[-1], count - start)
        width = next(w for w in WIDTHS if w >= taken)
        if width == count:
            chunks = [np.ascontiguousarray(array) for array in arrays]
        else:
            chunks = [np.zeros((*array.shape[:-1], width), dtype) for array in arrays]
            for chunk, array in zip(chunks, arrays):
                chunk[..., :taken] = array[..., start : start + taken]
        outs = [np.zeros((*shape, width), dtype) for shape in shapes]
        kernel(*chunks, (0,) * width, *outs)
        parts.append([out[..., :taken] for out in outs])
    if not parts:
        return [np.zeros((*shape, 0), dtype) for shape in shapes]
    return parts[0] if len(parts) == 1 else [np.concatenate(found, axis=-1) for found in zip(*parts)]
