// Whether there is a kernel behind the page still.

const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);

/**
 * Call `tell(connected)` whenever that may have changed; returns the function that ends it. After a restart a widget stays on the page without what it
 * talks to. anywidget does not hand that on, but the model of its layout, an ordinary one, is cut off together with it; a kernel that was shut down says so itself.
 */
export function watch(model, tell) {
  const layout = model.get("layout"), kernel = model.widget_manager?.kernel;
  const look = () => tell(layout?.comm_live !== false && !GONE.has(kernel?.status));
  layout?.on?.("comm_live_update", look);
  kernel?.statusChanged?.connect(look);
  return () => {
    layout?.off?.("comm_live_update", look);
    kernel?.statusChanged?.disconnect(look);
  };
}
