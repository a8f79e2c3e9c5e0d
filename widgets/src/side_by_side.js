// Two searches on one page: one front for both, a line of numbers for each, their chosen formulas beside each other, and on request both dashboards.
// Each search has the store and the messages of a dashboard; one model carries both, every message with the number of its side.
import { appear, h, keyboard, line, setText } from "./dom.js";
import { EquationView } from "./equation.js";
import dashboard, { soon } from "./index.js";
import { PairFrontView } from "./pair_front.js";
import { ComparisonView } from "./comparison.js";
import { tell } from "./connection.js";

/** The part of a model that belongs to one side, as the dashboard uses a model. */
function channel(model, side, refuse = () => false) {
  const wrapped = new Map();
  return {
    send: (message) => { if (!refuse(message)) tell(model, { ...message, side }); },
    get: (name) => (name === "selected" ? model.get(name)[side] : undefined), // what else a dashboard keeps, a side forgets
    set: (name, value) => { if (name === "selected") model.set(name, model.get(name).map((old, i) => (i === side ? value : old))); },
    save_changes: () => model.save_changes(),
    on: (event, listener) => {
      wrapped.set(listener, event === "msg:custom" ? (message, buffers) => message.side === side && listener(message, buffers) : listener);
      model.on(event, wrapped.get(listener));
    },
    off: (event, listener) => model.off(event, wrapped.get(listener)),
  };
}

export default () => {
  const view = {}, sides = [dashboard(), dashboard()], stores = sides.map((side) => side.store), shown = new Set();
  let differences = [];
  const opened = new Set(); // places where the dashboards are shown as well
  const waiting = [null, null]; // what either side would have validated, while no panel shows it

  return {
    initialize({ model }) {
      const ends = sides.map((side, i) => {
        const own = channel(model, i, (message) => {
          if (message.type !== "validate") return false;
          waiting[i] = opened.size ? null : message;
          return !opened.size;
        });
        return side.initialize({ model: own });
      });
      const receive = (message) => {
        if (message.type === "differences") differences = message.texts;
        if (message.type === "differences" || message.type === "notice") for (const page of shown) page.hear(message);
      };
      model.on("msg:custom", receive);
      return () => {
        model.off("msg:custom", receive);
        for (const end of ends) end();
      };
    },

    render({ model, el }) {
      const names = model.get("names");
      const send = (side, name) => tell(model, { type: "command", name, side });
      const onselect = (choice, of) => of.select(choice);
      const front = new PairFrontView(stores, names, view, { onselect }), comparison = new ComparisonView(stores, names, view, { send });
      const equations = stores.map((store, i) => new EquationView(store, { send: channel(model, i).send }));
      equations.forEach(({ root }, i) => {
        root.classList.add(`side-${i}`);
        root.setAttribute("aria-label", `Chosen equation of ${names[i]}`);
        root.querySelector("h3").firstChild.replaceWith(h("i", { class: "sign", "aria-hidden": "true" }), names[i]);
      });
      const live = () => stores.map((store, i) => [i, store.header.state]).filter(([, state]) => ["running", "paused"].includes(state));
      const all = (name) => () => { for (const [i] of live()) send(i, name); };
      const start = h("button", { type: "button", class: "primary", title: "Start both searches", onclick: () => stores.forEach((store, i) => (store.header.state ?? "new") === "new" && send(i, "start")) }, "Start both");
      const pause = h("button", { type: "button", onclick: () => all(live().some(([, state]) => state === "running") ? "pause" : "resume")() });
      const stop = h("button", { type: "button", title: "End both searches; their results stay", onclick: all("stop") }, "Stop both");
      const more = h("button", { type: "button", "aria-expanded": "false", title: "Show the dashboards of both searches below", onclick: () => unfold(!opened.has(el)) }, "Dashboards");
      const note = h("p", { class: "note", role: "status" });
      const header = h("header", {}, h("div", { class: "row" }, h("b", { class: "logo" }, "srlab"), h("span", { class: "mut" }, "two searches side by side"), h("span", { class: "actions" }, start, pause, stop, more)), line(note));
      const root = h("div", { class: "srlab", role: "region", "aria-label": "srlab: two searches side by side" }, h("div", { class: "srlab-pair" }, header, front.root, comparison.root, ...equations.map((e) => e.root)));
      const columns = h("div", { class: "srlab-columns", hidden: true });
      el.append(root, columns);

      let ends = [];
      const unfold = (on) => {
        if (on) opened.add(el);
        else opened.delete(el);
        more.setAttribute("aria-expanded", String(on));
        more.classList.toggle("primary", on);
        columns.hidden = !on;
        for (const end of ends.splice(0)) end();
        columns.replaceChildren();
        if (!on) return;
        ends = sides.map((side, i) => {
          const column = h("div", { class: `side-${i}`, "aria-label": names[i] }, h("h2", {}, names[i]));
          columns.append(column);
          const end = side.render({ model: channel(model, i), el: column });
          if (waiting[i]) tell(model, { ...waiting[i], side: i });
          waiting[i] = null;
          return end;
        });
      };

      let due = false;
      const draw = () => {
        due = false;
        front.update();
        comparison.update();
        for (const equation of equations) equation.update();
        const states = stores.map((store) => store.header.state ?? "new"), running = states.includes("running");
        appear(start, states.includes("new"));
        appear(pause, live().length);
        appear(stop, live().length);
        setText(pause, running ? "❚❚ Pause both" : "▶ Resume both");
        pause.title = running ? "Let the workers finish their moves and wait" : "Both go on";
      };
      const mark = () => {
        if (due) return;
        due = true;
        soon(() => due && draw());
      };
      const page = {
        hear: (message) => {
          if (message.type === "differences") return comparison.say(message.texts);
          note.className = message.ok ? "note" : "note error";
          setText(note, message.text && `${names[message.side]}: ${message.text}`);
        },
      };
      shown.add(page);
      comparison.say(differences);
      const chips = front.chips.bind(front); // the lines of numbers follow the choice of error, too
      front.chips = () => { chips(); mark(); };
      front.chips();
      const unsubscribe = stores.map((store) => store.subscribe(mark));
      const resized = new ResizeObserver(mark);
      resized.observe(root);
      const deaf = keyboard(root);
      draw();
      root.pair = { stores, views: { front, comparison, equations } }; // for tests and the curious
      return () => {
        shown.delete(page);
        opened.delete(el);
        front.history.stop();
        for (const end of [...unsubscribe, ...ends, deaf]) end();
        resized.disconnect();
      };
    },
  };
};
