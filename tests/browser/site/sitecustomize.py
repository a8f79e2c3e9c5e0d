"""Python reads this where it starts in the JupyterLab of the browser tests: searches there give way to the page that
shows them and to the tests beside, which would otherwise wait for the processor."""

import os
import sys

if {"srlab.search.worker", "srlab.learning.worker"} & set(sys.orig_argv):
    os.nice(10)
    try:
        # Linux shares a processor among sessions first, and each of these has a session to itself
        with open("/proc/self/autogroup", "w") as group:
            group.write("10")
    except OSError:  # another system, or one that does not group
        pass
