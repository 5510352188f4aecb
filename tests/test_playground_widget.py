"""The playground as a widget, without a page: its controls, its buttons, what it sends and what it says."""

import asyncio
import itertools
import re

import ipywidgets as widgets
import numpy as np
import pytest
from explorer_support import shown, values_of

from lessonkit.playground import stage as stage_module, widget
from lessonkit.playground.settings import NAMES, Settings
from lessonkit.playground.stage import PANELS
from lessonkit.playground.widget import BUTTONS, Playground
from mlp_core import NeuralNetMLP

SMALL = {"n_hidden": 5, "epochs": 5, "digits": 500}  # 5 updates an epoch


@pytest.fixture
def playground():
    return Playground(**SMALL)


def in_a_loop(playground, *actions):
    """Do `actions` one after the other in an event loop, as on a page, each when the training before it rests."""
    async def go():
        for action in actions:
            action()
            if playground.task:
                await playground.task

    asyncio.run(go())


def ask(playground, run, epoch):
    """Ask as the page does for an epoch of a run; -1 is its end."""
    playground.stage.asked = [run, epoch, playground.stage.asked[2] + 1]


def place_of(playground):
    """What the page is told of the runs, without the count of what it has asked."""
    return {name: value for name, value in playground.stage.place.items() if name != "asked"}


def paint(playground):
    """Do what the page does after each scene."""
    def painted(change):
        playground.stage.painted = change["new"]["number"]

    playground.stage.observe(painted, names="scene")


# -- the controls -----------------------------------------------------------------------------------


def test_every_setting_has_a_control_with_the_course_s_values_at_first():
    playground = Playground()
    assert set(playground.widgets) == set(NAMES)
    assert widget.controls.get(playground.state) == Settings()
    for name, control in playground.widgets.items():
        tip = getattr(control, "tooltip", None) or control.description_tooltip
        assert control.description and tip, name


def test_every_choice_is_a_setting(playground):
    for name, control in playground.widgets.items():
        if not isinstance(control, widgets.Checkbox):
            for value in values_of(control):
                others = {"digits": 4000} if name == "minibatch_size" else {}
                Settings(**{name: value} | others)


def test_rates_are_tried_in_factors():
    rates = values_of(Playground().widgets["eta"])
    factors = np.divide(rates[1:], rates[:-1])
    assert rates[0] <= 0.0001 and rates[-1] >= 1 and factors.min() >= 1.99 and factors.max() <= 2.51


def test_settings_that_are_no_choice_become_one():
    playground = Playground(eta=0.0123, n_hidden=7, seed=77, schedule="cosine", shifted=True)
    assert widget.controls.get(playground.state) == Settings(eta=0.0123, n_hidden=7, seed=77, schedule="cosine",
                                                             shifted=True)
    assert playground.sitting.run.settings.seed == 77


def test_before_it_begins_a_run_follows_the_controls(playground):
    before = playground.stage.scene
    playground.widgets["seed"].value = 2
    assert playground.sitting.run.settings.seed == 2 and playground.sitting.run.number == 1
    assert playground.stage.scene["hidden"]["pixels"] != before["hidden"]["pixels"]
    playground.widgets["n_hidden"].value = 2
    assert len(playground.stage.scene["hidden"]["pixels"]) == 2 * 784


def test_once_begun_a_run_keeps_its_settings_and_the_next_gets_the_new_ones(playground):
    playground.train(1)
    playground.widgets["eta"].value = 0.01
    assert playground.sitting.run.settings.eta == 0.005
    assert playground.sentence.endswith("Start begins run 2 with the settings above.")
    in_a_loop(playground, playground.one_epoch)
    assert [run.settings.eta for run in playground.sitting.runs] == [0.005, 0.01]
    assert [run.end for run in playground.sitting.runs] == ["stopped", "paused"]


