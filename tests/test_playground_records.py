"""The playground's runs: a line of text and back, whether the same came out, sorting, and the table as CSV."""

import csv
import io
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st

import playground_support as support
from lessonkit.playground import records
from lessonkit.playground.records import (
    COLUMNS, HEAD, Edit, Run, as_csv, compare, read_line, row, sort_runs, write_line)
from lessonkit.playground.settings import NAMES, Settings
from mlp_core import Epoch
from playground_support import SMALL, Trained

thorough = hypothesis_settings(max_examples=100, deadline=None, derandomize=True,
                               suppress_health_check=list(HealthCheck))


@st.composite
def runs(draw, number=st.integers(1, 99)):
    """A run that was not trained, with any result."""
    chosen = draw(support.settings)
    run = Run(draw(number), chosen, end=draw(st.sampled_from(["", "finished", "paused", "diverged"])))
    share = st.floats(0, 1)
    run.epochs = [Epoch(n, draw(st.floats(0, 1e30)), draw(share), draw(share))
                  for n in range(1, draw(st.integers(0, chosen.epochs)) + 1)]
    run.edits = [Edit(step, name, index, float(np.float32(value)))
                 for step, name, index, value in draw(support.edits_of(chosen))]
    return run


def made(number=1, epochs=((100.5, 0.5, 0.25),), edits=(), end="finished", **settings):
    """A run that was not trained, with these results."""
    run = Run(number, Settings(**SMALL | settings), end=end, edits=list(edits))
    run.epochs = [Epoch(n, *each) for n, each in enumerate(epochs, 1)]
    return run


# -- a line -----------------------------------------------------------------------------------------


@thorough
@given(runs())
def test_a_line_says_the_whole_run(run):
    line = write_line(run)
    assert "\n" not in line and line.isascii()
    assert read_line(line) == (run.settings, run.edits, run.result, run.end)


def test_a_line_looks_like_this():
    assert write_line(made(edits=[Edit(8, "w_h", (300, 5), 0.5), Edit(9, "b_out", (3,), -1.0)])) == (
        "mlp-run n_hidden=6 l2=0.01 eta=0.01 minibatch_size=50 epochs=3 dropout=0.0 seed=1 digits=300 "
        "schedule=constant shifted=False by_hand=8:w_h[300,5]=0.5;9:b_out[3]=-1.0 done=1 cost=100.5 train_acc=0.5 "
        "valid_acc=0.25 end=finished")


LINE = write_line(made())


EDITED = write_line(made(edits=[Edit(8, "w_h", (300, 5), 0.5), Edit(9, "b_out", (3,), -1.0)]))


@pytest.mark.parametrize("mangled", [
    f"\u200b{LINE}", f"\ufeff{LINE}", f"\u00a0{LINE}\u00a0", LINE.replace("0.01", "0.\u200b01").replace("=", "=\u2060"),
    f">> {LINE}", ">> " + LINE.replace(" digits", "\r\n>> digits"), "> > " + LINE.replace(" digits", "\n>digits"),
    LINE.replace(" digits", "\n > digits").replace(" seed", " >> seed"), f"\u201c{LINE}\u201d", f"\u00ab{LINE}\u00bb",
    f"```\n{LINE}\n```", f"> ```\n> {LINE}\n> ```", LINE.replace(" ", "\t"), LINE.replace(" ", "\u3000"),
    f"  {LINE}\n", LINE.replace(" ", "\n"), "> " + LINE.replace(" digits", "\n> digits"), f"`{LINE}`", f'"{LINE}"',
    LINE.replace(" ", "\u00a0"), "\t" + LINE.replace(" ", "   ")])
def test_a_letter_may_break_it(mangled):
    assert read_line(mangled) == read_line(LINE)


@pytest.mark.parametrize("old, new", [(";", ";\n"), (";", "\n;"), (";", ";\r\n>> "), (";", "; ")])
def test_a_by_hand_may_be_broken_between_two_edits(old, new):
    assert read_line(EDITED.replace(old, new)) == read_line(EDITED)


