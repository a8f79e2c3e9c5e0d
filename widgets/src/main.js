// What anywidget loads: the dashboard of one search, or two searches side by side, as the model says.
import dashboard from "./index.js";
import pair from "./side_by_side.js";

export default () => {
  let widget = null;
  const of = (model) => (widget ??= model.get("names") ? pair() : dashboard());
  return { initialize: (context) => of(context.model).initialize(context), render: (context) => of(context.model).render(context) };
};
