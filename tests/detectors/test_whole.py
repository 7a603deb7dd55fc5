from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pipeline.errors import UsageError
from tests.detectors.test_replay import Number
from tests.formats.labels import INFO, video


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_frame_is_the_box(configured: Callable[..., Any], count: int) -> None:
    detector = configured("detector", "whole", species="baboon")
    detector.begin(video(), INFO)
    answer = detector.detect([Number(f) for f in range(count)], np.repeat(np.eye(3)[None], count, axis=0))
    assert [boxes.xyxy.tolist() for boxes in answer] == [[[0, 0, 200, 100]]] * count
    assert [boxes.given_id.tolist() for boxes in answer] == [[1]] * count
    assert [boxes.species.tolist() for boxes in answer] == [["baboon"]] * count


def test_it_needs_no_pixels(configured: Callable[..., Any]) -> None:
    detector = configured("detector", "whole")
    assert not detector.previews


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"species": ""}, "species must not be empty; say animal where you do not know"),
        ({"period_s": -1.0}, "period_s must be >= 0, got -1.0"),
        ({"batch": 0}, "batch must be >= 1, got 0"),
    ],
)
def test_settings_are_checked(configured: Callable[..., Any], change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        configured("detector", "whole", **change)
