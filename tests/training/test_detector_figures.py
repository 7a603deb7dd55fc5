"""AP by species, by IoU and by size, with answers that can be done in one's head."""

from typing import Any

import pandas as pd
import pytest

from pipeline.training.detector_figures import figures

BOXES = ["frame", "species", "x1", "y1", "x2", "y2"]


def truth(*rows: tuple[Any, ...], left_out: str = "") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=BOXES).assign(left_out=left_out)


def found(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[*BOXES, "score"])


SMALL, LARGE = (0, "zebra", 0, 0, 20, 20), (1, "zebra", 0, 0, 100, 100)


@pytest.mark.parametrize(
    ("detections", "expected"),
    [
        (found(), {"map50": 0.0, "map50_95": 0.0, "map50_small": 0.0, "map50_large": 0.0}),  # nothing is found
        (found((*SMALL, 0.9), (*LARGE, 0.8)), {"map50": 1.0, "map50_95": 1.0, "map50_95_small": 1.0}),  # all of it
        # 80 of 100 px wide: an IoU of 0.8, which is right at 0.5 to 0.8, 7 of 10 thresholds
        (found((1, "zebra", 0, 0, 80, 100, 0.9)), {"map50_large": 1.0, "map50_95_large": 0.7, "map50_small": 0.0}),
        # a large box where nothing is costs the large and not the small
        (
            found((0, "zebra", 200, 200, 300, 300, 0.9), (*SMALL, 0.8), (*LARGE, 0.7)),
            {"map50_small": 1.0, "map50_large": 0.5},
        ),
    ],
)
def test_figures_of_one_species(detections: pd.DataFrame, expected: dict[str, float]) -> None:
    told = figures(detections, truth(SMALL, LARGE), ("zebra",))
    assert {name: told[name] for name in expected} == {name: pytest.approx(value) for name, value in expected.items()}
    assert "map50_medium" not in told  # there is none to measure it by


def test_the_mean_is_over_species_and_one_without_boxes_has_no_figure() -> None:
    boxes = truth(SMALL, (0, "oryx", 50, 50, 70, 70))
    told = figures(found((*SMALL, 0.9)), boxes, ("oryx", "zebra", "giraffe"))
    assert (told["map50_zebra"], told["map50_oryx"], told["map50"]) == (1.0, 0.0, 0.5)
    assert "map50_giraffe" not in told


def test_an_animal_called_by_another_name_is_a_miss_and_a_false_alarm() -> None:
    boxes = truth(SMALL, (1, "oryx", 0, 0, 20, 20))
    told = figures(found((0, "oryx", 0, 0, 20, 20, 0.9), (1, "oryx", 0, 0, 20, 20, 0.8)), boxes, ("oryx", "zebra"))
    assert told["map50_zebra"] == 0.0
    assert told["map50_oryx"] == pytest.approx(0.5)  # the first of two is wrong


def test_what_was_left_out_is_neither_right_nor_wrong() -> None:
    boxes = pd.concat([truth(SMALL), truth((0, "zebra", 50, 50, 60, 60), left_out="cut")], ignore_index=True)
    told = figures(found((0, "zebra", 50, 50, 60, 60, 0.9), (*SMALL, 0.8)), boxes, ("zebra",))
    assert told["map50"] == 1.0
