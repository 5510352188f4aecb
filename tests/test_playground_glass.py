"""A minibatch under glass: each number of each line against formulas written anew, and the lines against the source."""

import functools
import html
import inspect
import re
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from explorer_support import drive, shown, values_of
from numpy.testing import assert_allclose
from playground_support import SMALL, Trained

import mlp_core
from lessonkit.playground import glass, lines
from lessonkit.playground.by_hand import Place, Term, aligned, difference, total
from lessonkit.playground.glass import MinibatchUnderGlass, lines_for, minibatch_of, watch
from lessonkit.playground.records import Run
from lessonkit.playground.settings import Settings
from lessonkit.playground.sitting import Sitting
from mlp_core import NeuralNetMLP, load_mnist

NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?"


@functools.cache
def digits():
    return load_mnist("sample", np.float64)


def network(epochs=0, dtype=np.float64, **settings):
    nn = NeuralNetMLP(**{"n_hidden": 12, "l2": 0.01, "epochs": max(epochs, 1), "eta": 0.01, "minibatch_size": 8,
                         "seed": 1} | settings)
    if epochs:
        data = digits()
        nn.fit(data.X_train[:200].astype(dtype), data.y_train[:200], data.X_valid[:50].astype(dtype), data.y_valid[:50],
               progress=False)
    else:
        nn._init_weights(784, 10, dtype)
    return nn


def minibatch(start=0, n=8):
    return digits().X_train[start:start + n], digits().y_train[start:start + n]


KINDS = {"before training": {}, "trained": {"epochs": 5}, "without L2": {"epochs": 2, "l2": 0.0},
         "with dropout": {"epochs": 2, "dropout": 0.4}, "float32": {"epochs": 2, "dtype": np.float32},
         "saturated": {"epochs": 3, "eta": 2.0}, "another seed": {"epochs": 2, "seed": 7}, "one unit": {"n_hidden": 1}}


def made(kind, start=0, n=8):
    X, y = minibatch(start, n)
    return MinibatchUnderGlass(network(**KINDS[kind]), X, y), network(**KINDS[kind]), X, y


# -- what the lines give, by formulas written anew ---------------------------------------------------


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -250, 250)))


def cost_terms(z, Y):
    return np.logaddexp(0, np.where(Y == 1, -z, z))


def expected(nn, X, y, kept):
    """All numbers of a minibatch, by the names of the lines; `kept` (n, n_hidden) is 0 for units that are dropped."""
    w = {name: np.asarray(getattr(nn, name), np.float64) for name in mlp_core.WEIGHTS}
    Y, keep = np.eye(10)[y], 1 - nn.dropout
    found = {"z_h": X @ w["w_h"] + w["b_h"]}
    found["a_h"] = sigmoid(found["z_h"])
    found["a_kept"] = a = found["a_h"] * kept / keep
    found["z_out"] = a @ w["w_out"] + w["b_out"]
    found["a_out"] = sigmoid(found["z_out"])
    found["terms"] = cost_terms(found["z_out"], Y)
    squares = (w["w_h"] ** 2).sum() + (w["w_out"] ** 2).sum()
    found["cost"] = found["terms"].sum() + nn.l2 * squares
    found["delta_out"] = nn.eta * (found["a_out"] - Y)
    found["slope_h"] = a * (1 - keep * a)
    found["delta_h"] = found["delta_out"] @ w["w_out"].T * found["slope_h"]
    found["grad_w_h"] = np.einsum("ni,nj->ij", X, found["delta_h"])
    found["grad_w_out"] = np.einsum("nj,nk->jk", a, found["delta_out"])
    found["grad_b_h"], found["grad_b_out"] = found["delta_h"].sum(axis=0), found["delta_out"].sum(axis=0)
    new = {}
    for name in mlp_core.WEIGHTS:
        step = found[f"grad_{name}"] + (nn.eta * nn.l2 * w[name] if name.startswith("w") else 0)
        found[f"step_{name}"], found[f"new_{name}"] = step, w[name] - step
        new[name] = w[name] - step
    z = sigmoid(X @ new["w_h"] + new["b_h"]) * kept / keep @ new["w_out"] + new["b_out"]
    found["new_cost"] = cost_terms(z, Y).sum() + nn.l2 * ((new["w_h"] ** 2).sum() + (new["w_out"] ** 2).sum())
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_gives_what_the_formulas_say(kind):
    explorer, nn, X, y = made(kind)
    kept = explorer.values.get("kept", np.ones_like(explorer.values["a_h"]))
    if nn.dropout:
        assert 0.3 < kept.mean() < 0.9
    wanted = expected(nn, X, y, kept)
    for each in explorer.lines:
        scale = np.abs(wanted[each.name]).max()
        assert_allclose(explorer.values[each.name], wanted[each.name], rtol=1e-9, atol=1e-12 * scale, err_msg=each.name)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_what_training_does(kind):
    """The update is the one that an epoch of this single minibatch makes, to the last bit but for the dtype."""
    explorer, nn, X, y = made(kind)
    for name in mlp_core.WEIGHTS:
        setattr(nn, name, np.asarray(getattr(nn, name), np.float64))
    nn.shuffle, nn.minibatch_size = False, len(X)
    nn._train_epoch(X, nn._onehot(y, 10), nn.eta)
    for name in mlp_core.WEIGHTS:
        assert np.array_equal(explorer.values[f"new_{name}"], getattr(nn, name)), name


