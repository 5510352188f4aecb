"""Lessons in a real browser: JupyterLab on a free port, Chromium or Firefox, real keys, and all that goes wrong.

    with lab() as browser, browser.lesson("02_forward_pass") as lesson:
        lesson.run_all()
        for explorer in lesson.explorers():
            for control in explorer.controls():
                control.press("ArrowRight")
        print(lesson.problems())

The tests and the measurement of speed share it. Lessons are opened as copies, because JupyterLab saves by itself, with
settings of their own; what they import comes from where `lessonkit` is installed. It takes playwright and a browser of
the system, which no student needs: `missing()` says which of them is not there. `lesson.unreadable()` asks axe-core
what a screen reader would miss, `lesson.cut(390)` looks for what is cut on a page of that width.
"""

import contextlib
import importlib.util
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

LESSONS = Path(__file__).resolve().parent.parent / "notebooks"
# The commands of a browser; the variable CHROMIUM or FIREFOX names another.
COMMANDS = {"chromium": ("chromium", "chromium-browser", "google-chrome"), "firefox": ("firefox-esr", "firefox")}
# No graphics card, and nothing that speaks to the network by itself.
SWITCHES = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]
SETTINGS = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}
START_SECONDS, OPEN_SECONDS, RUN_SECONDS, ANSWER_SECONDS = 60, 60, 180, 30
PHONE, TABLET, DESK = (390, 844), (768, 1024), (1300, 1000)  # pixels

# Lines of the server's log that tell of errors: its own, a kernel's, and the ends of a traceback.
LOGGED = r"^(?:\[[EC] .*|\[\w+\] (?:ERROR|CRITICAL).*|Traceback .*|\w*(?:Error|Exception):.*)$"

# A page that was left before its answer came: a redirect does that, and the server calls it an uncaught exception.
LEFT = re.compile(r"^\[E [^\n]*Uncaught exception GET (?:(?!\n\[).)*?StreamClosedError: Stream is closed\n",
                  re.M | re.S)

# What is no error of ours, by a text that its message holds -> why. Nothing at present.
HARMLESS = {}

