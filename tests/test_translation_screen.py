"""What is on the screen speaks the language of the notebook: under a pseudo-language no English is left on it.

In the pseudo-language every text of a catalogue is marked, ⟦so⟧, but not what is put into it. So a word outside the
marks went past the catalogue. The lessons are run in it with next to no training, their own texts marked as well.
"""

import ast
import contextlib
import html
import io
import re
import sys
import warnings

import nbformat
import numpy as np
import pytest
from matplotlib.text import Text

import mlp_core
from lessonkit import figures, live, style, words
from lessonkit import sweep as sweeping
from lessonkit.check import recall, verdict
from lessonkit.explorers import backprop, base, digits, drawing, forward, mistakes, regularisation, training
from lessonkit.guess import Guess
from lessonkit.playground import Landscape, MinibatchUnderGlass, Playground, RunsTable
from lessonkit.playground import glass as under_glass
from lessonkit.playground.as_code import as_code
from lessonkit.playground.records import Run, compare, read_line, write_line
from lessonkit.playground.settings import Settings
from mlp_core import MNIST, NeuralNetMLP
from tools.translate import code, lessonkit_words, make

pytestmark = pytest.mark.slow

LANGUAGES = [language for language in words.languages() if language != "en"]
LESSONS = sorted(make.NOTEBOOKS.glob("[0-9]*.ipynb"))
KEPT = {"nn", "recipe"}  # keys that lessons look up and did not write themselves


# -- the pseudo-language ------------------------------------------------------------------------------


def marked(text):
    """`text` with marks around all but its placeholders, and around the words that these choose from."""
    chosen = "|".join(f"(?<=['\"]){re.escape(word)}(?=['\"])" for word in code.said_inside(text)) or "(?!)"
    return "".join(re.sub(chosen if is_placeholder else r"[^\n]+", r"⟦\g<0>⟧", piece)
                   for piece, is_placeholder in code.parts(text))


@pytest.fixture
def pseudo(monkeypatch):
    class Marked:
        def gettext(self, text):
            return marked(text)

        def ngettext(self, one, many, n):
            return marked(one if n == 1 else many)

        def pgettext(self, context, text):
            return marked(text)

    monkeypatch.setattr(words, "_translation", Marked())
    yield
    forget()


def forget():
    """Empty the caches of lessonkit: what was made in the pseudo-language is not for other tests."""
    for name, module in list(sys.modules.items()):
        if name.startswith(("lessonkit.explorers", "lessonkit.playground")):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()


# What may stand on a screen in every language: formulas, names with an underscore and their places, types and values of
# Python, derivatives, a network's own text, a run's line.
CODE = re.compile(r"\$[^$]*\$|\{\w+\}|mlp-run .*|NeuralNetMLP\([^)]*\)|(\.T|\w*_\w*)+|\bd\w/d\w|w x \+ b|log1?p?\("
                  r"|exp\(|\b\w+(Error|MLP)\b"
                  r"|\b(True|False|None|self|inf|nan|dtype|u?int\d+|float\d+|eta|delta|ReLU|Ctrl|Cmd)\b")


def bare_words(text):
    """The words of `text` outside of all marks that are no `CODE`."""
    text = CODE.sub(" ", text.replace("⟦⟧", ""))
    while (less := re.sub(r"⟦[^⟦⟧]*⟧", " ", text)) != text:
        text = less
    return re.findall(r"[^\W\d_]{2,}", text)


def left(texts):
    """Those of `texts` that have English in them, with what it is."""
    return {text[:200]: found for text in texts if (found := bare_words(text))}


# -- what is on the screen ----------------------------------------------------------------------------


def in_figure(fig):
    """Every text in a figure."""
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            axis.get_ticklabels()  # only then do the ticks have them
    return [text.get_text() for text in fig.findobj(Text)]


