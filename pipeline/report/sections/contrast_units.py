"""What a comparison over animals holds for, and how unequally long its animals were watched."""

from typing import Any

import pandas as pd

from pipeline.report.sections.common import excluded_share
from pipeline.report.sections.contrast_words import HALVES, across
from pipeline.report.words import duration, percent

_HOLDS = (
    " Animals count as independent here: limits and p say how far it holds for more animals in the sessions filmed, "
    "and nothing of other sessions, even where all animals pooled have no interval for want of sessions."
)
_UNITS = " Animals are the units here, as both were filmed in the same sessions; pooled shares rest on sessions."


def holds_for(whole: "pd.Series[Any]") -> str:
    """Beyond what a comparison over animals says nothing; empty where it is over sessions, and where each animal has
    sessions of its own.

    ``whole`` is the row of BUDGET_CONTRASTS of all behaviours.
    """
    if not across(whole):
        return ""
    return _HOLDS if pd.notna(whole["p"]) else _UNITS


def watched(whole: "pd.Series[Any]", budgets: pd.DataFrame, individuals: pd.DataFrame, least_s: float) -> str:
    """The least and the most time that the animals compared were recognized in each condition, and what is left out.

    ``budgets`` is tables.TIME_BUDGETS, ``individuals`` tables.INDIVIDUALS; who was recognized for less than ``least_s``
    is not compared. Empty where the comparison is not by a column in which each animal has one value, and where a
    condition has no animal that was seen.
    """
    told = individuals[individuals["individual"] != ""].groupby("individual")
    if whole["by"] not in individuals or (told[whole["by"]].nunique() > 1).any():
        return ""
    conditions = told[whole["by"]].first()
    animals = budgets[(budgets["level"] == "individual") & (budgets["set"] == whole["set"])].drop_duplicates("unit")
    animals = (
        animals[animals["visible_s"] >= max(least_s, 1e-6)].set_index("unit").sort_values("visible_s", kind="stable")
    )
    halves = {str(whole[half]): animals[conditions.reindex(animals.index) == whole[half]] for half in HALVES}
    if any(own.empty for own in halves.values()):
        return ""
    times = "; ".join(_of_condition(name, own) for name, own in halves.items())
    return f"The animals compared were recognized for unequal times: {times}."


def _of_condition(name: str, own: pd.DataFrame) -> str:
    ends = [f"{duration(own['visible_s'].iloc[k])} ({own.index[k]})" for k in (0, -1)]
    left_out = percent(excluded_share(own[["visible_s", "excluded_s"]].sum()))
    return f"{name} {' to '.join(ends)}, {left_out} of their tracked time left out"
