"""`fit_steps`: the training of `fit_epochs` to the bit, with pauses in which the network is the user's."""

import itertools

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import mlp_core
from core_support import WEIGHTS, Library, blobs, interrupt_at_line, learned, same, state
from mlp_core import HYPERPARAMETERS, Diverged, Epoch, NeuralNetMLP

X, Y = blobs(30, 4, 3, random_state=0)
X_VALID, Y_VALID = blobs(12, 4, 3, random_state=1)
DATA = X, Y, X_VALID, Y_VALID
SETTINGS = {"n_hidden": 5, "l2": 0.1, "epochs": 3, "eta": 0.02, "minibatch_size": 7, "seed": 1, "dropout": 0.2}
MINIBATCHES = 4  # an epoch
PAUSES = MINIBATCHES + 3 + 2  # and the blocks of 10 in both sets
CHANGES = {"n_hidden": 4, "l2": 0.5, "epochs": 4, "eta": 0.1, "shuffle": False, "minibatch_size": 5, "seed": 7,
           "dropout": 0.4}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Ten examples a step of the evaluation, so that it takes several."""
    monkeypatch.setattr(mlp_core, "BLOCK", 10)


def network(**settings):
    return NeuralNetMLP(**SETTINGS | settings)


def after_each_epoch(nn, data=DATA):
    """What `nn` has learned before its first epoch and after each."""
    start = network()
    start._init_weights(4, 3)
    return [learned(start), *(learned(nn) for _ in nn.fit_epochs(*data))]


def noise(batch, random):
    return batch + 0.1 * random.normal(size=batch.shape)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("hooks", [{}, {"schedule": lambda done: 1 - done}, {"augment": noise}],
                         ids=["plain", "schedule", "augment"])
@pytest.mark.parametrize("settings", [{}, {"dropout": 0.0}, {"shuffle": False}, {"l2": 0.0}], ids=str)
def test_it_is_fit_epochs_to_the_bit(dtype, hooks, settings):
    data = X.astype(dtype), Y, X_VALID.astype(dtype), Y_VALID
    nn, other = network(**settings), network(**settings)
    steps = list(nn.fit_steps(*data, **hooks))
    epochs = list(other.fit_epochs(*data, **hooks))
    assert same(state(nn), state(other)) and nn.w_h.dtype == dtype
    assert [step for step in steps if step is not None] == epochs
    assert [(number, len(list(group))) for number, group in itertools.groupby(steps, type)] == [
        (type(None), PAUSES), (Epoch, 1)] * 3


def test_each_of_the_first_pauses_follows_one_update():
    nn, by_hand = network(), network()
    by_hand._init_weights(4, 3)
    y_enc = by_hand._onehot(Y, 3)
    steps = nn.fit_steps(*DATA)
    for batch in by_hand._minibatches(len(X)):
        by_hand._update(by_hand._gradients(X[batch], y_enc[batch], scale=by_hand.eta))
        assert next(steps) is None
        for name in WEIGHTS:
            assert_array_equal(getattr(nn, name), getattr(by_hand, name))
    for _ in range(PAUSES - MINIBATCHES):  # the evaluation changes nothing
        assert next(steps) is None
        assert_array_equal(nn.w_h, by_hand.w_h)
        assert nn.eval_["cost"] == []
    assert next(steps) == (1, *(values[0] for values in nn.eval_.values()))


def test_nothing_happens_until_it_is_drawn_from():
    nn = network()
    before = state(nn)
    steps = nn.fit_steps(*DATA)
    assert same(state(nn), before)
    steps.close()
    assert same(state(nn), before)


@pytest.mark.parametrize("wrong, message", [
    ({"X_train": X[:, 0]}, "X_train has shape"), ({"y_train": Y[1:]}, "y_train has shape"),
    ({"X_valid": X_VALID[:, 1:]}, "X_valid has 3 features; expected 4"), ({"y_valid": Y_VALID + 3}, "y_valid holds"),
    ({"X_train": X[:5], "y_train": [0, 1, 2, 0, 1]}, "minibatch_size is 7")], ids=lambda value: str(list(value)[:1]))
def test_the_arguments_are_checked_at_once(wrong, message):
    nn = network()
    before = state(nn)
    data = dict(zip(("X_train", "y_train", "X_valid", "y_valid"), DATA)) | wrong
    for train in (nn.fit_steps, nn.fit_epochs):
        with pytest.raises(ValueError, match=message):
            train(**data)
    assert same(state(nn), before)


@pytest.mark.parametrize("let_go", ["close", "del"])
def test_an_unfinished_epoch_leaves_no_trace(let_go):
    epochs = after_each_epoch(network())
    for drawn in range(1, 3 * (PAUSES + 1) + 1):
        nn = network()
        steps = nn.fit_steps(*DATA)
        for _ in itertools.islice(steps, drawn):
            pass
        if let_go == "close":
            steps.close()
        del steps
        assert same(learned(nn), epochs[drawn // (PAUSES + 1)]), f"let go after step {drawn}"


def test_an_interrupt_at_any_line_leaves_the_last_finished_epoch():
    epochs, seen = [{}, *after_each_epoch(network())], 0  # {}: before the first weights
    for k in itertools.count(1):
        nn = network()
        # Kept, as notebooks keep it, with its traceback and the frames in it: nothing is closed by being forgotten.
        interrupt = interrupt_at_line(k, lambda: list(nn.fit_steps(*DATA)))
        if interrupt is None:
            break
        matches = [i for i, epoch in enumerate(epochs) if same(learned(nn), epoch)]
        assert matches and matches[0] in (seen, seen + 1), f"interrupted at line {k}"
        seen, interrupt = matches[0], None
    assert k > 600 and seen == len(epochs) - 1  # every line of the run had its turn


def test_an_error_of_a_hook_passes_through_and_leaves_no_trace():
    calls = []

    def fails_in_the_second_epoch(batch, random):
        calls.append(batch)
        if len(calls) == MINIBATCHES + 2:
            raise ZeroDivisionError("of the student")
        return batch

    nn = network()
    with pytest.raises(ZeroDivisionError, match="of the student"):
        list(nn.fit_steps(*DATA, augment=fails_in_the_second_epoch))
    assert same(learned(nn), after_each_epoch(network())[1])


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("how", ["raise", "warn"])
def test_a_divergence_is_told_once_and_in_words(how):
    nn = network(eta=1e300)
    with np.errstate(all=how), pytest.raises(Diverged, match="in epoch 1 the weights outgrew float64"):
        list(nn.fit_steps(*DATA))
    assert same(learned(nn), after_each_epoch(network())[0])


@pytest.mark.parametrize("pause", [1, MINIBATCHES, MINIBATCHES + 1, PAUSES])
@pytest.mark.parametrize("name", HYPERPARAMETERS)
def test_a_hyperparameter_does_not_change_in_a_pause(name, pause):
    nn = network()
    steps = nn.fit_steps(*DATA)
    for _ in range(PAUSES + 1 + pause):  # in the second epoch
        next(steps)
    setattr(nn, name, CHANGES[name])
    with pytest.raises(ValueError, match=rf"{name} was .* when this training began and is now {CHANGES[name]}; "):
        for _ in range(1 if pause <= MINIBATCHES else PAUSES):  # an evaluation is gone through
            assert next(steps) is None
        pytest.fail(f"{name} was changed and training went on")
    assert same(learned(nn), after_each_epoch(network())[1])


def test_nothing_of_the_users_surroundings_is_changed_in_a_pause(monkeypatch):
    for name in mlp_core.THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    library, seen = Library(4), []
    monkeypatch.setattr(mlp_core, "_blas_libraries", lambda: [library])
    blas = mlp_core._Blas()
    monkeypatch.setattr(mlp_core, "_blas", lambda: blas)

    def augment(batch, random):
        seen.append((library.num_threads, np.geterr()["over"]))
        return batch

    with np.errstate(all="raise", over="print"):
        users = np.geterr()
        for _ in network().fit_steps(*DATA, augment=augment):
            assert np.geterr() == users and library.num_threads == 4 and not blas.calls
    assert set(seen) == {(1, "ignore")}


def test_training_goes_on_from_weights_that_are_set_in_a_pause():
    nn, by_hand = network(), network()
    by_hand._init_weights(4, 3)
    y_enc = by_hand._onehot(Y, 3)
    steps = nn.fit_steps(*DATA)
    for number, batch in enumerate(by_hand._minibatches(len(X))):
        if number:
            nn.w_h[0, 0] = by_hand.w_h[0, 0] = 7.0
        by_hand._update(by_hand._gradients(X[batch], y_enc[batch], scale=by_hand.eta))
        next(steps)
    for name in WEIGHTS:
        assert_array_equal(getattr(nn, name), getattr(by_hand, name))


def test_the_figures_of_an_epoch_are_those_of_its_last_minibatch():
    nn, plain = network(), network()
    steps, epoch = nn.fit_steps(*DATA), next(plain.fit_epochs(*DATA))
    for _ in range(MINIBATCHES + 1):
        next(steps)
    nn.w_out[...] = 0.0  # while it is evaluated
    assert next(filter(None, steps)) == epoch
    assert not nn.w_out.any() and plain.w_out.any()


def test_what_is_set_in_an_unfinished_epoch_goes_with_it_and_what_is_set_between_two_stays():
    nn, expected = network(), after_each_epoch(network())
    steps = nn.fit_steps(*DATA)
    next(filter(None, steps))
    nn.b_h[...] = 0.5
    next(steps)
    nn.b_out[...] = 0.25
    steps.close()
    assert same(learned(nn), expected[1] | {"b_h": np.full(5, 0.5)})


def test_weights_that_are_read_are_not_changed_afterwards():
    nn = network()
    steps = nn.fit_steps(*DATA)
    next(steps)
    kept, copies = [getattr(nn, name) for name in WEIGHTS], learned(nn)
    next(steps)
    for name, array in zip(WEIGHTS, kept):
        assert_array_equal(array, copies[name])
        assert not np.array_equal(getattr(nn, name), array)


@pytest.mark.parametrize("how", ["fit_steps", "fit_epochs"])
def test_a_training_that_was_left_disturbs_no_later_one(how):
    nn = NeuralNetMLP(epochs=3, minibatch_size=5, seed=1)
    left = getattr(nn, how)(*DATA)
    next(left)
    nn.fit(*DATA, progress=False)
    good = learned(nn)
    with pytest.raises(ValueError, match="another training of this network has begun since"):
        for _ in left:
            pass
    assert same(learned(nn), good)
    another = getattr(nn, how)(*DATA)
    next(another)
    nn.fit(*DATA, progress=False)
    another.close()
    assert same(learned(nn), good)