def test_the_network_that_is_given_stays_as_it_is():
    nn = network(epochs=2, dropout=0.4)
    before, stream = {name: getattr(nn, name).copy() for name in mlp_core.WEIGHTS}, nn.random.get_state()[1].copy()
    explorer = MinibatchUnderGlass(nn, *minibatch())
    explorer.widgets["step"].value = 5
    assert all(np.array_equal(getattr(nn, name), before[name]) for name in before)
    assert np.array_equal(nn.random.get_state()[1], stream)


def test_by_default_it_is_the_first_minibatch_of_the_courses_run():
    explorer = MinibatchUnderGlass()
    nn = NeuralNetMLP(n_hidden=100, l2=0.01, epochs=60, eta=0.005, minibatch_size=100, seed=1)
    nn._init_weights(784, 10)
    batch = next(nn._minibatches(4000))
    assert np.array_equal(explorer.values["X"], digits().X_train[batch])
    assert np.array_equal(explorer.y, digits().y_train[batch])


# -- the same by hand ---------------------------------------------------------------------------------


def decimal_places(text):
    return len(text.partition("e")[0].partition(".")[2])


def check_hand(explorer):
    """The working adds up as printed, each number of it is rightly rounded, and it ends on what the line gave."""
    step, n, i, j, k = explorer.state.values()
    each = explorer.lines[step - 1]
    values, nn = explorer.values, explorer.hand
    where = [{"n": n, "i": i, "j": j, "k": k}[letter] for letter in each.letters]
    value = float(np.asarray(values[each.name])[tuple(where)])
    entry = f"{each.shown}[{', '.join(map(str, where))}]" if where else each.shown
    gave, by_hand = re.search(rf"The line gives {re.escape(entry)} = ({NUMBER}); by hand it is ({NUMBER})\.$",
                              explorer.sentence).groups()
    assert gave == by_hand, explorer.sentence
    unit = 10.0 ** -decimal_places(gave) * float("1" + "".join(re.findall(r"e[+-]\d+$", gave)))
    assert abs(float(gave) - value) <= 0.5 * unit * (1 + 1e-6) + 1e-9 * abs(value), explorer.sentence
    working = explorer.working()
    assert "-0 " not in f"{working} ".replace("\n", " ") and not re.search(r"-0\.0+\b", working), working
    rows = [row for row in working.splitlines() if not row.startswith("---")]
    if each.name.startswith("new_w"):
        return check_update(explorer, rows)
    sums = working.splitlines()
    if any("together" in row for row in sums):
        check_sum(each, working, values, nn, (n, i, j, k))
    assert working.rstrip().splitlines()[-1].split("= ")[-1].strip() == gave or each.name in ("cost", "new_cost")


