"""The limit of a template, whatever its formulas: cubic splines free in every function, fitted to the same frames as a
search and with the same loss, so that one sees what is left to gain.

    python tests/benchmarks/limits.py [TRAIN [TEST]] [--templates eam,adp,angular] [--cutoff R] [--every 1]
        [--iterations 60] [--of RUN#ID] [--json]

phi has 18, f and the angular functions 12, F 10 cubic B-splines. phi, F, the strengths of the angular functions and the
offset are solved for, the rest is refined by Levenberg-Marquardt, from exponential f of several decays, of which the
one of least training loss goes on. `angular` has one function a rank, all of them added; `both-signs` six, one of each
rank added and one taken off. Every so many of the training frames are fitted to. Errors are those of test frames,
energies after the median difference per atom is taken off; without TEST every second frame is for testing. The least
training loss is not quite the least error on test frames, and refinements end in minima of their own: a limit is good
to some per cent.

--of: not the limit of a template, but what holds a formula back: its training loss, and that with one of its functions
at a time, or one that it lacks, as a free spline, everything refined; as cutoff that of the data is taken.
"""

import argparse
import json
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from cutoff import DECAYS, NEAREST
from scipy.interpolate import BSpline

from srlab.datasets import load_dataset
from srlab.expressions.jet import Jet
from srlab.fitting.objective import Errors, Objective
from srlab.fitting.varpro import refine
from srlab.loading import load_candidate
from srlab.potentials.taper import Smoothstep
from srlab.search.data_crystal import TAPER_WIDTH, crystal_neighbour, cutoff_at, length_scale
from srlab.templates import Model, template_named

COUNTS = {"pair": 18, "density": 12, "embedding": 10}
ANGULAR_COUNT = 12
RARE = 3e-5  # share of the pairs that are nearer than the first knot
FIRST_STEPS = 5  # of each decay, before the best of them goes on
RANGES = 2  # how often F is given the range of the densities anew
KINDS = {
    "eam": ("eam", ()),
    "adp": ("adp", ("dipole", "quadrupole")),
    "angular": ("angular", ("angular_1", "angular_2", "angular_3")),
    "both-signs": ("angular", tuple(f"angular_{rank}{sign}" for sign in ("", "_negative") for rank in (1, 2, 3))),
}


@dataclass(frozen=True)
class Spline:
    """Cubic B-splines on [low, high], linear outside, in the place of a `Formula`: what `refine` asks of one.

    values : (m,) coefficients, all of them linear.
    """

    low: float
    high: float
    values: tuple

    @classmethod
    def through(cls, low, high, count, function=None):
        """Splines near a function; without one, all of them zero."""
        empty = cls(low, high, (0.0,) * count)
        if function is None:
            return empty
        x = np.linspace(low, high, 20 * count)
        return empty.with_constants(np.linalg.lstsq(empty._basis(x), function(x), rcond=None)[0])

    @cached_property
    def _splines(self):
        count = len(self.values)
        knots = np.concatenate([[self.low] * 3, np.linspace(self.low, self.high, count - 2), [self.high] * 3])
        return BSpline(knots, np.eye(count), 3)

    def _basis(self, x, order=0):
        """Values or derivatives (n, m) of all splines at x (n,)."""
        inside = np.clip(x, self.low, self.high)
        found, outside = self._splines(inside, order), x != inside
        if order == 0:
            found[outside] += (x - inside)[outside, None] * self._splines(inside[outside], 1)
        elif order == 2:
            found[outside] = 0.0
        return found

    @property
    def linear(self):
        return frozenset(range(len(self.values)))

    @property
    def constants(self):
        return np.array(self.values)

    def with_constants(self, values):
        return replace(self, values=tuple(float(value) for value in values))

    def value(self, x):
        return self._basis(np.asarray(x, float)) @ self.constants

    def value_and_slopes(self, x):
        return self.value(x), self._basis(np.asarray(x, float), 1) @ self.constants

    value_and_slope = value_and_slopes

    def curvatures(self, x):
        return [[self._basis(np.asarray(x, float), 2) @ self.constants]]

    def jets(self, variables, wanted=frozenset(), second=True):
        """One jet for the one variable; see `Formula.jets`."""
        (x,) = variables
        basis, slopes = self._basis(x), self._basis(x, 1)
        by_constant = ({k: each[:, k] for k in wanted} for each in (basis, slopes))
        return [Jet(basis @ self.constants, slopes @ self.constants, None, *by_constant)]


