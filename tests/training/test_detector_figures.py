"""The figures of a card: by species and size, with answers that can be done in one's head."""

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
        (found(), {"map50": 0.0, "ap50_zebra": 0.0, "ap50_small": 0.0}),  # nothing is found
        (found((*SMALL, 0.9), (*LARGE, 0.8)), {"map50": 1.0, "map50_95": 1.0, "ap50_zebra": 1.0, "ap50_95_small": 1.0}),
        # 80 of 100 px wide: an IoU of 0.8, which is right at 0.5 to 0.8, 7 of 10 least overlaps
        (found((1, "zebra", 0, 0, 80, 100, 0.9)), {"ap50_large": 1.0, "ap50_95_large": 0.7, "recall": 0.5}),
        # a large box where nothing is costs the large and not the small
        (
            found((0, "zebra", 200, 200, 300, 300, 0.9), (*SMALL, 0.8), (*LARGE, 0.7)),
            {"ap50_small": 1.0, "ap50_large": 0.5},
        ),
    ],
)
def test_figures_of_one_species(detections: pd.DataFrame, expected: dict[str, float]) -> None:
    told = figures(detections, truth(SMALL, LARGE))
    assert {name: told[name] for name in expected} == {name: pytest.approx(value) for name, value in expected.items()}
    assert "ap50_medium" not in told  # there is none to measure it by


def test_an_animal_called_by_another_name_is_found_and_its_species_missed() -> None:
    boxes = truth(SMALL, (1, "oryx", 0, 0, 20, 20))
    told = figures(found((0, "oryx", 0, 0, 20, 20, 0.9), (1, "oryx", 0, 0, 20, 20, 0.8)), boxes)
    assert (told["map50"], told["ap50_zebra"], told["ap50_oryx"]) == (1.0, 0.0, pytest.approx(0.5))
    assert told["map50_species"] == pytest.approx(0.25)


def test_nothing_to_measure_by_gives_no_figure() -> None:
    assert figures(found((*SMALL, 0.9)), truth((0, "zebra", 0, 0, 20, 9))) == {}  # under 16 px high


def test_what_was_left_out_is_neither_right_nor_wrong() -> None:
    boxes = pd.concat([truth(SMALL), truth((0, "zebra", 50, 50, 70, 70), left_out="cut")], ignore_index=True)
    told = figures(found((0, "zebra", 50, 50, 70, 70, 0.9), (*SMALL, 0.8)), boxes)
    assert told["map50"] == 1.0