def check_sum(each, working, values, hand, index):
    """Printed terms add up exactly, and are the terms of the sum, the largest first."""
    n, i, j, k = index
    a = values[hand.a]
    terms = {
        "z_h": lambda: values["X"][n] * values["w_h"][:, j], "z_out": lambda: a[n] * values["w_out"][:, k],
        "cost": lambda: values["terms"].ravel(), "new_cost": lambda: values["new_terms"].ravel(),
        "delta_h": lambda: values["delta_out"][n] * values["w_out"][j],
        "grad_w_h": lambda: values["X"][:, i] * values["delta_h"][:, j], "grad_b_h": lambda: values["delta_h"][:, j],
        "grad_w_out": lambda: a[:, j] * values["delta_out"][:, k], "grad_b_out": lambda: values["delta_out"][:, k],
        "step_w_h": lambda: [values["grad_w_h"][i, j], hand.eta * hand.l2 * values["w_h"][i, j]],
        "step_w_out": lambda: [values["grad_w_out"][j, k], hand.eta * hand.l2 * values["w_out"][j, k]]}[each.name]()
    extra = {"z_h": lambda: [values["b_h"][j]], "z_out": lambda: [values["b_out"][k]],
             "cost": lambda: [hand.l2 * hand.squares[""]] if hand.l2 else [],
             "new_cost": lambda: [hand.l2 * hand.squares["new_"]] if hand.l2 else []}.get(each.name, list)()
    above, below = re.split(r"\n-+\n", working)
    printed = [Decimal(row.split("= ")[-1].strip()) for row in above.splitlines()]
    together = Decimal(re.match(rf"together\s+=\s+({NUMBER})", below)[1])
    assert sum(printed) == together, working
    true = sorted((abs(float(term)) for term in terms), reverse=True)
    ones = [abs(float(p)) for p in printed]
    others = re.search(r"the (\d+) other", above)
    written_out = len(printed) - len(extra) - bool(others)
    assert written_out + (int(others[1]) if others else 0) == len(terms), working
    unit = 10.0 ** float(printed[0].as_tuple().exponent)
    off = 0.51 if others else 1.01  # what rounding leaves goes to the others, or where there are none to any
    assert_allclose(ones[:written_out], true[:written_out], atol=off * unit, rtol=1e-9, err_msg=working)
    assert_allclose([float(p) for p in printed[len(printed) - len(extra):]] if extra else [], extra, atol=off * unit,
                    rtol=1e-9, err_msg=working)
    assert float(together) == pytest.approx(float(np.sum(terms) + np.sum(extra)), abs=0.51 * unit, rel=1e-9)
    for row in above.splitlines():  # factors, where there are some: their product is what the row ends on
        factors = re.search(rf"({NUMBER}(?: × {NUMBER})+)\s*= ", row)
        if factors:
            product = np.prod([float(factor) for factor in factors[1].split(" × ")])
            assert product == pytest.approx(float(row.split("= ")[-1]), rel=2e-5, abs=1.6 * unit), row
    for row in above.splitlines()[:written_out]:  # named by the place where the term is
        place = re.match(r"[nijk] = (\d+)", row)
        if place:
            assert abs(float(terms[int(place[1])])) == pytest.approx(abs(float(row.split("= ")[-1])), abs=off * unit,
                                                                     rel=1e-9), row


def check_update(explorer, rows):
    step, n, i, j, k = explorer.state.values()
    places = {"w_h": (i, j), "b_h": (j,), "w_out": (j, k), "b_out": (k,)}
    assert len(rows) == 4
    for row, (name, place) in zip(rows, places.items()):
        label, before, sign, taken, after = re.fullmatch(
            rf"(\w+\[[\d, ]+\])\s+({NUMBER}) ([+-]) ({NUMBER})\s+=\s+({NUMBER})", row).groups()
        assert label == f"{name}[{', '.join(map(str, place))}]"
        old, new = float(explorer.values[name][place]), float(explorer.values[f"new_{name}"][place])
        move = Decimal(taken) if sign == "+" else -Decimal(taken)
        assert Decimal(before) + move == Decimal(after), row
        unit = 10.0 ** float(Decimal(after).as_tuple().exponent)
        assert float(before) == pytest.approx(old, abs=0.51 * unit)
        assert float(after) == pytest.approx(new, abs=0.51 * unit)
        assert float(move) == pytest.approx(new - old, abs=1.01 * unit), row


