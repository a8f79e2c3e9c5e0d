"""Python reads this where it starts in the JupyterLab of the browser tests: searches there give way to the page that
shows them and to the tests beside, which would otherwise wait for the processor."""

import contextlib
import os
import sys

GIVING_WAY = 10

if {"srlab.search.worker", "srlab.learning.worker"} & set(sys.orig_argv):
    os.nice(GIVING_WAY)
    # Linux weighs sessions against each other first, and a search has one of its own
    with contextlib.suppress(OSError), open("/proc/self/autogroup", "w") as session:
        session.write(str(GIVING_WAY))
