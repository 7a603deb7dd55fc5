"""The stage over all videos that holds two conditions against each other; done where ``compare`` asks for it."""

from pathlib import Path

import pandas as pd

from pipeline import tables
from pipeline.chain.desk import OF_BOUTS, StudyDesk, StudyStage
from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.tables import BUDGET_CONTRASTS, TRANSITION_CONTRASTS
from pipeline.ethology.contrasts.transitions import compare_transitions
from pipeline.ethology.covariates import bouts_with

CONTRASTS = (BUDGET_CONTRASTS, TRANSITION_CONTRASTS)


def _contrasts(desk: StudyDesk) -> list[Path]:
    """Shares of time, and what follows what, in two conditions; a comparison after the other."""
    parts = desk.parts
    bouts, how = desk.table(tables.BOUTS), (parts.ethogram, parts.statistics, parts.contrasts)
    budgets, moves = [], []
    for one in parts.compare:
        joined = bouts_with(bouts, [one.by], parts.individuals, parts.sessions, parts.observations)
        budgets.append(compare_budgets(joined, one.by, *how, one.conditions))
        moves.append(compare_transitions(joined, one.by, *how, one.conditions))
    found = (pd.concat(rows, ignore_index=True) for rows in (budgets, moves))
    return desk.write("contrasts", CONTRASTS, found)


CONTRAST_STAGE = StudyStage(
    "contrasts",
    1,
    ("ethogram", "contrasts", "statistics", "compare", "individuals", "observations", "sessions"),
    (),
    OF_BOUTS,
    _contrasts,
    asked="compare",
)
