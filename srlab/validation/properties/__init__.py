"""Static properties of a crystal, one module each."""
