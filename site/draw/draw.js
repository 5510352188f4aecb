// The page: from the pen's way to the answer, and what each step shows.
// normalise.js and network.js compute; here is only what is seen. What is said is in words.js, beside the page of each
// language; all else is the same file for all.

import pad from "./pad.js";
import { Network } from "./network.js";
import { BOX, FIELD, Ink, MIDDLE, PEN, SIDE, SMALLEST, boundingBox, centre, centreOfMass, fit } from "./normalise.js";

const { words } = await import(new URL("words.js", document.baseURI));

const SURE = 0.5; // a smaller output says: rather not this class
const QUIET = 600; // milliseconds without a change until a screen reader is told: not at every step of the pen
const ACROSS = 25; // hidden units in a row of the picture of all activations
const CELL = 20; // pixels of that picture for each of them

// A seven, small and off the middle, as in lesson 6: shown until somebody draws.
const EXAMPLE = [[[38, 128], [66, 122], [98, 120], [138, 112], [128, 142], [112, 176], [100, 206], [90, 248]]];

const MORE = [178, 24, 43], LESS = [33, 102, 172]; // the colours of positive and negative values, as in the lessons
const OUTLINE = "#d55e00", HELP = "#888888";

const element = (id) => document.getElementById(id);
const two = (value) => value.toFixed(2);
const signed = (value) => `${value < 0 ? "\u2212" : "+"}${two(Math.abs(value))}`;

// -- pictures ---------------------------------------------------------------------------------------

// A colour is a number, as an image's memory has it: 255 for opaque, then blue, green, red.
const packed = (red, green, blue) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

const grey = (ink) => packed(255 - ink, 255 - ink, 255 - ink);

function diverging(limit) { // white at 0, full colour at plus or minus `limit`
  return (value) => {
    const share = Math.min(Math.abs(value) / limit, 1), full = value < 0 ? LESS : MORE;
    return packed(255 + share * (full[0] - 255), 255 + share * (full[1] - 255), 255 + share * (full[2] - 255));
  };
}

// Show `values`, row by row, each as a square of its colour; returns the context, in which a pixel of the image is 1.
function show(canvas, values, rows, columns, colour, pixels = 280) {
  const small = document.createElement("canvas"), image = new ImageData(columns, rows);
  const colours = new Uint32Array(image.data.buffer);
  values.forEach((value, n) => { colours[n] = colour(value); });
  [small.width, small.height] = [columns, rows];
  small.getContext("2d").putImageData(image, 0, 0);
  [canvas.width, canvas.height] = [pixels, Math.round((pixels * rows) / columns)];
  const context = canvas.getContext("2d");
  context.scale(canvas.width / columns, canvas.height / rows);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0);
  context.lineWidth = (2 * columns) / pixels;
  return context;
}

function name(canvas, caption, words) {
  canvas.setAttribute("aria-label", words);
  canvas.nextElementSibling.textContent = caption;
}

function showDrawn(image, box, example) {
  const canvas = element("drawn"), context = show(canvas, image.ink, SIDE, SIDE, grey);
  context.strokeStyle = OUTLINE;
  if (box) context.strokeRect(box.left, box.top, box.columns, box.rows);
  name(canvas, ...words.drawn(example, box));
}

function showFitted(fitted) {
  const canvas = element("fitted"), framed = new Uint8Array(BOX * BOX); // in the middle of its box
  fitted?.ink.forEach((ink, n) => {
    const [row, column] = [Math.floor(n / fitted.columns), n % fitted.columns];
    framed[BOX * (row + Math.floor((BOX - fitted.rows) / 2)) + column + Math.floor((BOX - fitted.columns) / 2)] = ink;
  });
  show(canvas, framed, BOX, BOX, grey);
  name(canvas, ...words.fitted(BOX, fitted));
}