@pytest.mark.parametrize("place", range(EDITED.index("by_hand") + 1, EDITED.index(" done")))
def test_a_by_hand_that_is_broken_elsewhere_is_refused(place):
    text = f"{EDITED[:place]}\n{EDITED[place:]}"
    if EDITED[place] == ";" or EDITED[place - 1] == ";":
        assert read_line(text) == read_line(EDITED)
        return
    with pytest.raises(ValueError, match="is not understood; expected NAME=VALUE") as caught:
        read_line(text)
    if place > EDITED.index("by_hand=") + 7:
        assert re.search(r'If a line break has cut "(\S+)" in two, take it out', str(caught.value))[1] in EDITED


@pytest.mark.parametrize("old, new, message", [
    (LINE, "", 'this is not a run: it begins with "". Expected a line that begins with "mlp-run"'),
    (LINE, "seed=1", 'this is not a run: it begins with "seed=1"'),
    (" eta=0.01", "", "the line says nothing of eta"),
    (" train_acc=0.5 valid_acc=0.25 end=finished", "", "the line says nothing of train_acc, valid_acc, end"),
    (" eta=0.01", " eta=0.01 eta=0.02", "eta is given twice: is this more than one line?"),
    (LINE, f"{LINE} {LINE}", 'mlp-run is given twice: is this more than one line? Paste a single one.'),
    (LINE, f"`{LINE}`\n`{LINE}`", 'mlp-run is given twice: is this more than one line?'),
    (LINE, LINE + LINE, 'mlp-run is given twice: is this more than one line?'),
    ("mlp-run", "mlp\u2011run", 'It has the character "\u2011" (U+2011), which is in no such line'),
    ("mlp-run", "\uc548\ub155", 'begins with "\uc548\ub155". Expected a line that begins with "mlp-run". '
                                "Copy the whole line."),
    ("cost=100.5", "cost=1e\u221205", 'cost is 1e\u221205; expected a number. It has the character "\u2212" (U+2212)'),
    ("cost=100.5", "cost=1e\u00ad05", "(U+00AD), which is in no such line"),  # a soft hyphen, for a minus perhaps
    ("eta=", "eta\uff1d", '"eta\uff1d0.01" is not understood; expected NAME=VALUE'),
    ("eta=", "eta\uff1d", '(U+FF1D), which is in no such line'),
    ("seed=1", "seed=\uff11", 'seed is \uff11; expected a whole number. It has the character "\uff11" (U+FF11)'),
    ("eta=0.01", "eta=\u201c0.01\u201d", "(U+201C), which is in no such line"),
    ("eta=0.01", "eta=0.01\0", r'eta is 0.01\x00; expected a number. It has the character "\x00" (U+0000)'),
    ("end=finished", "end=finished\u2026", "(U+2026), which is in no such line"),
    ("end=finished", "end=finished.", "end is finished.; expected one of running, finished"),
    ("cost=100.5", "cost=100.\n5", '"5" is not understood; expected NAME=VALUE'),
    ("cost=100.5", "cost=100.\n5", 'If a line break has cut "cost=100.5" in two, take it out'),
    ("cost=100.5", "cost=\n100.5", 'If a line break has cut "cost=100.5" in two, take it out'),
    ("seed=1", "seed=" + "1" * 5000, "seed has a value of 5000 characters; expected at most 100. Copy the line again."),
    ("by_hand=none", f"by_hand={'8' * 5000}:b_h[1]=1", "by_hand has a value of 5000 characters; expected at most 100"),
    ("by_hand=none", f"by_hand=8:b_h[{'8' * 5000}]=1", "by_hand has a value of 5000 characters; expected at most 100"),
    ("eta=", "rate=", '"rate=0.01" is not understood; expected NAME=VALUE'),
    ("eta=0.01", "eta=", '"eta=" is not understood'),
    ("seed=1", "seed 1", '"seed" is not understood'),
    ("run ", "run run=7 ", '"run=7" is not understood'),
    ("eta=0.01", "eta=fast", "eta is fast; expected a number"),
    ("eta=0.01", "eta=nan", "eta is nan; expected a number"),
    ("eta=0.01", "eta=0,01", "eta is 0,01; expected a number"),
    ("eta=0.01", "eta=1e999", "eta is inf; expected a finite number"),
    ("seed=1", "seed=1_0", "seed is 1_0; expected a whole number"),
    ("seed=1", "seed=\u0661", "seed is \u0661; expected a whole number"),
    ("seed=1", "seed=1.0", "seed is 1.0; expected a whole number"),
    ("seed=1", f"seed={2**32}", "seed is 4294967296; expected None or an integer"),
    ("n_hidden=6", "n_hidden=1000000000", "n_hidden is 1000000000; expected at most 1000"),
    ("digits=300", "digits=40", "digits is 40; expected an integer from 55 to 4000"),
    ("shifted=False", "shifted=no", "shifted is no; expected True or False"),
    ("schedule=constant", "schedule=__import__", "schedule is '__import__'; expected one of"),
    ("by_hand=none", "by_hand=w_h", 'by_hand has "w_h"; expected STEP:NAME[PLACE]=VALUE'),
    ("by_hand=none", "by_hand=5:eval_[3]=0", "there are no weights 'eval_'; expected one of w_h, b_h, w_out, b_out"),
    ("by_hand=none", "by_hand=5:w_h[3]=0", "w_h has no place (3,); its shape is (784, 6)"),
    ("by_hand=none", "by_hand=5:w_h[784,5]=0", "w_h has no place (784, 5)"),
    ("by_hand=none", "by_hand=5:b_h[6]=0", "b_h has no place (6,); its shape is (6,)"),
    ("by_hand=none", "by_hand=5:b_h[1]=1e39", "b_h[1] cannot be 1e+39; expected a finite number that float32 can hold"),
    ("by_hand=none", "by_hand=0:b_h[1]=1", "a weight cannot be set after step 0; expected 1 to 21"),
    ("by_hand=none", "by_hand=22:b_h[1]=1", "a weight cannot be set after step 22; expected 1 to 21"),
    ("by_hand=none", "by_hand=9:b_h[1]=1;8:b_h[1]=1", "the steps of by_hand go back"),
    ("done=1", "done=4", "done is 4; expected at most the 3 epochs of the run"),
    ("done=1", "done=one", "done is one; expected a whole number"),
    ("cost=100.5", "cost=-1", "the result is a cost of -1.0"),
    ("cost=100.5", "cost=1e999", "the result is a cost of inf"),
    ("train_acc=0.5", "train_acc=50", "accuracies of 50.0 and 0.25; expected a cost of at least 0"),
    ("end=finished", "end=soon", "end is soon; expected one of running, finished"),
])
def test_a_line_that_says_something_else(old, new, message):
    assert old in LINE
    with pytest.raises(ValueError, match=re.escape(message)):
        read_line(LINE.replace(old, new, 1))


