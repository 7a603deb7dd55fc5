"""The stage over all videos that holds two conditions against each other; done where ``compare`` asks for it."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from pipeline import tables
from pipeline.artifacts import read_table
from pipeline.chain.desk import OF_BOUTS, StudyDesk, StudyStage
from pipeline.ethology.contrasts.bouts import compare_bouts
from pipeline.ethology.contrasts.budgets import compare_budgets
from pipeline.ethology.contrasts.families import together
from pipeline.ethology.contrasts.tables import BOUT_CONTRASTS, BUDGET_CONTRASTS, TRANSITION_CONTRASTS
from pipeline.ethology.contrasts.transitions import compare_transitions
from pipeline.ethology.covariates import bouts_with
from pipeline.ethology.durations.criteria import gaps_to_bridge
from pipeline.ethology.durations.tables import CRITERIA

CONTRASTS = (BUDGET_CONTRASTS, BOUT_CONTRASTS, TRANSITION_CONTRASTS)


def _contrasts(desk: StudyDesk) -> list[Path]:
    """Shares of time, bouts, and what follows what, in two conditions; a comparison after the other."""
    parts = desk.parts
    bouts, how = desk.table(tables.BOUTS), (parts.ethogram, parts.statistics, parts.contrasts)
    found: dict[str, list[pd.DataFrame]] = {table.name: [] for table in CONTRASTS}
    fitted = read_table(desk.folder("bouts") / f"{CRITERIA.name}.csv", CRITERIA)
    gap_s = gaps_to_bridge(fitted, parts.ethogram, parts.bouts)
    of_bouts = partial(compare_bouts, min_ended=parts.bouts.min_ended, gap_s=gap_s)
    ways: tuple[Callable[..., pd.DataFrame], ...] = (compare_budgets, of_bouts, compare_transitions)
    for one in parts.compare:
        joined = bouts_with(bouts, [one.by], *parts.told)
        for table, compare in zip(CONTRASTS, ways, strict=True):
            found[table.name].append(compare(joined, one.by, *how, one.conditions))
    whole = (together(found[table.name], table, parts.contrasts) for table in CONTRASTS)
    return desk.write("contrasts", CONTRASTS, whole)


CONTRAST_STAGE = StudyStage(
    "contrasts",
    7,
    ("ethogram", "contrasts", "bouts", "statistics", "compare", "individuals", "observations", "sessions"),
    (),
    (*OF_BOUTS, f"tables/bouts/{CRITERIA.name}.csv"),
    _contrasts,
    asked="compare",
)
