"""The section on how right it is, and what the rest of the page and the methods text make of it."""

import numpy as np
import pandas as pd
import pytest

from pipeline.ethology.correction.audit import draw_audit
from pipeline.ethology.correction.audited import audited
from pipeline.ethology.correction.budgets import corrected_budgets
from pipeline.ethology.correction.settings import AuditSettings, CorrectionSettings
from pipeline.report.answers import doubts, trusted, unanswered
from pipeline.report.audited import audit_of, by_observer, contradicted, seen_right
from pipeline.report.cautions import cautions
from pipeline.report.citations import citations
from pipeline.report.deeper import _audits, _corrected
from pipeline.report.figures import Desk
from pipeline.report.held_out import flattering
from pipeline.report.methods_errors import errors_text
from pipeline.report.sections.errors import errors
from pipeline.report.sections.methods import card
from pipeline.report.sections.overview import overview
from pipeline.report.style import styled
from tests.ethology.correction.made import bouts, clips
from tests.ethology.made import ethogram, statistics
from tests.report import made
from tests.report.sections.read import rows, words

AB = ethogram("AB")
TOLD = bouts(*((f"s{k}", "", "zebra", {"A": 300.0, "B": 60.0, "unknown": 40.0}) for k in range(8)))
GOOD = {"A": {"A": 90, "B": 10}, "B": {"B": 80, "A": 20, "unknown": 10}}
POOR = {"A": {"A": 52, "B": 48}, "B": {"B": 52, "A": 48, "unknown": 1}}


def audit(**right):
    """Tables of an audit: each observer says of every so-manieth window what was not told."""
    _, key = draw_audit(TOLD, AB, AuditSettings(per_behaviour=40))
    turn = key.groupby("told").cumcount()
    filled = {
        name: pd.Series(
            np.where(turn % every == 0, key["told"].map({"A": "B", "B": "A", "unknown": "A"}), key["told"]),
            index=key["window"],
        )
        for name, every in right.items()
    }
    table, cells = audited(filled, key, AB)
    return {"audit_accuracy": table, "audit_errors": cells}


def corrected(counts=GOOD, **told):
    found = corrected_budgets(TOLD, clips(counts, **told), AB, statistics(), CorrectionSettings())
    return dict(zip(("corrected_budgets", "confusions"), found, strict=True))


def test_nothing_asked_for_is_no_section():
    assert errors({}, []) == ""
    assert list(errors_text({}, {})) == []
    assert ["audit", "none; ethopipe audit draws windows of this footage to be judged by eye"] in rows(
        card(made.summary(), {})
    )


def test_an_audit_stands_beside_what_was_told():
    found = audit(anna=4)
    shown = errors(found, [])
    assert "anna: 75 % (" in words(shown) and "of the recognized time is right, kappa 0." in words(shown)
    cells = {row[0]: row for row in rows(shown) if len(row) == 7}
    assert cells["A"][1] == "40" and cells["A"][2].startswith("75 % (")
    assert cells["A"][3] == "50"  # 30 of A, 10 of B and 10 of unknown
    assert cells["B"][5] == "17 %"
    assert "What was recognized, and what anna saw" in shown
    assert ["A", "56 % (30)", "19 % (10)"] in rows(shown)  # of 3,200 s told, as A and as B


def test_a_figure_of_few_windows_has_no_limits_and_says_of_how_many():
    few = audit(anna=4)["audit_accuracy"]
    few.loc[(few["figure"] == "recall") & (few["behaviour"] == "A"), ["n", "ci_low", "ci_high"]] = [9, np.nan, np.nan]
    found = audit(anna=4) | {"audit_accuracy": few}
    shown = {row[0]: row for row in rows(errors(found, [])) if len(row) == 7}
    assert "(of 9 windows, no interval)" in shown["A"][4]
    assert " to " in shown["B"][4] and "window" not in shown["B"][4]


@pytest.mark.parametrize(
    ("every", "told"),
    [
        (40, {}),  # one window in forty is wrong
        (
            4,
            {
                "A": "83 % recognized, 70 % (59 % to 79 %) judged",
                "B": "17 % recognized, 30 % (21 % to 41 %) judged; 38 % (26 % to 51 %) of its time is recognized as it",
            },
        ),
    ],
)
def test_what_an_audit_contradicts_is_named(every, told):
    found = audit(anna=every)
    ((_, mine),) = by_observer(audit_of(found))
    assert dict(contradicted(mine)) == told
    text = words(overview(made.summary(made.line()), {"time_budgets": made.BUDGETS} | found, []))
    named = [f"{behaviour} ({how}, by anna)" for behaviour, how in told.items()]
    assert (f"The audit contradicts what was recognized as: {' and '.join(named)}." in text) == bool(told)
    assert ("contradicts what was recognized of no behaviour" in text) == (not told)


