"""The PyTorch peer."""

import time

import numpy as np
import torch
from torch import nn

from benchmarks.peers.recipes import Job, Trained
from stages.artifacts.arrays import Digits
from stages.artifacts.images import CLASSES, SIDE

_MEAN, _DEVIATION = 0.1307, 0.3081  # of MNIST's training pixels in [0, 1], as in the source
_BATCH, _EVALUATION_BATCH = 64, 1000


def fit_convnet(job: Job) -> Trained:
    """Two convolutions, two dense layers: pytorch/examples, mnist/main.py.

    Adadelta at 1.0, its rate times 0.7 after each epoch, batches of 64, 14 epochs with an evaluation after each: of the
    test images in the source, of the validation rows here. Batches are drawn in random order, as the source does on
    a GPU. The images are one tensor in memory, while the source decodes them one by one: less work, not more.
    """
    torch.set_num_threads(job.threads)
    torch.manual_seed(job.seed)
    network = build_convnet()
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.7)
    epochs = job.epochs or 14
    started = time.perf_counter()
    images, labels = _tensor(job.train.images), torch.tensor(job.train.labels, dtype=torch.long)
    for _ in range(epochs):
        network.train()
        for batch in torch.randperm(len(images)).split(_BATCH):
            optimizer.zero_grad()
            nn.functional.nll_loss(network(images[batch]), labels[batch]).backward()
            optimizer.step()
        _evaluate(network, job.validation)
        schedule.step()
    seconds = time.perf_counter() - started
    parameters = sum(weight.numel() for weight in network.parameters())
    return Trained(lambda images: predict(network, images), parameters, multiply_adds(network), epochs, seconds)


def build_convnet() -> nn.Sequential:
    """Return a network of (n, 1, 28, 28) normalised images to (n, 10) log-probabilities."""
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),  # (n, 32, 26, 26)
        nn.ReLU(),
        nn.Conv2d(32, 64, 3),  # (n, 64, 24, 24)
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Dropout(0.25),
        nn.Flatten(),  # (n, 9216)
        nn.Linear(9216, 128),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(128, CLASSES),
        nn.LogSoftmax(dim=1),
    )


def predict(network: nn.Module, images: np.ndarray) -> np.ndarray:
    """Return (n, 10) probabilities for (n, 28, 28) images in [0, 1]."""
    network.eval()
    with torch.no_grad():
        return torch.cat([network(batch) for batch in _tensor(images).split(_EVALUATION_BATCH)]).exp().numpy()


def multiply_adds(network: nn.Sequential) -> int:
    """Return the multiply-adds of one image's forward pass: convolutions and dense layers, no biases."""
    total, values = 0, torch.zeros(1, 1, SIDE, SIDE)
    for layer in network:
        values = layer(values)  # (1, channels[, height, width])
        if isinstance(layer, nn.Conv2d | nn.Linear):
            total += layer.weight.numel() * values[0, 0].numel()
    return total


def _evaluate(network: nn.Module, digits: Digits) -> float:
    return float((predict(network, digits.images).argmax(axis=1) == digits.labels).mean())


def _tensor(images: np.ndarray) -> torch.Tensor:
    """Return (n, 1, 28, 28) float32, standardised."""
    return (torch.tensor(images).unsqueeze(1) - _MEAN) / _DEVIATION