def in_html(source):
    """What a page shows of some HTML, and what a screen reader says; code in it is code."""
    source = re.sub(r"<(code|style)\b.*?</\1>", " ", source, flags=re.S)
    names = re.findall(r'(?:alt|title|aria-label)="([^"]*)"', source)
    return html.unescape("\n".join([re.sub(r"<[^>]*>", "\n", source), *names]))


def in_widget(box):
    """Every text of a widget and of those in it: labels, tooltips, options, buttons, what its page is sent."""
    seen = [box]
    for widget in seen:
        seen += getattr(widget, "children", ())
        names = {"description", "tooltip", "description_tooltip", "placeholder", "name", "alt", "sentence", "restarted",
                 "value_of", "refused", "message", "title", "words", "rows", "scene", "_options_labels"}
        for name in names & set(widget.trait_names()):
            yield from strings(getattr(widget, name))
        yield from (head for _name, head in getattr(widget, "columns", ()))
        if type(widget).__name__ in ("HTML", "Label"):
            yield in_html(widget.value)


def strings(value):
    """Every text in lists and dicts within each other."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def said_by(explorer):
    yield explorer.sentence
    yield from in_widget(explorer.box)
    if hasattr(explorer, "picture"):
        yield from in_figure(explorer.picture.fig)


class _WithoutClaims(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()


class Screen(list):
    """All that cells show, a text each; `figures` and `live` write here instead of under a cell."""

    def __init__(self, monkeypatch):
        monkeypatch.setattr(figures, "show", lambda fig, alt, digits=4: self.extend([alt, *in_figure(fig)]))
        monkeypatch.setattr(live, "show", lambda box, still, text: self.extend([in_html(still), text, *in_widget(box)]))
        monkeypatch.setattr(base, "read", lambda fig: "\n".join(in_figure(fig)))

    def run(self, source, names):
        """Run a cell in the pseudo-language, its own texts marked; what it claims of its results is not looked at."""
        source = code.translated(
            source, lambda text: text if text.startswith("# ") or text in KEPT else marked(text), "en")
        tree = _WithoutClaims().visit(ast.parse(source.replace('set_language("en")', "pass")))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
            exec(compile(ast.fix_missing_locations(tree), "cell", "exec"), names)
            value = eval(compile(ast.Expression(last.value), "cell", "eval"), names) if last else None
        if hasattr(value, "_ipython_display_"):
            value._ipython_display_()
        elif value is not None:
            self.append(repr(value))
            self.append(in_html(value._repr_html_() if hasattr(value, "_repr_html_") else ""))
        if not re.search(r"getsource\(|as_code\(", source):  # code is code
            self.append(printed.getvalue())


@pytest.fixture
def screen(pseudo, monkeypatch):
    return Screen(monkeypatch)


# -- the lessons --------------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch):
    """Two updates an epoch, a hundred digits to evaluate it, no full MNIST, and at most thirty digits in a picture."""
    sample, drawn = mlp_core.load_mnist, figures.draw_digits
    updates, evaluation = NeuralNetMLP._updates, NeuralNetMLP._evaluation

    def few(nn, X, y_enc, eta, augment=None):
        for _pause in zip(range(2), updates(nn, X, y_enc, eta, augment)):
            yield

    def load(which="sample", dtype=np.float32):
        X, y, X_valid, y_valid, X_test, y_test = sample("sample", dtype)
        if which == "full":  # it has more than the sample
            X, y = np.concatenate([X, X_test[:, ::-1]]), np.concatenate([y, y_test])
        return MNIST(X, y, X_valid, y_valid, X_test, y_test)

    monkeypatch.setattr(NeuralNetMLP, "_updates", few)
    monkeypatch.setattr(NeuralNetMLP, "_evaluation", lambda nn, X, y, y_enc=None: evaluation(
        nn, X[:100], y[:100], y_enc if y_enc is None else y_enc[:100]))
    monkeypatch.setattr(mlp_core, "load_mnist", load)
    monkeypatch.setattr(sweeping, "_digits", load)
    monkeypatch.setattr(sweeping.joblib, "Parallel", lambda n_jobs: lambda calls: [
        function(*arguments, **named) for function, arguments, named in calls])
    monkeypatch.setattr(figures, "draw_digits", lambda images, titles=None, **look: drawn(
        images[:30], titles if titles is None else titles[:30], **look))


SAID_BY_OTHERS = re.compile(r"labels-idx1-ubyte is truncated: .*|MNIST, the first 55,000 training images|"
                            r"^(data|dtype|numpy|sha256): .*", re.M)  # a message of the core, and what files say


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_english_is_left_of_a_lesson(path, screen, quick):
    names = {"__name__": "__main__"}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            screen.clear()
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # of networks that learned nothing
                screen.run(cell.source.replace("55_000", "len(digits.X_train)"), names)
            assert left(SAID_BY_OTHERS.sub(" ", text) for text in screen) == {}, cell.source
    assert len(names) > 10


PLANTED = {  # a word of English in every kind of place, and cells that show it
    "printed": "print('⟦a⟧', 'a' + 'b' + 'c')", "put into a text": "word = 'a' + 'b' + 'c'\nprint(f'it is {word}')",
    "the value of a cell": "['a' + 'b' + 'c']",
    "a heading": "from lessonkit.tables import table\ntable({'a' + 'b' + 'c': [1]})",
    "an alt": "from lessonkit import figures\nfigures.show(figures.new(), 'a' + 'b' + 'c')",
    **{what: "from lessonkit import figures\nwith figures.picture('one') as ax:\n"
             f"    ax.plot([1], [2], label='a' + 'b' + 'c' if {what == 'a legend'} else '_')\n    {line}"
       for what, line in {"a title": "ax.set_title('a' + 'b' + 'c')", "an axis": "ax.set_xlabel('a' + 'b' + 'c')",
                          "a tick": "ax.set_xticks([1], ['a' + 'b' + 'c'])",
                          "an annotation": "ax.text(0, 0, 'a' + 'b' + 'c')",
                          "a legend": "ax.legend()"}.items()},
    "a guess": "from lessonkit.guess import Guess\nGuess('a' + 'b' + 'c')",
    **{what: "from lessonkit.explorers.forward import SigmoidUnit\nunit = SigmoidUnit()\n" + line + "\nunit"
       for what, line in {"a label": "unit.widgets['weight'].description = 'a' + 'b' + 'c'",
                          "a tooltip": "unit.widgets['weight'].tooltip = 'a' + 'b' + 'c'",
                          "a button": "unit.box.children[3].description = 'a' + 'b' + 'c'",
                          "a name": "unit._page.name = 'a' + 'b' + 'c'",
                          "a sentence": "unit.sentence = 'a' + 'b' + 'c'"}.items()}}


@pytest.mark.parametrize("where", PLANTED)
def test_a_word_that_is_planted_is_found(where, screen):
    screen.run(PLANTED[where], {})
    assert [found for found in left(screen).values() if "abc" in found], list(screen)


# -- the playground -----------------------------------------------------------------------------------

SMALL = {"n_hidden": 4, "epochs": 3, "digits": 300, "minibatch_size": 50, "eta": 0.01}


def in_step(play, steps):
    """Let the playground train for so many steps, and be left training; then show it."""
    play._make_ready()
    play.sitting.start()
    for _step in range(steps):
        play.sitting._step()
    play.show()


def test_no_english_is_left_on_the_playground(screen):
    def look(*more):
        assert left([*said_by(play), *map(str, more)]) == {}

    play = Playground(**SMALL)
    look()
    play.stage.unit, play.stage.digit, play.stage.weight = 2, 7, ["w_out", 3]
    look()
    for text in ("0.5", "1,5"):  # before the first minibatch, and no number
        play._on_message(play.stage, {"set": text}, [])
        assert play.stage.refused
        look()
    in_step(play, 2)
    look()
    play.widgets["eta"].value = 0.02
    look()
    play.pause()
    look()
    play._on_message(play.stage, {"set": "1e30"}, [])
    play.train(1)
    look()
    play.look_at(play.runs[0], 0)
    look()
    play._on_message(play.stage, {"set": "1"}, [])
    assert play.stage.refused
    look()
    play.train(9)
    look()
    play.widgets["minibatch_size"].value = 500
    look()
    play.widgets["minibatch_size"].value = 50
    for end in ("failed", "diverged"):
        play.new_run()
        in_step(play, 1)
        play.sitting._close(end)
        play.show()
        look()
    play.sitting.network.b_h[:] = 1000  # all units are dead
    play.sitting.run.edits.append(None)
    play._seen = None, None, None
    play.show()
    look()
    play._ipython_display_()
    assert left([*screen, *in_figure(play.twin.fig)]) == {} and len(screen) > 50


def test_no_english_is_left_on_the_table_of_runs(screen):
    play = Playground(**SMALL)
    table = RunsTable(play)
    with pytest.raises(ValueError) as nothing:
        table.line()
    play.train(1)
    play.sitting.set_weight("w_h", (300, 1), 0.5)
    play.train(1)
    line, run = write_line(play.runs[0]), play.runs[0]
    for act in (table.line, table.csv, table.code):
        act()
    play.look_at(run, 1)
    table.code()
    assert set(left(as_code(run).splitlines()[-1:]).popitem()[1]) <= {"print", "cost"}  # its sentence is marked
    messages = [str(nothing.value)]
    for other in ("eta=0.02", "done=3", "done=0", "cost=1.0", "end=diverged", "by_hand=none", "", "shifted=True"):
        name, _equals, value = other.partition("=")
        changed = re.sub(rf"\b{name}=\S+", other, line) if name else line
        messages.append(compare(run, changed).sentence)
    for bad in ("hello", "mlp-run", f"{line} {line}", line.replace("eta=0.01", "eta=fast"), line + " nothing=1",
                line.replace("done=2", "done=9"),
                re.sub(r"end=\w+", "end=x", line), line.replace("w_h[300,1]", "w_h[999,1]"),
                re.sub(r"by_hand=\S+", "by_hand=x", line), line.replace("train_acc=0", "train_acc=7")):
        with pytest.raises(ValueError) as error:
            read_line(bad)
        messages.append(str(error.value))
    # In a message stand names and values as they are typed: they are code.
    typed = re.compile(r"'[^']*'|\"[^\"]*\"|\b(" + "|".join(
        ["mlp-run", "run", "end", "done", "seed", "epochs", "digits", "schedule", "shifted", "dropout", "cost", "none",
         "fast", "finished", "paused", "running", "stopped", "diverged", "failed", "constant", "hello"]) + r")\b")
    assert left(typed.sub(" ", message) for message in messages) == {}
    table.compare(line)
    play.start = lambda: None  # no event loop here
    table.repeat(line)
    table._ipython_display_()
    in_step(play, 1)
    assert left([*screen, *in_widget(table.box), repr(table)]) == {}
    RunsTable(play)  # which the first one gives way to
    assert left([table.page.message]) == {} and table.page.message


@pytest.mark.parametrize("network", [{}, {"dropout": 0.2, "l2": 0.1}, {"l2": 0.0}], ids=str)
def test_no_english_is_left_under_glass(network, screen):
    settings = Settings(**SMALL | network)
    nn, X, y = settings.network(), *mlp_core.load_mnist()[:2]
    nn._init_weights(784, 10)
    glass = MinibatchUnderGlass(nn, X[:20], y[:20])
    names = re.compile(r"\b(cost|kept|terms)(?=⟦? ?(?:[\[(=]|by))")  # what the code calls its arrays
    for step, line in enumerate(glass.lines, 1):
        glass.widgets["step"].value = step
        texts = [*said_by(glass), in_html(glass.above_the_picture()[0]), glass.working(), glass.shapes(line)]
        assert left(names.sub(" ", text) for text in texts) == {}, step
    for wrong in ((nn, X[:, :5], y), (nn, X[:3], y[:3] + 99), (nn, X[:3] + np.nan, y[:3]), (NeuralNetMLP(), X, y)):
        with pytest.raises(ValueError) as error:
            under_glass._checked(*wrong)
        assert left([str(error.value)]) == {}


def test_no_english_is_left_on_the_landscape(screen):
    play = Playground(**SMALL)
    play.train(3)
    landscape = Landscape(play.runs[0])
    for control in landscape.widgets.values():
        for value in getattr(control, "options", None) or range(control.min, control.max + 1):
            control.value = value[1] if isinstance(value, tuple) else value
            assert left(said_by(landscape)) == {}
    walk = landscape.path.walk(2, 50)
    assert left([landscape._describe_walk("", walk._replace(overflow=3), ((0, 1), (0, 1)))]) == {}
    landscape._ipython_display_()
    assert left(screen) == {} and screen
    for weights in ([play.runs[0].weights[0]] * 2, [play.runs[0].weights[0]] * 4):
        with pytest.raises(ValueError) as error:
            Landscape(Run(1, Settings(**SMALL), weights=weights))
        assert left([str(error.value)]) == {}


# -- no word is looked up too early -------------------------------------------------------------------


def looked_up_at_import(tree):
    """The lines of `tree` that look a word up when the module is imported: outside of functions, or in a default."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            early = [*node.args.defaults, *filter(None, node.args.kw_defaults), *getattr(node, "decorator_list", [])]
            yield from looked_up_at_import(ast.Module([ast.Expr(part) for part in early], []))
        else:
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext", "pgettext"):
                yield node.lineno
            yield from looked_up_at_import(node)


