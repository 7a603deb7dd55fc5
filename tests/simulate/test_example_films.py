"""Clips cut from whole films: what a run's windows show, with what is true of them."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pipeline.miniscenes import Layout, MiniSceneSettings
from pipeline.simulate.example_clips import Clip
from pipeline.simulate.example_films import SHAKE, WANDER, _shaken, _told, film_clips
from pipeline.simulate.examples import scene
from pipeline.simulate.settings import Scene

SEED, MOST, FRAMES, SIZE = 12, 2, 6, (96, 72)
CLOSE = MiniSceneSettings(400, 300, 0.15, True, 0.5, 4.0, 1.0, Layout.ethopipe)


def herd() -> Scene:
    drawn = scene(np.random.default_rng(3))
    return replace(drawn, animals={"impala": 3, "giraffe": 1}, duration_s=3.0, width=640, height=360, rate="15/2")


def filmed(seed: int) -> list[Clip]:
    return list(film_clips(herd(), seed, np.random.default_rng(1), MOST, FRAMES, *SIZE, CLOSE))


@pytest.fixture(scope="module")
def made() -> list[Clip]:
    return filmed(SEED)


def test_a_clip_follows_one_animal(made: list[Clip]) -> None:
    assert len(made) >= 3
    for clip in made:
        assert (clip.images.shape, clip.images.dtype) == ((FRAMES, SIZE[1], SIZE[0], 3), np.uint8)
        assert clip.images.std() > 5  # it shows something
        assert clip.species in herd().animals
        assert clip.moments[FRAMES // 2] == clip.behaviour
        middle = (clip.landmarks.min(axis=1) + clip.landmarks.max(axis=1)) / 2
        assert (np.abs(middle / SIZE - 0.5) < 0.3).all()
        assert (np.ptp(clip.landmarks, axis=1) / SIZE).max() > 0.3  # enlarged


def test_a_behaviour_has_few_clips(made: list[Clip]) -> None:
    counts = Counter(clip.behaviour for clip in made)
    assert max(counts.values()) == MOST


def test_a_seed_gives_the_same_clips(made: list[Clip]) -> None:
    for one, again in zip(made, filmed(SEED), strict=True):
        assert np.array_equal(one.images, again.images)
        assert np.array_equal(one.landmarks, again.landmarks)


def test_boxes_are_off_as_a_detector_s_are() -> None:
    boxes = np.tile([100.0, 100.0, 300.0, 200.0], (20_000, 1))
    off = (_shaken(boxes, np.random.default_rng(0)) - boxes) / [200, 100, 200, 100]
    assert np.abs(off.mean(axis=0)).max() < 0.01
    assert off.std(axis=0) == pytest.approx(np.full(4, np.hypot(WANDER, SHAKE)), rel=0.1)
    assert np.corrcoef(off[1:, 0], off[:-1, 0])[0, 1] > 0.6  # they wander
    small = np.tile([10.0, 10.0, 13.1, 13.1], (100, 1))
    shaken = _shaken(small, np.random.default_rng(0))
    assert (shaken[:, 2:] - shaken[:, :2] >= 3).all()
    assert (shaken == small).all(axis=1).any()


@pytest.mark.parametrize(
    ("visible", "head_inside", "behaviour", "moments"),
    [
        ((1, 1, 1, 1), (True,) * 4, "Graze", ("Walk", "Walk", "Graze", "Graze")),
        ((1, 0.1, 0.6, 0.2), (True,) * 4, "Graze", ("Walk", "Occluded", "Graze", "Occluded")),
        ((1, 0.2, 0.35, 1), (True,) * 4, "Occluded", ("Walk", "Occluded", "Graze", "Graze")),
        ((1, 1, 1, 1), (False, True, False, True), "Occluded", ("Walk", "Walk", "Occluded", "Graze")),
    ],
)
def test_what_nobody_could_tell_is_occluded(
    visible: tuple[float], head_inside: tuple[bool], behaviour: str, moments: tuple[str]
) -> None:
    rows = pd.DataFrame(
        {"visible": visible, "head_inside": head_inside, "scheduled": ["Walk", "Walk", "Graze", "Graze"]}
    )
    assert _told(rows) == (behaviour, moments)
