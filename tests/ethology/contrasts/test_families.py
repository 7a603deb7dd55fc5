"""Over how many tests p is corrected, and what is said of it."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from pipeline.ethology.contrasts.bouts import compare_bouts
from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.families import together
from pipeline.ethology.contrasts.settings import ContrastSettings, Family
from pipeline.ethology.contrasts.tables import BOUT_CONTRASTS, BUDGET_CONTRASTS, TRANSITION_CONTRASTS
from pipeline.ethology.contrasts.transitions import compare_transitions
from pipeline.ethology.sequences.settings import Correction
from tests.ethology.contrasts.test_budgets import HABITAT, SHARES, herds
from tests.ethology.made import ethogram, statistics

COMPARE = (
    (BUDGET_CONTRASTS, compare_budgets),
    (BOUT_CONTRASTS, compare_bouts),
    (TRANSITION_CONTRASTS, compare_transitions),
)
TWICE = herds(SHARES, HABITAT).assign(
    weather=lambda rows: np.where(rows["session"].str[1:].astype(int) % 2, "dry", "wet"),
    water=lambda rows: np.where(rows["session"] == "s0", "near", "far"),
)


def made(table, compare, family, by=("habitat", "weather", "water"), correction=Correction.holm):
    settings = ContrastSettings(permutations=199, correction=correction, family=family)
    every = [compare(TWICE, one, ethogram("AB"), statistics(), settings) for one in by]
    return together(every, table, settings)


@pytest.mark.parametrize(
    ("family", "correction", "method", "told"),
    [
        # A and B of habitat, and of weather; water, with one session, has no test
        (Family.comparison, Correction.holm, "holm",
         "holm over 2 shares and over 2 log-ratios; not over 2 other comparisons asked for"),
        (Family.study, Correction.holm, "holm", "holm over 4 shares and over 4 log-ratios in all 3 comparisons"),
        (Family.study, Correction.benjamini_hochberg, "fdr_bh",
         "benjamini_hochberg over 4 shares and over 4 log-ratios in all 3 comparisons"),
    ],
)  # fmt: skip
def test_p_is_corrected_over_what_is_said(family, correction, method, told):
    found = made(BUDGET_CONTRASTS, compare_budgets, family, correction=correction)
    tested = found[found["p"].notna() & (found["behaviour"] != "all")]
    assert set(tested["correction"]) == {told}
    assert set(found.drop(tested.index)["correction"]) == {""}
    groups = [tested] if family is Family.study else [own for _, own in tested.groupby("by")]
    for own in groups:
        for name in ("p", "p_log_ratio"):
            theirs = multipletests(own[name], method=method)[1]
            assert own[f"{name}_corrected"].to_numpy() == pytest.approx(theirs, abs=1e-6)


@pytest.mark.parametrize(("table", "compare"), COMPARE)
def test_comparisons_keep_their_order_and_one_is_itself(table, compare):
    alone = made(table, compare, Family.study, ["habitat"])
    pd.testing.assert_frame_equal(alone, made(table, compare, Family.comparison, ["habitat"]))
    whole = made(table, compare, Family.study)
    pd.testing.assert_frame_equal(table.cast(whole), whole)
    same = [name for name in whole if name != "correction" and not name.endswith("corrected")]
    part = whole[whole["by"] == "habitat"]
    assert whole["by"].drop_duplicates().tolist() == ["habitat", "weather", "water"]
    pd.testing.assert_frame_equal(part[same], alone[same])
    assert not any("comparison" in words for words in alone["correction"])


def test_forms_of_transitions_are_families_of_their_own():
    found = made(TRANSITION_CONTRASTS, compare_transitions, Family.study, ["habitat", "weather"])
    tested = found[found["p_permuted"].notna() & (found["from"] != "all")]
    for _, own in tested.groupby("form"):
        assert set(own["correction"]) == {f"holm over {len(own)} transition rows in all 2 comparisons"}
