"""What the page says of two conditions: differences, what is not shown to differ, and what that rests on."""

import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.contrasts.bouts import compare_bouts
from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.settings import ContrastSettings
from pipeline.ethology.contrasts.transitions import compare_transitions
from pipeline.report.citations import citations
from pipeline.report.contrast import bout_figure, compared, contrast_figure, seen, seen_bouts
from pipeline.report.deeper import draw_deeper
from pipeline.report.methods_analysis import analysis
from pipeline.report.sections.contrasts import contrasts, in_short
from pipeline.report.sections.overview import overview
from pipeline.report.style import styled
from pipeline.tables import INDIVIDUALS
from tests.ethology.contrasts.test_bouts import SIX, drawn, seen_calling, table
from tests.ethology.contrasts.test_budgets import HABITAT, SHARES, herds, pairs
from tests.ethology.contrasts.test_transitions import ONE, OTHER, herd
from tests.ethology.made import ethogram, statistics
from tests.ethology.sequences.made import from_codes
from tests.report import made
from tests.report.sections.read import rows, words
from tests.report.test_deeper import NOTHING
from tests.report.test_figures import texts

CONTRASTS = {
    "replicate": "individual",
    "delta": 0.005,
    "permutations": 999,
    "correction": "holm",
    "family": "comparison",
}
TOLD = {"contrasts": CONTRASTS, "statistics": vars(statistics())}
TWO = pairs().assign(sex=lambda table: table["sex"].map({"f": "female", "m": "male"}))


def compare(table, by="habitat", letters="ABC", conditions=(), **changes):
    how = ethogram(letters), statistics(), ContrastSettings(**{"permutations": 999} | changes)
    return {
        "budget_contrasts": compare_budgets(table, by, *how, conditions),
        "bout_contrasts": compare_bouts(table, by, *how, conditions),
        "transition_contrasts": compare_transitions(table, by, *how, conditions),
    }


@pytest.fixture(scope="module")
def found():
    """Twelve sessions, six in each habitat: A takes 20 and 60 % of the time; C is never seen."""
    return compare(herds(SHARES, HABITAT))


def test_what_differs_is_said_in_words_with_its_limits(found):
    text = words(contrasts(found, [], TOLD))
    row = found["budget_contrasts"].iloc[0]
    assert "It rests on 12 budgets of named animals in 6 sessions (open) and 12 budgets of named animals in 6 " in text
    limits = f"{100 * row['difference_low']:+.1f} to {100 * row['difference_high']:+.1f}"
    assert f"A takes more of the time in shrub than in open: 60 % against 20 % (+40.0 points, {limits}; adju" in text
    assert "B takes less of the time in shrub than in open: 40 % against 80 % (-40.0 points" in text
    assert "Mind: habitat is the same all through each session. Whatever else was special" in text
    assert "Not shown to differ" not in text
    assert "All shares together: total variation 0.40 (the share of time that" in text
    assert "for both means to be alike), p = 0.0022." in text


def test_a_page_of_a_run_that_compared_nothing_has_no_section():
    assert contrasts({}, [], TOLD) == ""
    assert list(in_short({})) == []


def test_what_is_not_shown_to_differ_is_named(found):
    same = compare(herds(SHARES, ["open", "shrub"] * 6))
    text = words(contrasts(same, [], TOLD))
    assert "Not shown to differ: A and B." in text
    assert "takes" not in text
    own = same["budget_contrasts"].iloc[0]
    limits = f"{100 * own['difference_low']:+.1f} to {100 * own['difference_high']:+.1f}"
    (short,) = in_short(same)
    assert short.startswith("By habitat (6 sessions (open) and 6 sessions (shrub)): no share of time is shown to diff")
    assert f"A: {100 * own['difference']:+.1f} points in shrub (limits, not adjusted: {limits}), adjusted p = " in short
    own = words(contrasts(compare(TWO, "sex"), [], TOLD))
    assert "in 8 sessions (female) and 8 budgets of named animals in 8 sessions (male); 8 sessions with both" in own
    assert "with both, each its own control: the test exchanges sex within them." in own
    assert "Mind:" not in own


