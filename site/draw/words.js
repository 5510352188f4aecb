// What the page says in English, but for what stands in index.html. A picture has its caption, and its words for who
// cannot see it. The words of the canvas and of the answer are those of lesson 6; a test compares them.

export const words = {
  pad: {
    canvas: "Canvas to draw a digit on; arrow keys move the pen, Space puts it down or lifts it, C clears",
    hint: "draw here", clear: "Clear", wipe: "Wipe the canvas",
    up: "Keys: arrows move the pen, Space puts it down, C clears",
    down: "Keys: arrows move the pen, Space lifts it, C clears",
  },

  empty: "Draw a digit on the canvas.",
  little: (pixels) => `Too little ink for an answer: draw on, until it is ${pixels} pixels high or wide.`,
  example: "An example until you draw.",
  answer: (first, output, second, other) =>
    `The answer is ${first} with an output of ${output}; the runner-up is ${second} with ${other}.`,
  unsure: (first, output, second, other) => `The network is unsure: its largest output is only ${output}, ` +
    `for ${first}; the runner-up is ${second} with ${other}.`,

  drawn: (example, box) => [
    `1. ${example ? "Example" : "Drawn"}: ${box ? `${box.columns} x ${box.rows} pixels in the frame` : "no ink"}`,
    box ? `The drawing in its bounding box, ${box.columns} by ${box.rows} pixels.` : "An empty canvas."],
  fitted: (side, digit) => [
    `2. Fitted into ${side} x ${side}${digit ? `: ${digit.columns} x ${digit.rows} pixels` : ""}`,
    digit ? `The drawing fitted into ${side} by ${side} pixels: ${digit.columns} by ${digit.rows}.` :
      "Nothing fitted yet."],
  centred: (side, middle, mass) => [
    `3. Centred in ${side} x ${side}: the centre of mass (dot) near row ${middle}, column ${middle}`,
    mass ? `The digit in ${side} by ${side} pixels, its centre of mass at row ${mass[0]}, column ${mass[1]}.` :
      "Nothing centred yet."],

  unitWaits: (unit) => `Hidden unit ${unit}: its activation is known as soon as there is a drawing.`,
  unit: (unit, netInput, activation, most, least) => `Hidden unit ${unit}: net input ${netInput}, ` +
    `activation ${activation}. It ${[most && `adds most to output ${most[0]} (${most[1]})`,
      least && `takes most from output ${least[0]} (${least[1]})`].filter(Boolean).join(" and ")}.`,
  weights: (unit, side, limit) => [`Weights from the pixels, from \u2212${limit} (blue) to +${limit} (red)`,
    `The weights of hidden unit ${unit} as an image of ${side} by ${side} pixels.`],
  products: (found) => ["Pixel times weight" + (found ? `. They sum to ${found[0]}; with the bias ${found[1]} that is ` +
    `the net input ${found[2]}` : ""),
    found ? `Each pixel of the drawing times its weight: the sum is ${found[0]}.` : "No products yet."],
  activations: (units, half, active) => [`All ${units} activations, dark for 1, with this unit framed` +
    `${active === null ? "" : `; ${active} are above ${half}`}. Click a square to choose its unit`,
    active === null ? "No activations yet." :
      `The activations of all ${units} hidden units; ${active} are above ${half}.`],

  missing: (status) => `The file of the weights, weights.bin, did not come: ${status}.`,
  unfit: (found, expected) => `The file of the weights has ${found} bytes; expected ${expected}. ` +
    "Load the page again, or build it anew: python -m tools.draw_page",
};
