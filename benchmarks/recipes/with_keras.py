"""The two Keras peers, and how much a Keras network computes.

TensorFlow is as it comes, as in their sources: no op determinism, and no oneDNN where it is not on by itself.
"""

import time
from collections.abc import Callable
from math import prod

import keras
import tensorflow as tf

from benchmarks.recipes import Job, Trained
from stages.images import CLASSES, SIDE
from stages.prepared import Digits

layers = keras.layers


def fit_convnet(job: Job) -> Trained:
    """Two convolutions and a dense layer: F. Chollet, keras-io, examples/vision/mnist_convnet.py.

    Adam as it comes, batches of 128, 15 epochs with the held-out rows evaluated after each. The source holds out the
    last tenth of 60,000 rows, this the project's validation rows; labels are integers, not one-hot: the same loss.
    """
    return _fit(build_convnet, job, epochs=15, validation_data=job.validation)


def fit_plain_mlp(job: Job) -> Trained:
    """784-128-64-10 as in many an introduction, of no one source: ReLU, softmax, all else as Keras has it.

    Adam at 1e-3, batches of 128, 10 epochs, no augmentation, nothing evaluated on the way.
    """
    return _fit(build_plain_mlp, job, epochs=10)


def build_convnet() -> keras.Sequential:
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE)),
            layers.Reshape((SIDE, SIDE, 1)),
            layers.Conv2D(32, 3, activation="relu"),  # (n, 26, 26, 32)
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),  # (n, 11, 11, 64)
            layers.MaxPooling2D(),
            layers.Flatten(),  # (n, 1600)
            layers.Dropout(0.5),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


def build_plain_mlp() -> keras.Sequential:
    hidden = [layers.Dense(width, activation="relu") for width in (128, 64)]
    output = layers.Dense(CLASSES, activation="softmax")
    return keras.Sequential([keras.Input((SIDE, SIDE)), layers.Flatten(), *hidden, output])


def _fit(build: Callable[[], keras.Sequential], job: Job, epochs: int, **evaluation: Digits) -> Trained:
    use_threads(job.threads)
    keras.utils.set_random_seed(job.seed)
    network = build()
    network.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    epochs = job.epochs or epochs
    started = time.perf_counter()
    network.fit(*job.train, batch_size=128, epochs=epochs, verbose=0, **evaluation)
    seconds = time.perf_counter() - started
    return Trained(
        lambda images: network.predict(images, batch_size=1000, verbose=0),
        network.count_params(),
        multiply_adds(network),
        epochs,
        seconds,
    )


def use_threads(threads: int) -> None:
    """Give TensorFlow so many threads, to use as it sees fit: within an operation and for several at a time."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def multiply_adds(network: keras.Sequential) -> int:
    """Return those of one image's forward pass: a layer's kernel is used once at each position of its output.

    Convolutions and dense layers; neither biases, BatchNorm and activations nor the augmentation.
    """
    return sum(
        prod(layer.kernel.shape) * prod(layer.output.shape[1:-1])  # output: (n, [height, width,] channels)
        for layer in network.layers
        if hasattr(layer, "kernel")
    )
