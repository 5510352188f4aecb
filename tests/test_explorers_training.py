"""Lesson 4's training bench: what its picture holds, against networks trained here, and how it starts and stops."""

import asyncio
import itertools
import logging
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from matplotlib.colors import to_hex

from explorer_support import drive, values_of
from lessonkit import style
from lessonkit.explorers import training
from lessonkit.explorers.training import TrainingBench
from mlp_core import NeuralNetMLP, load_mnist

COLOURS = [style.BLUE, style.ORANGE, style.GREEN, style.PURPLE]
NOTHING = np.empty((3, 0))  # of a run without an epoch: cost, training and validation accuracy


@pytest.fixture(scope="module")
def digits():
    return load_mnist("sample", np.float32)[:4]


@pytest.fixture(scope="module")
def shared_bench(digits):
    """An empty bench on a quarter of the digits, so that an epoch takes a moment."""
    X_train, y_train, X_valid, y_valid = digits
    bench = TrainingBench()
    bench.digits = X_train[:1000], y_train[:1000], X_valid, y_valid
    bench.labels = y_train[:1000]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.sample, "training_and_validation", lambda dtype: bench.digits)
        yield bench


@pytest.fixture
def bench(shared_bench):
    """The shared bench as it is at first; drawing a new one takes half a second."""
    shared_bench.first, shared_bench.task = [], None
    shared_bench.reset()
    return shared_bench


@pytest.fixture(scope="module")
def network(digits):
    """A trained network of other settings than the controls' defaults."""
    return NeuralNetMLP(n_hidden=3, l2=0.01, epochs=9, eta=0.0125, minibatch_size=40, seed=2).fit(
        *digits, progress=False)


def fitted(digits, **settings):
    """Cost, training and validation accuracy (3, epochs) of such a network, trained by `fit`."""
    nn = NeuralNetMLP(**{"epochs": 60, "l2": 0.01, "seed": 1} | settings).fit(*digits, progress=False)
    return np.array([nn.eval_[name] for name in ("cost", "train_acc", "valid_acc")])


def choose(bench, **settings):
    for name, value in settings.items():
        bench.widgets[name].value = value


def table(bench):
    """The table of the picture: a list of texts for each row below the head, the next run first."""
    rows = (bench.next, bench.newest.row, *(trace.row for trace in bench.earlier))
    return [[cell.get_text() for cell in row.cells] for row in rows]


