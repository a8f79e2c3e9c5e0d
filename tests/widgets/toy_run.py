"""A run folder with a journal in the agreed format, written by a toy: for tests of the dashboard only, its numbers
mean nothing."""

import json
import math
import pathlib
import random
import threading
import time

from srlab.runs.folder import RunFolder
from srlab.search.settings import SearchSettings

SETTINGS = {
    "operators": ["exp", "pow", "rpow", "gauss", "sqrt", "linear"],
    "max_complexity": 45,
    "exploration": 1.0,
    "window": 0.3,
    "force_weight": 0.5,
    "seconds": 60,
    "evaluations": None,
    "workers": 1,
    "cutoff": 6.0,
    "taper_start": 4.5,
}
REFERENCES = [
    ("Sutton-Chen", 17, 6.55, 67.5, "0.0123*(3.61/r)^9", "(3.61/r)^6", "-0.488*sqrt(rho)"),
    ("Cleri-Rosato", 19, 2.99, 46.3, "0.17*exp(-10.96*(r/2.556-1))", "exp(-4.556*(r/2.556-1))", "-1.224*sqrt(rho)"),
    ("GP1", 25, 2.59, 43.2, "2*(r^(10.21-5.47*r)-0.21^r)", "0.33^r", "0.97/(rho+0.01)"),
]
PAIRS = [
    "{a:.6f}*(2.55/r)^{b:.5f}",
    "{a:.6f}*exp(-{c:.5f}*(r-2.5))",
    "{a:.6f}*(2.55/r)^{b:.5f}+{d:.6f}*exp(-1.32*(r-2.95)^2)",
    "{a:.6f}*exp(-{c:.5f}*(r-2.5))+{d:.5f}*cos({c:.4f}*r)*exp(-0.4*r)",
]
DENSITIES = ["exp(-{c:.5f}*(r-2.55))", "r^({c:.4f}-{c:.4f}*r)", "exp(-{c:.5f}*(r-2.55))+{d:.6f}*exp(-2.1*(r-3.1)^2)"]
EMBEDDINGS = ["-{e:.5f}*sqrt(rho)", "-{e:.5f}*rho^0.45", "-{e:.5f}*sqrt(rho)+0.012*rho"]


