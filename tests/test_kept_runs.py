"""The two networks that the course keeps in data/: what they are, where they come from, and that they can be repeated.

Lesson 7 trains all 200 epochs of the published run again, wherever the full MNIST is, and compares them with the file.
"""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from lessonkit import best_run
from mlp_core import DATA, NeuralNetMLP, load_mnist

PUBLISHED = DATA / "published_run.npz"
GOLDEN = json.loads((Path(__file__).parent / "golden" / "full_mnist_200_epochs.json").read_text(encoding="utf-8"))
SHA256 = dict(line.split() for line in (DATA / "mnist_checksums.txt").read_text(encoding="utf-8").splitlines())


@pytest.fixture(scope="module")
def digits(mnist_dir):
    return load_mnist("full")


# -- the published run ------------------------------------------------------------------------------


def test_the_published_run_is_kept_with_its_parameters_and_provenance():
    kept = NeuralNetMLP.load(PUBLISHED)
    assert {name: getattr(kept, name) for name in GOLDEN["params"]} == GOLDEN["params"]
    assert kept.provenance["sha256"] == SHA256
    assert kept.provenance["dtype"] == str(kept.w_h.dtype) == "float32"
    assert kept.provenance["numpy"].count(".") == 2 and "55,000" in kept.provenance["data"]
    assert PUBLISHED.stat().st_size < 500_000


def test_the_kept_history_is_that_of_the_document():
    eval_ = NeuralNetMLP.load(PUBLISHED).eval_
    assert (f"{eval_['cost'][-1]:.2f} {eval_['train_acc'][-1]:.2%} {eval_['valid_acc'][-1]:.2%}"
            == "5065.78 99.28% 97.98%")
    # float32 against the document's float64: 200 epochs of rounding move the cost by less than a millionth.
    np.testing.assert_allclose(eval_["cost"], GOLDEN["cost"], rtol=1e-6)
    np.testing.assert_allclose(eval_["train_acc"], GOLDEN["train_acc"], atol=1.5 / 55_000)
    np.testing.assert_allclose(eval_["valid_acc"], GOLDEN["valid_acc"], atol=1.5 / 5_000)


def test_the_kept_network_makes_the_246_mistakes(digits):
    kept = NeuralNetMLP.load(PUBLISHED)
    assert np.sum(kept.predict(digits.X_test) != digits.y_test) == 246
    cost, train_acc = kept._evaluate(digits.X_train, digits.y_train, kept._onehot(digits.y_train, 10))
    assert cost == pytest.approx(kept.eval_["cost"][-1], rel=1e-6) and train_acc == kept.eval_["train_acc"][-1]


def test_the_first_epochs_come_out_again(digits):
    kept, epochs = NeuralNetMLP.load(PUBLISHED), 3
    again = NeuralNetMLP(**GOLDEN["params"])
    for epoch in itertools.islice(again.fit_epochs(*digits[:4]), epochs):
        # Other processors round otherwise: by 2.4e-7 of the cost at most, in those that were tried.
        assert epoch.cost == pytest.approx(kept.eval_["cost"][epoch.number - 1], rel=1e-6)
        assert epoch.train_acc == pytest.approx(kept.eval_["train_acc"][epoch.number - 1], abs=1.5 / 55_000)
        assert epoch.valid_acc == pytest.approx(kept.eval_["valid_acc"][epoch.number - 1], abs=1.5 / 5_000)
    assert len(again.eval_["cost"]) == epochs


# -- the best run -----------------------------------------------------------------------------------


def test_the_best_run_is_the_best_of_the_trials_and_states_its_test():
    best = NeuralNetMLP.load(best_run.PATH)
    trials = best.provenance["trials"]
    assert list(trials) == list(best_run.TRIALS)
    name = best.provenance["best"]
    assert trials[name] == max(trials.values())
    settings = best_run.RECIPE | best_run.TRIALS[name][0]
    assert {key: getattr(best, key) for key in settings} == settings
    assert len(best.eval_["cost"]) == best.epochs
    assert best.provenance["sha256"] == SHA256 and best.provenance["dtype"] == str(best.w_h.dtype)
    assert best.provenance["test_acc"] >= 0.989 and best.provenance["seconds"] < 180


def test_the_best_network_reaches_what_it_states(digits):
    best = NeuralNetMLP.load(best_run.PATH)
    test_acc = np.mean(best.predict(digits.X_test) == digits.y_test)
    valid_acc = np.mean(best.predict(digits.X_valid) == digits.y_valid)
    # A digit on the border may fall to the other side on another processor.
    assert test_acc == pytest.approx(best.provenance["test_acc"], abs=2 / 10_000)
    assert valid_acc == pytest.approx(best.eval_["valid_acc"][-1], abs=2 / 5_000)


def test_the_best_runs_first_epoch_comes_out_again(digits):
    best = NeuralNetMLP.load(best_run.PATH)
    settings, schedule, augment = best_run.TRIALS[best.provenance["best"]]
    again = NeuralNetMLP(**best_run.RECIPE | settings)
    epoch = next(again.fit_epochs(*digits[:4], schedule=schedule, augment=augment))
    assert epoch.cost == pytest.approx(best.eval_["cost"][0], rel=1e-3)