def put(explorer, **state):
    """Put the controls to `state` and draw once."""
    explorer._resetting = True
    for name, value in state.items():
        explorer.widgets[name].value = value
    explorer._resetting = False
    explorer.refresh()


@pytest.mark.parametrize("kind", KINDS)
def test_every_line_is_worked_out_by_hand(kind):
    explorer, *_ = made(kind, start=100)
    random = np.random.RandomState(len(kind))
    for step in range(1, len(explorer.lines) + 1):
        for _ in range(3):
            put(explorer, step=step, **{name: random.choice(values_of(explorer.widgets[name])).item()
                                        for name in ("digit", "pixel", "unit", "output")})
            check_hand(explorer)
            check_list(explorer)
            check_panels(explorer)


def test_a_minibatch_of_one_digit():
    explorer, *_ = made("trained", n=1)
    for step in range(1, len(explorer.lines) + 1):
        explorer.widgets["step"].value = step
        check_hand(explorer)


def test_the_hand_is_another_computation_than_the_line():
    """Where a line gives something else, the sentence has both numbers."""
    explorer, *_ = made("trained")
    for each in ("z_h", "a_h", "z_out", "a_out", "terms", "delta_out", "slope_h", "delta_h", "grad_w_h", "grad_b_h",
                 "grad_w_out", "grad_b_out", "step_w_h", "new_w_h"):
        explorer.widgets["step"].value = [line.name for line in explorer.lines].index(each) + 1
        right = explorer.values[each]
        explorer.values[each] = right * 1.01 + 0.01
        explorer.refresh()
        gave, by_hand = re.search(rf"= ({NUMBER}); by hand it is ({NUMBER})", explorer.sentence).groups()
        assert gave != by_hand, each
        explorer.values[each] = right


BUGS = {"_forward": ("z_h = X @ self.w_h + self.b_h", "z_h = X @ self.w_h - self.b_h + 0.01", "z_h"),
        "_gradients": ("delta_h = (delta_out @ self.w_out.T) * slope_h",
                       "delta_h = 2 * (delta_out @ self.w_out.T) * slope_h", "delta_h"),
        "_data_cost": ("np.log1p(np.exp(-np.abs(m)))", "np.log1p(np.exp(-2 * np.abs(m)))", "terms")}


@pytest.mark.parametrize("method", BUGS)
def test_a_bug_in_the_core_shows(method, monkeypatch, tmp_path):
    """Numbers that a wrong line gives do not agree with the hand, which has the formula and not the line."""
    right, wrong, name = BUGS[method]
    faulty = faulty_core(method, right, wrong, tmp_path)
    nn = network(epochs=2)
    nn.__class__ = faulty
    explorer = MinibatchUnderGlass(nn, *minibatch())
    explorer.widgets["step"].value = [line.name for line in explorer.lines].index(name) + 1
    gave, by_hand = re.search(rf"= ({NUMBER}); by hand it is ({NUMBER})", explorer.sentence).groups()
    assert gave != by_hand


def faulty_core(method, right, wrong, folder):
    """NeuralNetMLP with one line of one method changed; its source is a file, as a class's must be to be shown."""
    source = inspect.getsource(getattr(NeuralNetMLP, method))
    assert right in source
    path = folder / "faulty.py"
    text = (f"from mlp_core import NeuralNetMLP, np\n\n\nclass Faulty(NeuralNetMLP):\n"
            f"{source.replace(right, wrong)}")
    path.write_text(text, encoding="utf-8")
    namespace = {"__name__": "faulty", "__file__": str(path)}
    exec(compile(text, str(path), "exec"), namespace)
    return namespace["Faulty"]


