// From the pen's way to the 28 x 28 pixels of a digit of MNIST: the same steps, and the same bytes, as
// notebooks/lessonkit/explorers/drawing.py. tests/test_draw_page.py compares them byte for byte.
//
// An image is {rows, columns, ink}; `ink` is a Uint8Array, row by row, 0 for paper to 255 for full ink.

export const SIDE = 280, PEN = 20; // pixels: the canvas, the width of its pen
export const BOX = 20, FIELD = 28, MIDDLE = 14; // pixels: digits fit a box, in a field, about the pixel (14, 14) of it
export const SMALLEST = 60; // pixels: a drawing that is neither as high nor as wide is a blot

// A value halfway between two integers goes to the even one, as in Python and NumPy; Math.round takes the upper one.
function round(value) {
  const below = Math.floor(value), rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

// -- the ink ----------------------------------------------------------------------------------------

// The ink of strokes, lists of points [x, y], drawn with a round pen. It keeps what it drew last, and draws only what
// has been added.
export class Ink {
  #squares = new Float64Array(SIDE * SIDE); // squared distance of each pixel's middle from the pen's way
  #image = { rows: SIDE, columns: SIDE, ink: new Uint8Array(SIDE * SIDE) };
  #drawn = [];

  constructor() {
    this.#startAnew();
  }

  #startAnew() {
    this.#squares.fill(Infinity);
    this.#image.ink.fill(0);
    this.#drawn = [];
  }

  // The image (280, 280) of `strokes`: the same object each time, with other ink.
  of(strokes) {
    const lines = strokes.flatMap((points) => points.map((point, n) => [...points[Math.max(n - 1, 0)], ...point]));
    if (!this.#drawn.every((line, n) => lines[n]?.every((number, k) => number === line[k]))) this.#startAnew();
    for (const line of lines.slice(this.#drawn.length)) this.#add(...line);
    this.#drawn = lines;
    return this.#image;
  }

  #add(x0, y0, x1, y1) { // a line; with both ends in one place, a dot
    const [left, right, top, bottom] = [Math.min(x0, x1) - PEN, Math.max(x0, x1) + PEN, // what is further gets no ink
      Math.min(y0, y1) - PEN, Math.max(y0, y1) + PEN].map((edge) => clamp(Math.round(edge), 0, SIDE));
    const dx = x1 - x0, dy = y1 - y0, length = dx * dx + dy * dy;
    for (let row = top; row < bottom; row++) {
      for (let column = left; column < right; column++) {
        let x = column + 0.5 - x0, y = row + 0.5 - y0;
        if (length) {
          const share = clamp(x * (dx / length) + y * (dy / length), 0, 1); // where on the line is nearest
          x -= share * dx;
          y -= share * dy;
        }
        const square = x * x + y * y, place = SIDE * row + column;
        if (square < this.#squares[place]) {
          this.#squares[place] = square;
          this.#image.ink[place] = round(255 * clamp(PEN / 2 + 0.5 - Math.sqrt(square), 0, 1));
        }
      }
    }
  }
}

// -- MNIST's normalisation, step by step ------------------------------------------------------------

// Where there is ink, as {top, left, rows, columns}; null where there is none.
export function boundingBox({ rows, columns, ink }) {
  let [top, left, bottom, right] = [rows, columns, -1, -1];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      if (!ink[columns * row + column]) continue;
      [top, bottom] = [Math.min(top, row), row]; // rows come in order
      [left, right] = [Math.min(left, column), Math.max(right, column)];
    }
  }
  return bottom < 0 ? null : { top, left, rows: bottom - top + 1, columns: right - left + 1 };
}

// What is in the bounding box of `image`, scaled until its longer side is 20 pixels; grey where ink covers a part.
export function fit(image) {
  const box = boundingBox(image), longer = Math.max(box.rows, box.columns);
  const [rows, columns] = [box.rows, box.columns].map((length) => Math.max(1, round((BOX * length) / longer)));
  return transpose(shorten(transpose(shorten(cut(image, box), columns)), rows)); // across first, then down
}

function cut({ columns, ink }, box) {
  const part = new Uint8Array(box.rows * box.columns);
  for (let row = 0; row < box.rows; row++) {
    const start = columns * (box.top + row) + box.left;
    part.set(ink.subarray(start, start + box.columns), box.columns * row);
  }
  return { rows: box.rows, columns: box.columns, ink: part };
}

function transpose({ rows, columns, ink }) {
  return { rows: columns, columns: rows, ink: ink.map((_, n) => ink[columns * (n % rows) + Math.floor(n / rows)]) };
}

// `image` with rows of another length. Each new pixel is the mean of the old ones whose middles lie within it, as
// Pillow's filter BOX takes it: in fixed point with 22 binary places, and rounded once.
function shorten({ rows, columns, ink }, wanted) {
  if (columns === wanted) return { rows, columns, ink };
  const scale = columns / wanted, width = Math.max(scale, 1), one = 2 ** 22, out = new Uint8Array(rows * wanted);
  for (let column = 0; column < wanted; column++) {
    const middle = (column + 0.5) * scale, within = [];
    const [first, end] = [-width / 2, width / 2].map((edge) => clamp(Math.floor(middle + edge + 0.5), 0, columns));
    for (let old = first; old < end; old++) {
      const off = (old - middle + 0.5) * (1 / width); // so, and not divided: the last bit decides at an edge
      if (off > -0.5 && off <= 0.5) within.push(old);
    }
    const share = Math.floor(one / within.length + 0.5);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (const old of within) sum += share * ink[columns * row + old];
      out[wanted * row + column] = Math.min(Math.floor((sum + one / 2) / one), 255);
    }
  }
  return { rows, columns: wanted, ink: out };
}

// The mean place [row, column] of the pixels of an image, each weighted with its ink.
export function centreOfMass({ columns, ink }) {
  let [sum, rowSum, columnSum] = [0, 0, 0];
  ink.forEach((grey, n) => {
    sum += grey;
    rowSum += grey * Math.floor(n / columns);
    columnSum += grey * (n % columns);
  });
  return [rowSum / sum, columnSum / sum];
}

// A field (28, 28) with `fitted` in it, moved by whole pixels until its centre of mass is at (14, 14). That is within
// half a pixel, or as near as it comes without ink over the edge.
export function centre(fitted) {
  const lengths = [fitted.rows, fitted.columns];
  const [top, left] = centreOfMass(fitted).map((mass, axis) => clamp(round(MIDDLE - mass), 0, FIELD - lengths[axis]));
  const ink = new Uint8Array(FIELD * FIELD);
  for (let row = 0; row < fitted.rows; row++) {
    const start = fitted.columns * row;
    ink.set(fitted.ink.subarray(start, start + fitted.columns), FIELD * (top + row) + left);
  }
  return { rows: FIELD, columns: FIELD, ink };
}
