"""The stages over all videos on the recognizer's errors, each done only where it is asked for: correction and audit.

Each writes its tables into a folder of its name below ``tables/``.
"""

from collections.abc import Mapping
from pathlib import Path

from pipeline import tables
from pipeline.chain.desk import OF_BOUTS, StudyDesk, StudyStage
from pipeline.columns import Table
from pipeline.ethology.correction import tables as correction_tables
from pipeline.ethology.correction.audited import audited
from pipeline.ethology.correction.budgets import corrected_budgets
from pipeline.ethology.correction.sheet import check_key
from pipeline.ethology.covariates import bouts_with

ERRORS: Mapping[str, tuple[Table, ...]] = {  # by the name of the stage and of its folder
    "correction": (correction_tables.CORRECTED, correction_tables.CONFUSIONS),
    "audit": (correction_tables.AUDIT, correction_tables.AUDIT_ERRORS),
}


def _correction(desk: StudyDesk) -> list[Path]:
    """Budgets corrected by the recognizer's held-out clips, beside the raw ones."""
    parts = desk.parts
    assert parts.held_out_clips is not None, "asked for without clips"
    told = parts.individuals, parts.sessions, parts.observations
    bouts = bouts_with(desk.table(tables.BOUTS), parts.statistics.by, *told)
    given = parts.ethogram, parts.statistics, parts.correction
    return desk.write("correction", ERRORS["correction"], corrected_budgets(bouts, parts.held_out_clips, *given))


def _audit(desk: StudyDesk) -> list[Path]:
    """What observers found in windows that they looked at blindly."""
    parts = desk.parts
    assert parts.audit is not None, "asked for without sheets"
    check_key(parts.audit.key, desk.table(tables.BOUTS))
    found = audited(parts.audit.filled, parts.audit.key, parts.ethogram, parts.statistics.confidence)
    return desk.write("audit", ERRORS["audit"], found)


ERROR_STAGES = (
    StudyStage(
        "correction",
        5,
        (
            "held_out", "ethogram", "behaviours", "correction", "statistics", "individuals", "observations", "sessions",
        ),
        (),
        OF_BOUTS,
        _correction,
        asked="held_out",
    ),
    StudyStage("audit", 5, ("audit", "ethogram", "statistics"), (), OF_BOUTS, _audit, asked="audit"),
)  # fmt: skip
