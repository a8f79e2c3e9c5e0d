"""The bundled data sets, which take a second to read, once for all tests of a process."""

from functools import cache

from srlab.datasets import load_dataset

bundled = cache(load_dataset)
"""A bundled set by its name. Not to be changed."""