PAGE = """
// All pictures of an element as one text: equal texts are equal pixels. Null while one is being replaced, or is broken.
window.fingerprint = async element => {
  const parts = [...element.querySelectorAll('img')].map(async img => {
    const src = img.src;
    await img.decode();
    const hash = await crypto.subtle.digest('SHA-256', await (await fetch(src)).arrayBuffer());
    return [...new Uint8Array(hash)].map(byte => byte.toString(16).padStart(2, '0')).join('');
  });
  return Promise.all(parts).then(hashes => hashes.join(' ') || 'none', () => null);
};
// Ask again and again until the answer is true; null if it is not within so many milliseconds. playwright's own
// wait_for_function would take a promise for a true answer.
window.until = async (ask, milliseconds) => {
  for (const end = performance.now() + milliseconds; performance.now() < end;) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return null;
};
// From now on note when a key goes down, and how many milliseconds later a new picture is ready to be painted, or a
// canvas has been (shown), or anything at all has changed (changed).
window.watch = box => {
  const paint = CanvasRenderingContext2D.prototype.putImageData;
  CanvasRenderingContext2D.prototype.putImageData = function (...all) {
    paint.apply(this, all);
    if (box.contains(this.canvas)) box.shown = performance.now() - box.pressed;
  };
  window.addEventListener('keydown', event => Object.assign(box, {pressed: event.timeStamp, shown: null}), true);
  new MutationObserver(changes => {
    // What is read out follows half a second later, on purpose.
    changes = changes.filter(({target}) => !(target.closest ? target : target.parentElement)?.closest('.spoken'));
    if (changes.length) box.changed = performance.now() - box.pressed;
    changes.filter(change => change.attributeName === 'src').forEach(async ({target}) => {
      const pressed = box.pressed;
      await target.decode().catch(() => {});  // replaced before it was ready: the next one counts
      if (pressed === box.pressed) box.shown = performance.now() - pressed;
    });
  }).observe(box, {subtree: true, childList: true, characterData: true, attributes: true});
};
window.listen = async () => {
  const panel = window.lesson = jupyterapp.shell.currentWidget;
  await panel.context.sessionContext.ready;
  await panel.revealed;
  window.errors = [];
  // Messages that the kernel has begun to handle and not finished. A callback may run in a thread beside another one,
  // where JupyterLab sends what comes while the kernel is busy: the kernel's one word for its state would not do.
  window.pending = new Set();
  panel.context.sessionContext.iopubMessage.connect((_, {header, parent_header, content}) => {
    if (header.msg_type === 'status')
      content.execution_state === 'busy' ? pending.add(parent_header.msg_id) : pending.delete(parent_header.msg_id);
    // Errors of cells stand below them; those of callbacks are nowhere on the page.
    if (header.msg_type === 'error' && parent_header.msg_type !== 'execute_request')
      errors.push(`${content.ename}: ${content.evalue}`);
    if (content.name === 'stderr' && content.text.includes('Traceback (most recent call last)'))
      errors.push(content.text);
  });
};
window.code = () => lesson.content.widgets.filter(cell => cell.model.type === 'code').map(cell => ({
  source: cell.model.sharedModel.source, count: cell.model.executionCount,
  errors: cell.model.outputs.toJSON().filter(output => output.output_type === 'error')
                                     .map(output => `${output.ename}: ${output.evalue}`)}));
window.running = false;
window.run = async command => {
  window.running = true;
  await jupyterapp.commands.execute(command);
  window.running = false;
};
// What axe-core finds in the parts of the page that `selector` names, a text each, if a user could not do without it.
window.unreadable = async selector => {
  if (!document.querySelector(selector)) return [];
  const {violations} = await axe.run({include: [[selector]]}, {resultTypes: ['violations']});
  return violations.filter(({impact}) => ['serious', 'critical'].includes(impact)).flatMap(({id, help, nodes}) =>
    nodes.map(({html}) => `${id}: ${help}: ${html.replace(/src="data:[^"]*"/, 'src=...').slice(0, 200)}`));
};
// What reaches out of the parts that `selector` names, or is squeezed until its text no longer shows, a text each. What
// can be scrolled to is not cut.
window.cut = selector => {
  const found = [], scrolls = element => ['auto', 'scroll'].includes(getComputedStyle(element).overflowX);
  const say = (element, how) => found.push(
    `${element.tagName.toLowerCase()}.${[...element.classList].join('.')} ${how}: ${
      element.textContent.trim().slice(0, 40)}`);
  for (const part of document.querySelectorAll(selector)) {
    const outer = part.getBoundingClientRect(), right = Math.min(outer.right, innerWidth);
    if (!outer.width || scrolls(part) && part.scrollWidth > part.clientWidth + 1) continue;
    for (const element of part.querySelectorAll('*')) {
      if (element.closest('[role=status].spoken, mjx-container, select')) continue;
      const box = element.getBoundingClientRect();
      const words = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
      const {display, overflowX} = getComputedStyle(element);
      if (words && !scrolls(element) && display !== 'inline' && overflowX !== 'visible'
          && element.scrollWidth > element.clientWidth + 1) say(element, 'hides a part of its text');
      if (!box.width && element.matches('.progress, .slider, canvas, img, input')) say(element, 'has no width');
      if (!box.width || !box.height) continue;
      let inside = element.parentElement;
      while (inside !== part && !(scrolls(inside) && inside.scrollWidth > inside.clientWidth + 1))
        inside = inside.parentElement;
      if (inside === part && (box.right > right + 1.5 || box.left < outer.left - 1.5)) say(element, 'reaches out');
    }
  }
  return found;
};
window.idle = () => !running && !pending.size && !lesson.node.textContent.includes('Loading widget...');
"""


