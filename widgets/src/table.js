// The candidates on the front as a table of equations, the published forms beside them: sorted, filtered, tagged, copied.
import { arrange, copy, h, setText, steadily, toggle } from "./dom.js";
import { referenceName } from "./front.js";
import { knee, scores } from "./front_scores.js";
import { dropDown } from "./menu.js";
import { number } from "./scale.js";
import { crystals, lowest, ordered, reader } from "./table_data.js";
import { formula } from "./typeset.js";

/** The columns that rows can be sorted by: head, unit and the field of a candidate, "near" in it where only frames near the lowest count. */
const ERRORS = [["train", "energy_mae"], ["test", "test_energy_mae"], ["train", "force_mae"], ["test", "test_force_mae"]];
const near = (field) => field.replace(/(test_)?(.*)/, "$1near_$2");
/** Where a property stands beside its reference, as in the panel of properties. */
const SCORES = { good: "●", acceptable: "◐", poor: "○" };
const WIDTHS = { name: 96, n: 58, more: 70, long: 200 }, ROOM = 112; // pixels; what is left goes to the functions, each of which needs some
const FORMATS = [["csv", "CSV", "For a spreadsheet, constants in full"], ["latex", "LaTeX", "A booktabs table for a paper"], ["markdown", "Markdown", "For a page or an issue"]];

export class TableView {
  constructor(store, view, { onselect, send }) {
    Object.assign(this, { store, view, onselect, send, rows: new Map(), columns: [], more: [] });
    view.sort ??= { by: "nodes", down: false };
    view.near ??= false;
    this.small = h("small", {});
    this.body = h("tbody", {});
    this.filter = h("input", { type: "search", placeholder: "filter: exp, c12, nodes<30 …", "aria-label": "Show only candidates with these words in name, tag or formulas, or with numbers as in nodes<30 force<40", value: view.filter ?? "", oninput: () => { view.filter = this.filter.value; this.update(); } });
    this.filter.keys = ({ key }) => key === "Escape" && (this.filter.value = view.filter = "", this.update(), true);
    this.wrong = h("small", { class: "wrong", role: "status" });
    this.near = toggle("near errors", view.near, () => { view.near = !view.near; this.near.setAttribute("aria-pressed", String(view.near)); this.update(); }, "Errors on frames within 0.1 eV/atom of the lowest only: what decides elasticity and stacking");
    this.copies = FORMATS.map(([format, label, title]) => h("button", { type: "button", class: "chip", title, onclick: () => this.send({ type: "copy-table", format, ids: this.listed }) }, label));
    this.copied = h("small", { class: "mut copied", role: "status" }, "copy as");
    this.heads = new Map();
    const th = (attributes, ...children) => h("th", { scope: "col", ...attributes }, ...children), unit = (text) => h("span", {}, ` ${text}`);
    const sorter = (by, text) => {
      const button = h("button", { type: "button", class: "sorts", onclick: () => this.sort(by) }, text), cell = th({}, button);
      this.heads.set(by, cell);
      return cell;
    };
    this.widths = h("colgroup", {});
    this.titles = h("tr", {});
    this.groups = [th({}, ""), th({}, ""), th({ colspan: 2 }, "energy", unit("meV/atom")), th({ colspan: 2 }, "force", unit("meV/Å")), th({}, "")];
    this.sorters = [sorter("name", "id"), sorter("nodes", "nodes"), ...ERRORS.map(([text, field]) => sorter(field, text)), sorter("score", "score")];
    this.property = ({ name, label, unit: text }) => sorter(name, text || label);
    this.units = h("tr", {});
    this.table = h("table", { class: "candidates" }, this.widths, h("thead", {}, this.titles, this.units), this.body);
    this.chooser = dropDown("columns ▾", "Properties beside the errors", "chip");
    this.root = h("section", { class: "panel area-table", "aria-label": "Candidates" },
      h("h3", {}, "Candidates on the front", this.filter, this.small, this.wrong, h("span", { class: "chips end" }, this.chooser, this.near, h("i", {}), this.copied, ...this.copies)), h("div", { class: "scroll" }, this.table));
  }

  /** One column for each function of what is listed, of the smallest template that has them all, and one for each property that was chosen. */
  lay(listed) {
    const found = this.store.functionsOf(Object.assign({}, ...listed.map((c) => c.formulas))), functions = found.length ? found : (this.store.settings.templates?.[0] ?? []);
    const { chosen, choices } = this.store.cards, more = chosen.map((name) => choices.find((each) => each.name === name)).filter(Boolean);
    const key = JSON.stringify([functions.map(({ left }) => left), more]);
    if (key === this.laid) return;
    this.laid = key;
    Object.assign(this, { columns: functions, more });
    this.rows.clear();
    for (const name of [...this.heads.keys()]) if (choices.some((each) => each.name === name)) this.heads.delete(name);
    const kinds = ["name", "n", "n", "n", "n", "n", ...more.map(() => "more"), "n", ...functions.map(({ name }, i) => (functions.length < 4 && !more.length ? name : i ? "function" : "long"))];
    this.widths.replaceChildren(...kinds.map((name) => h("col", { class: name, style: WIDTHS[name] ? `width:${WIDTHS[name]}px` : null })));
    this.table.style.minWidth = `${kinds.reduce((sum, name) => sum + (WIDTHS[name] ?? ROOM), 0)}px`;
    this.titles.replaceChildren(...this.groups.slice(0, -1), ...more.map(({ label, unit }) => h("th", { scope: "col" }, unit ? label : "")), this.groups.at(-1), ...functions.map(({ left }) => h("th", { scope: "col", rowspan: 2, class: "eq" }, formula(left))));
    this.units.replaceChildren(...this.sorters.slice(0, -1), ...more.map((each) => this.property(each)), this.sorters.at(-1));
  }

