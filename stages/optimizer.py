"""How the weights move: any optimizer of Keras, its learning rate rising once and falling once."""

import numpy as np

from stages.backend import keras, tf
from stages.params import ModelParams


class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Linear warm-up to `params.learning_rate`, then a cosine to 0 (Smith, Topin, "Super-convergence", 2018).

    A table of all steps, as Keras asks once a variable. The first step's rate is not 0, by which some optimizers (Ftrl)
    would divide.
    """

    def __init__(self, params: ModelParams, steps_per_epoch: int):
        steps = params.epochs * steps_per_epoch
        warmup = min(round(params.warmup * steps), steps - 1)
        rising = np.arange(1, warmup + 1) / (warmup + 1)
        falling = (1 + np.cos(np.linspace(0, np.pi, steps - warmup + 1))) / 2
        self.rates = tf.constant(params.learning_rate * np.concatenate([rising, falling]), tf.float32)  # (steps + 1,)

    def __call__(self, step: tf.Tensor | int) -> tf.Tensor:
        return tf.gather(self.rates, step)


def make_optimizer(params: ModelParams, schedule: OneCycle) -> keras.optimizers.Optimizer:
    kinds = {name.lower(): kind for name, kind in vars(keras.optimizers).items()}
    return kinds[params.optimizer](learning_rate=schedule, weight_decay=params.weight_decay or None)