def command_of(browser):
    """The path of the system's "chromium" (or Chrome) or "firefox", or None."""
    named = os.environ.get(browser.upper())
    return next((path for name in ([named] if named else COMMANDS[browser]) if (path := shutil.which(name))), None)


def missing(browser="chromium"):
    """What keeps lessons from being opened in a browser here, in words; None if nothing does."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: pip install -r tests/requirements.txt"
    if command_of(browser) is None:
        return (f"no {browser.capitalize()} found: looked for {', '.join(COMMANDS[browser])} among the commands. "
                f"Install one of them (Debian, Ubuntu: apt-get install {COMMANDS[browser][0]}), or name its path in "
                f"the environment variable {browser.upper()}")
    return None


def find_axe(folder):
    """The script of axe-core: the file that the environment variable AXE names, or else fetched with npm into `folder`.

    Raises RuntimeError, in words, where neither can be had.
    """
    if named := os.environ.get("AXE"):
        if not Path(named).is_file():
            raise RuntimeError(f"AXE names {named}, which is no file. Expected the path of axe-core's axe.min.js")
        return Path(named).resolve()
    otherwise = "and the environment variable AXE does not name axe-core's axe.min.js"
    if not (npm := shutil.which("npm")):
        raise RuntimeError(f"there is no npm to fetch axe-core with, {otherwise}")
    done = subprocess.run([npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "axe-core@4"],
                          capture_output=True, text=True, timeout=START_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"npm could not fetch axe-core, {otherwise}. It said: {done.stderr.strip()[-300:]}")
    return Path(folder) / "node_modules" / "axe-core" / "axe.min.js"


# -- the server -------------------------------------------------------------------------------------


class Server:
    """A running JupyterLab: `url`, `token`, `process`, and `log`, the file that it writes."""

    def __init__(self, url, token, process, log):
        self.url, self.token, self.process, self.log = url, token, process, log

    def answers(self):
        request = urllib.request.Request(f"{self.url}/api/status", headers={"Authorization": f"token {self.token}"})
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS):
                return True
        except urllib.error.URLError:
            return False

    def wait(self):
        """Return as soon as it answers; raise RuntimeError with its log if it does not."""
        end = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"JupyterLab did not start at {self.url}. Its log:\n{self.log.read_text()}")
            time.sleep(0.05)

    def kernel(self, kernel_id):
        """The process of a kernel."""
        return next(child for child in self.process.children(recursive=True) if kernel_id in " ".join(child.cmdline()))


@contextlib.contextmanager
def server(notebooks):
    """JupyterLab on copies of the files `notebooks`, as a `Server`; it and its kernels end with the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        env = dict(os.environ, OPENBLAS_NUM_THREADS="1", JUPYTER_TOKEN=secrets.token_hex(16))
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
                     "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR"):
            (folder / name).mkdir()
            env[name] = str(folder / name)
        for plugin, settings in SETTINGS.items():
            path = folder / "JUPYTERLAB_SETTINGS_DIR" / f"{plugin}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(settings), encoding="utf-8")
        (folder / "notebooks").mkdir()
        for notebook in notebooks:
            shutil.copy(notebook, folder / "notebooks")

        port = free_port()
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1",
                   f"--ServerApp.port={port}", "--ServerApp.port_retries=0",  # another port would be another server
                   f"--ServerApp.root_dir={folder / 'notebooks'}", "--LabApp.expose_app_in_browser=True"]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        log = folder / "server.log"
        with open(log, "wb") as output:
            process = psutil.Popen(command, stdout=output, stderr=output, env=env, cwd=folder)
        try:
            running = Server(f"http://127.0.0.1:{port}", env["JUPYTER_TOKEN"], process, log)
            running.wait()
            yield running
        finally:
            end(process)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end(process):
    """End a process and those it has started."""
    family = [process]
    with contextlib.suppress(psutil.NoSuchProcess):
        family += process.children(recursive=True)
        process.terminate()
    for survivor in psutil.wait_procs(family, timeout=10)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            survivor.kill()


# -- the browser ------------------------------------------------------------------------------------

