"""What nested sampling knows beside structures: the density of states, and from it energies and heat capacities."""

import numpy as np

BOLTZMANN = 8.617333262e-5  # eV/K


def log_weights(log_volumes):
    """Logarithm of the configuration space that each dead walker stands for, from the space below each of them (both
    (k,))."""
    logs = np.asarray(log_volumes, dtype=float)
    above = np.concatenate([[0.0], logs[:-1]])
    return above + np.log1p(-np.exp(np.minimum(logs - above, -1e-300)))


def heat_capacity(energies, log_volumes, temperatures):
    """Mean potential energy and configurational heat capacity by temperature.

    Parameters
    ----------
    energies : (k,) total energies of the dead walkers, falling, eV.
    log_volumes : (k,) logarithm of the space below each.
    temperatures : (t,) K.

    Returns
    -------
    mean : (t,) eV. capacity : (t,) in units of Boltzmann's constant; a harmonic oscillator has 1/2 a degree of freedom.
    """
    energies, weights = np.asarray(energies, dtype=float), log_weights(log_volumes)
    mean, capacity = [], []
    for temperature in np.atleast_1d(temperatures):
        beta = 1.0 / (BOLTZMANN * temperature)
        exponent = weights - beta * (energies - energies.min())
        p = np.exp(exponent - exponent.max())
        p /= p.sum()
        mean.append(p @ energies)
        capacity.append(beta**2 * (p @ (energies - mean[-1]) ** 2))
    return np.array(mean), np.array(capacity)