@thorough
@given(st.text(max_size=60), st.integers(0, len(LINE)), st.integers(0, len(LINE)))
def test_whatever_is_pasted_is_a_line_or_a_word_about_it(text, start, stop):
    try:
        read_line(LINE[:start] + text + LINE[stop:])
    except (ValueError, TypeError) as error:
        assert str(error).endswith(".")


DAMAGE = ["\u200b", "\ufeff", "\u00a0", "\u00ad", "\u202f", "\u2011", "\u2212", "\u2013", "\uff11", "\uff1d", "\u201c",
          " ", "\t", "\r\n", "\n> ", "\n>> ", "\u2028", "\0", "\x1b", "\ud800", "```", "**", "&gt;", ",", ";", "=\n",
          "\n;"]


@thorough
@given(runs(), st.data())
def test_a_line_that_is_damaged_on_its_way_is_the_same_run_or_refused(run, data):
    line = damaged = write_line(run)
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(damaged)))
        damaged = damaged[:place] + data.draw(st.sampled_from(DAMAGE)) + damaged[place:]
    for old in data.draw(st.lists(st.sampled_from([" ", "-", "=", "_", ";", "\n"]), max_size=1)):
        damaged = HEAD + damaged.removeprefix(HEAD).replace(old, data.draw(st.sampled_from(DAMAGE[3:])))
    damaged += data.draw(st.sampled_from(["", ".", ",", ")", "```", "\n>", '"', "\u201d.", "\n-- "]))
    try:
        found = read_line(damaged)
    except ValueError as error:
        assert str(error).endswith(".") and "".join(str(error).split()).isprintable()
    else:
        assert found == read_line(line)


def test_no_text_at_all():
    with pytest.raises(TypeError, match="the line is a int; expected text"):
        read_line(7)


# -- weights set by hand ----------------------------------------------------------------------------


