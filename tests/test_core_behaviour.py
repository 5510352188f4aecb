"""What `fit`, `fit_epochs` and `predict` do beyond their figures: steps, random stream, dtype, memory, output."""

import ast
import copy
import io
import itertools
import re
import sys
import tokenize
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

import mlp_core
from core_support import WEIGHTS, blobs, learned, same, state
from mlp_core import HYPERPARAMETERS, Diverged, NeuralNetMLP, load_mnist

X, Y = blobs(30, 4, 3, random_state=0)
X_VALID, Y_VALID = blobs(12, 4, 3, random_state=1)
SETTINGS = {"n_hidden": 5, "l2": 0.1, "epochs": 4, "eta": 0.02, "minibatch_size": 7, "seed": 1}


def trained(data=(X, Y, X_VALID, Y_VALID), **settings):
    return NeuralNetMLP(**SETTINGS | settings).fit(*data, progress=False)


# ---- the module as a text ------------------------------------------------------------------------

SOURCE = Path(mlp_core.__file__).read_text(encoding="utf-8")


def lines_of_code():
    """Numbers of the lines that hold code: neither blank nor only comment."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    return {line for token in tokenize.generate_tokens(io.StringIO(SOURCE).readline) if token.type not in silent
            for line in range(token.start[0], token.end[0] + 1)}


def lines_within(node):
    """Of `lines_of_code` those of a class or a function; docstrings are no code."""
    lines = lines_of_code() & set(range(node.lineno, node.end_lineno + 1))
    for part in ast.walk(node):
        if isinstance(part, (ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(part):
            lines -= set(range(part.body[0].lineno, part.body[0].end_lineno + 1))
    return lines


@pytest.mark.parametrize("page, words", [("README.md", r"about (\d+) lines of code"),
                                         ("README.ko.md", r"코드가 약 (\d+)줄"),
                                         ("site/index.md", r"about (\d+) lines of code"),
                                         ("site/ko/index.md", r"코드가 약 (\d+)줄")])
def test_the_class_is_as_long_as_the_pages_say(page, words):
    said = re.search(words, (Path(mlp_core.__file__).parent / page).read_text(encoding="utf-8"))
    network = next(node for node in ast.parse(SOURCE).body if getattr(node, "name", "") == "NeuralNetMLP")
    assert abs(int(said[1]) - len(lines_within(network))) <= 10


def test_no_function_is_longer_than_25_lines_of_code():
    lengths = {node.name: len(lines_within(node)) for node in ast.walk(ast.parse(SOURCE))
               if isinstance(node, ast.FunctionDef)}
    assert lengths["_forward"] == 9  # the count itself: one signature, seven statements, one return
    assert {name: length for name, length in lengths.items() if length > 25} == {}


def test_numpy_is_all_the_module_needs():
    imported = set()
    for node in ast.walk(ast.parse(SOURCE)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module)
    packages = {name.partition(".")[0] for name in imported}
    assert "numpy" in packages and packages <= {"numpy", *sys.stdlib_module_names}


# ---- the textbook's steps, under its names --------------------------------------------------------


def test_the_textbooks_steps_are_callable_one_by_one():
    nn = trained()
    y_enc = nn._onehot(Y, 3)
    assert_array_equal(y_enc, np.eye(3)[Y])
    z_h, a_h, z_out, a_out = nn._forward(X)
    assert_allclose(z_h, X @ nn.w_h + nn.b_h, rtol=1e-12)
    assert_allclose(z_out, a_h @ nn.w_out + nn.b_out, rtol=1e-12)
    assert_array_equal(a_h, nn._sigmoid(z_h))
    assert_array_equal(a_out, nn._sigmoid(z_out))
    assert_allclose(nn._compute_cost(y_enc=y_enc, output=a_out), nn.eval_["cost"][-1], rtol=1e-12)
    assert_array_equal(nn.predict(X), a_out.argmax(axis=1))


def test_defaults_and_order_of_the_arguments_are_the_textbooks():
    assert repr(NeuralNetMLP()) == ("NeuralNetMLP(n_hidden=30, l2=0.0, epochs=100, eta=0.001, shuffle=True, "
                                    "minibatch_size=1, seed=None, dropout=0.0)")
    in_order = NeuralNetMLP(7, 0.5, 9, 0.25, False, 3, 11)
    assert repr(in_order) == ("NeuralNetMLP(n_hidden=7, l2=0.5, epochs=9, eta=0.25, shuffle=False, "
                              "minibatch_size=3, seed=11, dropout=0.0)")
    with pytest.raises(TypeError):
        NeuralNetMLP(7, 0.5, 9, 0.25, False, 3, 11, 0.1)  # dropout is not the textbook's: by keyword only


def test_an_update_moves_each_weight_against_its_step():
    nn = trained()
    before = learned(nn)
    steps = [np.full_like(before[name], 0.5 + i) for i, name in enumerate(WEIGHTS)]
    nn._update(steps)
    for name, i in zip(WEIGHTS, range(4)):
        assert_array_equal(getattr(nn, name), before[name] - (0.5 + i))
        assert_array_equal(steps[i], 0.5 + i)


def test_attributes_have_the_documented_shapes():
    nn = trained()
    assert [getattr(nn, name).shape for name in WEIGHTS] == [(4, 5), (5,), (5, 3), (3,)]
    assert list(nn.eval_) == ["cost", "train_acc", "valid_acc"]
    assert [len(values) for values in nn.eval_.values()] == [4, 4, 4]
    assert {type(value) for values in nn.eval_.values() for value in values} == {float}


def test_accuracies_are_those_of_the_predictions():
    nn = trained()
    assert nn.eval_["train_acc"][-1] == np.mean(nn.predict(X) == Y)
    assert nn.eval_["valid_acc"][-1] == np.mean(nn.predict(X_VALID) == Y_VALID)


# ---- minibatches and the random stream ------------------------------------------------------------


@given(n=st.integers(1, 60), data=st.data())
def test_an_epoch_updates_once_for_every_full_minibatch(n, data):
    size, epochs = data.draw(st.integers(1, n)), data.draw(st.integers(1, 3))
    inputs, labels = np.zeros((n + 1, 2)), np.arange(n + 1) % 2
    nn = NeuralNetMLP(n_hidden=1, epochs=epochs, minibatch_size=size, seed=0)
    update, rows = nn._update, []
    nn._update = lambda steps: rows.append(1) or update(steps)
    nn.fit(inputs, labels, inputs, labels, progress=False)
    assert len(rows) == epochs * ((n + 1) // size)


@given(n=st.integers(1, 60), data=st.data(), shuffle=st.booleans())
def test_minibatches_hold_every_example_at_most_once_and_leave_out_less_than_one_batch(n, data, shuffle):
    size = data.draw(st.integers(1, n))
    nn = NeuralNetMLP(minibatch_size=size, shuffle=shuffle, seed=0)
    batches = list(nn._minibatches(n))
    drawn = np.concatenate(batches)
    assert {len(batch) for batch in batches} == {size}
    assert len(drawn) == n - n % size
    assert len(np.unique(drawn)) == len(drawn) and set(drawn) <= set(range(n))
    if not shuffle:
        assert_array_equal(drawn, np.arange(len(drawn)))


def test_every_epoch_draws_an_order_of_its_own():
    nn = NeuralNetMLP(minibatch_size=30, seed=0)
    first, second = (np.concatenate(list(nn._minibatches(30))) for _ in range(2))
    assert not np.array_equal(first, second) and not np.array_equal(first, np.arange(30))


@pytest.mark.parametrize("shuffle", [True, False])
def test_without_dropout_the_random_stream_serves_weights_and_order_alone(shuffle):
    nn = trained(shuffle=shuffle, dropout=0.0)
    expected = np.random.RandomState(1)
    expected.normal(loc=0.0, scale=0.1, size=(4, 5))
    expected.normal(loc=0.0, scale=0.1, size=(5, 3))
    for _ in range(4 if shuffle else 0):
        expected.shuffle(np.arange(30))
    assert_array_equal(nn.random.random_sample(5), expected.random_sample(5))


def test_the_same_seed_gives_the_same_bits_and_another_seed_others():
    assert same(state(trained()), state(trained()))
    assert not np.array_equal(trained().w_h, trained(seed=2).w_h)


@pytest.mark.parametrize("settings", [{}, {"dropout": 0.3}, {"shuffle": False}], ids=str)
def test_a_second_fit_begins_anew_and_gives_the_same_network(settings):
    nn = trained(**settings)
    again = copy.deepcopy(nn).fit(X, Y, X_VALID, Y_VALID, progress=False)
    assert len(again.eval_["cost"]) == 4 and same(state(again), state(nn))


def test_without_a_seed_every_fit_is_another():
    nn = trained(seed=None)
    first = nn.w_h
    assert not np.array_equal(nn.fit(X, Y, X_VALID, Y_VALID, progress=False).w_h, first)


# ---- hyperparameters that change ------------------------------------------------------------------

CHANGES = {"n_hidden": 4, "l2": 0.5, "epochs": 3, "eta": 0.1, "shuffle": False, "minibatch_size": 5, "seed": 7,
           "dropout": 0.4}


@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_a_changed_hyperparameter_holds_from_the_next_fit_on(name, tmp_path):
    """What the network says it is, it is: in `repr`, in the saved file, in what it does."""
    nn, plain = trained(), repr(trained())
    setattr(nn, name, CHANGES[name])
    assert repr(nn) == repr(NeuralNetMLP(**SETTINGS | {name: CHANGES[name]})) + (
        f"  # trained with {name}={({'shuffle': True, 'dropout': 0.0} | SETTINGS)[name]!r}")
    loaded = NeuralNetMLP.load(nn.save(tmp_path / "changed.npz"))
    assert repr(loaded) == repr(nn) and loaded.trained_with == nn.trained_with
    new = trained(**{name: CHANGES[name]})
    assert same(state(nn.fit(X, Y, X_VALID, Y_VALID, progress=False)), state(new))
    assert "trained with" not in repr(nn) and repr(trained()) == plain
    assert same(learned(loaded.fit(X, Y, X_VALID, Y_VALID, progress=False)), learned(new))


@pytest.mark.parametrize("epochs_before", [0, 2])
@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_a_hyperparameter_does_not_change_within_a_run(name, epochs_before):
    nn = NeuralNetMLP(**SETTINGS)
    epochs = nn.fit_epochs(X, Y, X_VALID, Y_VALID)
    for _ in range(epochs_before):
        next(epochs)
    before = learned(nn)
    setattr(nn, name, CHANGES[name])
    with pytest.raises(ValueError, match=rf"{name} was .* when this training began and is now {CHANGES[name]}; "):
        next(epochs)
    assert same(learned(nn), before)


# ---- NumPy's error state --------------------------------------------------------------------------

ERROR_STATES = [{"all": how} for how in ("raise", "warn", "ignore", "call", "print")]


@pytest.fixture(params=ERROR_STATES, ids=lambda kinds: kinds["all"])
def error_state(request, monkeypatch):
    def called(*args):
        raise AssertionError(f"NumPy called the user's function: {args}")

    with np.errstate(**request.param, call=called):
        yield


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_results_do_not_depend_on_numpys_error_state(error_state, capfd, dtype):
    def run():
        far = 30 * X.astype(dtype)  # outputs saturate: exp(-z) is 0
        nn = NeuralNetMLP(**SETTINGS | {"eta": 5.0, "l2": 0.0, "epochs": 6}).fit(far, Y, far, Y, progress=False)
        y_enc = nn._onehot(Y, 3).astype(dtype)
        return state(nn), nn.predict(far), nn._compute_cost(y_enc, None, 100 * nn._forward(far)[2])

    with np.errstate(all="ignore"):
        expected = run()
    found = run()
    assert same(found[0], expected[0]) and found[2] == expected[2]
    assert_array_equal(found[1], expected[1])
    assert capfd.readouterr() == ("", "")


@pytest.mark.filterwarnings("error")
def test_a_divergence_is_told_in_the_same_words_whatever_the_error_state(error_state):
    nn = NeuralNetMLP(**SETTINGS | {"eta": 1e30, "minibatch_size": 10})
    with pytest.raises(Diverged, match="training diverged: in epoch 1 the weights outgrew float32.*smaller eta"):
        nn.fit(X.astype(np.float32), Y, X_VALID, Y_VALID, progress=False)


def test_a_floating_point_error_of_somebody_else_is_no_divergence():
    def fail(batch, random):
        raise FloatingPointError("of the student")

    with pytest.raises(FloatingPointError, match="of the student") as caught:
        NeuralNetMLP(**SETTINGS).fit(X, Y, X_VALID, Y_VALID, progress=False, augment=fail)
    assert not isinstance(caught.value, Diverged)


# ---- dropout --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dropout", [0.2, 0.5, 0.9])
def test_dropout_silences_its_share_of_units_and_keeps_their_mean(dropout):
    nn, n = trained(), 20_000
    z_h, dropped, _, _ = nn._forward(np.repeat(X[:1], n, axis=0), dropout)
    a_h = nn._sigmoid(z_h)
    kept = dropped != 0
    assert_allclose(dropped[kept], a_h[kept] / (1 - dropout), rtol=1e-12)
    five_sigma = 5 * np.sqrt(dropout / (1 - dropout) / n)  # of the mean of n draws, relative to a_h
    assert_allclose(dropped.mean(axis=0), a_h[0], rtol=five_sigma)
    assert_allclose(kept.mean(axis=0), 1 - dropout, atol=5 * np.sqrt(dropout * (1 - dropout) / n))


def test_dropout_is_on_in_training_and_off_everywhere_else():
    nn = trained(dropout=0.5)
    assert not np.array_equal(nn.w_h, trained().w_h)
    before = state(nn)
    without = nn._forward(X)[3]
    assert_array_equal(nn.predict(X), without.argmax(axis=1))
    cost, accuracy = nn._evaluate(X, Y, nn._onehot(Y, 3))
    assert_allclose(cost, nn._compute_cost(nn._onehot(Y, 3), without), rtol=1e-12)
    assert (cost, accuracy) == (nn.eval_["cost"][-1], nn.eval_["train_acc"][-1])
    assert same(state(nn), before)  # the random stream among it


# ---- following the training -----------------------------------------------------------------------


def test_fit_returns_the_network_and_equals_drawing_fit_epochs():
    nn, drawn = NeuralNetMLP(**SETTINGS), NeuralNetMLP(**SETTINGS)
    assert nn.fit(X, Y, X_VALID, Y_VALID, progress=False) is nn
    epochs = list(drawn.fit_epochs(X, Y, X_VALID, Y_VALID))
    assert same(state(nn), state(drawn))
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4]
    assert [epoch[1:] for epoch in epochs] == list(zip(*nn.eval_.values()))


def test_fit_epochs_does_nothing_until_it_is_drawn_from():
    nn = NeuralNetMLP(**SETTINGS)
    before = state(nn)
    training = nn.fit_epochs(X, Y, X_VALID, Y_VALID)
    assert same(state(nn), before)
    next(training)
    assert len(nn.eval_["cost"]) == 1


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_fit_epochs_can_be_left_early(stop_after):
    nn = NeuralNetMLP(**SETTINGS)
    training = nn.fit_epochs(X, Y, X_VALID, Y_VALID)
    for _ in itertools.islice(training, stop_after):
        pass
    training.close()
    assert same(learned(nn), learned(trained(epochs=stop_after)))
    assert nn.predict(X).shape == Y.shape


def test_progress_is_one_line_on_stderr_rewritten_in_place(capsys):
    nn = NeuralNetMLP(**SETTINGS | {"epochs": 12}).fit(X, Y, X_VALID, Y_VALID)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "".join(
        "\r%0*d/%d | Cost: %.2f | Train/Valid Acc.: %.2f%%/%.2f%% " % (2, i, 12, cost, train * 100, valid * 100)
        for i, (cost, train, valid) in enumerate(zip(*nn.eval_.values()), start=1))
    assert err.startswith("\r01/12 | Cost: ") and err.endswith("% ") and "\n" not in err


def test_progress_is_off_on_request(capsys):
    trained()
    assert capsys.readouterr() == ("", "")


# ---- what goes in ---------------------------------------------------------------------------------


def float64_locals_of(call):
    """Names of the float64 arrays, with the function, that any function of mlp_core held while `call` ran."""
    found = set()

    def watch(frame, event, arg):
        if event == "return" and frame.f_code.co_filename == mlp_core.__file__:
            held = [(name, value) for name, value in frame.f_locals.items() if isinstance(value, np.ndarray)]
            held += [("result", value) for value in (arg if isinstance(arg, tuple) else (arg,))]
            found.update(f"{frame.f_code.co_name}: {name}" for name, value in held
                         if isinstance(value, np.ndarray) and value.dtype == np.float64)

    previous = sys.getprofile()
    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(previous)
    return found


@pytest.mark.parametrize("dropout", [0.0, 0.5])
@pytest.mark.parametrize("number", [float, np.float64, np.float32])
def test_float32_stays_float32_throughout(number, dropout):
    nn = NeuralNetMLP(**SETTINGS | {"eta": number(0.02), "l2": number(0.1), "dropout": number(dropout)})
    X32, X_valid32 = X.astype(np.float32), X_VALID.astype(np.float32)
    widened = float64_locals_of(lambda: nn.fit(X32, Y, X_valid32, Y_VALID, progress=False).predict(X32))
    assert widened <= {"_onehot: onehot", "_onehot: result"}  # cast once, before the first epoch
    assert {getattr(nn, name).dtype for name in WEIGHTS} == {np.dtype(np.float32)}
    assert {value.dtype for value in nn._forward(X32, nn.dropout)} == {np.dtype(np.float32)}
    y_enc = nn._onehot(Y, 3).astype(np.float32)
    assert {value.dtype for value in nn._gradients(X32, y_enc, scale=nn.eta)} == {np.dtype(np.float32)}


def test_a_numpy_learning_rate_set_later_does_not_widen_float32_either():
    nn = NeuralNetMLP(**SETTINGS)
    nn.eta = np.float64(0.02)
    widened = float64_locals_of(lambda: nn.fit(X.astype(np.float32), Y, X_VALID, Y_VALID, progress=False))
    assert not any(name.startswith(("_gradients", "_update")) for name in widened)


def test_float32_starts_from_the_weights_of_float64_rounded():
    nn32, nn64 = NeuralNetMLP(**SETTINGS), NeuralNetMLP(**SETTINGS)
    nn32._init_weights(4, 3, np.float32)
    nn64._init_weights(4, 3, np.float64)
    assert_array_equal(nn32.w_h, nn64.w_h.astype(np.float32))
    assert_array_equal(nn32.w_out, nn64.w_out.astype(np.float32))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, np.int64, np.uint64, bool, ">f8", ">i4"])
def test_other_real_numbers_train_as_their_float64(dtype):
    whole = (np.abs(X).round() % 2).astype(dtype)
    valid = (np.abs(X_VALID).round() % 2).astype(dtype)
    nn = trained((whole, Y, valid, Y_VALID))
    assert nn.w_h.dtype == np.float64
    assert same(learned(nn), learned(trained((whole.astype(np.float64), Y, valid.astype(np.float64), Y_VALID))))
    assert_array_equal(nn.predict(whole), nn.predict(whole.astype(np.float64)))


def test_lists_train_as_arrays():
    assert same(learned(trained((X.tolist(), Y.tolist(), X_VALID.tolist(), Y_VALID.tolist()))), learned(trained()))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int32, np.uint64])
def test_labels_of_any_integer_dtype_train_alike(dtype):
    assert same(learned(trained((X, Y.astype(dtype), X_VALID, Y_VALID.astype(dtype)))), learned(trained()))


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "every second element": lambda array: np.repeat(np.repeat(array, 2, 0), 2, -1)[::2, ..., ::2]
    if array.ndim > 1 else np.repeat(array, 2)[::2],
    "reversed view": lambda array: array[::-1].copy()[::-1],
    "read-only": read_only,
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_memory_layout_does_not_matter(layout, dtype):
    plain = (X.astype(dtype), Y, X_VALID.astype(dtype), Y_VALID)
    nn, expected = trained(tuple(layout(array) for array in plain)), trained(plain)
    rounding = 100 * np.finfo(dtype).eps
    for name in WEIGHTS:
        assert_allclose(getattr(nn, name), getattr(expected, name), rtol=rounding, atol=rounding)
    assert_allclose(nn.eval_["cost"], expected.eval_["cost"], rtol=rounding)
    assert_array_equal(nn.predict(layout(plain[0])), expected.predict(plain[0]))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64])
def test_inputs_are_never_modified(dtype):
    data = (X.astype(dtype), Y.copy(), X_VALID.astype(dtype), Y_VALID.copy())
    before = [array.copy() for array in data]
    trained(data, dropout=0.3).predict(data[0])
    for array, original in zip(data, before):
        assert_array_equal(array, original)


@given(n=st.integers(1, 40), block=st.integers(1, 12), seed=st.integers(0, 2**16))
def test_predicting_in_blocks_equals_predicting_row_by_row(n, block, seed):
    rows = np.random.RandomState(seed).normal(size=(n, 4))
    nn = trained()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlp_core.BLOCK", block)
        predicted = nn.predict(rows)
    assert predicted.dtype.kind == "i"
    assert_array_equal(predicted, [nn._forward(row[np.newaxis])[2].argmax() for row in rows])


# ---- memory ---------------------------------------------------------------------------------------


def test_fit_takes_less_than_40_MB_above_the_full_mnist(mnist_dir):
    digits = load_mnist("full", np.float32)
    nn = NeuralNetMLP(n_hidden=100, l2=0.01, epochs=1, eta=0.0005, minibatch_size=100, seed=1)
    tracemalloc.start()
    try:
        nn.fit(digits.X_train, digits.y_train, digits.X_valid, digits.y_valid, progress=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 1e6 < peak < 40e6  # the weights and the one-hot labels alone take more than 1 MB
