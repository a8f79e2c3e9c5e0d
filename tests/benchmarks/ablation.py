"""Ablation: what the tree and the refinement are worth. Hypervolume of the front of several methods, same engine, same CPU time.

    python tests/benchmarks/ablation.py [--data FILE] [--split alternate] [--cpu-seconds 30] [--seeds 10] [--methods a,b] [--json]

    c-mcts            the search as users get it
    random            random vectors of the equation learners, linear constants solved
    cma-es            CMA-ES on the vector (package cma), linear constants solved, restarts
    no-refinement     the same tree search, playouts without Levenberg-Marquardt (linear constants solved)
    no-tree           random vectors, each refined as the tree's playouts are
    building-blocks   sums of one to three blocks for the pair function, one or two for the density, any embedding, drawn at
                      random, each form refined to the end from two random starts

Hypervolume: area between the staircase (complexity 12 to 45 nodes, log10 of the training loss) and the loss of refitted
Sutton-Chen, in decades times nodes; larger is better. The test split plays no part.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

from srlab.datasets import load_dataset
from srlab.fitting.forms import load_form
from srlab.fitting.model import PARTS, Model
from srlab.fitting.refit import refit
from srlab.fitting.varpro import refine
from srlab.search import moves
from srlab.search.driver import Driver
from srlab.search.network import ModelNetwork
from srlab.search.playout import Evaluator, Task
from srlab.search.search import Search

SHORTEST, LONGEST = 12, 45


class LinearOnly(Evaluator):
    """Playouts whose linear constants are solved and whose others stay as the move made them."""

    def refined(self, task):
        fit = refine(self.train, Model.parse(task.formulas, task.offset), 0)
        return fit.model, fit.loss, self.why_unfit(fit.model, task.operators) if np.isfinite(fit.loss) else "no finite loss", None


class Clock:
    """CPU time of this process against a budget."""

    def __init__(self, seconds):
        self.end = time.process_time() + seconds

    def left(self) -> bool:
        return time.process_time() < self.end


def tree_search(dataset, seconds, seed, evaluator=Evaluator):
    points, clock = [], Clock(seconds)
    with tempfile.TemporaryDirectory(prefix="srlab-ablation-") as folder:
        search = Search(dataset, Path(folder) / "run", seconds=1e6, seed=seed, workers=1)

        def watch(event):
            if event["event"] == "candidate":
                points.append((event["candidate"]["complexity"], event["candidate"]["loss"]))
            if not clock.left():
                driver.stop_reason = "finished"

        driver = Driver(search.folder, dataset, search.settings, watch=watch, evaluator=evaluator)
        driver.run()
    return points


def no_refinement(dataset, seconds, seed):
    return tree_search(dataset, seconds, seed, LinearOnly)


def from_vectors(dataset, seconds, seed, evaluator, vectors):
    """Points of vectors that a generator makes; it is sent the loss of each."""
    search, clock, points = evaluator(dataset, settings()), Clock(seconds), []
    network = ModelNetwork(search.settings.operators)
    source = vectors(network, np.random.default_rng(seed))
    vector = next(source)
    while clock.left():
        model = network.model(vector)
        loss = np.inf
        if model.complexity <= LONGEST:
            playout = search(Task(model.formulas, operators=search.settings.operators, bounds=network.bounds(vector), round_below=0.0))
            if not playout.rejected:
                loss = playout.loss
                points.append((playout.complexity, playout.loss))
        vector = source.send(loss)
    return points


def settings():
    from srlab.search.settings import SearchSettings

    return SearchSettings()


def random_vectors(network, rng):
    while True:
        yield moves.seed_vector(network, rng) if rng.random() < 0.5 else moves.perturb(network, moves.seed_vector(network, rng), 1.0, rng)


def cma_vectors(network, rng):
    import cma

    while True:
        strategy = cma.CMAEvolutionStrategy(moves.seed_vector(network, rng), 0.3, {"bounds": [0, 1], "verbose": -9, "seed": int(rng.integers(1, 2**31))})
        while not strategy.stop():
            population = strategy.ask()
            losses = []
            for vector in population:
                loss = yield np.clip(vector, 0.0, 1.0)
                losses.append(np.log(loss) if np.isfinite(loss) else 10.0)
            strategy.tell(population, losses)


def random_search(dataset, seconds, seed):
    return from_vectors(dataset, seconds, seed, LinearOnly, random_vectors)


def cma_es(dataset, seconds, seed):
    return from_vectors(dataset, seconds, seed, LinearOnly, cma_vectors)


def no_tree(dataset, seconds, seed):
    return from_vectors(dataset, seconds, seed, Evaluator, random_vectors)


def building_blocks(dataset, seconds, seed):
    search, clock, points, rng = Evaluator(dataset, settings()), Clock(seconds), [], np.random.default_rng(seed)
    network = ModelNetwork(search.settings.operators)
    while clock.left():
        on = {}
        for part, most in zip(PARTS, (3, 2, 1)):
            slots = network.learners[part].slots
            on[part] = rng.choice(len(slots), min(len(slots), int(rng.integers(1, most + 1))), replace=False)
        best = None
        for _ in range(2):
            vector = rng.random(network.size)
            for part, learner in network.learners.items():
                for k, slot in enumerate(learner.slots):
                    vector[network.spans[part].start + slot.start] = 1.0 if k in on[part] else 0.5
            model = network.model(vector)
            if model.complexity > LONGEST:
                break
            fit = refine(search.train, model, 100, tolerance=1e-5, bounds=network.bounds(vector))
            if np.isfinite(fit.loss) and not search.why_unfit(fit.model, search.settings.operators) and (best is None or fit.loss < best.loss):
                best = fit
        if best:
            points.append((best.model.complexity, best.loss))
    return points


METHODS = {"c-mcts": tree_search, "random": random_search, "cma-es": cma_es, "no-refinement": no_refinement, "no-tree": no_tree, "building-blocks": building_blocks}


def hypervolume(points, reference: float) -> float:
    """Sum over complexities of log10(reference / best loss so far), where positive."""
    total = 0.0
    for complexity in range(SHORTEST, LONGEST + 1):
        losses = [loss for c, loss in points if c <= complexity]
        if losses:
            total += max(0.0, float(np.log10(reference / min(losses))))
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="cu-gpaw")
    parser.add_argument("--split", default="alternate")
    parser.add_argument("--cpu-seconds", type=float, default=30.0)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    dataset = load_dataset(options.data, split=options.split)
    evaluator = Evaluator(dataset, settings())
    reference = refit(load_form("sutton-chen"), evaluator.train).loss
    refine(evaluator.train, load_form("gp1").model(), 3)  # compiles what is left to compile
    result = {"data": dataset.name, "cpu_seconds": options.cpu_seconds, "seeds": options.seeds, "sutton_chen_loss": reference}
    volumes = {}
    for name in options.methods.split(","):
        fronts = [METHODS[name](dataset, options.cpu_seconds, seed) for seed in range(options.seeds)]
        volumes[name] = [hypervolume(points, reference) for points in fronts]
        result[name] = {"median": statistics.median(volumes[name]), "least": min(volumes[name]), "most": max(volumes[name]),
                        "best_loss_median": statistics.median(min((loss for c, loss in points if c <= LONGEST), default=np.inf) for points in fronts)}
        if "c-mcts" in volumes and name != "c-mcts":
            result[name]["won_by_c-mcts"] = sum(a > b for a, b in zip(volumes["c-mcts"], volumes[name]))
        if not options.json:
            print(name, result[name], flush=True)
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
