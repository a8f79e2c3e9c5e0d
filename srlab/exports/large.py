"""An input for millions of atoms: crystal and melt side by side at constant enthalpy, built by LAMMPS itself and sized
on its command line.

The protocol is that of :mod:`srlab.validation.dynamics.coexistence`: half of the crystal is melted, then the
temperature finds the melting point while both phases last. Nothing is read but the table, so the same file runs 512
atoms here and 32 million on a cluster.
"""

from ase.data import atomic_masses, atomic_numbers

from srlab.exports.result import one_line

SCRIPT = "in.coexistence"
CELLS = 100
"""cells along x and y by default, twice as many along z: 8 million atoms of an fcc crystal"""
IN_CELL = {"fcc": 4, "bcc": 2, "hcp": 4, "diamond": 8}
"""Atoms of the cells that LAMMPS makes of a lattice; that of hcp has the edges a, sqrt(3) a and c."""
TEMPERATURE = 1300.0
"""K, to start from, where nobody gives a melting point: near that of copper"""


def coexistence_text(potential, commands, a0, structure, melting_point=None):
    """The input script.

    Parameters
    ----------
    potential : Potential
    commands : str
        As in the LAMMPS export: the lines of pair_style and pair_coeff, files beside the script.
    a0 : float
        Lattice constant at rest, angstrom.
    structure : str
        fcc, bcc, hcp or diamond.
    melting_point : float, optional
        K, of the element: the run starts from it unless the command line says otherwise.
    """
    said = f"the melting point of {potential.element}" if melting_point else "copper's: none was given"
    mass = atomic_masses[atomic_numbers[potential.element]]
    each = 2 * IN_CELL[structure]
    sizes = ", ".join(f"{n} for {each * n**3 / 1e6:.3g} million" for n in (80, 100, 126, 160))
    return f"""# {one_line(potential.name)} for {potential.element}: melting point from crystal and melt side by side, written by srlab.
#
#     mpirun -np 512 lmp -sf opt -in {SCRIPT} -var n {CELLS} -var ps 200
#
# {each} n^3 atoms: n = 4 for a trial ({each * 64}), {sizes}.
# After a crash or the end of a job: the same command with -var from 1 (or 2, whichever of coexistence.restart.1 and .2
# is newer) goes on
# to the same end; -var from 3 with a larger ps makes a finished run longer. Half a kilobyte of memory an atom, and 90
# bytes for each in a restart file.
# Written: coexistence.dat (step, K, bar, conserved eV/atom, A^3/atom, height in A), coexistence.profile (temperature
# and energy along z), two restart files in turn, pictures if frames > 0.

variable      n       index {CELLS}        # {structure} cells along x and y; twice as many along z
variable      T       index {melting_point or TEMPERATURE:g}       # K, to start from ({said}): too far from where both phases last, one eats the other
variable      melt    equal 1.7*v_T+300  # K, at which the upper half is melted
variable      ps      index 200        # length of the run at constant enthalpy, ps
variable      warm    index 2          # ps of each stage before, times the size factor below
variable      every   index 1          # ps between lines of coexistence.dat
variable      save    index 20         # ps between restart files
variable      frames  index 0          # ps between pictures; 0 for none: one of 8 million atoms takes 0.4 GB
variable      seed    index 4711
variable      from    index 0          # 1, 2 or 3: the restart file to go on from

variable      dt      equal 0.002
# sound must cross the box before a stage ends: longer stages and a slower barostat for larger boxes
variable      size    equal ternary(v_n>20,v_n/20,1)
variable      damp    equal 2.0*v_size
variable      stage   equal 10*ceil(v_warm*v_size/v_dt/10)
variable      block   equal 10*ceil(v_every/v_dt/10)
variable      last    equal v_block*ceil(v_ps/v_dt/v_block)
variable      store   equal v_block*ceil(v_save/v_dt/v_block)

units         metal
atom_style    atomic
boundary      p p p

if "${{from}} > 0" then "read_restart coexistence.restart.${{from}}" "jump SELF ready"

lattice       {structure} {a0 * 1.015:.6f}   # 1.5 per cent wider than at rest, about right for a hot crystal
variable      nz equal 2*v_n
region        box block 0 $n 0 $n 0 ${{nz}}
create_box    1 box
create_atoms  1 box
mass          1 {mass:.6f}

label         ready
{commands}
neighbor      1.0 bin
neigh_modify  delay 4 every 2 check yes
timestep      ${{dt}}
variable      lx equal lx
variable      ly equal ly
variable      lz equal lz
variable      temp equal temp
variable      press equal press
variable      conserved equal econserve/atoms
variable      volume equal vol/atoms
thermo_style  custom step time temp press pe ke etotal econserve lx lz atoms
thermo        ${{block}}
thermo_modify lost error flush yes
if "${{from}} > 0" then "jump SELF run"

# 1. the whole crystal at T and zero pressure
variable      twice equal 2*v_T
velocity      all create ${{twice}} ${{seed}} mom yes rot no loop geom
fix           hold all npt temp $T $T 0.1 x 0 0 ${{damp}} y 0 0 ${{damp}} z 0 0 ${{damp}} couple xy
run           ${{stage}}
fix           mean all ave/time 5 $(v_stage/5) ${{stage}} v_lx v_ly v_lz
run           ${{stage}}
variable      x equal f_mean[1]
variable      y equal f_mean[2]
variable      z equal f_mean[3]
change_box    all x final 0 $x y final 0 $y z final 0 $z remap units box
unfix         mean
unfix         hold

# 2. melt the upper half, the lower half stands still
variable      middle equal 0.5*lz-0.125*lz/v_n
region        upper block INF INF INF INF ${{middle}} INF units box
group         liquid region upper
group         crystal subtract all liquid
velocity      crystal set 0 0 0
variable      twice equal 2*v_melt
fix           hold liquid nvt temp ${{melt}} ${{melt}} 0.05
velocity      liquid create ${{twice}} ${{seed}} loop geom
run           ${{stage}}
unfix         hold

# 3. cool the melt to T, the box gives way along z
fix           hold liquid npt temp ${{melt}} $T 0.1 z 0 0 ${{damp}} dilate liquid
run           ${{stage}}
unfix         hold

# 4. crystal and melt together at T
velocity      all create $T ${{seed}} mom yes loop geom
fix           hold all npt temp $T $T 0.1 z 0 0 ${{damp}}
run           ${{stage}}
unfix         hold
velocity      all zero linear
reset_timestep 0

# 5. constant enthalpy: the temperature goes to the melting point and stays while both phases last
label         run
fix           move all nph x 0 0 ${{damp}} y 0 0 ${{damp}} z 0 0 ${{damp}} couple xy
fix           record all ave/time 10 $(v_block/10) ${{block}} v_temp v_press v_conserved v_volume v_lz append coexistence.dat
compute       energy all pe/atom
compute       slice all chunk/atom bin/1d z lower 0.02 units reduced
fix           profile all ave/chunk ${{block}} 1 ${{block}} slice density/mass temp c_energy append coexistence.profile
variable      pictures equal ceil(v_frames/v_dt)
if "${{frames}} > 0" then "dump pictures all custom ${{pictures}} coexistence.*.dump id type x y z c_energy" "dump_modify pictures format float %.4g"
restart       ${{store}} coexistence.restart.1 coexistence.restart.2
run           ${{last}} upto
write_restart coexistence.restart.3
print         "atoms $(atoms), temperature of the last block $(f_record[1]) K, pressure $(f_record[2]) bar"
"""
