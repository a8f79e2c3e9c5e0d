// The dashboard's entry for anywidget: Python's messages fill the store, the views draw what changed, one frame later
// a patch that asks for it is acknowledged, and only then does Python send the next one.
import { tell, watch } from "./connection.js";
import { DotsView } from "./dots.js";
import { EquationView } from "./equation.js";
import { FrontView } from "./front.js";
import { FunctionsView } from "./functions.js";
import { GuestView } from "./guest.js";
import { HeaderView } from "./header.js";
import { MeltingView } from "./melting.js";
import { attach, canAttach } from "./notebook.js";
import { follows, patience, unhurried } from "./pace.js";
import { Painter } from "./painter.js";
import { RunsView } from "./runs.js";
import { SteerView } from "./steering.js";
import { Store } from "./store.js";
import "./style.css";
import { TableView } from "./table.js";
import { TreeView } from "./tree.js";
import { ValidationView } from "./validation.js";
import { copy, h, keyboard } from "./dom.js";

/** Views are redrawn for these topics. */
const DRAWS = {
  header: ["header", "settings", "error", "time"], runs: ["runs"], compare: ["guests"], residuals: ["guests"], tree: ["tree", "selection", "action", "settings", "front", "log", "time"], front: ["front", "selection", "time"],
  steer: ["settings", "header", "error"],
  equation: ["selection", "detail", "front", "settings", "tree", "pins"], functions: ["selection", "detail"],
  validation: ["selection", "validation"], dots: ["selection", "validation", "guests", "settings"], melting: ["selection", "melting", "guests"], table: ["front", "selection", "time", "settings", "cards"],
};

/** What takes long to draw and to read: of a running search it is brought up to date less often than tree and front. */
const SLOW = new Set(["equation", "functions", "validation", "dots", "melting", "table"]);

const YOUNG = 5; // seconds of search
const ABOUT_RUNS = new Set(["runs", "open", "end", "delete", "note"]);

