"""Places on the ground in the page and the methods text: nothing where there are none."""

import pandas as pd
import pytest

from pipeline.ethology.society.tables import GROUP_SPACE
from pipeline.ground.summary import Positions
from pipeline.report.cautions import cautions
from pipeline.report.citations import citations
from pipeline.report.methods import methods_text
from pipeline.report.sections.positions import positions_table
from tests.report import made
from tests.report.sections.read import rows, words

TOLD = Positions(100, 90, 1.44, 2.61, 4, 5, 1, "DJI subtitles", {"pitch_deg": -30.0})
STATED = Positions(50, 50, 0.8, 1.0, 0, 0, 0, "", {"pitch_deg": -90.0, "height_m": 30.0, "focal_35mm": 24.0})
NONE = Positions(9, 0, float("nan"), float("nan"), 9, 0, 0, "Airdata flight log", {})
GROUND = {
    "point": "foot", "height_error_m": 1.0, "gimbal_error_deg": 1.0, "focal_error": 0.03, "box_error_px": 3.0,
    "max_error_m": 5.0,
}  # fmt: skip


def written(*positions: Positions | None, ground: dict[str, object] = GROUND) -> str:
    videos = [made.line(f"{k}.mp4", positions=of) for k, of in enumerate(positions)]
    return " ".join(methods_text(made.summary(*videos, told={"ground": ground}), {}))


def test_the_table_has_a_row_a_video_with_places() -> None:
    videos = [made.line(f"{k}.mp4", positions=of) for k, of in enumerate([TOLD, None, STATED, NONE])]
    table = positions_table(videos)
    lens = "pitch -90 deg, height 30 m, focal length 24 mm (35 mm film)"
    withheld = "too uncertain 4, at the horizon 5, too little told 1"
    assert rows(table)[-3:] == [
        ["0.mp4", "90 of 100 (90 %)", "1.4 m", "2.6 m", "DJI subtitles; stated: pitch -30 deg", withheld],
        ["2.mp4", "50 of 50 (100 %)", "0.8 m", "1.0 m", f"stated: {lens}", "-"],
        ["3.mp4", "0 of 9 (0 %)", "-", "-", "Airdata flight log", "too uncertain 9"],
    ]
    assert "Slopes and the drone's own place and compass are not in it" in words(table)
    assert positions_table([made.line()]) == ""


@pytest.mark.parametrize(
    ("positions", "text"),
    [
        ([None, NONE], ""),
        (
            [TOLD],
            "where a ray through the foot of their box meets flat ground as high as the take-off (Barber et al. 2006), "
            "from the camera's height, direction and focal length, told by DJI subtitles where not stated (pitch -30 "
            "deg): 90 of 100 boxes in 1 video. By stated standard errors of height (1 m), camera angles (1 deg), focal "
            "length (3.0 %) and box (3 px), the standard error of a place is 1.4 m in the median (90 % under 2.6 m); "
            "places with more than 5 m were withheld.",
        ),
        (
            [STATED],
            "meets flat ground (Barber et al. 2006), from the camera's height, direction and focal length, stated",
        ),
        ([TOLD, STATED], "140 of 150 boxes in 2 videos"),
        ([TOLD, STATED], "is 0.8 to 1.4 m in the median (90 % under 1.0 to 2.6 m)"),
    ],
)
def test_the_methods_say_how_places_were_found(positions: list[Positions | None], text: str) -> None:
    said = written(*positions)
    assert text in said
    assert ("Animals were placed" in said) == bool(text)
    assert any(one.startswith("Barber") for one in citations({}, [said])) == bool(text)


def test_runs_that_differ_state_no_errors() -> None:
    said = written(TOLD, ground={})
    assert (
        "By the errors stated of these, the standard error of a place is 1.4 m in the median (90 % under 2.6 m)."
        in said
    )


@pytest.mark.parametrize(("nearest_m", "blurred"), [(1.2, True), (3.0, False), (None, False)])
def test_distances_within_their_error_are_pointed_out(nearest_m: float | None, blurred: bool) -> None:
    medians = {"nearest_m": nearest_m, "nearest_error_m": 0.8, "nearest_bl": 1.0}
    space = pd.DataFrame({"measure": list(medians), "median": list(medians.values())}).dropna()
    space = space.assign(level="session", unit="day 1", session="day 1", species="all", measured_in="m", n_sessions=1)
    space = space.reindex(columns=GROUP_SPACE.names).fillna({"n_individuals": 0, "n_tracks": 2, "n_instants": 9})
    space = GROUP_SPACE.cast(space.fillna({"most_at_once": 2, "method": ""}))
    said = " ".join(cautions(made.summary(made.line()), {"group_space": space}))
    assert ("under two standard deviations of their error: day 1 1.2 m with an error of 0.8 m" in said) == blurred
