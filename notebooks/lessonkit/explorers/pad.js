// The canvas of `Pad` in drawing.py, to draw on with mouse, pen, finger or keys.
// The trait `value` is the way of its pen: strokes, lists of points [x, y] in pixels; null until somebody draws. What
// is to be seen is drawn from the same points, and never read back: a browser may give false pixels.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 6; // pixels that the pen moves with each press of an arrow key
const NEAR = 2; // pixels: a point so near to the one before changes nothing that could be seen

const HTML = `
<style>
  .digit-pad { max-width: 100%; box-sizing: border-box; padding: 3px; }
  .digit-pad .paper { position: relative; }
  .digit-pad canvas { display: block; width: 100%; touch-action: none; cursor: crosshair; }
  .digit-pad canvas { background: white; outline: 1px solid #888888; }
  .digit-pad canvas:focus-visible { outline: 3px solid #0072B2; }
  .digit-pad .paper div { position: absolute; box-sizing: border-box; pointer-events: none; user-select: none; }
  .digit-pad .hint { inset: 12%; border: 2px dashed #888888; color: #595959; display: grid; place-items: center; }
  .digit-pad .pen { aspect-ratio: 1; border: 2px dashed #D55E00; border-radius: 50%; transform: translate(-50%, -50%); }
  .digit-pad .pen.down { border-style: solid; background: #D55E00; }
  .digit-pad [hidden] { display: none; }
  .digit-pad button { margin: 8px 0; }
</style>
<div class="paper">
  <canvas tabindex="0" role="application"></canvas>
  <div class="hint"></div>
  <div class="pen" hidden></div>
</div>
<button class="jupyter-button widget-button"></button>
<div role="status"></div>`;

function render({ model, el }) {
  const side = model.get("side"), width = model.get("pen"), words = model.get("words");
  el.classList.add("digit-pad");
  el.innerHTML = HTML;
  const [canvas, hint, pen, button, status] =
    ["canvas", ".hint", ".pen", "button", "[role=status]"].map((name) => el.querySelector(name));
  canvas.setAttribute("aria-label", words.canvas);
  [hint.textContent, button.textContent, button.title] = [words.hint, words.clear, words.wipe];
  canvas.width = canvas.height = side;
  el.style.width = `${side + 6}px`;
  pen.style.width = `${(100 * width) / side}%`;
  const context = canvas.getContext("2d");
  Object.assign(context, { lineWidth: width, lineCap: "round" });

  // -- the strokes, here and in Python

  let strokes = [], stroke = null; // all, and the one that is being drawn
  let mine = null; // the value set last from here
  let sent = false, more = false; // whether one was sent in this frame, and what has been drawn since has yet to be

  function send() { // at once, then once a frame; while the kernel is at work ipywidgets holds back all but the newest
    if (sent) {
      more = true;
      return;
    }
    sent = true;
    queueMicrotask(() => { // an event can bring several points
      mine = strokes.map((points) => [...points]); // a copy: or the model would not see that it is new
      model.set("value", mine);
      model.save_changes();
    });
    requestAnimationFrame(() => {
      sent = false;
      if (more) {
        more = false;
        send();
      }
    });
  }

  function receive() { // what Python set, or another view of this canvas
    const value = model.get("value");
    if (value === mine) return;
    mine = null;
    strokes = (value ?? []).map((points) => [...points]);
    stroke = null;
    context.clearRect(0, 0, side, side);
    for (const points of strokes) points.forEach((point, place) => line(points[Math.max(place - 1, 0)], point));
    hint.hidden = strokes.length > 0;
  }

  function clear() {
    [strokes, stroke] = [[], null];
    context.clearRect(0, 0, side, side);
    hint.hidden = false;
    send();
  }

  function line(from, to) {
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(to[0] + 0.01, to[1]); // a line without any length would leave no dot
    context.stroke();
  }

  // -- the pen

  let at = [side / 2, side / 2], down = false; // down: put down with a key

  function begin() { // a stroke where the pen is, at first a dot
    strokes.push((stroke = [at]));
    line(at, at);
    hint.hidden = true;
    send();
  }

  function draw(to) { // a line from where the pen is
    if (!stroke) begin();
    if (Math.hypot(to[0] - at[0], to[1] - at[1]) < NEAR) return;
    stroke.push(to);
    line(at, to);
    at = to;
    send();
  }

  function show(visible) { // the pen of the keyboard, and what it can do
    pen.hidden = !visible;
    pen.classList.toggle("down", down);
    [pen.style.left, pen.style.top] = at.map((pixels) => `${(100 * pixels) / side}%`);
    const keys = down ? words.down : words.up;
    if (status.textContent !== keys) status.textContent = keys; // or a screen reader would say it at every step
  }

  // -- mouse, pen, finger

  let pointer = null; // the one that draws: a second finger does not

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(
      (share) => Math.round(10 * side * share) / 10);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer); // the stroke goes on where it leaves the canvas
    at = place(event);
    begin();
    down = false;
    show(false);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const steps = event.getCoalescedEvents?.() ?? []; // a fast pen moves several times a frame
    for (const step of steps.length ? steps : [event]) draw(place(step));
  });
  canvas.addEventListener("lostpointercapture", () => { pointer = stroke = null; }); // the pen is lifted

  // -- keys

  const held = new Set(); // two arrows at once move diagonally

  function move() {
    let [x, y] = at;
    for (const key of held) [x, y] = [x + STEP * ARROWS[key][0], y + STEP * ARROWS[key][1]];
    const to = [x, y].map((pixels) => Math.min(Math.max(pixels, 0), side));
    if (down) draw(to); // which leaves it where it was if it is at the edge
    else at = to;
  }

  function press(event) {
    if (event.target !== canvas || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in ARROWS) {
      held.add(event.key);
      move();
    } else if (event.key === " ") {
      if (!event.repeat) [down, stroke] = [!down, null];
      if (down && !stroke) begin();
    } else if (event.key.toLowerCase() === "c") {
      clear();
    } else if (event.key.length > 1) {
      return; // Tab, Enter and the like; but no letter, which could be a command: X would cut the cell
    }
    event.preventDefault();
    event.stopPropagation();
    show(true);
  }

  window.addEventListener("keydown", press, true); // JupyterLab listens at the document, before the canvas could
  canvas.addEventListener("keyup", (event) => held.delete(event.key));
  canvas.addEventListener("focus", () => show(canvas.matches(":focus-visible")));
  canvas.addEventListener("blur", () => {
    held.clear();
    [down, stroke] = [false, pointer === null ? null : stroke];
    show(false);
  });
  button.addEventListener("click", clear);

  model.on("change:value", receive);
  receive();
  show(false);
  return () => {
    model.off("change:value", receive);
    window.removeEventListener("keydown", press, true);
  };
}

export default { render };
