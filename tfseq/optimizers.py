"""Optimizers and learning rate schedules by name, as a command line gives them."""

import keras

from tfseq.updates import SGD, Adam, LazyAdam

OPTIMIZERS = {"adam": Adam, "lazy_adam": LazyAdam, "sgd": SGD}


def make_optimizer(
    name,
    learning_rate,
    *,
    schedule="constant",
    total_steps,
    warmup_steps=0,
    weight_decay=0.0,
    clip_norm=0.0,
    clip_value=0.0,
    average_decay=0.0,
    scales_loss=False,
):
    """A Keras optimizer.

    Args:
        name: A key of `OPTIMIZERS`.
        learning_rate: The highest learning rate.
        schedule: A key of `SCHEDULES`.
        total_steps: Steps of the whole training.
        warmup_steps: Steps over which the learning rate rises from zero.
        weight_decay: Decoupled weight decay (Loshchilov & Hutter, 2019, arXiv:1711.05101).
        clip_norm: Bound of the gradients' global norm; 0 = off (Pascanu et al., 2013,
            arXiv:1211.5063).
        clip_value: Bound of each element of the gradients; 0 = off. Not together with `clip_norm`.
        average_decay: Decay of the moving average of the weights, which is kept; 0 = off.
        scales_loss: Whether the gradient is that of the loss times a number, found on the way, so
            that it does not vanish in float16 (Micikevicius et al., 2018, arXiv:1710.03740). A step
            whose gradient overflows is left out.
    """
    for argument, value, known in (("name", name, OPTIMIZERS), ("schedule", schedule, SCHEDULES)):
        if value not in known:
            raise ValueError(f"`{argument}` must be one of {sorted(known)}. Received: {value!r}")
    averaging = {"use_ema": True, "ema_momentum": average_decay} if average_decay else {}
    optimizer = OPTIMIZERS[name](
        Warmup(SCHEDULES[schedule](learning_rate, total_steps), warmup_steps),
        weight_decay=weight_decay or None,
        global_clipnorm=clip_norm or None,
        clipvalue=clip_value or None,
        **averaging,
    )
    return keras.optimizers.LossScaleOptimizer(optimizer) if scales_loss else optimizer


def inner_optimizer(optimizer):
    """The optimizer itself, or the one within what scales the loss: it has the averages."""
    return getattr(optimizer, "inner_optimizer", optimizer)


@keras.saving.register_keras_serializable("tfseq")
class Warmup(keras.optimizers.schedules.LearningRateSchedule):
    """Another schedule, times `min(1, (step + 1) / warmup_steps)`.

    Reference: Goyal et al., 2017, arXiv:1706.02677.
    """

    def __init__(self, schedule, warmup_steps):
        self.schedule = schedule
        self.warmup_steps = warmup_steps

    def __call__(self, step):
        rise = keras.ops.cast(step + 1, "float32") / max(self.warmup_steps, 1)
        return self.schedule(step) * keras.ops.minimum(1.0, rise)

    def get_config(self):
        schedule = keras.saving.serialize_keras_object(self.schedule)
        return {"schedule": schedule, "warmup_steps": self.warmup_steps}

    @classmethod
    def from_config(cls, config):
        return cls(
            keras.saving.deserialize_keras_object(config["schedule"]), config["warmup_steps"]
        )


def constant(learning_rate, total_steps):
    """The same learning rate at every step."""
    return keras.optimizers.schedules.PolynomialDecay(learning_rate, total_steps, learning_rate)


def linear(learning_rate, total_steps):
    """Falls in a line to zero at the last step."""
    return keras.optimizers.schedules.PolynomialDecay(learning_rate, total_steps, 0.0)


def cosine(learning_rate, total_steps):
    """Falls as half a cosine to zero at the last step.

    Reference: Loshchilov & Hutter, 2017, arXiv:1608.03983.
    """
    return keras.optimizers.schedules.CosineDecay(learning_rate, total_steps)


def exponential(learning_rate, total_steps):
    """Falls by the same factor at every step, to a hundredth at the last one."""
    return keras.optimizers.schedules.ExponentialDecay(learning_rate, total_steps, 0.01)


SCHEDULES = {"constant": constant, "linear": linear, "cosine": cosine, "exponential": exponential}
