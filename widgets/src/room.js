// Sizes of the stages that views draw on. Asked of the element itself in the middle of drawing, they would have the browser lay out all that was just
// changed, once for each panel.
const rooms = new WeakMap();
let watcher = null;

const measure = ({ clientWidth, clientHeight }) => ({ width: clientWidth, height: clientHeight });

function watch(changes) {
  for (const { target } of changes) {
    const known = rooms.get(target), now = measure(target);
    if (known.width === now.width && known.height === now.height) continue;
    Object.assign(known, now);
    requestAnimationFrame(known.redraw); // drawing may move others, which is not for now
  }
}

/** {width, height} of an element inside its border, in pixels; 0 while it is not on the page. `redraw()` is called when that has changed. */
export function room(element, redraw) {
  if (!rooms.has(element)) {
    rooms.set(element, { ...measure(element), redraw });
    watcher ??= new ResizeObserver(watch);
    watcher.observe(element);
  }
  return rooms.get(element);
}
