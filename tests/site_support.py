"""The built site as a visitor meets it: served from this machine, in a Chromium that reaches no other host."""

import contextlib
import functools
import html
import http.server
import json
import os
import re
import threading
import types
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools import browser

# Reaches workers too, which a page's own routes do not.
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@contextlib.contextmanager
def served(folder):
    """The address at which the files of `folder` are served as long as the block lasts."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def chromium():
    """A Chromium that finds no host but this machine."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser.command_of("chromium"),
                                            args=[*browser.SWITCHES, ALONE])
        try:
            yield opened
        finally:
            opened.close()


class Visit:
    """A page of the site at `address`, and what went wrong on it: `problems`, a text each."""

    def __init__(self, context, address):
        self.page, self.problems, own = context.new_page(), [], "{0.scheme}://{0.netloc}/".format(urlsplit(address))
        self.page.on("pageerror", lambda error: self.problems.append(f"page: {error}"))
        self.page.on("console", lambda message: message.type in ("error", "warning")
                     and self.problems.append(f"console: {message.text}"))
        self.page.on("request", lambda request: request.url.startswith((own, "data:", "blob:"))
                     or self.problems.append(f"leaves the site for {request.url}"))
        self.page.goto(address)
        self.page.evaluate("window.MathJax?.startup?.promise")
        # Pictures further down come when they are seen.
        self.page.evaluate("document.querySelectorAll('img').forEach(img => img.loading = 'eager')")
        self.page.wait_for_function("[...document.images].every(img => img.complete)")
        self.problems += self.page.evaluate("""[...document.images].filter(img => !img.naturalWidth)
            .map(img => `no picture at ${img.src}`)""")

    def too_wide(self, width):
        """How many pixels the page is wider than a window of `width`, and what sticks out."""
        self.page.set_viewport_size({"width": width, "height": 900})
        return self.page.evaluate("""() => {
            const extra = document.documentElement.scrollWidth - innerWidth;
            return extra <= 0 ? [] : [`${extra} pixels wider than ${innerWidth}`];
        }""")

    def unreadable(self, axe):
        """What axe-core, the script at `axe`, finds serious or critical."""
        self.page.evaluate(axe.read_text(encoding="utf-8"))
        return self.page.evaluate("""() => axe.run(document, {resultTypes: ['violations']}).then(({violations}) =>
            violations.filter(({impact}) => ['serious', 'critical'].includes(impact)).map(({id, nodes}) =>
                `${id}: ${nodes.map(({html, any}) => html.slice(0, 120) + ' ' + (any[0]?.message ?? ''))[0]}` +
                ` (${nodes.length} places)`))""")


class Links(HTMLParser):
    """What a page points to, as `targets`, and the places in it that can be pointed to, as `anchors`.

    Besides its `language`, and its `switch`: other language -> where it leads, and what it says.
    """

    def __init__(self, path):
        super().__init__()
        self.targets, self.anchors, self.language, self.switch = [], {""}, "", {}
        self._switching, self._into = False, None
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.language = self.language or given.get("lang", "")
        self._switching = self._switching or tag == "nav" and given.get("class") == "languages"
        if self._switching and tag == "a":
            self._into = given["hreflang"]
            self.switch[self._into] = (given["href"], "")
        for name, value in attrs:
            if name in ("href", "src") and tag != "base":
                self.targets.append(value)
            if name == "id":
                self.anchors.add(value)

    def handle_endtag(self, tag):
        self._switching = self._switching and tag != "nav"
        self._into = self._into if tag != "a" else None

    def handle_data(self, data):
        if self._into:
            href, said = self.switch[self._into]
            self.switch[self._into] = href, said + data


@functools.cache
def links_of(path):
    return Links(path)


def dead_links(folder):
    """The links within the site in `folder` that lead nowhere, a text each."""
    dead = []
    for path in pages_of(folder):
        for target in links_of(path).targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            aim = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            aim = aim / "index.html" if aim.is_dir() else aim
            where = f"{path.relative_to(folder)} -> {target}"
            if not aim.is_file():
                dead.append(where)
            elif aim.suffix == ".html" and parts.fragment and "live" not in aim.relative_to(folder).parts \
                    and unquote(parts.fragment) not in links_of(aim).anchors:
                dead.append(where)
    return dead


