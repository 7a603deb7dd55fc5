import dataclasses

import pandas as pd
import pytest

from pipeline.chain.families import FAMILIES
from pipeline.report.citations import citations
from pipeline.report.methods import methods_file, methods_text
from pipeline.report.methods_analysis import analysis
from pipeline.report.sections.methods import _FIGURES, card, text
from tests.report import made
from tests.report.sections.read import rows, words

TOLD = {
    "detector": {"_target_": "pipeline.detectors.yolo.YoloDetector", "model": "yolo11n.pt", "period_s": 0.2},
    "camera": {"enabled": True},
    "tracker": {"_target_": "pipeline.trackers.association.OcSortTracker"},
    "tracks": {"max_gap_s": 1.0},
    "window": {"stride_s": 0.5},
    "behaviours": {"min_confidence": 0.4, "min_bout_s": 0.5},
    "statistics": {"confidence": 0.9, "min_units": 6, "min_visible_s": 60.0, "interval_s": 1.0},
    "bouts": {"criterion": "fixed", "gap_s": 0.0},
    "sequences": {"permutations": 999, "correction": "holm"},
}
EXCLUDED = pd.DataFrame(
    {"cause": ["not visible", "unknown"], "reason": ["edge", ""], "animal_s": [2.0, 1.0], "set": "", "footage_s": 0.0}
)
FOUND = {
    "time_budgets": made.BUDGETS.assign(ci_low=0.1, mean_share=0.5),
    "excluded": EXCLUDED,
    "durations": pd.DataFrame({"level": "pooled", "behaviour": ["Walk", "Graze"], "bridged_s": 0.0, "median_low_s": 1}),
    "transition_tests": pd.DataFrame({"p_permuted": [0.5]}),
    "transition_order": pd.DataFrame({"p": [0.5]}),
    "dwell_times": pd.DataFrame({"weibull_shape": [1.5], "shape_p": [0.5]}),
}


def written(told=TOLD, **changes):
    summary = made.summary(made.line(), told=told, held_out=made.HELD_OUT, **changes)
    return " ".join(methods_text(summary, FOUND))


def test_the_text_says_what_was_done_by_what():
    text = written()
    for told in (
        "1 video (10 s of footage) was analysed with ethopipe 0.1.0",
        "Animals were detected by a YOLO network (yolo11n.pt) and joined to tracks by OC-SORT (Cao et al. 2023), after "
        "the motion of the camera had been estimated",
        "Gaps of up to 1 s within a track were interpolated",
        "by the recognizer kinematic; 90 % of 100 held-out clips were recognized right",
        "a probability under 0.4 it is unknown",
        "14 s of animals' time in sight and recognized, 3 s left out (not visible, edge: 2 s; unknown: 1 s)",
        "means over named animals count each once, of those recognized for at least 60 s in a unit. Limits are 90 % t "
        "intervals of the logit",
        "no gap was bridged",
        "999 permutations within each unbroken stretch, with Holm's correction (Holm 1979)",
    ):
        assert told in text, told


def test_only_what_was_done_is_described():
    assert "simple ratio" not in written()  # no society
    assert "Kaplan" not in written({key: value for key, value in TOLD.items() if key != "bouts"})


@pytest.mark.parametrize(
    ("criterion", "bridged_s", "told"),
    [
        ("fixed", [0, 0], "A bout is an unbroken time in one behaviour; no gap was bridged. A bout is cut off"),
        ("best", [0, 0], "no gap was bridged, as no mixture fitted to the gaps gave one."),
        (
            "fixed",
            [2, 2],
            "Bouts that gaps of up to 2 s (Walk, Graze) part count as one; this holds for durations, gaps, rates",
        ),
        (
            "best",
            [4.123, 2],
            "4.12 s (Walk), 2 s (Graze) part count as one, by mixtures fitted to the gaps (Slater and Lester 1982), or",
        ),
    ],
)
def test_the_text_says_which_gaps_were_bridged(criterion, bridged_s, told):
    tables = FOUND | {"durations": FOUND["durations"].assign(bridged_s=bridged_s)}
    summary = made.summary(made.line(), told=TOLD | {"bouts": {"criterion": criterion, "gap_s": 0.0}})
    text = " ".join(methods_text(summary, tables))
    assert told in text
    assert ("shares of time, transitions and dwell times are of bouts as recorded" in text) == (max(bridged_s) > 0)
    assert ("without the time after a break that a bridged gap could last" in text) == (max(bridged_s) > 0)
    assert "noted by hand" not in text
    called = methods_text(summary, tables | {"latencies": pd.DataFrame({"what": ["call", "call"]})})
    assert "Latencies count from moments that were noted by hand (call)." in " ".join(called)