def test_two_observers_are_held_against_each_other():
    text = words(errors(audit(anna=4, ben=2), []))
    assert "anna & ben: they say the same of" in text
    assert text.count("of the recognized time is right") == 2
    assert "120 windows drawn; answered: 90 by anna and 100 by ben; of the 40 unknown ones, 10 by anna and" in text


def test_an_audit_without_an_answer_says_so():
    nothing = audited({"x": pd.Series("unknown", index=range(1, 5))}, draw_audit(TOLD, AB, AuditSettings())[1], AB)
    text = words(errors(dict(zip(("audit_accuracy", "audit_errors"), nothing, strict=True)), []))
    assert "Audit: not computed, because: no window has an answer that tells a behaviour" in text
    assert seen_right(nothing[0]) == ""


def test_corrected_shares_stand_beside_raw_ones_with_limits():
    shown = errors(corrected(), [])
    row = next(row for row in rows(shown) if row[0] == "A")
    assert row[1] == "83 %" and row[-1] == "100 / 10"
    assert " to " in row[4]
    assert "condition number 1." in words(shown)
    assert ["A", "90 %", "10 %", "0 %", "100"] in rows(shown)  # what its clips are taken for


@pytest.mark.parametrize("chose", [True, False])
def test_clips_that_also_chose_the_checkpoint_are_said_to_flatter(chose):
    settings = {"correction": {"prior_clips": 30.0, "max_condition": 10.0, "min_clips": 30, "min_recordings": 5}}
    for counts in (GOOD, POOR):
        tables = corrected(counts, chose_checkpoint=chose)
        for text in (words(errors(tables, [])), *errors_text(settings, tables)):
            assert f"held-out clips{flattering(True)}" in text if chose else "flatter" not in text


def test_a_refused_correction_says_why():
    text = words(errors(corrected(POOR), []))
    assert "Corrected shares: not computed, because: raw only: condition number" in text


def test_both_have_a_figure(tmp_path):
    desk = Desk(AB.colours, made.SETTINGS, tmp_path)
    with styled():
        drawn = [*_audits(desk, audit(anna=4, ben=2))]
        drawn += _corrected(desk, corrected()["corrected_budgets"])
    assert [entry.path.name for entry in drawn] == ["audit_anna.svg", "audit_ben.svg", "corrected_budgets.svg"]
    assert all(path.stat().st_size > 3000 for entry in drawn for path in entry.files)
    assert not list(_corrected(desk, corrected(POOR)["corrected_budgets"]))


def test_the_methods_text_says_how_and_what():
    settings = {"correction": {"prior_clips": 30.0, "max_condition": 10.0, "min_clips": 30, "min_recordings": 5}}
    first, second = errors_text(settings, audit(anna=4, ben=2) | corrected())
    assert "120 moments, drawn at random within strata of what was recognized and session" in first
    assert "given to 2 observers, who were to judge them by eye without seeing what" in first
    assert "according to anna, who answered 90, 75 % (" in first and "anna & ben said the same of" in first
    assert "to whose rows 30 clips of all species are added" in second
    (refused,) = errors_text(settings, corrected(POOR))
    assert refused.startswith("A correction of the shares by the confusion matrix")
    assert "was refused (raw only: condition number" in refused
    listed = " ".join(citations({}, [first, second]))
    for name in ("Cohen", "Olofsson", "Cochran", "Stehman", "Rogan", "Buonaccorsi"):
        assert name in f"{first}{second}" and name in listed


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (audit(anna=4), False),
        (audit(anna=2), True),  # half of what is told is something else
    ],
)
def test_what_an_audit_finds_wrong_is_warned_of(found, told):
    budgets = made.BUDGETS.assign(behaviour="A", share=0.5, level="pooled")
    said = " ".join(cautions(made.summary(made.line()), {"time_budgets": budgets} | found))
    assert ("A (50 % of the time here): an audit by anna found only 50 % (" in said) == told
    assert "is right is not known" not in said