# -- the lines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"l2": 0.0}, {"dropout": 0.5}], ids=str)
def test_each_line_stands_in_the_source(settings):
    source = inspect.getsource(mlp_core)
    nn = network(**settings)
    texts = [lines.find(NeuralNetMLP, each.method, each.assigns, each.reads).text for each in lines_for(nn)]
    at = [source.index(text) for text in texts]
    assert all(source.count(text) == 1 or text.startswith("a_out") for text in texts)
    assert ("a_h = a_h * kept" in " ".join(texts)) == bool(nn.dropout)
    assert sum("+=" in text for text in texts) == (2 if nn.l2 else 0)
    by_method = {}
    for each, place in zip(lines_for(nn), at):
        if each.name not in ("new_cost",):
            by_method.setdefault(each.method, []).append(place)
    assert all(places == sorted(places) for places in by_method.values()), "the steps are not in the order of the lines"


def test_nothing_is_pasted():
    """No line of the core stands in the explorer's own source."""
    own = inspect.getsource(glass) + inspect.getsource(lines)
    for each in lines_for(network(dropout=0.5)):
        text = lines.find(NeuralNetMLP, each.method, each.assigns, each.reads).text
        assert text.split("=", 1)[-1].strip() not in own, text


@pytest.mark.parametrize("each", lines_for(network(dropout=0.5)), ids=lambda each: each.name)
def test_a_line_that_is_gone_or_renamed_is_missed(each, tmp_path):
    found = lines.find(NeuralNetMLP, each.method, each.assigns, each.reads)
    if each.assigns == "return":
        wrong = "pass"
    elif each.assigns == "setattr":
        wrong = "vars(self)[name] = getattr(self, name) - step"
    else:
        wrong = re.sub(rf"^{each.assigns}\b", f"{each.assigns}_2", found.text)
    text = f"class Gone:\n{inspect.getsource(getattr(NeuralNetMLP, each.method)).replace(found.text, wrong)}"
    path = tmp_path / "gone.py"
    path.write_text(text, encoding="utf-8")
    namespace = {}
    exec(compile(text, str(path), "exec"), namespace | {"__name__": "gone"}, namespace)
    namespace["Gone"].__module__ = "gone"
    with pytest.raises(LookupError, match="renamed|changed|taken out"):
        lines.find(namespace["Gone"], each.method, each.assigns, each.reads)


def test_a_method_that_is_gone_is_named():
    with pytest.raises(LookupError, match="NeuralNetMLP has no method _backward. Was it renamed"):
        lines.find(NeuralNetMLP, "_backward", "delta_h")


def test_a_value_is_taken_when_its_line_has_run():
    """A later line that changes the array in its place does no harm, nor does one of the same name."""
    wanted = [lines.find(Changing, "method", *which) for which in (("x", "np"), ("x", "factor"), ("return",))]
    result, seen = lines.watch(wanted, Changing().method)
    assert result == 6 and [np.sum(seen[each]) for each in wanted] == [3, 6, 6]


class Changing:
    def method(self):
        x = np.ones(3)
        factor = 2
        x *= factor
        return x.sum()


def test_a_tracer_that_is_there_stays():
    before = sys.gettrace()
    lines.watch([], Changing().method)
    assert sys.gettrace() is before
    with pytest.raises(ZeroDivisionError):
        lines.watch([], lambda: 1 / 0)
    assert sys.gettrace() is before


def check_list(explorer):
    """Lines that have run have their number, with that of the current step marked; the others have none."""
    listing, step = explorer._listing.value, explorer.state["step"]
    items = re.findall(r"<li (aria-current=step )?style=.*?<code.*?>(.*?)</code>.*?<span[^>]*>(.*?)</span></li>",
                       listing)
    assert len(items) == len(explorer.lines)
    assert [number for number, (mark, _code, _number) in enumerate(items, 1) if mark] == [step]
    index = dict(zip("nijk", list(explorer.state.values())[1:]))
    for number, (_mark, code, shown_number) in enumerate(items, 1):
        each = explorer.lines[number - 1]
        assert html.unescape(code) == lines.find(type(network()), each.method, each.assigns, each.reads).text
        assert bool(shown_number) == (number <= step)
        if shown_number:
            where = tuple(index[letter] for letter in each.letters)
            value = float(np.asarray(explorer.values[each.name])[where])
            entry, number_text = re.fullmatch(r"(.*) = <b>(.*)</b>", shown_number).groups()
            assert entry == (f"{each.shown}[{', '.join(map(str, where))}]" if where else each.shown)
            assert float(number_text) == pytest.approx(value, rel=6e-4, abs=1e-300)
    each = explorer.lines[step - 1]
    shapes = explorer.shapes(each)
    assert "{" not in shapes
    assert shapes.endswith(str(np.shape(explorer.values[each.name])) if each.letters else "a number")


