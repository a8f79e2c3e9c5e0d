// The chosen candidate melting: temperature, enthalpy and share of crystal as the molecular dynamics goes on, and the atoms coloured by phase.
import { viridis } from "./colour.js";
import { appear, h, line, setText } from "./dom.js";
import { PROTOCOLS, RADIUS, level, lines, profiles, projected, story, outcomeText, waiting } from "./melting_data.js";
import { LinePlot } from "./plot.js";
import { room } from "./room.js";
import { clock } from "./scale.js";

export const PHASES = { crystal: viridis(0.34), liquid: viridis(1) };

export class MeltingView {
  /** atoms : the panel that shows the atoms in three dimensions, or null. */
  constructor(store, view, { send, onselect, atoms = null }) {
    Object.assign(this, { store, view, send, onselect, guest: atoms });
    view.protocol ??= "coexistence";
    const title = (text, pale) => h("span", { class: "mut" }, text, h("span", { class: "pale", hidden: true }, ` · pale: ${pale}`));
    this.plots = {
      T: new LinePlot({ title: title("temperature, K", "run before"), x: "time (ps)", y: "temperature" }), H: new LinePlot({ title: title("enthalpy, eV/atom", "run before"), x: "time (ps)", y: "enthalpy" }),
      profile: new LinePlot({ title: title("share of crystal", "at first"), x: "z (Å)", y: "share of crystal" }),
    };
    this.canvas = h("canvas", { role: "img", "aria-label": "no atoms yet" });
    this.stage = h("div", { class: "stage plot atoms" }, this.canvas);
    this.small = h("small", { class: "mut" });
    this.key = h("small", { class: "key" });
    this.status = h("span", { class: "wait", role: "status" });
    this.buttons = Object.entries(PROTOCOLS).map(([protocol, { button, title }]) => h("button", { type: "button", class: "chip", title, "data-protocol": protocol, onclick: () => this.press(protocol) }, button));
    this.cancel = h("button", { type: "button", class: "chip", title: "End this run; what was seen stays", onclick: () => send({ type: "cancel-melt" }) }, "Cancel");
    this.go = h("button", { type: "button", class: "chip", hidden: true, onclick: () => this.running && onselect({ candidate: this.running.id }) });
    this.solid = h("button", { type: "button", class: "chip", title: "Show these atoms in nglview, to be turned with the mouse", onclick: () => this.look() }, "3D");
    this.says = h("p", { class: "says", hidden: true });
    this.note = h("p", { class: "facts" });
    const phase = (name) => [h("i", { class: "phase", style: `background:${PHASES[name]}` }), name];
    this.root = h("section", { class: "panel area-melting", "aria-label": "Melting of the chosen candidate" },
      h("h3", {}, "Melting interface", h("span", { class: "chips" }, ...this.buttons, this.cancel, this.go), this.small, this.status, this.key),
      this.room = h("div", { class: "plots" }, ...Object.values(this.plots).map((p) => p.root), h("figure", {}, h("figcaption", {}, h("span", { class: "mut" }, "atoms, z to the right"), h("span", { class: "key phases" }, ...phase("crystal"), ...phase("liquid")), this.solid), this.stage)),
      line(this.says, this.note), atoms?.root ?? "");
  }

  /** What is known is shown; only what is not is computed. */
  press(protocol) {
    const id = this.store.selected.candidate;
    this.view.protocol = protocol;
    this.complaint = "";
    if (this.known(id, protocol)?.state !== "done") this.send({ type: "melt", id, protocol });
    this.update();
  }

  /** Have the atoms shown in three dimensions. */
  look() {
    this.guest.expect();
    this.send({ type: "interface" });
  }

  known(id, protocol) {
    return this.store.meltings.get(id)?.get(protocol) ?? null;
  }

  /** What Python has against it, in the panel itself. */
  say({ ok, text }) {
    this.complaint = ok ? "" : text;
    if (!ok && this.guest?.awaited) this.guest.close();
    this.update();
  }

