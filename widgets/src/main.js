// What anywidget loads: the dashboard of one search, or two searches side by side, as the model says.
import dashboard from "./index.js";
import { seek } from "./notebook.js";
import pair from "./side_by_side.js";

export default () => {
  let widget = null, shown = false, heard = false;
  const of = (model) => (widget ??= model.get("names") ? pair() : dashboard());
  return {
    initialize: ({ model }) => {
      const hear = () => { heard = true; };
      model.on("msg:custom", hear);
      const end = of(model).initialize({ model }), found = seek(model, { shown: () => shown, heard: () => heard });
      return () => {
        model.off("msg:custom", hear);
        found();
        end();
      };
    },
    render: ({ model, el }) => {
      shown = true;
      return of(model).render({ model, el });
    },
  };
};
