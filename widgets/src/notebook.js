// Where the notebook around the page shows a widget, and how to have another one shown there. JupyterLab and Notebook 7 hand their notebook to the widgets in
// it; elsewhere there are no such places, and nothing is done.

const VIEW = "application/vnd.jupyter.widget-view+json";
const MISSED = "Error displaying widget", PAUSE = 1_000, LOOKS = 30; // JupyterLab's words, which are in no other language; milliseconds between two looks

/** The outputs that show the widget of a model, as [{outputs, index}]. */
async function places(model) {
  const manager = model.widget_manager, cells = manager?.context?.model?.cells, found = [];
  for (let i = 0; i < (cells?.length ?? 0); i += 1) {
    const { outputs } = cells.get(i); // of code cells
    for (let index = 0; index < (outputs?.length ?? 0); index += 1) {
      const id = outputs.get(index).data?.[VIEW]?.model_id;
      // anywidget hands on a model of its own, without its id; the model of its layout is the same one
      if (id && manager.has_model(id) && (await manager.get_model(id)).get("layout") === model.get("layout")) found.push({ outputs, index });
    }
  }
  return found;
}

/** Draw an output anew, as the widget `id` if that is given. Another kind of output goes between, or what draws the old one would be kept. */
function draw({ outputs, index }, id) {
  const output = outputs.get(index).toJSON(), view = output.data[VIEW];
  outputs.set(index, { ...output, data: { "text/plain": "…" } });
  outputs.set(index, { ...output, data: { ...output.data, [VIEW]: { ...view, model_id: id ?? view.model_id } } });
}

/** Draw all outputs of a model once more. */
export async function drawAgain(model) {
  for (const place of await places(model)) draw(place);
}

/**
 * See to it that the widget of a model is drawn. JupyterLab looks two seconds for the model, and where it came at their very end, on a page with much to do, it
 * says for good that there is none: drawn once more, it is found. shown() : whether it was drawn. Returns the function that ends it.
 */
export function seek(model, shown, page = globalThis.document) {
  let left = LOOKS;
  const look = () => {
    left -= 1;
    if (shown() || !left) return clearInterval(timer);
    if (![...page.querySelectorAll(".jp-OutputArea-output")].some(({ textContent }) => textContent.startsWith(MISSED))) return;
    left = Math.min(left, 3); // it may be another widget's complaint, and drawing makes the notebook one with changes
    drawAgain(model);
  };
  const timer = setInterval(look, PAUSE);
  return () => clearInterval(timer);
}

/** Whether there is a notebook with a kernel behind the page, to be asked for another widget. */
export const canAttach = (model) => Boolean(model.widget_manager?.context?.model && model.widget_manager.kernel?.requestExecute);

/**
 * Have the kernel, a new one that knows nothing of the page, attach to the run in `folder`, and show that in the places of `model`. traits : what the new
 * widget is to have from the old one. Rejects with the kernel's words, and where there is no such place.
 */
export async function attach(model, folder, traits = {}) {
  const manager = model.widget_manager, spots = await places(model);
  if (!spots.length) throw new Error("the cell that shows it is not in this notebook any more");
  // An expression leaves nothing behind in the notebook's own names.
  const expression = `__import__("srlab_widgets").Dashboard.attach(${JSON.stringify(folder)}).model_id`;
  const { content } = await manager.kernel.requestExecute({ code: "", silent: true, store_history: false, user_expressions: { id: expression } }).done;
  const said = content.user_expressions?.id ?? content;
  if (said.status !== "ok") throw new Error(said.evalue ?? "the kernel did not answer");
  const id = said.data["text/plain"].replaceAll(/^'|'$/g, "");
  const fresh = await manager.get_model(id);
  fresh.set(traits);
  fresh.save_changes();
  for (const spot of spots) draw(spot, id);
}
