// Definitions of a person's own operators, such as bump(x) = exp(-x^2). No DOM.

/** The name that a definition gives. */
export const nameOf = (definition) => /^\s*(\w+)\s*\(/.exec(definition)?.[1] ?? definition;

/** The definitions with another one, in place of the one of its name. */
export const withAnother = (definitions, text) => [...definitions.filter((each) => nameOf(each) !== nameOf(text)), text];