# -- the picture --------------------------------------------------------------------------------------


def check_panels(explorer):
    step, n, i, j, k = explorer.state.values()
    each, index = explorer.lines[step - 1], {"n": n, "i": i, "j": j, "k": k}
    assert np.array_equal(explorer.digit.image.get_array(), explorer.values["X"][n].reshape(28, 28))
    assert explorer.digit.texts[0].get_text() == f"digit {n}, label {explorer.y[n]}"
    assert explorer.digit.texts[1].get_text() == f"i = {i}, j = {j}, k = {k}"
    result = explorer.result
    if not each.letters:
        assert not result.image.get_visible() and result.texts[0].get_text() == "a number"
    else:
        array = np.atleast_2d(explorer.values[each.name])
        assert np.array_equal(result.image.get_array(), array)
        rows, columns = array.shape
        x, y = np.mean(result.border.get_xdata()[:4]) * columns, np.mean(result.border.get_ydata()[:4]) * rows
        where = [index[letter] for letter in each.letters]
        assert (y, x) == pytest.approx((where[0] + 0.5 if len(where) == 2 else 0.5, where[-1] + 0.5))
        assert str(np.shape(explorer.values[each.name])) in result.texts[0].get_text()
    if " @ " in each.shapes:  # the framed row and column are those whose product is the framed entry
        row, column = explorer.left, explorer.upper
        left, right = (np.asarray(panel.image.get_array()) for panel in (row, column))
        a = left[int(np.mean(row.border.get_ydata()[:4]) * left.shape[0])]
        b = right[:, int(np.mean(column.border.get_xdata()[:4]) * right.shape[1])]
        whole = np.ptp(row.border.get_xdata()), np.ptp(column.border.get_ydata())
        assert min(whole) >= 1
        product = float(a @ b)
        extra = {"z_h": explorer.values["b_h"][j], "z_out": explorer.values["b_out"][k]}.get(each.name, 0.0)
        factor = explorer.values["slope_h"][n, j] if each.name == "delta_h" else 1.0
        value = float(np.asarray(explorer.values[each.name])[tuple(index[letter] for letter in each.letters)])
        assert (product + extra) * factor == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_says_what_it_shows_and_what_each_control_does():
    explorer, *_ = made("trained")
    assert re.fullmatch(r"[A-Z].{30,}\.", explorer.alt)
    assert all(control.description and len(control.tooltip.split()) > 2 for control in explorer.widgets.values())


@pytest.mark.parametrize("size", [0.0, 1e3, 1e10, 1e30])
def test_weights_of_any_size(size):
    """A run that breaks can be looked at, too, and a network of zeros."""
    nn = network()
    nn.w_h, nn.w_out = size * nn.w_h, size * nn.w_out
    explorer = MinibatchUnderGlass(nn, *minibatch())
    for step in range(1, len(explorer.lines) + 1):
        put(explorer, step=step, digit=3, pixel=400, unit=5, output=2)
        gave, by_hand = re.search(rf"= ({NUMBER}); by hand it is ({NUMBER})\.$", explorer.sentence).groups()
        assert gave == by_hand and "nan" not in explorer.working() and "inf" not in explorer.working()


def test_every_control_and_reset():
    explorer, *_ = made("trained")

    def check(explorer):
        check_hand(explorer)
        check_panels(explorer)
    drive(explorer, check, moves=60)


def test_a_move_redraws_all_that_has_changed():
    explorer, *_ = made("with dropout")
    for step in range(1, len(explorer.lines) + 1):
        explorer.widgets["step"].value = step
        moved = explorer._image.value
        explorer.picture.redraw_all()
        assert explorer.picture.png() == moved, explorer


