"""Colours of the still pictures, those of the page in its light theme."""

ACCENT, SECOND = "#0072b2", "#cc79a7"  # the candidate, or the candidates of two searches
REFERENCE = "#d55e00"
MUTED, INK = "#77777d", "#1c1c1f"
