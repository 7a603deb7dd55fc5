"""What warns of the recognizer in a report: how right it is known to be, and what an audit found of it."""

from collections.abc import Iterator

import pandas as pd

from pipeline.ethology.correction.audited import LEAST_WINDOWS
from pipeline.report.audited import by_observer, limited, of_pairs, seen_right
from pipeline.report.held_out import LEAST_RECALL, bouts_apart, bouts_read_by, overconfident, recall
from pipeline.report.sections.common import listed
from pipeline.report.summary import RunSummary
from pipeline.report.words import percent

COMMON = 0.05  # a behaviour with such a share matters
LEAST_KAPPA = 0.6  # of two observers of an audit, under which it is doubtful what is true (Landis and Koch 1977)


def of_recognizer(summary: RunSummary, budgets: pd.DataFrame, audit: pd.DataFrame) -> Iterator[str]:
    """Nothing known of how often it is right, behaviours that it often misses, probabilities that say too much."""
    name, known = summary.recognizer, summary.held_out
    if name != summary.model.get("recognizer"):
        yield (
            "By which recognizer the behaviours were recognized, and what it means by them, is not recorded in these "
            "runs: the figures cannot be made again from this report alone."
        )
    if not known and not seen_right(audit):
        yield (
            f"How often {name} is right is not known: there are no figures of it from held-out clips, and no audit "
            "to be used (ethopipe audit)."
        )
    shares = _common(budgets)
    for behaviour, right in recall(known).items():
        if right < LEAST_RECALL and behaviour in shares:
            yield (
                f"{behaviour} ({percent(shares[behaviour])} of the time here): only {percent(right)} of its held-out "
                f"clips were recognized right by {name}."
            )
    there = set(budgets.loc[budgets["bouts"] > 0, "behaviour"])
    if apart := [f"{name} ({ratios})" for name, ratios in bouts_apart(known).items() if name in there]:
        yield (
            f"Bouts and transitions of {listed(apart)} are not to be trusted: so {name} tells them in footage whose "
            "bouts are known. Shares of time suffer less."
        )
    here = summary.told.get("behaviours", {})
    by = bouts_read_by(known)
    if any(here.get(setting, value) != value for setting, value in by.items()):
        settings = " ".join(f"behaviours.{setting}={value:g}" for setting, value in by.items())
        yield (
            f"How many bouts {name} tells for each that there is, is known of {settings}; here behaviours are told "
            "otherwise, and bouts and transitions may be further from the truth. Shares of time suffer less."
        )
    if overconfident(known):
        doubtful = ["confidences", "what was left out as unknown"]
        doubtful += ["what each window is weighed by (behaviours.adapt)"] if here.get("adapt") else []
        yield (
            f"The probabilities of {name} say too much on its held-out clips (log loss {known['log_loss']:.2f}): "
            f"{listed(doubtful)} are not to be trusted."
        )


def of_audit(audit: pd.DataFrame, budgets: pd.DataFrame) -> Iterator[str]:
    """Common behaviours of which an audit found much to be something else, and observers who do not agree."""
    shares = _common(budgets) if len(budgets) else {}
    for name, rows in by_observer(audit):
        right = rows[(rows["figure"] == "precision") & (rows["n"] >= LEAST_WINDOWS)]
        for _, row in right[right["value"] < LEAST_RECALL].iterrows():
            if (behaviour := row["behaviour"]) in shares:
                yield (
                    f"{behaviour} ({percent(shares[behaviour])} of the time here): an audit by {name} found only "
                    f"{limited(row)} of the time recognized so to be it."
                )
    for both, rows in of_pairs(audit):
        kappa = rows.loc[rows["figure"] == "kappa", "value"].iloc[0]
        if kappa < LEAST_KAPPA:
            yield f"{both} agree with a kappa of {kappa:.2f} only: what is true in the audit is doubtful itself."


def _common(budgets: pd.DataFrame) -> dict[str, float]:
    """Pooled shares of the behaviours that matter."""
    pooled = budgets[(budgets["level"] == "pooled") & (budgets["share"] >= COMMON)]
    return dict(zip(pooled["behaviour"], pooled["share"], strict=True))
