from pathlib import Path

import numpy as np
import pytest

from stages.artifacts.arrays import Digits
from stages.artifacts.errors import PipelineError
from stages.config.params import ModelParams, load_params
from stages.inference.losses import losses
from stages.training import distillation, input_pipeline, networks
from stages.training.fit import fit_network
from stages.training.tensorflow import keras, tf
from tests.helpers.workspace import ROOT

pytestmark = pytest.mark.slow

COMMITTED = load_params(ROOT / "params.yaml").models


@pytest.fixture(scope="module")
def params() -> ModelParams:
    how = COMMITTED.mlp.distillation.changed(teacher_epochs=3)
    return COMMITTED.mlp.changed(layers=[16], epochs=9, batch_size=100, distillation=how)


@pytest.fixture(scope="module")
def teacher(subsets: tuple[Digits, Digits], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A `.keras` file of two averaged networks, each of which looks at an image and at its neighbours."""
    params = COMMITTED.mlp.changed(layers=[32], epochs=6, batch_size=50)
    fits = [fit_network("mlp", params, *subsets, seed, "teacher") for seed in (1, 2)]
    model = networks.inference_model([networks.rebuild("mlp", params, fit.weights) for fit in fits], 1.5, shift=1)
    path: Path = tmp_path_factory.mktemp("teacher") / "teacher.keras"
    model.save(path)
    return path.read_bytes()


def one_look(teacher: bytes, images: np.ndarray, folder: Path) -> np.ndarray:
    (folder / "model.keras").write_bytes(teacher)
    model = keras.models.load_model(folder / "model.keras")
    members = [layer for layer in model.layers if isinstance(layer, keras.Sequential)]
    assert len(members) == 2
    return np.mean([member(images) for member in members], axis=0)


def test_a_teacher_is_the_mean_of_its_networks_at_one_look(teacher: bytes, subsets, tmp_path: Path):
    images = subsets[1].images[:50]
    expected = one_look(teacher, images, tmp_path)
    np.testing.assert_allclose(distillation.load_teacher(teacher)(images), expected, atol=1e-6)


def test_a_single_network_teaches_as_it_is_saved(tmp_path: Path, subsets):
    network = networks.build("mlp", COMMITTED.mlp, seed=1)
    model = networks.inference_model([network], 1.0, shift=0)
    model.save(tmp_path / "model.keras")
    images = subsets[1].images[:50]
    taught_by = distillation.load_teacher((tmp_path / "model.keras").read_bytes())
    np.testing.assert_array_equal(taught_by(images), model(images))


def test_answers_are_of_the_very_batches_of_the_training(teacher: bytes, subsets, params: ModelParams, tmp_path: Path):
    answers = distillation.ask(distillation.load_teacher(teacher), subsets[0], params, seed=5, title="mlp")
    asked = distillation.asked_params(params)
    assert len(answers) == 3 * 10  # epochs, steps
    for answer, (images, labels) in zip(answers, input_pipeline.augmented(subsets[0], asked, seed=5), strict=True):
        np.testing.assert_array_equal(subsets[0].labels[answer["rows"]], labels)
        softened = np.asarray(one_look(teacher, images, tmp_path), np.float64) ** (1 / params.distillation.temperature)
        np.testing.assert_allclose(
            answer["probabilities"], softened / softened.sum(axis=1, keepdims=True), rtol=1e-3, atol=1e-6
        )


def test_each_epoch_of_the_teacher_is_a_line(teacher: bytes, subsets, params: ModelParams, monkeypatch, capsys):
    monkeypatch.setattr(distillation, "_SHARD", 50)
    distillation.ask(distillation.load_teacher(teacher), subsets[0], params, seed=5, title="mlp 2/3")
    printed = capsys.readouterr().out
    assert [f"mlp 2/3: its teacher saw epoch {n}/3" in printed for n in (1, 2, 3)] == [True] * 3


def test_lessons_without_variation_are_the_batches_that_the_teacher_saw(teacher: bytes, subsets, params: ModelParams):
    still = params.changed(distillation=params.distillation.changed(variation=0.0))
    answers = distillation.ask(distillation.load_teacher(teacher), subsets[0], still, seed=5, title="mlp")
    asked = distillation.asked_params(still)
    seen = list(input_pipeline.augmented(subsets[0], asked, seed=5))
    order = np.array([7, 2, 7])
    for number, (images, targets) in zip(
        order, input_pipeline.taught(subsets[0], asked, 5, answers, order), strict=True
    ):
        np.testing.assert_array_equal(images, seen[number][0])
        np.testing.assert_array_equal(targets[:, 0], seen[number][1])
        np.testing.assert_array_equal(targets[:, 1:], answers[number]["probabilities"])


def test_lessons_that_come_again_are_warped_a_little_differently(teacher: bytes, subsets, params: ModelParams):
    answers = distillation.ask(distillation.load_teacher(teacher), subsets[0], params, seed=5, title="mlp")
    asked = distillation.asked_params(params)
    (seen, _) = next(iter(input_pipeline.augmented(subsets[0], asked, seed=5)))
    (first, _), (again, _) = input_pipeline.taught(subsets[0], asked, 5, answers, np.array([0, 0]))
    unlike = np.abs(seen - subsets[0].images[answers[0]["rows"]]).mean()  # a whole warp
    assert 0 < np.abs(first - again).mean() < 0.6 * unlike
    assert 0 < np.abs(first - seen).mean() < 0.6 * unlike


@pytest.mark.parametrize(
    ("epochs", "final", "teacher_epochs", "expected"),
    [
        (100, 10, 20, (20, 2)),
        (100, 10, 200, (100, 10)),  # no more than there are
        (100, 5, 10, (10, 1)),
        (100, 0, 20, (20, 0)),
        (3, 10, 2, (2, 2)),  # all are gentle
        (10, 9, 2, (2, 1)),  # one of each
        (1, 0, 20, (1, 0)),
    ],
)
def test_the_teacher_sees_gentle_epochs_in_their_share(epochs: int, final: int, teacher_epochs: int, expected):
    params = COMMITTED.mlp.changed(
        epochs=epochs,
        augment=COMMITTED.mlp.augment.changed(final_epochs=final),
        distillation=COMMITTED.mlp.distillation.changed(teacher_epochs=teacher_epochs),
    )
    asked = distillation.asked_params(params)
    assert (asked.epochs, asked.augment.final_epochs) == expected
    order = distillation.order(params, 7, seed=1)
    assert len(order) == 7 * epochs
    assert order.dtype == np.int64  # as `asked` counts its batches: other integers draw other warps
    first_gentle_step = 7 * (epochs - min(final, epochs))
    first_gentle_answer = 7 * (expected[0] - expected[1])
    assert (order[:first_gentle_step] < first_gentle_answer).all()
    assert (order[first_gentle_step:] >= first_gentle_answer).all()
    times = np.bincount(order[first_gentle_step:] if final > epochs else order[:first_gentle_step])
    assert np.ptp(times[times > 0]) <= 1  # each as often as the others


def test_every_epoch_has_its_own_order(params: ModelParams):
    order = distillation.order(params.changed(epochs=100), 10, seed=1)
    assert not np.array_equal(order[:20], order[20:40])
    assert not np.array_equal(order, distillation.order(params.changed(epochs=100), 10, seed=2))


@pytest.fixture
def targets() -> np.ndarray:
    random = np.random.default_rng(1)
    of_teacher = random.dirichlet(np.ones(10), 6)
    return np.column_stack([random.integers(0, 10, 6), of_teacher]).astype(np.float32)


LOGITS = np.random.default_rng(2).normal(0, 3, (6, 10)).astype(np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(np.float64))
    return powers / powers.sum(axis=1, keepdims=True)


def test_the_loss_is_the_divergence_from_the_teacher(targets: np.ndarray):
    teacher, student = targets[:, 1:].astype(np.float64), softmax(LOGITS / 3)
    expected = 9 * (teacher * np.log(teacher / student)).sum(axis=1)
    np.testing.assert_allclose(distillation.loss(3.0, 0.0)(tf.constant(targets), LOGITS), expected, rtol=1e-4)


def test_the_labels_have_their_share(targets: np.ndarray):
    of_labels = losses(targets[:, 0].astype(np.uint8), softmax(LOGITS))
    taught = np.asarray(distillation.loss(3.0, 0.0)(tf.constant(targets), LOGITS))
    mixed = distillation.loss(3.0, 0.25)(tf.constant(targets), LOGITS)
    np.testing.assert_allclose(mixed, 0.25 * of_labels + 0.75 * taught, rtol=1e-4)


@pytest.mark.parametrize("shape", [(6,), (6, 1)])
def test_labels_alone_are_judged_by_their_cross_entropy(targets: np.ndarray, shape: tuple[int, ...]):
    labels = targets[:, 0].astype(np.uint8)
    given = tf.constant(labels.reshape(shape))
    np.testing.assert_allclose(distillation.loss(3.0, 0.0)(given, LOGITS), losses(labels, softmax(LOGITS)), rtol=1e-4)
    np.testing.assert_allclose(distillation.cross_entropy(given, LOGITS), losses(labels, softmax(LOGITS)), rtol=1e-4)
    np.testing.assert_array_equal(distillation.accuracy(given, LOGITS), labels == LOGITS.argmax(axis=1))


def test_a_confident_teacher_costs_no_nan():
    certain = np.zeros((1, 11), np.float32)
    certain[0, 3] = 1
    assert np.isfinite(distillation.loss(3.0, 0.0)(tf.constant(certain), LOGITS[:1])).all()


def test_a_taught_network_learns_and_is_the_same_again(teacher: bytes, subsets, params: ModelParams):
    fits = [fit_network("mlp", params, *subsets, seed=1, title="mlp", teacher=teacher) for _ in range(2)]
    assert list(fits[0].history.columns) == ["epoch", "accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]
    assert fits[0].history.val_accuracy.iloc[-1] > 0.8
    assert 0.1 < fits[0].history.loss.iloc[-1] < 1.5  # nats of the labels, not nine times the divergence
    for weights, again in zip(fits[0].weights, fits[1].weights, strict=True):
        np.testing.assert_array_equal(weights, again)


def test_labels_count_in_the_share_that_they_have(teacher: bytes, subsets, params: ModelParams):
    how = params.distillation.changed(label_share=1.0)
    by_labels = params.changed(epochs=6, distillation=how)
    train, validation = subsets
    wrong = Digits(train.images, (train.labels + 1) % 10)
    fit = fit_network("mlp", by_labels, wrong, validation, 1, "mlp", teacher)
    assert fit.history.accuracy.iloc[-1] > 0.5 > 0.1 > fit.history.val_accuracy.iloc[-1]


def test_a_damaged_teacher_is_an_error(teacher: bytes):
    for content in (b"", teacher[: len(teacher) // 2], b"not a model"):
        with pytest.raises(PipelineError, match=r"the teacher's \.keras file cannot be read"):
            distillation.load_teacher(content)


def test_a_teacher_of_something_else_is_an_error(tmp_path: Path):
    model = keras.Sequential([keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(3)])
    model.save(tmp_path / "model.keras")
    with pytest.raises(PipelineError, match="not a model of 28x28 images and 10 digits"):
        distillation.load_teacher((tmp_path / "model.keras").read_bytes())


def test_a_taught_network_sees_no_label(teacher: bytes, subsets, params: ModelParams):
    train, validation = subsets
    others = Digits(train.images, (train.labels + 1) % 10)
    taught = [fit_network("mlp", params, part, validation, 1, "mlp", teacher) for part in (train, others)]
    for weights, again in zip(taught[0].weights, taught[1].weights, strict=True):
        np.testing.assert_array_equal(weights, again)
