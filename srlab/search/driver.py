"""The search itself: select, move, play out, enter in tree, front and journal; obey commands; stop at the budget."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import cached_property
from itertools import islice

import numpy as np

from srlab import __version__
from srlab.errors import InputError
from srlab.potentials.candidate import Candidate
from srlab.runs import events
from srlab.runs.commands import check_recordable
from srlab.runs.view import RunView
from srlab.search import moves
from srlab.search.data_crystal import crystal_structure, crystal_volume
from srlab.search.ground_state import crystals, is_right
from srlab.search.lifecycle import SearchFolder, SearchLifecycle
from srlab.search.pareto_front import ParetoFront
from srlab.search.playout import EXACT, Addition, Evaluator, Task, make_objective
from srlab.search.proposer import SEEDS, Proposer
from srlab.search.references import references
from srlab.search.replay import Script
from srlab.search.resume import checkpoint, restore
from srlab.search.settings import WEIGHTS, SearchSettings
from srlab.search.stagnation import Stagnation
from srlab.search.tree import Node, Tree
from srlab.templates import Model
from srlab.workers.pool import Cluster, Died, LocalPool, Serial

GIVE_UP = 1.5  # a playout whose loss stays above so many times the front's is abandoned early
ROUND = 1.3  # below so many times the front's, constants are rounded
KEEP = 0.7  # share of playouts, by reward, that become nodes
STATUS_EVERY = 0.5  # seconds
STARTING = "Starting the workers; the first search on a machine compiles, too."
GRACE = 2.0  # seconds that playouts under way may take beyond the time of a search
LOST = 3  # playouts in a row whose workers died, each as often as it may: it is not the formulas


class Driver(SearchLifecycle):
    """One search in one process (its playouts may run in others). `run()` blocks until the budget is spent or told to
    stop.

    known : what the journal says so far, where the search is taken up again; watch : called with every event as it is
    written; evaluator : what makes playouts, for comparisons with other methods; script : commands of a run that is
    replayed, obeyed instead of those that are sent.
    """

    def __init__(
        self,
        folder: SearchFolder,
        dataset,
        settings: SearchSettings,
        known: RunView | None = None,
        watch=None,
        evaluator=Evaluator,
        script: Script | None = None,
    ):
        begun = known is not None and known.searched  # of a fork, nodes alone do not tell
        super().__init__(folder, settings, watch, begun)
        self.dataset, self.evaluator, self.script = dataset, evaluator, script
        self.proposer = Proposer(settings)
        self.tree, self.front = Tree(settings.max_complexity), ParetoFront(with_loss=bool(settings.targets))
        self.best_of_structure: dict[str, Candidate] = {}
        self.playouts, self.evaluations, self.n_candidates = 0, 0, 0  # playouts: begun so far
        self.steps, self.stagnation, self._lost = None, Stagnation(), 0
        self.references: dict[str, dict] = {}  # formulas of the published forms in the journal, refitted
        if known is not None:
            restore(self, known)

    # -- life
    # ------------------------------------------------------------------------------------------------------------

    def run(self) -> None:
        """Search until done. Always leaves a journal that ends with a finish event, also on Ctrl-C."""
        commands = self.folder.inbox()
        with self._living():
            if not len(self.tree):
                self._add_root()
            else:
                self._write(events.Resumed(playouts=self.playouts))
            self.starting = True
            self._status()
            self.pool = self._open_pool()
            refits, next_status = references(self.dataset, self.settings, known=set(self.references)), 0.0
            while True:
                for command in self.script.due(self.playouts) if self.script else commands.read():
                    self._obey(command)
                if self.state == "paused":
                    self._absorb(self.pool.completed())
                    time.sleep(0.05)
                else:
                    while (
                        self.pool.pending < self.pool.capacity
                        and not self._done()
                        and self.state == "running"
                        and not (self.script and self.script.waits(self.playouts))
                    ):
                        self._submit()
                    self._absorb(self.pool.completed(0.2))
                for reference in islice(refits, 0 if self.starting else 1):  # people wait for the tree, too
                    self._mark(reference)
                if time.monotonic() >= next_status or self._done():
                    self._rest()
                    self._status()
                    next_status = time.monotonic() + STATUS_EVERY
                if self._done():
                    break
            if self.stop_reason is None:
                self._drain()
                while not self._out_of_time() and (reference := next(refits, None)):
                    self._mark(reference)

    def _mark(self, reference: events.Reference) -> None:
        """Enter a published form; the costs may have changed since its fit was asked for."""
        self.references[reference.name] = reference.formulas
        reference.complexity = Model.parse(reference.formulas).weighed(self.settings.node_costs)
        self._write(reference)

    def _drain(self) -> None:
        """Take in what is under way; where time is up, what does not come soon is given up."""
        end = time.monotonic() + GRACE
        while self.pool.pending:
            self._absorb(self.pool.completed(0.5))
            if self._out_of_time() and time.monotonic() > end:
                self.pool.kill()
                return

    def _out_of_time(self) -> bool:
        return self.settings.seconds is not None and self._time() >= self.settings.seconds

    def record_budget(self, budget: dict) -> None:
        """Note a budget that replaces that of the journal, so that a resumed run that is killed knows it."""
        self._write(events.Command(command={"name": "set", **budget}, playouts=self.playouts))

    def _open_pool(self):
        if self.settings.scheduler:
            return Cluster(self.settings.scheduler, self.evaluator, self.dataset, self.settings)
        if self.settings.workers == 1:
            return Serial(self.evaluator, self.dataset, self.settings)
        return LocalPool(self.settings.workers, self.evaluator, self.dataset, self.settings)

    def _done(self) -> bool:
        s = self.settings
        return (
            self.stop_reason is not None
            or (self.script is not None and self.script.over(self.playouts, self.state))
            or self._out_of_time()
            or (s.evaluations is not None and self.evaluations >= s.evaluations)
        )

    def _status(self) -> None:
        self._write(
            events.Status(
                state=self.state,
                evaluations=self.evaluations,
                rate=round(self.evaluations / max(self._time(), STATUS_EVERY), 1),
                nodes=len(self.tree),
                candidates=self.n_candidates,
                message=self.message or self._why_waiting(),
                playouts=self.playouts,
                pending=self.pool.pending if self.pool else 0,
            )
        )

    def _why_waiting(self) -> str:
        return STARTING if self.starting else self.stagnation.reason(self.tree, self.settings)

    def _finish(self) -> None:
        self.state = self.stop_reason or "finished"
        try:
            self._status()
            if self.stop_reason != "died":
                self._write(checkpoint(self.proposer))
            self._write(
                events.Finish(
                    state=self.state,
                    evaluations=self.evaluations,
                    seconds=round(self._time(), 3),
                    playouts=self.playouts,
                )
            )
        except InputError:
            pass  # the disk is full: what was written before stands

    # -- beginning
    # -------------------------------------------------------------------------------------------------------

    def _add_root(self) -> None:
        self.tree.add(Node(0, -1, 0, "root", None, None, np.inf, 0, ""))
        self._write(events.root())

    # -- one step
    # --------------------------------------------------------------------------------------------------------

    def _submit(self) -> None:
        proposal = self.proposer.next(self.tree, self.settings)
        self.tree.visit(proposal.parent)
        task = self._task(
            proposal.model.formulas,
            self.proposer.network.complexity(proposal.model),
            proposal.vector,
            proposal.thorough,
            proposal.model.offset,
        )
        if proposal.move == "inject":
            task = replace(task, typed=True)
        if proposal.growths:
            task = replace(task, additions=tuple(self._addition(growth) for growth in proposal.growths))
        # operators may change while it is under way: its vector belongs to the network of now
        self.pool.submit((proposal, self.proposer.network), task)
        self.playouts += 1
        self.stagnation.began(proposal)
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
        term, place = network.term(growth.vector, growth.part, growth.slot)
        return Addition(
            growth.part,
            term,
            place,
            1 + len(growth.slot.term.low),
            self.tree.front_loss(complexity),
            self._task(network.formulas(growth.vector), complexity, growth.vector),
        )

    def _absorb(self, results) -> None:
        if results and self.starting:  # the workers are there: from now on the clock runs
            self._time()
            self.starting = False
        for (proposal, network), playout in results:
            if isinstance(playout, Died):
                self._lost += 1
                if self._lost == LOST:
                    raise InputError(playout.sentence("tried a formula"))
                continue
            self._lost = 0
            if self.settings.costs:
                model = Model.parse(playout.formulas, template=network.template)
                playout = replace(playout, complexity=self.proposer.network.complexity(model))
            if playout.choice is not None:
                proposal = replace(proposal, vector=proposal.growths[playout.choice].vector, growths=())
            if network is not self.proposer.network:
                proposal = replace(proposal, vector=None)  # laid out for operators that are no more: the formula stays
            self.evaluations += playout.evaluations
            structure = playout.structure
            self.proposer.tried(structure)
            if playout.rejected or playout.complexity > self.settings.max_complexity and proposal.move != "inject":
                if proposal.move == "inject":
                    self._write(events.Error(message=f"the injected formula was refused: {playout.rejected}"))
                self._write(events.Visit(node=proposal.parent, playouts=1, form=structure))
                continue
            known = self.best_of_structure.get(structure)
            improves = known is None or playout.loss < 0.999 * known.loss
            reward = self.tree.reward(playout.loss, playout.complexity)
            expands = proposal.move == "inject" or (improves or proposal.thorough) and self._worth_a_node(reward)
            candidate = (
                self._enter(proposal, playout, len(self.tree) if expands else proposal.parent) if improves else known
            )
            if expands:
                self._expand(proposal, playout, candidate)
            else:
                self._write(events.Visit(node=proposal.parent, playouts=1, best=playout.loss, form=structure))

    def _worth_a_node(self, reward: float) -> bool:
        rewards = [node.reward for node in self.tree.nodes[1:] if self.tree.within_limit(node)]
        return len(rewards) < SEEDS or reward <= float(np.quantile(rewards, KEEP))

    def _enter(self, proposal, playout, node: int) -> Candidate:
        """Make a candidate of a playout; the front follows."""
        candidate = Candidate(
            id=f"c{self.n_candidates}",
            element=self.dataset.element,
            template=self.settings.template,
            formulas=playout.formulas,
            offset=playout.offset,
            cutoff=self.settings.cutoff,
            taper_start=self.settings.taper_start,
            complexity=playout.complexity,
            n_constants=playout.n_constants,
            loss=playout.loss,
            **playout.errors,
            node=node,
            move=proposal.move,
            seed=self.settings.seed,
            version=__version__,
            fingerprint=self.dataset.fingerprint,
            atomic_scale=self.dataset.has_isolated_atom,
            crystal=self._crystal[0],
        )
        if self.front.accepts(candidate):
            candidate = self._with_crystal(candidate)
        self.n_candidates += 1
        self.best_of_structure[playout.structure] = candidate
        self._write(events.Candidate(candidate=candidate.to_json()))
        if self.front.insert(candidate):
            self._write(events.Front(ids=self.front.ids))
            vector = self._vector_of(proposal, candidate.model)
            near = candidate.loss <= self.tree.front_loss(candidate.complexity) * 1.05
            if near and not (proposal.thorough or playout.converged):
                self.proposer.queue.append(moves.Proposal(node, "refine", vector, candidate.model, 0.0, 0.0, True))
            if candidate.loss < EXACT and vector is not None:
                self.proposer.trim(node, self.proposer.network.absorb(vector, candidate.model))
        return candidate

    @cached_property
    def _crystal(self) -> tuple[str | None, float]:
        """Structure of the run's crystal, and its volume per atom (A^3); runs of earlier versions do not name it."""
        return self.settings.crystal or crystal_structure(self.dataset), crystal_volume(self.dataset)

    def _with_crystal(self, candidate: Candidate) -> Candidate:
        """A candidate that says which crystal it makes: a few milliseconds, spent on the front only."""
        structure, volume = self._crystal
        table = crystals(candidate.element, volume, candidate.cutoff, candidate.taper_start)
        energies = table.energies(candidate.model)
        return replace(candidate, structures=energies, right_crystal=is_right(structure, energies))

    def _expand(self, proposal, playout, candidate: Candidate | None) -> None:
        parent = self.tree.nodes[proposal.parent]
        model = Model.parse(playout.formulas, template=self.proposer.network.template)
        vector = self._vector_of(proposal, model)
        if vector is not None:
            vector = self.proposer.network.absorb(vector, model)
        node = Node(
            len(self.tree),
            parent.id,
            parent.depth + 1,
            proposal.move,
            vector,
            playout.formulas,
            playout.loss,
            playout.complexity,
            playout.structure,
        )
        self.tree.add(node)
        self.stagnation.found()
        node.visits = 1
        self._write(
            events.Node(
                id=node.id,
                parent=node.parent,
                depth=node.depth,
                move=node.move,
                loss=node.loss,
                score=round(proposal.score, 4),
                explore=None if proposal.explore is None else round(proposal.explore, 4),
                window=round(proposal.window, 4),
                playouts=1,
                candidate=candidate.id if candidate else None,
                label=next(iter(model.functions.values())).short(3),
                complexity=node.complexity,
                formulas=node.formulas,
                vector=None if vector is None else [float(x) for x in vector],
            )
        )

    def _vector_of(self, proposal, model: Model) -> np.ndarray | None:
        """The proposal's vector where it still stands for the form of the refined model."""
        vector = proposal.vector
        return (
            vector if vector is not None and self.proposer.network.model(vector).structure == model.structure else None
        )

    # -- commands
    # --------------------------------------------------------------------------------------------------------

    def _obey(self, command: dict) -> None:
        name = command.get("name")
        try:
            check_recordable(command)
            self._time()
            if name in ("resume", "step"):
                self._wake()
            if name == "pause":
                self.state = "paused"
            elif name == "resume":
                self.state = "running"
            elif name == "step":
                self.state, self.steps = "running", max(1, int(command.get("count", 1)))
            elif name == "stop":
                self.stop_reason = "stopped"
            elif name == "set":
                self._change_settings({key: value for key, value in command.items() if key != "name"})
            elif name in ("boost", "prune", "release"):
                self._set_flag(int(command["node"]), None if name == "release" else name)
            elif name == "pin":
                pass  # a mark for the eye: it lives in the journal only
            elif name == "inject":
                self.proposer.inject(command, self.settings)
            else:
                raise InputError(f"unknown command {name!r}")
        except (InputError, KeyError, TypeError, ValueError) as error:
            self._write(events.Error(message=str(error)))
            return
        self.stagnation = Stagnation()  # what was wanted may change all
        self._write(events.Command(command=command, playouts=self.playouts))  # when it was obeyed, for a replay
        self._status()

    def _change_settings(self, changes: dict) -> None:
        """Take new settings; raises InputError for those that cannot be, and leaves the search as it is."""
        before, wanted = self.settings, self.settings.steered(changes)
        measure = any(getattr(wanted, name) != getattr(before, name) for name in (*WEIGHTS, "targets"))
        objective = (
            make_objective(self.dataset, self.dataset.train, wanted, targets=wanted.targets) if measure else None
        )  # may refuse
        self.settings = wanted
        if (self.settings.operators, self.settings.own_operators) != (before.operators, before.own_operators):
            self.proposer.change_operators(self.tree, self.settings)
        if measure:
            self._reweigh(objective)
        recount = self.settings.node_costs != before.node_costs
        if recount:
            self._recount()
        if recount or self.settings.max_complexity != before.max_complexity:
            self.tree.set_limit(self.settings.max_complexity)
            self.proposer.shorten(self.tree, self.settings.max_complexity)

    def _reweigh(self, objective) -> None:
        """Measure all that was found with the objective of new weights; playouts under way are given up."""
        self.pool.close()
        self.pool = self._open_pool()
        nodes = [node for node in self.tree.nodes if node.formulas]
        candidates = list(self.best_of_structure.values())
        template = self.proposer.network.template
        models = [Model.parse(node.formulas, template=template) for node in nodes] + [each.model for each in candidates]
        losses = [float(loss) for loss in objective.losses(models)] if models else []
        found = {candidate.id: loss for candidate, loss in zip(candidates, losses[len(nodes) :])}
        self._rescore({node.id: loss for node, loss in zip(nodes, losses)}, found)
        self._write(events.Rescore(nodes={node.id: loss for node, loss in zip(nodes, losses)}, candidates=found))
        self._write(events.Front(ids=self.front.ids))

    def _recount(self) -> None:
        """Count the nodes of all that was found anew, with new costs of operators; tree and front follow."""
        costs, template = self.settings.node_costs, self.proposer.network.template
        self.proposer.network.change_costs(costs)
        nodes = {
            node.id: Model.parse(node.formulas, template=template).weighed(costs)
            for node in self.tree.nodes
            if node.formulas
        }
        self.tree.recount(nodes)
        for structure, candidate in self.best_of_structure.items():
            self.best_of_structure[structure] = replace(candidate, complexity=candidate.model.weighed(costs))
        found = list(self.best_of_structure.values())
        self.front = ParetoFront(found, with_loss=bool(self.settings.targets))
        references = {name: Model.parse(formulas).weighed(costs) for name, formulas in self.references.items()}
        candidates = {candidate.id: candidate.complexity for candidate in found}
        self._write(events.Recount(nodes=nodes, candidates=candidates, references=references))
        self._write(events.Front(ids=self.front.ids))

    def _rescore(self, nodes: dict[int, float], candidates: dict[str, float]) -> None:
        """New losses of nodes and candidates; tree and front follow."""
        self.tree.rescore(nodes)
        for structure, candidate in self.best_of_structure.items():
            self.best_of_structure[structure] = replace(candidate, loss=candidates.get(candidate.id, candidate.loss))
        if self.settings.targets or self.front.with_loss:  # the loss is, or was, an objective of the front
            self.front = ParetoFront(self.best_of_structure.values(), with_loss=bool(self.settings.targets))

    def _set_flag(self, node: int, flag: str | None) -> None:
        """Boost or prune the subtree of a node, or release it. Raises InputError where there is no such node."""
        if not 0 <= node < len(self.tree):
            raise InputError(f"there is no node {node}: the tree has {len(self.tree)}")
        self.tree.nodes[node].flag = flag
        self._write(events.Flag(node=node, flag=flag))
