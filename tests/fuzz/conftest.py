"""Random and damaged input: everything a user can hand over gives a result or one sentence, never a traceback.

In `make test` each property sees a few cases, the same ones each time. For more, with new random cases each time:

    FUZZ=50 python -m pytest tests/fuzz -q

FUZZ multiplies the number of cases: 1 gives about 800 in all, 20 more than 10,000.
"""

import io
import os
from contextlib import redirect_stderr, redirect_stdout

from hypothesis import HealthCheck, settings

from srlab.cli import main

FACTOR = int(os.environ.get("FUZZ", "1"))


def cases(count):
    """Settings of one property: `count` cases in `make test`, FUZZ times as many in a long run."""
    return settings(
        max_examples=count * FACTOR,
        deadline=None,
        derandomize=FACTOR == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def command(*arguments):
    """One command in this process: (exit code, stdout, stderr). An exception is a bug."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return code, out.getvalue(), err.getvalue()