def start(kind, objective, neighbour, decay):
    """A model of splines where the pairs are: an exponential f, angular functions of another range for each sign."""
    name, angular = KINDS[kind]
    template, cutoff, table = template_named(name), objective.table.cutoff, objective.table
    nearest = max(float(np.quantile(table.distance, RARE)), NEAREST * neighbour)
    functions = {
        "pair": Spline.through(nearest, cutoff, COUNTS["pair"]),
        "density": Spline.through(nearest, cutoff, COUNTS["density"], lambda r: np.exp(-decay * (r - nearest))),
    }
    for number, part in enumerate(angular):
        slope = 1.0 + 0.5 * (number // 3)
        functions[part] = Spline.through(nearest, cutoff, ANGULAR_COUNT, lambda r, b=slope: np.exp(-b * (r - nearest)))
    functions["embedding"] = Spline(0.0, 1.0, (0.0,) * COUNTS["embedding"])
    return ranged(objective, Model(template, {each: functions[each] for each in template.names if each in functions}))


def ranged(objective, model):
    """The model with F on the range of the densities, and a twentieth beyond, through what it was there."""
    f = objective.tapered(*model.density.value_and_slope(objective.table.grid))[0]
    rho = objective.densities(f[:, None])[: objective.n_atoms, 0]
    air = 0.05 * (rho.max() - rho.min())
    embedding = Spline.through(rho.min() - air, rho.max() + air, COUNTS["embedding"], model.embedding.value)
    return replace(model, functions={**model.functions, "embedding": embedding})


def limit(kind, train, test, neighbour, iterations):
    """Errors on test frames of the best splines of a kind, with the training loss and the number of coefficients."""
    tried = [refine(train, start(kind, train, neighbour, decay), FIRST_STEPS) for decay in DECAYS]
    fit = min(tried, key=lambda each: each.loss)
    for _ in range(RANGES):
        again = refine(train, ranged(train, fit.model), iterations // RANGES, tolerance=1e-5)
        fit = min(fit, again, key=lambda each: each.loss)
    energies, forces = test.predict([fit.model], np.float64)
    energy = energies[0] - test.energies
    errors = Errors.of(1e3 * (energy - np.median(energy)), 1e3 * (forces[0] - test.forces))
    return {"loss": fit.loss, "coefficients": len(fit.model.constants) + 1, **vars(errors)}


def limits_of(train, test, kinds, cutoff=None, every=1, iterations=60):
    """{kind: what `limit` says} of the training frames of a data set, on a list of test frames; cutoff and taper are
    those of its length scale unless given (angstrom)."""
    ours, theirs = (objective_of(train, frames, cutoff) for frames in (train.train[::every], test))
    neighbour = crystal_neighbour(train)
    return {kind: {"cutoff": ours.table.cutoff, **limit(kind, ours, theirs, neighbour, iterations)} for kind in kinds}


def objective_of(dataset, frames, cutoff=None):
    """The loss on some frames with cutoff and taper of the length scale of a data set, unless a cutoff is given."""
    scale = length_scale(dataset)
    cutoff = cutoff or cutoff_at(scale)
    taper = Smoothstep(cutoff - TAPER_WIDTH * scale, cutoff)
    return Objective(frames, [atoms.get_potential_energy() for atoms in frames], cutoff, taper)


def freed(objective, model, neighbour, iterations):
    """Yield the training loss of a model, refined, and then those with each function of its template as a spline:
    (name, loss). A function that it lacks begins as an exponential."""
    fit = refine(objective, model, iterations)
    yield "", fit.loss
    nearest = max(float(np.quantile(objective.table.distance, RARE)), NEAREST * neighbour)
    for name in model.template.names:
        if name == "embedding":
            free = ranged(objective, fit.model)
        else:
            known = fit.model.functions.get(name)
            shape = known.value if known else lambda r: np.exp(-(r - nearest))
            spline = Spline.through(nearest, objective.table.cutoff, COUNTS.get(name, ANGULAR_COUNT), shape)
            functions = {**fit.model.functions, name: spline}
            free = replace(
                fit.model, functions={each: functions[each] for each in model.template.names if each in functions}
            )
        yield name, refine(objective, free, iterations, tolerance=1e-4).loss


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("train", nargs="?", default="cu-gpaw")
    parser.add_argument("test", nargs="?")
    parser.add_argument("--templates", default="eam,adp,angular")
    parser.add_argument("--cutoff", type=float)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--of", metavar="RUN#ID")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    data = load_dataset(options.train, split="all" if options.test else "alternate")
    test = load_dataset(options.test, split="all").frames if options.test else data.test
    if options.of:
        model = load_candidate(options.of).model
        objective = objective_of(data, data.train[:: options.every], options.cutoff)
        losses = dict(freed(objective, model, crystal_neighbour(data), options.iterations))
        print(
            json.dumps(losses) if options.json else "\n".join(f"{n or 'as it is':22}{x:.5f}" for n, x in losses.items())
        )
        return
    found = {}
    for kind in options.templates.split(","):
        found |= limits_of(data, test, [kind], options.cutoff, options.every, options.iterations)
        if not options.json:
            errors = found[kind]
            print(
                f"{data.name}, {kind}, {errors['cutoff']:g} A: loss {errors['loss']:.4f}, "
                f"{errors['energy_mae']:.2f} meV/atom, {errors['force_mae']:.1f} meV/A "
                f"with {errors['coefficients']} coefficients",
                flush=True,
            )
    if options.json:
        print(json.dumps({"data": data.name, "limits": found}))


if __name__ == "__main__":
    main()
