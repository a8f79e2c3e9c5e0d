"""Outputs of codes in small: what their readers look for, line by line as the codes write it, around numbers of our
own."""

import numpy as np

BOHR, HARTREE = 0.5291772105638411, 27.211386024367243  # those of ase.units
PW_BOHR, PW_RYDBERG = 0.5291772083535413, 13.605691932782346  # of CODATA 2006, which ASE takes for pw.x
CELL = np.diag([3.6, 3.6, 3.7])
POSITIONS = np.array([[0.05, 0.0, 0.0], [0.0, 1.8, 1.85], [1.8, 0.0, 1.85], [1.8, 1.8, 0.0]])
FORCES = np.array([[0.125, -0.25, 0.5], [0.0, 0.25, -0.5], [-0.25, 0.0, 0.125], [0.125, 0.0, -0.125]])
STRESS_KBAR = np.array([[10.0, 1.0, 2.0], [1.0, 20.0, 3.0], [2.0, 3.0, 30.0]])  # VASP's sign


def positions_of(step):
    """Positions of a step, angstrom: each a little further than the last."""
    return POSITIONS + 0.01 * step


def free_energy(step):
    """eV; what the forces of a step belong to."""
    return -14.0 + 0.125 * step


def outcar(steps=3, unconverged=(), nelm=60, version=6):
    """VASP's OUTCAR of a run of so many ionic steps; those in `unconverged` use up all their electronic steps."""
    lines = [
        f" vasp.{version}.4.2 20Jul23 (build Oct 10 2023) complex",
        " POTCAR:    PAW_PBE Cu 22Jun2005",
        " POTCAR:    PAW_PBE Cu 22Jun2005",
        "   ISPIN  =      1    spin polarized calculation?",
        "   k-points           NKPTS =      1   k-points in BZ     NKDIM =      1   number of bands    NBANDS=      2",
        f"   NELM   =     {nelm};   NELMIN=  2; NELMDL= -5     # of ELM steps",
        "   ions per type =               4",
        " k-points in reciprocal lattice and weights: Automatic mesh",
        "   0.00000000  0.00000000  0.00000000       1.000",
        "",
    ]
    for step in range(steps):
        bad = step in unconverged
        lines += [f"------ Iteration{step + 1:7d}({k:4d})  ------" for k in range(1, nelm + 1 if bad else 12)]
        if not bad:
            lines.append("------------------------ aborting loop because EDIFF is reached ------------------------")
        elif version >= 6:
            lines.append("------------------------ aborting loop EDIFF was not reached (unconverged) -------------")
        xx, yy, zz, xy, yz, zx = STRESS_KBAR[[0, 1, 2, 0, 1, 2], [0, 1, 2, 1, 2, 0]]
        lines += [
            "  FORCE on cell =-STRESS in cart. coord.  units (eV):",
            "  Direction    XX          YY          ZZ          XY          YZ          ZX",
            *["  unused"] * 11,
            f"  in kB     {xx:.5f}  {yy:.5f}  {zz:.5f}  {xy:.5f}  {yz:.5f}  {zx:.5f}",
            "      direct lattice vectors                 reciprocal lattice vectors",
            *["  ".join(f"{x:13.9f}" for x in (*row, 0.0, 0.0, 0.0)) for row in CELL],
            "",
            " POSITION                                       TOTAL-FORCE (eV/Angst)",
            " " + "-" * 83,
            *["  ".join(f"{x:12.5f}" for x in (*p, *f)) for p, f in zip(positions_of(step), FORCES)],
            " " + "-" * 83,
            "",
            "  FREE ENERGIE OF THE ION-ELECTRON SYSTEM (eV)",
            "  ---------------------------------------------------",
            f"  free  energy   TOTEN  =     {free_energy(step):18.8f} eV",
            "",
            f"  energy  without entropy=     {free_energy(step) + 0.04:18.8f}  energy(sigma->0) =     "
            f"{free_energy(step) + 0.02:18.8f}",
            "",
        ]
    lines += [" General timing and accounting informations for this job:", "  Total CPU time used (sec):  1.0", ""]
    return "\n".join(lines)