def test_images_of_any_shape_are_drawn_as_matplotlib_draws_them():
    """The base colours images of few values in a way of its own.

    Here they have 1 to 784 rows and change their shape.
    """
    explorer, *_ = made("trained")
    for step in [*range(1, len(explorer.lines) + 1), 1]:
        explorer.widgets["step"].value = step
        moved = explorer._image.value
        own = [(panel.image, vars(panel.image).pop("make_image")) for panel in explorer.panels]
        assert explorer.picture.png() == moved, step
        for image, make_image in own:
            image.make_image = make_image


def test_back_and_next():
    explorer, *_ = made("trained")
    buttons = {button.description: button for row in explorer.box.children for button in getattr(row, "children", ())
               if hasattr(button, "click")}
    buttons["Back"].click()
    assert explorer.state["step"] == 1
    for step in [*range(2, len(explorer.lines) + 1), len(explorer.lines)]:
        buttons["Next"].click()
        assert explorer.state["step"] == step
    buttons["Back"].click()
    assert explorer.state["step"] == len(explorer.lines) - 1
    buttons["Reset"].click()
    assert explorer.state == explorer.defaults


def test_what_a_saved_notebook_keeps():
    explorer, *_ = made("trained")
    explorer.widgets["step"].value = 9
    still, _alive = shown(explorer)
    text = still["text/plain"]
    assert text.startswith(f"{explorer.alt}\n{explorer.sentence}\n") and explorer.working() in text
    assert "_forward: z_h = X @ self.w_h + self.b_h  # (8, 784) @ (784, 12) + (12,) → (8, 12)" in text
    assert "grad_w_h" not in text, "a line that has not run yet is shown"
    assert "<pre" in still["text/html"] and "<img alt=" in still["text/html"] and " at 0x" not in text


# -- is the update good? ----------------------------------------------------------------------------


@pytest.mark.parametrize("eta, verdict", [(0.001, "smaller"), (5.0, "larger"), (0.0, "stays, to the digits printed")])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_last_line_says_what_the_update_did(eta, verdict, seed):
    nn = network(seed=seed, eta=eta)
    explorer = MinibatchUnderGlass(nn, *minibatch())
    explorer.widgets["step"].value = len(explorer.lines)
    before, after = explorer.values["cost"], explorer.values["new_cost"]
    assert f"It was {Place(before, after).text(float(before))}" in explorer.sentence and verdict in explorer.sentence
    assert (verdict == "smaller") == (after < before) and (verdict == "larger") == (after > before)


# -- numbers ------------------------------------------------------------------------------------------


def test_a_place_rounds_to_digits_of_the_largest():
    assert Place(0.25136, 12.0).text(0.25136) == "0.25" and Place(0.25136).text(0.25136) == "0.2514"
    assert Place(0.0).text(0.0) == "0.0000" and Place(123456.7).text(123456.7) == "123457"
    assert Place(1.2346e-12).text(1.2346e-12) == "1.235e-12" and Place(-0.00001, 1.0).text(-0.00001) == "0.000"
    assert Place(2.5e12).text(2.5e12) == "2.500e+12" and Place(1e-300).text(1e-300) == "1.000e-300"
    assert Place(9.99996).text(9.99996) == "10.000"


@pytest.mark.parametrize("seed", range(30))
def test_sums_add_up_as_printed(seed):
    random = np.random.RandomState(seed)
    size = 10.0 ** random.randint(-14, 12)
    terms = [Term(f"{k}", (float(random.normal()) * size, float(random.normal())))
             for k in range(random.choice([1, 2, 6, 7, 50]))]
    hand = total(terms, "the {count} others", [Term("bias", (float(random.normal()) * size,))])
    above, below = re.split(r"\n-+\n", hand.text)
    numbers = [Fraction(row.split("= ")[-1].strip()) for row in above.splitlines()]
    assert sum(numbers) == Fraction(below.split("= ")[-1].strip())
    assert float(sum(numbers)) == pytest.approx(hand.value, rel=1e-2, abs=1e-3 * size)


def test_a_step_too_small_to_show_changes_nothing():
    (name, shown_difference, after), _place = difference("w", 0.25, 1e-15)
    assert (name, shown_difference, after) == ("w", "0.25000000 - 0.00000000", "0.25000000")


