// Once the formulas are set, make the type and the pictures of each slide as large as the slide allows; then show them.
const WIDTH = 1280, HEIGHT = 720, PICTURE = {least: 300, times: 1.6};
const PROSE = {largest: 28, least: 24}, CODE = {largest: 20, least: 17};

window.MathJax = {
  tex: {inlineMath: [['$', '$'], ['\\(', '\\)']]},
  options: {enableMenu: false},
  startup: {ready: () => { MathJax.startup.defaultReady(); MathJax.startup.promise.then(begin); }},
};

const leaves = () => [...document.querySelectorAll('.slides section')].filter(section => !section.querySelector('section'));
const excess = section => section.getBoundingClientRect().height - HEIGHT;

// Long lines: smaller type first, and broken only where that is not enough.
function fitLines(pre, size) {
  pre.classList.remove('wrapped');
  for (; size >= CODE.least; size -= 0.5) {
    pre.style.fontSize = `${size}px`;
    if (pre.scrollWidth <= pre.clientWidth) return;
  }
  pre.classList.add('wrapped');
}

function fit(section) {
  const pictures = [...section.querySelectorAll('img')];
  for (const img of pictures)
    img.style.height = `${Math.min(PICTURE.times, section.clientWidth * 0.93 / img.naturalWidth) * img.naturalHeight}px`;
  for (let step = 0; step <= 1; step += 0.125) {  // first the pictures, then, step by step, the type
    section.style.setProperty('--prose', `${PROSE.largest - step * (PROSE.largest - PROSE.least)}px`);
    const code = CODE.largest - step * (CODE.largest - CODE.least);
    section.querySelectorAll('pre').forEach(pre => fitLines(pre, code));
    if (pictures.length && excess(section) > 0) {
      const heights = pictures.map(img => img.getBoundingClientRect().height);
      const share = 1 - excess(section) / heights.reduce((sum, height) => sum + height);
      pictures.forEach((img, place) => {
        img.style.height = `${Math.max(heights[place] * share, Math.min(heights[place], PICTURE.least))}px`;
      });
    }
    if (excess(section) <= 0) return;
  }
}

async function begin() {
  await document.fonts.ready;
  await Promise.all([...document.images].map(img => img.decode()));
  leaves().forEach(fit);
  document.querySelector('.slides').classList.remove('measuring');
  await Reveal.initialize({width: WIDTH, height: HEIGHT, margin: 0, minScale: 0.1, maxScale: 4, center: false, hash: true,
    transition: 'none', slideNumber: 'c/t', controls: true, progress: true, pdfSeparateFragments: false, plugins: [RevealNotes]});
  document.body.dataset.ready = 'true';
}
