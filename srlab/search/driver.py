"""The search itself: select, move, play out, enter in tree, front and journal; obey commands; stop at the budget."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from .. import __version__
from ..errors import InputError
from ..fitting.model import Model
from ..parallel import Cluster, Processes, Serial
from . import moves
from .candidate import Candidate
from .front import ParetoFront
from .guess import parse_guess
from .journal import JournalWriter
from .playout import Addition, Evaluator, Task, make_objective
from .proposer import SEEDS, Proposer
from .references import references
from .run_folder import RunFolder
from .settings import WEIGHTS, SearchSettings
from .steering import inbox
from .tree import Node, Tree

GIVE_UP = 1.5       # a playout whose loss stays above so many times the front's is abandoned early
ROUND = 1.3         # below so many times the front's, constants are rounded
KEEP = 0.7          # share of playouts, by reward, that become nodes
STATUS_EVERY = 0.5  # seconds
IDLE_LIMIT = 3600.0  # seconds paused before the worker ends


class Driver:
    """One search in one process (its playouts may run in others). `run()` blocks until the budget is spent or told to stop.

    watch : called with every event as it is written; evaluator : what makes playouts, for comparisons with other methods.
    """

    def __init__(self, folder: RunFolder, dataset, settings: SearchSettings, events: list[dict] | None = None, watch=None, evaluator=Evaluator):
        self.folder, self.dataset, self.settings = folder, dataset, settings
        self.evaluator = evaluator
        self.watch = watch or (lambda event: None)
        self.proposer = Proposer(settings)
        self.tree, self.front = Tree(), ParetoFront(with_loss=bool(settings.targets))
        self.best_of_structure: dict[str, Candidate] = {}
        self.evaluations, self.n_candidates, self.elapsed = 0, 0, 0.0
        self.state, self.stop_reason, self.steps = "running", None, None
        self._clock = self.pool = None
        self.writer = JournalWriter(folder.journal)
        if events:
            self._restore(events)

    # -- life ------------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Search until done. Always leaves a journal that ends with a finish event, also on Ctrl-C."""
        self._clock = time.monotonic()
        commands = inbox(self.folder.path)
        try:
            if not len(self.tree):
                for reference in references(self.dataset, self.settings):
                    self._write("reference", **reference)
                self._add_root()
            self.pool = self._open_pool()
            next_status = paused_since = 0.0
            while True:
                for command in commands.read():
                    self._obey(command)
                if self.state == "paused":
                    self._absorb(self.pool.completed())
                    paused_since = paused_since or time.monotonic()
                    if time.monotonic() - paused_since > IDLE_LIMIT:
                        self.stop_reason = "stopped"
                    time.sleep(0.05)
                else:
                    paused_since = 0.0
                    while self.pool.pending < self.pool.capacity and not self._done() and self.state == "running":
                        self._submit()
                    self._absorb(self.pool.completed(0.2))
                if time.monotonic() >= next_status or self._done():
                    self._status()
                    next_status = time.monotonic() + STATUS_EVERY
                if self._done():
                    break
            if self.stop_reason is None:
                while self.pool.pending:
                    self._absorb(self.pool.completed(1.0))
        except KeyboardInterrupt:
            self.stop_reason = "stopped"
            raise
        except Exception as error:
            self.stop_reason = "died"
            self._report(f"the search ended: {error}" if isinstance(error, InputError) else f"the search failed: {error!r}")
            raise
        finally:
            self._finish()
            if self.pool:
                self.pool.close()
            self.writer.close()

    def _open_pool(self):
        if self.settings.scheduler:
            return Cluster(self.settings.scheduler, self.evaluator, self.dataset, self.settings)
        if self.settings.workers == 1:
            return Serial(self.evaluator, self.dataset, self.settings)
        return Processes(self.settings.workers, self.evaluator, self.dataset, self.settings)

    def _done(self) -> bool:
        s = self.settings
        return self.stop_reason is not None or (s.seconds is not None and self._time() >= s.seconds) \
            or (s.evaluations is not None and self.evaluations >= s.evaluations)

    def _time(self) -> float:
        """Seconds of search so far, pauses not counted."""
        if self._clock is not None:
            now = time.monotonic()
            if self.state != "paused":
                self.elapsed += now - self._clock
            self._clock = now
        return self.elapsed

    def _write(self, event: str, **fields) -> None:
        record = {"event": event, "t": round(self._time(), 3), **fields}
        self.writer.append(record)
        self.watch(record)

    def _status(self, message: str = "") -> None:
        seconds = max(self._time(), 1e-9)
        self._write("status", state=self.state, evaluations=self.evaluations, rate=round(self.evaluations / seconds, 1),
                    nodes=len(self.tree), candidates=self.n_candidates, message=message)

    def _report(self, message: str) -> None:
        try:
            self._write("error", message=message)
        except InputError:
            pass  # the disk is full: the terminal or worker.log has it

    def _finish(self) -> None:
        self.state = self.stop_reason or "finished"
        try:
            self._status()
            self._write("finish", state=self.state, evaluations=self.evaluations, seconds=round(self._time(), 3))
        except InputError:
            pass  # the disk is full: what was written before stands

    # -- beginning -------------------------------------------------------------------------------------------------------

    def _add_root(self) -> None:
        self.tree.add(Node(0, -1, 0, "root", None, None, np.inf, 0, ""))
        self._write("node", id=0, parent=-1, depth=0, move="root", loss=None, score=None, window=None, playouts=0, candidate=None, label="")

    def _restore(self, events: list[dict]) -> None:
        """Rebuild tree, front and counts from a journal."""
        for event in events:
            kind = event.get("event")
            self.elapsed = max(self.elapsed, event.get("t", 0.0))
            if kind == "node":
                self._restore_node(event)
            elif kind == "visit" and event["node"] < len(self.tree):
                self.tree.visit(event["node"], event["playouts"])
            elif kind == "candidate":
                try:
                    candidate = Candidate.from_json(event["candidate"])
                except InputError:
                    continue  # a line that was written by hand, or by another version
                self.n_candidates += 1
                self.best_of_structure[candidate.structure] = candidate
                self.front.insert(candidate)
            elif kind == "status":
                self.evaluations = event["evaluations"]
            elif kind == "rescore":
                self._rescore({int(node): loss for node, loss in event["nodes"].items()}, event["candidates"])
            elif kind == "flag" and event["node"] < len(self.tree):
                self.tree.nodes[event["node"]].flag = event["flag"]
        self.proposer.rng = np.random.default_rng([self.settings.seed, len(events)])
        for _ in range(min(len(self.proposer.seeds), len(self.tree) - 1)):
            self.proposer.seeds.popleft()

    def _restore_node(self, event: dict) -> None:
        if event["id"] != len(self.tree):
            return  # its event was lost with the line before it
        vector = np.array(event["vector"]) if event.get("vector") else None
        if vector is not None and len(vector) != self.proposer.network.size:
            vector = None
        formulas = event.get("formulas")
        try:
            structure = Model.parse(formulas).structure if formulas else ""
        except (InputError, KeyError):
            return  # as if the line were lost
        loss = event["loss"] if event["loss"] is not None else np.inf
        self.tree.add(Node(event["id"], event["parent"], event["depth"], event["move"], vector, formulas, loss, event.get("complexity", 0), structure))
        self.tree.visit(event["id"], event["playouts"])
        self.proposer.tried(structure)

    # -- one step --------------------------------------------------------------------------------------------------------

    def _submit(self) -> None:
        proposal = self.proposer.next(self.tree, self.settings)
        self.tree.visit(proposal.parent)
        task = self._task(proposal.model.formulas, proposal.model.complexity, proposal.vector, proposal.thorough, proposal.model.offset)
        if proposal.growths:
            task = replace(task, additions=tuple(self._addition(growth) for growth in proposal.growths))
        # operators may change while it is under way: its vector belongs to the network of now
        self.pool.submit((proposal, self.proposer.network), task)
        if self.steps is not None:
            self.steps -= 1
            if self.steps <= 0:
                self.steps, self.state = None, "paused"

    def _task(self, formulas: dict, complexity: int, vector, thorough: bool = False, offset: float = 0.0) -> Task:
        known = np.inf if thorough else self.tree.front_loss(complexity)
        bounds = None if vector is None else self.proposer.network.bounds(vector)
        return Task(formulas, offset, GIVE_UP * known, ROUND * known, thorough, bounds, self.settings.operators)

    def _addition(self, growth: moves.Growth) -> Addition:
        network = self.proposer.network
        complexity = network.shape(growth.vector)[1]
        term, position = network.term(growth.vector, growth.part, growth.slot)
        return Addition(growth.part, term, position, self.tree.front_loss(complexity),
                        self._task(network.formulas(growth.vector), complexity, growth.vector))

    def _absorb(self, results) -> None:
        for (proposal, network), playout in results:
            if playout is None:
                continue  # its worker died
            if playout.choice is not None:
                proposal = replace(proposal, vector=proposal.growths[playout.choice].vector, growths=())
            if network is not self.proposer.network:
                proposal = replace(proposal, vector=None)  # laid out for operators that are no more: the formula stays
            self.evaluations += playout.evaluations
            structure = playout.structure
            self.proposer.tried(structure)
            if playout.rejected or playout.complexity > self.settings.max_complexity and proposal.move != "inject":
                if proposal.move == "inject":
                    self._write("error", message=f"the injected formula was refused: {playout.rejected}")
                self._write("visit", node=proposal.parent, playouts=1, best=None)
                continue
            known = self.best_of_structure.get(structure)
            improves = known is None or playout.loss < 0.999 * known.loss
            reward = self.tree.reward(playout.loss, playout.complexity)
            grows = proposal.move == "inject" or (improves or proposal.thorough) and self._worth_a_node(reward)
            candidate = self._enter(proposal, playout, len(self.tree) if grows else proposal.parent) if improves else known
            if grows:
                self._grow(proposal, playout, candidate)
            else:
                self._write("visit", node=proposal.parent, playouts=1, best=playout.loss)

    def _worth_a_node(self, reward: float) -> bool:
        rewards = [node.reward for node in self.tree.nodes[1:]]
        return len(rewards) < SEEDS or reward <= np.quantile(rewards, KEEP)

    def _enter(self, proposal, playout, node: int) -> Candidate:
        """Make a candidate of a playout; the front follows."""
        candidate = Candidate(
            id=f"c{self.n_candidates}", element=self.dataset.element, template=self.settings.template, formulas=playout.formulas, offset=playout.offset,
            cutoff=self.settings.cutoff, taper_start=self.settings.taper_start, complexity=playout.complexity, n_constants=playout.n_constants,
            loss=playout.loss, **playout.errors, node=node, move=proposal.move, seed=self.settings.seed, version=__version__,
            fingerprint=self.dataset.fingerprint)
        self.n_candidates += 1
        self.best_of_structure[playout.structure] = candidate
        self._write("candidate", candidate=candidate.to_json())
        if self.front.insert(candidate):
            self._write("front", ids=self.front.ids)
            if not proposal.thorough and candidate.loss <= self.tree.front_loss(candidate.complexity) * 1.05:
                self.proposer.queue.append(moves.Proposal(node, "refine", self._vector_of(proposal, candidate.model), candidate.model, 0.0, 0.0, True))
        return candidate

    def _grow(self, proposal, playout, candidate: Candidate | None) -> None:
        parent = self.tree.nodes[proposal.parent]
        model = Model.parse(playout.formulas)
        vector = self._vector_of(proposal, model)
        if vector is not None:
            vector = self.proposer.network.absorb(vector, model)
        node = Node(len(self.tree), parent.id, parent.depth + 1, proposal.move, vector, playout.formulas, playout.loss, playout.complexity, playout.structure)
        self.tree.add(node)
        node.visits = 1
        self._write("node", id=node.id, parent=node.parent, depth=node.depth, move=node.move, loss=node.loss, score=round(proposal.score, 4),
                    explore=None if proposal.explore is None else round(proposal.explore, 4), window=round(proposal.window, 4), playouts=1, candidate=candidate.id if candidate else None, label=model.pair.short(3),
                    complexity=node.complexity, formulas=node.formulas, vector=None if vector is None else [round(float(x), 6) for x in vector])

    def _vector_of(self, proposal, model: Model) -> np.ndarray | None:
        """The proposal's vector where it still stands for the form of the refined model."""
        vector = proposal.vector
        return vector if vector is not None and self.proposer.network.model(vector).structure == model.structure else None

    # -- commands --------------------------------------------------------------------------------------------------------

    def _obey(self, command: dict) -> None:
        name = command.get("name")
        try:
            self._time()
            if name == "pause":
                self.state = "paused"
            elif name == "resume":
                self.state = "running"
            elif name == "step":
                self.state, self.steps = "running", max(1, int(command.get("count", 1)))
            elif name == "stop":
                self.stop_reason = "stopped"
            elif name == "set":
                self._set({key: value for key, value in command.items() if key != "name"})
            elif name in ("boost", "prune", "release"):
                self._flag(int(command["node"]), None if name == "release" else name)
            elif name == "pin":
                pass  # a mark for the eye: it lives in the journal only
            elif name == "inject":
                model = parse_guess(str(command["text"]), self.settings.cutoff, self.settings.template)
                self.proposer.queue.appendleft(moves.Proposal(0, "inject", None, model, 0.0, 0.0, True))
            else:
                raise InputError(f"unknown command {name!r}")
        except (InputError, KeyError, TypeError, ValueError) as error:
            self._write("error", message=str(error))
            return
        self._write("command", command=command)
        self._status()

    def _set(self, changes: dict) -> None:
        before, wanted = self.settings, self.settings.steered(changes)
        measure = any(getattr(wanted, name) != getattr(before, name) for name in (*WEIGHTS, "targets"))
        objective = make_objective(self.dataset, self.dataset.train, wanted, targets=wanted.targets) if measure else None  # may refuse
        self.settings = wanted
        if self.settings.operators != before.operators:
            self.proposer.change_operators(self.tree, self.settings.operators)
        if measure:
            self._reweigh(objective)

    def _reweigh(self, objective) -> None:
        """Measure all that was found with the objective of new weights; playouts under way are given up."""
        self.pool.close()
        self.pool = self._open_pool()
        nodes = [node for node in self.tree.nodes if node.formulas]
        candidates = list(self.best_of_structure.values())
        losses = [float(loss) for loss in objective.losses([Model.parse(node.formulas) for node in nodes] + [c.model for c in candidates])] if nodes else []
        found = {candidate.id: loss for candidate, loss in zip(candidates, losses[len(nodes) :])}
        self._rescore({node.id: loss for node, loss in zip(nodes, losses)}, found)
        self._write("rescore", nodes={node.id: loss for node, loss in zip(nodes, losses)}, candidates=found)
        self._write("front", ids=self.front.ids)

    def _rescore(self, nodes: dict[int, float], candidates: dict[str, float]) -> None:
        self.tree.rescore(nodes)
        for structure, candidate in self.best_of_structure.items():
            self.best_of_structure[structure] = replace(candidate, loss=candidates.get(candidate.id, candidate.loss))
        if self.settings.targets or self.front.with_loss:  # the loss is, or was, an objective of the front
            self.front = ParetoFront(self.best_of_structure.values(), with_loss=bool(self.settings.targets))

    def _flag(self, node: int, flag: str | None) -> None:
        if not 0 <= node < len(self.tree):
            raise InputError(f"there is no node {node}: the tree has {len(self.tree)}")
        self.tree.nodes[node].flag = flag
        self._write("flag", node=node, flag=flag)
