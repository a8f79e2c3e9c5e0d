"""A page that shows a dashboard without JupyterLab: the bundle in a Chromium, its messages handed to Python and back.

A second instead of ten; for what is the page's own, such as where its parts lie.
"""

import json
import pathlib

import lab

import srlab_widgets
from srlab_widgets import Dashboard

STATIC = pathlib.Path(srlab_widgets.__file__).parent / "static"
ADDRESS = "http://localhost/bare"  # where the clipboard may be used; nothing is fetched from there
# As much of JupyterLab's colours as the style sheet asks for.
DARK = "--jp-ui-font-color1: #ffffffde; --jp-ui-font-color2: #ffffffb3; --jp-layout-color0: #111"
PAGE = (
    """<!doctype html><style>%s</style><body style="margin: 8px; %s" data-jp-theme-light="%s"><div id="place"></div>"""
)
# A model as anywidget hands it on, with widgets of other makers that are blocks of a fixed height.
START = """async (source) => {
  const heard = [], state = { guests: {} }, kept = [];
  const manager = {
    get_model: async (id) => ({ id }),
    create_view: async (model) => { const el = document.createElement("div"); el.textContent = model.id; el.style.height = "300px"; return { model, el, remove() { el.remove(); } }; },
  };
  const model = {
    widget_manager: manager, get: (name) => state[name], set: (name, value) => { state[name] = value; }, save_changes() {}, off() {},
    on: (event, listener) => { if (event === "msg:custom") heard.push(listener); else if (event === "change:guests") kept.push(listener); },
    send: (message) => toPython(JSON.stringify(message)),
  };
  const { default: widget } = await import(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
  const it = widget();
  globalThis.hear = (messages) => { for (const message of messages) for (const listener of heard) listener(message, []); };
  globalThis.guests = (shown) => { state.guests = shown; for (const listener of kept) listener(); };
  await it.initialize({ model });
  await it.render({ model, el: document.getElementById("place") });
}"""
# Draw all that has changed, also what waits for its time in a running search.
DRAW = """async () => {
  for (let i = 0; i < 2; i += 1) {
    for (const view of Object.values(document.querySelector(".srlab").dashboard.views)) view.update();
    await new Promise((f) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(f, 0))));
  }
}"""
# Where everything is that can be clicked, and what has moved since. Rows of tables and logs are news themselves.
MARK = """() => {
  const parts = [...document.querySelectorAll(".srlab :is(button, input, select, textarea, summary)")];
  const seen = parts.filter((part) => !part.closest("tbody, .log, .menu > div") && part.checkVisibility({ visibilityProperty: true }));
  globalThis.marked = new Map(seen.map((part) => [part, part.getBoundingClientRect()]));
  globalThis.scrolled = scrollY;
  return globalThis.marked.size;
}"""
MOVED = """() => [...globalThis.marked].flatMap(([part, was]) => {
  if (!part.isConnected || !part.checkVisibility({ visibilityProperty: true })) return [];
  const now = part.getBoundingClientRect(), by = [now.x - was.x, now.y + scrollY - was.y - globalThis.scrolled].map(Math.round);
  const name = part.getAttribute("aria-label") ?? part.textContent.trim();
  return by.some(Boolean) ? [`${part.closest("section")?.getAttribute("aria-label") ?? "header"}: ${name.slice(0, 30)} by ${by}`] : [];
})"""


class Heard(Dashboard):
    """A dashboard whose messages are kept until the page is given them."""

    def __init__(self, *args, **kwargs):
        self.said = []
        super().__init__(*args, **kwargs)

    def send(self, content, buffers=None):
        self.said.append(json.loads(json.dumps(content)))


class BarePage:
    """page : of Playwright; dashboard : `Heard`."""

    def __init__(self, context, search, width=1240, height=1600, dark=False):
        self.dashboard, self.page = Heard(search), lab.watched(context.new_page())
        self.page.set_default_timeout(1000 * lab.PATIENCE)
        self.page.set_viewport_size({"width": width + 16, "height": height})
        style = (STATIC / "dashboard.css").read_text()
        body = PAGE % (style, DARK if dark else "", str(not dark).lower())
        self.page.route(ADDRESS, lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
        self.page.expose_function("toPython", self._answer)
        self.page.goto(ADDRESS)
        self.page.evaluate(START, (STATIC / "dashboard.js").read_text())
        self.settle()

    def _answer(self, text):
        message = json.loads(text)
        if message["type"] != "validate":  # what that comes to, a test says by itself
            self.dashboard._receive(None, message, [])

    def settle(self):
        """Give the page what Python has said, until there is nothing more and all is drawn."""
        while True:
            said, self.dashboard.said[:] = list(self.dashboard.said), []
            self.page.evaluate("messages => hear(messages)", said)
            self.page.evaluate(DRAW)
            if not self.dashboard.said:
                return

    def say(self, **message):
        """A message of Python's, which the page is given next."""
        self.dashboard.said.append(message)

    def hear(self, **message):
        """Give the page a message of Python's."""
        self.say(**message)
        self.settle()

    def mark(self):
        """Remember where everything is that can be clicked."""
        self.settle()
        assert self.page.evaluate(MARK) > 20

    def assert_still(self):
        """Nothing has moved since."""
        self.settle()
        moved = self.page.evaluate(MOVED)
        assert not moved, "\n".join(moved)

    def close(self):
        self.dashboard._publisher.close()
        self.page.close()
