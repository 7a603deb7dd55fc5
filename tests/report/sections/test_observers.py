import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.observers import compare, tables
from pipeline.ethology.observers.settings import ObserverSettings
from pipeline.ethology.record import record
from pipeline.report.methods_analysis import analysis
from pipeline.report.sections.observers import observers
from tests.ethology.made import bouts_of, ethogram
from tests.report.sections.read import rows, words


def design(*needed, **changes):
    """Rows of one behaviour: a number needed for 5 and for 10 minutes, and so on for each difference."""
    data = pd.DataFrame({"needed": needed}).assign(
        set="behaviour", behaviour="Graze", level="individual", units=7, blocks=70, share=0.4, sd_between=0.1,
        sd_sessions=np.nan, sd_within_min=0.2, power=0.8, needed_t=3.0, note="Welch t test",
    )  # fmt: skip
    data["difference"] = [0.05 if k < 2 else 0.1 for k in range(len(needed))]
    data["minutes"] = [5.0, 10.0] * (len(needed) // 2)
    return tables.DESIGN.cast(data.assign(**changes))


def test_how_many_animals_are_needed_for_each_difference_and_time():
    shown = observers({"design": design(40, 21, 12, np.nan)}, [])
    assert rows(shown)[-2:] == [
        ["behaviour", "share", "individuals behind", "5 points", "10 points"],
        ["Graze", "40 %", "7", "40 / 21", "12 / -"],
    ]
    assert "with 5 / 10 visible minutes of each; Welch t test" in words(shown)


def test_more_than_were_tried_is_said():
    shown = observers({"design": design(np.nan, 21, note=["more than 200 in each condition", "Welch t test"])}, [])
    assert rows(shown)[-1][-1] == "more / 21"


def test_too_little_to_plan_from_is_said():
    few = design(np.nan, np.nan, share=np.nan, note="1 individuals with two blocks of 60 s or more, fewer than 3")
    text = words(observers({"design": few}, []))
    assert "Units needed: not computed, because: 1 individuals with two blocks of 60 s or more, fewer than 3" in text


def test_the_interval_between_independent_points_is_folded_away():
    spacing = pd.DataFrame(
        {"set": "behaviour", "behaviour": ["A", "B"], "n": [12, 3], "mean_s": [4.0, 2.0], "sd_s": [2.0, 1.0],
         "interval_s": [7.92, np.nan], "note": ["", "fewer than 10 bouts were seen"]}
    )  # fmt: skip
    shown = observers({"design": design(4, 4), "spacing": spacing}, [])
    assert ["A", "12", "4.0 s", "2.0 s", "7.9 s"] in rows(shown)
    assert not any(row[0] == "B" for row in rows(shown))
    assert "No interval between independent points, as fewer than 10 bouts were seen: B (3)." in words(shown)


def test_the_methods_text_says_that_whole_bouts_make_the_interval_short():
    settings = {
        "statistics": {"min_visible_s": 60.0, "confidence": 0.95, "min_units": 6},
        "observers": vars(ObserverSettings()),
    }  # fmt: skip
    sampled = pd.DataFrame({"method": ["scan"], "rmse": [0.1]})
    *_, told = analysis(settings, {"observers": sampled, "spacing": pd.DataFrame({"interval_s": [9.0]})})
    assert "(Bernstein 1991), which is too short where the record cuts many long ones." in told


def test_intervals_longer_than_every_video_are_named_once():
    of = record(bouts_of({"v.mp4": {1: "AABBA" * 8}}), ethogram("AB"))
    sampled = compare.observers(of, ObserverSettings(intervals_s=[5, 60, 120], focal_s=[10, 60], offsets=5))
    text = words(observers({"observers": sampled}, []))
    assert text.count("Not shown: intervals and samples of 60 and 120 s, longer than the longest video, 40 s.") == 1


@pytest.mark.parametrize("given", [{}, {"observers": tables.OBSERVERS.empty(), "design": tables.DESIGN.empty()}])
def test_nothing_for_nothing(given):
    assert observers(given, []) == ""
