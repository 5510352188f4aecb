// The pictures of `Stage` in stage.py: paints what the kernel has computed, and tells it what is chosen. It has no
// English of its own and computes nothing: words come in `words`, colours in `colours`, numbers and bytes in `scene`.

const SIDE = 28, PIXELS = SIDE * SIDE, CLASSES = 10;
const LEAST = 30; // pixels of the page: a unit is shown no narrower
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const bytes = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// -- images -----------------------------------------------------------------------------------------

// Paint images of side x side bytes next to each other, `columns` in a row, with a line between them if they are large.
function paint(canvas, pixels, side, columns, colours) {
  const count = pixels.length / (side * side), gap = side > 1 ? 1 : 0, pitch = side + gap;
  const width = columns * pitch - gap, height = Math.ceil(count / columns) * pitch - gap;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const image = new ImageData(width, height);
  for (let tile = 0, from = 0; tile < count; tile++) {
    const left = (tile % columns) * pitch, top = Math.floor(tile / columns) * pitch;
    for (let row = 0; row < side; row++) {
      let to = 4 * ((top + row) * width + left);
      for (let column = 0; column < side; column++, to += 4) {
        const colour = 3 * pixels[from++];
        for (let channel = 0; channel < 3; channel++) image.data[to + channel] = colours[colour + channel];
        image.data[to + 3] = 255;
      }
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// A canvas of many images of which one can be chosen: with a click, a finger, or the keys of a slider, which it is to a
// screen reader. `choose` gets the place of the chosen one.
function picker(label, side, colours, choose) {
  const canvas = make("canvas", { role: "slider", tabindex: "0", "aria-label": label, "aria-valuemin": "0" });
  const mark = make("span", { class: "mark" });
  const element = make("div", { class: side > 1 ? "picker tiles" : "picker" }, canvas, mark);
  let pixels = new Uint8Array(), wanted = 1, columns = 1, count = 0, chosen = 0;
  const rows = () => Math.ceil(count / columns);

  function layOut() { // on a narrow page in fewer columns, so that a finger finds each
    const room = side > 1 ? Math.floor(element.clientWidth / LEAST) : wanted;
    columns = Math.max(1, Math.min(wanted, room));
    if (count) paint(canvas, pixels, side, columns, colours);
    put(chosen);
  }

  function put(place) {
    chosen = place;
    Object.assign(mark.style, { width: `${100 / columns}%`, height: `${100 / rows()}%`,
      left: `${(100 * (place % columns)) / columns}%`, top: `${(100 * Math.floor(place / columns)) / rows()}%` });
    canvas.setAttribute("aria-valuenow", `${place}`);
  }

  function go(place) {
    if (place < 0 || place >= count) return;
    put(place);
    choose(place);
  }

  canvas.addEventListener("click", (event) => { // not as soon as a finger is down: it may be about to scroll
    const box = canvas.getBoundingClientRect();
    const at = (way, length, n) => Math.min(Math.max(Math.floor((n * way) / length), 0), n - 1);
    go(at(event.clientY - box.top, box.height, rows()) * columns + at(event.clientX - box.left, box.width, columns));
  });
  canvas.press = (key) => {
    if (key in MOVES) go(chosen + MOVES[key][0] + columns * MOVES[key][1]);
    else if (key === "Home") go(0);
    else if (key === "End") go(count - 1);
    else return false;
    return true;
  };
  const observer = new ResizeObserver(layOut);
  observer.observe(element);
  return { element, close: () => observer.disconnect(), show(images, across, place, text) {
    [pixels, wanted, count, chosen] = [images, across, images.length / (side * side), place];
    canvas.setAttribute("aria-valuemax", `${count - 1}`);
    canvas.setAttribute("aria-valuetext", text);
    layOut();
  } };
}

// All digits as one image, of which galleries show a part each. A canvas for every button would do as well, but each
// is a layer of its own to the browser, and forty of them slow down every frame of the whole page.
function sheetOf(el, digits, colours) {
  const across = 20, down = Math.ceil(digits.length / PIXELS / across), canvas = make("canvas");
  paint(canvas, digits, SIDE, across, colours);
  let url = "", closed = false;
  canvas.toBlob((image) => {
    if (closed) return;
    url = URL.createObjectURL(image);
    el.style.setProperty("--digits", `url(${url})`);
  });
  el.style.setProperty("--digits-size", `${(100 * canvas.width) / SIDE}% ${(100 * canvas.height) / SIDE}%`);
  const share = (place, places) => `${places > 1 ? (100 * place) / (places - 1) : 0}%`;
  return { placeOf: (k) => `${share(k % across, across)} ${share(Math.floor(k / across), down)}`, close() {
    closed = true;
    URL.revokeObjectURL(url);
  } };
}

// Buttons with a digit each, from the `sheet`; a click chooses it.
function gallery(label, sheet, choose) {
  const element = make("div", { class: "gallery", role: "group", "aria-label": label }), buttons = [];
  function add() {
    const button = make("button", { type: "button", onclick: () => choose(button.digit) },
                        make("span", { class: "digit", "aria-hidden": "true" }), make("span"));
    buttons.push(button);
    element.append(button);
  }
  return { element, show(cards, chosen) {
    while (buttons.length < cards.length) add();
    buttons.forEach((button, place) => {
      const card = cards[place];
      button.hidden = !card;
      if (!card) return;
      button.setAttribute("aria-label", card.long);
      button.setAttribute("aria-pressed", `${card.digit === chosen}`);
      button.title = card.long;
      say(button.lastChild, card.short);
      button.firstChild.style.backgroundPosition = sheet.placeOf(card.digit);
      button.digit = card.digit;
    });
  } };
}

// -- curves -----------------------------------------------------------------------------------------

const HEIGHT = 190, LEFT = 54, RIGHT = 16, TOP = 8, BOTTOM = 34, NAME = 11; // pixels

function ticksOf({ range: [low, high], log, least = 0 }) { // some round numbers on an axis, at `least` so far apart
  if (log) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
      for (const digit of high / low > 100 ? [1] : [1, 2, 5])
        if (digit * 10 ** power >= low && digit * 10 ** power <= high) found.push(digit * 10 ** power);
    if (found.length > 1) return found; // else the range is so narrow that steps of one size do
  }
  const rough = Math.max((high - low) / 4, least), power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough);
  const found = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high + step / 1e6; tick += step)
    found.push(+tick.toPrecision(6));
  return found;
}

