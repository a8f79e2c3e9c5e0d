"""Python reads this where it starts for a notebook of the tests: there it has one processor, so that a search is one
process, which starts in a third of the time of three."""

import os

os.sched_getaffinity = lambda process: {0}