OUTPUTS = ".jp-Notebook .jp-OutputArea-output"


@contextlib.contextmanager
def lab(notebooks=None, browser="chromium"):
    """A `Browser` with JupyterLab on copies of `notebooks` (all lessons, if None); both end with the block."""
    from playwright.sync_api import sync_playwright

    notebooks = sorted(LESSONS.glob("[0-9]*.ipynb")) if notebooks is None else notebooks
    with server(notebooks) as running, sync_playwright() as playwright:
        if browser == "firefox":  # the system's own, not playwright's
            opened = playwright.firefox.launch(executable_path=command_of(browser), channel="moz-firefox")
        else:
            opened = playwright.chromium.launch(executable_path=command_of(browser), args=SWITCHES)
        try:
            yield Browser(running, opened.new_context(viewport=dict(zip(("width", "height"), DESK))))
        finally:
            opened.close()


class Browser:
    """A browser at a server of JupyterLab."""

    def __init__(self, running, context):
        self.server, self.context = running, context
        context.add_init_script(PAGE)

    @contextlib.contextmanager
    def lesson(self, name):
        """The notebook `name` on a page of its own; the page is closed with the block, and its kernel ended."""
        page = self.context.new_page()
        try:
            yield Lesson(self.server, page, name)
        finally:
            page.evaluate("window.lesson?.context.sessionContext.shutdown()")
            page.close()


class Lesson:
    """An open notebook with a kernel; `page` is playwright's page."""

    def __init__(self, running, page, name):
        self.server, self.page, self.name = running, page, name
        self._log_before, self._said = len(running.log.read_text()), []
        page.on("pageerror", lambda error: self._said.append(f"page: {error}"))
        page.on("console", lambda message: message.type == "error" and self._said.append(f"console: {message.text}"))
        self._open()

    def _open(self):
        self.page.goto(f"{self.server.url}/lab/tree/{self.name}.ipynb?token={self.server.token}&reset")
        self._wait("window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel", OPEN_SECONDS,
                   "the kernel did not start")
        self.page.evaluate("listen()")

    def restart_kernel(self):
        """Start the kernel anew: what ran before is gone from it, and stays on the page."""
        self.page.evaluate("lesson.context.sessionContext.restartKernel()")

    def reload(self):
        """Save the notebook, and open it again on an empty page with a new kernel."""
        self.page.evaluate("lesson.context.save()")
        self.page.evaluate("lesson.context.sessionContext.shutdown()")
        self._open()

    def _wait(self, condition, seconds, otherwise, argument=None):
        from playwright.sync_api import TimeoutError

        try:
            self.page.wait_for_function(condition, arg=argument, timeout=seconds * 1000)
        except TimeoutError:
            raise RuntimeError(f"{self.name}: {otherwise} within {seconds} s. So far: {self._found()}") from None

    def run_all(self):
        """Run all cells, on cleared outputs, so that none is taken for one of today; wait until they are done."""
        self.page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        self._run("notebook:run-all-cells")

    def run(self, index):
        """Run one cell, the `index`-th of all cells, and wait until it is done."""
        self.page.evaluate("index => { lesson.content.activeCellIndex = index }", index)
        self._run("notebook:run-cell")

    def _run(self, command):
        self.page.evaluate("command => { run(command) }", command)
        self._wait("idle()", RUN_SECONDS, "the cells did not finish")

    def sources(self):
        """The sources of all cells, as a list; its places are what `run` takes."""
        return self.page.evaluate("lesson.content.widgets.map(cell => cell.model.sharedModel.source)")

    def output(self, index):
        """The output area of a cell, as a locator."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-Cell-outputArea")

    def unreadable(self, axe, selector=OUTPUTS):
        """What a screen reader would miss in the outputs, a text each; `axe` is the path of axe-core's script."""
        self._attach()
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(axe.read_text(encoding="utf-8"))
        return self.page.evaluate("unreadable", selector)

    def cut(self, size, selector=OUTPUTS):
        """What is cut in the outputs on a page of this (width, height), a text each."""
        self._attach()
        self.page.evaluate("jupyterapp.shell.collapseLeft()")  # as small pages have it when they are opened
        with self.sized(size):
            return self.page.evaluate("cut", selector)

    @contextlib.contextmanager
    def sized(self, size):
        """Within it the page has this (width, height)."""
        before = self.page.viewport_size
        self.page.set_viewport_size(dict(zip(("width", "height"), size)))
        self.page.wait_for_timeout(500)  # JupyterLab lays its panels out anew
        yield
        self.page.set_viewport_size(before)

    def _attach(self):
        """Put all cells on the page, and lay them out, also those out of sight."""
        self.page.evaluate(
            "lesson.content.notebookConfig = {...lesson.content.notebookConfig, windowingMode: 'none'}")
        self._wait("lesson.content.widgets.every(cell => cell.isAttached)", RUN_SECONDS, "not all cells were shown")

    def explorers(self):
        self._attach()
        return [Explorer(self, box) for box in self.page.locator(".explorer").all()]

    def kernel(self):
        """The kernel's process, as psutil has it."""
        return self.server.kernel(self.page.evaluate("lesson.context.sessionContext.session.kernel.id"))

    def problems(self):
        """Everything that went wrong so far, a text each: in the page, in cells and callbacks, in the server's log.

        Waits for the kernel to finish what it is at.
        """
        self._wait("idle()", ANSWER_SECONDS, "the kernel did not finish")
        return self._found()

    def _found(self):
        found = list(self._said)
        if self.page.evaluate("window.lesson !== undefined"):
            for number, cell in enumerate(self.page.evaluate("code()"), 1):
                found += [f"code cell {number}: {error}" for error in cell["errors"]]
                if cell["count"] is None:
                    found.append(f"code cell {number} did not run")
            found += [f"kernel: {error}" for error in self.page.evaluate("errors")]
        for selector in (".explorer-error", ".jupyter-widgets-error-widget", ".jp-Dialog", ".Toastify__toast--error"):
            found += [f"{selector}: {text}" for text in self.page.locator(selector).all_text_contents()]
        log = LEFT.sub("", self.server.log.read_text()[self._log_before:])
        found += [f"server: {line}" for line in re.findall(LOGGED, log, re.M)]
        return [problem for problem in found if not any(text in problem for text in HARMLESS)]