function showCentred(centred) {
  const canvas = element("centred"), context = show(canvas, centred?.ink ?? [], FIELD, FIELD, grey);
  const middle = MIDDLE + 0.5;
  context.strokeStyle = HELP;
  context.setLineDash([0.3, 0.3]);
  context.beginPath();
  for (const ends of [[[middle, 0], [middle, FIELD]], [[0, middle], [FIELD, middle]]]) {
    context.moveTo(...ends[0]);
    context.lineTo(...ends[1]);
  }
  context.stroke();
  const mass = centred && centreOfMass(centred);
  if (mass) {
    context.fillStyle = OUTLINE;
    context.beginPath();
    context.arc(mass[1] + 0.5, mass[0] + 0.5, 0.4, 0, 2 * Math.PI);
    context.fill();
  }
  name(canvas, ...words.centred(FIELD, MIDDLE, mass?.map(two)));
}

// -- tables of ten bars -----------------------------------------------------------------------------

function makeBars(table) {
  const track = '<div class="track"><i></i></div>';
  table.tBodies[0].innerHTML = Array.from({ length: 10 }, (_, label) =>
    `<tr><th scope="row">${label}</th><td aria-hidden="true">${track}</td><td></td></tr>`).join("");
}

// fill(label) is what a row says, its class, where its bar begins and how long it is, in per cent.
function showBars(table, fill) {
  [...table.tBodies[0].rows].forEach((row, label) => {
    const { words, kind, start = 0, length } = fill(label);
    row.className = kind;
    row.cells[2].textContent = words;
    Object.assign(row.querySelector("i").style, { left: `${start}%`, width: `${length}%` });
  });
}

// -- sentences --------------------------------------------------------------------------------------

function ranked(values) { // the labels, that of the largest value first
  return [...values.keys()].sort((a, b) => values[b] - values[a]);
}

function sentence({ example, box, a_out }) {
  if (!box) return words.empty;
  if (!a_out) return words.little(SMALLEST);
  const [first, second] = ranked(a_out), answer = [first, two(a_out[first]), second, two(a_out[second])];
  return (example ? `${words.example} ` : "") + (a_out[first] < SURE ? words.unsure(...answer) : words.answer(...answer));
}

function unitSentence(unit, state, parts) {
  if (!state.a_out) return words.unitWaits(unit);
  const order = ranked(parts), [most, least] = [order[0], order[9]];
  return words.unit(unit, signed(state.z_h[unit]), two(state.a_h[unit]),
    parts[most] > 0 && [most, signed(parts[most])], parts[least] < 0 && [least, signed(parts[least])]);
}

function say(id, spoken, words) { // at once for the eye; for the ear when all is quiet
  if (element(id).textContent === words) return;
  element(id).textContent = words;
  clearTimeout(say[id]);
  say[id] = setTimeout(() => { element(spoken).textContent = words; }, QUIET);
}

// -- the page ---------------------------------------------------------------------------------------

const ink = new Ink();
let network, state, unit = 0;

// Everything from the strokes (null until somebody draws) to the outputs.
function compute(strokes) {
  const image = ink.of(strokes ?? EXAMPLE), box = boundingBox(image), steps = { example: strokes === null, image, box };
  if (!box || Math.max(box.rows, box.columns) < SMALLEST) return steps;
  const fitted = fit(image), centred = centre(fitted);
  return { ...steps, fitted, centred, ...network.forward(centred.ink) };
}

function answer(strokes) {
  state = compute(strokes);
  const label = state.a_out && ranked(state.a_out)[0];
  say("sentence", "spoken", sentence(state));
  showBars(element("outputs"), (row) => ({ words: state.a_out ? two(state.a_out[row]) : "",
    kind: row === label ? "answer" : "", length: 100 * (state.a_out?.[row] ?? 0) }));
  showDrawn(state.image, state.box, state.example);
  showFitted(state.fitted);
  showCentred(state.centred);
  for (const id of ["most", "least"]) element(id).disabled = label === undefined;
  showUnit();
}

const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);

