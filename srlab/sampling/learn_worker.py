"""The process a learning loop runs in: ``python -m srlab.sampling.learn_worker FOLDER [CHANGES]`` begins or goes on with a loop.

CHANGES is a JSON object of settings that may change between two calls.
"""
import json
import signal
import sys
import traceback
from pathlib import Path

from srlab.errors import InputError, MissingExtra
from srlab.sampling.background import loop_of, stop_requests
from srlab.sampling.loop_view import LoopView


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(sys.argv[1])
    try:
        with stop_requests(folder):
            loop_of(LoopView(folder), json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}).run()
    except KeyboardInterrupt:
        return 130
    except (InputError, MissingExtra) as error:
        print(error, file=sys.stderr)
        return 2
    except Exception:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