// Names of lines that end close to each other, moved up or down until each can be read, within the diagram.
function apart(names) {
  const sorted = [...names].sort((a, b) => a.y - b.y);
  let free = TOP + 4;
  for (const each of sorted) {
    each.y = Math.max(each.y, free);
    free = each.y + NAME;
  }
  free = HEIGHT - BOTTOM;
  for (const each of sorted.reverse()) {
    each.y = Math.min(each.y, free);
    free = each.y - NAME;
  }
  return names;
}

// A diagram in SVG that is as wide as its place. `show` takes its `lines`, {points: [[x, y], ...], colour, dashed,
// faint, name}, the axes `x` and `y`, {label, range, log, least}, and where on x an upright line stands.
function diagram() {
  const element = make("div", { class: "diagram", role: "img" });
  let shown = null;

  function draw() {
    const width = element.clientWidth;
    if (!shown || !width) return;
    const [lines, x, y, upright] = shown;
    const placed = (axis, from, to) => {
      const scale = axis.log ? Math.log10 : (value) => value, [low, high] = axis.range.map(scale);
      return (value) => +(from + ((to - from) * (scale(value) - low)) / (high - low)).toFixed(1);
    };
    const names = [], across = placed(x, LEFT, width - RIGHT), up = placed(y, HEIGHT - BOTTOM, TOP);
    const parts = [`<path class="axis" d="M${LEFT} ${TOP}V${HEIGHT - BOTTOM}H${width - RIGHT}"/>`,
      `<text x="${(LEFT + width - RIGHT) / 2}" y="${HEIGHT - 4}" text-anchor="middle">${x.label}</text>`];
    for (const tick of ticksOf(x))
      parts.push(`<text x="${across(tick)}" y="${HEIGHT - BOTTOM + 14}" text-anchor="middle">${tick}</text>`);
    for (const tick of ticksOf(y))
      parts.push(`<path class="grid" d="M${LEFT} ${up(tick)}H${width - RIGHT}"/>`,
                 `<text x="${LEFT - 4}" y="${up(tick) + 4}" text-anchor="end">${tick.toLocaleString("en")}</text>`);
    if (upright !== null) parts.push(`<path class="now" d="M${across(upright)} ${TOP}V${HEIGHT - BOTTOM}"/>`);
    for (const { points, colour, dashed, faint, name } of lines) {
      const way = points.map(([a, b]) => [across(a), up(b)]), dot = way.length === 1;
      parts.push(`<path class="line${dashed ? " dashed" : ""}${faint ? " faint" : ""}${dot ? " dot" : ""}"
        stroke="${colour}" d="M${way.join("L")}${dot ? "h0.1" : ""}"/>`);
      if (name) names.push({ name, x: way.at(-1)[0] + (dot ? 5 : 3), y: way.at(-1)[1] + 4 });
    }
    for (const { name, x, y } of apart(names)) parts.push(`<text class="name" x="${x}" y="${y}">${name}</text>`);
    element.innerHTML = `<svg width="${width}" height="${HEIGHT}" aria-hidden="true">${parts.join("")}</svg>`;
  }

  const observer = new ResizeObserver(draw);
  observer.observe(element);
  return { element, close: () => observer.disconnect(), show(text, ...what) {
    element.setAttribute("aria-label", text);
    shown = what.length ? [what[0], what[1], what[2], what[3] ?? null] : null;
    if (shown) draw();
    else element.replaceChildren();
  } };
}