def test_a_weight_is_set_and_noted_as_float32_holds_it():
    trained = Trained(Settings(**SMALL), steps=5)
    edit = trained.run.set_weight(trained.network, "w_h", [np.int64(300), 5], 0.1)
    assert edit == Edit(5, "w_h", (300, 5), float(np.float32(0.1))) and trained.run.edits == [edit]
    assert trained.network.w_h[300, 5] == np.float32(0.1)
    assert trained.run.set_weight(trained.network, "b_out", 3, -2).index == (3,)


@pytest.mark.parametrize("name, index, value", [
    ("w", (0, 0), 1), ("eta", (), 1), ("w_h", (784, 0), 1), ("w_h", (0, 6), 1), ("w_h", (-1, 0), 1), ("w_h", 3, 1),
    ("w_h", (0.5, 0), 1), ("w_h", "00", 1), ("b_h", (0, 0), 1), ("b_h", (0,), np.nan), ("b_h", (0,), 1e300),
    ("b_h", (0,), "1"), ("b_h", (0,), None)])
def test_a_weight_that_cannot_be_set_changes_nothing(name, index, value):
    trained = Trained(Settings(**SMALL), steps=5)
    before = {each: array.copy() for each, array in trained.weights.items()}
    with pytest.raises(ValueError):
        trained.run.set_weight(trained.network, name, index, value)
    assert trained.run.edits == []
    assert all(np.array_equal(before[each], array) for each, array in trained.weights.items())


def test_before_its_first_step_no_weight_can_be_set():
    trained = Trained(Settings(**SMALL), steps=0)
    with pytest.raises(ValueError, match="run 1 has not begun"):
        trained.run.set_weight(trained.network, "b_h", 0, 1)


def test_what_is_kept_stays_as_it_was():
    trained = Trained(Settings(**SMALL), edits=[(6, "w_h", (300, 5), 9.0), (7, "w_h", (300, 5), 11.0)])
    fit = Settings(**SMALL).network().fit(*Settings(**SMALL).digits_to_train(), progress=False)
    assert len(trained.run.weights) == 4 and trained.run.weights[1]["w_h"][300, 5] != 11
    assert trained.run.epochs[-1].cost != fit.eval_["cost"][-1]
    plain = Trained(Settings(**SMALL)).run
    assert [epoch.cost for epoch in plain.epochs] == fit.eval_["cost"]
    assert all(np.array_equal(plain.weights[3][name], getattr(fit, name)) for name in plain.weights[3])


@thorough
@given(st.data())
def test_a_run_again_from_its_line_comes_out_the_same(data):
    chosen = data.draw(support.settings)
    first = Trained(chosen, edits=data.draw(support.edits_of(chosen)))
    line = write_line(first.run)
    settings, edits, _, _ = read_line(line)
    again = Trained(settings, number=2, plan=edits)
    assert write_line(again.run) == line and again.run.planned == []
    assert all(np.array_equal(first.weights[name], again.weights[name]) for name in first.weights)
    verdict = compare(again.run, line).verdict
    assert verdict == ("same" if first.run.epochs else "open")


# -- does the same come out? ------------------------------------------------------------------------

EPOCHS = ((300.0, 0.5, 0.4), (200.0, 0.6, 0.5), (100.0, 0.7, 0.6))


def with_last(cost=100.0, train=0.7, valid=0.6):
    return (*EPOCHS[:2], (cost, train, valid))