class ToySearch:
    """Grows a random tree and writes it down; the parts of `srlab.Search` that the dashboard uses."""

    def __init__(self, run, seed=0, rate=40.0, limit=400):
        self.run, self.rate, self.limit = pathlib.Path(run), rate, limit
        self.random, self.settings = random.Random(seed), SearchSettings()
        self.state, self.t, self.evaluations = "new", 0.0, 0
        self.losses, self.depths, self.children = {}, {}, {}
        self.pool, self.injected, self._thread = [], [], None
        self._between_moves = threading.Lock()  # as a real search, which hears a command when no move is under way

    # -- what the dashboard calls ------------------------------------------------------------------------------------

    def start(self):
        self.run.mkdir(parents=True, exist_ok=True)
        self.begin()
        self._thread = threading.Thread(target=self._go, daemon=True)
        self._thread.start()

    @property
    def alive(self):
        return self.run.exists() and RunFolder(self.run).busy()

    def pause(self):
        self._command("pause", "paused")

    def resume(self):
        self._command("resume", "running")

    def stop(self):
        self._command("stop", "stopped")

    def wait(self, timeout=None):
        self._thread.join(timeout)

    def steer(self, **settings):
        self._write("command", command={"name": "set", **settings})

    def inject(self, text):
        from srlab.errors import InputError

        if "=" not in text:
            raise InputError(f"{text!r} is no formula: write for example phi = exp(-r); f = exp(-r); F = -sqrt(rho)")
        self.injected.append(text)

    def boost(self, node):
        self._write("flag", node=node, flag="boost")

    # -- the toy
    # --------------------------------------------------------------------------------------------------------

    def begin(self):
        """Write the head of the journal."""
        self.run.mkdir(parents=True, exist_ok=True)
        self.folder = RunFolder(self.run)
        self.folder.lock()  # a run that nobody holds counts as died
        data = {
            "name": "cu-gpaw",
            "fingerprint": "0123456789abcdef",
            "frames": 604,
            "train": 483,
            "test": 121,
            "atoms": 4832,
        }
        self._write("start", version="0.1.0", seed=3, element="Cu", template="eam", dataset=data, settings=SETTINGS)
        for name, nodes, energy, force, pair, density, embedding in REFERENCES:
            self._write(
                "reference",
                name=name,
                complexity=nodes,
                formulas={"pair": pair, "density": density, "embedding": embedding},
                **_errors(energy, force),
            )
        self._node(-1, "root")
        for _ in range(7):
            self._node(0, "seed")
        self.state = "running"

    def grow(self, moves):
        """Make so many moves."""
        for _ in range(moves):
            self.t += 1.0 / self.rate
            if self.random.random() < 0.3:
                node = self._choose()
                self._write("visit", node=node, playouts=self.random.randint(1, 4), best=self.losses[node] * 1.02)
            else:
                self._node(self._choose(), self.random.choice(["expand", "expand", "promote", "refine", "crossover"]))
        self._status()

    def finish(self, state="finished"):
        self.state = state
        self.folder.unlock()
        self._write("finish", state=state, evaluations=self.evaluations, seconds=self.t)

    def _choose(self):
        nodes = list(self.losses)
        weights = [
            math.exp(-2.2 * self.losses[n] / 0.3) * (1.6 if self.depths[n] < 8 else 0.15) / (1 + len(self.children[n]))
            for n in nodes
        ]
        return self.random.choices(nodes, weights)[0]

    def _node(self, parent, move):
        node, r = len(self.losses), self.random
        loss = 1.2 if parent < 0 else max(0.01 * r.uniform(1, 1.3), self.losses[parent] * r.uniform(0.66, 1.14))
        depth = 0 if parent < 0 else self.depths[parent] + 1
        self.losses[node], self.depths[node], self.children[node] = loss, depth, []
        if parent >= 0:
            self.children[parent].append(node)
        self.evaluations += r.randint(20, 90)
        candidate = self._candidate(node, loss, move) if parent > 0 and r.random() < 0.7 else None
        window = None if parent < 0 else 0.5 * 0.75**depth
        self._write(
            "node",
            id=node,
            parent=parent,
            depth=depth,
            move=move,
            loss=loss,
            score=-math.log(loss),
            window=window,
            playouts=r.randint(1, 9),
            candidate=candidate and candidate["id"],
            label=candidate["formulas"]["pair"] if candidate else "exp(-1.5*r)",
        )
        if candidate:
            self._write("candidate", candidate=candidate)
            self._front()

    def _candidate(self, node, loss, move):
        r = self.random
        i, j, k = r.randrange(len(PAIRS)), r.randrange(len(DENSITIES)), r.randrange(len(EMBEDDINGS))
        numbers = {
            "a": r.uniform(0.3, 0.9),
            "b": r.uniform(5, 9),
            "c": r.uniform(1.2, 3.4),
            "d": r.uniform(0.02, 0.09),
            "e": r.uniform(0.7, 1.4),
        }
        complexity = 12 + 3 * i + 2 * j + 2 * k + r.randrange(14)
        scale = math.sqrt(loss) * (1 + 8 / complexity)
        candidate = {
            "id": f"c{node}",
            "element": "Cu",
            "template": "eam",
            "formulas": {
                "pair": PAIRS[i].format(**numbers),
                "density": DENSITIES[j].format(**numbers),
                "embedding": EMBEDDINGS[k].format(**numbers),
            },
            "offset": 0.0,
            "cutoff": 6.0,
            "taper_start": 4.5,
            "complexity": complexity,
            "n_constants": 4 + i + j,
            "loss": loss * (1 + 8 / complexity),
            **_errors(1.4 + 16 * scale * r.uniform(0.85, 1.2), 29 + 110 * scale * r.uniform(0.85, 1.2)),
            "node": node,
            "move": move,
            "seed": 3,
            "version": "0.1.0",
            "fingerprint": "0123456789abcdef",
        }
        self.pool.append(candidate)
        return candidate

    def _front(self):
        front, least = [], math.inf
        for c in sorted(self.pool, key=lambda c: (c["complexity"], c["loss"])):
            if c["loss"] < least:
                front.append(c["id"])
                least = c["loss"]
        if front != getattr(self, "_last_front", None):
            self._last_front = front
            self._write("front", ids=front)

    def _command(self, name, state):
        with self._between_moves:
            self.state = state
            self._write("command", command={"name": name})
            self._status()

    def _status(self):
        self._write(
            "status",
            state=self.state,
            evaluations=self.evaluations,
            rate=self.rate * 50,
            nodes=len(self.losses),
            candidates=len(self.pool),
            message="",
        )

    def _go(self):
        while len(self.losses) < self.limit and self.state != "stopped":
            time.sleep(0.1)
            with self._between_moves:
                if self.state == "running":
                    self.grow(max(1, round(self.rate / 10)))
        self.finish("stopped" if self.state == "stopped" else "finished")

    def _write(self, event, **fields):
        with (self.run / "journal.jsonl").open("a") as file:
            file.write(json.dumps({"event": event, "t": round(self.t, 3), **fields}) + "\n")


def _errors(energy, force):
    return {"energy_mae": energy, "force_mae": force, "test_energy_mae": energy * 1.03, "test_force_mae": force * 0.99}