def has_count(locator, number):
    """Wait until so many elements are on the page; say whether they came."""
    from playwright.sync_api import expect

    try:
        expect(locator).to_have_count(number, timeout=ANSWER_SECONDS * 1000)
    except AssertionError:
        return False
    return True


# -- an explorer on the page ------------------------------------------------------------------------


class Explorer:
    """An explorer as the student meets it: `name` is its class, `box` playwright's locator."""

    def __init__(self, lesson, box):
        self.lesson, self.box = lesson, box
        self.name = next(name for name in reversed(box.get_attribute("class").split())
                         if not re.match(r"lm-|jupyter-|jp-|widget-|explorer$", name))

    def controls(self):
        """What can be moved, in the order of the page."""
        # A radio button belongs to its group, where arrows go from one to the next.
        found = self.box.locator(".noUi-handle, select, .widget-radio-box, input[type=checkbox]")
        return [Control(self, place) for place in found.all()]

    def button(self, label):
        return self.box.get_by_role("button", name=label, exact=True)

    def press(self, label):
        """Press a button with the keyboard, as soon as it can be pressed."""
        self.button(label).and_(self.lesson.page.locator(":enabled")).focus()
        self.lesson.page.keyboard.press("Enter")

    def error(self):
        """The error that it shows; empty if it shows none."""
        return " ".join(self.box.locator(".explorer-error").all_text_contents())

    def sentence(self):
        """The text below its pictures."""
        return " ".join(self.box.locator(".widget-html-content").all_text_contents()).strip()

    def wait_for_sentence(self, pattern):
        """Wait until the sentence has `pattern`, a regular expression; say whether it came."""
        from playwright.sync_api import TimeoutError

        try:
            self.box.locator(".widget-html-content", has_text=re.compile(pattern)).wait_for(
                timeout=ANSWER_SECONDS * 1000)
        except TimeoutError:
            return False
        return not self.error()

    def picture(self):
        """A text that stands for its pictures as they are now: equal texts are equal pictures, to the pixel."""
        return self._until("fingerprint(box)")

    def wait_for_picture(self, old):
        """Wait for a picture that is not `old`, or for an error; say whether the picture came."""
        came = self._until("""fingerprint(box).then(
            now => box.querySelector('.explorer-error') || now !== null && now !== old)""", old=old)
        return bool(came) and not self.error()

    def wait_for_return(self, first):
        """Wait for the picture `first` without an error; say whether it came."""
        return bool(self._until("fingerprint(box).then(now => now === first && !box.querySelector('.explorer-error'))",
                                first=first))

    def _until(self, expression, seconds=None, **arguments):
        """The value of a JavaScript `expression` of `box` and the `arguments`, or of its promise, once it is true.

        None if it is not within so many `seconds`.
        """
        return self.box.evaluate(f"""(box, {{milliseconds, {", ".join(arguments)}}}) =>
            until(() => {expression}, milliseconds)""", {
                **arguments, "milliseconds": 1000 * (seconds or ANSWER_SECONDS)})

    def watch(self):
        """Begin to time what follows a key; `answer` has the times."""
        self.watched = self.box.element_handle()  # to find it anew takes the page milliseconds, which would be counted
        self.watched.evaluate("box => watch(box)")

    def answer(self, what="shown", quiet=150, seconds=None):
        """Milliseconds from the last key press to its last new picture, or with "changed" to its last change at all.

        Waits until nothing has come for `quiet` milliseconds; None if nothing comes within so many `seconds`. The
        page's own clock measures.
        """
        return self.watched.evaluate(
            """(box, {what, quiet, milliseconds}) => until(() => box[what] !== null &&
                performance.now() - box.pressed - box[what] > quiet && box[what], milliseconds)""",
            {"what": what, "quiet": quiet, "milliseconds": 1000 * (seconds or ANSWER_SECONDS)})