def test_words_are_looked_up_when_a_language_is_set_not_at_import():
    found = {path.name: lines for path in lessonkit_words.PACKAGE.rglob("*.py")
             if (lines := list(looked_up_at_import(ast.parse(path.read_text(encoding="utf-8")))))}
    assert found == {}, "mark them with N_, and look them up when they are shown"
    for early in ("ALT = _('a')", "class A:\n    alt = _('a')", "def f(a=_('a')):\n    pass", "A = {'a': (_('a'), 1)}"):
        assert list(looked_up_at_import(ast.parse(early))) != [], early
    assert list(looked_up_at_import(ast.parse("def f():\n    return _('a')\nA = N_('a')"))) == []


# -- explorers, guesses, checks -----------------------------------------------------------------------
def explorers():
    nn = backprop.trained(1)[1]
    X, y, _ = backprop.minibatch()
    yield from (digits.LeafThrough(), digits.Contrast(), forward.SigmoidUnit(), forward.OneDigit(),
                backprop.TurnOneWeight(), backprop.StepSize(), backprop.Deltas(), drawing.DrawDigit(),
                regularisation.Regularise(n_hidden=5, updates=200), mistakes.Gallery(nn, X, y),
                training.TrainingBench())


def test_no_english_is_left_on_an_explorer(pseudo):
    for explorer in explorers():
        assert left(said_by(explorer)) == {}, type(explorer).__name__
        for name, widget in explorer.widgets.items():  # and in what it says after a move
            if name != "pad":
                for option in getattr(widget, "options", None) or [widget.min, widget.max]:
                    widget.value = option[1] if isinstance(option, tuple) else option
                    assert bare_words(explorer.sentence) == [], explorer.sentence


