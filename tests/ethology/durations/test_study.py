import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.durations.gaps import single_gaps
from pipeline.ethology.durations.latencies import occurrences
from pipeline.ethology.durations.lengths import durations, reporting_line
from pipeline.ethology.durations.merging import bridged
from pipeline.ethology.durations.rates import rates
from pipeline.ethology.durations.settings import BoutSettings, Criterion
from pipeline.ethology.durations.study import study
from pipeline.ethology.durations.tables import DURATIONS, GAPS, LATENCIES, MERGED, RATES, STARTS
from pipeline.ethology.record import record
from tests.ethology.made import bouts_of, ethogram, statistics

A = "behaviour", "A"
LEVELS = (DURATIONS.name, GAPS.name, RATES.name, LATENCIES.name)


def joined(word, gap_s, of=None):
    return bridged(record(bouts_of({"v.mp4": {1: word}}, of), of or ethogram()), {A: gap_s})


def of_a(table):
    return table.query("level == 'pooled' and behaviour == 'A'").iloc[0]


@pytest.mark.parametrize(
    ("word", "lasts", "complete", "cut", "starts", "watched"),
    [
        ("BBBABABBB", [3], [], [3], 1, 7),  # one bout of 3 s; the gap after it is cut
        ("BBBABABBBAABBB", [3, 2], [3], [3], 2, 12),
        ("ABABBB", [3], [], [3], 0, 4),  # its start was not seen: it is in no duration
        ("BBBAB", [1], [], [], 1, 3),  # the record is over before a gap of 2 s: at least 1 s, and no gap
        ("BAB", [1], [], [], 0, 1),  # no start can be told 1 s after the beginning
        ("BBBA?ABBB", [1, 1], [], [3], 1, 4),  # unknown is never bridged
    ],
)
def test_bouts_that_short_gaps_part_are_one(word, lasts, complete, cut, starts, watched):
    of = joined(word, 2.0)
    mine = of.rows[of.rows["behaviour"] == "A"]
    assert mine["duration_s"].tolist() == lasts
    found = single_gaps(of).query("behaviour == 'A'")
    assert found.loc[found["begun"] & found["ended"], "gap_s"].tolist() == complete
    assert found.loc[~found["ended"], "gap_s"].tolist() == cut
    row = of_a(rates(of, statistics()))
    assert (row["bouts"], row["starts"], row["watched_s"]) == (len(lasts), starts, watched)
    assert row["starts_per_h"] == pytest.approx(3600 * starts / watched)
    assert row["bridged_s"] == 2.0


def test_the_share_is_of_the_time_in_the_behaviour_itself():
    row = of_a(durations(joined("BBBABABBB", 2.0), statistics()))
    assert (row["bouts"], row["median_s"], row["share"]) == (1, 3, pytest.approx(2 / 9))
    assert reporting_line(row).startswith("A: share 0.22, 1 bout (gaps of up to 2 s bridged), ")
    assert row["share_method"].startswith("pooled time of the bouts, not corrected for errors of recognition; ")


def test_a_behaviour_is_going_on_in_a_gap_that_is_bridged():
    starts = STARTS.cast(pd.DataFrame({"video": "v.mp4", "time_s": [4.0, 7.0], "what": ["in", "after"]}))
    found = occurrences(joined("BBBABABBBA", 2.0), starts).query("behaviour == 'A'").set_index("what")
    assert found["latency_s"].to_dict() == {"in": 0, "after": 2}


def test_what_is_not_bridged_is_as_it_was():
    of = ethogram("AB", events="S")
    plain = record(bouts_of({"v.mp4": {1: "ABAB-A"}}, of, events={"v.mp4": {1: "?S?S?S"}}), of)
    assert bridged(plain, {A: 0.0}) is plain
    found = bridged(plain, {A: 1.0}).rows
    whole, other = (MERGED.only(*plain.rows).cast(rows.query("behaviour != 'A'")) for rows in (plain.rows, found))
    pd.testing.assert_frame_equal(whole, other)


def found_in(bouts, of=None, settings=None, by=(), **told):
    return study(bouts, of or ethogram("AB"), settings or BoutSettings(), statistics(by=by), **told)


def test_by_default_bouts_are_as_recorded_and_the_gap_asked_for_is_in_every_table():
    bouts = bouts_of({"v.mp4": {1: "BBBABABBB"}})
    plain, wide = (found_in(bouts, settings=BoutSettings(gap_s=gap)) for gap in (0.0, 2.0))
    for name in LEVELS:
        assert set(plain[name]["bridged_s"]) == {0}
        assert set(wide[name]["bridged_s"]) == {2}
    assert [of_a(one["durations"])["bouts"] for one in (plain, wide)] == [2, 1]
    for name in ("criteria", "sensitivity"):
        pd.testing.assert_frame_equal(plain[name], wide[name])  # of bouts as recorded


