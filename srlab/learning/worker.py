"""The process a learning loop runs in: ``python -m srlab.learning.worker FOLDER [CHANGES]`` begins or goes on with a
loop.

CHANGES is a JSON object of settings that may change between two calls.
"""

import json
import sys
from pathlib import Path

from srlab.learning.background import loop_of, stop_requests
from srlab.learning.view import LoopView
from srlab.workers.process import ends


def work():
    """Run the loop of the folder to its end."""
    folder = Path(sys.argv[1])
    with stop_requests(folder):
        loop_of(LoopView(folder), json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}).run()


if __name__ == "__main__":
    sys.exit(ends(work))
