"""Fetch the four original MNIST files, 11.6 MB, for load_mnist("full").

    python data/download.py

They go to the folder that MNIST_DIR names (a relative one is meant from the folder of the course, not from where
this is started), else to data/mnist/. A file that is there and right is left
alone, so a second run does nothing; a file gets its name only when it is complete and its SHA-256 is right.
"""

import argparse
import errno
import sys
import tempfile
import time
from pathlib import Path

import pooch
from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the core beside it, whatever else is installed
from mlp_core import DATA, mnist_folder

MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
CHECKSUMS = dict(line.split() for line in (DATA / "mnist_checksums.txt").read_text().splitlines())
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
MIN_SPEED = 1000  # bytes a second; a mirror that stays below it is given up


class ProgressBar(tqdm):
    """A bar for pooch to drive, which also gives up on a server that only trickles."""

    def __init__(self, name, timeout):
        self.started, self.received, self.timeout = time.monotonic(), 0, timeout
        # Without the rate: pooch redraws the whole bar when it is done, which would look like gigabytes a second.
        super().__init__(desc=name, unit="B", unit_scale=True, disable=None,
                         bar_format="{desc:<28}{percentage:3.0f}% |{bar:30}| {n_fmt}/{total_fmt}")

    def __bool__(self):
        return True  # pooch asks whether there is a bar; that of tqdm needs a total, unknown before the answer

    def update(self, n=1):
        self.received += n
        seconds = time.monotonic() - self.started
        # The timeout of a connection starts anew with every byte.
        if seconds > self.timeout and self.received < MIN_SPEED * seconds:
            raise TimeoutError(f"too slow, {self.received:,} bytes in {seconds:.0f} s")
        return super().update(n)


def download(folder, mirrors=MIRRORS, timeout=20):
    """Fetch what is missing or wrong in `folder`; return the names of the files fetched.

    A mirror is the address of a web folder with the four files. When one fails, for whatever reason or
    because it sent nothing for `timeout` seconds, the next is tried. Raises OSError if none has a file
    (what was there before is then untouched) or if the file cannot be written.
    """
    folder, fetched, failures = Path(folder).absolute(), [], dict.fromkeys(mirrors, 0)
    for name, checksum in CHECKSUMS.items():
        if _is_original(folder / name, checksum):
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # In the same folder, so that the last step is a rename, which is all or nothing.
            with tempfile.TemporaryDirectory(prefix=".download-", dir=folder) as scratch:
                _fetch_from_any(failures, folder / name, checksum, Path(scratch) / name, timeout)
        except OSError as error:
            if error.errno in DISK_FULL:
                raise OSError(f"the disk of {folder} is full. Free 12 MB there, or set MNIST_DIR to a folder on "
                              "another disk, and run this again.") from error
            if error.errno is None:
                raise  # in words already
            raise OSError(f"{folder} cannot be written to ({error.strerror}: {error.filename}). Set MNIST_DIR to a "
                          "folder of yours, and run this again.") from error
        fetched.append(name)
    return fetched


def _fetch_from_any(failures, path, checksum, unfinished, timeout):
    """Try the mirrors, those that have failed least first."""
    answers = []
    for mirror in sorted(failures, key=failures.get):
        url = f"{mirror.rstrip('/')}/{path.name}"
        try:
            return _fetch(url, path, checksum, unfinished, timeout)
        except Exception as error:
            if getattr(error, "errno", None) in DISK_FULL:
                raise  # no other mirror can help
            if _is_original(path, checksum):
                return  # another run has just put it there, and Windows may refuse to replace it while it is read
            failures[mirror] += 1
            answers.append(f"  {url}\n    {error}")
            print(f"{mirror} failed ({type(error).__name__}).", file=sys.stderr)
    raise OSError("\n".join([f"no mirror gave {path.name}:", *answers,
                             "Check the connection (a proxy, a sign-in page?) and run this again. Or fetch the file "
                             f"with a browser and put it, still gzipped, into {path.parent}."]))


def _fetch(url, path, checksum, unfinished, timeout):
    with ProgressBar(path.name, timeout) as bar:
        pooch.HTTPDownloader(progressbar=bar, timeout=timeout)(url, unfinished, None)
    if not _is_original(unfinished, checksum):
        raise ValueError(f"sent {unfinished.stat().st_size:,} bytes that are not the original file: their SHA-256 is "
                         f"{pooch.file_hash(unfinished)}; expected {checksum}")
    unfinished.replace(path)


def _is_original(path, checksum):
    return path.is_file() and pooch.file_hash(path) == checksum


def main():
    parser = argparse.ArgumentParser(description="Fetch the four original MNIST files, 11.6 MB, into the folder that "
                                                 "MNIST_DIR names, else into data/mnist/.")
    parser.add_argument("--mirror", action="append", metavar="URL",
                        help="a web folder to fetch them from instead, e.g. in your school; may be repeated")
    mirrors = parser.parse_args().mirror or MIRRORS
    try:
        folder = mnist_folder()
        fetched = download(folder, mirrors)
    except KeyboardInterrupt:
        sys.exit("Interrupted. Run this again to go on; complete files are kept.")
    except (OSError, ValueError) as error:
        sys.exit(f"Error: {error}")
    print(f"{folder} has all four files" + (f"; fetched {len(fetched)}." if fetched else " already."))


if __name__ == "__main__":
    main()
