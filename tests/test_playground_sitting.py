"""A sitting at the playground: runs train as the core does, rest anywhere, are looked back at and changed by hand."""

import threading

import numpy as np
import pytest

from lessonkit.playground import sitting as module
from lessonkit.playground.settings import Settings
from lessonkit.playground.sitting import Sitting
from mlp_core import WEIGHTS

SETTINGS = Settings(n_hidden=6, epochs=4, digits=500, minibatch_size=100)  # 5 updates an epoch
STEPS = 6  # of an epoch: its updates and its evaluation


def weights_of(network):
    return {name: getattr(network, name).copy() for name in WEIGHTS}


def assert_equal(ours, theirs):
    for name in WEIGHTS:
        np.testing.assert_array_equal(ours[name], theirs[name])


def fitted(settings):
    """What `fit_epochs` gives with these settings: its epochs, and the weights from before training on."""
    network = settings.network()
    network._init_weights(784, 10, np.float32)
    weights, epochs = [weights_of(network)], []
    for epoch in network.fit_epochs(*settings.digits_to_train(), **settings.fit_options()):
        epochs.append(epoch)
        weights.append(weights_of(network))
    return epochs, weights


def train(sitting, until=np.inf):
    sitting.start(until)
    while sitting.advance():
        pass
    return sitting.run


@pytest.fixture
def sitting():
    return Sitting(SETTINGS)


# -- training ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("more", [{}, {"schedule": "cosine", "shifted": True, "dropout": 0.2, "seed": 3}], ids=str)
def test_a_run_trains_as_the_core_does_and_keeps_every_epoch(more):
    settings = Settings(**SETTINGS.as_dict() | more)
    run = train(Sitting(settings))
    epochs, weights = fitted(settings)
    assert run.epochs == epochs and run.end == "finished" and len(run.weights) == 5
    for ours, theirs in zip(run.weights, weights):
        assert_equal(ours, theirs)


def test_the_first_weights_are_there_before_training(sitting):
    assert_equal(weights_of(sitting.seen()), fitted(SETTINGS)[1][0])
    assert sitting.runs == [] and not sitting.going and not sitting.over


def test_it_advances_by_an_epoch_unless_time_is_over(sitting):
    sitting.start()
    assert sitting.advance() and sitting.run.step == STEPS
    assert sitting.advance(seconds=0) and sitting.run.step == STEPS + 1
    assert sitting.advance() and (sitting.run.step, len(sitting.run.epochs)) == (2 * STEPS, 2)


def test_one_minibatch_is_one_update(sitting):
    run = train(sitting, sitting.minibatch_done)
    assert (run.step, run.end) == (1, "paused")
    network = SETTINGS.network()
    X, y, *_validation = SETTINGS.digits_to_train()
    network._init_weights(784, 10, np.float32)
    batch = next(network._minibatches(500))
    network._update(network._gradients(X[batch], network._onehot(y, 10)[batch].astype(np.float32), scale=SETTINGS.eta))
    assert_equal(weights_of(sitting.seen()), weights_of(network))


def test_minibatch_by_minibatch_it_comes_to_the_end_of_the_epoch(sitting):
    steps = [train(sitting, sitting.minibatch_done).step for _ in range(6)]
    assert steps == [1, 2, 3, 4, 6, 7] and len(sitting.run.epochs) == 1


def test_one_epoch_goes_on_to_its_end_and_no_further(sitting):
    train(sitting, sitting.minibatch_done)
    assert train(sitting, sitting.epoch_done).step == STEPS
    assert train(sitting, sitting.epoch_done).step == 2 * STEPS
    assert sitting.run.end == "paused" and sitting.run.epochs == fitted(SETTINGS)[0][:2]


def test_a_pause_waits_for_nobody_and_comes_after_the_step(sitting, monkeypatch):
    sitting.start()
    with sitting.lock:  # as while it trains
        thread = threading.Thread(target=sitting.pause)
        thread.start()
        thread.join(timeout=10)
        assert not thread.is_alive() and sitting.run.end == "paused"
    step = sitting._step
    monkeypatch.setattr(sitting, "_step", lambda: [step(), sitting.run.step == 3 and sitting.pause()][0])
    assert train(sitting).step == 3
    monkeypatch.undo()
    assert train(sitting).epochs == fitted(SETTINGS)[0]


def test_another_run_stops_the_present_one_and_each_has_its_number(sitting):
    first = train(sitting, 8)
    sitting.prepare(Settings(n_hidden=3))
    assert (first.end, len(first.epochs), sitting.run.number, sitting.runs) == ("stopped", 1, 2, [first])
    sitting.prepare(SETTINGS)  # the one before had not begun: it leaves no trace
    second = train(sitting)
    assert sitting.runs == [first, second] and second.number == 2 and second.epochs == fitted(SETTINGS)[0]
    sitting.prepare(SETTINGS)
    assert second.end == "finished"


def test_a_run_that_is_over_does_not_go_on(sitting):
    run = train(sitting)
    sitting.start()
    assert sitting.over and not sitting.going and not sitting.advance() and run.step == 4 * STEPS
    assert sitting._steps is None, "it must let go of its digits"