def test_figures_stand_in_a_table_with_remarks_below(found, tmp_path):
    figures = draw_deeper(NOTHING | found, ethogram(), made.SETTINGS, tmp_path)
    assert [(entry.kind, entry.title) for entry in figures] == [
        ("contrast", "habitat: open and shrub"), ("bout_contrast", "Bouts by habitat: open and shrub"),
    ]  # fmt: skip
    page = contrasts(found, figures, TOLD)
    head, first, second, *_ = rows(page)
    assert head[:4] == ["behaviour", "open", "shrub", "shrub - open, points"]
    assert [first[k] for k in (0, 1, 2, 3)] == ["A", "20 %", "60 %", "+40.0"]
    assert second[0] == "B"
    assert head[5:7] == ["p", "adjusted p"] and head[-1] == "never seen"
    own = found["budget_contrasts"].iloc[0]
    assert [first[5], first[6], first[-1]] == [f"{own['p']:.2g}", f"{own['p_corrected']:.2g}", "0 of 12 / 0 of 12"]
    assert words(page).count("Intervals are made by t and p by shuffling, two methods that may disagree") == 2
    assert "difference; limits (not adjusted), and adjusted p, bold: p < 0.05." in words(page)
    assert "What is not shown to differ is not shown to be alike" in words(page)
    assert "Here shares are of bouts after smoothing, those of Time budgets of every frame" in words(page)
    assert "C: never seen." in words(page)
    assert page.count("<img") == 2


def test_too_few_have_points_and_the_reason(tmp_path):
    few = compare(herds(SHARES[4:8], HABITAT[4:8]))
    figures = draw_deeper(NOTHING | few, ethogram(), made.SETTINGS, tmp_path)
    text = words(contrasts(few, figures, TOLD))
    assert (
        "Limits and tests of shares and bouts: not computed, because: only 2 sessions in open and 2 sessions in" in text
    )
    assert "What follows what, in both conditions: not computed" in text
    assert [told.partition(", because: ")[0] for told in in_short(few)] == ["By habitat: no share of time was tested"]
    assert "differences of mean shares of 2 sessions (open) and 2 sessions (shrub), which may be chance: " in next(
        in_short(few)
    )
    assert {head for page in rows(contrasts(few, figures, TOLD)) for head in page} & {"p", "interval"} == set()
    assert "djusted p" not in text and "Intervals are made by" not in text and "not shown to be alike" not in text
    assert "Mean shares in two conditions, and their difference." in [entry.caption for entry in figures]


@pytest.mark.parametrize(
    ("subject", "conditions", "reason"),
    [
        (None, ("open", "swamp"), "no recognized time of a named animal in swamp."),
        # nobody is named: what to do stands beside it
        ("", (), "in open and shrub; no animal is named there: individuals.csv names them, and contrasts.repl"),
    ],
)
def test_a_condition_without_time_has_a_reason(subject, conditions, reason, tmp_path):
    table = herds(SHARES, HABITAT)
    table = table if subject is None else table.assign(subject=table["video"] + "#" + table["track"].astype("str"))
    nothing = compare(table, conditions=conditions)
    assert draw_deeper(NOTHING | nothing, ethogram(), made.SETTINGS, tmp_path) == []
    named = {INDIVIDUALS.name: made.individuals("a" if subject is None else "")}
    assert reason in words(contrasts(nothing | named, [], TOLD))
    assert "because: no recognized time of a named animal in" in next(in_short(nothing))


def test_transitions_that_differ_are_listed_and_others_named(tmp_path):
    differing = compare(herd([ONE] * 6 + [OTHER] * 6))
    figures = draw_deeper(NOTHING | differing, ethogram(), made.SETTINGS, tmp_path)
    after = next(row for row in rows(contrasts(differing, figures, TOLD)) if row[0] == "A" and len(row) == 5)
    row = differing["transition_contrasts"].query("form == 'bout' and `from` == 'A'").iloc[0]
    assert after[1:4] == [f"{row['steps_first']}", f"{row['steps_second']}", f"{row['total_variation']:.2f}"]
    table = herd([ONE] * 12)
    same = compare(table.assign(habitat=table["subject"].str[1:].astype(int).gt(5).map({True: "bush", False: "open"})))
    figures = draw_deeper(NOTHING | same, ethogram(), made.SETTINGS, tmp_path)
    text = words(contrasts(same, figures, TOLD))
    assert "What follows A, B and C is not shown to differ (all 924 shuffles" in text


