"""The runs of a sitting as a table on the page.

It is sorted; a run is told as a line of text, run again, taken along as CSV and as code.

    RunsTable(playground)
"""

import html

import anywidget
import ipywidgets as widgets
import traitlets

from .. import live
from ..words import N_, _, pgettext
from . import page
from .as_code import as_code
from .records import RUNNING, as_csv, compare, read_line, row, sort_runs, write_line

COLUMNS = {  # of the page, the result first: name -> (head, format)
    "run": (N_("Run"), "{}"), "done": (N_("Epochs done"), "{}"), "cost": (N_("Cost"), "{:,.1f}"),
    "train_acc": (N_("Training"), "{:.1%}"), "valid_acc": (N_("Validation"), "{:.1%}"), "end": (N_("State"), "{}"),
    "n_hidden": (N_("Hidden units"), "{:,}"), "l2": (N_("L2"), "{:g}"), "eta": (N_("Learning rate"), "{:g}"),
    "minibatch_size": (N_("Minibatch"), "{:,}"), "epochs": (N_("Epochs"), "{}"), "dropout": (N_("Dropout"), "{:g}"),
    "seed": (N_("Seed"), "{}"), "digits": (N_("Digits"), "{:,}"), "schedule": (N_("Schedule"), "{}"),
    "shifted": (N_("Shifted"), "{}"), "by_hand": (N_("Set by hand"), "{}")}
WORDS = {
    "table": N_("All runs of this sitting. A heading sorts, a run's number chooses it."), "none": N_("No run yet."),
    "line": N_("Line of text"), "code": N_("Show as code"), "csv": N_("All runs as CSV"),
    "copy": N_("Copy"), "copied": N_("Copied."), "select": N_("Selected: copy it with Ctrl+C or Cmd+C."),
    "save": N_("Save as a file"), "paste": N_("A line from somebody else"),
    "compare": N_("Compare with the chosen run"), "repeat": N_("Run it again here"),
    "sort": N_("Sort by {name}"), "choose": N_("Run {number}")}
VALUES = {"finished": N_("finished"), "paused": N_("paused"), "stopped": N_("stopped"), "diverged": N_("diverged"),
          "failed": N_("failed"), "constant": N_("constant"), "cosine": N_("cosine"), True: N_("yes"), False: N_("no")}


class TablePage(anywidget.AnyWidget):
    """The table with its buttons and fields; see runs_table.js.

    `rows`, `title` and `text` (what is to be copied), `file` (the name it is saved under) and `message` come from the
    kernel; `column`, `descending` and `chosen`, the number of a run, are chosen on the page. Buttons are messages
    {"do": name, "text": what is pasted}.
    """

    _esm, _css = page.script("runs_table"), page.style("runs_table")
    words = traitlets.Dict().tag(sync=True)
    columns = traitlets.List().tag(sync=True)  # (name, head)
    rows = traitlets.List().tag(sync=True)  # (number, a text for each column)
    column = traitlets.Unicode("run").tag(sync=True)
    descending = traitlets.Bool(False).tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    text = traitlets.Unicode().tag(sync=True)
    file = traitlets.Unicode().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)
    can_repeat = traitlets.Bool(False).tag(sync=True)

    def __init__(self, **traits):
        super().__init__(words={name: _(text) for name, text in WORDS.items()},
                         columns=[[name, head] for name, head in zip(COLUMNS, heads())], **traits)

    def __repr__(self):
        return "TablePage()"


