"""Atoms behind a property, relaxed for the dashboard in a process of their own, which a button ends."""

import threading

from srlab.errors import InputError
from srlab.workers.child import Child, module

WORKER = module("srlab_widgets.structure_worker")


class Relaxer:
    """One relaxation at a time: the next one ends the one before.

    Parameters
    ----------
    command : list of str
        How to start the worker.
    patience : float
        Seconds after which a relaxation is given up.
    """

    def __init__(self, command=WORKER, patience=300.0):
        self.command, self.patience = command, patience
        self._lock, self._child = threading.Lock(), None

    def relax(self, subject, name):
        """Relax the atoms behind a property, and wait for them.

        Parameters
        ----------
        subject : dict
            Potential, from `srlab_widgets.validation_panel.subject_of`.
        name : str
            One of `srlab.validation.structures.shown_properties`.

        Returns
        -------
        ase.Atoms or None
            As `srlab.validation.structures.relaxed_structure` gives them; None where it was cancelled.

        Raises
        ------
        InputError
            With the reason, where there are none.
        """
        from ase.io import jsonio  # with half of SciPy: not before a structure is asked for

        child = Child(self.command, limit=self.patience)
        with self._lock:
            before, self._child = self._child, child
        if before:
            before.cancel()
        atoms = None
        for line in child.ask({"subject": subject, "name": name}):
            atoms = jsonio.decode(line["atoms"])
        if atoms is None and not child.cancelled:
            raise InputError(f"no structure: {child.failure or 'its process ended before it was done'}")
        return None if child.cancelled else atoms

    def cancel(self):
        """End the relaxation under way, if any."""
        with self._lock:
            if self._child:
                self._child.cancel()
