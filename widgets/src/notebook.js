// Where the notebook around the page shows a widget, and how to have another one shown there. JupyterLab and Notebook 7 hand their notebook to the widgets in
// it; elsewhere there are no such places, and nothing is done.

const VIEW = "application/vnd.jupyter.widget-view+json";
const MISSED = "Error displaying widget"; // JupyterLab's words, which are in no other language
const PAUSE = 1_000, LOOKS = 30, DEAF = 5; // milliseconds between two looks; how many there are; after how many something ought to have been heard

/** Whether a widget has this layout, or one inside of it: anywidget hands on a model of its own, without its id, and the model of its layout is the same one. */
const holds = (model, layout) => model.get("layout") === layout || [model.get("children") ?? []].flat().some((child) => holds(child, layout));

/** The outputs that show the widget of a model, by itself or in a box, as [{outputs, index, id}]. */
async function places(model) {
  const manager = model.widget_manager, cells = manager?.context?.model?.cells, found = [];
  for (let i = 0; i < (cells?.length ?? 0); i += 1) {
    const { outputs } = cells.get(i); // of code cells
    for (let index = 0; index < (outputs?.length ?? 0); index += 1) {
      const id = outputs.get(index).data?.[VIEW]?.model_id;
      if (id && manager.has_model(id) && holds(await manager.get_model(id), model.get("layout"))) found.push({ outputs, index, id });
    }
  }
  return found;
}

/** Draw an output anew, as the widget `id`. Another kind of output goes between, or what draws the old one would be kept. */
function draw({ outputs, index, id }) {
  const output = outputs.get(index).toJSON();
  outputs.set(index, { ...output, data: { "text/plain": "…" } });
  outputs.set(index, { ...output, data: { ...output.data, [VIEW]: { ...output.data[VIEW], model_id: id } } });
}

/** Draw all outputs of a model once more. */
export async function drawAgain(model) {
  for (const place of await places(model)) draw(place);
}

/** What an expression is in the kernel, as text. It leaves nothing behind in the notebook's own names. Rejects with the kernel's words. */
async function ask(manager, expression) {
  const { content } = await manager.kernel.requestExecute({ code: "", silent: true, store_history: false, user_expressions: { it: expression } }).done;
  const said = content.user_expressions?.it ?? content;
  if (said.status !== "ok") throw new Error(said.evalue ?? "the kernel did not answer");
  return said.data["text/plain"];
}

/** Whether there is a notebook with a kernel behind the page. */
export const canAttach = (model) => Boolean(model.widget_manager?.context?.model && model.widget_manager.kernel?.requestExecute);

/** Have the kernel connect the widget of a model anew, which makes another model of it, and draw that. */
export async function reopen(model) {
  const spots = await places(model);
  for (const id of new Set(spots.map((spot) => spot.id))) await ask(model.widget_manager, `__import__("srlab_widgets.page").page.reopen(${JSON.stringify(id)})`);
  for (const spot of spots) draw(spot);
}

/**
 * See to it that the widget of a model is drawn, on a page with much to do. JupyterLab looks two seconds for the model, and where it came at their very end it
 * says for good that there is none: drawn once more, it is found. anywidget gives a model two seconds to load, and passes no message on to one that took longer,
 * which is drawn and stays empty: it needs another one. shown, heard : functions that say whether it was drawn, and whether a message has come. Returns the function that ends it.
 */
export function seek(model, { shown, heard }, page = globalThis.document) {
  let looks = 0, drawn = 0, ended = false;
  const end = () => {
    ended = true;
    clearInterval(timer);
  };
  const look = () => {
    looks += 1;
    if (ended || (shown() && heard()) || looks > LOOKS || drawn > 2) return end();
    if (!shown() && [...page.querySelectorAll(".jp-OutputArea-output")].some(({ textContent }) => textContent.startsWith(MISSED))) {
      drawn += 1; // not for ever: it may be another widget's complaint, and drawing makes the notebook one with changes
      drawAgain(model);
    } else if (looks >= DEAF && !heard() && canAttach(model) && model.widget_manager.kernel.status === "idle") {
      end();
      reopen(model).catch(() => {}); // in a box of somebody's own, which is none of ours to open
    }
  };
  const timer = setInterval(look, PAUSE);
  return end;
}

/**
 * Have the kernel, a new one that knows nothing of the page, make the `widget` of srlab_widgets, as `Dashboard.attach("runs/a")`, and show that in the places
 * of `model`. traits : what the new widget is to have from the old one. Rejects with the kernel's words, and where there is no such place.
 */
export async function attach(model, widget, traits = {}) {
  const manager = model.widget_manager, spots = await places(model);
  if (!spots.length) throw new Error("the cell that shows it is not in this notebook any more");
  const id = (await ask(manager, `__import__("srlab_widgets").${widget}.model_id`)).replaceAll(/^'|'$/g, "");
  const fresh = await manager.get_model(id);
  fresh.set(traits);
  fresh.save_changes();
  for (const spot of spots) draw({ ...spot, id });
}
