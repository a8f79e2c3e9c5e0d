// Whether there is a kernel behind the page still.

const GONE = new Set(["restarting", "autorestarting", "terminating", "dead"]);

/** Whether somebody hears what a model sends: also of one whose notebook was closed, of which a timer may still be left. */
export function heard(model) {
  const manager = model.widget_manager, kernel = manager?.kernel;
  return model.get("layout")?.comm_live !== false && !manager?.isDisposed && !kernel?.isDisposed && !GONE.has(kernel?.status);
}

/** Send a message, unless nobody hears it any more: timers and patches outlive a notebook that is closed. */
export const tell = (model, message) => { if (heard(model)) model.send(message); };

/**
 * Call `say(connected)` whenever that may have changed; returns the function that ends it. After a restart a widget stays on the page without what it
 * talks to. anywidget does not hand that on, but the model of its layout, an ordinary one, is cut off together with it; a kernel that was shut down says so itself.
 */
export function watch(model, say) {
  const layout = model.get("layout"), kernel = model.widget_manager?.kernel;
  const look = () => say(heard(model));
  layout?.on?.("comm_live_update", look);
  kernel?.statusChanged?.connect(look);
  return () => {
    layout?.off?.("comm_live_update", look);
    kernel?.statusChanged?.disconnect(look);
  };
}
