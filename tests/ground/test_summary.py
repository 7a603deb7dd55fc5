"""What is said of a video's places: how many, how wrong, and why not of all."""

import numpy as np
import pytest

from pipeline.ground.summary import Positions
from tests.ground.made import flight, found

NAN = np.nan
BOXES = [(0, 1.0, 1.0), (0, 2.0, 2.0), (1, 3.0, 3.0), (1, NAN, 7.0), (1, NAN, NAN), (2, NAN, NAN), (3, NAN, 1.0)]


def test_every_box_is_placed_or_there_is_a_reason() -> None:
    """Of frame 2 no pitch is told, of frame 3 no place of the drone."""
    told = flight(4, pitch_deg=[-30, -30, NAN, -30], lat=[0, 0, 0, NAN], stated="height_m, pitch_deg", files="DJI")
    of = Positions.of(found(BOXES), told)
    assert (of.boxes, of.placed, of.uncertain, of.horizon, of.untold) == (7, 3, 1, 1, 2)
    assert (of.median_m, of.p90_m) == pytest.approx((2.0, 2.8))
    assert (of.files, dict(of.stated)) == ("DJI", {"height_m": 40, "pitch_deg": -30})


def test_places_from_the_drone_need_neither_heading_nor_fix() -> None:
    of = Positions.of(found([(0, 1.0, 1.0), (0, NAN, 9.0)]), flight(heading_deg=NAN))
    assert (of.placed, of.uncertain, of.untold) == (1, 1, 0)


def test_nothing_is_placed() -> None:
    of = Positions.of(found([(0, NAN, 9.0)]), flight())
    assert (of.placed, of.uncertain, np.isnan(of.median_m)) == (0, 1, True)
