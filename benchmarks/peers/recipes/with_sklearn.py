"""The scikit-learn peer."""

import time

from sklearn.neural_network import MLPClassifier

from benchmarks.peers.recipes import Job, Trained


def fit_mlp(job: Job) -> Trained:
    """MLPClassifier with its defaults: 784-100-10, ReLU, Adam at 1e-3, batches of 200, L2 of 1e-4.

    Source: its documentation. At most 200 epochs; it stops if the training loss has not fallen by 1e-4 for 10. (The
    MNIST example of scikit-learn's gallery stops training early on purpose, so it is not a peer.)
    """
    classifier = MLPClassifier(random_state=job.seed, max_iter=job.epochs or 200)
    images = job.train.images.reshape(len(job.train.images), -1)  # (n, 784)
    started = time.perf_counter()
    classifier.fit(images, job.train.labels)
    seconds = time.perf_counter() - started
    weights = sum(matrix.size for matrix in classifier.coefs_)
    return Trained(
        lambda images: classifier.predict_proba(images.reshape(len(images), -1)),
        weights + sum(bias.size for bias in classifier.intercepts_),
        weights,
        classifier.n_iter_,
        seconds,
    )
