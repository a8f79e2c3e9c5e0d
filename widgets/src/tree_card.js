// What the hover card of a node says.
import { h } from "./dom.js";
import { count, number } from "./scale.js";

/** Elements of the card; of an earlier moment it does not say what was found below the node since. */
export function facts(node, visits, now) {
  const fact = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
  return [
    h("b", {}, `#${node.id} `, h("span", {}, node.move)),
    h("dl", {}, ...fact("loss", number(node.loss)), ...(now ? fact("best below", number(node.best)) : []), ...fact("score", number(node.score)),
      ...fact("window", number(node.window, 2)), ...fact("visits", count(visits)), ...fact("depth", String(node.depth))),
    node.label ? h("code", {}, node.label) : "",
  ];
}
