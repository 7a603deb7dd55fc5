from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.errors import TableError
from pipeline.types import Detections


def given(*ids: int) -> Detections:
    boxes = Detections.of([[0, 0, 10, 10]] * len(ids), 1.0, "zebra")
    return replace(boxes, given_id=np.array(ids, dtype=np.int64))


@pytest.mark.parametrize(
    "ids",
    [
        (),  # empty
        (4,),  # one
        (0, 7),  # CVAT counts from 0
        (-1, 3, -1),  # two boxes came without an identity
    ],
)
def test_identities_are_handed_on(configured: Callable[..., Any], ids: tuple[int, ...]) -> None:
    tracker = configured("tracker", "replay")
    tracker.begin(0.1)
    assert tracker.update(0.0, given(*ids)).tolist() == list(ids)
    assert tracker.keeps_ids


def test_an_identity_given_twice_is_refused(configured: Callable[..., Any]) -> None:
    tracker = configured("tracker", "replay")
    with pytest.raises(TableError, match=r"identity 0, 3 is given to several boxes at 1.500 s; correct the labels"):
        tracker.update(1.5, given(3, 0, 3, 0, 1))


def test_what_was_handed_out_is_not_the_input(configured: Callable[..., Any]) -> None:
    detections = given(1, 2)
    configured("tracker", "replay").update(0.0, detections)[:] = 9
    assert detections.given_id.tolist() == [1, 2]