@pytest.mark.parametrize(
    ("table", "figure", "lost", "instead"),
    [
        ("time_budgets", "mean_share", "means over named animals", "by the time they were seen. Limits are"),
        ("time_budgets", "ci_low", "Limits are", "No limits are given, which take 6 independent units, sessions or"),
        ("durations", "median_low_s", "limits of medians", "those cut off at their start left out. Rates are"),
        ("transition_tests", "p_permuted", "permutations", "or not recognized. Orders of the chain"),
        ("transition_order", "p", "Orders of the chain", "for the number of cells. Weibull"),
        ("dwell_times", "weibull_shape", "Weibull", "which take transitions as independent. The shape was"),
        ("dwell_times", "shape_p", "The shape was tested", "regardless of its age."),
    ],
)
def test_only_figures_that_there_are_are_said_to_be_made(table, figure, lost, instead):
    tables = FOUND | {table: FOUND[table].assign(**{figure: float("nan")})}
    text, less = (" ".join(methods_text(made.summary(made.line(), told=TOLD), of)) for of in (FOUND, tables))
    assert lost in text
    assert lost not in less and instead in less


def test_short_states_that_are_left_are_counted():
    assert "states shorter than 0.5 s were given to their neighbours." in written()
    cut = made.bouts([(1, "Walk", 0, 4), (1, "Graze", 4, 4.4), (1, "unknown", 4.4, 4.5), (2, "Walk", 0, 0.2)])
    text = " ".join(methods_text(made.summary(made.line(), told=TOLD), FOUND | {"bouts": cut}))
    assert "to their neighbours where both their ends were seen; 2 of 3 bouts are shorter, as the record cuts" in text


def test_runs_that_were_made_in_different_ways_are_not_described_as_one():
    text = written({"statistics": TOLD["statistics"]}, model={"recognizer": "not recorded"})
    assert "The runs merged here found animals in different ways" in text
    assert "By which recognizer the behaviours were recognized is not recorded" in text


def test_every_reference_of_the_text_is_in_the_list():
    text = written()
    listed = " ".join(citations(TOLD, [text]))
    for name, year in (
        ("Cao", 2023), ("Altmann", 1974), ("Manski", 1990), ("Efron", 1993), ("Hurlbert", 1984), ("Kaplan", 1958),
        ("Bakeman", 2011), ("Holm", 1979), ("Kish", 1965), ("Pan", 2002),
    ):  # fmt: skip
        assert name in text and str(year) in text
        assert name in listed and f"({year})" in listed
    for name in ("Benjamini", "Cairns", "Machlis", "Olofsson"):  # of what was not done
        assert name not in listed
    merged = written({"statistics": TOLD["statistics"]}, model={"recognizer": "not recorded"})
    assert all(one.partition(",")[0] in merged for one in citations({}, [merged]))  # and no other
    other = TOLD | {"sequences": {"permutations": 999, "correction": "benjamini_hochberg"}}
    assert "Benjamini" in " ".join(citations(other, [written(other)]))


def test_the_file_ends_with_the_references():
    summary = dataclasses.replace(made.summary(), methods=("One.", "Two."))
    assert methods_file(summary) == "One.\n\nTwo.\n\nReferences\n\nAltmann 1974\n"


def test_the_card_has_the_settings_that_decide_and_the_held_out_figures():
    shown = card(made.summary(made.line(), told=TOLD, held_out=made.HELD_OUT), {})
    assert ["tracks.max_gap_s", "1.0", "s; gaps within a track up to this are interpolated"] in rows(shown)
    assert ["Graze", "80 %", "40"] in rows(shown)
    assert "society.near" not in shown
    assert ["held-out figures", "none are known"] in rows(card(made.summary(), {}))


def test_definitions_are_told_where_there_are_any():
    summary = made.summary(made.line(), told=TOLD, definitions={"Graze": "head down", "Run": "gallops"})
    assert ["definitions of behaviours", "Graze: head down; Run: gallops"] in rows(card(summary, {}))
    assert "They were defined so: Graze: head down; Run: gallops." in " ".join(methods_text(summary, {}))
    assert "defined" not in " ".join(methods_text(dataclasses.replace(summary, definitions={}), {}))


def test_how_windows_were_read_is_told_where_not_as_they_are():
    told = TOLD | {"behaviours": TOLD["behaviours"] | {"adapt": 0.5, "switch_s": 1.25}}
    text = written(told)
    for part in (
        "weighed by how often each behaviour is in the video, as its own windows say (Saerens et al. 2002; weight 0.5)",
        "the likeliest was taken, a change costing 1.25 s (Viterbi 1967)",
    ):
        assert part in text
        assert part not in written()
    named = [one.partition(",")[0] for one in citations(told, [text])]
    assert {"Saerens", "Viterbi"} <= set(named)


def test_the_text_is_a_section_with_a_link_to_its_file():
    shown = text(made.summary(methods=("One < two.",)))
    assert 'href="methods.txt"' in shown
    assert "<p>One &lt; two.</p>" in shown
    assert text(made.summary()) == ""


