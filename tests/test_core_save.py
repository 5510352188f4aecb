"""`save` and `load`: the same bits come back, no pickle is involved, and no failure harms a file that is there."""

import errno
import functools
import itertools
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core_support import blobs, interrupt_at_line, learned, same
from mlp_core import HYPERPARAMETERS, NeuralNetMLP

X, Y = blobs(40, 4, 3, random_state=0)


def trained(dtype=np.float64, **settings):
    nn = NeuralNetMLP(**{"n_hidden": 5, "epochs": 3, "eta": 0.02, "minibatch_size": 7, "seed": 1} | settings)
    return nn.fit(X.astype(dtype), Y, X.astype(dtype), Y, progress=False)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_loaded_network_is_the_saved_one_to_the_bit(tmp_path, dtype):
    nn = trained(dtype, l2=0.1, dropout=0.2, shuffle=False)
    loaded = NeuralNetMLP.load(nn.save(tmp_path / "model.npz"))
    assert type(loaded) is NeuralNetMLP
    assert same(learned(loaded), learned(nn))
    assert loaded.eval_ == nn.eval_
    assert repr(loaded) == repr(nn)
    for a, b in zip(loaded._forward(X.astype(dtype)), nn._forward(X.astype(dtype))):
        assert_array_equal(a, b)
    assert_array_equal(loaded.predict(X), nn.predict(X))


@pytest.mark.parametrize("settings", [
    {"seed": None}, {"seed": 0}, {"seed": np.int64(5)}, {"seed": 2**32 - 1}, {"eta": 0.1 + 0.2}, {"l2": 1e-300},
    {"shuffle": np.bool_(False)}, {"eta": np.float64(0.1), "l2": np.float32(0.1), "dropout": np.float64(0.3)},
    {"n_hidden": np.int32(3), "epochs": np.uint8(2), "minibatch_size": np.int64(4)},
], ids=str)
def test_hyperparameters_come_back(tmp_path, settings):
    nn = trained(**settings)
    loaded = NeuralNetMLP.load(nn.save(tmp_path / "model.npz"))
    for name in HYPERPARAMETERS:
        assert getattr(loaded, name) == settings.get(name, getattr(nn, name)) and (
            type(getattr(loaded, name)) is type(getattr(nn, name)))


def test_hyperparameters_set_as_numpy_numbers_after_fit_are_saved_too(tmp_path):
    nn = trained()
    nn.epochs, nn.eta = np.int64(7), np.float32(0.5)
    loaded = NeuralNetMLP.load(nn.save(tmp_path / "model.npz"))
    assert (loaded.epochs, loaded.eta) == (7, 0.5)


def test_a_network_stopped_before_its_first_epoch_comes_back(tmp_path):
    nn = trained()
    nn._init_weights(4, 3)
    assert NeuralNetMLP.load(nn.save(tmp_path / "model.npz")).eval_ == {"cost": [], "train_acc": [], "valid_acc": []}


def test_a_loaded_network_trains_as_a_new_one_of_its_seed(tmp_path):
    loaded = NeuralNetMLP.load(trained().save(tmp_path / "model.npz"))
    assert same(learned(loaded.fit(X, Y, X, Y, progress=False)), learned(trained()))


def test_the_file_holds_plain_arrays_without_pickle(tmp_path):
    path = trained().save(tmp_path / "model.npz")
    with np.load(path, allow_pickle=False) as file:
        assert {file[name].dtype.kind for name in file.files} == {"f", "U"}


@pytest.mark.parametrize("name", ["model", "model.npz", "model.bin", "a.b.npz", ".hidden", "a space", "수학.npz"])
@pytest.mark.parametrize("kind", [Path, str])
def test_the_path_is_used_as_it_is(tmp_path, name, kind):
    path = kind(tmp_path / name)
    assert trained().save(path) == Path(path)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert_array_equal(NeuralNetMLP.load(path).predict(X), trained().predict(X))


