"""A scene: all that the page of the playground shows of one network, as numbers, bytes and sentences.

The kernel computes it (`of`), the page only paints it (playground.js). Bytes are pixels, so that a scene of a hundred
units takes some 80 kB; digits are named by their places, because the page has their pixels already.
"""

import math

import numpy as np

from ..words import _
from . import views

GALLERY, DRIVERS = 24, 8  # so many mistakes are shown, and so many digits that drive a unit
LAYERS = {"w_h": views.SIDE**2, "w_out": views.CLASSES}  # layer -> how many weights of it a unit has


def of(nn, passed, unit, digit, weight):
    """The scene of the network `nn` and of the digits that `passed` through it.

    `unit` and `digit` are the chosen ones, `weight` is a weight of the unit: its layer, "w_h" or "w_out", and its place
    there, a pixel or a class.
    """
    return {"hidden": _hidden(nn, passed, unit), "unit": _unit(nn, passed, unit), "weight": _weight(nn, unit, *weight),
            "digit": _digit(nn, passed, unit, digit), "mistakes": _mistakes(passed), "confusion": _confusion(passed),
            "spread": _spread(nn.w_h)}


def index_of(layer, place, unit):
    """Where in the array `layer` the weight of `unit` is that has the place: its index."""
    return (place, unit) if layer == "w_h" else (unit, place)


def columns(n):
    """In how many columns `n` units are shown: somewhat wider than high."""
    return min(n, math.ceil(math.sqrt(1.5 * n)))


# -- the hidden layer -------------------------------------------------------------------------------


def _hidden(nn, passed, unit):
    saturated, dead = views.activity(passed.a_h)
    text = _("Red weights are positive, blue ones negative, white is 0; full colour is {limit:.1f} or more. Of all "
             "activations {saturated:.1%} are saturated (below 0.01 or above 0.99). {dead} of {n} units are dead: "
             "saturated at the same end for every digit.")
    return {"pixels": views.tiles(nn.w_h).tobytes(), "columns": columns(len(nn.b_h)),
            "text": text.format(limit=views.limit(nn.w_h), saturated=saturated.mean(), dead=dead.sum(), n=len(dead))}


def _unit(nn, passed, unit):
    saturated, dead = views.activity(passed.a_h)
    most, least = views.drivers(passed.z_h, unit, DRIVERS)
    text = _("Unit {unit} has the bias {bias:+.3f}. It is saturated for {share:.1%} of the digits.")
    if dead[unit]:
        text = _("Unit {unit} has the bias {bias:+.3f}. It is dead: saturated at the same end for every digit.")
    return {"index": unit, "text": text.format(unit=unit, bias=nn.b_h[unit], share=saturated[unit]),
            "name": _("Unit {unit} of {n}").format(unit=unit, n=len(dead)),
            "most": _driving(passed, unit, most), "least": _driving(passed, unit, least)}


def _driving(passed, unit, digits):
    long = _("digit {digit}, a {true}: net input {z:.2f}, activation {a:.2f}")
    return [_card(k, f"{passed.z_h[k, unit]:.1f}", long, true=passed.y[k], z=passed.z_h[k, unit],
                  a=passed.a_h[k, unit]) for k in digits]


def _card(digit, short, long, **numbers):
    """A digit of a gallery: its place, what stands below it, and what it is, in words."""
    return {"digit": int(digit), "short": short, "long": long.format(digit=digit, **numbers)}


def _weight(nn, unit, layer, place):
    value = float(getattr(nn, layer)[index_of(layer, place, unit)])
    if layer == "w_h":
        row, column = divmod(place, views.SIDE)
        text = _("w_h[{place}, {unit}], from the pixel in row {row}, column {column}: {value:+.4f}").format(
            place=place, unit=unit, row=row, column=column, value=value)
    else:
        text = _("w_out[{unit}, {place}], to the output for {place}: {value:+.4f}").format(
            place=place, unit=unit, value=value)
    return {"layer": layer, "place": place, "value": f"{value:.4f}", "text": text}


# -- a digit's way ----------------------------------------------------------------------------------


def _digit(nn, passed, unit, digit):
    added = views.additions(passed, nn.w_out, digit, unit)
    answer, true = int(passed.answers[digit]), int(passed.y[digit])
    text = _("Digit {digit} is a {true}; the answer is {answer}, with an output of {sure:.2f}. Unit {unit} has the "
             "activation {a:.2f}: {a:.2f} times its w_out is what it adds to each z_out.")
    quantities = nn.w_out[unit], added, passed.z_out[digit], passed.a_out[digit]
    shares = [values / max(np.abs(values).max(), 1e-9) for values in quantities[:3]] + [quantities[3]]
    forms = "{:+.3f}", "{:+.3f}", "{:+.2f}", "{:.2f}"
    return {"index": digit, "answer": answer, "true": true,
            "activations": np.rint(255 * passed.a_h[digit]).astype(np.uint8).tobytes(),
            "outputs": [[{"text": form.format(values[k]), "share": round(float(share[k]), 3)}
                         for values, share, form in zip(quantities, shares, forms)] for k in range(views.CLASSES)],
            "text": text.format(digit=digit, true=true, answer=answer, sure=passed.a_out[digit, answer], unit=unit,
                                a=passed.a_h[digit, unit])}


# -- all digits -------------------------------------------------------------------------------------


def _mistakes(passed):
    wrong = views.mistakes(passed)
    long = _("digit {digit}: a {true}, the answer is {answer} with an output of {sure:.2f}")
    text = _("{wrong} of {n} validation digits are answered wrongly; the surest mistakes come first.")
    if not len(wrong):
        text = _("All of the {n} validation digits are answered rightly.")
    return {"cards": [_card(k, f"{passed.y[k]}→{passed.answers[k]}", long, true=passed.y[k],
                            answer=passed.answers[k], sure=passed.a_out[k].max()) for k in wrong[:GALLERY]],
            "text": text.format(wrong=len(wrong), n=len(passed.y))}


def _confusion(passed):
    counts = views.confusion(passed.y, passed.answers)
    wrong = counts * (1 - np.eye(views.CLASSES, dtype=counts.dtype))
    true, answer = np.unravel_index(wrong.argmax(), wrong.shape)
    text = _("{right:.1%} of the validation digits are on the diagonal. The most frequent mistake: {count} times a "
             "{true} is taken for a {answer}.")
    if not wrong.any():
        text = _("All of the validation digits are on the diagonal.")
    return {"counts": counts.tolist(), "text": text.format(right=passed.accuracy, count=wrong.max(), true=true,
                                                           answer=answer)}


def _spread(w_h):
    text = _("The {n:,} weights of w_h run from {low:.2f} to {high:.2f}; their standard deviation is {spread:.3f}.")
    return {"counts": views.spread(w_h).tolist(),
            "text": text.format(n=w_h.size, low=w_h.min(), high=w_h.max(), spread=w_h.std(dtype=float))}
