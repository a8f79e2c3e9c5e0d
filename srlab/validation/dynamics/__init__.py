"""Properties from molecular dynamics in LAMMPS, one module each, and what their runs share."""
