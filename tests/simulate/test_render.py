"""The renderer's truth against its pixels: what an animal changes in the picture is what its box and its share say."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.simulate import render
from pipeline.simulate.examples import aside
from pipeline.simulate.plants import Plant
from pipeline.simulate.render import Stage, frame
from pipeline.simulate.scene import Take, prepare
from pipeline.simulate.vegetation import Look
from pipeline.types import IntArray
from tests.simulate.small import small


@pytest.fixture(scope="module")
def take() -> Take:
    return prepare(small("scene.depression_deg=[25,25]"), 3)


@pytest.fixture(autouse=True)
def unshaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """No shadows: they are no part of an animal."""
    monkeypatch.setattr(render, "_cast_shadows", lambda *_: None)


def change(with_it: Stage, without: Stage, view: render.View) -> IntArray:
    """How much each pixel [H, W] differs, in grey levels."""
    pictures = [frame(stage, view, 0, 0, 0.0)[0].astype(int) for stage in (with_it, without)]
    return np.asarray(np.abs(pictures[0] - pictures[1]).max(axis=2))


@pytest.mark.parametrize("animal", [0, 1, 2])
@pytest.mark.parametrize("zoom", [0.4, 1.0, 3.0])  # each of the three details of the body
def test_the_box_holds_every_drawn_pixel_and_little_else(take: Take, animal: int, zoom: float) -> None:
    nobody = replace(take.stage, animals=[], plants=[])
    alone = replace(nobody, animals=[take.stage.animals[animal]])
    view = take.views[0]
    view = replace(view, focal_px=view.focal_px * zoom)
    shown = frame(alone, view, 0, 0, 0.0)[1]
    drawn = change(alone, nobody, view) > 2  # more than a fringe's faintest tint
    if not len(shown.animal):
        assert not drawn.any()
        return
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    tight = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    box = shown.boxes[0]
    assert (box[:2] <= tight[:2] + 1).all(), "a pixel of the animal is left of or above its box"
    assert (box[2:] >= tight[2:] - 1).all(), "a pixel of the animal is right of or below its box"
    room = np.concatenate([tight[:2] - box[:2], box[2:] - tight[2:]])
    assert room.max() <= 2, "the box is larger than what was drawn"
    assert drawn.sum() > 0.15 * (box[2:] - box[:2]).prod()


def test_the_visible_share_is_the_share_of_its_pixels_that_shows(take: Take) -> None:
    view = take.views[0]
    animal = take.stage.animals[0]
    place = animal.poses.trunk[0]
    toward = view.position[:2] - place[:2]
    toward /= np.linalg.norm(toward)
    shares = []
    for beside in (0.0, 0.7, 1.4, 9.0):  # metres that a bush stands off the line of sight
        at = place[:2] + 1.5 * toward + beside * np.array([-toward[1], toward[0]])
        bush = Look(Plant("bush", float(at[0]), float(at[1]), 0.9, 2.5, 7), take.stage.light)
        nobody = replace(take.stage, animals=[], plants=[])
        alone, behind = replace(nobody, animals=[animal]), replace(nobody, animals=[animal], plants=[bush])
        alone_changes = change(alone, nobody, view)
        seen = change(behind, replace(nobody, plants=[bush]), view) >= 0.5 * alone_changes  # leaves hide most of it
        silhouette = alone_changes > 12
        told = float(frame(behind, view, 0, 0, 0.0)[1].visible[0])
        shares.append(told)
        assert told == pytest.approx((seen & silhouette).sum() / silhouette.sum(), abs=0.1)
    assert shares[0] < 0.6
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_an_animal_behind_another_is_hidden_by_it(take: Take) -> None:
    view = take.views[0]
    near = take.stage.animals[0]
    back = near.poses.trunk[0, :2] - view.position[:2]
    step = np.array([*(back / np.linalg.norm(back)), 0.0]) * 0.5
    far = replace(near, poses=replace(near.poses, trunk=near.poses.trunk + step, feet=near.poses.feet + step))
    shown = frame(replace(take.stage, animals=[near, far], plants=[]), view, 0, 0, 0.0)[1]
    assert shown.visible[0] == 1.0
    assert shown.visible[1] < 0.75


def test_an_animal_at_the_edge_is_partly_inside(take: Take) -> None:
    view, animal = take.views[0], take.stage.animals[0]
    alone = replace(take.stage, animals=[animal], plants=[])
    middle = float(view.project(animal.poses.trunk[0])[0][0])
    cut = replace(view, width=round(middle))  # the picture's middle moves by half of what its right edge does
    shown = frame(alone, cut, 0, 0, 0.0)[1]
    for k in range(len(shown.animal)):
        assert 0 < shown.inside[k] <= 1
        assert shown.boxes[k, 2] <= cut.width


@pytest.mark.parametrize(("left", "inside"), [(20.0, True), (-20.0, False)])
def test_a_head_is_in_the_picture_or_out_of_it(take: Take, left: float, inside: bool) -> None:
    """The camera turned so that the head is so many pixels right of the picture's left edge."""
    view, animal = take.views[0], take.stage.animals[0]
    muzzle_and_poll = animal.bodies[0].skeleton.landmarks(animal.poses, 0)[:2]
    head, size = view.project(muzzle_and_poll.mean(axis=0))[0], np.array([view.width, view.height])
    turned = aside(view, head - size / 2 + [view.width / 2 - left, 0])
    shown = frame(replace(take.stage, animals=[animal], plants=[]), turned, 0, 0, 0.0)[1]
    assert shown.head_inside.tolist() == [inside]


def test_the_same_moment_is_the_same_picture(take: Take) -> None:
    pictures = [frame(take.stage, take.views[1], 1, 1, 0.1)[0] for _ in range(2)]
    assert np.array_equal(*pictures)
