// The table of runs (runs_table.py): the kernel sorts and writes, the page shows, and says what is asked for.

let made = 0; // several tables on a page: their fields need ids of their own

function render({ model, el }) {
  const words = model.get("words"), columns = model.get("columns"), id = `runs-table-${++made}`;
  el.classList.add("runs-table");
  const send = (what, text = "") => model.send({ do: what, text });
  const button = (name, press) => make("button", { type: "button", class: "jupyter-button", text: words[name], onclick: press });

  // -- the table

  function sort(name) { // the same heading again: the other way round
    model.set("descending", model.get("column") === name && !model.get("descending"));
    model.set("column", name);
    model.save_changes();
  }

  function choose(number) {
    model.set("chosen", number);
    model.save_changes();
    showChosen(); // at once; the kernel may be busy
  }

  const heads = columns.map(([name, head]) => make("th", { scope: "col" },
    make("button", { type: "button", text: head, title: words.sort.replace("{name}", head), onclick: () => sort(name) })));
  const body = make("tbody"), none = make("p", { text: words.none });
  const table = make("table", { "aria-label": words.table }, make("thead", {}, make("tr", {}, ...heads)), body);
  const how = make("p", { text: words.table }); // no caption: it would scroll away to the side
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": words.table }, table);

  function showSorting() {
    const way = model.get("descending") ? "descending" : "ascending";
    columns.forEach(([name], place) => heads[place].setAttribute("aria-sort", name === model.get("column") ? way : "none"));
  }

  function showRows() { // cells are kept, so that the focus stays where it is while a run goes on
    const rows = model.get("rows");
    while (body.rows.length > rows.length) body.lastChild.remove();
    rows.forEach(([number, texts], place) => {
      let row = body.rows[place];
      if (!row) {
        row = make("tr", {}, make("th", { scope: "row" }, make("button", { type: "button" })),
                   ...texts.slice(1).map(() => make("td")));
        row.addEventListener("click", () => choose(Number(row.dataset.number)));
        body.append(row);
      }
      row.dataset.number = number;
      const button = row.cells[0].firstChild;
      say(button, texts[0]);
      button.setAttribute("aria-label", words.choose.replace("{number}", texts[0]));
      texts.slice(1).forEach((text, cell) => say(row.cells[cell + 1], text));
    });
    none.hidden = rows.length > 0;
    how.hidden = scroll.hidden = rows.length === 0;
    showChosen();
  }

  function showChosen() {
    for (const row of body.rows) {
      const chosen = Number(row.dataset.number) === model.get("chosen");
      row.classList.toggle("chosen", chosen);
      row.cells[0].firstChild.setAttribute("aria-pressed", `${chosen}`);
    }
  }

  // -- what is to be taken along

  const title = make("label", { for: `${id}-text` }), note = make("span", { role: "status" });
  const text = make("textarea", { id: `${id}-text`, spellcheck: "false", rows: "6" });
  const copy = button("copy", async () => {
    text.focus();
    text.select();
    let done = false;
    try {
      await navigator.clipboard.writeText(text.value);
      done = true;
    } catch { // no clipboard without https, nor in some frames
      try { done = document.execCommand("copy"); } catch { done = false; }
    }
    note.textContent = done ? words.copied : words.select;
  });
  const save = button("save", () => {
    const address = URL.createObjectURL(new Blob([text.value], { type: "text/plain;charset=utf-8" }));
    const link = make("a", { href: address, download: model.get("file") });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  });
  const shown = make("div", { class: "shown" }, title, text, make("div", { class: "buttons" }, copy, save, note));

  function showText() {
    say(title, model.get("title"));
    text.value = model.get("text");
    text.rows = Math.min(16, Math.max(3, text.value.split("\n").length));
    note.textContent = "";
    shown.hidden = !model.get("text");
  }

  // -- what is pasted

  const pasted = make("textarea", { id: `${id}-pasted`, spellcheck: "false", rows: "3", placeholder: "mlp-run ..." });
  const buttons = [button("compare", () => send("compare", pasted.value))];
  if (model.get("can_repeat")) buttons.push(button("repeat", () => send("repeat", pasted.value)));
  const message = make("p", { class: "message", role: "status" });
  const showMessage = () => say(message, model.get("message"));

  el.replaceChildren(none, how, scroll,
    make("div", { class: "buttons" }, ...["line", "code", "csv"].map((name) => button(name, () => send(name)))), shown,
    make("label", { for: `${id}-pasted`, text: words.paste }), pasted, make("div", { class: "buttons" }, ...buttons), message);

  const listening = { "change:rows": showRows, "change:chosen": showChosen, "change:column": showSorting,
                      "change:descending": showSorting, "change:text": showText, "change:title": showText,
                      "change:message": showMessage };
  for (const [event, listener] of Object.entries(listening)) {
    model.on(event, listener);
    listener();
  }
  return () => { for (const [event, listener] of Object.entries(listening)) model.off(event, listener); };
}

export default { render };
