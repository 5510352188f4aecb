// What the theme leaves open for those who use the keyboard, hear the page, or opened it as a file.

function reachable() { // what scrolls sideways must be reached by Tab
  for (const box of document.querySelectorAll("article pre, .table-wrapper, .cell_output .output")) {
    if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight + 1) box.tabIndex = 0;
    else box.removeAttribute("tabindex");
  }
}

addEventListener("DOMContentLoaded", () => {
  for (const caption of document.querySelectorAll(".caption[role=heading]")) caption.setAttribute("aria-level", "2");
  if (location.protocol === "file:") // from where no browser starts Python
    for (const run of document.querySelectorAll(".run:has(.from-file)")) run.replaceChildren(run.querySelector(".from-file").content);
  reachable();
  document.fonts?.ready.then(reachable);
});
addEventListener("load", reachable);
addEventListener("resize", reachable);
