"""The paragraphs of the methods text on the recognizer's errors: the audit, and the correction of shares."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipeline.ethology.correction.tables import AUDIT_ERRORS, CONFUSIONS, CORRECTED
from pipeline.report.answers import by_told, doubts, trusted
from pipeline.report.audited import by_observer, figure_of, limited, of_pairs
from pipeline.report.held_out import flattering
from pipeline.report.words import plural


def errors_text(settings: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """A paragraph each, where it was done; ``settings`` are all groups."""
    if len(audit := trusted(tables)):
        yield " ".join([_audit(audit, tables[AUDIT_ERRORS.name]), *doubts(tables).values()])
    elif doubted := doubts(tables):
        yield f"Moments of this footage were drawn for an audit, but nothing rests on it. {' '.join(doubted.values())}"
    budgets = tables.get(CORRECTED.name, CORRECTED.empty())
    if len(pooled := budgets[budgets["level"] == "pooled"]):
        matrices = tables.get(CONFUSIONS.name, CONFUSIONS.empty())
        yield _correction(pooled, settings["correction"], bool(matrices["chose_checkpoint"].any()))


def _audit(audit: pd.DataFrame, cells: pd.DataFrame) -> str:
    people = list(by_observer(audit))
    told = {str(name): by_told(own) for name, own in cells.groupby("observer", sort=False)}
    drawn = int(next(iter(told.values()))["drawn"].sum())
    found = [
        f"according to {name}, who answered {told[name]['answered'].sum():,}, "
        f"{limited(figure_of(rows, 'accuracy'))} of the recognized time was right (kappa "
        f"{limited(figure_of(rows, 'kappa'), as_share=False)})"
        for name, rows in people
    ]
    agreed = [
        f" {name} said the same of {limited(figure_of(rows, 'agreement'))} of the time (kappa "
        f"{limited(figure_of(rows, 'kappa'), as_share=False)})."
        for name, rows in of_pairs(audit)
    ]
    return (
        f"How right the recognizer is on this footage was found by an audit: {drawn:,} moments, drawn at random within "
        "strata of what was recognized and session with known probabilities, were given to "
        f"{plural(len(people), 'observer')}, who {'was' if len(people) == 1 else 'were'} to judge them by eye without "
        "seeing what had been recognized. "
        "Accuracy, kappa (Cohen 1960), precision, recall and the shares of behaviours are weighted by that design "
        "(Olofsson et al. 2014), their errors linearised (Cochran 1977, Stehman 2014): "
        f"{'; '.join(found)}.{''.join(agreed)}"
    )


def _correction(pooled: pd.DataFrame, settings: Mapping[str, Any], chose_checkpoint: bool) -> str:
    how = (
        "by the confusion matrix (Rogan and Gladen 1978, Buonaccorsi 2010) of the recognizer's held-out clips"
        f"{flattering(chose_checkpoint)}, told by the run's own rules"
    )
    if pooled["corrected"].isna().all():
        reasons = "; ".join(dict.fromkeys(pooled["method"]))
        return f"A correction of the shares {how}, was refused ({reasons})."
    return (
        f"Beside the raw shares stand shares corrected {how}, by least squares with no share below 0; each species has "
        f"a matrix of its own, to whose rows {settings['prior_clips']:g} clips of all species are added. Their limits "
        "are by the jackknife over sessions or animals and over held-out recordings. It is refused where the matrix's "
        f"condition number exceeds {settings['max_condition']:g} or a behaviour has fewer than "
        f"{settings['min_clips']} clips in {settings['min_recordings']} recordings."
    )
