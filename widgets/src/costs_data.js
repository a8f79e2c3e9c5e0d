// What can have a cost of its own, and which costs the fields of a person ask for. No DOM.
import { nameOf } from "./own_operators_data.js";

/** The operators whose cost may be set, as {name, about, own}: those of the grammar, then a person's own. */
export function choicesOf({ cost_choices: choices = [], own_operators: own = [] }) {
  return [...choices.map((each) => ({ ...each, own: false })), ...own.map((text) => ({ name: nameOf(text), about: `${text}; left empty it counts what it is made of`, own: true }))];
}

/** Pairs of operator and nodes for texts by name; what counts that anyway is left out. */
export function asked(choices, texts) {
  return choices.flatMap(({ name, own }) => {
    const text = (texts.get(name) ?? "").trim();
    return text === "" || (!own && Number(text) === 1) ? [] : [[name, Number(text)]];
  });
}
