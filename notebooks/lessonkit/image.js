// The PNG picture of an `Image` (live.py). As a data: address the browser has it at once. A blob's address, ipywidgets'
// way, it loads in its own time: in Chromium the picture is then ready 2 to 11 ms later, at times a whole frame.

const CHUNK = 8192; // a call takes only so many arguments

function address(png) {
  const bytes = new Uint8Array(png.buffer, png.byteOffset, png.byteLength);
  let text = "";
  for (let start = 0; start < bytes.length; start += CHUNK)
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  return `data:image/png;base64,${btoa(text)}`;
}

function render({ model, el }) {
  el.classList.add("lesson-image");
  const image = document.createElement("img");
  image.decoding = "sync"; // with the rest of its frame, not in one after it

  function update() {
    image.alt = model.get("alt");
    image.src = address(model.get("value"));
  }

  update();
  el.append(image);
  model.on("change:value change:alt", update);
  return () => model.off("change:value change:alt", update);
}

export default { render };