@pytest.mark.parametrize("ours, theirs, verdict, words", [
    ({}, {}, "same",
     "The same, to the last digit: after epoch 3 a cost of 100.00, training 70.00%, validation 60.00%."),
    ({}, dict(epochs=EPOCHS[:2], end="paused"), "same", "after epoch 2 a cost of 200.00"),
    (dict(epochs=EPOCHS[:1], end="paused"), {}, "open",
     "Run 1 has 1 finished epochs, the line has 3: train it until there"),
    ({}, dict(epochs=(), end="paused"), "open", "The line has no finished epoch"),
    (dict(epochs=with_last(cost=100.0000001)), {}, "rounding", "The same but for rounding:"),
    (dict(epochs=with_last(valid=0.602)), {}, "rounding", "validation 60.20% / 60.00%"),
    (dict(epochs=with_last(cost=130)), {}, "differs", "cost 130.0000 / 100.0000"),
    (dict(epochs=with_last(valid=0.7)), {}, "differs", "validation 70.00% / 60.00%"),
    (dict(epochs=with_last(train=0.8)), {}, "differs", "training 80.00% / 70.00%"),
    (dict(eta=0.02, seed=3), {}, "differs", "two different runs. Run 1 / the line: eta: 0.02 / 0.01; seed: 3 / 1."),
    (dict(shifted=True), {}, "differs", "shifted: True / False"),
    (dict(edits=[Edit(6, "b_h", (0,), 1.0)]), {}, "differs", "Run 1: 6:b_h[0]=1.0; the line: none"),
    (dict(edits=[Edit(21, "b_h", (0,), 1.0)]), {}, "same", "to the last digit"),
    (dict(epochs=EPOCHS[:1], end="diverged"), {}, "differs", "Run 1 diverged in epoch 2, the line's did not"),
    ({}, dict(epochs=EPOCHS[:1], end="diverged"), "differs", "The line's run diverged in epoch 2, run 1 did not"),
    (dict(epochs=EPOCHS[:1], end="diverged"), dict(epochs=EPOCHS[:2], end="diverged"), "differs",
     "Run 1 diverged in epoch 2, the line's in epoch 3"),
    (dict(epochs=EPOCHS[:1], end="diverged"), dict(epochs=EPOCHS[:1], end="diverged"), "same", "after epoch 1"),
    (dict(epochs=(), end="diverged"), dict(epochs=(), end="diverged"), "same", "Both diverged in epoch 1"),
    (dict(epochs=EPOCHS[:1], end="paused"), dict(epochs=EPOCHS[:1], end="diverged"), "open",
     "diverged in epoch 2: train"),
    (dict(epochs=EPOCHS[:2], end="diverged"), dict(epochs=EPOCHS[:1], end="paused"), "same", "after epoch 1"),
])
def test_it_says_whether_the_same_came_out(ours, theirs, verdict, words):
    run, line = (made(**{"epochs": EPOCHS} | kind) for kind in (ours, theirs))
    found = compare(run, write_line(line))
    assert found.verdict == verdict and words in found.sentence
    assert found == compare(run, read_line(write_line(line)))


# -- the table --------------------------------------------------------------------------------------


@thorough
@given(st.lists(runs(), max_size=5), st.sampled_from(COLUMNS), st.booleans())
def test_sorting(listed, column, descending):
    shown = sort_runs(listed, column, descending)
    assert sorted(map(id, shown)) == sorted(map(id, listed))
    values = [len(run.edits) if column == "by_hand" else row(run)[column] for run in shown]
    known = [value for value in values if value is not None]
    assert values[:len(known)] == known == sorted(known, reverse=descending)
    ties = [(a.number, b.number) for a, b, x, y in zip(shown, shown[1:], values, values[1:]) if x == y]
    assert all(a <= b for a, b in ties)


def test_a_column_that_is_not_there():
    with pytest.raises(ValueError, match="there is no column 'rate'; expected one of run, n_hidden"):
        sort_runs([], "rate")


@thorough
@given(st.lists(runs(), max_size=5))
def test_csv_has_every_value_of_every_run(listed):
    table = list(csv.DictReader(io.StringIO(as_csv(listed))))
    assert [{name: "" if value is None else str(value) for name, value in row(run).items()} for run in listed] == table
    assert as_csv(listed).splitlines()[0] == ",".join(COLUMNS) and set(NAMES) < set(COLUMNS)


def test_pandas_reads_it():
    pandas = pytest.importorskip("pandas")
    listed = [made(1), made(2, epochs=(), end="", edits=[Edit(8, "w_h", (300, 5), 0.5)], schedule="cosine")]
    table = pandas.read_csv(io.StringIO(as_csv(listed)), keep_default_na=False, na_values=[""])
    assert list(table["run"]) == [1, 2] and table["cost"].isna().tolist() == [False, True]
    assert table["valid_acc"][0] == 0.25 and table["by_hand"].tolist() == ["none", "8:w_h[300,5]=0.5"]
    assert table["shifted"].dtype == bool and table["eta"].dtype == float


def test_the_line_of_the_module_s_docstring_is_in_the_order_of_a_real_one():
    words = re.search(r"mlp-run n_hidden.*", records.__doc__).group().split()
    names = [word.split("=")[0] for word in write_line(made()).split()]
    assert [word.split("=")[0] for word in words if word != "..."] == [name for name in names if name in
                                                                     " ".join(words)]