/** Save bytes that Python sent as a file of the reader's browser. */
function download(name, buffer) {
  const url = URL.createObjectURL(new Blob([buffer]));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** A hidden page gets no animation frames; its patches are taken in all the same. */
export const soon = (f) => (document.hidden ? setTimeout(f, 0) : requestAnimationFrame(f));

export default () => {
  const store = new Store();
  const view = {}; // zoom, toggles and such: shared by all places where the dashboard is shown, kept when one is closed
  const shown = new Set();
  const asked = new Set();

  /**
   * Ask Python for equations and curves of the selected candidate, once; of the past only of where a person stops, and of a running search only of a best that
   * stands for a moment, or the kernel had no time for anything else.
   */
  let asking = null, wanted = null;
  const want = (model) => {
    const id = store.selected.candidate, now = store.time === null && !follows(store);
    if (asking !== null && id === wanted && !now && !store.playing) return; // or each patch would put it off
    clearTimeout(asking);
    asking = null;
    if (store.playing) return;
    if (now) return ask(model);
    wanted = id;
    asking = setTimeout(() => { asking = null; ask(model); }, store.time === null ? 700 : 300);
  };
  const ask = (model) => {
    const id = store.selected.candidate;
    if (!store.connected || id === null || store.details.has(id) || asked.has(id)) return;
    asked.add(id);
    tell(model, { type: "detail", id, against: store.against });
  };

  /** Have the selected candidate validated: soon after a person chose it, later and modestly while the selection follows the search, whose processors it would take. */
  let due, sent, timer = null, unasked = -Infinity;
  const validate = (model) => {
    if (store.playing || !store.connected) return; // a replay passes many
    const id = store.selected.candidate, { picked, against } = store, running = store.header.state === "running", modest = follows(store);
    const wish = `${id} ${picked}`, key = `${wish} ${running}`;
    if (key === due) return;
    due = key;
    clearTimeout(timer);
    if (wish === sent) return;
    timer = setTimeout(() => {
      sent = wish;
      if (modest) unasked = performance.now();
      tell(model, { type: "validate", id, against, modest });
    }, patience({ known: store.validations.has(id), picked, running, since: performance.now() - unasked }));
  };
  const forget = () => {
    asked.clear();
    due = sent = undefined;
  };

  return {
    store,
    initialize({ model }) {
      let answered = () => {};
      const receive = (message, buffers) => {
        if (["reset", "patch", "runs"].includes(message.type)) store.connect(true); // a kernel that is back may have kept the page
        if (message.type === "reset" || message.type === "patch") {
          if (message.type === "reset") {
            answered();
            forget();
          }
          store.apply(message);
          soon(() => {
            for (const dashboard of shown) dashboard.flush();
            if (message.ask) tell(model, { type: "ack", seq: message.seq });
            want(model);
            validate(model);
          });
        } else if (message.type === "detail") {
          asked.delete(message.id);
          store.setDetail(message);
        } else if (message.type === "uncertain") {
          store.setUncertain(message);
        } else if (message.type === "validation") {
          store.setValidation(message);
        } else if (message.type === "melting") {
          store.setMelting(message);
        } else if (message.type === "cards") {
          store.setCards(message);
        } else if (message.type === "runs") {
          store.setRuns(message);
        } else if (message.type === "file") {
          download(message.name, buffers[0]);
        }
        if (message.type === "table") [...shown][0]?.table(message);
        if (message.type === "notice" || message.type === "file") for (const dashboard of shown) dashboard.notice(message);
      };
      model.on("msg:custom", receive);
      const chosen = store.subscribe((topics) => {
        if (!topics.has("selection") || !store.connected) return;
        if (topics.has("against")) forget();
        want(model);
        validate(model);
        const id = store.selected.candidate === null ? "" : String(store.selected.candidate);
        if (model.get("selected") === id && model.get("picked") === store.picked) return;
        model.set("selected", id);
        model.set("picked", store.picked);
        model.save_changes();
      });
      if (model.get("picked") && model.get("selected")) store.kept = model.get("selected"); // the page was loaded anew
      model.on("change:selected", () => {
        const id = model.get("selected");
        if (!id || id === String(store.selected.candidate)) return;
        if (store.candidates.has(id)) store.select({ candidate: id });
        else if (!store.candidates.size && model.get("picked")) store.kept = id; // of a run that has not been told yet
      });
      // While a cell runs, only JupyterLab's subshell can answer, and the first message may go out before that exists.
      let patience = 500, again = null;
      const ready = () => {
        tell(model, { type: "ready" });
        again = patience < 20_000 ? setTimeout(ready, (patience *= 2)) : null;
      };
      answered = () => clearTimeout(again);
      ready();
      return () => {
        answered();
        clearTimeout(timer);
        clearTimeout(asking);
        model.off("msg:custom", receive);
        chosen();
      };
    },

    render({ model, el }) {
      const send = (message) => { if (store.connected) tell(model, message); };
      const onselect = (choice) => store.select(choice);
      /** What an entry of a menu asks for. */
      const act = async ({ send: message, copy: text, edit, fold }) => {
        if (message) send(message);
        else if (edit) views.steer.edit(edit);
        else if (fold !== undefined) views.tree.fold(fold);
        else if (await copy(text)) views.header.say({ ok: true, text: "Copied, in the form that Inject takes." });
      };
      const opened = (choice) => (choice.run ? send({ type: "open", run: choice.run }) : onselect(choice));
      const guest = (slot, words) => new GuestView(store, { manager: model.widget_manager, send, slot, ...words });
      const views = {
        header: new HeaderView(store, { send, runs: () => views.runs.toggle(), attach: (folder) => (canAttach(model) ? () => attach(model, `Dashboard.attach(${JSON.stringify(folder)})`, { selected: model.get("selected"), picked: store.picked }) : null) }), runs: new RunsView(store, view, { send, onpair: () => views.compare.expect() }), compare: guest("compare", { title: "Two runs side by side", tall: 760 }),
        tree: new TreeView(store, view, { onselect: opened, send, act }), front: new FrontView(store, view, { onselect, act }),
        steer: new SteerView(store, view, { send }), equation: new EquationView(store, { send }), functions: new FunctionsView(store),
        validation: new ValidationView(store), dots: new DotsView(store, { send, atoms: guest("structure", { title: "Structure" }) }), residuals: guest("residuals", { title: "Parity and residuals", open: { type: "residuals" }, hint: "energies and forces against DFT, frame by frame; click a point to see its atoms", tall: 470 }),
        melting: new MeltingView(store, view, { send, onselect, atoms: guest("interface", { title: "Atoms of the melting run" }) }), table: new TableView(store, view, { onselect, send }),
      };
      const root = h("div", { class: "srlab", role: "region", "aria-label": "srlab: live symbolic search" }, h("div", { class: "srlab-grid" }, h("div", { class: "area-head" }, views.header.root, views.runs.root, views.compare.root), ...Object.entries(views).filter(([name]) => !["header", "runs", "compare"].includes(name)).map(([, { root }]) => root)));
      el.append(root);

      let visible = true;
      const painter = new Painter(DRAWS, SLOW, { update: (name) => views[name].update(), patient: (topics) => unhurried(store, topics), seen: () => visible && !document.hidden, soon });
      const flush = () => painter.flush();
      const all = () => {
        views.tree.inks.clear();
        painter.mark(new Set(["all", ...Object.values(DRAWS).flat()]));
      };
      const places = { inject: views.steer, steer: views.steer, melt: views.melting, interface: views.melting, structure: views.dots, residuals: views.residuals, compare: views.compare };
      const place = ({ about }) => places[about] ?? (view.runs && ABOUT_RUNS.has(about) ? views.runs : views.header);
      const dashboard = {
        flush,
        notice: (message) => {
          place(message).say({ ok: true, text: "", ...message });
          if (message.about === "fork" && message.ok !== false && store.runs) views.runs.ask(); // there is one more
        },
        table: (message) => views.table.take(message),
      };
      shown.add(dashboard);
      // A search that has just begun is brought into sight: Run All has gone on to the last cell by then.
      let greeted = false;
      const greet = () => {
        const { state, elapsed = 0 } = store.header;
        if (greeted || !state) return;
        greeted = true;
        if (state === "running" && elapsed < YOUNG && !root.contains(document.activeElement)) root.scrollIntoView({ block: "start" });
      };
      const unsubscribe = store.subscribe((topics) => { painter.mark(topics); greet(); });
      const resized = new ResizeObserver(all);
      resized.observe(root);
      resized.observe(views.tree.stage);
      const sight = new IntersectionObserver((changes) => {
        visible = changes.at(-1).isIntersecting;
        if (visible) flush();
      });
      sight.observe(root);
      document.addEventListener("visibilitychange", flush);
      // The canvas has no style sheet of its own: draw again when the theme changes, and once its files are there.
      let later = null;
      const themed = new MutationObserver(() => {
        all();
        clearTimeout(later);
        later = setTimeout(all, 400);
      });
      themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
      const deaf = keyboard(root);
      const panels = [views.compare, views.residuals, views.melting.guest, views.dots.guest];
      const hosts = () => {
        store.setGuests(model.get("guests"));
        for (const panel of panels) panel?.update(); // now: the kernel goes on to close what is gone, which must not ask it for anything then
      };
      const watched = watch(model, (connected) => store.connect(connected));
      model.on("change:guests", hosts);
      hosts();
      flush();
      root.dashboard = { store, views }; // for tests and the curious
      return () => {
        shown.delete(dashboard);
        unsubscribe();
        deaf();
        views.front.history.stop();
        watched();
        model.off("change:guests", hosts);
        for (const panel of panels) panel?.stop();
        views.runs.stop();
        views.melting.stop();
        resized.disconnect();
        sight.disconnect();
        document.removeEventListener("visibilitychange", flush);
        painter.stop();
        themed.disconnect();
        clearTimeout(later);
      };
    },
  };
};
