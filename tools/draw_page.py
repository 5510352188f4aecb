"""Make the page "Draw a digit": the best network in plain JavaScript, which needs no Python and no other host.

    python -m tools.draw_page                # to build/draw/
    python -m tools.draw_page --out DIR
    python -m http.server --directory build/draw     # then open http://localhost:8000

The page's own files are in site/draw/, what it says in another language in a folder of that name there; the
canvas is that of lesson 6, lessonkit/explorers/pad.js; and the weights are
those of data/best_run.npz. `weights.bin` holds, little-endian:

    three sizes, uint32             inputs, hidden units, outputs: 784, 500, 10
    for the hidden layer, then the output layer:
        a bias for each unit        float32
        a step for each unit        float32
        a number for each weight    24-bit integer, input by input; the weight is number * step of its unit

With 24 bits the outputs are those of the original network to 1e-6, and the file has 1.19 MB in place of float32's 1.59.
The largest difference of an output over MNIST's 10,000 test digits, and the megabytes:

    float16             9e-4    0.79        20 bits a weight    1e-5    0.99
    8 bits a weight     4e-2    0.40        24 bits a weight    6e-7    1.19
    16 bits a weight    2e-4    0.79        float32             0       1.59
"""

import argparse
import shutil
from pathlib import Path

import numpy as np

from lessonkit import words
from mlp_core import DATA, NeuralNetMLP

from . import fonts

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "site" / "draw"
PAD = ROOT / "notebooks" / "lessonkit" / "explorers" / "pad.js"
LARGEST = 2**23 - 1  # of a signed number of 24 bits


def encode(nn):
    """The bytes of `weights.bin` for a trained `NeuralNetMLP`."""
    sizes = np.array([*nn.w_h.shape, nn.w_out.shape[1]], "<u4")
    return sizes.tobytes() + _encode_layer(nn.w_h, nn.b_h) + _encode_layer(nn.w_out, nn.b_out)


def _encode_layer(w, b):
    """The bytes of a layer with weights `w` (inputs, units) and biases `b` (units,)."""
    largest = np.abs(w).max(axis=0)
    steps = (np.where(largest > 0, largest, 1) / LARGEST).astype("<f4")
    numbers = np.rint(w / steps.astype(float)).clip(-LARGEST, LARGEST).astype("<i4")
    return b.astype("<f4").tobytes() + steps.tobytes() + numbers[..., np.newaxis].view(np.uint8)[..., :3].tobytes()


def build(out):
    """Write the page with all that it needs into the folder `out`, and return the path of its index.html.

    Raises OSError where `out` cannot be written.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(PAGE, out, dirs_exist_ok=True)
    shutil.copyfile(PAD, out / PAD.name)
    rules = ""
    for language in words.languages():  # each with the letters that it is written with there
        said, addresses = "".join(path.read_text(encoding="utf-8") for path in (PAGE / language).glob("*.*")), {}
        for weight, file in fonts.files(language).items():
            addresses[weight] = f"{language}-{weight}.ttf"
            fonts.part(file, out / addresses[weight], set(said))
        rules += fonts.rules(language, addresses)
    (out / "letters.css").write_text(rules, encoding="utf-8")
    (out / "weights.bin").write_bytes(encode(NeuralNetMLP.load(DATA / "best_run.npz")))
    return out / "index.html"


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.draw_page", description="Write the page to draw a digit on, "
                                     "with the network's weights.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "draw", help="folder (default: build/draw)")
    page = build(parser.parse_args(arguments).out)
    size = sum(path.stat().st_size for path in page.parent.rglob("*"))
    print(f"Wrote {page} and what it needs: {size / 1e6:.2f} MB.")


if __name__ == "__main__":
    main()