def test_no_english_is_left_on_the_bench_and_the_pad(pseudo):
    bench = training.TrainingBench()
    run = bench.begin()
    assert bare_words(bench.sentence) == []
    bench.advance(run)
    bench.widgets["eta"].value = 0.1
    assert bare_words(bench.sentence) == []
    run.end = "diverged"
    bench.refresh()
    assert bare_words(bench.sentence) == []
    pad = drawing.DrawDigit()
    for strokes in ([], [[(100, 100), (105, 105)]], [[(100, 60), (100, 220)]],
                    [[(60, 60), (220, 220)], [(60, 220), (220, 60)]]):
        pad.widgets["pad"].value = strokes
        assert bare_words(pad.sentence) == [], pad.sentence


def test_no_english_is_left_on_guesses_and_checks(pseudo):
    guess = Guess("⟦a⟧", "⟦b⟧")
    for text in (repr(guess), repr(guess.beside("⟦c⟧")), guess.beside("⟦c⟧")._repr_html_(), guess.widget.description):
        assert set(bare_words(re.sub("<[^>]*>", "", text))) == set(), text
    for state in (verdict.RIGHT, verdict.NOT_YET, verdict.WRONG, verdict.ERROR):
        assert bare_words(verdict.Verdict(state, "key", "").heading) == []
    question = recall.Question("Which one", {"this one": "No.", "that one": "Yes."}, "that one")
    asked = recall.asker([question])(1)
    asked.buttons.value = asked.choices[0]
    for text in (repr(asked), asked.heading, asked.feedback.value):
        assert bare_words(re.sub("<[^>]*>", "", text)) == [], text