class RunsTable:
    """All runs of a `Playground`, or those of a list, as a table that is sorted by any column.

    A run is chosen by its number. It can be shown as a line of text and as code; a line that is pasted is compared with
    it, or run again in the playground. All runs are shown as CSV, and saved by the browser.

    One table follows a playground, the one that was made or used last; the others stand still and say so.
    """

    def __init__(self, runs):
        self.playground = runs if hasattr(runs, "repeat") else None
        self.list = None if self.playground else runs
        self._newest = 0
        self.page = TablePage(can_repeat=self.playground is not None)
        self.box = widgets.VBox([self.page, live.Page(name=_("Runs"))])
        self.box.add_class("explorer").add_class("RunsTable")
        self.page.observe(self._on_change, names=["column", "descending", "chosen"])
        self.page.on_msg(self._on_message)
        self._follow()

    @property
    def runs(self):
        return self.playground.runs if self.playground else self.list

    @property
    def chosen(self):
        """The run that is chosen on the page, or None."""
        return next((run for run in self.runs if run.number == self.page.chosen), None)

    def _follow(self):
        """Show the runs, and from now on follow the playground, if there is one."""
        if self.playground and self.playground.table is not self:
            self._take_over()
        self.refresh()

    def _take_over(self):
        """Follow in place of the table that did: a cell makes a new one each time it is run."""
        if before := self.playground.table:
            self.playground.unwatch(before.refresh)
            before.page.message = _("Another table follows the playground now, so this one stands still. Press a "
                                    "heading or a button here, and this one follows it again.")
        self.playground.table, self.page.message = self, ""
        self.playground.watch(self.refresh)

    def refresh(self):
        """Show the runs as they are now; one that is new is chosen."""
        self.page.rows = [[run.number, texts(run)] for run in self.sorted()]
        newest = max((run.number for run in self.runs), default=0)
        if newest != self._newest:
            self._newest = self.page.chosen = newest

    def sorted(self):
        return sort_runs(self.runs, self.page.column, self.page.descending)

    # -- what the page asks for ---------------------------------------------------------------------

    def line(self):
        """Show the chosen run as a line of text."""
        run = self._need_run()
        self._show(_("Run {number} as a line of text").format(number=run.number), write_line(run),
                   f"run_{run.number}.txt")

    def code(self):
        """Show the chosen run as code: as it is now, or as of the epoch that the playground looks at."""
        run, epoch = self._need_run(), None
        looked_at = self.playground and self.playground.sitting.place
        if looked_at and looked_at[0] is run:
            epoch = looked_at[1]
            title = _("Run {number} after epoch {epoch} as code").format(number=run.number, epoch=epoch)
        else:
            title = _("Run {number} as code").format(number=run.number)
        self._show(title, as_code(run, epoch), f"run_{run.number}.py")

    def csv(self):
        """Show all runs as CSV, in the order of the table."""
        self._show(_("All runs as CSV"), as_csv(self.sorted()), "runs.csv")

    def compare(self, text):
        """Say whether the chosen run came out as the line `text` says."""
        self.page.message = compare(self._need_run(), read_line(text)).sentence

    def repeat(self, text):
        """Train what the line `text` says, in the playground; once done it can be compared."""
        line = read_line(text)
        if not self.playground:
            raise ValueError(_("this table has no playground to train in. Make it of one: RunsTable(playground)."))
        self.playground.repeat(line.settings, line.edits)
        self.page.message = _("Run {number} is training with the line's settings. Compare it when it is done.").format(
            number=self.playground.sitting.run.number)

    def _need_run(self):
        if self.chosen is None:
            raise ValueError(_("there is no run yet. Start one in the playground first."))
        return self.chosen

    def _show(self, title, text, file):
        self.page.title, self.page.text, self.page.file, self.page.message = title, text, file, ""

    def _on_change(self, change):
        self._follow()

    def _on_message(self, page, content, buffers):
        actions = {"line": self.line, "code": self.code, "csv": self.csv,
                   "compare": lambda: self.compare(content["text"]), "repeat": lambda: self.repeat(content["text"])}
        self._follow()
        try:
            actions[content["do"]]()
        except (ValueError, TypeError) as error:  # the student's own: said, and nothing has changed
            self.page.message = str(error)

    # -- where no widget runs -----------------------------------------------------------------------

    def _ipython_display_(self, **_kinds):
        live.show(self.box, self._repr_html_(), repr(self))

    def _repr_html_(self):
        def cells(tag, values):
            return "".join(f"<{tag}>{html.escape(value)}</{tag}>" for value in values)
        head = cells("th", heads())
        body = "".join(f"<tr>{cells('td', texts(run))}</tr>" for run in self.sorted())
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        return f'<div tabindex="0" style="overflow-x: auto">{table}</div>'  # what scrolls must be reached by keys

    def __repr__(self):
        rows = [heads(), *map(texts, self.sorted())]
        return "\n".join(" | ".join(row) for row in rows)


def heads():
    """What stands over each of COLUMNS."""
    return [_(head) for head, _form in COLUMNS.values()]


def texts(run):
    """The row of `run`, a text for each of COLUMNS."""
    values = row(run) | {"by_hand": len(run.edits)}
    return [_said(values[name]) if name in ("end", "schedule", "shifted") else
            "" if values[name] is None else form.format(values[name]) for name, (_head, form) in COLUMNS.items()]


def _said(value):
    return pgettext("a run that goes on", "training") if value == RUNNING else _(VALUES[value])