def test_observers_who_do_not_agree_are_warned_of():
    found = audit(anna=2, ben=3)
    said = " ".join(cautions(made.summary(made.line()), {"time_budgets": made.BUDGETS} | found))
    assert "anna & ben agree with a kappa of" in said


DOUBT = (
    "The audit by ann is not to be used until it is shown that it was made blind: its answers equal what was "
    "recognized in all 160 windows and are missing in just the 80 that are unknown."
)


def blind(windows=80, unknown=""):
    """Tables of an audit whose observer says what was told, and the word ``unknown`` of what was not."""
    _, key = draw_audit(TOLD, AB, AuditSettings(per_behaviour=windows))
    filled = {"ann": pd.Series(key["told"].replace("unknown", unknown).to_numpy(), index=key["window"])}
    return dict(zip(("audit_accuracy", "audit_errors"), audited(filled, key, AB), strict=True))


def test_answers_that_equal_what_was_told_are_warned_of():
    assert doubts(blind()) == {"ann": DOUBT}
    assert cautions(made.summary(made.line()), {"time_budgets": made.BUDGETS} | blind())[0] == DOUBT
    assert list(unanswered(blind())) == []  # said along with it
    assert [told.partition(" in all")[0] for told in doubts(blind(unknown="A")).values()] == [
        DOUBT.partition(" in all")[0]
    ]
    assert doubts(audit(anna=2)) == doubts({}) == {}


def test_honest_answers_are_not_doubted():
    assert doubts(blind(windows=40, unknown="unknown")) == {}  # 80 right answers are no sign, nor what nobody can tell
    (told,) = unanswered(blind(windows=40, unknown="unknown"))
    assert told.startswith("40 of 40 unknown windows were left empty or unknown by ann: recall and shares by ann leave")
    assert set(blind(unknown="unknown")["audit_errors"].query("told == 'unknown'")["unknown"]) == {80}


@pytest.mark.parametrize(("found", "doubted"), [(blind(), True), (audit(ann=4), False)])
def test_the_doubt_stands_wherever_the_figures_do(found, doubted, tmp_path):
    summary = made.summary(made.line(), held_out=made.HELD_OUT)
    short = words(overview(summary, {"time_budgets": made.BUDGETS} | found, []))
    with styled():
        (figure,) = _audits(Desk(AB.colours, made.SETTINGS, tmp_path), found)
    for text in (short, words(errors(found, [])), *errors_text({}, found), figure.caption):
        assert (DOUBT in text) == doubted
    assert ("an audit found: of the recognized time" in short) != doubted
    assert ("It clearly contradicts" in short or "The audit contradicts" in short) != doubted
    assert ("Had ann seen what was recognized before answering the audit?" in short) == doubted
    assert "recognized by kinematic: 90 % of 100 held-out" in short
    assert "Nobody has judged this footage by eye" not in short
    assert ("How often kinematic is right is not known" in " ".join(
        cautions(made.summary(made.line()), {"time_budgets": made.BUDGETS} | found)
    )) == doubted  # fmt: skip


def test_of_two_observers_only_the_one_who_may_have_looked_is_left_out():
    both = {name: pd.concat([table, audit(ben=4)[name]]) for name, table in blind().items()}
    both["audit_accuracy"] = pd.concat([both["audit_accuracy"], audit(ann=3, ben=4)["audit_accuracy"].tail(2)])
    assert set(both["audit_accuracy"]["observer"]) == {"ann", "ben", "ann & ben"}
    assert set(trusted(both)["observer"]) == {"ben"}
    shown, folded = map(words, str(errors(both, [])).split("<summary>What it says, not to be used</summary>"))
    assert "ben: 7" in shown and "By ben." in shown and "ann: 1" not in shown
    assert "ann: 100 %" in folded and "ann & ben: they say the same of" in folded and "By ben." not in folded


def test_no_error_seen_has_no_limits():
    text = words(errors(blind(), []))
    assert "ann: 100 % (no interval) of the recognized time is right, kappa 1.00 (no interval)" in text
    assert "83 % (83 % to 83 %)" not in text
    assert "no proof that none would" in text


def test_in_short_gives_every_observer():
    told = seen_right(audit(anna=4, ben=2)["audit_accuracy"])
    first, second = told.split(", ", 1)
    assert first.startswith("75 % (") and first.endswith("of it is right according to anna in 80 windows")
    assert second.startswith("50 % (") and "according to ben in 80 windows; anna & ben agree in " in second
