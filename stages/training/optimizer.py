"""How the weights move: any optimizer of Keras, its learning rate rising once and falling once."""

from stages.config.params import ModelParams
from stages.training.tensorflow import keras


def make_schedule(params: ModelParams, steps_per_epoch: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Linear warm-up to `params.learning_rate`, then a cosine to 0 (Smith, Topin, "Super-convergence", 2018).

    The first step's rate is not 0, by which some optimizers (Ftrl) would divide.
    """
    steps = params.epochs * steps_per_epoch
    warmup = min(round(params.warmup * steps), steps - 1)
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=params.learning_rate / (warmup + 1),
        decay_steps=steps - warmup,
        warmup_target=params.learning_rate if warmup else None,
        warmup_steps=warmup,
    )


def make_optimizer(
    params: ModelParams, schedule: keras.optimizers.schedules.LearningRateSchedule
) -> keras.optimizers.Optimizer:
    kinds = {name.lower(): kind for name, kind in vars(keras.optimizers).items()}
    return kinds[params.optimizer](learning_rate=schedule, weight_decay=params.weight_decay or None)