def test_a_failing_save_keeps_the_old_file_and_leaves_no_litter(tmp_path, monkeypatch):
    path = trained().save(tmp_path / "model.npz")
    before = path.read_bytes()

    def full_disk(file, **arrays):
        file.write(b"half a file")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full_disk)
    monkeypatch.setattr(np, "savez", full_disk)
    with pytest.raises(OSError, match="No space left"):
        trained(seed=2).save(path)
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == before


def test_a_save_interrupted_at_any_line_leaves_one_whole_file(tmp_path):
    old, new = trained(), trained(seed=2)
    path, found = tmp_path / "model.npz", []
    for k in itertools.count(1):
        old.save(path)
        if not interrupt_at_line(k, lambda: new.save(path)):
            break
        assert list(tmp_path.iterdir()) == [path]
        found.append(NeuralNetMLP.load(path).seed)
    assert found == sorted(found) and set(found) == {1, 2}


def test_saving_into_a_folder_that_is_missing_names_it(tmp_path):
    with pytest.raises(FileNotFoundError,
                       match=r"there is no folder \S*no_such_folder, so model\.npz .*Make the folder"):
        trained().save(tmp_path / "no_such_folder" / "model.npz")


def test_a_relative_folder_is_named_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError, match=f"there is no folder {tmp_path / 'runs'}, "):
        trained().save("runs/model.npz")
    with pytest.raises(FileNotFoundError, match=f"there is no file {tmp_path / 'model.npz'}"):
        NeuralNetMLP.load("model.npz")


