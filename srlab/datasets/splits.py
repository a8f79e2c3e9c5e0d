"""Train/test splits that come out the same on every machine."""

from numbers import Integral

import numpy as np

from srlab.errors import InputError

TEST_EVERY = 4  # one frame in four is a test frame


def stratified(energies_per_atom, seed=0):
    """One frame of every four neighbours in energy goes to the test set, so that both sets span the same energies.

    Parameters
    ----------
    energies_per_atom : (n,) eV/atom.
    seed : chooses which of the four.

    Returns
    -------
    train, test : ascending indices; a single frame is a training frame.
    """
    energies = np.asarray(energies_per_atom, dtype=float)
    count = len(energies)
    # rounding and a stable sort: equal energies keep file order whatever the last bit of a sum is
    order = np.argsort(np.round(energies, 7), kind="stable")
    rng = np.random.default_rng(seed)
    starts = np.arange(0, count, TEST_EVERY)
    chosen = starts + rng.integers(TEST_EVERY, size=len(starts))
    if 1 < count < TEST_EVERY:
        chosen = chosen % count
    test = np.sort(order[chosen[chosen < count]]) if count > 1 else np.array([], dtype=int)
    return np.setdiff1d(np.arange(count), test), test


def split_indices(energies_per_atom, split="stratified", seed=0):
    """Indices of train and test frames, two integer arrays.

    Parameters
    ----------
    split : "stratified"; "alternate" (even index train, odd index test); "all" (everything is train, nothing is test).

    Raises
    ------
    InputError : an unknown split, or a seed that is none.
    """
    count = len(energies_per_atom)
    if not isinstance(seed, Integral) or seed < 0:
        raise InputError(f"the seed of a split must be a whole number from 0 on, not {seed!r}")
    if split == "stratified":
        return stratified(energies_per_atom, seed)
    if split == "alternate":
        return np.arange(0, count, 2), np.arange(1, count, 2)
    if split == "all":
        return np.arange(count), np.array([], dtype=int)
    raise InputError(f"unknown split {split!r}: use stratified, alternate or all")
