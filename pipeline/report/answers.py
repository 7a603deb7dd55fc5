"""What the answers of an audit say of the audit itself: whether it was made blind, and what it leaves open."""

from collections.abc import Iterator, Mapping

import pandas as pd

from pipeline.ethology.correction.tables import AUDIT_ERRORS, PAIRED
from pipeline.ethology.ethogram import UNKNOWN
from pipeline.report.audited import audit_of
from pipeline.report.words import plural

# answers, from which on not one that differs is strange: where 98 % are right, 150 all are by chance once in twenty
# audits, and 30 in every second
MANY = 150
FEW_UNKNOWN = 5  # windows told as unknown, from which on it is strange if just these are empty
LEAST_ANSWERED = 0.5  # of the windows told as unknown, under which figures rest on too few of them


def by_told(cells: pd.DataFrame) -> pd.DataFrame:
    """``tables.AUDIT_ERRORS`` of one observer by what was told: windows ``drawn``, ``answered``, and so ``alike``, and
    ``empty``; those answered ``unknown`` are neither answered nor empty.
    """
    alike = cells["windows"].where(cells["told"] == cells["true"], 0)
    of = cells.assign(alike=alike).groupby("told", sort=False)
    told = of.agg(drawn=("drawn", "first"), answered=("windows", "sum"), alike=("alike", "sum"))
    return told.assign(empty=told["drawn"] - told["answered"] - of["unknown"].first())


def doubts(tables: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Observers who may have seen what was told, by name: a sentence to stand wherever their figures do."""
    return {
        name: f"The audit by {name} is not to be used until it is shown that it was made blind: its answers {signs}."
        for name, told in _by_observer(tables)
        if (signs := _not_blind(told))
    }


def trusted(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """``audited.audit_of`` without whom ``doubts`` names, alone or held against another observer."""
    audit, doubted = audit_of(tables), set(doubts(tables))
    return audit.loc[[doubted.isdisjoint(names.split(PAIRED)) for names in audit["observer"]]]


def unanswered(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """Of observers whom nothing speaks against, a sentence each where they left unknown time unanswered."""
    doubted = doubts(tables)
    for name, told in _by_observer(tables):
        if name not in doubted and (words := unknown_answered(name, told)):
            yield words


def _by_observer(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, pd.DataFrame]]:
    """``by_told`` of each observer by name."""
    cells = tables.get(AUDIT_ERRORS.name, AUDIT_ERRORS.empty())
    yield from ((str(name), by_told(own)) for name, own in cells.groupby("observer", sort=False))


def unknown_answered(name: str, told: pd.DataFrame) -> str:
    """How many of the windows told as unknown have no answer, where that is over half of them; else empty."""
    drawn, answered = (int(told[name].get(UNKNOWN, 0)) for name in ("drawn", "answered"))
    if drawn == 0 or answered >= LEAST_ANSWERED * drawn:
        return ""
    rests = f"rest on {answered} for all of that time" if answered else "leave that time out"
    return (
        f"{drawn - answered} of {plural(drawn, 'unknown window')} were left empty or unknown by {name}: recall and "
        f"shares by {name} {rests}."
    )


def _not_blind(told: pd.DataFrame) -> str:
    """What somebody's answers have who looked at what was told; empty: nothing."""
    behaviours = told.drop(index=UNKNOWN, errors="ignore").sum()
    unknown = told.loc[UNKNOWN] if UNKNOWN in told.index else told.sum() * 0
    signs = []
    if behaviours["answered"] >= MANY and behaviours["alike"] == behaviours["answered"]:
        signs.append(f"equal what was recognized in all {behaviours['answered']:,} windows")
    if unknown["empty"] == unknown["drawn"] >= FEW_UNKNOWN and behaviours["empty"] == 0:
        signs.append(f"are missing in just the {unknown['drawn']:,} that are unknown")
    return " and ".join(signs)