def test_saving_over_a_folder_is_refused(tmp_path):
    with pytest.raises(IsADirectoryError, match=f"{tmp_path} is a folder. Give the name of a file in it"):
        trained().save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_may_not_be_written_to_is_told_by_the_files_own_name(tmp_path, monkeypatch):
    path, nn = tmp_path / "model.npz", trained()

    def refuse(name, *args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied", str(name))

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(PermissionError) as caught:
        nn.save(path)
    assert str(caught.value) == f"{path} cannot be written (Permission denied)."


class Bomb:
    """Leaves a mark if it is ever unpickled."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def write_text(path):
    path.write_text("not a network")


def write_nothing(path):
    path.write_bytes(b"")


def write_npy(path):
    with open(path, "wb") as file:
        np.save(file, np.arange(3))


def write_other_npz(path):
    np.savez(path, w_h=np.ones((2, 2)))


def write_pickle(path):
    path.write_bytes(pickle.dumps(Bomb(path.with_name("exploded"))))


def write_npz_with_pickle(path):
    np.savez(path, hyperparameters=np.array([Bomb(path.with_name("exploded"))], dtype=object))


def make_folder(path):
    path.mkdir()


def write_truncated(path):
    trained().save(path)
    path.write_bytes(path.read_bytes()[:-100])


def write_damaged(path):
    trained().save(path)
    raw = bytearray(path.read_bytes())
    middle = len(raw) // 3
    raw[middle:middle + 40] = bytes(40)
    path.write_bytes(raw)


NO_NETWORK = r"is not a network written by save\(path\): "
REFUSED = {write_text: (ValueError, NO_NETWORK), write_npy: (ValueError, NO_NETWORK),
           write_other_npz: (ValueError, NO_NETWORK), write_pickle: (ValueError, NO_NETWORK),
           write_npz_with_pickle: (ValueError, NO_NETWORK),
           write_nothing: (ValueError, "is truncated or damaged .* Copy it again"),
           write_truncated: (ValueError, "is truncated or damaged .* Copy it again"),
           write_damaged: (ValueError, "is truncated or damaged .* Copy it again"),
           make_folder: (IsADirectoryError, "is a folder, not a file. Expected a network")}


@pytest.mark.parametrize("write", REFUSED, ids=lambda write: write.__name__)
def test_loading_anything_else_is_refused(tmp_path, write):
    path, (error, words) = tmp_path / "model.npz", REFUSED[write]
    write(path)
    with pytest.raises(error, match=rf"{path} {words}"):
        NeuralNetMLP.load(path)
    assert not (tmp_path / "exploded").exists()


def test_a_file_that_may_not_be_read_says_so(tmp_path, monkeypatch):
    path = trained().save(tmp_path / "model.npz")

    def refuse(self):
        raise PermissionError(errno.EACCES, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PermissionError) as caught:
        NeuralNetMLP.load(path)
    assert str(caught.value) == f"{path} cannot be read (Permission denied). Expected a network written by save(path)."


def test_loading_a_file_that_is_missing_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*model\.npz"):
        NeuralNetMLP.load(tmp_path / "model.npz")


def test_saving_an_untrained_network_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"no weights yet.*fit"):
        NeuralNetMLP().save(tmp_path / "model.npz")
    assert list(tmp_path.iterdir()) == []


def test_provenance_comes_back(tmp_path):
    origin = {"data": "the digits", "sha256": {"a.gz": "00ff"}, "numpy": np.__version__, "test_acc": 0.9754}
    assert NeuralNetMLP.load(trained().save(tmp_path / "model.npz", origin)).provenance == origin
    assert NeuralNetMLP.load(trained().save(tmp_path / "model.npz")).provenance == {}


def test_a_file_without_provenance_loads(tmp_path):
    path = trained().save(tmp_path / "model.npz")
    with np.load(path) as file:
        older = {name: file[name] for name in file.files if name != "provenance"}
    np.savez_compressed(path, **older)
    assert NeuralNetMLP.load(path).provenance == {}


DEEP = functools.reduce(lambda inner, _: [inner], range(100_000), [])


@pytest.mark.parametrize("provenance, words", [
    ("MNIST", "is a str"), ([1], "is a list"), ({"dtype": np.float32}, "cannot be written as JSON"),
    ({(1, 2): 3}, "cannot be written as JSON"), ({1: 2}, r"cannot be written as JSON \(the key 1 is a int, not a text"),
    ({"a": [{"b": {None: 2}}]}, ".*the key None is a NoneType"), ({1: "a", "1": "b"}, ".*the key 1 is a int"),
    ({"deep": DEEP}, "cannot be written as JSON")],
                         ids=["text", "list", "type", "tuple", "int", "None", "both", "deep"])
def test_provenance_must_be_plain_and_a_refusal_writes_nothing(tmp_path, provenance, words):
    path = trained().save(tmp_path / "model.npz")
    before = path.read_bytes()
    with pytest.raises(TypeError, match=f"provenance {words}.*expected a dict"):
        trained().save(path, provenance)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name, value, words", [
    ("w_h", np.full((4, 5), np.nan), "holds nan; expected finite numbers"),
    ("b_out", np.array([0, -np.inf, 0]), "holds -inf; expected finite numbers"),
    ("w_out", np.zeros((5, 2)), r"is float64 of shape \(5, 2\); expected floats of shape \(5, 3\)"),
    ("b_h", [0, 0, 0, 0, 0], r"is int\d+ of shape")])
def test_weights_that_could_not_be_loaded_are_not_saved(tmp_path, name, value, words):
    path, nn = trained().save(tmp_path / "model.npz"), trained()
    before = path.read_bytes()
    setattr(nn, name, value)
    with pytest.raises(ValueError, match=f"{name} {words}"):
        nn.save(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_networks_saved_at_once_under_names_that_begin_alike_are_all_there(tmp_path):
    networks = [trained() for _ in range(8)]
    paths = [tmp_path / f"{'long' * 15}{number}.npz" for number in range(8)]
    threads = [threading.Thread(target=nn.save, args=(path,)) for nn, path in zip(networks, paths)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    for path in paths:
        NeuralNetMLP.load(path)


@pytest.mark.parametrize("name, value", [
    ("w_out", np.zeros((2, 3))), ("w_h", np.zeros(4)), ("w_h", np.array([["a"]])), ("b_out", np.array([np.nan, 0.0])),
    ("b_h", np.zeros(99)), ("eval_cost", np.zeros(99)), ("trained_with", "null")])
def test_weights_that_do_not_belong_together_are_refused(tmp_path, name, value):
    path = trained().save(tmp_path / "network.npz")
    with np.load(path) as file:
        arrays = dict(file)
    np.savez(path, **arrays | {name: value})
    with pytest.raises(ValueError, match="is not a network written by save"):
        NeuralNetMLP.load(path)
