"""The table of runs: what its page is told and asks for.

That a browser shows it is seen in test_playground_table_browser.py.
"""

import csv
import html
import io
import re

import pytest

from explorer_support import shown
from lessonkit.playground import Playground, RunsTable
from lessonkit.playground.as_code import as_code
from lessonkit.playground.records import as_csv, row, write_line
from lessonkit.playground.runs_table import COLUMNS, TablePage
from lessonkit.playground.settings import Settings
from playground_support import SMALL, Trained


@pytest.fixture(scope="module")
def runs():
    """Three runs of different settings, the last one with a weight set by hand and not finished."""
    return [Trained(Settings(**SMALL), number=1).run, Trained(Settings(**SMALL | {"eta": 0.002}), number=2).run,
            Trained(Settings(**SMALL, shifted=True), number=3, steps=8, edits=[(8, "b_out", 3, 1.5)]).run]


def ask(table, what, text=""):
    """Send what a button sends."""
    table.page._handle_custom_msg({"do": what, "text": text}, [])


def column(table, name):
    return [cells[list(COLUMNS).index(name)] for _number, cells in table.page.rows]


def test_it_shows_every_value_of_every_run(runs):
    table = RunsTable(runs)
    assert set(COLUMNS) == set(row(runs[0]))
    assert [number for number, _cells in table.page.rows] == [1, 2, 3]
    cost, _train, valid = runs[0].result[1:]
    assert dict(zip(COLUMNS, table.page.rows[0][1])) == {
        "run": "1", "done": "3", "cost": f"{cost:,.1f}", "train_acc": f"{runs[0].result.train_acc:.1%}",
        "valid_acc": f"{valid:.1%}", "end": "finished", "n_hidden": "6", "l2": "0.01", "eta": "0.01",
        "minibatch_size": "50", "epochs": "3", "dropout": "0", "seed": "1", "digits": "300", "schedule": "constant",
        "shifted": "no", "by_hand": "0"}
    assert column(table, "shifted") == ["no", "no", "yes"] and column(table, "by_hand") == ["0", "0", "1"]
    assert column(table, "end")[2] == "paused"


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("descending", [False, True])
def test_any_column_sorts(runs, name, descending):
    table = RunsTable(runs)
    table.page.column, table.page.descending = name, descending
    value = {run.number: len(run.edits) if name == "by_hand" else row(run)[name] for run in runs}
    shown_order = [value[number] for number, _cells in table.page.rows]
    assert shown_order == sorted(shown_order, reverse=descending) and len(shown_order) == 3


def test_without_a_run_every_button_says_so():
    table = RunsTable([])
    assert table.page.rows == [] and table.chosen is None
    for what in ("line", "code", "compare"):
        ask(table, what, "mlp-run")
        assert table.page.message == "there is no run yet. Start one in the playground first."
    ask(table, "csv")
    assert table.page.text == as_csv([])


def test_what_is_shown_is_that_of_the_chosen_run(runs):
    table = RunsTable(runs)
    assert table.chosen is runs[2] and table.page.chosen == 3  # the newest, at first
    table.page.chosen = 2
    ask(table, "line")
    assert (table.page.text, table.page.file) == (write_line(runs[1]), "run_2.txt")
    ask(table, "code")
    assert (table.page.text, table.page.file) == (as_code(runs[1]), "run_2.py")
    table.page.column, table.page.descending = "eta", False
    ask(table, "csv")
    assert table.page.file == "runs.csv"
    assert [each["run"] for each in csv.DictReader(io.StringIO(table.page.text))] == ["2", "1", "3"]


def test_a_pasted_line_is_compared(runs):
    table = RunsTable(runs)
    table.page.chosen = 1
    ask(table, "compare", f"> {write_line(runs[0])}")
    assert table.page.message.startswith("The same, to the last digit: after epoch 3")
    ask(table, "compare", write_line(runs[1]))
    assert "eta: 0.01 / 0.002" in table.page.message


def test_a_line_that_is_none_is_said_and_changes_nothing(runs):
    table = RunsTable(runs)
    ask(table, "line")
    before = table.page.text, table.page.rows
    for what in ("compare", "repeat"):
        ask(table, what, "mlp-run eta=fast")
        assert "the line says nothing of" in table.page.message
    ask(table, "compare", None)
    assert "expected text" in table.page.message
    assert (table.page.text, table.page.rows) == before