def check(bench, runs):
    """The picture shows `runs`, (number, settings, (3, epochs)) with the newest first, and the present settings."""
    assert len(bench.earlier) == 3
    texts = table(bench)
    n_train = len(bench.labels)

    def columns(settings):
        eta, n_hidden, n = (settings[name] for name in ("eta", "n_hidden", "minibatch_size"))
        return [np.format_float_positional(eta), str(n_hidden), "1,000" if n == 1000 else str(n), str(n_train // n)]

    assert texts[0] == ["next", *columns(bench.state), "", "", "", ""]
    for place, (trace, row, run) in enumerate(
            itertools.zip_longest([bench.newest, *bench.earlier], texts[1:], runs[:4])):
        number, settings, curves = run or (None, None, NOTHING)
        epochs = np.arange(1, curves.shape[1] + 1)
        for line, y in zip(trace.lines, curves * [[1], [100], [100]]):
            np.testing.assert_array_equal(line.get_data(), [epochs, y])
        if run is None:
            assert row == [""] * 9 and len(trace.sample.get_xdata()) == 0
            continue
        cost, training_acc, validation_acc = curves[:, -1] if len(epochs) else (None, None, None)
        results = [f"{cost:,.1f}", f"{training_acc:.1%}", f"{validation_acc:.1%}"] if len(epochs) else [""] * 3
        assert row == [str(number), *columns(settings), str(len(epochs)), *results]
        colour = COLOURS[(number - 1) % 4].lower()
        assert {to_hex(line.get_color()) for line in (*trace.lines, trace.sample)} == {colour}
        assert {line.get_alpha() for line in trace.lines} == {1 if place == 0 else 0.5}
    assert [line.axes.get_ylabel() for line in bench.newest.lines] == ["Cost", "Accuracy (%)", "Accuracy (%)"]
    assert [line.get_linestyle() for line in bench.newest.lines] == ["-", "-", "--"]
    check_sentence(bench, runs)


def check_sentence(bench, runs):
    said = bench.sentence
    if not runs:
        assert said == "Choose the settings and press Start."
        return
    number, settings, (cost, training_acc, validation_acc) = runs[0]
    if len(cost):
        assert f"epoch {len(cost)}: cost {cost[-1]:,.1f}, training {training_acc[-1]:.1%}, " in said
        assert f"validation {validation_acc[-1]:.1%}." in said
        constant = 4000 * -(np.log(0.1) + 9 * np.log(0.9))
        too_long = cost[-1] > constant and cost[-1] > cost.min()
        assert ("too long" in said) == too_long
        assert ("off the top of the picture" in said) == (too_long and cost[-1] > 3e5)
    assert said.startswith(f"Run {number} (") and ("no epoch is finished" in said) == (len(cost) == 0)
    assert ("for the next run" in said) == (bench.running is not None and settings != bench.state)
    assert "nan" not in said and "inf" not in said


def fully_drawn(bench):
    """The picture drawn from nothing, without the kept background."""
    bench.picture.redraw_all()
    return bench.picture.png()


# -- the steps --------------------------------------------------------------------------------------


def test_the_controls_say_what_the_next_run_will_be(network):
    first = 1, {"eta": 0.0125, "n_hidden": 3, "minibatch_size": 40}, np.array([*network.eval_.values()])
    bench = TrainingBench(network)
    drive(bench, lambda bench: check(bench, [first]), moves=0)  # the random moves are below, with runs on
    assert (bench.progress.value, bench.stop_button.disabled, bench.running) == (0, True, None)


def test_a_run_trains_as_fit_does(bench):
    choose(bench, eta=0.01, n_hidden=10, minibatch_size=50)
    bench.begin()
    check(bench, [(1, bench.state, NOTHING)])
    for epoch in range(1, 60):
        assert bench.advance(bench.runs[-1]) is True
        assert (bench.progress.value, bench.stop_button.disabled) == (epoch, False)
    assert bench.advance(bench.runs[-1]) is False
    check(bench, [(1, bench.state, fitted(bench.digits, eta=0.01, n_hidden=10, minibatch_size=50))])
    assert (bench.progress.value, bench.progress.max) == (60, 60)
    assert bench.sentence.startswith("Run 1 (finished), epoch 60") and bench.advance(bench.runs[-1]) is False
    assert bench.stop_button.disabled and bench.running is None
    assert bench.runs[-1].training is None, "a finished run must let go of its network"


def test_every_choice_at_both_ends_trains(bench):
    ends = [values_of(control)[::len(values_of(control)) - 1] for control in bench.widgets.values()]
    runs = []
    for number, values in enumerate(itertools.product(*ends), 1):
        settings = dict(zip(bench.widgets, values))
        choose(bench, **settings)
        bench.begin()
        assert bench.advance(bench.runs[-1]) is True
        runs.insert(0, (number, settings, fitted(bench.digits, **settings, epochs=1)))
        check(bench, runs)
    assert number == 8


def test_no_move_of_a_control_disturbs_a_run(bench, network, monkeypatch):
    """200 random moves of the controls, before, between and after random presses of the buttons."""
    monkeypatch.setattr(bench.picture, "png", bytes)  # the artists are compared; the picture is at the end
    bench.first = [training.Run.of(network, 1)]
    bench.reset()
    first = 1, bench.first[0].settings, np.array([*network.eval_.values()])
    runs, reference, most_runs, moves_while_on = [first], None, 0, 0
    random = np.random.RandomState(1)
    for _ in range(200):
        name = list(bench.widgets)[random.randint(3)]
        values = values_of(bench.widgets[name])
        choose(bench, **{name: values[random.randint(len(values))]})
        check(bench, runs)
        most_runs, moves_while_on = max(most_runs, runs[0][0]), moves_while_on + (reference is not None)
        press = random.choice(["nothing", "begin", "advance", "stop", "reset"], p=[0.28, 0.1, 0.55, 0.05, 0.02])
        if press == "begin":
            bench.begin()
            reference = NeuralNetMLP(epochs=60, l2=0.01, seed=1, **bench.state).fit_epochs(*bench.digits)
            runs.insert(0, (runs[0][0] + 1, bench.state, NOTHING))
        elif press == "advance" and bench.running:
            assert bench.advance(bench.runs[-1]) is True
            number, settings, curves = runs[0]
            runs[0] = number, settings, np.column_stack([curves, next(reference)[1:]])
        elif press == "stop":
            bench.stop()
            reference = None
        elif press == "reset":
            bench.reset()
            runs, reference = [first], None
            assert bench.state == bench.defaults and bench.progress.value == 0
        check(bench, runs)
        assert (bench.running is not None) == (reference is not None) == (not bench.stop_button.disabled)
    assert most_runs > 5 and moves_while_on > 100, "too few runs to push the first out of the picture"
    monkeypatch.undo()
    bench.refresh()
    assert bench._image.value == fully_drawn(bench)


def test_a_run_that_is_stopped_stays_as_it_is_while_the_next_one_grows(bench):
    bench.begin()
    for _ in range(3):
        bench.advance(bench.runs[-1])
    costs = bench.newest.lines[0].get_ydata()
    bench.stop()
    assert bench.sentence.startswith("Run 1 (stopped), epoch 3: ")
    assert bench.stop_button.disabled and not bench.start_button.disabled and bench.progress.value == 3
    choose(bench, n_hidden=10)
    np.testing.assert_array_equal(bench.newest.lines[0].get_ydata(), costs)
    bench.begin()
    assert not bench.stop_button.disabled and bench.progress.value == 0
    bench.advance(bench.runs[-1])
    np.testing.assert_array_equal(bench.earlier[0].lines[0].get_ydata(), costs)
    assert len(costs) == 3 and len(bench.newest.lines[0].get_ydata()) == 1
    # The earlier run stands in the background, which must have been drawn anew for it.
    assert bench._image.value == fully_drawn(bench)


def test_a_run_that_overshoots_is_told_in_words(bench):
    choose(bench, eta=0.1, minibatch_size=1000)
    bench.begin()
    while bench.advance(bench.runs[-1]) and "too long" not in bench.sentence:
        pass
    assert bench.running and "more than saying 0.10 everywhere costs" in bench.sentence
    assert "smaller learning rate" in bench.sentence and bench._message.value == ""


@pytest.mark.filterwarnings("error")
def test_a_run_that_diverges_is_told_in_words(bench, monkeypatch):
    monkeypatch.setitem(training.FIXED, "l2", 1000.0)  # every update multiplies the weights by -99
    choose(bench, eta=0.1, n_hidden=10, minibatch_size=20)
    bench.begin()
    assert bench.advance(bench.runs[-1]) is False
    assert bench.sentence.startswith("Run 1 diverged in epoch 1: its weights grew too large")
    assert bench._message.value == "" and bench.stop_button.disabled and bench.running is None
    assert table(bench)[1][5:] == ["0", "", "", ""]
    choose(bench, eta=0.001)
    assert bench.sentence.startswith("Run 1 diverged")


def test_the_cost_of_the_constant_answer_is_marked(bench):
    marked = [line for line in bench.newest.lines[0].axes.lines if line.get_linestyle() == ":"]
    expected = 4000 * -(np.log(0.1) + 9 * np.log(0.9))
    np.testing.assert_allclose([line.get_ydata() for line in marked], [[expected, expected]])


@pytest.mark.parametrize("untrained", [NeuralNetMLP(), None.__class__])
def test_a_network_to_compare_with_must_be_trained(untrained):
    with pytest.raises(ValueError, match="network has no finished epoch to show.*fit"):
        TrainingBench(untrained)


# -- Start and Stop on an event loop ----------------------------------------------------------------


@pytest.fixture
def at_once(monkeypatch):
    """Epochs follow one another without a pause."""
    monkeypatch.setattr(training, "PAUSE", 0)


async def until(bench, epochs):
    """Wait until the run that is on has so many epochs, and give way to it as a kernel does."""
    for _ in range(1000):
        if len(bench.runs[-1].epochs) >= epochs:
            return
        await asyncio.sleep(0)
    raise AssertionError(f"no {epochs} epochs after 1,000 turns of the loop")


def test_start_trains_in_turns_with_everything_else_and_stop_ends_it(bench, at_once):
    choose(bench, n_hidden=10)

    async def student():
        bench.start_button.click()
        assert not bench.stop_button.disabled and len(bench.runs[0].epochs) == 0
        seen = []
        for _ in range(20):
            await asyncio.sleep(0)
            seen.append(len(bench.runs[0].epochs))
        assert set(np.diff(seen)) <= {0, 1}, "more than one epoch between two turns"
        bench.widgets["eta"].value = 0.1  # a slider, while it trains
        await until(bench, seen[-1] + 2)
        epochs = len(bench.runs[0].epochs)
        bench.stop_button.click()
        await bench.task
        for _ in range(5):
            await asyncio.sleep(0)
        return epochs

    epochs = asyncio.run(student())
    run, = bench.runs
    assert len(run.epochs) == epochs >= 3 and run.end == "stopped" and bench.stop_button.disabled
    curves = fitted(bench.digits, eta=0.005, n_hidden=10, minibatch_size=100)
    check(bench, [(1, run.settings, curves[:, :epochs])])


def test_start_runs_to_the_end(bench, at_once, monkeypatch):
    monkeypatch.setattr(training, "EPOCHS", 4)
    monkeypatch.setitem(training.FIXED, "epochs", 4)

    async def student():
        bench.start_button.click()
        await bench.task

    asyncio.run(student())
    assert [len(run.epochs) for run in bench.runs] == [4] and bench.runs[0].end == "finished"
    assert bench.stop_button.disabled and bench._message.value == ""


def test_start_while_a_run_is_on_stops_that_one(bench, at_once):
    async def student():
        bench.start_button.click()
        await until(bench, 2)
        old = bench.task
        choose(bench, n_hidden=10)
        bench.start_button.click()
        stopped_at = len(bench.runs[0].epochs)
        await until(bench, 3)
        assert old.done() and [run.end for run in bench.runs] == ["stopped", ""]
        assert len(bench.runs[0].epochs) == stopped_at and not bench.stop_button.disabled
        bench.stop_button.click()
        await bench.task

    asyncio.run(student())
    assert [run.settings["n_hidden"] for run in bench.runs] == [100, 10]


def test_reset_while_a_run_is_on_ends_and_forgets_it(bench, at_once):
    empty = bench._image.value

    async def student():
        choose(bench, n_hidden=10)
        bench.start_button.click()
        await until(bench, 2)
        bench.reset()
        await bench.task

    asyncio.run(student())
    assert bench.runs == [] and bench.state == bench.defaults and bench.progress.value == 0
    assert bench.stop_button.disabled and bench._image.value == empty


def test_without_a_loop_start_says_what_to_do(bench):
    with pytest.raises(RuntimeError, match=r"no running event loop.*run = begin\(\)"):
        bench.start()
    assert bench.runs == [] and bench.stop_button.disabled


# -- two threads, as JupyterLab makes them when something is pressed while a cell runs ---------------


def test_a_stop_in_the_midst_of_an_epoch_leaves_that_epoch_out(bench, monkeypatch):
    run = bench.begin()
    assert bench.advance(run) is True
    evaluation = NeuralNetMLP._evaluation

    def meanwhile(*args):
        bench.stop()
        return evaluation(*args)

    monkeypatch.setattr(NeuralNetMLP, "_evaluation", meanwhile)
    assert bench.advance(run) is False
    assert len(run.epochs) == 1 and run.end == "stopped" and bench.progress.value == 1
    assert bench.advance(run) is False and bench.stop_button.disabled


def test_pictures_are_drawn_one_at_a_time(bench, monkeypatch):
    drawing, at_once = [], []
    draw = bench.draw

    def slow_draw(**numbers):
        at_once.append(len(drawing))
        drawing.append(1)
        time.sleep(0.02)
        drawing.pop()
        return draw(**numbers)

    monkeypatch.setattr(bench, "draw", slow_draw)
    with ThreadPoolExecutor(4) as threads:
        for drawn in [threads.submit(bench.refresh) for _ in range(4)]:
            drawn.result()
    assert at_once == [0, 0, 0, 0]


# -- errors -----------------------------------------------------------------------------------------


def broken(*args, **kwargs):
    raise KeyError("planted")


def run_into(bench, error):
    """Start, and train until the task ends with `error`."""
    async def student():
        bench.start_button.click()
        with pytest.raises(error, match="planted"):
            await bench.task
        await asyncio.sleep(0)

    asyncio.run(student())


def test_an_error_in_an_epoch_is_shown_raised_and_logged(bench, at_once, monkeypatch, caplog):
    monkeypatch.setattr(NeuralNetMLP, "_evaluation", broken)
    monkeypatch.setattr(training, "get_logger", lambda: logging.getLogger("kernel"))  # that of a kernel, in a kernel
    run_into(bench, KeyError)
    assert "KeyError: &#x27;planted&#x27;" in bench._message.value and 'role="alert"' in bench._message.value
    assert [record.exc_info[0] for record in caplog.records] == [KeyError]
    assert bench.runs[-1].end == "failed" and bench.stop_button.disabled and bench.running is None

    monkeypatch.undo()
    bench.begin()
    assert bench.advance(bench.runs[-1]) is True and bench._message.value == ""


def test_an_error_in_drawing_an_epoch_ends_the_run(bench, at_once, monkeypatch):
    async def student():
        bench.start_button.click()
        await until(bench, 1)
        monkeypatch.setattr(bench, "draw", broken)
        with pytest.raises(KeyError, match="planted"):
            await bench.task

    asyncio.run(student())
    assert "planted" in bench._message.value and bench.runs[-1].end == "failed" and bench.stop_button.disabled


def test_an_error_of_a_step_is_raised_and_ends_the_run(bench, monkeypatch):
    bench.begin()
    bench.advance(bench.runs[-1])
    monkeypatch.setattr(NeuralNetMLP, "_update", broken)
    with pytest.raises(KeyError, match="planted"):
        bench.advance(bench.runs[-1])
    assert bench.running is None and bench.stop_button.disabled and len(bench.runs[0].epochs) == 1
    bench.refresh()
    assert bench.sentence.startswith("Run 1 (failed), epoch 1: cost ")