class Control:
    """A slider, menu or group of radio buttons of an `Explorer`."""

    # What takes it to both ends, where it has ends, and off them again. JupyterLab keeps the arrows of radio buttons
    # for itself: they are gone through with Tab.
    KEYS = {"slider": ("Home", "ArrowRight", "End", "ArrowLeft"), "menu": ("Home", "ArrowDown", "End", "ArrowUp"),
            "radio": ("Tab Space", "Shift+Tab Space"), "checkbox": ("Space", "Space")}

    def __init__(self, explorer, place):
        self.explorer, self.place = explorer, place
        self.kind = place.evaluate("""place => place.matches('select') ? 'menu' : place.matches('input') ? 'checkbox' :
                                              place.matches('.noUi-handle') ? 'slider' : 'radio'""")
        self.label = place.evaluate("place => place.closest('.lm-Widget').querySelector('label')?.textContent")

    @property
    def keys(self):
        """Keys to `press` that move it well about."""
        return self.KEYS[self.kind]

    def value(self):
        """What it stands at, as the page says it."""
        return self.place.evaluate("""place => place.matches('.noUi-handle') ? place.getAttribute('aria-valuetext') :
            place.matches('select') ? place.value : place.matches('input') ? String(place.checked) :
            place.querySelector('input:checked')?.value ?? ''""")

    def press(self, keys):
        """Put the keyboard's focus on it and press `keys`, one after the other; say whether that changed its value."""
        before = self.value()
        if self.kind == "radio":
            chosen = self.place.locator("input:checked")
            (chosen if chosen.count() else self.place.locator("input").first).focus()
        else:
            self.place.focus()
        for key in keys.split():
            self.explorer.lesson.page.keyboard.press(key)
        return self.value() != before
