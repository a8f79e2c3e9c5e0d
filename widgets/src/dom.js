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

/** Set text only when it differs, so that an unchanged field costs no layout. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