  update() {
    const { store } = this, id = store.selected.candidate, own = store.meltings.get(id) ?? new Map();
    this.running = store.melting;
    this.guest?.update();
    const protocol = own.has(this.view.protocol) ? this.view.protocol : ([...own.keys()][0] ?? this.view.protocol);
    const message = own.get(protocol) ?? null, busy = message?.state === "running";
    for (const button of this.buttons) {
      const mine = button.dataset.protocol;
      button.disabled = !store.connected || !id || (Boolean(this.running) && !own.has(mine));
      button.setAttribute("aria-pressed", String(own.has(mine) && mine === protocol));
    }
    appear(this.cancel, this.running && store.connected);
    this.go.hidden = !this.running || this.running.id === id;
    setText(this.go, this.running ? `show ${this.running.id}` : "");
    this.tick();
    const outcome = outcomeText(message);
    this.small.replaceChildren(...(id ? [`${id} · ${PROTOCOLS[protocol].button.toLowerCase()}`, ...(outcome && !message.error && !busy ? [" · ", h("b", {}, outcome)] : [])] : []));
    const wrong = this.complaint || (message?.error ?? "");
    this.says.hidden = !wrong;
    setText(this.says, wrong ? `${wrong.replace(/^[a-z](?=[a-z])/, (letter) => letter.toUpperCase())}.`.replace(/\.\.$/, ".") : "");
    appear(this.solid, message?.view && store.connected && this.guest?.manager);
    this.opened ||= busy || Object.keys(message?.runs ?? {}).length > 0;
    this.room.hidden = !this.opened; // no empty axes before; then they stay while the selection moves on, or all below would move with it
    setText(this.note, [message ? "" : "Press Coexistence to melt the chosen candidate beside its own liquid; a minute or two.", message?.result?.warning, protocol === "coexistence" ? story(message?.runs) : ""].filter(Boolean).join(" · "));
    this.note.hidden = Boolean(wrong);
    this.draw(message, protocol);
  }

  /** What is done and for how long: a clock that stood still between two messages, a minute apart, would look dead. */
  tick() {
    const { running } = this, { id } = this.store.selected.candidate === running?.id ? {} : (running ?? {});
    if (running !== this.heard) Object.assign(this, { heard: running, at: performance.now() });
    setText(this.status, running ? `${id ? `${id}: ` : ""}${running.stage ?? ""} · ${clock(running.elapsed + (this.store.connected ? (performance.now() - this.at) / 1000 : 0))}` : "");
    if (!running || !this.store.connected) this.stop();
    else this.timer ??= setInterval(() => this.tick(), 1000);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = null;
  }

  draw(message, protocol) {
    const runs = message?.runs ?? {}, known = message?.known ?? {}, T = lines(runs, "T");
    const levels = protocol === "coexistence" || T.length ? [...level("pbe", known.pbe, T), ...level("experiment", known.experiment, T)] : [];
    const values = [...T, ...levels].flatMap((l) => l.y).filter(Number.isFinite), low = Math.min(...values), high = Math.max(...values);
    this.plots.T.set([...levels, ...T], values.length ? { y: [low - 0.06 * (high - low || 100), high + 0.06 * (high - low || 100)] } : {});
    this.plots.H.set(lines(runs, "H"));
    const along = profiles(runs, message?.view?.cell?.[2] ?? 1);
    this.plots.profile.set(along, { y: [-0.02, 1.05] });
    for (const [plot, drawn] of [[this.plots.T, T], [this.plots.H, T], [this.plots.profile, along]]) plot.root.querySelector(".pale").hidden = !drawn.some((l) => l.kind === "past");
    this.plots.T.say(waiting(message));
    this.key.replaceChildren(...(levels.length ? [h("i", { class: "pbe" }), `PBE ${Math.round(known.pbe)} K`, h("i", { class: "experiment" }), `exp. ${Math.round(known.experiment)} K`] : []));
    this.atoms(message?.view ?? null);
  }

  atoms(view) {
    const ratio = globalThis.devicePixelRatio || 1, { width, height } = room(this.stage, () => this.update());
    if (!width || !height) return;
    Object.assign(this.canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) }); // this wipes it
    this.canvas.setAttribute("aria-label", view ? `${view.positions.length} atoms, ${view.solid.filter(Boolean).length} of them crystalline` : "no atoms yet");
    if (!view) return;
    const c = this.canvas.getContext("2d"), { scale, atoms } = projected(view, width, height), edge = getComputedStyle(this.root).getPropertyValue("--srlab-panel").trim();
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.strokeStyle = edge;
    c.lineWidth = 0.7;
    for (const { x, y, near, solid } of atoms) {
      c.globalAlpha = 0.35 + 0.65 * near; // what lies behind fades
      c.beginPath();
      c.arc(x, y, Math.max(1.2, RADIUS * scale), 0, 2 * Math.PI);
      c.fillStyle = solid ? PHASES.crystal : PHASES.liquid;
      c.fill();
      c.stroke();
    }
    c.globalAlpha = 1;
  }
}
