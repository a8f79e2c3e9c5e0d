// The learning loop, live: ceiling, model against reference, errors by round. It draws `state`, a trait that Python replaces.
import "./learn.css";
import { tell, watch } from "./connection.js";
import { h, setText } from "./dom.js";
import { ceiling, ceilingLimits, cells, COLUMNS, errors, labelled, parity, STAGES } from "./learn_data.js";
import { LostNote } from "./lost.js";
import { attach, canAttach, seek } from "./notebook.js";
import { LinePlot } from "./plot.js";

const key = (...kinds) => h("span", { class: "key" }, ...kinds.flatMap(([kind, text]) => [h("i", { class: kind }), text]));

export default () => {
  let shown = false, heard = false;
  return {
    initialize({ model }) {
      const hear = () => { heard = true; }; // Python answers, so that it is known that messages come in
      model.on("msg:custom", hear);
      tell(model, { type: "ready" });
      const found = seek(model, { shown: () => shown, heard: () => heard });
      return () => {
        model.off("msg:custom", hear);
        found();
      };
    },

    render({ model, el }) {
      shown = true;
      return draw(model, el);
    },
  };
};

function draw(model, el) {
  const pill = h("span", { class: "pill", role: "status" }), says = h("span", { class: "message" }), counts = h("span", { class: "num" });
  const stages = STAGES.map((name) => h("li", {}, name)), error = h("p", { class: "says", role: "alert", hidden: true }), source = h("p", { class: "mut" });
  const plots = {
    ceiling: new LinePlot({ title: h("span", {}, "ceiling, eV/atom"), x: "level (each halves the space)", y: "energy ceiling" }),
    energy: new LinePlot({ title: h("span", {}, "model against labels, eV/atom"), x: "label, from isolated atoms", y: "energy of the model" }),
    force: new LinePlot({ title: h("span", {}, "force components, eV/Å"), x: "label", y: "force of the model" }),
    energies: new LinePlot({ title: h("span", {}, "test energy error, meV/atom"), x: "round", y: "mean energy error" }),
    forces: new LinePlot({ title: h("span", {}, "test force error, meV/Å"), x: "round", y: "mean force error" }),
  };
  const keys = h("div", { class: "keys mut" }, key(["this", "ceiling"], ["lowest", "lowest walker"]), key(["fresh", "labels of this round, never seen by the model"], ["seen", "of earlier rounds"]),
    key(["this", "all test frames"], ["near", "near equilibrium"], ["reference", "far from it"], ["measured", "new labels"]));
  const body = h("tbody");
  const table = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "errors by round" },
    h("table", {}, h("thead", {}, h("tr", {}, ...COLUMNS.map(([title]) => h("th", { scope: "col" }, title)))), body));
  const code = () => `LearnView(${JSON.stringify(model.get("state").folder)})`;
  const lost = new LostNote({ what: "the loop", attach: () => (canAttach(model) ? () => attach(model, code()) : null) });
  const root = h("div", { class: "srlab srlab-learn", role: "region", "aria-label": "srlab: learning loop" },
    h("header", {}, pill, says, h("ol", { class: "stages", "aria-label": "stages of a round" }, ...stages), counts), lost.root, error,
    h("div", { class: "plots" }, ...Object.values(plots).map((p) => p.root)), keys, table, source);
  el.append(root);

  const update = () => {
    const state = model.get("state") ?? {};
    const gone = !lost.root.hidden;
    pill.dataset.state = gone ? "failed" : state.state;
    setText(pill, gone ? "not connected" : (state.state ?? ""));
    setText(says, state.message ?? "");
    setText(counts, labelled(state.labels));
    stages.forEach((item, i) => (STAGES[i] === state.stage ? item.setAttribute("aria-current", "step") : item.removeAttribute("aria-current")));
    error.hidden = !state.error;
    setText(error, state.error ?? "");
    setText(source, state.source ?? "");
    const newest = state.sampling?.at(-1);
    plots.ceiling.say(newest ? newest.name : "begins with the first sampling");
    plots.ceiling.set(ceiling(state.sampling), ceilingLimits(state.sampling));
    for (const what of ["energy", "force"]) {
      const { series, limits } = parity(state.parity, what);
      plots[what].say(series.length ? "" : "no label yet");
      plots[what].set(series, limits);
    }
    for (const [name, what] of [["energies", "energy_mae"], ["forces", "force_mae"]]) {
      const rounds = state.rounds ?? [], { series, limits } = errors(rounds, what), last = Math.max(1, ...rounds.map((r) => r.round));
      plots[name].say(rounds.length ? "" : "after the first search");
      plots[name].set(rounds.length ? series : [], limits, [], Array.from({ length: last + 1 }, (_, i) => [i, String(i)]));
    }
    body.replaceChildren(...(state.rounds ?? []).map((round) => h("tr", {}, ...cells(round).map((text, i) => h(i ? "td" : "th", i ? {} : { scope: "row" }, text)))));
  };
  model.on("change:state", update);
  const resized = new ResizeObserver(update);
  resized.observe(root);
  update();
  const watched = watch(model, (connected) => {
    lost.tell(connected, ["from srlab_widgets import LearnView", code()]);
    update();
  });
  return () => {
    model.off("change:state", update);
    resized.disconnect();
    watched();
  };
}
