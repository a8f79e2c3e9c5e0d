"""The atoms of a melting run in nglview, coloured by phase."""

from srlab.errors import InputError

from .nglview_frontend import NEARER, import_nglview, in_theme, sized

COLOURS = {"crystal": "#31688e", "liquid": "#f2c80f"}


def interface_view(dashboard):
    """An nglview widget of the atoms that the melting panel of a dashboard shows, crystal blue and liquid yellow.

    dashboard : `srlab_widgets.Dashboard`, or the dict that `srlab.validation.dynamics.md_session.show` writes.

    Run the cell again for a later picture. Raises InputError where nothing has been melted yet, MissingExtra without
    nglview.
    """
    view = dashboard if isinstance(dashboard, dict) else dashboard.interface
    if view is None:
        raise InputError("nothing has been melted yet: select a candidate and press Coexistence in the melting panel")
    nglview = import_nglview()
    atoms, solid = atoms_of(view, getattr(dashboard, "element", "Cu"))
    widget = nglview.show_ase(atoms)
    widget.clear_representations()
    for phase, wanted in (("crystal", True), ("liquid", False)):
        chosen = [k for k, value in enumerate(solid) if bool(value) is wanted]
        if chosen:
            widget.add_representation("spacefill", selection=chosen, color=COLOURS[phase], radius=1.2)
    widget.add_unitcell()
    widget.camera = "orthographic"
    widget.center()
    widget.control.zoom(NEARER)
    return sized(in_theme(widget), "100%", "340px")


def atoms_of(view, element):
    """(ase.Atoms, list of 0 or 1) of a view, its z axis to the right as in the melting panel: nglview looks along the
    third axis, with the first one to the left, and would see one phase only."""
    from ase import Atoms

    width, depth, length = view["cell"]
    turned = [[length - z, x, depth - y] for x, y, z in view["positions"]]
    return Atoms([element] * len(turned), positions=turned, cell=[length, width, depth], pbc=True), view["solid"]
