"""Two-phase coexistence at constant enthalpy: half a crystal is melted, then temperature finds the melting point while
both phases last.

NPH with the box free along x = y and z. A run that loses a phase only brackets the melting point: heat is conserved, so
a cell that froze altogether ends below it and one that melted altogether above it. Engine: LAMMPS.
"""

import numpy as np

from srlab.validation.dynamics.md_session import averages, open_session, run, show, solid_profile, steps

LOST = 0.08
"""A phase is lost when fewer than this share of the atoms is left of it, three records in a row."""


def melting_hot(temperature):
    """A temperature (K) that melts a crystal within 2 ps and leaves no crystallites, but does not boil it; from one
    near its melting point."""
    return 1.7 * temperature + 300.0


def half_melted(session, settings, temperature, melt, cooling=2.5):
    """Bring the crystal to `temperature` (K), melt its upper half in z at `melt` (K), and cool that to `temperature`
    within `cooling` ps."""
    nx, ny, nz = settings["cells"]
    t, seed = temperature, settings["seed"]
    show(session, settings, f"bringing the crystal to {t:.0f} K")
    run(
        session,
        f"""velocity all create {2 * t} {4711 + seed} mom yes rot no
fix hold all npt temp {t} {t} 0.1 x 0 0 1.0 y 0 0 1.0 z 0 0 1.0 couple xy
run {steps(2.0)} post no""",
    )
    mean = averages(session, 1.5)
    if settings["structure"] == "hcp":  # whose axes are no multiples of each other
        x, y, z = mean["Lx"], mean["Ly"], mean["Lz"]
    else:
        x, y, z = (mean["Lx"] / nx * n for n in (nx, ny, nz))
    show(session, settings, f"melting the upper half at {melt:.0f} K")
    run(
        session,
        f"""unfix hold
change_box all x final 0 {x} y final 0 {y} z final 0 {z} remap units box
region upper block INF INF INF INF {(0.5 - 0.25 / nz) * z} INF units box
group liquid region upper
group crystal subtract all liquid
velocity crystal set 0 0 0
fix hold liquid nvt temp {melt} {melt} 0.05
velocity liquid create {2 * melt} {99 + seed}
run {steps(2.0)} post no
unfix hold""",
    )
    show(session, settings, f"cooling the melt to {t:.0f} K")
    run(
        session,
        f"""fix hold liquid npt temp {melt} {t} {min(0.1, 0.1 * cooling)} z 0 0 0.5 dilate liquid
run {steps(cooling)} post no
unfix hold""",
    )


def coexist(settings, record):
    """One coexistence run.

    Parameters
    ----------
    settings : dict
        Of `md_session.write_table`, with cells (nx, ny, nz), temperature (K) to start from, ps, seed.
    record : callable
        Called every picosecond with t (ps), T (K), P (bar), H (eV/atom), V (A^3/atom), solid (share of atoms), profile
        (share in each slice along z).

    Returns
    -------
    dict
        outcome ("coexistence", "frozen" or "melted"), temperature (K, mean of the second half) and standard_error (K),
        atoms.
    """
    session = open_session(settings)
    t0, n = settings["temperature"], session.get_natoms()
    half_melted(session, settings, t0, melting_hot(t0))
    show(session, settings, "joining crystal and melt")
    run(
        session,
        f"""velocity all create {t0} {7 + settings["seed"]} mom yes
fix hold all npt temp {t0} {t0} 0.1 z 0 0 1.0
run {steps(1.0)} post no
unfix hold
velocity all zero linear
fix hold all nph x 0 0 2.0 y 0 0 2.0 z 0 0 2.0 couple xy""",
    )
    temperatures, solids, lost = [], [], 0
    for k in range(int(settings["ps"])):
        mean = averages(session, 1.0)
        solid, profile = solid_profile(session, 2 * settings["cells"][2])
        show(session, settings, "")
        record(t=k + 1.0, T=mean["T"], P=mean["P"], H=mean["H"] / n, V=mean["V"] / n, solid=solid, profile=profile)
        temperatures.append(mean["T"])
        solids.append(solid)
        # solid-like atoms are missed near interfaces and by heat: a hot crystal shows 0.9 of its atoms
        lost = lost + 1 if solid < LOST or solid > 0.98 - LOST else 0
        if lost == 3:
            break
    tail = np.array(temperatures[len(temperatures) // 2 :] if lost < 3 else temperatures[-3:])
    outcome = "coexistence" if lost < 3 else "melted" if solids[-1] < 0.5 else "frozen"
    error = block_error(tail)
    return {
        "outcome": outcome,
        "temperature": float(tail.mean()),
        "standard_error": error if np.isfinite(error) else None,
        "atoms": n,
        "solid": float(np.mean(solids[-3:])),
    }


def block_error(values, blocks=5):
    """Standard error of the mean of a correlated series, from the spread of block means; nan for fewer than two values
    a block."""
    values = np.asarray(values, float)
    if len(values) < 2 * blocks:
        return float("nan") if len(values) < 2 else float(values.std(ddof=1) / np.sqrt(2.0))
    means = np.array([block.mean() for block in np.array_split(values, blocks)])
    return float(means.std(ddof=1) / np.sqrt(blocks))


def phases(settings, record):
    """Enthalpies of the crystal and the liquid at one temperature, for the latent heat.

    Returns
    -------
    dict
        solid_enthalpy, liquid_enthalpy (eV/atom), solid_volume, liquid_volume (A^3/atom), solid_share, liquid_share (of
        solid-like atoms).
    """
    found = {}
    t = settings["temperature"]
    for phase in ("solid", "liquid"):
        session = open_session(settings)
        n = session.get_natoms()
        run(session, f"velocity all create {2 * t} {3 + settings['seed']} mom yes")
        if phase == "liquid":
            melt = melting_hot(t)
            run(
                session,
                f"""fix hold all npt temp {melt} {melt} 0.1 iso 0 0 1.0
velocity all create {2 * melt} 5
run {steps(3.0)} post no
unfix hold""",
            )
        run(
            session,
            f"""fix hold all npt temp {t} {t} 0.1 iso 0 0 1.0
run {steps(3.0)} post no""",
        )
        mean = averages(session, settings["ps"])
        share, _ = solid_profile(session, 1)
        found |= {f"{phase}_enthalpy": mean["H"] / n, f"{phase}_volume": mean["V"] / n, f"{phase}_share": share}
        record(phase=phase, T=mean["T"], H=mean["H"] / n, V=mean["V"] / n, solid=share)
        session.close()
    return found


PROTOCOLS = {"coexistence": coexist, "phases": phases}
