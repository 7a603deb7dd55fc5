"""Pointing at landmarks: which patch is right, what a wrong one costs, and that a network learns it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.chain.progress import Silent
from pipeline.config import compose
from pipeline.errors import UsageError
from pipeline.plan import training_plan
from pipeline.training.landmarks import MIRRORED, patches_of, pointing_loss
from pipeline.training.packed import ClipWriter
from pipeline.training.train import train
from tests.tiny_models import tiny_timesformer
from tests.training.clips import write_squares

NAN = float("nan")


@pytest.mark.parametrize(
    ("x", "y", "patch"),
    [
        ((0.0, 0.0), (0.0, 0.0), 0),  # the first patch, of 2 rows of 3
        ((0.4, 0.5), (0.6, 0.6), 4),  # second row, second column
        ((0.9, 1.1), (0.2, 0.2), -1),  # the mean of both frames of the tubelet is at the edge: outside
        ((-0.1, 0.0), (0.2, 0.2), -1),
        ((NAN, 0.5), (0.2, 0.2), -1),  # unknown in one frame
    ],
)
def test_which_patch_holds_a_landmark(x: tuple[float, float], y: tuple[float, float], patch: int) -> None:
    landmarks = np.stack([x, y], axis=-1)[None, :, None]  # one clip, two frames, one landmark
    assert patches_of(landmarks, (1, 2, 3)).tolist() == [[[patch]]]


def test_in_a_mirror_left_is_right_and_twice_is_as_before() -> None:
    assert [MIRRORED[k] for k in MIRRORED] == list(range(8))
    assert MIRRORED[4:] == [6, 7, 4, 5]


def test_pointing_right_costs_nothing_and_what_is_not_seen_does_not_count() -> None:
    right = torch.tensor([[[1], [2]]])  # one clip, two tubelets, one landmark; four patches each
    pointed = torch.full((1, 8, 1), -20.0)
    pointed[0, [1, 4 + 2], 0] = 20.0
    assert float(pointing_loss(pointed, right, None)) < 1e-6
    wrong = torch.tensor([[[0], [2]]])
    assert float(pointing_loss(pointed, wrong, None)) == pytest.approx(20.0, abs=0.1)  # 40 in one of two
    gone = torch.zeros(1, 8, dtype=torch.bool)
    gone[0, [0, 3]] = True  # the wrong patch was left out, and another
    assert float(pointing_loss(pointed[:, ~gone[0]], wrong, gone)) < 1e-6
    assert float(pointing_loss(pointed, torch.full((1, 2, 1), -1), None)) == 0


def test_a_network_learns_to_point(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    with ClipWriter(tmp_path / "dots", 0.1) as writer:
        for k in range(24):
            at = rng.integers(4, 28, 2)
            images = np.zeros((4, 32, 32, 3), np.uint8)
            images[:, at[1] - 3 : at[1] + 3, at[0] - 3 : at[0] + 3] = 255
            writer.add(images, "ab"[k % 2], "dot", f"g{k % 4}", np.tile(at.astype(float), (4, 8, 1)))
    words = ["device=cpu", "threads=1", "augmentation=none", "network.frames=4", "network.interval_s=0.1"]
    words += ["network.height_px=32", "network.width_px=32", "network.width=32", "network.depth=1", "network.heads=2"]
    words += ["fit.batch=8", "fit.steps=60", "fit.round_steps=20", "fit.learning_rate=0.01", "fit.landmarks=1"]
    plan = training_plan(compose("train", [f"data={tmp_path / 'dots'}", f"out={tmp_path / 'm'}", *words]))
    loss = pd.read_csv(train(plan, Silent()) / "curves.csv")["landmark_loss"]
    assert loss.iloc[0] < 1.5  # of four patches: ln 4 = 1.39 to begin with
    assert loss.iloc[-1] < 0.3


def test_only_a_videomae_can_be_asked_about_patches(tmp_path: Path) -> None:
    data, other = write_squares(tmp_path / "squares"), tiny_timesformer(tmp_path / "other", ("left", "right", "still"))
    words = [f"data={data}", f"out={tmp_path / 'n'}", f"init={other}", "fit.landmarks=0.5", "device=cpu"]
    with pytest.raises(UsageError, match=r"fit.patches and fit.landmarks are for a VideoMAE, and .* is a timesformer"):
        train(training_plan(compose("train", words)), Silent())