  /** What can be a column, those that are one checked. */
  offer() {
    const { chosen, choices } = this.store.cards, key = JSON.stringify([chosen, choices]);
    if (this.wanted?.join() === chosen.join()) this.wanted = null;
    if (key === this.offered) return;
    this.offered = key;
    this.chooser.hidden = !choices.length;
    this.chooser.fill(choices.map(({ name, label, unit }) => ({
      name: label, what: unit, checked: chosen.includes(name),
      act: () => this.pick(name),
    })));
  }

  /** One column more or less, than those asked for last: a person may choose the next before Python has answered. */
  pick(name) {
    const { chosen, choices } = this.store.cards, wanted = new Set(this.wanted ?? chosen);
    if (!wanted.delete(name)) wanted.add(name);
    this.wanted = choices.map((each) => each.name).filter((each) => wanted.has(each));
    this.send({ type: "columns", names: this.wanted });
  }

  /** By another column, or the same the other way round. */
  sort(by) {
    const { sort } = this.view;
    this.view.sort = { by, down: sort.by === by && !sort.down };
    this.update();
  }

  field(name) {
    return this.view.near ? near(name) : name;
  }

  update() {
    const { store, view } = this, front = store.frontAt(store.time), { references } = store, tags = store.settings.tags ?? {};
    const score = scores(front), best = knee(front), { cards } = store, { test, wrong } = reader(view.filter ?? "", cards.choices.map(({ name }) => name), (c, name) => store.property(c, name).value);
    const found = front.filter((c) => test(c, tags[c.id]));
    this.lay([...front, ...references]);
    this.offer();
    this.near.hidden = !front.some((c) => Number.isFinite(c.near_energy_mae));
    if (this.near.hidden) view.near = false;
    this.near.setAttribute("aria-pressed", String(view.near));
    setText(this.small, `${found.length < front.length ? `${found.length} of ` : ""}${front.length} of ${store.known(store.time).length} · mean absolute errors${view.near ? " near the lowest energy" : ""}`);
    this.small.hidden = Boolean(wrong);
    setText(this.wrong, wrong ? `${wrong} cannot be read: write nodes<30, energy<3, force<40, loss, constants or a property, as c44>70` : "");
    for (const button of this.copies) button.disabled = !store.connected || !found.length;
    const { by, down } = view.sort, value = { name: ({ c }) => c.id ?? c.name, nodes: ({ c }) => c.complexity, score: ({ c }) => score.get(c.id) }[by] ?? (cards.chosen.includes(by) ? ({ c }) => store.property(c, by).value : ({ c }) => c[this.field(by)]);
    for (const [name, cell] of this.heads) cell.setAttribute("aria-sort", name === by ? (down ? "descending" : "ascending") : "none");
    const rows = ordered([...found.map((c) => ({ c })), ...(view.filter ? [] : references.map((r) => ({ c: r, reference: true })))], value, down);
    this.listed = rows.filter(({ reference }) => !reference).map(({ c }) => c.id);
    steadily(this.table.parentElement, () => arrange(this.body, rows.map(({ c, reference }) => this.known(c, reference, tags[c.id] ?? ""))));
    for (const row of this.body.children) {
      const { id } = row.dataset, on = id !== undefined && id === String(store.selected.candidate);
      if (id === undefined) continue;
      row.classList.toggle("selected", on);
      row.tabIndex = on || (!this.listed.includes(store.selected.candidate) && id === this.listed[0]) ? 0 : -1; // one stop of the Tab key; arrows go along
      row.setAttribute("aria-selected", String(on));
      row.knee.hidden = id !== best;
      setText(row.score, score.has(id) ? score.get(id).toFixed(2) : "");
      if (!on || this.followed === id) continue;
      this.followed = id;
      requestAnimationFrame(() => this.show(row)); // once all is laid out
    }
  }

  /** The text of the table came from Python. */
  async take({ format, text }) {
    const label = FORMATS.find(([name]) => name === format)?.[1] ?? format;
    if (!(await copy(text))) return;
    setText(this.copied, `copied as ${label}`);
    setTimeout(() => setText(this.copied, "copy as"), 2500);
  }

