// What the widgets beside a `Page` (live.py) lack on the page: names, a sentence that is read out, keys that
// reach a menu, words for a kernel that is gone. Finds them by the classes of ipywidgets 7 and 8.

const REST = 600; // milliseconds without a new sentence until it is read out: not every step of a slider

function set(element, attributes) { // only what is new, or the observer would see its own work for ever
  for (const [name, value] of Object.entries(attributes))
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function labelOf(element, box) { // the visible label in the nearest widget around it that has one
  for (let around = element.parentElement; around && around !== box; around = around.parentElement) {
    const label = around.querySelector(":scope > .widget-label, :scope > .widget-label-basic");
    if (label?.textContent.trim()) return label.textContent.trim();
  }
  return "";
}

function nameParts(box, name, valueOf) {
  set(box, { role: "group", "aria-label": name });
  const all = (selector) => box.querySelectorAll(selector);
  for (const handle of all(".noUi-handle, .ui-slider-handle")) {
    const label = labelOf(handle, box);
    const shown = handle.closest(".widget-slider, .widget-hslider, .jupyter-widgets")?.querySelector(".widget-readout");
    set(handle, { role: "slider", tabindex: "0", "aria-label": label });
    if (shown?.textContent) set(handle, { "aria-valuetext": shown.textContent }); // not the place of a choice
  }
  for (const readout of all(".widget-readout[contenteditable=true]"))
    set(readout, { role: "textbox", "aria-label": valueOf.replace("{label}", labelOf(readout, box)) });
  for (const field of all("select, input"))
    if (!field.labels?.length) set(field, { "aria-label": labelOf(field, box) });
  for (const bar of all(".progress")) {
    const share = Math.round(parseFloat(bar.querySelector(".progress-bar")?.style.width) || 0);
    set(bar, { role: "progressbar", "aria-label": labelOf(bar, box), "aria-valuemin": "0", "aria-valuemax": "100",
               "aria-valuenow": `${share}` });
  }
  for (const group of all(".widget-toggle-buttons")) {
    set(group, { role: "group", "aria-label": group.querySelector(".widget-label")?.textContent.trim() || name });
    for (const button of group.querySelectorAll("button"))
      set(button, { "aria-pressed": `${button.classList.contains("mod-active")}` });
  }
  for (const text of all(".widget-html-content")) // the region below reads it out, in its own time; not twice
    if (!text.querySelector("[role=alert], ol, pre")) set(text, { "aria-hidden": "true" });
    else text.removeAttribute("aria-hidden");
}

function twinOf(box) { // the output right before the box's own, if it is a still twin
  for (let node = box; node && !node.matches(".jp-Cell, .cell, .cell_container, body"); node = node.parentElement) {
    const before = node.previousElementSibling;
    if (before?.matches(".still-twin") || before?.querySelector(".still-twin")) return before;
  }
  return null;
}

function render({ model, el }) {
  el.classList.add("lesson-page");
  el.innerHTML = `<div class="spoken" role="status"></div><div class="restarted" role="alert"></div>`;
  const [spoken, restarted] = el.children;
  let box = null, twin = null, timer = null, closed = false;

  function update() {
    nameParts(box, model.get("name"), model.get("value_of"));
    const gone = box.classList.contains("jupyter-widgets-disconnected") ? model.get("restarted") : "";
    if (restarted.textContent !== gone) restarted.textContent = gone;
  }

  function say() {
    clearTimeout(timer);
    timer = setTimeout(() => { spoken.textContent = model.get("sentence"); }, REST);
  }

  function press(event) { // JupyterLab has a command for most keys, and takes them before a menu could
    if (event.target.tagName !== "SELECT" || !box?.contains(event.target)) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    event.stopPropagation();
    // Enter opens a menu in Chromium, and does nothing in Firefox.
    if (event.key === "Enter" && navigator.userAgent.includes("Firefox")) event.target.showPicker?.();
  }

  const observer = new MutationObserver(update);

  function begin() { // as soon as it is on the page, with the others
    box = el.closest(".explorer, .guess");
    if (closed || !box) {
      if (!closed) requestAnimationFrame(begin);
      return;
    }
    update();
    observer.observe(box, { subtree: true, childList: true, characterData: true, attributes: true,
                            attributeFilter: ["class", "style", "aria-valuetext", "alt", "contenteditable"] });
    twin = twinOf(box);
    if (twin) twin.style.display = "none";
  }

  spoken.textContent = model.get("sentence");
  model.on("change:sentence", say);
  window.addEventListener("keydown", press, true);
  begin();
  return () => {
    closed = true;
    observer.disconnect();
    clearTimeout(timer);
    model.off("change:sentence", say);
    window.removeEventListener("keydown", press, true);
    if (twin) twin.style.display = "";
  };
}

export default { render };