def test_a_run_that_diverges_ends_with_the_last_good_network():
    sitting = Sitting(Settings(**SETTINGS.as_dict() | {"eta": 100.0, "l2": 1e6}))
    run = train(sitting)
    assert run.end == "diverged" and sitting.over and run.epochs == []
    assert_equal(weights_of(sitting.seen()), run.weights[0])


def test_a_run_that_fails_says_so_and_raises(sitting, monkeypatch):
    monkeypatch.setattr(sitting.network, "_gradients", lambda *_arguments, **_scale: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        train(sitting)
    assert sitting.run.end == "failed" and not sitting.going


# -- looking ----------------------------------------------------------------------------------------


def test_every_epoch_of_every_run_can_be_looked_at_while_another_trains(sitting):
    first = train(sitting)
    sitting.prepare(Settings(**SETTINGS.as_dict() | {"n_hidden": 4, "seed": 2}))
    sitting.start()
    for epoch, weights in enumerate(fitted(SETTINGS)[1]):
        sitting.look_at(first, epoch)
        sitting.advance()
        assert_equal(weights_of(sitting.seen()), weights)
    sitting.look_at_now()
    assert sitting.seen() is sitting.network and sitting.run.epochs == fitted(sitting.run.settings)[0]


def test_start_looks_at_the_present_network(sitting):
    run = train(sitting, STEPS)
    sitting.look_at(run, 0)
    sitting.start()
    assert sitting.place is None


@pytest.mark.parametrize("epoch", [-1, 2])
def test_an_epoch_that_is_not_there_is_named(sitting, epoch):
    run = train(sitting, STEPS)
    with pytest.raises(ValueError, match=f"run 1 has no epoch {epoch}; expected one from 0 to 1"):
        sitting.look_at(run, epoch)
    assert sitting.place is None


def test_the_weights_of_the_earliest_runs_are_let_go(sitting, monkeypatch):
    size = sum(array.nbytes for array in weights_of(sitting.network).values())
    monkeypatch.setattr(module, "KEPT", 11 * size)  # two runs of five states each
    for seed in range(4):
        train(sitting)
        sitting.prepare(Settings(**SETTINGS.as_dict() | {"seed": seed}))
    assert [len(run.weights) for run in sitting.runs] == [0, 0, 5, 5]
    assert all(run.epochs for run in sitting.runs), "their curves stay"
    with pytest.raises(ValueError, match="run 1 are no longer kept"):
        sitting.look_at(sitting.runs[0], 1)


# -- weights that are set by hand -------------------------------------------------------------------


def test_training_goes_on_from_a_weight_that_was_set(sitting):
    train(sitting, STEPS + 2)
    sitting.set_weight("w_h", (300, 5), 0.25)
    sitting.set_weight("w_out", (5, 7), -1.5)
    assert (sitting.network.w_h[300, 5], sitting.network.w_out[5, 7]) == (0.25, -1.5)
    run = train(sitting)
    assert [edit[:3] for edit in run.edits] == [(8, "w_h", (300, 5)), (8, "w_out", (5, 7))]
    epochs = fitted(SETTINGS)[0]
    assert run.epochs[0] == epochs[0] and run.epochs[1:] != epochs[1:]
    again = Sitting()
    again.prepare(SETTINGS, planned=run.edits)
    assert train(again).epochs == run.epochs and again.run.edits == run.edits
    for ours, theirs in zip(again.run.weights, run.weights):
        assert_equal(ours, theirs)


def test_within_an_evaluation_the_epoch_is_brought_to_its_end_first(sitting):
    sitting.start()
    while sitting.run.step < STEPS - 1:
        sitting.advance(seconds=0)
    sitting.pause()
    edit = sitting.set_weight("b_h", (2,), 9.0)
    assert edit.step == sitting.run.step == STEPS
    assert sitting.run.epochs == fitted(SETTINGS)[0][:1] and sitting.run.weights[1]["b_h"][2] != 9


def test_a_weight_set_within_an_evaluation_does_not_lengthen_one_epoch(sitting):
    sitting.start(sitting.epoch_done)
    while sitting.run.step < STEPS - 1:
        sitting.advance(seconds=0)
    sitting.set_weight("b_h", (2,), 9.0)
    assert not sitting.advance() and (sitting.run.step, sitting.run.end) == (STEPS, "paused")


def test_a_finished_network_can_be_changed_and_its_last_epoch_is_kept(sitting):
    run = train(sitting)
    sitting.set_weight("w_out", (0, 0), 5.0)
    assert sitting.seen().w_out[0, 0] == 5
    sitting.look_at(run, 4)
    assert sitting.seen().w_out[0, 0] == fitted(SETTINGS)[1][4]["w_out"][0, 0]


def test_what_cannot_be_set_changes_nothing(sitting):
    with pytest.raises(ValueError, match="has not begun"):
        sitting.set_weight("w_h", (0, 0), 1.0)
    run = train(sitting, 3)
    before = weights_of(sitting.network)
    for name, index, value in (("w_h", (784, 0), 1.0), ("w", (0, 0), 1.0), ("w_h", (0, 0), np.nan)):
        with pytest.raises(ValueError):
            sitting.set_weight(name, index, value)
    sitting.look_at(run, 0)
    with pytest.raises(ValueError, match="this is an earlier state"):
        sitting.set_weight("w_h", (0, 0), 1.0)
    assert_equal(weights_of(sitting.network), before)
    assert run.edits == []