const LOWEST = 0.8; // a count of 0 on a log scale
const LINE = "#0072B2";

// -- the panels -------------------------------------------------------------------------------------

function render({ model, el }) {
  const words = model.get("words"), panels = {};
  const colours = Object.fromEntries(Object.entries(model.get("colours")).map(([name, map]) => [name, bytes(map)]));
  const digits = bytes(model.get("digits"));
  const digit = (place) => digits.subarray(PIXELS * place, PIXELS * (place + 1));
  const sheet = sheetOf(el, digits, colours.ink);
  const keyed = (label) => `${label}; ${words.arrows}`;

  function choose(name, value) {
    model.set(name, value);
    model.save_changes();
  }

  function panel(name, ...children) {
    const caption = make("p", { class: "caption" });
    panels[name] = make("section", { class: `part part-${name}`, "aria-label": words[name] },
                        make("h4", { text: words[name] }), ...children, caption);
    return caption;
  }

  // which run and which epoch are shown
  const run = make("select", { onchange: () => ask(-1) });
  const epoch = make("input", { type: "range", min: "0", oninput: () => ask(+epoch.value) }), readout = make("output");
  const place = make("div", { class: "place" }, make("label", {}, `${words["run shown"]} `, run),
                     make("label", {}, `${words["epoch shown"]} `, epoch), readout);

  function ask(which) {
    readout.textContent = which < 0 ? "" : which;
    choose("asked", [+run.value, which, model.get("asked")[2] + 1]); // counted on, also where it is displayed again
  }

  function showPlace() {
    const { runs = [], run: number, last, epoch: shown } = model.get("place");
    if ([...run.options].map((option) => option.value).join() !== runs.join())
      run.replaceChildren(...runs.map((each) => make("option", { value: each, text: each })));
    run.value = number;
    epoch.max = last;
    if (!epoch.matches(":active")) epoch.value = shown; // nobody's finger is on it
    epoch.disabled = !last;
    say(readout, `${shown}`);
  }

  // cost and accuracies
  const [cost, accuracy, spread] = [diagram(), diagram(), diagram()];
  const curvesCaption = panel("curves", make("div", { class: "pair" },
    make("figure", {}, make("figcaption", { text: words.cost }), cost.element),
    make("figure", {}, make("figcaption", { text: `${words.accuracy}. ${words.dashes}` }), accuracy.element)));

  function showCurves() {
    const { runs, at } = model.get("curves");
    say(curvesCaption, runs?.length ? "" : words["no epoch"]);
    if (!runs?.length) {
      for (const curve of [cost, accuracy]) curve.show(words["no epoch"]);
      return;
    }
    const longest = Math.max(...runs.map((run) => run.cost.length));
    const x = { label: words.epoch, range: [0, longest + 1], least: 1 };
    const lines = (which, more) => runs.map((run, place) => ({ points: run[which].map((value, k) => [k + 1, value]),
      colour: run.colour, faint: place < runs.length - 1, name: run.number, ...more }));
    const told = (which) => runs.map((run) => `${run.number}: ${run[which].at(-1)}`).join("; ");
    const costs = runs.flatMap((run) => run.cost), shares = runs.flatMap((run) => [...run.train, ...run.valid]);
    cost.show(`${words.cost}. ${told("cost")}`, lines("cost"), x,
              { range: [0.8 * Math.min(...costs), 1.2 * Math.max(...costs)], log: true }, at?.[1]);
    accuracy.show(`${words.accuracy}. ${words.dashes}. ${told("train")}. ${told("valid")}`,
                  [...lines("train"), ...lines("valid", { dashed: true, name: "" })], x,
                  { range: [10 * Math.floor(Math.min(...shares, 99) / 10), 100] }, at?.[1]);
  }

  // the hidden units
  const units = picker(keyed(words["choose unit"]), SIDE, colours.signed, (unit) => choose("unit", unit));
  const unitsCaption = panel("hidden", units.element);

  // one unit, and its weights
  const pixels = picker(keyed(words["choose pixel"]), 1, colours.signed, (pixel) => choose("weight", ["w_h", pixel]));
  const most = gallery(words.most, sheet, (k) => choose("digit", k));
  const least = gallery(words.least, sheet, (k) => choose("digit", k));
  const weight = make("p", { class: "weight" }), refused = make("p", { class: "refused", role: "alert" });
  const value = make("input", { type: "number", step: "any" });
  const set = (event) => {
    event.preventDefault();
    model.send({ set: value.value });
  };
  const form = make("form", { onsubmit: set }, make("label", {}, `${words["new value"]} `, value),
                    make("button", { class: "jupyter-button widget-button", text: words.set }));
  const unitCaption = panel("unit",
    make("div", { class: "pair" }, pixels.element, make("div", {}, weight, form, refused)),
    make("h5", { text: words.most }), most.element, make("h5", { text: words.least }), least.element);

  // one digit, and what the unit adds
  const shown = make("canvas", { role: "img" });
  const number = make("input", { type: "number", min: "0", max: `${digits.length / PIXELS - 1}`, onchange: () => {
      const asked = Math.min(Math.max(Math.round(+number.value), 0), +number.max);
      choose("digit", asked);
      number.value = asked;
    } });
  const activations = picker(keyed(words.activations), 1, colours.activation, (unit) => choose("unit", unit));
  const heads = ["class", "w_out", "added", "z_out", "a_out"];
  const rows = Array.from({ length: CLASSES }, (_, k) => {
    const button = make("button", { type: "button", onclick: () => choose("weight", ["w_out", k]) });
    return make("tr", {}, make("th", { scope: "row", text: k }), make("td", {}, button),
                ...heads.slice(2).map(() => make("td")));
  });
  const table = make("table", { class: "outputs" },
    make("thead", {}, make("tr", {}, ...heads.map((name) => make("th", { scope: "col", text: words[name] })))),
    make("tbody", {}, ...rows));
  const digitCaption = panel("digit", make("div", { class: "pair" },
    make("div", {}, make("label", {}, `${words["choose digit"]} `, number), shown),
    make("figure", {}, make("figcaption", { text: words.activations }), activations.element)), table);

  // all digits
  const wrong = gallery(words.mistakes, sheet, (k) => choose("digit", k));
  const mistakesCaption = panel("mistakes", wrong.element);
  const cells = Array.from({ length: CLASSES }, () => Array.from({ length: CLASSES }, () => make("td")));
  const matrix = make("table", { class: "matrix" },
    make("thead", {}, make("tr", {}, make("td"),
      ...cells.map((_, k) => make("th", { scope: "col", text: k })))),
    make("tbody", {}, ...cells.map((row, k) => make("tr", {}, make("th", { scope: "row", text: k }), ...row))));
  const confusionCaption = panel("confusion", matrix);
  const spreadCaption = panel("spread",
    make("figure", {}, make("figcaption", { text: words["how many"] }), spread.element));

  // -- a scene

  function bar(cell, { text, share }) { // a number, and a bar behind it: from the middle if it can be negative
    say(cell, text);
    cell.style.setProperty("--share", `${Math.abs(share) * 100}%`);
    cell.classList.toggle("negative", share < 0);
  }

  function show() {
    const scene = model.get("scene");
    if (!scene.number) return;
    const { hidden, unit, weight: chosen } = scene, images = bytes(hidden.pixels);
    units.show(images, hidden.columns, unit.index, `${unit.name}. ${unit.text}`);
    say(unitsCaption, hidden.text);

    pixels.show(images.subarray(PIXELS * unit.index, PIXELS * (unit.index + 1)), SIDE,
                chosen.layer === "w_h" ? chosen.place : 0, chosen.text);
    pixels.element.classList.toggle("unmarked", chosen.layer !== "w_h");
    say(panels.unit.firstChild, unit.name);
    say(unitCaption, unit.text);
    say(weight, chosen.text);
    if (document.activeElement !== value) value.value = chosen.value;
    most.show(unit.most, scene.digit.index);
    least.show(unit.least, scene.digit.index);

    paint(shown, digit(scene.digit.index), SIDE, 1, colours.ink);
    shown.setAttribute("aria-label", scene.digit.text);
    if (document.activeElement !== number) number.value = scene.digit.index;
    activations.show(bytes(scene.digit.activations), hidden.columns, unit.index, scene.digit.text);
    rows.forEach((row, k) => {
      const entries = scene.digit.outputs[k], button = row.cells[1].firstChild;
      entries.forEach((entry, place) => bar(place ? row.cells[place + 1] : button, entry));
      row.classList.toggle("answer", k === scene.digit.answer);
      button.setAttribute("aria-pressed", `${chosen.layer === "w_out" && chosen.place === k}`);
      button.setAttribute("aria-label", `w_out[${unit.index}, ${k}] = ${entries[0].text}`);
    });
    say(digitCaption, scene.digit.text);

    wrong.show(scene.mistakes.cards, scene.digit.index);
    say(mistakesCaption, scene.mistakes.text);

    const wrongest = Math.max(1, ...scene.confusion.counts.flatMap((row, t) => row.filter((_, p) => p !== t)));
    scene.confusion.counts.forEach((row, t) => row.forEach((count, p) => {
      say(cells[t][p], count ? `${count}` : "");
      cells[t][p].style.setProperty("--share", t === p ? 0.15 : count / wrongest);
    }));
    say(confusionCaption, scene.confusion.text);

    const [low, high] = model.get("bins"), counts = scene.spread.counts, step = (high - low) / counts.length;
    const outline = counts.flatMap((count, k) => [[low + k * step, count], [low + (k + 1) * step, count]]);
    spread.show(scene.spread.text, [{ points: outline.map(([a, b]) => [a, Math.max(b, LOWEST)]), colour: LINE }],
      { label: words.weights, range: [low, high] },
      { range: [LOWEST, 10 ** Math.ceil(Math.log10(Math.max(...counts, 9)))], log: true });
    say(spreadCaption, scene.spread.text);

    requestAnimationFrame(() => choose("painted", scene.number));
  }

  const refuse = () => say(refused, model.get("refused"));

  // -- keys: JupyterLab has a command for most of them, and listens at the document, before these elements could

  function press(event) {
    if (!el.contains(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.press?.(event.key)) event.preventDefault();
    else if (event.key === "Tab" || event.key === "Escape") return;
    event.stopPropagation();
  }

  el.classList.add("playground-stage");
  el.replaceChildren(place, ...model.get("panels").map((name) => panels[name]));
  window.addEventListener("keydown", press, true);
  model.on("change:scene", show);
  model.on("change:place", showPlace);
  model.on("change:curves", showCurves);
  model.on("change:refused", refuse);
  show();
  showPlace();
  showCurves();
  return () => {
    for (const part of [cost, accuracy, spread, units, pixels, activations, sheet]) part.close();
    window.removeEventListener("keydown", press, true);
    model.off("change:scene", show);
    model.off("change:place", showPlace);
    model.off("change:curves", showCurves);
    model.off("change:refused", refuse);
  };
}

export default { render };
