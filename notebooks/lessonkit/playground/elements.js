// Elements of a page: what playground.js and runs_table.js share. Each is sent to the browser behind this.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes))
    if (name === "text") element.textContent = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function say(element, text) { // only what is new: a screen reader may be at it
  if (element.textContent !== text) element.textContent = text;
}
