"""The edge of the footage: where it goes, what it leaves of an animal, what is black."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.simulate.edge import KEPT, LEAST_KEPT, SHARE, Edge, draw

BOXES = np.array([[10.0, 20.0, 50.0, 40.0], [20.0, 20.0, 60.0, 40.0], [30.0, 20.0, 70.0, 40.0]])  # goes right by 10
GROUND = np.array([[30.0, 40.0]] * 3)  # of a camera that stands


@pytest.mark.parametrize(
    ("edge", "places", "part"),
    [
        (Edge(0, True, 0.5, still=0.0), [30, 40, 50], [20, 20, 40, 40]),  # rides with the animal, half of it gone
        (Edge(0, True, 0.5, still=1.0), [40, 40, 46], [20, 20, 40, 40]),  # stays; the animal leaves, to LEAST_KEPT
        (Edge(0, False, 0.75, still=1.0), [30, 30, 30], [30, 20, 60, 40]),  # the left edge, from which it comes
        (Edge(1, True, 0.5, still=0.5), [30, 30, 30], [20, 20, 60, 30]),  # its legs are past the bottom edge
        (Edge(1, False, 1.2, still=0.0), [16, 16, 16], [20, 20, 60, 40]),  # only ground above it is cut
        (Edge(0, True, np.inf, still=0.5), [np.inf] * 3, [20, 20, 60, 40]),  # no edge near
    ],
)
def test_what_is_left_of_a_walking_animal(edge: Edge, places: list[float], part: list[float]) -> None:
    found = edge.places(BOXES, GROUND)
    assert found == pytest.approx(places)
    assert edge.parts(BOXES, found)[1] == pytest.approx(part)
    assert (edge.parts(BOXES, found)[:, 2:] > edge.parts(BOXES, found)[:, :2]).all()


def test_at_least_some_of_the_animal_stays() -> None:
    ground = GROUND + np.array([[200.0, 0.0], [0.0, 0.0], [-200.0, 0.0]])  # the camera swings
    for far in (False, True):
        edge = Edge(0, far, 0.6, still=1.0)
        part = edge.parts(BOXES, edge.places(BOXES, ground))
        share = (part[:, 2] - part[:, 0]) / (BOXES[:, 2] - BOXES[:, 0])
        assert share.min() == pytest.approx(LEAST_KEPT)
        assert share[1] == pytest.approx(0.6)


def test_what_is_past_it() -> None:
    edge = Edge(0, True, 1.0, 0.0)
    right = edge.past(np.array([3.0, 1.2]), 4, 2)
    assert right[:, 0].tolist() == [[False, False, False, True], [False, True, True, True]]
    assert replace(edge, far=False).past(np.array([3.0]), 4, 2)[0, 0].tolist() == [True, True, True, False]
    assert replace(edge, axis=1).past(np.array([1.0]), 4, 2)[0, :, 0].tolist() == [False, True]
    assert not edge.past(np.array([np.inf]), 4, 2).any()


def test_a_share_of_the_clips_is_cut() -> None:
    drawn = [draw(np.random.default_rng(seed)) for seed in range(2000)]
    cut = [edge for edge in drawn if np.isfinite(edge.kept)]
    assert len(cut) / len(drawn) == pytest.approx(SHARE, abs=0.03)
    assert all(KEPT[0] <= edge.kept <= KEPT[1] for edge in cut)
    assert {(edge.axis, edge.far) for edge in cut} == {(0, False), (0, True), (1, False), (1, True)}
