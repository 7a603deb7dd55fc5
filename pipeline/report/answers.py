"""What the answers of an audit say of the audit itself: whether it was made blind, and what it leaves open."""

from collections.abc import Iterator, Mapping

import pandas as pd

from pipeline.ethology.correction.tables import AUDIT_ERRORS
from pipeline.ethology.ethogram import UNKNOWN
from pipeline.report.words import plural

MANY = 30  # answers, from which on not one that differs is strange
FEW_UNKNOWN = 5  # windows told as unknown, from which on it is strange if just these have no answer
LEAST_ANSWERED = 0.5  # of the windows told as unknown, under which figures rest on too few of them


def by_told(cells: pd.DataFrame) -> pd.DataFrame:
    """``tables.AUDIT_ERRORS`` of one observer by what was told: windows ``drawn``, ``answered``, and so ``alike``."""
    alike = cells["windows"].where(cells["told"] == cells["true"], 0)
    told = cells.assign(alike=alike).groupby("told", sort=False)
    return told.agg(drawn=("drawn", "first"), answered=("windows", "sum"), alike=("alike", "sum"))


def of_answers(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Sentences for who reads the report: observers who may have seen what was told, and unknown time unanswered."""
    for name, cells in tables.get(AUDIT_ERRORS.name, AUDIT_ERRORS.empty()).groupby("observer", sort=False):
        told = by_told(cells)
        if signs := _not_blind(told):
            yield f"{name}'s answers to the audit {signs}: check that they were made blind."
        if unanswered := unknown_answered(str(name), told):
            yield unanswered


def unknown_answered(name: str, told: pd.DataFrame) -> str:
    """How many of the windows told as unknown have an answer, where that is under half of them; else empty."""
    drawn, answered = (int(told[name].get(UNKNOWN, 0)) for name in ("drawn", "answered"))
    if drawn == 0 or answered >= LEAST_ANSWERED * drawn:
        return ""
    rests = f"rest on {answered} for all of that time" if answered else "leave that time out"
    return (
        f"{drawn - answered} of {plural(drawn, 'window')} told as unknown were not answered by {name}: recall and "
        f"shares by {name} {rests}."
    )


def _not_blind(told: pd.DataFrame) -> str:
    """What somebody's answers have who looked at what was told; empty: nothing."""
    behaviours = told.drop(index=UNKNOWN, errors="ignore").sum()
    unknown = told.loc[UNKNOWN] if UNKNOWN in told.index else told.sum() * 0
    signs = []
    if behaviours["answered"] >= MANY and behaviours["alike"] == behaviours["answered"]:
        signs.append(f"equal what was told in all {behaviours['answered']:,} windows")
    if unknown["drawn"] >= FEW_UNKNOWN and unknown["answered"] == 0 and behaviours["answered"] == behaviours["drawn"]:
        signs.append(f"are missing in just the {unknown['drawn']:,} that were told as unknown")
    return " and ".join(signs)
