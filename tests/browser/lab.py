"""A private JupyterLab and a Chromium to drive it, for tests and for taking pictures."""

import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

try:
    from playwright.sync_api import expect
except ModuleNotFoundError:  # conftest.py skips the tests, and says so
    expect = None

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
]
# JupyterLab's own complaints, met on a page without any widget as well: each with where it comes from.
NOISE = (
    # workspaces and settings that a fresh server does not have
    "Failed to load resource: the server responded with a status of 404",
    "Failed to load resource: the server responded with a status of 403",  # the update check that the server refuses
)


PATIENCE = 300.0  # seconds: a busy machine is no failure
# anywidget gives a widget two seconds to load, counted while JupyterLab itself still loads: on a busy machine the page
# then has an empty place, which a person loads anew. Here it waits as long as everything else.
PATIENT = f"""
const within = AbortSignal.timeout.bind(AbortSignal);
AbortSignal.timeout = (milliseconds) => within(Math.max(milliseconds, {1000 * PATIENCE:.0f}));
"""
if expect is not None:
    expect.set_options(timeout=1000 * PATIENCE)
# A test that reads the page before it is drawn, or before the kernel has answered, passes on a quiet machine nineteen times
# in twenty. SRLAB_SLOW_PAGE=400 finds it: every frame that the page asks for, and every message to the kernel, is so many
# milliseconds late, so that such a test fails each time.
SLOW_PAGE = int(os.environ.get("SRLAB_SLOW_PAGE", "0"))
LATE = f"""{{
const draw = requestAnimationFrame.bind(globalThis), forget = cancelAnimationFrame.bind(globalThis), frames = new Map();
let last = 0;
globalThis.requestAnimationFrame = (callback) => {{
  const frame = {{}}, number = ++last;
  frames.set(number, frame);
  frame.timer = setTimeout(() => {{
    frame.number = draw((time) => {{
      frames.delete(number);
      callback(time);
    }});
  }}, {SLOW_PAGE});
  return number;
}};
globalThis.cancelAnimationFrame = (number) => {{
  const frame = frames.get(number);
  clearTimeout(frame?.timer);
  if (frame?.number) forget(frame.number);
  frames.delete(number);
}};
const {{ send }} = WebSocket.prototype;
WebSocket.prototype.send = function (data) {{
  setTimeout(() => this.readyState === WebSocket.OPEN && send.call(this, data), {SLOW_PAGE});
}};
}}"""
# JupyterLab looks for the model of a widget for two seconds and says this for good where the kernel's answer comes
# while the page is still busy with itself (its `get_model` does not look once more at the end): a person loads it anew.
MISSED = "Error displaying widget: model not found"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_notebook(path, cells):
    """A notebook of code cells for the kernel that the server starts."""
    import nbformat

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells])
    notebook.metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    nbformat.write(notebook, path)


def until(condition, seconds=PATIENCE):
    """Wait until `condition()` is true; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"it did not happen within {seconds} s"
        time.sleep(0.1)


def drawn(page):
    """Wait until all that the page knows by now is drawn: it is in the next frame, and what that moves in the one after.
    What is not there then does not come, unless something else happens."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))")


@contextlib.contextmanager
def passing(page, selector, text):
    """Wait, after what is done inside, until an element has said this, also where it takes its word back after a while."""
    page.evaluate(
        """([selector, text]) => {
          const element = document.querySelector(selector), watcher = new MutationObserver(() => { globalThis.passed ||= element.textContent.includes(text); });
          globalThis.passed = false;
          watcher.observe(element, { subtree: true, childList: true, characterData: true });
        }""",
        [selector, text],
    )
    yield
    page.wait_for_function("() => globalThis.passed")


def settled(page, read, argument=None):
    """What the JavaScript `read(argument)` says of places on the page once that is drawn and holds still, so that a mouse
    can be sent there."""
    places = [page.evaluate(read, argument)]

    def still():
        drawn(page)
        places.append(page.evaluate(read, argument))
        return places[-1] == places[-2]

    until(still)
    return places[-1]


