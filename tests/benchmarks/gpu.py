"""What a GPU is worth: blocks of candidates, steps of fits and whole searches on a device beside one core of the CPU.

    python tests/benchmarks/gpu.py [--device cuda] [--data NAME ...] [--repeat N ...] [--search N] [--json]

DATA are bundled names or files, cu-gpaw by default; with --repeat N the frames of the last are also taken as
supercells of N cells in a row, until the device is full. For each: the largest differences of energies and forces
between both, the milliseconds of 64 candidates to their losses (float64) and to energies and forces (float32), and of a
step of a fit, for embedded atoms and with angular functions of all ranks; on the CPU those of one thread. With --search
N also searches of N evaluations for eam and angular on both, in this process: seconds, and how far the fronts agree.
`--device cpu` runs the back end of the device, torch, on the processor, to try the script out.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np
import torch
from angular import FORMS
from ase.calculators.singlepoint import SinglePointCalculator
from engine import CUTOFF, TAPER, candidates

from srlab.datasets import load_dataset
from srlab.fitting import varpro
from srlab.fitting.backends import COMPILED
from srlab.fitting.objective import Objective
from srlab.fitting.torch_kernels import TorchKernels
from srlab.search.driver import Driver
from srlab.search.search import Search
from srlab.templates import Model

BLOCK, STEPS = 64, 6
ANGULAR = {name: text for name, text in FORMS["angular, all ranks"].items() if name.startswith("angular")}


def seconds(function, device, repeats):
    """Least seconds of one call after a first one, until the device has done it."""
    times = []
    for _ in range(1 + repeats):
        start = time.perf_counter()
        function()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - start)
    return min(times[1:])


def blocks():
    """name -> 64 candidates of several forms each."""
    plain = candidates(BLOCK)
    angular = [
        Model.parse({**model.formulas, **{part: f"{1.0 + 0.01 * k:.2f}*({text})" for part, text in ANGULAR.items()}})
        for k, model in enumerate(plain)
    ]
    return {"eam": plain, "angular": angular}


def differences(here, there, model):
    """Largest differences of energies (eV/atom) and forces (eV/A) in float64, of both in float32 on the device from
    those, and of the Jacobian as a share of it."""
    truth = here.predict([model], np.float64)
    found = [
        float(np.abs(ours - theirs).max())
        for dtype in (np.float64, np.float32)
        for ours, theirs in zip(truth, there.predict([model], dtype))
    ]
    split = varpro.Split(model)
    points = [varpro.project(objective, model, split) for objective in (here, there)]
    ours, theirs = (
        objective.kernels.numpy(varpro.nonlinear_jacobian(objective, point, split))
        for objective, point in zip((here, there), points)
    )
    return *found, float(np.abs(ours - theirs).max() / np.abs(ours).max())


def enlarged(dataset, times):
    """The same frames as supercells: so many times the pairs, and the same physics."""
    frames = []
    for atoms in dataset.frames:
        larger = atoms.repeat((times, 1, 1))
        energy, forces = times * atoms.get_potential_energy(), np.tile(atoms.get_forces(), (times, 1))
        larger.calc = SinglePointCalculator(larger, energy=energy, forces=forces)
        frames.append(larger)
    return replace(dataset, name=f"{dataset.name} x {times}", frames=frames)


def measure(frames, energies, device):
    """Figures of one set of frames."""
    here, there = (Objective(frames, energies, CUTOFF, TAPER, kernels=k) for k in (COMPILED, TorchKernels(device)))
    result = {"pairs": here.table.n_pairs, "atoms": here.n_atoms}
    for name, models in blocks().items():
        found = [differences(here, there, model) for model in models[:4]]
        keys = "energy64", "force64", "energy32", "force32", "jacobian"
        row = {f"{key}_difference": max(each) for key, each in zip(keys, zip(*found))}
        texts = FORMS["eam" if name == "eam" else "angular, all ranks"]
        model = Model.parse(texts)
        steps = varpro.refine(here, model, STEPS, tolerance=1e-12).iterations
        repeats = 3 if here.table.n_pairs < 500_000 else 1
        for place, objective in (("cpu", here), ("device", there)):
            where = torch.device(device if place == "device" else "cpu")
            row[f"losses_{place}_ms"] = 1e3 * seconds(lambda: objective.losses(models), where, repeats)
            row[f"forces_{place}_ms"] = 1e3 * seconds(lambda: objective.predict(models), where, repeats)
            fit = seconds(lambda: varpro.refine(objective, model, STEPS, tolerance=1e-12), where, repeats)
            row[f"step_{place}_ms"] = 1e3 * fit / steps
        result[name] = {key: float(f"{value:.3g}") for key, value in row.items()}
    return result


def searched(dataset, template, device, evaluations, run):
    """The front of a search on a device, and its seconds."""
    settings = dict(evaluations=evaluations, workers=1, seed=0, idle_limit=None, template=template, device=device)
    search = Search(dataset, run, **settings)
    start = time.perf_counter()
    Driver(search.folder, dataset, search.settings).run()
    search.refresh()
    return search.front, time.perf_counter() - start


def compare(dataset, template, device, evaluations):
    """Seconds of a search on both, and the fronts of both, (complexity, loss)."""
    with tempfile.TemporaryDirectory() as name:
        run = Path(name)
        searched(dataset, template, "cpu", 1, run / "first")  # loads what is compiled
        here, cpu = searched(dataset, template, "cpu", evaluations, run / "cpu")
        there, other = searched(dataset, template, device, evaluations, run / "device")
    return {
        "cpu_s": round(cpu, 2),
        "device_s": round(other, 2),
        "same_forms": [each.structure for each in here] == [each.structure for each in there],
        "cpu_front": [(each.complexity, float(f"{each.loss:.5g}")) for each in here],
        "device_front": [(each.complexity, float(f"{each.loss:.5g}")) for each in there],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--data", nargs="+", default=["cu-gpaw"], help="bundled names or files")
    parser.add_argument("--repeat", nargs="*", type=int, default=[], help="times the frames of the last are taken")
    parser.add_argument("--search", type=int, default=0, metavar="N", help="evaluations of a search on both")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    card = torch.cuda.get_device_name(options.device) if options.device.startswith("cuda") else "torch on the processor"
    result = {"device": card}
    for data in options.data:
        loaded = load_dataset(data)
        for times in [1, *(options.repeat if data == options.data[-1] else [])]:
            dataset = enlarged(loaded, times) if times > 1 else loaded
            found = measure(dataset.train, dataset.energies(dataset.train), options.device)
            for template in ("eam", "angular") if options.search else ():
                found[f"search, {template}"] = compare(dataset, template, options.device, options.search)
            result[Path(dataset.name).name] = found
            print(dataset.name, json.dumps(found), file=sys.stderr, flush=True)
    if options.json:
        print(json.dumps(result))
    else:
        for label, found in result.items():
            print(label)
            for key, value in found.items() if isinstance(found, dict) else [("", found)]:
                print(f"  {key:14s} {value}")


if __name__ == "__main__":
    sys.exit(main())
