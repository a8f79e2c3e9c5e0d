// Two small helpers instead of a framework.
const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "text") node.textContent = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}

/** An HTML element: h("button", {class: "x", onclick: f}, "text"). */
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** A button that is a switch; `pressed` shows to the eye and to a screen reader. */
export function toggle(label, pressed, onclick, title) {
  return h("button", { class: "chip", type: "button", "aria-pressed": String(pressed), onclick, title }, label);
}

/**
 * Bring keys to the parts of the dashboard, and end them there: JupyterLab listens on the document, in the capturing phase,
 * and would cut cells at `x` or `d d`, merge them, move on or restart the kernel. Keys with Ctrl, Alt or Cmd, and Shift and
 * Enter, which runs the cell, go on to it. An element may have a function `keys(event)` that returns true for a key it has
 * used; what a browser does by itself, as typing and moving the focus, is not touched. Returns the function that ends it.
 */
export function keyboard(root) {
  root.tabIndex = -1; // a click beside the controls leaves the focus in the dashboard, or the next key would be the notebook's
  const listen = (event) => {
    if (!root.contains(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.shiftKey && event.key === "Enter") return;
    for (let element = event.target; element !== root; element = element.parentElement) {
      if (!element.keys?.(event)) continue;
      event.preventDefault();
      break;
    }
    event.stopImmediatePropagation();
  };
  window.addEventListener("keydown", listen, true);
  return () => window.removeEventListener("keydown", listen, true);
}

/** Bring text to the clipboard; without HTTPS or permission it is put where it can be selected by hand. True if it was copied. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    globalThis.prompt("Copy:", text);
    return false;
  }
}

/** A line that is there whether or not something is said in it: what comes and goes must not move what one is about to click. What is longer than the line hangs over what lies below it. */
export const line = (...said) => h("div", { class: "said" }, ...said);

/** Show something or not; its place stays. */
export const appear = (element, on) => element.classList.toggle("away", !on);

/** Change the rows of a box that scrolls; the one under the pointer stays under it, as far as the box can be scrolled. */
export function steadily(box, change) {
  const row = [...box.querySelectorAll("tr:hover, li:hover")].at(-1), before = row?.getBoundingClientRect().top;
  change();
  if (row?.isConnected) box.scrollTop += row.getBoundingClientRect().top - before;
}

/** Set text only when it differs, so that an unchanged field costs no layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Make `wanted` the children of `parent`, in this order. Those that stay are not touched: one that is being clicked must not go away under the pointer. */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(child)) child.remove();
  wanted.forEach((child, i) => { if (parent.children[i] !== child) parent.insertBefore(child, parent.children[i] ?? null); });
}