function showUnit() {
  const known = Boolean(state.a_out), onward = network.weightsFrom(unit), limit = largest(onward);
  const parts = onward.map((weight) => weight * (known ? state.a_h[unit] : 0));
  say("unit-sentence", "unit-spoken", unitSentence(unit, state, parts));
  showIncoming(known);
  showActivations(known);
  showBars(element("parts"), (row) => {
    const length = (50 * Math.abs(parts[row])) / limit; // half the width is what an activation of 1 would add at most
    return { words: known ? signed(parts[row]) : "", kind: parts[row] < 0 ? "less" : "", length,
      start: parts[row] < 0 ? 50 - length : 50 };
  });
}

function showIncoming(known) { // the unit's weights, and what they make of the drawing
  const weights = network.weightsInto(unit), limit = largest(weights), colour = diverging(limit);
  show(element("weights"), weights, FIELD, FIELD, colour);
  name(element("weights"), ...words.weights(unit, FIELD, two(limit)));

  const products = known ? weights.map((weight, i) => weight * state.x[i]) : [];
  const sum = products.reduce((total, product) => total + product, 0), bias = network.hidden.biases[unit];
  show(element("products"), products, FIELD, FIELD, colour);
  name(element("products"), ...words.products(known && [sum, bias, state.z_h[unit]].map(signed)));
}

function showActivations(known) { // of all units, with this one framed
  const { units } = network.hidden, canvas = element("activations"), rows = Math.ceil(units / ACROSS);
  const context = show(canvas, known ? state.a_h : [], rows, ACROSS, (a) => grey(255 * a), CELL * ACROSS);
  context.strokeStyle = OUTLINE;
  context.lineWidth = 0.25;
  context.strokeRect(unit % ACROSS, Math.floor(unit / ACROSS), 1, 1);
  const active = known ? state.a_h.filter((a) => a > SURE).length : null;
  name(canvas, ...words.activations(units, SURE, active));
}

function choose(chosen) {
  if (!(Number.isInteger(chosen) && chosen >= 0 && chosen < network.hidden.units)) return; // while it is being typed
  unit = chosen;
  for (const id of ["unit", "slider"]) if (element(id).value !== String(unit)) element(id).value = unit;
  showUnit();
}

function outstanding(sign) { // the unit that adds most (sign 1) or takes most (-1) of all to the answer
  const label = ranked(state.a_out)[0], classes = network.out.units;
  const parts = state.a_h.map((a, j) => sign * a * network.out.weights[classes * j + label]);
  return parts.indexOf(Math.max(...parts));
}

async function load() {
  const response = await fetch(new URL("weights.bin", import.meta.url));
  if (!response.ok) throw new Error(words.missing(`${response.status} ${response.statusText}`));
  return new Network(await response.arrayBuffer(), words.unfit);
}

function startPad() {
  const values = { side: SIDE, pen: PEN, value: null, words: words.pad };
  pad.render({ el: element("pad"), model: { // the part of a widget's model that the canvas asks for
    get: (key) => values[key], set: (key, value) => { values[key] = value; }, on() {}, off() {},
    save_changes: () => answer(values.value) } });
}

element("late").remove(); // the scripts are here, and speak for themselves
try {
  network = await load();
  for (const id of ["outputs", "parts"]) makeBars(element(id));
  answer(null);
  choose(outstanding(1));
  startPad();
  for (const id of ["unit", "slider"]) {
    element(id).addEventListener("input", () => element(id).value !== "" && choose(Number(element(id).value)));
    element(id).addEventListener("change", () => { element(id).value = unit; }); // what is no unit gives way
  }
  element("most").addEventListener("click", () => choose(outstanding(1)));
  element("least").addEventListener("click", () => choose(outstanding(-1)));
  element("activations").addEventListener("click", (event) => {
    const [x, y] = [event.offsetX / event.target.clientWidth, event.offsetY / event.target.clientHeight];
    choose(ACROSS * Math.floor(y * Math.ceil(network.hidden.units / ACROSS)) + Math.floor(x * ACROSS));
  });
} catch (error) {
  element("error").textContent = `${error.message}`;
  element("sentence").textContent = "";
  throw error;
}
