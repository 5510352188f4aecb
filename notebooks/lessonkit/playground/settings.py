"""What can be set in the playground: the settings of the network, its digits, and how they are learned from."""

from dataclasses import asdict, dataclass, fields
from numbers import Integral

import numpy as np

from mlp_core import HYPERPARAMETERS, NeuralNetMLP

from ..best_run import cosine, shift
from ..explorers import sample
from ..words import _

SCHEDULES = {"constant": None, "cosine": cosine}  # what lesson 7 teaches
ALL_DIGITS = 4000  # training digits of the sample
# The first 54 of them have no 0. A network without an output for one of the classes could not answer it.
FEWEST_DIGITS = 55
# More would fill the memory: the weights of every epoch are kept, 3 kB a hidden unit.
LARGEST = {"n_hidden": 1000, "epochs": 1000}
LARGEST_PRODUCT = 200_000  # of the two: 0.6 GB


@dataclass(frozen=True)
class Settings:
    """Everything that a run of the playground depends on; two runs of equal settings are equal.

    Parameters
    ----------
    n_hidden, l2, eta, minibatch_size, epochs, dropout, seed : as in `NeuralNetMLP`; here the seed is always a number.
    digits : int from 55 to 4,000, so many of the sample's training digits, the first ones.
    schedule : "constant", or "cosine", by which the learning rate falls from eta to 0 (lesson 7).
    shifted : bool, whether each minibatch is moved by up to one pixel each way before it is learned from (lesson 6).

    The defaults are those of the course's run on the sample, lessons 4 to 6. The textbook's are the same but for two:
    a rate of 0.0005 and 200 epochs, which are for 55,000 digits and 550 updates an epoch. With the 40 updates that the
    sample has they would learn too little to be a start.

    A value out of its domain raises ValueError or TypeError that says what was expected.
    """

    n_hidden: int = 100
    l2: float = 0.01
    eta: float = 0.005
    minibatch_size: int = 100
    epochs: int = 60
    dropout: float = 0.0
    seed: int = 1
    digits: int = ALL_DIGITS
    schedule: str = "constant"
    shifted: bool = False

    def __post_init__(self):
        network = self.network()  # checks what is the network's
        plain = {name: getattr(network, name) for name in self.of_network()}
        if self.seed is None:
            raise TypeError(_("seed is None; expected an integer from 0 to 2**32 - 1, so that the run can be "
                              "repeated."))
        for name, most in LARGEST.items():
            if plain[name] > most:
                raise ValueError(_("{name} is {value}; expected at most {most} here, since the weights of every epoch "
                                   "are kept.").format(name=name, value=plain[name], most=most))
        product = plain["n_hidden"] * plain["epochs"]
        if product > LARGEST_PRODUCT:
            raise ValueError(_("n_hidden times epochs is {value:,}; expected at most {most:,} here, since the weights "
                               "of every epoch are kept. Choose fewer units or fewer epochs.").format(
                value=product, most=LARGEST_PRODUCT))
        if not isinstance(self.digits, Integral) or isinstance(self.digits, bool):
            raise TypeError(_("digits is {value!r}, a {kind}; expected an integer from {fewest} to {all}.").format(
                value=self.digits, kind=type(self.digits).__name__, fewest=FEWEST_DIGITS, all=ALL_DIGITS))
        if not FEWEST_DIGITS <= self.digits <= ALL_DIGITS:
            raise ValueError(_("digits is {value}; expected an integer from {fewest} to {all}: with fewer there would "
                               "be a class without a digit, and the sample has no more.").format(
                value=self.digits, fewest=FEWEST_DIGITS, all=ALL_DIGITS))
        if self.minibatch_size > self.digits:
            raise ValueError(_("minibatch_size is {size}, but there are {digits} digits to train with: no minibatch "
                               "could be filled. Choose a smaller minibatch_size or more digits.").format(
                size=self.minibatch_size, digits=self.digits))
        if not isinstance(self.schedule, str) or self.schedule not in SCHEDULES:
            raise ValueError(_("schedule is {value!r}; expected one of {names}.").format(
                value=self.schedule, names=", ".join(map(repr, SCHEDULES))))
        if not isinstance(self.shifted, (bool, np.bool_)):
            raise TypeError(_("shifted is {value!r}, a {kind}; expected True or False.").format(
                value=self.shifted, kind=type(self.shifted).__name__))
        plain |= {"digits": int(self.digits), "shifted": bool(self.shifted)}
        for name, value in plain.items():
            object.__setattr__(self, name, value)  # the dataclass is frozen

    def network(self):
        """A new `NeuralNetMLP` with these settings, untrained."""
        return NeuralNetMLP(**self.of_network())

    def of_network(self):
        """Those of the settings that are the network's, by name."""
        return {name: getattr(self, name) for name in HYPERPARAMETERS if name in NAMES}

    def digits_to_train(self):
        """What `fit` takes: X_train (digits, 784), y_train (digits,), X_valid (500, 784), y_valid (500,); float32."""
        return sample.training_and_validation(self.digits, np.float32)

    def fit_options(self):
        """What `fit` takes by name: `schedule` and `augment`, a function or None each."""
        return {"schedule": SCHEDULES[self.schedule], "augment": shift if self.shifted else None}

    def rate(self, epoch):
        """The learning rate of the updates that follow so many epochs; after the last epoch that of the last."""
        schedule = SCHEDULES[self.schedule]
        return self.eta * (1.0 if schedule is None else schedule(min(epoch, self.epochs - 1) / self.epochs))

    @property
    def updates(self):
        """How many updates an epoch has: a minibatch that cannot be filled is left out."""
        return self.digits // self.minibatch_size

    def as_dict(self):
        return asdict(self)


NAMES = tuple(field.name for field in fields(Settings))
