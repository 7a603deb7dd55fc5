"""Learning what is done at each moment of a clip: which labels count when, and that a network learns it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.chain.progress import Silent
from pipeline.config import compose
from pipeline.errors import ModelError
from pipeline.plan import training_plan
from pipeline.recognizers.folder import read_card
from pipeline.recognizers.transformers import TransformersRecognizer
from pipeline.training.features import Views
from pipeline.training.labels import read_labels
from pipeline.training.packed import ClipWriter
from pipeline.training.plan import TrainingPlan
from pipeline.training.samples import Samples
from pipeline.training.train import labels_of, start_of, train
from pipeline.types import Image, Window
from tests.tiny_models import tiny_timesformer

FRAMES, INTERVAL_S = 8, 0.1
LIGHT = {"Rest": 40, "Walk": 220}
TINY = [
    *("device=cpu", "threads=1", "augmentation=none", "network.frames=8", "network.interval_s=0.1"),
    *("network.height_px=32", "network.width_px=32", "network.width=32", "network.depth=1", "network.heads=2"),
    "split.held_out=0.25",
]
FIT = ("fit.batch=8", "fit.steps=60", "fit.round_steps=30", "fit.learning_rate=0.003")


def clip(moments: list[str], rng: np.random.Generator) -> Image:
    """Frames that are as bright as what is done in them."""
    noise = rng.integers(-30, 30, (len(moments), 32, 32, 1))
    return np.repeat(noise + np.array([LIGHT[word] for word in moments])[:, None, None, None], 3, 3).astype(np.uint8)


def changing(rng: np.random.Generator) -> list[str]:
    """One behaviour up to some moment, then the other."""
    first, second = rng.permutation([*LIGHT])
    at = int(rng.integers(2, FRAMES - 1))
    return [str(first)] * at + [str(second)] * (FRAMES - at)


@pytest.fixture(scope="module")
def changes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, rng = tmp_path_factory.mktemp("changes"), np.random.default_rng(0)
    with ClipWriter(folder, INTERVAL_S, shard_clips=20) as writer:
        for k in range(48):
            moments = changing(rng)
            writer.add(clip(moments, rng), moments[FRAMES // 2], "square", f"scene {k % 4}", moments=moments)
    return folder


def planned(data: Path, out: Path, *words: str) -> TrainingPlan:
    return training_plan(compose("train", [f"data={data}", f"out={out}", *TINY, *words]))


def samples(data: Path, *words: str) -> Samples:
    plan = planned(data, Path("unused"), *words)
    labels = labels_of(plan, Silent())
    start = start_of(plan, labels.behaviours)
    truth = labels.truth(labels.behaviours)
    return Samples(labels, truth, start, plan.augmentation, np.arange(len(labels.behaviours))[::-1], plan.seed)


def shown(made: Samples, index: int) -> list[list[float]]:
    truth: list[list[float]] = made.training(0, 0, np.array([index]), np.array([0]))[1][0].tolist()
    return truth


def test_each_moment_is_labelled_by_itself(tmp_path: Path) -> None:
    moments = ["Rest"] * 3 + ["Walk"] * 3 + ["Fly"] * 2  # tubelets of 2 frames: the second of each says what it shows
    with ClipWriter(tmp_path, INTERVAL_S) as writer:
        writer.add(clip(["Rest"] * 8, np.random.default_rng(0)), "Walk", "square", "one", moments=moments)
        writer.add(clip(["Rest"] * 8, np.random.default_rng(1)), "Rest", "square", "one", moments=["Rest|Walk"] * 8)
    rest, walk, none = [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]
    assert shown(samples(tmp_path, "network.moments=4"), 0) == [rest, walk, walk, none]
    assert shown(samples(tmp_path, "network.moments=4"), 1) == [[1.0, 1.0]] * 4
    assert shown(samples(tmp_path, "network.moments=4", "augmentation.flip=1"), 0) == [walk, rest, rest, none]
    assert shown(samples(tmp_path), 0) == [walk]  # one answer, one label: that of the clip
    assert shown(samples(tmp_path, "network.moments=4", "old2new={Fly: Rest}"), 0) == [rest, walk, walk, rest]
    (tmp_path / "clips-000.behaviours.npy").unlink()
    assert shown(samples(tmp_path, "network.moments=4"), 0) == [walk] * 4  # nothing else is known


def test_other_words_of_a_moment_make_it_another_training(tmp_path: Path) -> None:
    told = []
    for moments in (["Rest"] * 8, ["Rest"] * 7 + ["Walk"], None):
        with ClipWriter(tmp_path / str(moments), INTERVAL_S) as writer:
            writer.add(clip(["Rest"] * 8, np.random.default_rng(0)), "Rest", "square", "one", moments=moments)
        told.append(read_labels(tmp_path / str(moments)).digest)
    assert len(set(told)) == 3


def test_features_of_other_moments_are_others(changes: Path) -> None:
    made = samples(changes, "network.moments=4")
    told = [replace(made, start=replace(made.start, moments=moments)) for moments in (4, 1, 4)]
    first, once, again = (Views(one, np.array([0, 1]), 0).digest for one in told)
    assert first == again != once


@pytest.mark.parametrize("patches", ["fit.patches=1", "fit.patches=0.5"])
def test_a_network_learns_to_tell_moments(changes: Path, tmp_path: Path, patches: str) -> None:
    out = train(planned(changes, tmp_path / "mine", "network.moments=4", *FIT, patches), Silent())
    assert read_card(out).moments == 4
    model = TransformersRecognizer(str(out), None, None, batch=4, flip=False, device="cpu", half=False)
    rng = np.random.default_rng(1)
    right = []
    for _ in range(12):
        words, boxes = changing(rng), np.zeros((FRAMES, 4))
        times = INTERVAL_S * np.arange(FRAMES, dtype=np.float64)
        window = Window(1, np.arange(FRAMES), times, boxes, boxes, 1.0, 0, FRAMES, images=clip(words, rng))
        told = np.array(model.card.behaviours)[model.score([window]).argmax(axis=1)]
        whole = [k for k in range(4) if words[2 * k] == words[2 * k + 1]]  # of a moment that is all one behaviour
        right += [told[k] == words[2 * k] for k in whole]
    assert np.mean(right) > 0.9  # an answer for the whole window would be right in about 0.7


def test_a_model_keeps_its_moments_or_is_given_others(changes: Path, tmp_path: Path) -> None:
    quick = (*FIT, "fit.steps=2", "fit.round_steps=2")
    first = train(planned(changes, tmp_path / "first", "network.moments=4", *quick), Silent())
    kept = train(planned(changes, tmp_path / "kept", f"init={first}", *quick), Silent())
    once = train(planned(changes, tmp_path / "once", f"init={first}", "network.moments=1", *quick), Silent())
    probe = train(planned(changes, tmp_path / "probe", f"init={first}", "fit=probe"), Silent())
    assert [read_card(folder).moments for folder in (kept, once, probe)] == [4, 1, 4]


def test_moments_that_cannot_be(changes: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has 4 tubelets of 2 frames, so its moments are 1 or 4, got 3"):
        train(planned(changes, tmp_path / "out", "network.moments=3"), Silent())
    other = tiny_timesformer(tmp_path / "other", ["Rest", "Walk"])
    with pytest.raises(ModelError, match="only a VideoMAE has moments"):
        train(planned(changes, tmp_path / "out", f"init={other}", "network.moments=2"), Silent())
