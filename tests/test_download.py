"""data/download.py against a real HTTP server on this machine that serves the real files and misbehaves on request."""

import errno
import importlib.util
import io
import os
import shutil
import socket
import stat
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "data" / "download.py"
TIMEOUT = 0.5  # seconds without a byte after which the tests give a mirror up
PATIENCE = 6  # seconds for which the mirrors that stall do so


class Mirror(ThreadingHTTPServer):
    """A server of the folder `files`. The first part of an address says how it is served: /good/name, /404/name, ..."""

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files, self.asked, self.closing = files, [], threading.Event()
        self.both_here = threading.Barrier(2, timeout=10)

    def url(self, behaviour):
        return f"http://127.0.0.1:{self.server_port}/{behaviour}/"

    def handle_error(self, request, client_address):
        """Say nothing: a client that hangs up is part of these tests."""


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        behaviour, name = self.path.strip("/").split("/")
        serve = getattr(self, f"serve_{behaviour}", None)
        if serve:
            serve(name, (self.server.files / name).read_bytes())
        else:
            self.send_error(int(behaviour))

    def start(self, length):
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def serve_good(self, name, content):
        self.start(len(content))
        self.wfile.write(content)

    def serve_wrong(self, name, content):
        self.serve_good(name, content[:-1] + bytes([content[-1] ^ 1]))

    def serve_page(self, name, content):
        self.serve_good(name, b"<!DOCTYPE html><title>Please sign in</title>")

    def serve_short(self, name, content):
        self.serve_good(name, content[:len(content) // 2])

    def serve_truncated(self, name, content):
        self.start(len(content))
        self.wfile.write(content[:len(content) // 2])

    def serve_cut(self, name, content):
        self.serve_truncated(name, content)
        self.wfile.flush()
        # Lingering for no time makes close send a reset in place of a proper end.
        no_time = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)
        self.connection.close()

    def serve_hangup(self, name, content):
        self.connection.shutdown(socket.SHUT_RDWR)

    # The next three get there in the end: a client that is too patient passes for one that has fetched the file.

    def serve_silent(self, name, content):
        if not self.server.closing.wait(PATIENCE):
            self.serve_good(name, content)

    def serve_stall(self, name, content):
        self.serve_truncated(name, content)
        if not self.server.closing.wait(PATIENCE):
            self.wfile.write(content[len(content) // 2:])

    def serve_trickle(self, name, content):
        self.start(len(content))
        n = int(400 * PATIENCE)
        for start in range(0, n, 20):  # 400 bytes a second, and never TIMEOUT without one
            self.wfile.write(content[start:start + 20])
            if self.server.closing.wait(0.05):
                return
        self.wfile.write(content[n:])

    def serve_redirect(self, name, content):
        self.send_response(302)
        self.send_header("Location", f"/good/{name}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def serve_together(self, name, content):
        """Stop half-way through the first file until two clients are there."""
        self.serve_truncated(name, content)
        if name == self.server.asked[0].split("/")[-1]:
            self.server.both_here.wait()
        self.wfile.write(content[len(content) // 2:])

    def log_message(self, *args):
        pass


@pytest.fixture
def mirror(mnist_dir, monkeypatch):
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1")
    with Mirror(mnist_dir) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.closing.set()
        server.shutdown()


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("download", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def folder(tmp_path):
    """Where to download to; it does not exist yet."""
    return tmp_path / "some" / "mnist"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


BAD = {  # how a mirror fails, and a word of what the user reads
    "404": "404 Client Error",
    "500": "500 Server Error",
    "503": "503 Server Error",
    "wrong": "1,648,877 bytes that are not the original file.*expected 8d422c7b",
    "page": "sent 44 bytes that are not the original file",
    "short": "sent 824,438 bytes that are not the original file",
    "truncated": "IncompleteRead|sent 824,438 bytes that are not",  # before urllib3 2 only the checksum tells
    "cut": "reset|forcibly closed",
    "hangup": "closed connection|reset|forcibly closed",
    "silent": "timed out",
    "stall": "timed out",
    "trickle": r"too slow, [\d,]+ bytes in \d+ s",
}


@pytest.mark.parametrize("behaviour", ["good", "redirect"])
def test_fetches_the_four_files(script, mirror, mnist_dir, folder, behaviour):
    assert sorted(script.download(folder, [mirror.url(behaviour)])) == sorted(contents(mnist_dir))
    assert contents(folder) == contents(mnist_dir)


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_mirror_is_followed_by_a_good_one(script, mirror, mnist_dir, folder, bad):
    script.download(folder, [mirror.url(bad), mirror.url("good")], TIMEOUT)
    assert contents(folder) == contents(mnist_dir)
    # The mirror that failed is asked once, not once a file.
    assert [path.split("/")[1] for path in mirror.asked] == [bad] + ["good"] * 4


@pytest.mark.parametrize("bad", BAD)
def test_bad_mirrors_alone_leave_nothing_behind(script, mirror, folder, bad):
    first = next(iter(script.CHECKSUMS))
    message = rf"no mirror gave {first}:\n(.*\n)+Check the connection.*with a browser"
    with pytest.raises(OSError, match=message) as caught:
        script.download(folder, [mirror.url(bad)], TIMEOUT)
    assert list(folder.iterdir()) == []
    assert caught.match(rf"{mirror.url(bad)}{first}\n    .*({BAD[bad]})")


def test_the_error_tells_what_every_mirror_said(script, mirror, folder):
    message = r"/404/(.|\n)*404(.|\n)*/500/(.|\n)*500(.|\n)*127\.0\.0\.1:1/(.|\n)*(refused|timed out)"
    with pytest.raises(OSError, match=message):
        script.download(folder, [mirror.url("404"), mirror.url("500"), "http://127.0.0.1:1/"], TIMEOUT)


def test_files_that_arrived_before_a_failure_are_kept(script, mirror, mnist_dir, folder, monkeypatch):
    last = list(script.CHECKSUMS)[-1]
    monkeypatch.setitem(script.CHECKSUMS, last, "0" * 64)
    with pytest.raises(OSError, match=f"no mirror gave {last}"):
        script.download(folder, [mirror.url("good")])
    assert contents(folder) == {name: raw for name, raw in contents(mnist_dir).items() if name != last}


def test_a_second_run_asks_nothing(script, mirror, folder):
    script.download(folder, [mirror.url("good")])
    mirror.asked.clear()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    assert script.download(folder, [mirror.url("good")]) == []
    assert mirror.asked == []
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def test_only_what_is_missing_or_wrong_is_fetched(script, mirror, mnist_dir, folder):
    script.download(folder, [mirror.url("good")])
    missing, wrong = list(script.CHECKSUMS)[1:3]
    (folder / missing).unlink()
    (folder / wrong).write_bytes(b"wrong")
    mirror.asked.clear()
    assert script.download(folder, [mirror.url("good")]) == [missing, wrong]
    assert mirror.asked == [f"/good/{missing}", f"/good/{wrong}"]
    assert contents(folder) == contents(mnist_dir)


@pytest.mark.parametrize("bad", ["404", "wrong", "cut"])
def test_a_wrong_file_outlives_a_failed_download(script, mirror, folder, bad):
    folder.mkdir(parents=True)
    (folder / next(iter(script.CHECKSUMS))).write_bytes(b"somebody's work")
    with pytest.raises(OSError, match="no mirror gave"):
        script.download(folder, [mirror.url(bad)], TIMEOUT)
    assert list(contents(folder).values()) == [b"somebody's work"]


def test_a_file_can_be_read_by_those_who_may_read_new_files(script, mirror, folder, tmp_path):
    """A teacher fetches for a class: the files must not keep the private mode of a temporary file."""
    script.download(folder, [mirror.url("good")])
    (tmp_path / "new").touch()
    expected = stat.S_IMODE((tmp_path / "new").stat().st_mode)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {expected}


def test_an_interrupt_leaves_nothing_behind(script, mirror, folder, monkeypatch):
    def interrupt(bar, n=1):
        (unfinished,) = folder.rglob("*.gz")  # on the same disk, so that the last step is a rename, but out of the way
        assert unfinished.parent != folder
        raise KeyboardInterrupt

    monkeypatch.setattr(script.ProgressBar, "update", interrupt)
    with pytest.raises(KeyboardInterrupt):
        script.download(folder, [mirror.url("good"), mirror.url("good")])
    assert list(folder.iterdir()) == [] and len(mirror.asked) == 1


# -- a full disk ------------------------------------------------------------------------------------


def test_a_full_disk_is_said_and_no_other_mirror_is_tried(script, mirror, folder, monkeypatch):
    class FullDisk(io.FileIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pooch.downloaders, "open", lambda path, mode: FullDisk(path, "w"), raising=False)
    with pytest.raises(OSError, match="the disk of .*mnist is full. Free 12 MB there, or set MNIST_DIR"):
        script.download(folder, [mirror.url("good"), mirror.url("redirect")])
    assert list(folder.iterdir()) == [] and len(mirror.asked) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 1 MB, where the system lets the tests mount one."""
    if not sys.platform.startswith("linux") or not shutil.which("mount"):
        pytest.skip("needs Linux to mount a small tmpfs")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)],
                             capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"needs the right to mount a small tmpfs: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_really_full(script, mirror, small_disk):
    with pytest.raises(OSError, match="the disk of .*disk is full"):
        script.download(small_disk, [mirror.url("good"), mirror.url("redirect")])
    assert list(small_disk.iterdir()) == [] and len(mirror.asked) == 1


# -- the command ------------------------------------------------------------------------------------


def start(folder, *args):
    env = dict(os.environ, MNIST_DIR=str(folder), PYTHONIOENCODING="utf-8")
    return subprocess.Popen([sys.executable, str(SCRIPT), *args], env=env, text=True, encoding="utf-8",
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def run(folder, *args):
    process = start(folder, *args)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_command_succeeds_then_has_nothing_to_do(mirror, mnist_dir, folder):
    arguments = "--mirror", mirror.url("404"), "--mirror", mirror.url("good")
    assert run(folder, *arguments) == (0, f"{folder} has all four files; fetched 4.\n",
                                       f"{mirror.url('404')} failed (HTTPError).\n")
    assert contents(folder) == contents(mnist_dir)
    assert run(folder, *arguments) == (0, f"{folder} has all four files already.\n", "")


def test_command_fails_with_a_message_and_no_traceback(mirror, folder):
    code, out, err = run(folder, "--mirror", mirror.url("404"))
    assert (code, out) == (1, "")
    assert "Error: no mirror gave" in err and "404" in err and "Traceback" not in err


def test_command_says_what_it_cannot_write_to(mirror, tmp_path):
    (tmp_path / "file").touch()
    code, out, err = run(tmp_path / "file", "--mirror", mirror.url("good"))
    assert code == 1 and str(tmp_path / "file") in err and "Traceback" not in err


def test_command_explains_itself():
    code, out, err = run("", "--help")
    assert (code, err) == (0, "") and "MNIST_DIR" in out and "--mirror URL" in out


def test_two_at_once_do_no_harm(mirror, mnist_dir, folder):
    both = [start(folder, "--mirror", mirror.url("together")) for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=60)
        assert (process.returncode, err) == (0, "")
    assert not mirror.both_here.broken  # they did overlap
    assert contents(folder) == contents(mnist_dir)


def test_without_mnist_dir_the_files_go_to_data(script, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(script, "download", lambda folder, mirrors: seen.append((folder, mirrors)) or ["name"])
    monkeypatch.setattr(sys, "argv", ["download.py"])
    for value in (None, ""):
        monkeypatch.delenv("MNIST_DIR", raising=False) if value is None else monkeypatch.setenv("MNIST_DIR", value)
        script.main()
    assert seen == [(SCRIPT.parent / "mnist", script.MIRRORS)] * 2
    assert all(url.startswith("https://") and url.endswith("/mnist/") for url in script.MIRRORS)


def test_data_mnist_is_never_committed():
    assert "data/mnist/" in (SCRIPT.parents[1] / ".gitignore").read_text().split()
