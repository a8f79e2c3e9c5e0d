"""Ablation: what the tree and the refinement are worth. Hypervolume of the front of several methods on the same engine.

    python tests/benchmarks/ablation.py [--data FILE] [--split alternate] [--cpu-seconds 15] [--evaluations 25000]
    [--seeds 10] [--methods a,b] [--json]

Each method runs until both budgets are spent; its front is measured at equal CPU time and, apart from that, at equal
evaluations (a pass of one set of tables over the training frames; one over the coarse third of them counts as a third).

    c-mcts            the search as users get it
    random            random vectors of the equation learners, linear constants solved
    cma-es            CMA-ES on the vector (package cma), linear constants solved, restarts
    no-refinement     the same tree search, playouts without Levenberg-Marquardt (linear constants solved)
    no-tree           random vectors, each refined as the tree's playouts are
    building-blocks   sums of one to three blocks for the pair function, one or two for the density, any embedding,
    drawn at
                      random, each form refined to the end from two random starts

Hypervolume: area between the front of complexity (12 to 45 nodes) and log10 of the training loss and the loss of
refitted Sutton-Chen, in decades times nodes; larger is better. `losses` are medians of the least training loss up to
25, 35 and 45 nodes. The test split plays no part. Ranges and cutoff follow the data, as in a search.
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
from srlab.fitting.refit import refit
from srlab.fitting.varpro import refine
from srlab.search import moves
from srlab.search.data_crystal import crystal_structure, length_scale
from srlab.search.driver import Driver
from srlab.search.playout import Evaluator, Task
from srlab.search.proposer import network_of
from srlab.search.search import Search
from srlab.search.settings import SearchSettings
from srlab.templates import Model
from srlab.templates.eam import EAM

SHORTEST, LONGEST = 12, 45
LENGTHS = (25, 35, 45)  # nodes


class LinearOnly(Evaluator):
    """Playouts whose linear constants are solved and whose others stay as the move made them."""

    def refined(self, task):
        fit = refine(self.train, Model.parse(task.formulas, task.offset), 0)
        return (
            fit.model,
            fit.loss,
            self.why_unfit(fit.model, task.operators) if np.isfinite(fit.loss) else "no finite loss",
            True,
        )


class Budget:
    """CPU seconds and evaluations of one run, and the points (CPU seconds, evaluations, complexity, loss) found
    within them."""

    def __init__(self, seconds, evaluations):
        self.seconds, self.evaluations = seconds, evaluations
        self.start, self.points = time.process_time(), []

    def spent(self, evaluator) -> tuple[float, float]:
        coarse = evaluator.coarse.evaluations / 3.0 if evaluator.coarse else 0.0
        return time.process_time() - self.start, evaluator.train.evaluations + coarse

    def left(self, evaluator) -> bool:
        seconds, evaluations = self.spent(evaluator)
        return seconds < self.seconds or evaluations < self.evaluations

    def found(self, evaluator, complexity, loss) -> None:
        self.points.append((*self.spent(evaluator), complexity, loss))

    def fronts(self) -> dict:
        """(complexity, loss) of what was found at equal time and at equal evaluations."""
        return {
            "time": [point[2:] for point in self.points if point[0] <= self.seconds],
            "evaluations": [point[2:] for point in self.points if point[1] <= self.evaluations],
        }


def tree_search(dataset, budget, seed, evaluator=Evaluator):
    made = []

    def build(*arguments):
        made.append(evaluator(*arguments))
        return made[-1]

    with tempfile.TemporaryDirectory(prefix="srlab-ablation-") as folder:
        run = Path(folder) / "run"
        search = Search(dataset, run, seconds=1e6, seed=seed, workers=1, max_complexity=LONGEST)

        def watch(event):
            if event.kind == "candidate":
                budget.found(made[0], event.candidate["complexity"], event.candidate["loss"])
            if made and not budget.left(made[0]):
                driver.stop_reason = "finished"

        driver = Driver(search.folder, dataset, search.settings, watch=watch, evaluator=build)
        driver.run()


def no_refinement(dataset, budget, seed):
    tree_search(dataset, budget, seed, LinearOnly)


def from_vectors(dataset, budget, seed, evaluator, vectors):
    """Tries the vectors that a generator makes; it is sent the loss of each."""
    search = evaluator(dataset, settings(dataset))
    network = network_of(search.settings)
    source = vectors(network, np.random.default_rng(seed))
    vector = next(source)
    while budget.left(search):
        model = network.model(vector)
        loss = np.inf
        if model.complexity <= LONGEST:
            playout = search(
                Task(
                    model.formulas, operators=search.settings.operators, bounds=network.bounds(vector), round_below=0.0
                )
            )
            if not playout.rejected:
                loss = playout.loss
                budget.found(search, playout.complexity, playout.loss)
        vector = source.send(loss)


def settings(dataset):
    """As those of a search."""
    return SearchSettings(
        scale=length_scale(dataset), crystal=crystal_structure(dataset), max_complexity=LONGEST, workers=1
    )


def random_vectors(network, rng):
    while True:
        yield (
            moves.seed_vector(network, rng)
            if rng.random() < 0.5
            else moves.perturb(network, moves.seed_vector(network, rng), 1.0, rng)
        )


def cma_vectors(network, rng):
    import cma

    while True:
        strategy = cma.CMAEvolutionStrategy(
            moves.seed_vector(network, rng), 0.3, {"bounds": [0, 1], "verbose": -9, "seed": int(rng.integers(1, 2**31))}
        )
        while not strategy.stop():
            population = strategy.ask()
            losses = []
            for vector in population:
                loss = yield np.clip(vector, 0.0, 1.0)
                losses.append(np.log(loss) if np.isfinite(loss) else 10.0)
            strategy.tell(population, losses)


def random_search(dataset, budget, seed):
    from_vectors(dataset, budget, seed, LinearOnly, random_vectors)


def cma_es(dataset, budget, seed):
    from_vectors(dataset, budget, seed, LinearOnly, cma_vectors)


def no_tree(dataset, budget, seed):
    from_vectors(dataset, budget, seed, Evaluator, random_vectors)


def building_blocks(dataset, budget, seed):
    search, rng = Evaluator(dataset, settings(dataset)), np.random.default_rng(seed)
    network = network_of(search.settings)
    while budget.left(search):
        on = {}
        for part, most in zip(EAM.names, (3, 2, 1)):
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
            if (
                np.isfinite(fit.loss)
                and not search.why_unfit(fit.model, search.settings.operators)
                and (best is None or fit.loss < best.loss)
            ):
                best = fit
        if best:
            budget.found(search, best.model.complexity, best.loss)


METHODS = {
    "c-mcts": tree_search,
    "random": random_search,
    "cma-es": cma_es,
    "no-refinement": no_refinement,
    "no-tree": no_tree,
    "building-blocks": building_blocks,
}


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
    parser.add_argument("--cpu-seconds", type=float, default=15.0)
    parser.add_argument("--evaluations", type=float, default=25000)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    dataset = load_dataset(options.data, split=options.split)
    evaluator = Evaluator(dataset, settings(dataset))
    scale = evaluator.settings.scale
    reference = refit(load_form("sutton-chen").at_scale(scale), evaluator.train).loss
    refine(evaluator.train, load_form("gp1").at_scale(scale).model, 3)  # compiles what is left to compile
    result = {
        "data": dataset.name,
        "cpu_seconds": options.cpu_seconds,
        "evaluations": options.evaluations,
        "seeds": options.seeds,
        "sutton_chen_loss": reference,
    }
    ours = {}
    for name in options.methods.split(","):
        budgets = [Budget(options.cpu_seconds, options.evaluations) for _ in range(options.seeds)]
        fronts = []
        for seed, budget in enumerate(budgets):
            budget.start = time.process_time()
            METHODS[name](dataset, budget, seed)
            fronts.append(budget.fronts())
        result[name] = {}
        for equal in ("time", "evaluations"):
            volumes = [hypervolume(front[equal], reference) for front in fronts]
            entry = {
                "median": statistics.median(volumes),
                "least": min(volumes),
                "most": max(volumes),
                "losses": {
                    nodes: statistics.median(
                        min((loss for c, loss in front[equal] if c <= nodes), default=np.inf) for front in fronts
                    )
                    for nodes in LENGTHS
                },
            }
            if name == "c-mcts":
                ours[equal] = volumes
            elif ours:
                entry["won_by_c-mcts"] = sum(a > b for a, b in zip(ours[equal], volumes))
            result[name][f"equal_{equal}"] = entry
        if not options.json:
            print(name, result[name], flush=True)
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