def test_settings_that_do_not_go_together_are_told_and_nothing_is_lost(playground):
    playground.train(1)
    playground.widgets["minibatch_size"].value = 1000
    assert "minibatch_size is 1000, but there are 500 digits" in playground._message.value
    in_a_loop(playground, playground.buttons["start"].click)
    assert "minibatch_size is 1000" in playground._message.value and len(playground.sitting.run.epochs) == 1
    playground.widgets["minibatch_size"].value = 50
    assert playground._message.value == ""


def test_settings_at_odds_do_not_stop_a_run(playground):
    async def go():
        playground.start()
        await asyncio.sleep(0)
        playground.widgets["minibatch_size"].value = 1000
        await playground.task

    paint(playground)
    asyncio.run(go())
    assert playground.sitting.run.end == "finished" and len(playground.sitting.run.epochs) == 5
    assert playground.sentence.endswith("do not go together: nothing can be started with them.")


def test_train_begins_another_run_where_the_present_one_cannot_go_on(playground):
    playground.train(5)
    playground.train(1)
    assert [len(run.epochs) for run in playground.runs] == [5, 1]
    playground.widgets["seed"].value = 3
    playground.train(2)
    assert [run.settings.seed for run in playground.runs] == [1, 1, 3]


def test_a_run_of_another_student_is_made_again(playground):
    playground.train(1)
    playground.stage.weight = ["w_out", 3]
    playground._on_message(playground.stage, {"set": "2"}, [])
    playground.train(4)
    theirs, = playground.runs
    ours = Playground()
    calls = []
    ours.watch(lambda: calls.append(ours.sentence))
    in_a_loop(ours, lambda: ours.repeat(theirs.settings, theirs.edits))
    assert ours.runs[-1].epochs == theirs.epochs and ours.runs[-1].edits == theirs.edits
    assert widget.controls.get(ours.state) == theirs.settings and calls[-1].startswith("Run 1 is finished")


def test_reset_forgets_everything(playground):
    first = playground.stage.scene
    playground.train(2)
    playground.stage.unit, playground.stage.digit, playground.stage.weight = 3, 9, ["w_out", 2]
    playground.widgets["n_hidden"].value = 2
    playground.reset()
    assert playground.state == playground.defaults and playground.sitting.runs == []
    assert {**playground.stage.scene, "number": 0} == {**first, "number": 0}
    assert playground.stage.curves == {"runs": [], "at": None}


def test_what_a_line_adds_to_the_choices_is_there_as_long_as_it_is_chosen(playground):
    usual = {name: values_of(playground.widgets[name]) for name in widget.controls.CHOICES}
    for rate, seed in ((0.0123, 2**32 - 1), (0.0456, 7)):
        in_a_loop(playground, lambda: playground.repeat(Settings(**SMALL | {"eta": rate, "seed": seed})))
        assert playground.widgets["eta"].value == rate and playground.widgets["seed"].value == seed
        assert values_of(playground.widgets["eta"]) == sorted([*usual["eta"], rate])
        assert playground.widgets["seed"].max == max(20, seed)
    playground.reset()
    assert playground.state == playground.defaults and playground.widgets["seed"].max == 20
    assert {name: values_of(playground.widgets[name]) for name in usual} == usual


@pytest.mark.parametrize("epochs", [0, -1, 1.5, "3", True, None])
def test_train_says_how_many_epochs_it_expects(playground, epochs):
    playground.train(1)
    with pytest.raises(ValueError, match=f"epochs is {epochs!r}; expected an integer of at least 1"):
        playground.train(epochs)
    assert len(playground.runs[0].epochs) == 1 and playground.runs[0].step == playground.runs[0].last_step(1)


# -- hiding -----------------------------------------------------------------------------------------


def inside(box):
    yield box
    for child in getattr(box, "children", ()):
        yield from inside(child)


def test_a_teacher_hides_controls_buttons_and_pictures():
    playground = Playground(hide=["l2", "dropout", "new_run", "confusion", "digits", "shifted", "seed"])
    parts = list(inside(playground.box))
    hidden = [playground.widgets[name] for name in ("l2", "dropout", "digits", "seed")]
    assert not any(part in parts for part in [*hidden, playground.buttons["new_run"]])
    assert playground.widgets["n_hidden"] in parts and playground.buttons["start"] in parts
    assert playground.stage.panels == [name for name in PANELS if name != "confusion"]
    titles = [part.value for part in parts if isinstance(part, widgets.Label)]
    assert titles == ["Network", "Steps"], "a group without a control has no title"


