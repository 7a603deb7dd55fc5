"""Figures of comparisons that can be done by hand."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.artifacts import write_json, write_table
from pipeline.comparison.behaviour import behaviour_figures, told
from pipeline.comparison.budgets import (
    FORMS,
    animal_figures,
    budget_figures,
    budgets,
    of_animals,
    shared_ethogram,
    transition_figures,
)
from pipeline.comparison.compare import Ran, compare, read_run
from pipeline.comparison.detection import average_precision, detection_figures
from pipeline.comparison.following import following_figures, numbered_by_stay
from pipeline.comparison.matching import counted, forgiven
from pipeline.comparison.pooled import pooled
from pipeline.comparison.table import lines
from pipeline.comparison.table import told as told_of_all
from pipeline.errors import UsageError
from pipeline.ethology.study import VideoTables
from pipeline.geodesy import lat_lon
from pipeline.simulate import record
from pipeline.simulate.truth import ANIMALS, animals_table, camera_table
from pipeline.simulate.truth_files import Truth
from pipeline.tables import BEHAVIOURS, DETECTIONS, FRAMES, TRACKS
from tests.ethology import made as words
from tests.simulate.made import ORIGIN, filmed

SIDE = 40.0


def truth(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """``ANIMALS`` of squares of 40 px: track, frame, left edge, and what is unlike visible=1, inside=1, Graze."""
    whole = []
    for track, frame, left, more in rows:
        row = dict.fromkeys(ANIMALS.names, 0.0) | {"species": "impala", "behaviour": "Graze", "scheduled": "Graze"}
        row |= {"track": track, "frame": frame, "time_s": frame / 10, "visible": 1.0, "inside": 1.0}
        row |= {"head_inside": True, "x1": left, "x2": left + SIDE, "y1": 0.0, "y2": SIDE} | more
        whole.append(row)
    return ANIMALS.cast(pd.DataFrame(whole, columns=ANIMALS.names))


def found(*rows: tuple[int, float, float], species: str = "animal") -> pd.DataFrame:
    """tables.DETECTIONS of squares: frame, left edge, score."""
    whole = [
        {"frame": frame, "time_s": frame / 10, "x1": left, "x2": left + SIDE, "y1": 0.0, "y2": SIDE, "score": score}
        for frame, left, score in rows
    ]
    table = pd.DataFrame(whole, columns=["frame", "time_s", "x1", "x2", "y1", "y2", "score"])
    return DETECTIONS.cast(table.assign(species=species, share=1.0, given_id=-1))


TWO = truth((1, 0, 0, {}), (2, 0, 100, {}))
HIDDEN = truth((1, 0, 0, {}), (2, 0, 100, {"visible": 0.2}))

# what was found, of whom, AP50, recall, precision
DETECTED = [
    ("nothing of nobody", found(), TWO[:0], None, None, None),
    ("nothing of one", found(), TWO[:1], 0.0, 0.0, None),
    ("one, exactly", found((0, 0, 0.5)), TWO[:1], 1.0, 1.0, 1.0),
    ("half of it: IoU 1/3", found((0, 20, 0.5)), TWO[:1], 0.0, 0.0, 0.0),
    ("a quarter beside it: IoU 0.6", found((0, 10, 0.5)), TWO[:1], 1.0, 1.0, 1.0),
    ("in another frame", found((1, 0, 0.5)), TWO[:1], 0.0, 0.0, 0.0),
    ("twice: the second is false, but behind", found((0, 0, 0.9), (0, 5, 0.5)), TWO[:1], 1.0, 1.0, 0.5),
    ("one of two: 51 of 101 recalls", found((0, 0, 0.9)), TWO, 51 / 101, 0.5, 1.0),
    ("a false one before the true one", found((0, 300, 0.9), (0, 0, 0.5)), TWO[:1], 0.5, 1.0, 0.5),
    (
        "true, false, true: precision 1, then 2/3",
        found((0, 0, 0.9), (0, 300, 0.8), (0, 100, 0.7)),
        TWO,
        (51 + 50 * 2 / 3) / 101,
        1.0,
        2 / 3,
    ),
    ("a hidden animal found: no merit", found((0, 0, 0.9), (0, 100, 0.8)), HIDDEN, 1.0, 1.0, 1.0),
    ("a hidden animal not found: no fault", found((0, 0, 0.9)), HIDDEN, 1.0, 1.0, 1.0),
    ("the visible bit of a hidden animal found: no fault", found((0, 0, 0.9), (0, 115, 0.8)), HIDDEN, 1.0, 1.0, 1.0),
    ("a false box beside a hidden animal: a fault", found((0, 0, 0.9), (0, 125, 0.8)), HIDDEN, 1.0, 1.0, 0.5),
]


@pytest.mark.parametrize(("here", "animals", "ap", "recall", "precision"), [c[1:] for c in DETECTED])
def test_detection(here, animals, ap, recall, precision) -> None:
    figures = detection_figures(here, animals)
    assert [figures[name] for name in ("map50", "recall", "precision")] == [
        None if value is None else pytest.approx(value) for value in (ap, recall, precision)
    ]


def test_weak_boxes_count_for_average_precision_alone() -> None:
    here = found((0, 0, 0.9), (0, 300, 0.2), (0, 100, 0.1))
    every, followed = detection_figures(here, TWO), detection_figures(here, TWO, least_score=0.3)
    assert every["map50"] == followed["map50"] == pytest.approx((51 + 50 * 2 / 3) / 101)
    assert [every[name] for name in ("recall", "precision", "detections")] == [1.0, 2 / 3, 3]
    assert [followed[name] for name in ("recall", "precision", "detections")] == [0.5, 1.0, 1]
    (of_species,) = followed["per_species"].values()
    assert (of_species["boxes"], of_species["recall"]) == (2, 0.5)
    (of_size,) = followed["per_size"].values()
    assert of_size["recall"] == 0.5


def test_average_precision_as_drawn() -> None:
    hit, once, two = np.array([True, False, True]), np.ones((1, 3)), np.array([2.0])
    assert average_precision(hit, once, two) == pytest.approx([0.835], abs=0.001)


def test_the_species_counts_only_where_the_names_agree() -> None:
    here = found((0, 0, 0.9), (0, 100, 0.8), species="giraffe")
    animals = TWO.assign(species=["giraffe", "impala"])
    assert detection_figures(here.assign(species="animal"), animals)["map50_species"] is None
    figures = detection_figures(here, animals)
    assert figures["map50"] == 1.0
    assert figures["map50_species"] == 0.5  # the giraffe 1, the impala that was called a giraffe 0
    assert figures["per_species"]["impala"] == {"boxes": 1, "recall": 1.0, "ap50": 0.0, "ap50_95": 0.0}


# what is unlike, whether it counts
COUNTS = [
    ({}, True),
    ({"visible": 0.3}, True),
    ({"visible": 0.29}, False),  # hidden
    ({"inside": 0.5}, True),
    ({"inside": 0.49}, False),  # cut by the edge
    ({"y2": 16.0}, True),
    ({"y2": 15.9}, False),  # small
]


@pytest.mark.parametrize(("unlike", "counts"), COUNTS)
def test_what_counts(unlike, counts) -> None:
    assert counted(truth((1, 0, 0, unlike))).tolist() == [counts]


def test_a_box_is_not_forgiven_when_it_is_the_only_one_of_an_animal_that_counts() -> None:
    close = truth((1, 0, 0, {}), (2, 0, 4, {"visible": 0.1}))  # the box is more like the hidden one
    assert forgiven(close, found((0, 4, 0.9))).tolist() == [False]
    assert forgiven(close, found((0, 4, 0.9), (0, 0, 0.9))).tolist() == [True, False]


def tracks(*rows: tuple[int, int, float]) -> pd.DataFrame:
    """tables.TRACKS of squares: track, frame, left edge."""
    whole = [
        (track, frame, frame / 10, left, 0.0, left + SIDE, SIDE, 0.9, "animal", True) for track, frame, left in rows
    ]
    return TRACKS.cast(pd.DataFrame(whole, columns=TRACKS.names))


HERD = truth(*[(1, k, 0, {}) for k in range(10)], *[(2, k, 100, {"visible": 0.1}) for k in range(10)])

# tracks, HOTA and IDF1 in per cent
FOLLOWED = [
    ("perfect", tracks(*[(7, k, 0) for k in range(10)]), 100.0, 100.0),
    ("and the hidden one too", tracks(*[(t, k, x) for k in range(10) for t, x in ((7, 0), (8, 100))]), 100.0, 100.0),
    ("another name from the middle on", tracks(*[(7 + k // 5, k, 0) for k in range(10)]), 100 * 0.5**0.5, 50.0),
    ("nothing", tracks(), 0.0, 0.0),
]


@pytest.mark.parametrize(("here", "hota", "idf1"), [c[1:] for c in FOLLOWED], ids=[c[0] for c in FOLLOWED])
def test_following(here, hota, idf1) -> None:
    figures = following_figures(here, HERD)
    assert (figures["hota"], figures["idf1"]) == pytest.approx((hota, idf1))


# frames with a box of animal 4 and of animal 9 (looked at: 0, 2, 4, 6), their numbers in order of animal and frame
STAYS = [
    ([], [], []),
    ([0, 2, 4, 6], [2, 4], [1, 1, 1, 1, 2, 2]),
    ([0, 2, 6], [], [1, 1, 2]),  # away for one look
    ([0, 6], [0, 6], [1, 2, 3, 4]),
]


@pytest.mark.parametrize(("first", "second", "numbers"), STAYS)
@pytest.mark.parametrize("shuffled", [False, True])
def test_who_comes_back_into_the_picture_is_a_new_one_by_stay(first, second, numbers, shuffled) -> None:
    rows = truth(*[(4, k, 0, {}) for k in first], *[(9, k, 100, {}) for k in second])
    rows = rows.sample(frac=1.0, random_state=3) if shuffled else rows
    numbered = numbered_by_stay(rows, np.array([0, 2, 4, 6]))
    assert numbered["track"].tolist() == numbers
    assert numbered["frame"].tolist() == [*first, *second]


def test_a_new_name_after_an_absence_is_right_by_stay() -> None:
    looks = np.arange(10)
    rows = truth(*[(1, k, 0, {}) for k in range(10) if k != 5])
    here = tracks(*[(7 + (k > 5), k, 0) for k in range(10) if k != 5])
    assert following_figures(here, rows)["idf1"] == pytest.approx(100 * 10 / 18)
    assert following_figures(here, numbered_by_stay(rows, looks))["idf1"] == pytest.approx(100.0)


def test_following_nobody() -> None:
    assert following_figures(tracks((1, 0, 0)), HERD[:0])["hota"] is None


def test_behaviours_frame_by_frame() -> None:
    """Grazes 4 frames, told 3 of them right and 1 unknown; walks 2, both called Run, its head in one of them out of the
    picture; 1 frame Occluded; grazes 2 with its head out of it.
    """
    does = ["Graze"] * 4 + ["Walk"] * 2 + ["Occluded"] + ["Graze"] * 2
    shown = [{"behaviour": word, "scheduled": "Graze" if word == "Occluded" else word} for word in does]
    less = {5: {"head_inside": False}, 6: {"visible": 0.1}, 7: {"head_inside": False}, 8: {"head_inside": False}}
    animals = truth(*[(1, k, 0, row | less.get(k, {})) for k, row in enumerate(shown)])
    here = tracks(*[(5, k, 0) for k in range(9)])
    said = ["Graze", "Graze", "Graze", "unknown", "Run", "Run", "Graze", "Run", "unknown"]
    table = here[["track", "frame", "time_s"]].assign(
        duration_s=0.1, set="behaviour", behaviour=said, confidence=0.5, reason=""
    )
    figures = behaviour_figures(told(here, BEHAVIOURS.cast(table), animals), animals)
    assert figures["macro_top1"] == pytest.approx((3 / 4 + 0) / 2)
    assert figures["accuracy"] == pytest.approx(3 / 6)
    assert figures["accuracy_where_told"] == pytest.approx(3 / 5)
    assert figures["matched_share"] == 1
    assert figures["per_behaviour"] == {
        "Walk": {"frames": 2, "recall": 0.0, "precision": None},
        "Graze": {"frames": 4, "recall": 0.75, "precision": 1.0},
    }
    assert figures["confusion"]["Graze"] == {"Graze": 3, "Run": 0, "unknown": 1}
    assert figures["confusion"]["Occluded"] == {"Graze": 1, "Run": 1, "unknown": 1}


def test_a_behaviour_that_kabr_does_not_have_counts_too() -> None:
    """Lies 3 frames, told 2 of them right and 1 Grazes; the truth alone knows Doze."""
    does, said = ["Lie", "Lie", "Lie", "Doze"], ["Lie", "Lie", "Graze", "Graze"]
    animals = truth(*[(1, k, 0, {"behaviour": word}) for k, word in enumerate(does)])
    here = tracks(*[(5, k, 0) for k in range(4)])
    table = here[["track", "frame", "time_s"]].assign(
        duration_s=0.1, set="behaviour", behaviour=said, confidence=0.5, reason=""
    )
    figures = behaviour_figures(told(here, BEHAVIOURS.cast(table), animals), animals)
    assert figures["macro_top1"] == pytest.approx((2 / 3 + 0) / 2)
    assert figures["confusion"] == {"Doze": {"Graze": 1, "Lie": 0}, "Lie": {"Graze": 1, "Lie": 2}}
    true = table.assign(behaviour=does)
    assert shared_ethogram(true, table).names()[-2:] == ("Doze", "Lie")


def test_behaviours_of_nobody() -> None:
    figures = behaviour_figures(told(tracks(), BEHAVIOURS.empty(), HERD[:0]), HERD[:0])
    assert (figures["macro_top1"], figures["confusion"]) == (None, {})


LETTERS = {"A": "Graze", "B": "Walk", "C": "Run"}


def side(*tracks_as_words: str) -> VideoTables:
    """A video of one frame a second, a word a track: A Graze, B Walk, C Run, ? unknown, - not visible."""
    table = words.behaviours(dict(enumerate(tracks_as_words, 1)))
    table = BEHAVIOURS.cast(table.assign(behaviour=table["behaviour"].replace(LETTERS)))
    return VideoTables("v", words.frames(max(map(len, tracks_as_words))), words.tracks(table), table)


def made(*tracks_as_words: str):
    one = side(*tracks_as_words)
    return budgets(one, shared_ethogram(one.behaviours), 1.0, 0.0)


# true, found; mean absolute error, total variation, worst relative error, bouts found / true
BUDGETS = [
    ("the same", "AAAB", "AAAB", 0.0, 0.0, 0.0, 1.0),
    ("one of four wrong: 0.75 0.25 become 0.5 0.5", "AAAB", "AABB", 0.25, 0.25, 1.0, 1.0),
    ("a third behaviour adds to the error alone: 0.5 0.25 0.25", "AAAB", "AACB", 0.25, 0.25, 1 / 3, 1.5),
    ("unknown leaves the denominator", "AAAB", "A??B", 0.25, 0.25, 1.0, 1.0),
    ("nothing was recognized", "AAAB", "????", 0.5, 1.0, 1.0, 0.0),
]


@pytest.mark.parametrize(("true", "here", "mae", "variation", "worst", "ratio"), [c[1:] for c in BUDGETS])
def test_budgets(true, here, mae, variation, worst, ratio) -> None:
    figures = budget_figures(made(true), made(here))
    names = ("mae", "total_variation", "worst_relative_error", "bout_ratio")
    assert [figures[name] for name in names] == pytest.approx([mae, variation, worst, ratio])


def test_budgets_of_nobody() -> None:
    assert budget_figures(made("--"), made("AB"))["mae"] is None


# true, found; of Graze: number and mean length of its bouts, found / true; whose are apart
BOUTS = [
    ("the same", "AAAABBBB", "AAAABBBB", 1.0, 1.0, []),
    ("cut in two by a moment's doubt", "AAAAABBB", "AABAABBB", 2.0, 0.4, ["Walk", "Graze"]),
    ("none found", "AAAABBBB", "????BBBB", 0.0, None, ["Graze"]),
    ("what never is", "AAAABBBB", "AAAABBBC", 1.0, 1.0, ["Walk", "Run"]),  # three of four seconds of Walk: 0.75
]


@pytest.mark.parametrize(("true", "here", "number", "length", "apart"), [c[1:] for c in BOUTS])
def test_bouts(true, here, number, length, apart) -> None:
    figures = budget_figures(made(true), made(here))
    graze = figures["per_behaviour"]["Graze"]
    assert (graze["bout_ratio"], graze["duration_ratio"]) == (number, length)
    assert figures["bouts_apart"] == apart


def test_several_comparisons_are_one_longer_one() -> None:
    sides = [("AAAB", "AABB"), (LONG, "AB" * 21), ("C" * 60, "C" * 57 + "BBB")]
    parts = json.loads(json.dumps([compared(*one) for one in sides]))  # as they are read from files
    whole = pooled(parts)
    together = compared(*(words for words in zip(*sides, strict=True)))
    assert whole["per_behaviour"] == together["per_behaviour"]
    assert whole["time_budget"].pop("bouts_apart") == together["time_budget"].pop("bouts_apart") == ["Run"]
    assert whole["time_budget"] == pytest.approx(together["time_budget"])
    for key in FORMS:
        assert whole[key] == together[key]
    assert whole["budgets_of_animals"] == {
        "median": pytest.approx(0.05), "p90": pytest.approx(0.05), "animals": 1, "median_of_all": pytest.approx(0.05),
    }  # fmt: skip
    line, met = list(told_of_all(pooled(parts)))[1]
    assert (line.split()[-4:], met) == (["0.050", "<=", "0.060", "met"], True)


# true, found; mean absolute error and worst total variation over the rows with 20 true transitions
LONG = "AB" * 20 + "AC"  # out of A: 20 to B, 1 to C; out of B: 20 to A
TRANSITIONS = [
    ("too few", "ABAB", "ABAB", None, None),
    ("the same", LONG, LONG, 0.0, 0.0),
    # out of A: 1 to B instead of 20/21, none to C instead of 1/21; out of B no error; three cells
    ("never to C", LONG, "AB" * 21, 2 / 21 / 3, 1 / 21),
    ("never out of B: its row is all wrong", LONG, "AC" * 21, 1.0 * (20 / 21 + 20 / 21 + 1) / 3, 1.0),
]


@pytest.mark.parametrize(("true", "here", "mae", "worst"), [c[1:] for c in TRANSITIONS])
def test_transitions(true, here, mae, worst) -> None:
    figures = transition_figures(made(true), made(here), "bout")
    assert figures["mae"] == (None if mae is None else pytest.approx(mae))
    assert figures["worst_total_variation"] == (None if worst is None else pytest.approx(worst))
    assert sum(row.get("Walk", 0) for row in figures["counts"]["true"].values()) == true.count("B")  # begins with A


def compared(true, here) -> dict[str, Any]:
    """What a comparison says of budgets, bouts and transitions; each word a track, or several."""
    sides = [side(*([words] if isinstance(words, str) else words)) for words in (true, here)]
    ethogram = shared_ethogram(*(one.behaviours for one in sides))
    first, second = (budgets(one, ethogram, 1.0, 0.0) for one in sides)
    matched = sides[0].behaviours[["track"]].assign(animal=sides[0].behaviours["track"])
    figures = budget_figures(first, second)
    return {
        "per_behaviour": figures.pop("per_behaviour"),
        "time_budget": figures,
        "budgets_of_animals": animal_figures(matched, *(one.behaviours for one in sides), ethogram),
        **{key: transition_figures(first, second, form) for key, form in FORMS.items()},
    }


def test_budgets_of_animals() -> None:
    """Animal 1 in two tracks (7 for most frames, 9), animal 2 in none."""
    true, here = side("A" * 60, "A" * 59 + "B"), side("A" * 30, "AAAAABBBBB")
    found_there = here.behaviours.assign(track=here.behaviours["track"].map({1: 7, 2: 9}))
    matched = pd.DataFrame({"track": [7] * 30 + [9] * 10, "animal": [1] * 40})
    figures = animal_figures(matched, true.behaviours, found_there, shared_ethogram(true.behaviours))
    assert figures["per_animal"] == {
        1: {"visible_s": 60.0, "total_variation": 0.125},  # 5 of 40 s wrong
        2: {"visible_s": 60.0, "total_variation": 1.0},
    }
    assert (figures["median"], figures["animals"]) == (0.5625, 2)


@pytest.mark.parametrize(("visible_s", "animals"), [(1798 * 1001 / 30000, 1), (1796 * 1001 / 30000, 0)])
def test_a_minute_of_film_may_lack_a_frame(visible_s: float, animals: int) -> None:
    assert of_animals([{"visible_s": visible_s, "total_variation": 0.1}])["animals"] == animals


def perfect() -> tuple[Ran, Truth]:
    """A run that found the truth of the film of squares."""
    animals = animals_table(filmed())
    frames = record.frames(filmed().times_s)
    noted = record.record("squares.mp4", animals, frames)
    boxes = DETECTIONS.cast(noted.tracks.assign(score=0.9, share=1.0, given_id=noted.tracks["track"]))
    ran = Ran("squares.mp4", frames, boxes, noted.tracks, noted.behaviours, 0.0, 1.0, 0.5)
    return ran, Truth(animals, camera_table(filmed()), frames)


@pytest.fixture(scope="module")
def flawless() -> dict[str, Any]:
    return compare(*perfect())


def test_a_perfect_run(flawless: dict[str, Any]) -> None:
    figures = flawless
    head = ["detection_map50", "hota", "idf1", "behaviour_macro_top1", "time_budget_mae"]
    assert [figures[name] for name in head] == pytest.approx([1.0, 100.0, 100.0, 1.0, 0.0])
    assert list(figures)[:7] == [*head, "transition_mae", "position_error_m"]
    assert (figures["transition_mae"], figures["position_error_m"]) == (None, None)
    assert figures["analysed_frames"] == 20
    assert figures["per_species"]["giraffe"]["detection_ap50"] == 1.0
    assert figures["per_behaviour"]["Browse"]["true_share"] == pytest.approx(0.5, abs=1e-6)  # hidden for 0.5 s of 2
    json.dumps(figures, allow_nan=False)


def test_places_on_the_ground_beside_true_ones() -> None:
    """Told 2 m east of the true place, but of the giraffe, which has none."""
    ran, truth_of_it = perfect()
    animals = truth_of_it.animals
    x, y = animals["x_m"].to_numpy(), animals["y_m"].to_numpy()
    lat, lon = lat_lon(x + 2, y, ORIGIN)
    told = animals[["track", "frame", "time_s"]].assign(x_m=x, y_m=y, lat=lat, lon=lon, error_m=1.0)
    told.loc[told["track"] == 2, ["lat", "lon"]] = np.nan
    position = compare(replace(ran, ground=told), truth_of_it)["position"]
    assert position["median_m"] == pytest.approx(2, abs=2e-3)
    assert position["p90_m"] == pytest.approx(2, abs=2e-3)
    assert (position["placed_share"], position["boxes"]) == (20 / 35, 35)  # five of the giraffe are hidden


def test_only_analysed_frames_are_judged() -> None:
    ran, truth_of_it = perfect()
    some = ran.detections[ran.detections["frame"] % 5 == 0].reset_index(drop=True)
    once = Ran(ran.video, ran.frames, some, ran.tracks, ran.behaviours, 0.5, 1.0, 0.5)
    assert compare(once, truth_of_it)["detection_map50"] == pytest.approx(1.0)
    assert once.analysed.tolist() == [0, 5, 10, 15]


def test_a_run_that_found_nothing() -> None:
    ran, truth_of_it = perfect()
    empty = Ran(ran.video, ran.frames, DETECTIONS.empty(), TRACKS.empty(), BEHAVIOURS.empty(), 0.0, 1.0, 0.5)
    figures = compare(empty, truth_of_it)
    assert [figures[name] for name in ("detection_map50", "hota", "behaviour_macro_top1")] == [0.0, 0.0, None]
    assert figures["budgets_of_animals"]["median_of_all"] == 1.0
    json.dumps(figures, allow_nan=False)


def test_the_table_has_targets_and_says_what_is_met(flawless: dict[str, Any]) -> None:
    printed = list(lines(flawless))
    assert printed[1].split() == ["detection", "mAP50", "1.0000", ">=", "0.9500", "met"]
    assert printed[3].split()[-1] == printed[5].split()[-1] == "100.0"  # HOTA and IDF1 of stays
    assert printed[7].split() == ["position", "error", "(m)", "-"]
    assert printed[10].split() == ["budget", "of", "an", "animal", "(TV,", "median)", "-", "<=", "0.060"]  # 2 s of film
    assert printed[12].split()[-1] == "0"
    assert printed[13].split()[-5:] == ["1.00", "0.85", "to", "1.15", "met"]
    assert printed[20].split() == ["Browse", "50.0%", "50.0%", "0%", "met", "1", "1.00", "1.00"]
    of_time = flawless["time_budget"] | {"mae": 0.2, "bouts_apart": ["Browse"], "bout_ratio": 1.16}
    by_stay = flawless["tracking_by_stay"] | {"hota": 80.0, "idf1": 90.0}
    told = list(lines(flawless | {"tracking_by_stay": by_stay}))
    assert [told[k].split()[-1] for k in (2, 3, 4, 5)] == ["met", "80.0", "100.0", "90.0"]
    missed = list(lines(flawless | {"time_budget": of_time}))
    assert missed[9].split()[-4:] == ["0.200", "<=", "0.030", "missed"]
    assert missed[13].split()[-1] == "missed"
    assert missed[20].endswith("1.00   outside 0.8 to 1.25: bouts not to be trusted")


def write_run(folder: Path, ran: Ran, videos: tuple[str, ...]) -> None:
    settings = {"detector": {"period_s": 0.0}, "statistics": {"interval_s": 1.0}, "behaviours": {"min_bout_s": 0.5}}
    settings["tracks"] = {} if ran.least_score == 0 else {"min_score": ran.least_score}  # older versions had none
    write_json(folder / "run.json", {"videos": {key: {} for key in videos}, "settings": settings})
    for table in (FRAMES, DETECTIONS, TRACKS, BEHAVIOURS):
        write_table(folder / "videos" / ran.video / f"{table.name}.parquet", getattr(ran, table.name), table)


def test_a_run_is_read_back(tmp_path: Path, flawless: dict[str, Any]) -> None:
    ran, truth_of_it = perfect()
    write_run(tmp_path, ran, ("squares.mp4",))
    assert compare(read_run(tmp_path), truth_of_it) == flawless
    write_run(tmp_path, replace(ran, least_score=0.3), ("squares.mp4",))
    assert read_run(tmp_path).least_score == 0.3


@pytest.mark.parametrize(
    ("videos", "video", "text"),
    [
        ((), "", "is not a run of the one video to compare; it holds none"),
        (("a.mp4", "squares.mp4"), "", "it holds a.mp4, squares.mp4"),
        (("squares.mp4",), "b.mp4", "it holds squares.mp4"),
    ],
)
def test_a_run_of_other_videos(tmp_path: Path, videos: tuple[str, ...], video: str, text: str) -> None:
    write_run(tmp_path, perfect()[0], videos)
    with pytest.raises(UsageError, match=text):
        read_run(tmp_path, video)