def _varray(name, rows):
    inside = "".join(f"<v>{' '.join(f'{x:.8f}' for x in row)}</v>\n" for row in rows)
    return f'<varray name="{name}" >\n{inside}</varray>\n'


def vasprun(steps=3, unconverged=(), nelm=8):
    """VASP's vasprun.xml of the same run."""
    inverse = np.linalg.inv(CELL)
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<modeling>\n'
        f'<incar><i type="int" name="NELM">{nelm}</i><i name="EDIFF">0.00001000</i></incar>\n'
        '<kpoints><varray name="kpointlist"><v>0 0 0</v></varray><varray name="weights"><v>1.0</v></varray></kpoints>\n'
        '<parameters><separator name="x"><i name="PSTRESS">0.0</i></separator></parameters>\n'
        '<atominfo><array name="atoms"><set>' + "<rc><c>Cu</c><c>1</c></rc>" * 4 + "</set></array></atominfo>\n"
        '<structure name="initialpos"><crystal>'
        + _varray("basis", CELL)
        + "</crystal>"
        + _varray("positions", positions_of(0) @ inverse)
        + '<varray name="selective"><v type="logical">F F F</v>'
        + '<v type="logical">T T T</v>' * 3
        + "</varray></structure>\n"
    )
    for step in range(steps):
        count = nelm if step in unconverged else 5
        text += "<calculation>\n"
        for k in range(count):
            energy = free_energy(step) + (0.5 if step in unconverged else 1e-7) * (count - 1 - k)
            text += (
                f'<scstep><energy><i name="e_fr_energy">{energy:.8f}</i><i name="e_wo_entrp">{energy + 0.04:.8f}</i>'
                f'<i name="e_0_energy">{energy + 0.02:.8f}</i></energy></scstep>\n'
            )
        text += (
            "<structure><crystal>"
            + _varray("basis", CELL)
            + "</crystal>"
            + _varray("positions", positions_of(step) @ inverse)
        )
        text += "</structure>\n" + _varray("forces", FORCES) + _varray("stress", STRESS_KBAR)
        text += (
            f'<energy><i name="e_fr_energy">{free_energy(step):.8f}</i><i '
            f'name="e_wo_entrp">{free_energy(step) + 0.04:.8f}</i>'
            f'<i name="e_0_energy">{free_energy(step):.8f}</i></energy>\n</calculation>\n'
        )
    return text + "</modeling>\n"


def espresso(steps=3, unconverged=()):
    """pw.x of Quantum ESPRESSO; the energy of a step that did not converge has no mark."""
    alat = 3.6 / PW_BOHR
    text = (
        "     Program PWSCF v.7.2 starts on  1Jan2024 at 10: 0: 0\n\n"
        f"     lattice parameter (alat)  =   {alat:12.8f}  a.u.\n"
        "     number of atoms/cell      =            4\n     number of atomic types    =            1\n"
        f"     celldm(1)=  {alat:.10f}  celldm(2)=   0.0  celldm(3)=   0.0\n\n"
        "     crystal axes: (cart. coord. in units of alat)\n"
    )
    text += "".join(
        f"               a({k + 1}) = ( {' '.join(f'{x:.9f}' for x in row / 3.6)} )  \n" for k, row in enumerate(CELL)
    )
    text += "\n     site n.     atom                  positions (alat units)\n"
    rows = positions_of(0) / 3.6
    text += "".join(
        f"         {k + 1}           Cu  tau(   {k + 1}) = (  {x:.9f}   {y:.9f}   {z:.9f}  )\n"
        for k, (x, y, z) in enumerate(rows)
    )
    for step in range(steps):
        if step:
            text += "\nATOMIC_POSITIONS (angstrom)\n"
            text += "".join(f"Cu   {x:.9f}   {y:.9f}   {z:.9f}\n" for x, y, z in positions_of(step))
        bad = step in unconverged
        text += "\n     Self-consistent Calculation\n"
        text += (
            "     convergence NOT achieved after 100 iterations: stopping\n"
            if bad
            else "     convergence has been achieved in  11 iterations\n"
        )
        text += f"{' ' if bad else '!'}    total energy              =   {free_energy(step) / PW_RYDBERG:.10f} Ry\n"
        text += "\n     Forces acting on atoms (cartesian axes, Ry/au):\n\n"
        forces = FORCES / (PW_RYDBERG / PW_BOHR)
        text += "".join(
            f"     atom    {k + 1} type  1   force =   {x:.10f}   {y:.10f}   {z:.10f}\n"
            for k, (x, y, z) in enumerate(forces)
        )
        text += "\n"
    return text + "\n   JOB DONE.\n"