def test_the_criterion_of_a_fit_joins_bouts():
    word = "".join("A" + "B" * gap for gap in [1, 2, 1, 30, 2, 1, 3, 40] * 4) + "A"
    bouts = bouts_of({"v.mp4": {1: word}})
    plain, fitted = (
        found_in(bouts, settings=BoutSettings(criterion, processes=2, min_gaps=20))
        for criterion in (Criterion.fixed, Criterion.exponential)
    )
    row = of_a(fitted["durations"])
    two = fitted["criteria"].query("level == 'pooled' and behaviour == 'A' and family == 'exponential'")
    assert row["bridged_s"] == pytest.approx(two.loc[two["bic"].idxmin(), "criterion_s"])
    assert 3 < row["bridged_s"] < 30
    assert [of_a(one["durations"])["bouts"] for one in (plain, fitted)] == [33, 9]
    assert row["share"] == of_a(plain["durations"])["share"]


def of_nobody_else(rows, word):
    """Rows of one level are those of a record in which nobody else is."""
    alone = found_in(bouts_of({"v.mp4": {1: word}}))
    for name in LEVELS[:3]:
        other = alone[name].query("level == 'pooled'")
        figures = [column for column in other if column not in ("level", "unit", "species")]
        pd.testing.assert_frame_equal(
            rows[name][figures].reset_index(drop=True), other[figures].reset_index(drop=True), obj=name
        )


def test_a_column_of_the_animal_has_a_level_in_every_table():
    names = pd.DataFrame({"video": "v.mp4", "track": [1, 2], "individual": "", "sex": ["f", "m"]})
    found = found_in(bouts_of({"v.mp4": {1: "BAABAB", 2: "ABBBA", 3: "AB"}}), by=("sex",), names=names)
    for name in LEVELS:
        assert found[name]["level"].unique().tolist() == ["pooled", "species", "session", "sex"]
        assert found[name].query("level == 'sex'")["unit"].unique().tolist() == ["f", "m"]  # nobody told of track 3
    of_nobody_else({name: found[name].query("unit == 'f'") for name in LEVELS}, "BAABAB")


def test_a_bout_is_cut_where_the_column_changes_at_that_level_alone():
    spans = pd.DataFrame({"start_s": [0.0, 4.0], "stop_s": [4.0, np.nan], "habitat": ["open", "bush"]})
    spans = spans.assign(video="v.mp4", session="all", use="yes", reason="", timezone="", species="")
    bouts = bouts_of({"v.mp4": {1: "BAAAAABAB"}})
    plain, found = found_in(bouts), found_in(bouts, by=("habitat",), observations=spans)
    for name in LEVELS:
        pd.testing.assert_frame_equal(found[name].query("level != 'habitat'"), plain[name])
    of_nobody_else({name: found[name].query("unit == 'open'") for name in LEVELS}, "BAAA")
    of_nobody_else({name: found[name].query("unit == 'bush'") for name in LEVELS}, "AABAB")


def test_species_are_apart_in_a_column_too():
    names = pd.DataFrame({"video": "v.mp4", "track": [1, 2], "individual": "", "sex": "f"})
    bouts = bouts_of({"v.mp4": {1: "BAAB", 2: "BAB"}})
    bouts["species"] = bouts["track"].map({1: "zebra", 2: "giraffe"})
    found = found_in(bouts, settings=BoutSettings(min_ended=1), by=("sex",), names=names)
    found = found["durations"].query("level == 'sex' and behaviour == 'A'")
    assert found[["unit", "species", "median_s"]].to_numpy().tolist() == [["f", "giraffe", 1], ["f", "zebra", 2]]


def test_given_starts_have_latencies_also_where_nobody_was_in_sight():
    starts = STARTS.cast(pd.DataFrame({"video": "v.mp4", "time_s": [1.0, 99.0], "what": ["call", "late"]}))
    found = found_in(bouts_of({"v.mp4": {1: "BBA"}}), starts=starts)["latencies"].query("level == 'pooled'")
    assert found[["what", "behaviour", "n", "n_complete"]].to_numpy().tolist() == [
        ["call", "A", 1, 1], ["call", "B", 1, 1], ["late", "A", 0, 0], ["late", "B", 0, 0],
    ]  # fmt: skip
    assert found["method"].iloc[-1] == "no animal was in sight at the start"
