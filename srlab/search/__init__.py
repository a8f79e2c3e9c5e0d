"""The search: tree, selection, moves, playouts, driver; the journal it writes and the commands it takes."""
