"""The Keras peers, and how much a Keras network computes.

TensorFlow has its defaults, as in their sources: no op determinism, and oneDNN only if TensorFlow chooses it.
"""

import time
from collections.abc import Callable
from math import prod
from typing import Any

import keras
import tensorflow as tf

from benchmarks.peers.recipes import Job, Trained
from stages.artifacts.images import CLASSES, SIDE

layers = keras.layers


def fit_convnet(job: Job) -> Trained:
    """Two convolutions and a dense layer: F. Chollet, keras-io, examples/vision/mnist_convnet.py.

    Adam's defaults, batches of 128, 15 epochs with the held-out rows evaluated after each. The source holds out the
    last tenth of 60,000 rows, this the project's validation rows; labels are integers, not one-hot: the same loss.
    """
    return _fit(build_convnet, job, epochs=15, validation_data=job.validation)


def fit_plain_mlp(job: Job) -> Trained:
    """784-128-64-10 as in many introductions: ReLU, softmax, Keras' defaults.

    Adam at 1e-3, batches of 128, 10 epochs, no augmentation, no evaluation during training.
    """
    return _fit(build_plain_mlp, job, epochs=10)


def fit_kaggle_convnet(job: Job) -> Trained:
    """One of the fifteen networks that C. Deotte averages: github.com/cdeotte/MNIST-CNN-99.75, CNN.ipynb.

    Adam at 1e-3 times 0.95 per epoch, batches of 64, 30 epochs (as in its README) of images that are rotated by up to
    15 degrees, zoomed by up to 15 % and shifted by up to 10 %. The source holds out a fifth of its rows, this the
    project's validation rows. It counts them in the steps of an epoch, which this does not. Labels are integers, not
    one-hot: the same loss.
    """
    augment = tf.keras.preprocessing.image.ImageDataGenerator(  # which Keras 3 keeps for such sources
        rotation_range=15, zoom_range=0.15, width_shift_range=0.1, height_shift_range=0.1
    )
    images = job.train.images[..., None]
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 1e-3 * 0.95**epoch)
    return _fit(
        build_kaggle_convnet,
        job,
        epochs=30,
        batches=lambda: augment.flow(images, job.train.labels, batch_size=64, seed=job.seed),
        steps_per_epoch=len(images) // 64,
        callbacks=[schedule],
        validation_data=job.validation,
    )


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


def build_kaggle_convnet() -> keras.Sequential:
    body = [keras.Input((SIDE, SIDE)), layers.Reshape((SIDE, SIDE, 1))]
    for channels in (32, 64):
        for size, strides, padding in ((3, 1, "valid"), (3, 1, "valid"), (5, 2, "same")):
            body.append(layers.Conv2D(channels, size, strides, padding, activation="relu"))
            body.append(layers.BatchNormalization())
        body.append(layers.Dropout(0.4))
    body += [layers.Conv2D(128, 4, activation="relu"), layers.BatchNormalization(), layers.Flatten()]
    return keras.Sequential([*body, layers.Dropout(0.4), layers.Dense(CLASSES, activation="softmax")])


def _fit(
    build: Callable[[], keras.Sequential],
    job: Job,
    epochs: int,
    batches: Callable[[], Any] | None = None,
    **settings: Any,
) -> Trained:
    """Fit on the training rows in batches of 128, or on `batches`; `settings` are those of Keras' fit."""
    use_threads(job.threads)
    keras.utils.set_random_seed(job.seed)
    network = build()
    network.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    epochs = job.epochs or epochs
    data = {"x": batches()} if batches else {"x": job.train.images, "y": job.train.labels, "batch_size": 128}
    started = time.perf_counter()
    network.fit(**data, epochs=epochs, verbose=0, **settings)
    seconds = time.perf_counter() - started
    onnx = job.folder / "peer.onnx"
    network.export(onnx, format="onnx", verbose=False)
    return Trained(
        lambda images: network.predict(images, batch_size=1000, verbose=0),
        network.count_params(),
        multiply_adds(network),
        epochs,
        seconds,
        onnx=onnx,
    )


def use_threads(threads: int) -> None:
    """Let TensorFlow use `threads` threads within an operation, and for several operations at a time."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)


def multiply_adds(network: keras.Sequential) -> int:
    """Return the multiply-adds of one image's forward pass: a layer's kernel is used once per position of its output.

    Convolutions and dense layers; no biases, BatchNorm, activations or augmentation.
    """
    return sum(
        prod(layer.kernel.shape) * prod(layer.output.shape[1:-1])  # output: (n, [height, width,] channels)
        for layer in network.layers
        if hasattr(layer, "kernel")
    )
