"""Potentials from table files of LAMMPS."""

from srlab.errors import InputError
from srlab.potentials.eam_files import read_eam_file
from srlab.potentials.potential import Potential
from srlab.potentials.table import CubicTable, ScaledTable


def read_setfl(path, element=None):
    """The potential of one element in a table file: setfl (`eam/alloy`), `eam/fs`, `eam/he`, `adp` or funcfl (`eam`),
    told apart by what
    is in it.

    The element is taken by its symbol; atomic numbers in setfl files are not trusted (Mishin's copper says 1).
    Interpolation is that of LAMMPS. The file's cutoff is kept, with no taper: the tables carry their own; where they
    end before it, LAMMPS keeps their last values, and so do we.

    Parameters
    ----------
    path : path-like
    element : str, optional
        Which element, if the file holds several.

    Raises
    ------
    InputError
        See `read_eam_file`; or if the file holds several elements and none was chosen, or not the one chosen.
    """
    file = read_eam_file(path)
    if element is None and len(file.elements) > 1:
        raise InputError(
            f"{path} holds {', '.join(file.elements)}: say which element to use, as in {path}:{file.elements[0]}"
        )
    element = element or file.elements[0]
    if element not in file.elements:
        raise InputError(f"{path} holds {', '.join(file.elements)} and not {element}: choose one of those")
    k = file.elements.index(element)
    return Potential(
        name=file.path.name if len(file.elements) == 1 else f"{file.path.name}:{element}",
        element=element,
        functions={
            "pair": ScaledTable(CubicTable(0.0, file.d_r, file.r_phi[k]), -1),
            "density": CubicTable(0.0, file.d_r, file.density[k]),
            "embedding": CubicTable(
                file.rho_min,
                file.d_rho,
                file.embedding[k],
                # beyond its last value LAMMPS' adp keeps it, and the slope there
                linear_from=None if file.kind == "adp" else file.rho_max,
                linear_below=file.kind == "eam/he",
            ),
            **{
                name: CubicTable(0.0, file.d_r, tables[k])
                for name, tables in (("dipole", file.dipole), ("quadrupole", file.quadrupole))
                if tables is not None
            },
        },
        cutoff=file.cutoff,
        source=file.comment,
        notes=file.notes,
    )