@pytest.mark.parametrize("module", sorted((lessonkit_words.PACKAGE / "check").glob("*.py")), ids=lambda path: path.stem)
def test_every_sentence_of_a_check_is_marked(module):
    """Every literal that is a sentence goes through `_`, but for docstrings and the errors that programs get."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.search(
                r"[A-Za-z]+ [a-z]+ [a-z]+.*[.?]$", node.value):
            above = [node, *code._above(node, parents)]
            fine = isinstance(parents[node], ast.Expr) or any(isinstance(one, ast.Raise) for one in above) or any(
                isinstance(one, ast.Call) and getattr(one.func, "id", "") in ("_", "N_", "AssertionError")
                for one in above)
            assert fine, f"{module.name}, line {node.lineno}: {node.value}"


def test_the_language_can_be_set_in_a_running_kernel():
    before = repr(Guess("a", "b"))
    with words.spoken(LANGUAGES[0]):
        assert words.language() == LANGUAGES[0]
        assert repr(Guess("a", "b")) != before
        assert forward.SigmoidUnit().widgets["weight"].description != "Weight w"
    assert words.language() == "en" and words._("Your guess") == "Your guess" and words._("") == ""
    assert forward.SigmoidUnit().widgets["weight"].description == "Weight w"


def test_an_unknown_language_is_named():
    with pytest.raises(ValueError, match=r"code is 'xx'; expected one of 'en', 'ko'"):
        words.set_language("xx")
    assert words.language() == "en"


@pytest.mark.parametrize("language", LANGUAGES)
def test_letters_digits_and_signs_have_a_font_and_only_in_that_language(language, recwarn):
    import matplotlib

    usual = list(matplotlib.rcParams["font.family"])
    with words.spoken(language), style.course():
        first, second = matplotlib.rcParams["font.family"]
        assert first == style.FONT, "what the usual font has stays as it is: digits, minus signs, letters"
        figure = figures.new((2, 2))
        ax = figure.subplots()
        ax.plot([-1, 1], label="가중치")
        ax.set_title("활성화 −1.5", weight="bold")
        style.with_formula(ax.text(0, 0, r"출력 $\delta_\mathrm{out}$"))
        figure.draw_without_rendering()
        figures.show(figure, "그림.")
    assert [str(warning.message) for warning in recwarn] == []
    assert matplotlib.rcParams["font.family"] == usual
    with style.course():
        assert second not in matplotlib.rcParams["font.family"]
