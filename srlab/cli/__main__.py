"""``python -m srlab.cli``: the same as the srlab command."""

import sys

from srlab.cli import main

if __name__ == "__main__":  # worker processes import this module again
    sys.exit(main())
