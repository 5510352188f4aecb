"""A hub for a class, for real: JupyterHub on this machine alone, two students who follow nbgitpuller's link.

`pytest -m hub` installs what docs/classroom.md names into an environment of its own, and the hub's proxy from npm. Each
student logs in, follows the teacher's link in Chromium, and runs lesson 1 to the bottom, both at the same time. The
hub, its proxy, the students' servers and their kernels end with the test.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import psutil
import pytest

from tools import browser

ROOT = Path(__file__).resolve().parent.parent
STUDENTS = "ada", "carl"
PASSWORD = "digits"
INSTALL_SECONDS, WAIT_SECONDS = 600, 120

CONFIG = """\
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.JupyterHub.db_url = "sqlite://"
c.JupyterHub.cookie_secret_file = {secret!r}
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.pid_file = {pid!r}
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.Authenticator.allowed_users = {students!r}
c.JupyterHub.spawner_class = "simple"  # every server as the user who runs the test
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
c.Spawner.environment = {environment!r}
c.Spawner.start_timeout = c.Spawner.http_timeout = 120  # two servers start at once, on what else the machine is at
"""

pytestmark = [pytest.mark.hub,
              pytest.mark.skipif(browser.missing() is not None, reason=f"no hub is opened: {browser.missing()}")]


def install(*command):
    """Run a command that fetches packages; skip the test, in words, where it cannot."""
    try:
        result = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        pytest.skip(f"the hub cannot be installed here: {error}")
    if result.returncode:
        pytest.skip(f"the hub cannot be installed here: {result.stderr[-1000:]}")


def copy_of_the_course(folder):
    """A repository of git with the course as it is here now; what nbgitpuller's link names."""
    ignore = shutil.ignore_patterns(".git", "mnist", "__pycache__", ".*_cache", ".venv", "*.egg-info")
    shutil.copytree(ROOT, folder, ignore=ignore)
    name = ["-c", "user.name=Teacher", "-c", "user.email=teacher@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "--all"], [*name, "commit", "-q", "-m", "The course"]):
        subprocess.run(["git", "-C", str(folder), *command], check=True)
    return folder


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A running hub, as tools.browser has servers; its `folder` holds the students' homes and the course."""
    folder = tmp_path_factory.mktemp("hub")
    scripts = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    packages = [line for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
                if not line.startswith(("#", "-e"))]
    install(sys.executable, "-m", "venv", folder / "env")
    install(scripts / "python", "-m", "pip", "install", "-q", "jupyterhub", "nbgitpuller",
            *(line.split("#")[0].strip() for line in packages if line.strip()))
    install("npm", "install", "--no-audit", "--no-fund", "--prefix", folder / "proxy", "configurable-http-proxy")
    copy_of_the_course(folder / "digits")
    port, hub_port, api = (browser.free_port() for _ in range(3))
    for student in STUDENTS:
        (folder / "homes" / student).mkdir(parents=True)
    config = folder / "jupyterhub_config.py"
    config.write_text(CONFIG.format(
        port=port, hub=hub_port, api=api, secret=str(folder / "secret"), pid=str(folder / "proxy.pid"),
        proxy=str(folder / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"), password=PASSWORD,
        students=set(STUDENTS), homes=str(folder / "homes" / "{username}"),
        environment={"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": ""}), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items()
                   if name != "PYTHONPATH" and not name.startswith(("JUPYTER", "IPYTHON", "OPENBLAS"))}
    environment |= {"PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    log = folder / "hub.log"
    with open(log, "wb") as output:
        process = psutil.Popen([str(scripts / "jupyterhub"), "-f", str(config)], cwd=folder, stdout=output,
                               stderr=output, env=environment)
    try:
        running = browser.Server(f"http://127.0.0.1:{port}", "", process, log)
        wait_for(running)
        running.folder = folder
        yield running
    finally:
        family = [process, *process.children(recursive=True)]
        browser.end(process)
        psutil.wait_procs(family, timeout=10)
        for name in "env", "proxy":
            shutil.rmtree(folder / name, ignore_errors=True)


def wait_for(hub):
    end = time.monotonic() + browser.START_SECONDS
    while hub.process.poll() is None and time.monotonic() < end:
        with contextlib.suppress(urllib.error.URLError), urllib.request.urlopen(f"{hub.url}/hub/health", timeout=5):
            return
        time.sleep(0.2)
    raise RuntimeError(f"the hub did not start. Its log:\n{hub.log.read_text()}")


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser.command_of("chromium"), args=browser.SWITCHES)
        yield opened
        opened.close()


def follow_the_link(hub, page, student):
    """Log in with the teacher's link, and wait until JupyterLab shows the lesson that it leads to."""
    link = urlencode({"repo": (hub.folder / "digits").as_uri(), "branch": "main",
                      "urlpath": "lab/tree/digits/notebooks/01_data_loading.ipynb"})
    page.goto(f"{hub.url}/hub/user-redirect/git-pull?{link}")
    page.locator("input[name=username]").fill(student)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("#login_submit").click()
    page.wait_for_url("**/lab/tree/digits/notebooks/01_data_loading.ipynb**", timeout=1000 * WAIT_SECONDS)


def test_two_students_run_lesson_1_at_the_same_time(hub, chromium):
    lessons = []
    for student in STUDENTS:
        page_of = browser.Browser(hub, chromium.new_context(viewport={"width": 1300, "height": 1000}))
        page = page_of.context.new_page()
        page.set_default_timeout(1000 * WAIT_SECONDS)
        follow_the_link(hub, page, student)
        server = browser.Server(f"{hub.url}/user/{student}", "", hub.process, hub.log)
        lessons.append(browser.Lesson(server, page, "digits/notebooks/01_data_loading"))
    for lesson in lessons:
        lesson.page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
        lesson.page.evaluate("() => { run('notebook:run-all-cells') }")
    for lesson in lessons:
        lesson.page.wait_for_function("idle()", timeout=1000 * browser.RUN_SECONDS)
        assert lesson.problems() == []
        assert lesson.explorers(), "no explorer is on the page"
    homes = [hub.folder / "homes" / student / "digits" / "mlp_core.py" for student in STUDENTS]
    assert [home for home in homes if not home.exists()] == [], "nbgitpuller did not fetch the course"
