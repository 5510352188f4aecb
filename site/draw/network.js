// The network of the course, `NeuralNetMLP` in mlp_core.py, forward only: one hidden layer, sigmoid units.
// tools/draw_page.py writes its weights, and says in which form.

const HEADER = 12, BYTES = 3; // of the three sizes; of a weight

const sigmoid = (z) => 1 / (1 + Math.exp(-z));

export class Network {
  // From the bytes of the weights, an ArrayBuffer. Raises an Error if they are no network's: `unfit` says how many there
  // are, and how many there should be.
  constructor(buffer, unfit) {
    const size = (at) => (buffer.byteLength < HEADER ? 0 : new DataView(buffer).getUint32(at, true));
    const [n, hidden, classes] = [0, 4, 8].map(size);
    const expected = HEADER + layerBytes(n, hidden) + layerBytes(hidden, classes);
    if (!n || buffer.byteLength !== expected) throw new Error(unfit(buffer.byteLength, expected));
    this.hidden = readLayer(buffer, HEADER, n, hidden);
    this.out = readLayer(buffer, HEADER + layerBytes(n, hidden), hidden, classes);
  }

  // Net inputs and activations of both layers for the bytes of a digit (784,): 0 for paper to 255 for full ink.
  forward(ink) {
    const x = Float64Array.from(ink, scale);
    const z_h = netInput(this.hidden, x), a_h = z_h.map(sigmoid);
    const z_out = netInput(this.out, a_h), a_out = z_out.map(sigmoid);
    return { x, z_h, a_h, z_out, a_out };
  }

  // The weights that come into a hidden unit (784,), and those that go from it to the outputs (10,).
  weightsInto(unit) {
    const { inputs, units, weights } = this.hidden;
    return Float64Array.from({ length: inputs }, (_, i) => weights[units * i + unit]);
  }

  weightsFrom(unit) {
    return this.out.weights.subarray(this.out.units * unit, this.out.units * (unit + 1));
  }
}

// A byte of ink as the network's input, -1 to 1.
export function scale(grey) {
  return (grey / 255 - 0.5) * 2;
}

function layerBytes(inputs, units) {
  return 4 * units + 4 * units + BYTES * inputs * units;
}

// A layer: biases and steps (units,) in float32, then a whole number for each weight, input by input. A weight is its
// number times the step of its unit.
function readLayer(buffer, start, inputs, units) {
  const view = new DataView(buffer, start), bytes = new Uint8Array(buffer, start + 8 * units);
  const floats = (at) => Float64Array.from({ length: units }, (_, unit) => view.getFloat32(at + 4 * unit, true));
  const biases = floats(0), steps = floats(4 * units), weights = new Float64Array(inputs * units);
  for (let n = 0; n < weights.length; n++) {
    const [low, middle, high] = [bytes[BYTES * n], bytes[BYTES * n + 1], bytes[BYTES * n + 2]];
    weights[n] = (((high << 24) | (middle << 16) | (low << 8)) >> 8) * steps[n % units]; // >> keeps the sign
  }
  return { inputs, units, biases, weights };
}

function netInput({ units, biases, weights }, x) {
  const z = Float64Array.from(biases);
  x.forEach((input, i) => {
    const row = units * i;
    for (let unit = 0; unit < units; unit++) z[unit] += input * weights[row + unit];
  });
  return z;
}
