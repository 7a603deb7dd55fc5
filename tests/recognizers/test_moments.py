"""A network that answers for each moment of a window: what it says, of which frames, and what cannot be."""

import shutil

import numpy as np
import pytest
import torch

from pipeline.errors import ModelError
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import read_card, write_card
from pipeline.types import Window
from tests.recognizers.test_transformers import BEHAVIOURS, recognizer, window
from tests.tiny_models import tiny_timesformer, tiny_videomae


def told(folder, moments):
    write_card(folder, Card("tiny", BEHAVIOURS, Clip(4, 1 / 6), moments=moments))
    return recognizer(folder)


@pytest.fixture
def folder(tmp_path):
    return tiny_videomae(tmp_path / "tiny", BEHAVIOURS)


def test_a_row_for_each_moment_of_each_window(folder):
    from transformers import AutoModelForVideoClassification, VideoMAEVideoProcessor

    model, batch = told(folder, 2), [window(1), window(2), window(3)]
    scores = model.score(batch)
    assert scores.shape == (6, 3)
    assert scores.sum(axis=1) == pytest.approx(np.ones(6))
    network = AutoModelForVideoClassification.from_pretrained(folder)
    videos = [torch.from_numpy(each.images).permute(0, 3, 1, 2) for each in batch]
    pixels = VideoMAEVideoProcessor.from_pretrained(folder)(videos, return_tensors="pt")["pixel_values"]
    with torch.inference_mode():
        patches = network.videomae(pixels).last_hidden_state  # of 2 tubelets, 4 patches each
        expected = [network.classifier(network.fc_norm(patches[:, k : k + 4].mean(1))).softmax(1) for k in (0, 4)]
    assert scores[0::2] == pytest.approx(expected[0].numpy(), abs=1e-4)
    assert scores[1::2] == pytest.approx(expected[1].numpy(), abs=1e-4)
    assert not np.allclose(scores[0::2], scores[1::2], atol=1e-5)
    assert recognizer(folder, flip=True).score(batch).shape == (6, 3)
    assert recognizer(folder).score([]).shape == (0, 3)


def test_one_moment_is_the_whole_window(folder):
    alone = recognizer(shutil.copytree(folder, folder.parent / "plain")).score([window(1)])
    assert told(folder, 1).score([window(1)]) == pytest.approx(alone, abs=1e-9)


def test_how_many_moments_is_on_the_card(folder):
    told(folder, 2)
    assert read_card(folder).moments == 2
    assert "moments" in (folder / "card.yaml").read_text()


def test_what_cannot_be(folder, tmp_path):
    with pytest.raises(ModelError, match="has 2 tubelets of 2 frames, so its moments are 1 or 2, got 4"):
        told(folder, 4)
    with pytest.raises(ModelError, match=r"\(timesformer\) answers once for a window: only a VideoMAE has moments"):
        told(tiny_timesformer(tmp_path / "other", BEHAVIOURS), 2)
    with pytest.raises(ValueError, match="moments must divide the 4 frames of a clip, got 3"):
        Card("tiny", BEHAVIOURS, Clip(4, 1 / 6), moments=3)


def test_moments_cover_the_window():
    frames = np.array([10, 13, 17, 20])
    boxes = np.arange(16.0).reshape(4, 4)
    whole = Window(1, frames, frames / 10, boxes, boxes + 1, 5.0, 10, 21, False, np.zeros((4, 2, 2, 3), np.uint8))
    assert whole.moments(1) == [whole]
    first, second = whole.moments(2)
    assert (first.start_frame, first.stop_frame) == (10, 15)  # 15 is half-way from 13 to 17
    assert (second.start_frame, second.stop_frame) == (15, 21)
    assert (first.frames.tolist(), second.times_s.tolist()) == ([10, 13], [1.7, 2.0])
    assert (second.boxes[0, 0], second.steady[0, 0], second.images) == (8, 9, None)
