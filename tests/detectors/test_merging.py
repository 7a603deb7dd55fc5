import numpy as np
import pytest

from pipeline.detectors.merging import merge
from pipeline.detectors.tiles import tiles_of
from pipeline.types import Detections

WHOLE = np.array([[0, 0, 1000, 400]])
THREE = tiles_of(1000, 400, 400, 0.25)  # x from 0 to 400, 300 to 700, 600 to 1000
BOTH = np.concatenate([WHOLE, THREE])


def seen(*boxes: tuple[list[float], float, str]) -> Detections:
    """What one tile shows: boxes, scores and species."""
    return Detections.of([b[0] for b in boxes], [b[1] for b in boxes], [b[2] for b in boxes])


def merged(found: list[Detections], tiles: "np.ndarray[tuple[int, int], np.dtype[np.int64]]") -> list[list[float]]:
    """Corners of what is left."""
    return merge(found, tiles, 1000, 400, 0.5).xyxy.round(6).tolist()


def test_nothing_seen() -> None:
    assert len(merge([Detections.none()] * 3, THREE, 1000, 400, 0.5)) == 0


def test_one_box_stays_as_it_is() -> None:
    one = merge([seen(([10, 20, 50, 60], 0.7, "zebra"))], WHOLE, 1000, 400, 0.5)
    assert (one.xyxy.tolist(), one.score.tolist(), one.species.tolist()) == ([[10, 20, 50, 60]], [0.7], ["zebra"])
    assert one.share.tolist() == [1.0]


NONE = Detections.none()


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # the same animal in two tiles: the mean weighted by score
        (
            [seen(([310, 0, 350, 40], 0.6, "zebra")), seen(([314, 0, 354, 40], 0.2, "zebra")), NONE],
            [[311, 0, 351, 40]],
        ),
        # two animals side by side stay two
        (
            [seen(([10, 0, 50, 40], 0.6, "zebra"), ([40, 0, 80, 40], 0.5, "zebra")), NONE, NONE],
            [[10, 0, 50, 40], [40, 0, 80, 40]],
        ),
        # a fragment, though surer, yields to the whole animal
        (
            [seen(([350, 0, 400, 40], 0.9, "cow")), seen(([350, 0, 430, 40], 0.5, "zebra")), NONE],
            [[350, 0, 430, 40]],
        ),
        # a fragment that two whole animals cover together yields too
        (
            [
                seen(([340, 0, 400, 40], 0.9, "cow")),
                seen(([340, 0, 370, 40], 0.6, "zebra"), ([370, 0, 430, 40], 0.5, "zebra")),
                NONE,
            ],
            [[340, 0, 370, 40], [370, 0, 430, 40]],
        ),
        # two fragments of an animal that no tile holds whole are stitched
        (
            [seen(([250, 0, 400, 40], 0.9, "zebra")), seen(([300, 0, 500, 40], 0.5, "zebra")), NONE],
            [[250, 0, 500, 40]],
        ),
        # and three
        (
            [
                seen(([250, 0, 400, 40], 0.9, "zebra")),
                seen(([300, 0, 700, 40], 0.5, "zebra")),
                seen(([600, 0, 800, 40], 0.5, "zebra")),
            ],
            [[250, 0, 800, 40]],
        ),
        # fragments at other heights are two animals, both too long for a tile
        (
            [seen(([250, 0, 400, 40], 0.9, "zebra")), seen(([300, 100, 500, 140], 0.5, "zebra")), NONE],
            [[250, 0, 400, 40], [300, 100, 500, 140]],
        ),
        # a fragment alone, whose place the tile beside shows away from its borders without an animal
        ([seen(([350, 0, 400, 40], 0.9, "zebra")), NONE, NONE], []),
        # a fragment alone that the tile beside shows cut as well: kept, there is nothing better
        ([seen(([250, 0, 400, 40], 0.9, "zebra")), NONE, NONE], [[250, 0, 400, 40]]),
        # at the border of the frame nothing is cut
        ([seen(([0, 0, 50, 40], 0.9, "zebra")), NONE, NONE], [[0, 0, 50, 40]]),
        # a box around two surer animals goes
        (
            [
                seen(([10, 0, 50, 40], 0.6, "zebra"), ([60, 0, 100, 40], 0.5, "zebra"), ([5, 0, 105, 40], 0.4, "cow")),
                NONE,
                NONE,
            ],
            [[10, 0, 50, 40], [60, 0, 100, 40]],
        ),
        # a foal before its mother: one tile shows both
        (
            [seen(([310, 0, 390, 80], 0.6, "zebra"), ([320, 40, 350, 80], 0.5, "zebra")), NONE, NONE],
            [[310, 0, 390, 80], [320, 40, 350, 80]],
        ),
        # a leg: seen in another tile than the animal it belongs to
        (
            [seen(([310, 0, 390, 80], 0.6, "zebra")), seen(([320, 40, 350, 80], 0.5, "zebra")), NONE],
            [[310, 0, 390, 80]],
        ),
        # boxes without area are no reason to stop
        ([seen(([50, 50, 50, 50], 0.6, "zebra")), NONE, NONE], [[50, 50, 50, 50]]),
    ],
)
def test_merge(found: list[Detections], expected: list[list[float]]) -> None:
    assert merged(found, THREE) == expected


def test_fragments_yield_to_the_whole_frame() -> None:
    found = [
        seen(([250, 0, 800, 200], 0.4, "zebra")),
        seen(([250, 0, 400, 200], 0.9, "cow")),
        seen(([300, 0, 700, 200], 0.9, "cow")),
        seen(([600, 0, 800, 200], 0.9, "cow")),
    ]
    one = merge(found, BOTH, 1000, 400, 0.5)
    assert one.xyxy.tolist() == [[250, 0, 800, 200]]
    assert (one.species.tolist(), one.share.tolist(), one.score.tolist()) == (["zebra"], [1.0], [0.4])


@pytest.mark.parametrize(
    ("votes", "species", "share"),
    [
        ([("zebra", 0.6), ("zebra", 0.2)], "zebra", 1.0),  # of one mind
        ([("horse", 0.5), ("zebra", 0.3), ("zebra", 0.2), ("zebra", 0.25)], "zebra", 0.6),  # the sum decides
        ([("zebra", 0.5), ("horse", 0.5)], "horse", 0.5),  # as many: the first by name
    ],
)
def test_species_is_voted(votes: list[tuple[str, float]], species: str, share: float) -> None:
    one = merge([seen(*(([10, 10, 50, 50], score, name) for name, score in votes))], WHOLE, 1000, 400, 0.5)
    assert (one.species.tolist(), one.share.round(6).tolist()) == ([species], [share])
    assert one.score.tolist() == [max(score for _, score in votes)]


def test_order_of_tiles_and_boxes_plays_no_part() -> None:
    rng = np.random.default_rng(1)
    corner = rng.uniform(0, [900, 300], (60, 2))
    found = [
        Detections.of(np.hstack([corner, corner + rng.uniform(5, 100, (60, 2))])[k::4], 0.5, rng.choice(["a", "b"], 15))
        for k in range(4)
    ]
    first = merge(found, BOTH, 1000, 400, 0.5)
    again = merge([one[np.arange(14, -1, -1)] for one in found[::-1]], BOTH[::-1], 1000, 400, 0.5)
    assert first.xyxy.tobytes() == again.xyxy.tobytes()
    assert (first.species == again.species).all()