def aims(steps=3, unconverged=(), restarted=()):
    """FHI-aims, molecular dynamics; steps in `restarted` converge in a second loop, with another mixer."""
    text = (
        "          Invoking FHI-aims ...\n  | Number of atoms                   :        4\n"
        "  | Number of spin channels           :        1\n  The structure contains   4 "
        "atoms,  and a total of  116.000 electrons.\n"
        "  | Number of Kohn-Sham states (occupied + empty):       72\n  | Number of k-points             :        1\n"
        "  Input geometry:\n  | Unit cell:\n"
    )
    text += "".join(f"  |  {' '.join(f'{x:15.8f}' for x in row)}\n" for row in CELL)
    text += "  | Atomic structure:\n  |       Atom                x [A]            y [A]            z [A]\n"
    text += "".join(
        f"  |    {k + 1}: Species Cu  {' '.join(f'{x:15.8f}' for x in p)}\n" for k, p in enumerate(positions_of(0))
    )
    for step in range(steps):
        if step:
            text += "  Complete information for previous time-step:\n"
        text += f"  Begin self-consistency loop: {'Re-initialization' if step else 'Initialization'}.\n"
        text += "          Begin self-consistency iteration #    1\n" * (step == 0)
        text += "  Convergence:    q app. |  density  | eigen (eV) | Etot (eV)\n"
        if step in restarted:
            text += "  Self-consistency cycle not yet converged - restarting mixer to attempt better convergence.\n"
            text += "  Begin self-consistency loop: Re-initialization.\n"
        text += "  Self-consistency cycle converged.\n" if step not in unconverged else "  ran out of cycles\n"
        text += f"  | Total energy uncorrected      :  {free_energy(step) + 0.04:.9f} eV\n"
        text += f"  | Electronic free energy        :  {free_energy(step):.9f} eV\n"
        text += "  Total atomic forces (unitary forces cleaned) [eV/Ang]:\n"
        text += "".join(f"  |    {k + 1}  {' '.join(f'{x:.12E}' for x in f)}\n" for k, f in enumerate(FORCES))
        text += "  Atomic structure (and velocities) as used in the preceding time step:\n"
        text += "".join(f"  lattice_vector   {' '.join(f'{x:.8f}' for x in row)}\n" for row in CELL)
        text += "".join(f"            atom   {' '.join(f'{x:.8f}' for x in p)}  Cu\n" for p in positions_of(step))
        text += "  Next atomic structure:\n"
    return text + "          Have a nice day.\n" + "-" * 60 + "\n"


def dump(steps=3, columns="id element x y z fx fy fz c_pe", units="metal"):
    """A LAMMPS dump whose atoms carry a part of the energy each."""
    text = ""
    for step in range(steps):
        text += f"ITEM: UNITS\n{units}\n" if units else ""
        text += (
            f"ITEM: TIMESTEP\n{100 * step}\nITEM: NUMBER OF ATOMS\n4\nITEM: BOX BOUNDS pp pp "
            f"pp\n0 3.6\n0 3.6\n0 3.7\nITEM: ATOMS {columns}\n"
        )
        for k, (p, f) in enumerate(zip(positions_of(step), FORCES)):
            values = dict(zip(("x", "y", "z", "fx", "fy", "fz"), map(repr, map(float, (*p, *f)))))
            values.update(
                id=str(k + 1),
                element="Cu",
                type="1",
                c_pe=repr(free_energy(step) / 4),
                c_my=repr(free_energy(step) / 4),
            )
            text += " ".join(values[name] for name in columns.split()) + "\n"
    return text