def test_transitions_that_are_tested_together_only_are_told(tmp_path):
    codes = {f"z{k}": [0, 1, 0, 1] + [2, 0] * (k % 6 < 2) for k in range(12)}  # two of each six leave C
    few = compare(from_codes(codes, habitat={name: "bush" if int(name[1:]) < 6 else "open" for name in codes}))
    figures = draw_deeper(NOTHING | few, ethogram(), made.SETTINGS, tmp_path)
    text = words(contrasts(few, figures, TOLD))
    assert "both conditions: all transitions together: not shown to differ, which is no proof that they" in text
    assert "total variation 0.00 (0: the same" in text
    assert "p = 1 (6 sessions (bush) and 6 sessions (open); all 924 shuffles of the conditions over sessions" in text
    assert (
        "Not tested singly, as too few sessions of bush / open were seen to leave it (statistics.min_units): C (2 / 2)"
        in text
    )


def test_the_figure_has_both_conditions_and_p_beside_each(found):
    (title, own), *none = compared(found["budget_contrasts"])
    assert (title, none) == ("habitat: open and shrub", [])
    assert seen(own)["behaviour"].tolist() == ["A", "B"]  # C was never seen
    with styled():
        told = texts(contrast_figure(seen(own), made.COLOURS, title))
    assert {"habitat: open and shrub", "A", "B", "open", "shrub", "adj. p = 0.0043"} <= set(told.split("\n"))
    assert "shrub - open, percentage points; lines: limits; bold: adjusted p < 0.05" in told


@pytest.fixture(scope="module")
def longer():
    """Bouts of A last twice as long in shrub; C is of open alone."""
    rng = np.random.default_rng(4)
    lengths = {"open": (6, 18), "shrub": (12, 12)}
    return table([drawn(rng, *lengths[habitat]) + "CCC" * (habitat == "open") + "B" for habitat in SIX])


def test_bouts_that_are_longer_or_more_often_are_told_apart(longer, tmp_path):
    two = compare(longer)
    figures = draw_deeper(NOTHING | two, ethogram(), made.SETTINGS, tmp_path)
    page = contrasts(two, figures, TOLD)
    text, own = words(page), two["bout_contrasts"].set_index("behaviour")
    a, c = own.loc["A"], own.loc["C"]
    means = f"{a['length_s_second']:.1f} s against {a['length_s_first']:.1f} s on average"
    ratio = f"ratio {a['length_ratio']:.2f}, {a['length_ratio_low']:.2f} to {a['length_ratio_high']:.2f}"
    assert f"Bouts of A are longer in shrub than in open: {means} ({ratio}; adjusted p" in text
    often = f"0.0 against {c['starts_per_h_first']:.1f} times an hour (adjusted p"
    assert f"C begins less often in shrub than in open: {often}" in text
    assert "Not shown to differ in how often they begin: A and B." in text
    assert "adjusted p: holm over 3 rates and over 2 lengths. Ratio: shrub by open (1: alike)" in text
    assert "C: never seen in shrub: no ratio." in text
    often, long = (row for row in rows(page) if row[0] == "A" and len(row) == 8)
    assert often[-1] == f"{a['starts_first']} / {a['starts_second']}"
    assert long[3:5] == [f"{a['length_ratio']:.2f}", f"{a['length_ratio_low']:.2f} to {a['length_ratio_high']:.2f}"]


def test_the_figure_of_bouts(longer):
    own = seen_bouts(compare(longer)["bout_contrasts"])
    with styled():
        told = texts(bout_figure(own, made.COLOURS, "Bouts")).split("\n")
    assert own["behaviour"].tolist() == ["A", "B", "C"]
    assert {"mean length, shrub / open", "lines: limits; bold: adjusted p < 0.05"} <= set(told)
    assert {"1/2", "1", "2", "A", "C"} <= set(told)
    assert told.count("no ratio") == 2  # of C in both panels
    with styled():  # nothing tested, no ratio at all
        few = texts(bout_figure(own[own["behaviour"] == "C"].assign(p_rate_corrected=np.nan), made.COLOURS, "Bouts"))
    assert "starts an hour, shrub / open\nno limits" in few


