"""What is seen when, and what comes of it."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import VideoMAEConfig
from transformers.models.videomae.modeling_videomae import VideoMAEPatchEmbeddings

from pipeline.errors import VideoError
from pipeline.evaluation.confusion import confusion, macro_top1, metrics, table
from pipeline.training.ahead import ahead
from pipeline.training.batches import Batches, order
from pipeline.training.learner import learning_rate, share_of_patches
from pipeline.training.network import left_out
from pipeline.training.settings import FitSettings
from pipeline.training.stem import cosine_patterns, level, set_stem

FIT = FitSettings(
    from_nothing=True, layers=None, loss="cross_entropy", steps=100, batch=4, accumulate=1, optimizer="adamw",
    learning_rate=1.0, warmup=0.1, weight_decay=0.0, label_smoothing=0.0, balance=1.0, clip_gradient=1.0, average=0.0,
    keep=0.0, dropout=0.0,
    patches=1.0, landmarks=0.0, species_weight=0.0, round_steps=50, check_clips=10, patience=None, precision="32",
    devices=1, nodes=1,
)  # fmt: skip


def test_balanced_rounds_show_every_behaviour_as_often_and_every_clip_in_turn() -> None:
    targets = np.array([0] * 30 + [1] * 5 + [2] * 1)
    shown = order(targets, 9, 10, 1.0, seed=0, round_=0)
    assert shown.shape == (9, 10)
    assert all(abs(n - 30) <= 1 for n in Counter(targets[shown.ravel()].tolist()).values())
    assert set(Counter(shown[np.isin(shown, np.arange(30, 35))].tolist()).values()) <= {5, 6, 7}
    plain = Counter(targets[order(targets, 18, 10, 0.0, 0, 0).ravel()].tolist())
    assert [abs(plain[k] - n) <= 1 for k, n in enumerate([150, 25, 5])] == [True] * 3
    assert np.array_equal(shown, order(targets, 9, 10, 1.0, 0, 0))
    assert not np.array_equal(shown, order(targets, 9, 10, 1.0, 0, 1))  # another round
    assert not np.array_equal(shown, order(targets, 9, 10, 1.0, 1, 0))  # another seed


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_begin_where_they_are_told(workers: int) -> None:
    def made(done: int) -> list[tuple[int, int, int]]:
        loader = Batches(2, 3, lambda r: np.arange(3)[:, None] + 10 * r, lambda r, s, c, _: (r, s, int(c[0])), workers)
        loader.done = done
        return [*loader, *loader]

    assert made(0) == [(0, 0, 0), (0, 1, 1), (0, 2, 2), (1, 0, 10), (1, 1, 11), (1, 2, 12)]
    assert made(2) == [(0, 2, 2), (1, 0, 10), (1, 1, 11), (1, 2, 12)]
    assert made(3)[0] == (1, 0, 10)


def damaged(step: int) -> int:
    if step == 2:
        raise VideoError("clip.mp4 cannot be read")
    return step


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_arrives_in_its_turn_and_as_it_was_raised(workers: int) -> None:
    coming = ahead(damaged, range(4), workers)
    assert [next(coming), next(coming)] == [0, 1]
    with pytest.raises(VideoError, match=r"^clip.mp4 cannot be read$"):
        next(coming)


def test_the_rate_rises_and_falls() -> None:
    rates = [learning_rate(step, FIT) for step in range(100)]
    assert rates[0] == pytest.approx(1 / 11)
    assert int(np.argmax(rates)) == 10
    assert max(rates) == 1.0
    assert rates[55] == pytest.approx(0.5)
    assert rates[-1] < 0.001


def test_patches_are_left_out_until_the_last_twentieth() -> None:
    half = replace(FIT, patches=0.5)
    assert [share_of_patches(step, half) for step in (0, 94, 95, 99)] == [0.5, 0.5, 1.0, 1.0]
    torch.manual_seed(0)
    gone = left_out(9, (4, 2, 3), 0.25, "cpu").reshape(9, 4, 6)
    assert (gone == gone[:, :, :1]).all()  # a tubelet is left out as a whole
    assert gone[:, :, 0].sum(1).tolist() == [3] * 9
    assert len({tuple(row) for row in gone[:, :, 0].tolist()}) > 1  # others of each clip
    assert left_out(1, (4, 1, 1), 0.01, "cpu").sum() == 3  # one at least is seen


def test_figures_from_a_confusion() -> None:
    counts = confusion(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), 3)  # c never occurs and is never found
    assert counts.tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert macro_top1(counts) == pytest.approx((2 / 3 + 1) / 2)
    figures = metrics(counts, ("a", "b", "c"))
    assert figures["top1"] == 0.75
    assert figures["recall a"] == pytest.approx(0.6667)
    assert figures["precision b"] == 0.5
    assert "recall c" not in figures
    assert "c               0       -          -" in table(counts, ("a", "b", "c"))
    assert macro_top1(np.zeros((2, 2), np.int64)) == 0.0


def test_the_first_patterns_are_level_change_and_colour() -> None:
    patterns = cosine_patterns(192, 2, 16, 16)
    assert patterns.shape == (192, 3, 2, 16, 16)
    assert np.ptp(patterns[0]) < 1e-12  # the mean of a patch
    assert np.allclose(patterns[1][:, 0], -patterns[1][:, 1])  # its change
    flat = patterns.reshape(192, -1)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    overlap = flat @ flat.T - np.eye(192)
    assert np.abs(overlap).max() < 1e-9  # each says something of its own
    assert len(cosine_patterns(1000, 1, 2, 2)) == 12  # 4 waves in 3 colours


def test_a_levelled_patch_layer_answers_every_pattern_alike() -> None:
    torch.manual_seed(0)
    layer = VideoMAEPatchEmbeddings(VideoMAEConfig(image_size=32, num_frames=4, tubelet_size=2, hidden_size=24))
    set_stem(layer.projection)
    clips = 3 + 2 * torch.randn(40, 1, 1, 1, 1) + 0.1 * torch.randn(40, 4, 3, 32, 32)  # light differs more than detail
    before = layer(clips).flatten(0, 1).std(0)
    assert before.max() > 10 * before.min()
    level(layer, clips)
    answers = layer(clips).flatten(0, 1)
    assert answers.mean(0).abs().max() < 1e-2
    assert (answers.std(0) - 1).abs().max() < 1e-2
