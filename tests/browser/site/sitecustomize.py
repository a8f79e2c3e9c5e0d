"""Python reads this where it starts in the JupyterLab of the browser tests: searches there give way to the page that
shows them and to the tests beside, which would otherwise wait for the processor."""

import os
import sys

if {"srlab.search.worker", "srlab.learning.worker"} & set(sys.orig_argv):
    os.nice(10)