def test_what_p_is_not_adjusted_for_is_said(found):
    several = {name: pd.concat([rows, rows.assign(by="weather")]) for name, rows in found.items()}
    assert "Adjusted p allows for the number of behaviours" in words(contrasts(found, [], TOLD))
    assert "asked for" not in words(contrasts(found, [], TOLD))
    text = words(contrasts(several, [], TOLD))
    assert "2 comparisons were asked for. Adjusted p allows for the number of behaviours; shares," in text
    assert "within one comparison: the more are asked for, the more differences are found by chance" in text
    study = TOLD | {"contrasts": CONTRASTS | {"family": "study"}}
    assert "over all of these comparisons." in words(contrasts(several, [], study))
    *_, told = analysis(TOLD, several)
    assert "for the number of behaviours of each of the 2 comparisons, not for these; each kind of figure" in told
    *_, told = analysis(study, several)
    assert "for the number of behaviours in all 2 comparisons; each kind of figure by itself" in told


def test_in_short_names_what_differs_and_nothing_else(found):
    (told,) = in_short(found)
    assert told == (
        "By habitat, mean shares of time in shrub against open: more A (60 % against 20 %) and less B (40 % against "
        "80 %)."
    )
    page = overview(made.summary(made.line()), {"time_budgets": made.BUDGETS} | found, [])
    assert told in words(page)


def test_several_sets_are_told_apart(found):
    rows = found["budget_contrasts"]
    both = pd.concat([rows, rows.assign(set="posture")])
    assert [title for title, _ in compared(both)] == [
        "habitat: open and shrub (behaviour)", "habitat: open and shrub (posture)",
    ]  # fmt: skip


def test_the_methods_text_and_its_references(found):
    settings = {"statistics": vars(statistics()), "contrasts": CONTRASTS, "compare": "habitat"}
    *_, text = analysis(settings, found)
    assert "whole, in all 924 ways (Phipson" in text and "Welch's (1947) where none" in text
    *_, own = analysis(settings | {"compare": "sex"}, compare(TWO, "sex"))
    assert "t intervals over what is independent, each its own control; they are not adjusted" in own
    by_animal = TOLD | {"contrasts": CONTRASTS | {"replicate": "individual"}}
    assert "were left out of its shares and bouts, but not of its transitions." in [*analysis(by_animal, found)][-1]
    few = compare(herds(SHARES[4:8], HABITAT[4:8]))
    told = "no share of time was tested"
    assert told in [*analysis(TOLD, few)][-1] and told not in own
    assert "limits of ratios" in text and "limits of ratios" not in [*analysis(TOLD, few)][-1]  # which has none
    assert text.startswith(
        "Two conditions were compared: open and shrub (habitat; each session is one independent unit). Mean shares"
    )
    listed = " ".join(citations(settings, [text]))
    for name, year in (
        ("Machlis", 1985), ("Welch", 1947), ("Phipson", 2010), ("Holm", 1979), ("Aitchison", 1986), ("Glahn", 2003),
        ("Haccou", 1992), ("Bressers", 1991), ("Efron", 1993),
    ):  # fmt: skip
        assert name in text and str(year) in text
        assert name in listed and f"({year})" in listed
    assert not any("Two conditions" in part for part in analysis(TOLD, {}))
    assert set(CONTRASTS) == set(vars(ContrastSettings()))


def test_events_have_their_own_part_and_figure(tmp_path):
    of, given = seen_calling()
    how = of, statistics(), ContrastSettings(permutations=999)
    names = {"budget_contrasts": compare_budgets, "bout_contrasts": compare_bouts}
    both = {name: compare(given, "habitat", *how) for name, compare in names.items()}
    both["transition_contrasts"] = compare_transitions(given, "habitat", *how)
    drawn = draw_deeper(NOTHING | both, of, made.SETTINGS, tmp_path)
    page = contrasts(both, drawn, TOLD)
    assert [entry.title for entry in drawn if entry.kind == "bout_contrast"] == [
        "Bouts by habitat: open and shrub", "Events by habitat: open and shrub",
    ]  # fmt: skip
    text, s = words(page), both["bout_contrasts"].set_index("behaviour").loc["S"]
    assert f"S happens more often in shrub than in open: {s['starts_per_h_second']:.1f} against " in text
    assert "Events an hour in sight, habitat: open and shrub: means of named animals; 95 % t limits" in text
    assert text.count("Mean lengths, ") == 1  # of states
    *_, methods = analysis({"statistics": vars(statistics()), "contrasts": CONTRASTS, "compare": "habitat"}, both)
    assert "Events were compared by how often they happen an hour in sight." in methods
    alone = {name: table[table["set"] == "event"] if "set" in table else table for name, table in both.items()}
    assert "S happens more often" in words(contrasts(alone, [], TOLD))