def test_what_cannot_be_hidden_is_named():
    with pytest.raises(ValueError, match="hide has 'rate'; expected names among n_hidden, .*start.*curves"):
        Playground(hide=["rate"])


# -- training on a page -----------------------------------------------------------------------------


def test_start_trains_to_the_end_in_turns(playground):
    paint(playground)
    turns = []

    async def go():
        playground.start()
        while not playground.task.done():
            turns.append(playground.sitting.run.step)
            await asyncio.sleep(0)

    asyncio.run(go())
    run = playground.sitting.run
    assert run.end == "finished" and len(turns) > 5 and playground.sentence.startswith("Run 1 is finished. Epoch 5: ")
    assert playground.sentence.endswith("Start begins run 2 with the settings above.")
    network = run.settings.network().fit(*run.settings.digits_to_train(), progress=False)
    np.testing.assert_array_equal(playground.sitting.network.w_h, network.w_h)
    assert [curve["cost"] for curve in playground.stage.curves["runs"]] == [
        [round(cost, 3) for cost in network.eval_["cost"]]]


def test_pause_comes_between_two_turns_and_start_goes_on():
    playground = Playground(epochs=60)

    async def go():
        playground.start()
        assert not playground.buttons["pause"].disabled or playground.sitting.going
        await asyncio.sleep(0)  # its first turn
        playground.pause()
        step = playground.sitting.run.step
        await playground.task
        assert playground.sitting.run.step == step > 0 and playground.sitting.run.end == "paused"
        assert playground.buttons["pause"].disabled
        playground.start()
        await asyncio.sleep(0)
        playground.pause()
        await playground.task
        assert playground.sitting.run.step > step and playground.sitting.runs == [playground.sitting.run]

    asyncio.run(go())


def test_one_minibatch_and_one_epoch(playground):
    in_a_loop(playground, playground.one_minibatch)
    assert playground.sentence == "Run 1 rests in epoch 1 of 5, after 1 of 5 minibatches."
    in_a_loop(playground, playground.one_epoch, playground.one_epoch)
    assert playground.sentence.startswith("Run 1 rests between two epochs. Epoch 2: cost ")


def test_another_that_is_displayed_lets_the_one_before_rest(playground):
    async def go():
        shown(playground)
        playground.start()
        await asyncio.sleep(0)
        shown(playground)
        assert playground.sitting.going, "it is the same one"
        shown(Playground(**SMALL))  # as when its cell is run again
        assert playground.sitting.run.end == "paused"
        await playground.task

    asyncio.run(go())
    assert not playground.sitting.over


def test_without_an_event_loop_it_says_what_to_do(playground):
    with pytest.raises(RuntimeError, match=r"call train\(epochs\)"):
        playground.start()