def missing_switches(folder, languages):
    """What is wrong with the switches of the site in `folder`, which has `languages`: a text each."""
    folder, wrong = Path(folder).resolve(), []
    pages = {page.relative_to(folder).as_posix(): links_of(page) for page in map(Path.resolve, pages_of(folder))}
    for name, page in pages.items():
        for language in set(languages) - {page.language}:
            href, said = page.switch.get(language, ("", ""))
            aim = Path(os.path.normpath((folder / name).parent / href)) if href else folder / "none"
            other = pages.get(aim.relative_to(folder).as_posix())
            if other is None or other.language != language:
                wrong.append(f"{name}: no page in {language}, {href!r}")
            elif "(" in said:  # it says that it leads to what is nearest
                same = place_of(name, page.language)
                wrong += [f"{name}: {there} is the same in {language}" for there, found in pages.items()
                          if found.language == language and place_of(there, language) == same]
            elif place_of(name, page.language) != place_of(aim.relative_to(folder).as_posix(), language):
                wrong.append(f"{name}: leads to {href}, which is another page")
    return wrong


def place_of(name, language):
    """What a page is about, whatever its language: its place without the folder of that."""
    return "/".join(part for part in name.split("/") if part != language)


THEME_WORDS = r"""() => {
    const own = [...document.querySelectorAll('body *')].filter(element =>
        !element.closest('article, script, style, svg, .languages, .sidebar-tree a, .toc-tree, .title'));
    const texts = own.flatMap(element => [...element.childNodes]).filter(node => node.nodeType === 3)
        .map(node => node.data);
    const named = own.flatMap(element => ['aria-label', 'placeholder', 'title'].map(
        name => element.getAttribute(name)));
    return [...texts, ...named].filter(Boolean).map(text => text.trim().replace(/\s+/g, ' '))
        .filter(text => /\p{L}/u.test(text));
}"""


def pages_of(folder):
    """The pages of the site in `folder`; those of JupyterLite, in `live`, are a program's."""
    return [path for path in sorted(Path(folder).rglob("*.html"))
            if path.relative_to(folder).parts[0] not in ("live", "_static")]


def weight(path):
    """Bytes of a page and of its pictures."""
    pictures = {(path.parent / target).resolve() for target in links_of(path).targets if re.search(r"\.png$", target)}
    return path.stat().st_size + sum(picture.stat().st_size for picture in pictures)


def alt_of(output):
    """The alternative text of the picture in a text/html output."""
    return html.unescape(re.search(r'<img alt="([^"]*)"', output).group(1))


class LiveLesson(browser.Lesson):
    """A lesson that runs in the browser's own Python; what can be done with it is what can be done in JupyterLab."""

    def __init__(self, address, page, name):
        silent = types.SimpleNamespace(read_text=lambda: "")  # there is no server that could log anything
        super().__init__(types.SimpleNamespace(url=address, log=silent), page, name)

    def _open(self):
        self.page.goto(f"{self.server.url}/live/lab/index.html?path={self.name}.ipynb")
        self._wait("window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel",
                   browser.OPEN_SECONDS, "the kernel did not start")
        self.page.evaluate("listen()")

    def outputs(self):
        """For each code cell its outputs, as a saved notebook has them."""
        return self.page.evaluate("""lesson.content.widgets.filter(cell => cell.model.type === 'code')
                                                           .map(cell => cell.model.outputs.toJSON())""")


def texts(outputs):
    """All that a cell has written, without pixels: a text for each stream, the texts of each result, each error.

    A stream is what it leaves on the page: of a line that is written anew, its last state. int64 stands for int32 too:
    in the browser np.intp, the integers of labels and places, has 32 bits.
    """
    streams, results = {}, []
    for output in outputs:
        if output["output_type"] == "stream":
            streams[output["name"]] = streams.get(output["name"], "") + output["text"]
        elif output["output_type"] == "error":
            results.append(f"{output['ename']}: {output['evalue']}")
        else:
            kinds = {kind: text for kind, text in output["data"].items() if kind.startswith("text/")}
            results += [kinds] if kinds else []  # a live widget has none
    streams = {name: re.sub(r"[^\n]*\r(?!\n)", "", text).rstrip() for name, text in streams.items()}
    return json.loads(re.sub(r"base64,[A-Za-z0-9+/=]*", "", json.dumps([streams, results])).replace("int32", "int64"))