@contextlib.contextmanager
def server(root, environment=None, command=(sys.executable, "-m", "jupyterlab"), cwd=None):
    """JupyterLab, or another application of Jupyter, serving the folder `root`, with settings of its own; yields
    (address, token)."""
    port, token, private = free_port(), secrets.token_hex(8), pathlib.Path(tempfile.mkdtemp(prefix="srlab-lab-"))
    (private / "settings/@jupyterlab/apputils-extension").mkdir(parents=True)
    (private / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false"}'
    )  # no question in front of the page
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    command = [
        *command,
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ip=127.0.0.1",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.expose_app_in_browser=True",  # for READY
        "--JupyterNotebookApp.expose_app_in_browser=True",
    ]
    with (private / "log").open("w") as log:
        process = subprocess.Popen(
            command,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=cwd,
            env=dict(os.environ, **{key: str(private / name) for key, name in folders.items()}, **(environment or {})),
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api", process, private / "log")
        yield address, token
    finally:
        with contextlib.suppress(ProcessLookupError):  # it has ended
            for number in (signal.SIGINT, signal.SIGTERM):  # the first asks for confirmation
                os.killpg(process.pid, number)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(private, ignore_errors=True)


def wait_for(url, process, log):
    """Wait until a server that was just started answers, whatever it says; RuntimeError with the end of its log when
    it has ended, or keeps silent."""
    for _ in range(900):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended at once:\n{log.read_text()[-2000:]}")
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the server did not answer within three minutes:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def browser(width=1400, height=1000, **options):
    """A headless Chromium; yields a Playwright context, whose first page stays empty and open."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # with a profile, though a new one: a private window keeps nothing of what it has compiled of JupyterLab's scripts
        context = playwright.chromium.launch_persistent_context(
            "",
            executable_path=CHROMIUM,
            headless=True,
            args=ARGUMENTS,
            viewport={"width": width, "height": height},
            permissions=["clipboard-read", "clipboard-write"],
            **options,
        )
        try:
            context.set_default_timeout(1000 * PATIENCE)
            context.add_init_script(PATIENT)
            if SLOW_PAGE:
                context.add_init_script(LATE)
            yield context
        finally:
            context.close()


class Desk:
    """A folder at a JupyterLab that others use, too, as they do the Chromium.

    folder : inside `root`, which JupyterLab serves; context : of Playwright; address, token : of JupyterLab.
    """

    def __init__(self, folder, context, address, token):
        self.folder, self.context, self.address, self.token = folder, context, address, token

    def url(self, name):
        """Where JupyterLab shows a file of the folder."""
        return f"{self.address}/lab/tree/{self.folder.name}/{name}?reset&token={self.token}"

    def open(self, name, width=1400, height=1000):
        """Open a notebook with the side bar closed and wait for its kernel; console errors collect in `page.errors`."""
        page = open_page(self.context, self.url(name))
        page.set_viewport_size({"width": width, "height": height})
        return page

    def sessions(self):
        """The sessions of notebooks in the folder, as JupyterLab lists them."""
        listed = json.load(self._ask("sessions"))
        return [session for session in listed if session["path"].startswith(f"{self.folder.name}/")]

    def end_kernels(self):
        for session in self.sessions():
            self._ask(f"sessions/{session['id']}", "DELETE")

    def _ask(self, what, method="GET"):
        request = urllib.request.Request(
            f"{self.address}/api/{what}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        return urllib.request.urlopen(request)


@contextlib.contextmanager
def desk(root, address, token, name, context):
    """A `Desk` in a new folder of that name; its pages, kernels and searches are ended with it."""
    folder = root / name
    folder.mkdir()
    place = Desk(folder, context, address, token)
    try:
        yield place
    finally:
        for page in context.pages[1:]:  # without any, Chromium ends
            page.close()
        place.end_kernels()
        end_processes(folder)


def end_processes(folder):
    """End the processes whose command names something in a folder, as those of a search, which outlives the kernel
    that started it, and theirs."""
    import psutil

    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in word for word in process.info["cmdline"] or ()):
            with contextlib.suppress(psutil.NoSuchProcess):
                found += [*process.children(recursive=True), process]
                process.terminate()
    for process in psutil.wait_procs(found, PATIENCE)[1]:
        process.kill()


def open_notebook(context, address, token, name):
    """As `Desk.open`, on a JupyterLab of one's own."""
    return open_page(context, f"{address}/lab/tree/{name}?reset&token={token}")


def watched(page):
    """The page, whose errors collect in `page.errors`."""
    page.errors = []
    page.on(
        "console", lambda m: page.errors.append(m.text) if m.type == "error" and not m.text.startswith(NOISE) else None
    )
    page.on("pageerror", lambda e: page.errors.append(str(e)))
    return page


def open_page(context, url):
    page = watched(context.new_page())
    page.goto(url)
    wait_for_kernel(page)
    if page.locator(".jp-SideBar.lm-TabBar .lm-mod-current").count():
        page.keyboard.press("Control+b")
    return page


# The notebook has a kernel that waits for code, and Control and Enter run a cell. What JupyterLab shows of the kernel is
# "idle" also before there is one, and a cell that is run then is not.
READY = """() => {
  const { shell, commands } = globalThis.jupyterapp ?? {}, kernel = shell?.currentWidget?.sessionContext?.session?.kernel;
  return kernel?.connectionStatus === "connected" && kernel.status === "idle" && commands.keyBindings.some(({ command }) => command === "notebook:run-cell");
}"""


def wait_for_kernel(page):
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_function(READY)


DASHBOARD = ".srlab .front .point"  # what there is once a dashboard shows a search
UNSEEN = "Dashboard._validate = lambda *_, **__: None"  # line of a cell: nobody looks at the validation panels here


def wait_for_widget(page, selector=DASHBOARD):
    """Wait for what a widget draws."""
    page.wait_for_selector(selector, state="attached")


def save(page):
    """Save the notebook, and wait until it is."""
    page.keyboard.press("Control+s")
    page.locator(".jp-mod-dirty").first.wait_for(state="detached")


def reload(page, selector=DASHBOARD):
    """Load the page anew and wait for its kernel and its widget; once more where it was too late for JupyterLab."""
    for _ in range(5):
        page.reload()
        wait_for_kernel(page)
        missed = page.get_by_text(MISSED)
        until(lambda missed=missed: missed.count() or page.locator(selector).count())
        # the console keeps what JupyterLab said before the page was drawn once more
        page.errors[:] = [error for error in page.errors if not error.startswith("Error: widget model not found")]
        if not missed.count():
            return
    raise AssertionError("JupyterLab had no widget within its two seconds, five times")


def run_cell(page, index, wait=True):
    """Run code cell number `index` (from 0) and wait for its prompt to show a count."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").nth(index)
    cell.locator(".jp-InputPrompt").evaluate(
        "prompt => { prompt.textContent = '' }"
    )  # a saved notebook shows a count already
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")
    if wait:
        page.wait_for_function(
            "i => /\\[\\d+\\]/.test(document.querySelectorAll('.jp-Notebook "
            ".jp-CodeCell')[i].querySelector('.jp-InputPrompt').innerText)",
            arg=index,
        )
    return cell


def prints(page, index, text):
    """Run a code cell until the kernel, which takes what widgets say beside it, prints this."""
    until(lambda: text in run_cell(page, index).locator(".jp-OutputArea-output").inner_text())


# JupyterLab has read the files of the theme, and the canvas of a dashboard, which has no style sheet, was drawn anew.
DRESSED = """name => document.body.dataset.jpThemeName === name && [...document.querySelectorAll(".srlab")].every((root) => {
  const tree = root.dashboard?.views.tree;
  return !tree || tree.inks.get("--srlab-text") === getComputedStyle(tree.root).getPropertyValue("--srlab-text").trim();
})"""


def theme(page, name):
    """Switch to "JupyterLab Dark" or "JupyterLab Light" through the Settings menu."""
    page.click("div.lm-MenuBar-itemLabel:text-is('Settings')")
    page.hover("li.lm-Menu-item:has-text('Theme')")
    page.click(f"li.lm-Menu-item:has(div.lm-Menu-itemLabel:text-is('{name}'))")
    page.wait_for_function(DRESSED, arg=name)
    drawn(page)


def picture(page, path):
    """Screenshot of the dashboard alone, all of it."""
    dashboard = page.locator(".srlab").first
    dashboard.scroll_into_view_if_needed()
    dashboard.screenshot(path=str(path))