def cp2k(folder, project="run", steps=3, forces=3):
    """Write the three files of a CP2K run."""
    position, force, cell = "", "", "#   Step   Time [fs]  Ax [Angstrom] Ay Az Bx By Bz Cx Cy Cz Volume [Angstrom^3]\n"
    for step in range(steps):
        head = f"       4\n i = {step:8d}, time = {0.5 * step:12.3f}, E = {free_energy(step) / HARTREE:20.10f}\n"
        position += head + "".join(f"Cu {x:.10f} {y:.10f} {z:.10f}\n" for x, y, z in positions_of(step))
        if step < forces:
            force += head + "".join(f"Cu {x:.10f} {y:.10f} {z:.10f}\n" for x, y, z in FORCES * BOHR / HARTREE)
        cell += f"{step} {0.5 * step} {' '.join(map(repr, CELL.ravel().tolist()))} 47.9\n"
    (folder / f"{project}-pos-1.xyz").write_text(position)
    (folder / f"{project}-frc-1.xyz").write_text(force)
    (folder / f"{project}-1.cell").write_text(cell)


GPAW = r"""  __  _  _
 | _ |_)|_||  |
 |__||  | ||/\| - 26.7.0


Atoms  # Å, Bohr magnetons
|   | symbol |        x |        y |        z |    initial magnetic moments |
|---|--------|----------|----------|----------|-----------------------------|
| 0 |     He | 0.100000 | 0.000000 | 0.000000 | ( 0.0000,  0.0000,  0.0000) |
| 1 |     He | 0.000000 | 0.000000 | 1.800000 | ( 0.0000,  0.0000,  0.0000) |


Unit cell  # Å
| periodic |        x |        y |        z |  lengths |    angles |
|----------|----------|----------|----------|----------|-----------|
|      yes | 3.400000 | 0.000000 | 0.000000 | 3.400000 | 90.000000 |
|      yes | 0.000000 | 3.500000 | 0.000000 | 3.500000 | 90.000000 |
|      yes | 0.000000 | 0.000000 | 3.600000 | 3.600000 | 90.000000 |

Converged in 5 steps

Energy contributions:
  Kinetic:           0.996497
  Coulomb:          -0.187605
  Zero:              0.004787
  External:          0.000000
  Xc:               -0.378952
  Entropy:           0.000000
  Spinorbit:         0.000000
  ----------------------------
  Free energy:       0.434728
  Extrapolated:      0.454728


Forces  # eV/Ang
|        x |       y |       z |
|----------|---------|---------|
|  0.17771 | 0.00000 | 0.00000 |  # He   0
| -0.17750 | 0.00000 | 0.00000 |  # He   1


Atoms  # Å, Bohr magnetons
|   | symbol |        x |        y |        z |    initial magnetic moments |
|---|--------|----------|----------|----------|-----------------------------|
| 0 |     He | 0.150000 | 0.000000 | 0.000000 | ( 0.0000,  0.0000,  0.0000) |
| 1 |     He | 0.000000 | 0.000000 | 1.800000 | ( 0.0000,  0.0000,  0.0000) |


Unit cell  # Å
| periodic |        x |        y |        z |  lengths |    angles |
|----------|----------|----------|----------|----------|-----------|
|      yes | 3.400000 | 0.000000 | 0.000000 | 3.400000 | 90.000000 |
|      yes | 0.000000 | 3.500000 | 0.000000 | 3.500000 | 90.000000 |
|      yes | 0.000000 | 0.000000 | 3.600000 | 3.600000 | 90.000000 |

Converged in 3 steps

Energy contributions:
  Kinetic:           0.925872
  Coulomb:          -0.140052
  Zero:              0.004715
  External:          0.000000
  Xc:               -0.366670
  Entropy:           0.000000
  Spinorbit:         0.000000
  ----------------------------
  Free energy:       0.423865
  Extrapolated:      0.423865


Forces  # eV/Ang
|        x |       y |       z |
|----------|---------|---------|
|  0.25877 | 0.00000 | 0.00000 |  # He   0
| -0.26112 | 0.00000 | 0.00000 |  # He   1

"""
