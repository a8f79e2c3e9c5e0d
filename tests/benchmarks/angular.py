"""What angular functions cost against an embedded atom: CPU time of a candidate in a block, and of a step of a fit.

    python tests/benchmarks/angular.py [--data FILE] [--json]

Default data: the bundled copper set. The forms have one radial term for each angular function; all on one thread. The
ratios are those to the template eam, the rest milliseconds.
"""

import argparse
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from srlab.datasets import load_dataset
from srlab.fitting.objective import Objective
from srlab.fitting.varpro import refine
from srlab.potentials.taper import Smoothstep
from srlab.templates import Model

CUTOFF, TAPER, BLOCK, STEPS = 6.0, Smoothstep(4.5, 6.0), 16, 6
EAM = {"pair": "1000.0*exp(-2.5*r) - 20.0*exp(-1.2*r)", "density": "exp(-1.5*r)", "embedding": "-5.0*sqrt(rho)"}
FORMS = {
    "eam": EAM,
    "adp": {**EAM, "dipole": "1.0*exp(-1.2*r)", "quadrupole": "0.3*exp(-1.2*r)"},
    **{f"angular, rank {rank}": {**EAM, f"angular_{rank}": "3.0*exp(-1.2*r)"} for rank in (1, 2, 3)},
    "angular, all ranks": {**EAM, **{f"angular_{rank}": "3.0*exp(-1.2*r)" for rank in (1, 2, 3)}},
}


def cpu(function, repeats):
    """Least CPU seconds of one call."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def measure(objective, texts):
    """(milliseconds for each candidate of a block in float32, milliseconds for each step of a fit)."""
    model = Model.parse(texts)
    objective.predict([model] * BLOCK)  # compiles
    steps = refine(objective, model, STEPS, tolerance=1e-12).iterations
    block = cpu(lambda: objective.predict([model] * BLOCK), 5) / BLOCK
    return 1e3 * block, 1e3 * cpu(lambda: refine(objective, model, STEPS, tolerance=1e-12), 3) / steps


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="cu-gpaw", help="a bundled name or a file")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    dataset = load_dataset(options.data)
    objective = Objective(dataset.train, dataset.energies(dataset.train), CUTOFF, TAPER)
    result = {"pairs": objective.table.n_pairs, "atoms": objective.n_atoms}
    plain = None
    for name, texts in FORMS.items():
        block, step = measure(objective, texts)
        plain = plain or (block, step)
        result[name] = {
            "block_ms": round(block, 3),
            "step_ms": round(step, 2),
            "block_ratio": round(block / plain[0], 2),
            "step_ratio": round(step / plain[1], 2),
        }
    if options.json:
        print(json.dumps(result))
    else:
        print("\n".join(f"{key:20s} {value}" for key, value in result.items()))


if __name__ == "__main__":
    sys.exit(main())