def test_columns_are_aligned():
    assert aligned([("a", "1 × 2", "2.0"), ("long words", "", "-10.0")], rule=1).splitlines() == [
        "a    1 × 2 =   2.0", "------------------", "long words = -10.0"]


# -- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("change, error, said", [
    (lambda nn, X, y: (NeuralNetMLP(), X, y), ValueError, "no weights yet"),
    (lambda nn, X, y: (nn, X[0], y), ValueError, r"shape \(784,\); expected a minibatch of digits"),
    (lambda nn, X, y: (nn, X[:, :700], y), ValueError, "expected a minibatch of digits"),
    (lambda nn, X, y: (nn, X, y[:3]), ValueError, "8 labels, integers from 0 to 9"),
    (lambda nn, X, y: (nn, X, y + 5), ValueError, "8 labels, integers from 0 to 9"),
    (lambda nn, X, y: (nn, X * np.nan, y), ValueError, "nan or infinity"),
    (lambda nn, X, y: (nn, X, None), TypeError, "belong together")])
def test_bad_input_is_named(change, error, said):
    with pytest.raises(error, match=said):
        MinibatchUnderGlass(*change(network(), *minibatch()))


@pytest.mark.parametrize("more", [{}, {"dropout": 0.4}, {"shifted": True}, {"dropout": 0.4, "shifted": True},
                                  {"schedule": "cosine"}], ids=str)
def test_the_minibatch_of_a_run_is_the_one_that_it_learned_from(more):
    """With the weights that the run had, its digits, shifted as they were, and without the units that it dropped."""
    settings = Settings(n_hidden=12, epochs=3, digits=200, minibatch_size=20, seed=3, **more)
    run, network, seen = Run(1, settings), settings.network(), []
    network._init_weights(784, 10, np.float32)
    run.keep(network)
    gradients = network._gradients

    def noted(X, y_enc, scale=1.0):
        seen.append((X.copy(), y_enc, gradients(X, y_enc, scale)))
        return seen[-1][2]

    network._gradients = noted
    for epoch in network.fit_epochs(*settings.digits_to_train(), **settings.fit_options()):
        run.keep(network, epoch)
    for epoch in (0, 1, 2):
        explorer = MinibatchUnderGlass(*minibatch_of(run, epoch))
        X, y_enc, steps = seen[10 * epoch]
        assert_allclose(explorer.values["X"], X, atol=1e-7)
        assert np.array_equal(explorer.values["y_enc"], y_enc)
        assert np.array_equal(explorer.values["w_h"], run.weights[epoch]["w_h"])
        for name, step in zip(mlp_core.WEIGHTS, steps):
            assert_allclose(explorer.values[f"step_{name}"], step, rtol=1e-3, atol=2e-6)


def test_a_weight_that_was_set_between_two_epochs_is_set_under_glass():
    sitting = Sitting(Settings(n_hidden=5, epochs=3, digits=200, minibatch_size=200))  # one update an epoch
    sitting.start(sitting.run.last_step(2))
    while sitting.advance():
        pass
    kept = sitting.run.weights[2]["w_out"].copy()
    sitting.set_weight("w_out", (0, 0), 20.0)
    sitting.start()
    while sitting.advance():
        pass
    explorer = MinibatchUnderGlass(*minibatch_of(sitting.run, 2))
    assert explorer.values["w_out"][0, 0] == 20.0 and np.array_equal(sitting.run.weights[2]["w_out"], kept)
    assert_allclose(explorer.values["new_w_out"], sitting.run.weights[3]["w_out"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("epoch", [-1, 4, 1.5, "1"])
def test_an_epoch_that_is_not_kept_is_refused(epoch):
    run = Trained(Settings(**SMALL)).run
    with pytest.raises(ValueError, match=f"run 1 has no epoch {epoch}; expected one from 0 to 3"):
        minibatch_of(run, epoch)
    run.weights = []
    with pytest.raises(ValueError, match="the weights of run 1 are no longer kept"):
        minibatch_of(run, epoch)


def test_watch_runs_each_line_once_and_in_its_order():
    nn = network()
    X, y = minibatch()
    found, values = watch(nn, X, y)
    assert {*found} == {each.name for each in lines_for(nn)} and {*found} <= {*values}