def test_a_list_cannot_train(runs):
    table = RunsTable(runs)
    assert not table.page.can_repeat
    ask(table, "repeat", write_line(runs[0]))
    assert "this table has no playground to train in" in table.page.message


def test_an_error_of_the_program_is_logged_and_not_taken_for_the_student_s(runs, caplog):
    table = RunsTable(runs)
    ask(table, "dance")
    assert "KeyError: 'dance'" in caplog.text and table.page.message == ""


def test_it_follows_its_playground():
    playground = Playground(**SMALL)
    table = RunsTable(playground)
    assert table.page.can_repeat and table.page.rows == []
    playground.train(2)
    assert column(table, "done") == ["2"] and column(table, "end") == ["paused"]
    playground.train(1)
    assert column(table, "done") == ["3"] and column(table, "end") == ["finished"]
    playground.reset()
    assert table.page.rows == []


def test_of_a_cell_that_is_run_again_only_the_last_table_follows():
    playground, seen = Playground(**SMALL), []
    tables = [RunsTable(playground) for _again in range(20)]
    for table in tables:
        table.page.observe(lambda change, table=table: seen.append(table), names="rows")
    playground.train(1)
    assert {*map(id, seen)} == {id(tables[-1])} and len(playground._watchers) == 1
    assert tables[-1].page.message == "" and all("this one stands still" in table.page.message for table in tables[:-1])


@pytest.mark.parametrize("use", [lambda table: ask(table, "csv"),
                                 lambda table: table.page.set_trait("column", "cost")], ids=["a button", "a heading"])
def test_a_table_that_is_used_follows_again(use):
    playground = Playground(**SMALL)
    old, new = RunsTable(playground), RunsTable(playground)
    playground.train(1)
    assert column(old, "done") == [] and column(new, "done") == ["1"]
    use(old)
    assert column(old, "done") == ["1"] and old.chosen is playground.runs[0] and old.page.message == ""
    assert "this one stands still" in new.page.message
    playground.train(1)
    assert column(old, "done") == ["2"] and column(new, "done") == ["1"] and playground.table is old


def test_code_is_of_the_epoch_that_is_looked_at():
    playground = Playground(**SMALL)
    table = RunsTable(playground)
    playground.train(3)
    run = playground.runs[0]
    playground.look_at(run, 2)
    ask(table, "code")
    assert table.page.title == "Run 1 after epoch 2 as code" and table.page.text == as_code(run, 2)
    playground.look_at(run)
    ask(table, "code")
    assert table.page.title == "Run 1 as code" and table.page.text == as_code(run)


def test_a_line_is_run_again_in_the_playground_and_the_same_comes_out():
    first = Trained(Settings(**SMALL, schedule="cosine", dropout=0.2), edits=[(3, "w_h", (300, 5), 2.0)])
    line = write_line(first.run)
    playground = Playground(n_hidden=10, epochs=1)
    table = RunsTable(playground)
    playground.train(1)
    playground.start = lambda: playground.sitting.start()  # here is no event loop to train in
    ask(table, "repeat", line)
    assert "Run 2 is training" in table.page.message
    while playground.sitting.advance():
        pass
    playground.refresh()
    ask(table, "compare", line)
    assert table.page.message.startswith("The same, to the last digit")
    assert write_line(playground.runs[1]) == line and playground.widgets["n_hidden"].value == 6


def test_the_still_twin_has_the_table(runs):
    twin, _widget = shown(RunsTable(runs))
    page = html.unescape(twin["text/html"])
    assert re.findall(r"<th>(.*?)</th>", page) == [head for head, _form in COLUMNS.values()]
    assert re.findall(r"<td>(.*?)</td>", page)[:len(COLUMNS)] == RunsTable(runs).page.rows[0][1]
    lines = twin["text/plain"].splitlines()
    assert len(lines) == 4 and all(line.count(" | ") == len(COLUMNS) - 1 for line in lines)
    # No digit that another processor would compute otherwise.
    assert repr(runs[0].result.cost) not in page + twin["text/plain"]


def test_every_word_of_the_page_is_one_that_it_is_told():
    script = TablePage._esm
    asked = set(re.findall(r"words\.(\w+)", script)) | set(re.findall(r'button\("(\w+)"', script))
    assert asked <= set(TablePage().words)