def test_settings_that_decided_nothing_are_not_shown_as_if_they_had():
    told = TOLD | {"society": {"period_s": 60.0}}
    named = {row[0] for row in rows(card(made.summary(told=told), {}))}
    assert not named & {"sequences.permutations", "society.period_s"}
    found = {"transition_tests": pd.DataFrame({"p_permuted": [0.1]}), "associations": pd.DataFrame({"sri": [0.5]})}
    named = {row[0] for row in rows(card(made.summary(told=told), found))}
    assert {"sequences.permutations", "society.period_s", "bouts.gap_s"} <= named
    fitted = told | {"bouts": {"criterion": "best", "gap_s": 0.0}}
    assert "bouts.gap_s" not in {row[0] for row in rows(card(made.summary(told=fitted), found))}


def test_settings_of_the_run_are_told_apart_from_those_of_the_analysis():
    shown = card(made.summary(told=TOLD), {})
    run, analysis = shown.split('aria-label="Settings of the analysis')
    assert "window.stride_s" in run and "behaviours.min_confidence" in run
    assert "statistics.min_units" in analysis and "behaviours.min_bout_s" in analysis
    assert "statistics.min_units" not in run and "window" not in analysis
    assert "settings of visibility the behaviours were recognized is not told" in words(run)
    assert "<pre>min_units: 6\n</pre>" in analysis and "<pre>detector: yolo\n</pre>" in analysis


def test_what_runs_do_not_record_is_not_told_by_the_analysis():
    text = words(card(made.summary(told={"behaviours": {"min_bout_s": 0.5}, "statistics": TOLD["statistics"]}), {}))
    assert "Settings of recognition" not in text
    assert "settings of detector, tracks, window, visibility and behaviours the behaviours were recognized is" in text


def test_a_recognizer_that_is_not_recorded_makes_its_settings_doubtful():
    shown = card(made.summary(told=TOLD, model={"recognizer": "not recorded"}), {})
    assert "what the recognizer, not recorded, used of it is not known" in shown
    assert "not recorded" not in card(made.summary(told=TOLD), {})


def test_what_society_and_design_have_no_figure_of_is_not_described():
    society = {
        "point": "foot",
        "unit": "body_length",
        "step_s": 1.0,
        "near": 5.0,
        "leave": 7.0,
        "period_s": 60.0,
        "shifts": 199,
    }
    society["permutations"] = 499
    settings = {"statistics": TOLD["statistics"], "society": society, "observers": {"offsets": 40}}
    none: dict[str, list[float | None]] = {key: [None] for key in ("sri", "p", "observed", "needed")}
    some = {name: [0.5] for name in none}
    none, some = (data | {"method": ["scan"], "rmse": [0.1]} for data in (none, some))
    names = ("group_space", "associations", "association_tests", "synchrony", "observers", "design")
    without, having = (
        " ".join(analysis(settings, {name: pd.DataFrame(data) for name in names})) for data in (none, some)
    )
    for told in ("simple ratio and half-weight", "499 swaps", "199 circular shifts", "Numbers of units for a study"):
        assert told in having and told not in without
    assert "Places were taken from the foot" in without


@pytest.mark.parametrize(
    ("rmse", "told"),
    [
        ((None, None, None), ""),
        ((0.1, 0.2, None), "was sampled again by instantaneous and scan sampling (Altmann 1974), begun anew 40 times"),
        ((0.1, 0.2, 0.3), "by instantaneous, scan and focal sampling"),
    ],
)
def test_only_ways_of_sampling_that_could_be_tried_are_named(rmse, told):
    sampled = pd.DataFrame({"method": ["instantaneous", "scan", "focal"], "rmse": pd.Series(rmse, dtype="float")})
    settings = {"statistics": TOLD["statistics"], "observers": {"offsets": 40}}
    _, *rest = analysis(settings, {"observers": sampled})
    assert told in "".join(rest) and len(rest) == bool(told)


@pytest.mark.parametrize(
    ("model", "window_s", "told"),
    [
        ({"looks at": "windows of 16 frames"}, 2.5, "Kholiavchenko et al. 2024), in windows of 16 frames, by the"),
        ({}, 2.5, "in windows of 2.5 s from the first to the last frame, one every 0.5 s, by the"),  # an older run
        ({}, 0.0, "crops that follow each animal (mini-scenes, Kholiavchenko et al. 2024), by the recognizer"),
    ],
)
def test_the_text_says_how_long_a_window_is(model, window_s, told):
    model = {"recognizer": "kinematic"} | model
    assert told in " ".join(methods_text(made.summary(made.line(window_s=window_s), told=TOLD, model=model), FOUND))


def test_the_figures_that_settings_decide_on_are_those_of_the_tables():
    declared = {table.name: table.names for family in FAMILIES.values() for table in family}
    assert all(figure in declared[table] for table, figure in _FIGURES.values())