@pytest.mark.full_run
def test_the_best_run_comes_out_again(mnist_dir, digits):
    name = NeuralNetMLP.load(best_run.PATH).provenance["best"]
    again = best_run.train(name)
    assert np.mean(again.predict(digits.X_test) == digits.y_test) >= 0.989


# -- its ingredients --------------------------------------------------------------------------------


class Still:
    """A random stream that always draws the middle of its range."""

    def uniform(self, low, high, size):
        return np.zeros(size)

    def normal(self, size):
        return np.ones(size) + np.eye(28) * 1e-9  # a wave needs some variation to be scaled to

    def randint(self, low, high, size):
        return np.zeros(size, int)


def pictures(n=5, dtype=np.float32):
    return load_mnist("sample", dtype).X_train[:n]


def test_no_displacement_is_no_distortion():
    X = pictures()
    np.testing.assert_allclose(best_run.distort(X, Still(), elastic=0.0), X, atol=1e-5)


def test_a_displacement_of_whole_pixels_moves_the_picture(monkeypatch):
    X = pictures()
    monkeypatch.setattr(best_run, "displacement", lambda random, elastic: np.stack(
        [np.full((28, 28), 2.0), np.full((28, 28), -1.0)]))
    moved = best_run.distort(X, None).reshape(-1, 28, 28)
    # Each pixel looks two rows further down and a column to the left; the margins are paper.
    np.testing.assert_allclose(moved[:, :25, 1:], X.reshape(-1, 28, 28)[:, 2:27, :27], atol=1e-5)


def test_half_a_pixel_mixes_two():
    X = np.zeros((1, 784), np.float64)
    X[0, 10 * 28 + 10] = 1.0
    half = np.zeros((2, 28, 28))
    half[1] = 0.5
    original = best_run.displacement
    best_run.displacement = lambda random, elastic: half
    try:
        moved = best_run.distort(X, None).reshape(28, 28)
    finally:
        best_run.displacement = original
    assert moved[10, 9] == moved[10, 10] == 0.5 and moved.sum() == 1.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_distortions_stay_pictures(dtype):
    X, random = pictures(50, dtype), np.random.RandomState(0)
    for _ in range(20):
        distorted = best_run.distort(X, random)
        assert distorted.shape == X.shape and distorted.dtype == dtype
        assert distorted.min() >= -1 - 1e-6 and distorted.max() <= 1 + 1e-6
        # As much ink as before, give or take a stretch of a tenth each way, and not the same pictures.
        assert (distorted + 1).sum() == pytest.approx((X + 1).sum(), rel=0.35)
        assert np.abs(distorted - X).mean() > 0.02


def test_one_distortion_for_the_whole_minibatch():
    X, alike = pictures(3), np.repeat(pictures(1), 3, axis=0)
    np.testing.assert_array_equal(*best_run.distort(alike, np.random.RandomState(2))[:2])
    assert np.array_equal(best_run.distort(X, np.random.RandomState(2)), best_run.distort(X, np.random.RandomState(2)))
    assert not np.array_equal(best_run.distort(X, np.random.RandomState(2)),
                              best_run.distort(X, np.random.RandomState(3)))


def test_displacements_are_as_large_as_they_say():
    rigid = np.array([best_run.displacement(np.random.RandomState(k), elastic=0.0) for k in range(400)])
    # In the middle the turn moves nothing: the shift remains, uniform in -1..1.
    middle = rigid[:, :, 13:15, 13:15].mean(axis=(2, 3))
    assert middle.std() == pytest.approx(np.sqrt(1 / 3), rel=0.1) and np.abs(middle).max() < 1.02
    # At a corner, 13.5 pixels out both ways, a turn of 0.15 and two changes of 0.1 add their variances.
    corner = 13.5**2 * (0.15**2 + 2 * 0.1**2) / 3 + 1 / 3
    assert rigid[:, :, 0, 0].std() == pytest.approx(np.sqrt(corner), rel=0.1)
    for k, elastic in enumerate((0.5, 1.0, 2.0)):
        wave = best_run.displacement(np.random.RandomState(k), elastic) - rigid[k]
        assert wave.std() == pytest.approx(elastic) and np.diff(wave, axis=2).std() < elastic / 4, "no smooth wave"


def test_shifts_are_whole_pixels_each_way():
    X, random = pictures(2), np.random.RandomState(5)
    rolled = {(down, right): np.roll(X.reshape(-1, 28, 28), (down, right), (1, 2)).reshape(X.shape)
              for down in (-1, 0, 1) for right in (-1, 0, 1)}
    seen = set()
    for _ in range(100):
        shifted = best_run.shift(X, random)
        seen |= {move for move, moved in rolled.items() if np.array_equal(moved, shifted)}
    assert seen == set(rolled)


def test_the_cosine_falls_from_1_to_0():
    done = np.linspace(0, 1, 11)
    factors = best_run.cosine(done)
    assert factors[0] == 1 and factors[5] == pytest.approx(0.5) and abs(factors[-1]) < 1e-15
    assert (np.diff(factors) < 0).all()