def test_an_error_while_it_trains_is_shown_and_ends_the_run(playground, monkeypatch):
    monkeypatch.setattr(playground.sitting.network, "_gradients", lambda *_arguments, **_scale: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        in_a_loop(playground, playground.start)
    assert "ZeroDivisionError" in playground._message.value and playground.sitting.run.end == "failed"


def test_a_run_that_diverged_says_so_and_shows_the_last_network():
    playground = Playground(**SMALL, eta=100.0, l2=1e6)
    with np.errstate(all="raise"):
        playground.train(1)
    assert playground.sentence.startswith("Run 1 diverged in epoch 1: its weights grew too large")
    assert "inf" not in str(playground.stage.scene) and "nan" not in str(playground.stage.scene)


def test_while_weights_overflow_the_last_scene_stays(playground):
    playground.train(1)
    scene = playground.stage.scene
    playground.sitting.start(playground.sitting.minibatch_done)
    playground.sitting.advance()
    playground.sitting.network.w_h[:] = np.inf
    playground.show()
    assert playground.stage.scene is scene and playground.sentence.startswith("Run 1 rests in epoch 2")
    assert playground.sentence.endswith("too large to compute with, so the pictures stay as they were.")
    with np.errstate(all="raise"):
        twin, _view = shown(playground)
    assert playground.sentence in twin["text/plain"]


def test_while_weights_overflow_another_choice_is_shown_of_the_network_before(playground):
    playground.train(1)
    playground.stage.unit, before = 3, playground.stage.scene["hidden"]
    wanted = playground.stage.scene
    playground.stage.unit = 0
    playground.sitting.set_weight("w_h", (400, 3), 3.3e38)
    playground.sitting.set_weight("w_h", (401, 3), 3.3e38)
    playground.show()
    playground.stage.unit = 3
    assert {**playground.stage.scene, "number": 0} == {**wanted, "number": 0}, "what is set now is set in unit 3"
    assert playground.stage.scene["hidden"] == before and "pictures stay" in playground.sentence
    playground.widgets["n_hidden"].value = 2
    playground.new_run()
    assert len(playground.stage.scene["hidden"]["pixels"]) == 2 * 784 and "pictures stay" not in playground.sentence


@pytest.mark.filterwarnings("error")
def test_weights_too_large_to_compute_with_are_told(playground):
    playground.train(1)
    for number, value in enumerate((1e36, 3.3e38, 3.3e38)):  # one alone is still added to the others
        scene = playground.stage.scene
        playground.sitting.set_weight("w_h", (400 + number, 4), value)
        playground.show()
        assert (playground.stage.scene is scene) == ("pictures stay" in playground.sentence) == (number == 2)
        twin = playground.compute(**playground.state)["nn"]
        assert (twin.w_h[400 + number, 4] > 1e35) == (number < 2), "the twin is not what the page shows"
        shown(playground)
    playground.sitting.set_weight("w_h", (401, 4), 0.1)
    playground.show()
    assert playground.stage.scene is not scene and "pictures stay" not in playground.sentence


def test_what_the_sentence_says_is_on_the_page_when_it_comes(playground):
    told, stage = [], playground.stage
    playground._page.observe(lambda change: told.append(
        (change["new"], stage.curves, stage.place, stage.scene, playground.buttons["pause"].disabled)), names="sentence")
    for action, epoch in ((playground.one_epoch, 1), (playground.one_epoch, 2), (lambda: ask(playground, 1, 1), 1)):
        in_a_loop(playground, action)
        sentence, *there = told[-1]
        assert f"Epoch {epoch}: " in sentence and stage.place["epoch"] == epoch
        assert there == [stage.curves, stage.place, stage.scene, True]


def test_a_scene_waits_for_the_page_but_not_for_ever(playground, monkeypatch):
    now = [playground._sent_at + 0.2]
    monkeypatch.setattr(widget.time, "monotonic", lambda: now[0])
    playground._cost = 0.001
    playground.stage.painted = playground._sent - 1
    assert not playground._frame_is_due()
    playground.stage.painted = playground._sent
    assert playground._frame_is_due()
    playground._cost = 0.1  # a slow machine: a scene at a time, and five times as long for training
    assert not playground._frame_is_due()
    playground._cost, playground.stage.painted, now[0] = 0.001, 0, now[0] + widget.PATIENCE
    assert playground._frame_is_due()


# -- looking ----------------------------------------------------------------------------------------


def test_an_earlier_epoch_is_shown_with_all_pictures(playground):
    scenes = [playground.stage.scene]
    for _ in range(3):
        playground.train(1)
        scenes.append(playground.stage.scene)
    assert place_of(playground) == {"runs": [1], "run": 1, "epoch": 3, "last": 3}
    for epoch in (1, 0, 2, 3):
        ask(playground, 1, epoch)
        assert playground.stage.place["epoch"] == epoch
        assert {**playground.stage.scene, "number": 0} == {**scenes[epoch], "number": 0}
        assert playground.stage.curves["at"] == (None if epoch == 3 else [1, epoch])
    assert len({scene["hidden"]["pixels"] for scene in scenes}) == 4


def test_while_one_looks_back_training_goes_on(playground):
    playground.train(2)
    ask(playground, 1, 1)
    scene = playground.stage.scene
    playground.sitting.start(playground.sitting.epoch_done)
    playground.look_at(playground.sitting.run, 1)
    while playground.sitting.advance():
        pass
    playground.show()
    assert playground.stage.scene is scene, "nothing of it has changed, so it need not be sent"
    assert len(playground.sitting.run.epochs) == 3 and place_of(playground) == {
        "runs": [1], "run": 1, "epoch": 1, "last": 3}


def test_an_earlier_run_is_shown_again(playground):
    playground.train(2)
    last = playground.stage.scene
    playground.widgets["n_hidden"].value = 2
    playground.new_run()
    playground.train(1)
    assert place_of(playground) == {"runs": [1, 2], "run": 2, "epoch": 1, "last": 1}
    ask(playground, 1, -1)
    assert playground.stage.scene["hidden"] == last["hidden"] and playground.sentence.startswith(
        "You look back at run 1. Epoch 2: ")
    assert place_of(playground) == {"runs": [1, 2], "run": 1, "epoch": 2, "last": 2}
    ask(playground, 1, 0)
    assert playground.sentence.startswith("You look back at run 1, before its first minibatch.")
    ask(playground, 2, -1)
    assert playground.sitting.place is None and playground.stage.place["run"] == 2


def test_a_run_whose_weights_are_no_longer_kept_puts_the_controls_back(playground):
    playground.train(1)
    playground.new_run()
    playground.sitting.runs[0].weights = []
    places = []
    playground.stage.observe(lambda change: places.append(change["new"]), names="place")
    for _ in range(2):
        ask(playground, 1, -1)
        assert "no longer kept" in playground._message.value and playground.stage.place["run"] == 2
    assert len(places) == 2, "the page moves its controls only when the place changes"


def test_a_run_that_is_no_more_is_not_looked_at(playground):
    playground.train(1)
    places = []
    playground.stage.observe(lambda change: places.append(change["new"]), names="place")
    ask(playground, 7, -1)
    assert len(places) == 1 and place_of(playground) == {"runs": [1], "run": 1, "epoch": 1, "last": 1}


def test_run_and_epoch_stand_where_the_scene_is_after_every_kind_of_move(playground):
    random = np.random.RandomState(1)
    for _ in range(60):
        move = random.choice(["train", "new", "epoch", "run"])
        if move == "train" and not playground.sitting.over:
            playground.train(1)
        elif move == "new":
            playground.new_run()
        elif move == "epoch":
            ask(playground, playground.stage.place["run"], random.randint(playground.stage.place["last"] + 1))
        elif move == "run":
            ask(playground, random.choice(playground.stage.place["runs"]), -1)
        run, epoch = playground.sitting.place or (playground.sitting.run, len(playground.sitting.run.epochs))
        assert (playground.stage.place["run"], playground.stage.place["epoch"]) == (run.number, epoch)
        weights = stage_module.views.tiles(run.weights[epoch]["w_h"]).tobytes()
        assert playground.stage.scene["hidden"]["pixels"] == weights


# -- what is chosen on the page ---------------------------------------------------------------------


def test_a_choice_brings_its_scene(playground):
    playground.stage.unit, playground.stage.digit, playground.stage.weight = 4, 33, ["w_out", 7]
    scene = playground.stage.scene
    assert (scene["unit"]["index"], scene["digit"]["index"]) == (4, 33)
    assert (scene["weight"]["layer"], scene["weight"]["place"]) == ("w_out", 7)


def test_a_weight_is_set_from_the_page(playground):
    playground.train(1)
    playground.stage.unit, playground.stage.weight = 4, ["w_h", 300]
    playground._on_message(playground.stage, {"set": "0.5"}, [])
    assert playground.sitting.network.w_h[300, 4] == 0.5 and playground.stage.refused == ""
    assert playground.stage.scene["weight"]["value"] == "0.5000"
    assert playground.sitting.run.edits[0][1:] == ("w_h", (300, 4), 0.5)


@pytest.mark.parametrize("typed", ["", "much", "nan", "1e99"])
def test_what_is_no_weight_is_refused_on_the_page(playground, typed):
    playground.train(1)
    before = playground.sitting.network.w_h.copy()
    playground._on_message(playground.stage, {"set": typed}, [])
    assert "finite number" in playground.stage.refused
    np.testing.assert_array_equal(playground.sitting.network.w_h, before)
    playground.stage.unit = 2
    assert playground.stage.refused == ""


@pytest.mark.parametrize("then", ["look_at", "one_minibatch", "new_run", "reset", "train"])
def test_a_refusal_goes_with_what_it_was_about(playground, then):
    playground.train(2)
    ask(playground, 1, 1)
    playground._on_message(playground.stage, {"set": "0.5"}, [])
    assert "an earlier state" in playground.stage.refused
    if then == "look_at":
        ask(playground, 1, -1)
    elif then == "train":
        playground.train(1)
    else:
        in_a_loop(playground, getattr(playground, then))
    assert playground.stage.refused == ""


def test_the_page_has_the_pixels_of_every_validation_digit(playground):
    pixels = np.frombuffer(playground.stage.digits, np.uint8).reshape(-1, 784)
    np.testing.assert_allclose(pixels / 127.5 - 1, playground.X, atol=1e-6)
    assert set(playground.stage.colours) == {"signed", "ink", "activation"}
    assert all(len(colours) == 3 * 256 for colours in playground.stage.colours.values())


def test_the_page_holds_no_words_of_its_own():
    source = stage_module.page.script("playground")
    used = set(re.findall(r"words(?:\.(\w+)|\[\"([\w ]+)\"\])", source))
    used = {one or other for one, other in used}
    assert used | set(PANELS) <= set(stage_module.WORDS), "a word is missing"
    heads = {"class", "w_out", "added", "z_out", "a_out"}
    assert set(stage_module.WORDS) <= used | set(PANELS) | heads, "one is unused"


# -- the still twin ---------------------------------------------------------------------------------


def test_the_twin_says_what_is_seen(playground):
    playground.train(2)
    twin, live = shown(playground)
    text = twin["text/plain"]
    assert text.startswith(playground.alt) and playground.sentence in text
    assert "5 units" in text and f'{playground.stage.scene["mistakes"]["text"].split()[0]} of 500 digits wrong' in text
    costs = [epoch.cost for epoch in playground.runs[0].epochs]
    assert f"2 points, x 1.000 to 2.000, y first {costs[0]:.0f}, " in text, "the curve of the cost is missing"
    assert "<img alt=" in twin["text/html"] and "still-twin" in twin["text/html"]
    playground.train(1)
    assert shown(playground)[0]["text/plain"] != text


def test_the_twin_is_the_same_each_time():
    assert shown(Playground(**SMALL))[0] == shown(Playground(**SMALL))[0]


def test_says_no_address(playground):
    assert repr(playground) == "Playground()" and repr(playground.stage) == "Stage()"


def test_all_names_can_be_hidden():
    assert len({*NAMES, *BUTTONS, *PANELS}) == len(NAMES) + len(BUTTONS) + len(PANELS), "a name stands for two things"


def test_an_interrupted_training_is_shown_as_it_is(monkeypatch):
    playground, updates = Playground(**SMALL), itertools.count(1)
    update = NeuralNetMLP._update

    def interrupted(self, steps):
        if next(updates) == 2 * Settings(**SMALL).updates:
            raise KeyboardInterrupt
        update(self, steps)

    monkeypatch.setattr(NeuralNetMLP, "_update", interrupted)
    with pytest.raises(KeyboardInterrupt):
        playground.train(3)
    assert "poch 1" in playground.sentence and "rests between two epochs" not in playground.sentence
    assert playground.stage.curves and playground.buttons["pause"].disabled
