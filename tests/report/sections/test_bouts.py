import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.durations.criteria import criteria
from pipeline.ethology.durations.gaps import gaps
from pipeline.ethology.durations.latencies import latencies
from pipeline.ethology.durations.lengths import durations
from pipeline.ethology.durations.merging import bridged
from pipeline.ethology.durations.rates import rates
from pipeline.ethology.durations.settings import BoutSettings
from pipeline.ethology.record import record
from pipeline.report.sections.bouts import bouts
from tests.ethology.durations.test_criteria import meals
from tests.ethology.made import bouts_of, ethogram, statistics
from tests.report.sections.read import rows, words


def tables(of, settings=None):
    found = [
        durations(of, statistics()), gaps(of, statistics()), rates(of, statistics()), latencies(of, statistics()),
        criteria(of, settings or BoutSettings(processes=2, resamples=100, grid_points=5), statistics()),
    ]  # fmt: skip
    named = dict(zip(("durations", "gaps", "rates", "latencies", "criteria"), found, strict=True))
    return named | {"time_budgets": budgets_of(named["durations"])}


def budgets_of(table):
    """What a page reads of time budgets: an hour more of each unit was lost than was without a behaviour."""
    return table.assign(excluded_s=table["observed_s"] - table["visible_s"] + 3600.0)


@pytest.fixture(scope="module")
def short():
    return tables(record(bouts_of({"v": {1: "AABBBAAC", 2: "BAA"}}), ethogram("ABC", events="x")))


def test_a_line_as_a_paper_reports_it_for_each_behaviour_seen(short):
    text = words(bouts(short, []))
    assert text.count("All animals: nobody named, 1 session; 1.00 animal-hours tracked: 0.00 recognized") == 1
    assert "1.00 lost between two boxes. " in text
    assert "A: share 0.55, 3 bouts" in text


def test_breaks_within_a_behaviour_are_counted(short):
    cut = bouts_of({"v": {1: "AA?AA???AB", 2: "A-BB", 3: "A.A"}})
    text = words(bouts(tables(record(cut, ethogram("AB"))) | {"bouts": cut}, []))
    assert "No animal was followed for longer than 10.0 s at a stretch" in text
    assert "In 3 places the same behaviour stands before and after a time without one" in text
    assert "without one (not recognized, out of sight, or no record); 2 of these times last 1 s at most" in text
    assert "In 1 place another behaviour stands after such a time; 1 of these times last 1 s at most" in text
    assert "behaviour stands" not in words(bouts(short, []))


def test_the_table_has_medians_gaps_and_rates():
    words_of = {1: "AABBBAAC", 2: "BAA", 3: "B" + "AABBB" * 6}
    head, *body = rows(bouts(tables(record(bouts_of({"v": words_of}), ethogram("ABC", events="x"))), []))
    told = {row[0]: dict(zip(head, row, strict=True)) for row in body[:3]}
    assert set(told) == {"A", "B", "C"}
    assert told["A"]["bouts"] == "9"
    assert (told["A"]["start seen"], told["A"]["seen whole"]) == (
        "8",
        "7",
    )  # the first is cut at its start, BAA at its end
    assert told["A"]["median"] == "2.0 s"
    assert told["A"]["median gap"] == "3.0 s"  # BBB
    assert told["B"]["starts / h"] == f"{3600 * 7 / 42:.1f}"  # seven starts seen in 42 s
    assert "interval of starts" not in head  # nobody has one
    assert (told["C"]["start seen"], told["C"]["median"]) == ("1", "-")  # one, and it is cut


def test_latencies_say_whose_they_are(short):
    assert "each animal in each video (2 tracks; one animal is" in words(bouts(short, []))
    named = short["latencies"].assign(n_individuals=1)
    assert "(2 tracks of 1 named animal; one" in words(bouts(short | {"latencies": named}, []))


def test_why_there_is_no_criterion_is_said_once_for_all(short):
    text = words(bouts(short, []))
    assert "B (0), C (0) and x (0): not fitted, as fewer than 50 gaps were seen whole (in brackets how many)" in text
    for why, told in (
        ("one process", "A: fitted, but without a criterion, as its gaps are all of one kind"),
        ("a process is nowhere the likeliest", "as short and long gaps overlap too much to be told apart"),
    ):
        one = short["criteria"].iloc[:1].assign(processes=1, method=f"maximum likelihood; no criterion: {why}")
        assert told in words(bouts(short | {"criteria": one}, []))


def test_a_fitted_criterion_is_told_with_its_limits():
    text = words(bouts(tables(record(meals(sessions=6), ethogram())), []))
    assert "A: gaps over" in text
    assert "2 processes, exponential, 468 gaps" in text


def test_the_page_says_which_bouts_were_joined():
    of = record(bouts_of({"v": {1: "BBABABBBA"}}), ethogram("AB"))
    text = words(bouts(tables(bridged(of, {("behaviour", "A"): 1.0})), []))
    assert "Bouts over all animals. Bouts that gaps of up to 1 s (A) part count as one here. Medians" in text
    assert "beginning of the next; bridged here are gaps of up to 1 s (A)." in text
    plain = words(bouts(tables(of), []))
    assert "count as one" not in plain
    assert "here none is bridged (bouts.criterion, bouts.gap_s)." in plain


def test_the_lines_of_groups_are_folded_away():
    table = bouts_of({"v": {1: "BAAB", 2: "BAB"}}).assign(sex=["f", "f", "f", "", "", ""])
    both = [durations(record(table, ethogram("AB"), by), statistics()) for by in ("", "sex")]
    units = pd.concat(both)
    deeper = tables(record(table, ethogram("AB"))) | {"durations": units, "time_budgets": budgets_of(units)}
    text = words(bouts(deeper, []))
    assert "means over animals. sex f, zebra: nobody named, 1 session; 1.00 animal-hours tracked: 0.00" in text
    assert "species zebra" not in text  # the only one


def test_latencies_from_given_moments_say_so(short):
    told = short["latencies"].assign(what="call")
    assert "Latencies from the moments given, of each animal in sight then" in words(
        bouts(short | {"latencies": told}, [])
    )


def test_nothing_for_no_bout():
    empty = record(bouts_of({}), ethogram())
    assert bouts(tables(empty), []) == ""
    assert bouts({}, []) == ""


def test_open_ends_are_shown_as_such(short):
    later = short["durations"].assign(median_s=1.0, q1_s=0.5, q3_s=np.nan)
    assert "0.5 s to ..." in words(bouts(short | {"durations": later}, []))