  /** Scroll the table, and not the page, to a row, so that a whole row follows the head. */
  show(row) {
    const box = this.table.parentElement, head = this.table.tHead.offsetHeight, top = row.offsetTop - head, bottom = row.offsetTop + row.offsetHeight;
    if (top < box.scrollTop) box.scrollTop = top;
    else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = [...this.body.children].map((each) => each.offsetTop - head).find((at) => at >= bottom - box.clientHeight);
  }

  /** A row, typeset once: a replay, and a young search, change the front many times a second. */
  known(c, reference, tag) {
    const key = JSON.stringify([c.id ?? c.name, c.complexity, ERRORS.map(([, name]) => c[this.field(name)]), c.latex ?? c.formulas, tag, c.right_crystal, this.store.connected, this.more.map(({ name }) => this.store.property(c, name))]);
    if (this.rows.size > 500 && !this.rows.has(key)) this.rows.clear();
    if (!this.rows.has(key)) this.rows.set(key, this.row(c, reference, tag));
    return this.rows.get(key);
  }

  equation(c, part) {
    const latex = c.latex?.[part];
    return h("td", { class: "eq" }, latex ? formula(latex) : h("code", {}, c.formulas?.[part] ?? ""));
  }

  /** A property, with the mark that the panel of properties gives it; a word, as the ground state, as it is. */
  card(c, { name, label, unit }) {
    const { value, score } = this.store.property(c, name);
    if (value === null) return h("td", { class: "mut", title: c.id === undefined ? null : `Not known yet: select ${c.id}, and it is validated` }, "–");
    if (typeof value === "string") return h("td", { class: value === c.crystals?.[name] && c.right_crystal === false ? "wrong" : null }, value);
    const text = number(value, unit === "Å" ? 4 : 3); // a lattice constant is known that well
    return h("td", { title: score ? `${label} ${text} ${unit}, ${score}` : null }, text, score ? h("i", { class: "score", "aria-label": score }, SCORES[score]) : "");
  }

  /** A person's word on a candidate: a button that becomes a field. */
  tag(c, text) {
    const button = h("button", { type: "button", class: text ? "tag" : "tag none", tabindex: "-1", disabled: !this.store.connected, title: text ? `${text}: click to change it` : "Write a word of your own on it (key: t)", onclick: (event) => { event.stopPropagation(); edit(); } }, text || "+ tag");
    let open = false;
    const done = (keep) => {
      if (!open) return; // taking the field away makes it lose the focus, and end once more
      open = false;
      const written = input.value.trim();
      input.replaceWith(button);
      if (keep && written !== text) this.send({ type: "tag", candidate: c.id, text: written });
    };
    const input = h("input", { type: "text", class: "tag", maxlength: 80, "aria-label": `Tag of ${c.id}`, onblur: () => done(true), onclick: (event) => event.stopPropagation() });
    input.keys = ({ key }) => {
      if (key !== "Enter" && key !== "Escape") return false;
      const row = input.closest("tr");
      done(key === "Enter");
      row.focus();
      return true;
    };
    const edit = () => {
      open = true;
      input.value = text;
      button.replaceWith(input);
      input.focus();
    };
    return button;
  }

  row(c, reference, text) {
    const cell = (v) => h("td", {}, number(v));
    const mark = h("span", { class: "knee", title: "More nodes pay less from here on", hidden: true }, "knee"), score = h("td", { title: "Fall of ln(loss) for each node more than the step before" });
    const wrong = c.right_crystal === false ? h("span", { class: "wrong", title: crystals(c.structures) }, `▲ ${lowest(c.structures)}`) : null;
    const doubt = c.doubt ? h("span", { class: "wrong" }, "▲ does not fit") : null;
    const pick = () => this.onselect({ candidate: c.id }), tag = reference ? null : this.tag(c, text);
    const row = h("tr", reference ? { class: "reference", title: `${referenceName(c.name)}, its constants refitted to the same frames${c.doubt ? `; it does not fit them: ${c.doubt}` : ""}` } : {
      "data-id": c.id, tabindex: "-1", onclick: (event) => (event.shiftKey ? this.store.compare(c.id) : pick()), title: "Click to select, Shift and click to compare with it",
    }, h("td", { class: "name" }, reference ? referenceName(c.name) : c.id, mark, wrong, doubt, tag), h("td", {}, String(c.complexity)), ...ERRORS.map(([, name]) => cell(c[this.field(name)])),
    ...this.more.map((each) => this.card(c, each)), score, ...this.columns.map(({ name }) => this.equation(c, name)));
    Object.assign(row, { knee: mark, score });
    row.keys = ({ key, target }) => {
      if (target !== row) return false; // in the field of a tag
      const way = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[key];
      if (key === "Enter" || key === " ") pick();
      else if (key === "t" && tag && !tag.disabled) tag.click();
      else if (way) {
        let next = row[way];
        while (next && !next.dataset.id) next = next[way];
        next?.focus();
      } else return false;
      return true;
    };
    return row;
  }
}
