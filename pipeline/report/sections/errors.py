"""How right it is: what an audit found, and budgets corrected by the recognizer's held-out clips."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.ethology.correction.audited import LEAST_WINDOWS
from pipeline.ethology.correction.tables import AUDIT_ERRORS, CONFUSIONS, CORRECTED
from pipeline.ethology.ethogram import UNKNOWN
from pipeline.report.answers import by_told, doubts, trusted, unknown_answered
from pipeline.report.audited import audit_of, by_figure, by_observer, figure_of, limited, of_pairs
from pipeline.report.figures import FigureEntry
from pipeline.report.held_out import flattering
from pipeline.report.markup import Markup, folded, table, tag, together
from pipeline.report.sections.common import (
    OF_BOUTS,
    between,
    by_set,
    found,
    listed,
    note,
    of_pooled,
    pictures,
    uncomputed,
)
from pipeline.report.words import percent, plural

_AUDIT = (
    "Moments of this footage, drawn at random by the behaviour recognized and by session, were to be judged by eye "
    "without seeing what was recognized: what does the animal do at that very moment, which a few seconds of film "
    "around it help to see. All figures are weighted by the draw, so they are of the whole time and not of the windows."
)
_COLUMNS = (
    f"Here {OF_BOUTS}. "
    "Precision: share of the time recognized as a behaviour that is it. Recall: share of the time of a behaviour that "
    "is recognized as it. Share recognized: of the recognized time; share by an observer: of the audited time in "
    "sight that was answered, recognized or unknown. Windows recognized so are behind the precision, windows seen "
    f"behind the recall. In brackets limits; there are none for fewer than {LEAST_WINDOWS} windows, or where no "
    "answers within a stratum differ, which is no proof that none would"
)
_CORRECTION = (
    "The shares as they were recognized, and corrected by how the recognizer errs on its held-out clips{}. That helps "
    "only where those clips are like this footage: raw shares and an audit come first."
)


def errors(tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry]) -> Markup:
    """Audit and correction, whichever was asked for; empty where neither was."""
    parts = []
    if "audit_accuracy" in tables:
        parts += [tag("h3", "An audit of this footage"), *_audit(tables, figures)]
    if "corrected_budgets" in tables:
        parts += [tag("h3", "Corrected for the recognizer's errors"), *_correction(tables, figures)]
    return together(parts)


def _audit(tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry]) -> Iterator[Markup]:
    audit, errors_of = audit_of(tables), found(tables, AUDIT_ERRORS)
    if audit.empty:
        yield uncomputed("Audit", ["no window has an answer that tells a behaviour"])
        return
    used, doubted = trusted(tables), list(doubts(tables).values())
    yield tag("p", _AUDIT)
    yield tag("p", _drawn(errors_of))
    for doubt in doubted:
        yield tag("p", tag("b", doubt), class_="lead")
    hidden = [entry for entry in figures if any(doubt in entry.caption for doubt in doubted)]
    yield from _found(used, errors_of, [entry for entry in figures if entry not in hidden])
    if doubted:
        rest = audit[~audit["observer"].isin(used["observer"])]
        yield folded("What it says, not to be used", together(_found(rest, errors_of, hidden)))


def _found(audit: pd.DataFrame, errors_of: pd.DataFrame, figures: Sequence[FigureEntry]) -> Iterator[Markup]:
    """What each observer found, alone and held against others."""
    for name, rows in by_observer(audit):
        yield tag("p", _lead(name, rows), class_="lead")
    for both, rows in of_pairs(audit):
        agreement, kappa = figure_of(rows, "agreement"), figure_of(rows, "kappa")
        yield tag(
            "p",
            f"{both}: they say the same of {limited(agreement)} of the time, kappa {limited(kappa, as_share=False)} "
            f"({plural(int(agreement['n']), 'window')} that both answered).",
        )
    yield pictures(figures, "audit")
    for name, rows in by_observer(audit):
        own = errors_of[errors_of["observer"] == name]
        yield _by_behaviour(name, rows)
        if unanswered := unknown_answered(name, by_told(own)):
            yield note(unanswered)
        yield folded(f"What was recognized, and what {name} saw", _seen(own))


def _drawn(errors_of: pd.DataFrame) -> str:
    """How many windows there are, how many each observer answered, and how many of those told as unknown."""
    people = {str(name): by_told(cells) for name, cells in errors_of.groupby("observer", sort=False)}
    drawn = next(iter(people.values()))["drawn"]
    answered = listed([f"{told['answered'].sum():,} by {name}" for name, told in people.items()])
    unknown = ""
    if drawn.get(UNKNOWN, 0):
        of_them = listed([f"{told['answered'][UNKNOWN]:,} by {name}" for name, told in people.items()])
        unknown = f"; of the {drawn[UNKNOWN]:,} unknown ones, {of_them}"
    return f"{plural(int(drawn.sum()), 'window')} drawn; answered: {answered}{unknown}."


def _lead(name: str, rows: pd.DataFrame) -> str:
    accuracy, kappa = figure_of(rows, "accuracy"), figure_of(rows, "kappa")
    how = str(accuracy["method"])
    return (
        f"{name}: {limited(accuracy)} of the recognized time is right, kappa {limited(kappa, as_share=False)} ({how})."
    )


def _by_behaviour(name: str, rows: pd.DataFrame) -> Markup:
    ways = by_figure(rows)
    shown = [
        (
            str(behaviour),
            str(ways["precision"]["n"][behaviour]),
            limited(ways["precision"].loc[behaviour]),
            str(ways["recall"]["n"][behaviour]),
            limited(ways["recall"].loc[behaviour]),
            percent(ways["share_told"]["value"][behaviour]),
            limited(ways["share"].loc[behaviour]),
        )
        for behaviour in ways["share"].index
    ]
    head = (
        "behaviour", "windows recognized so", "precision", "windows seen", "recall", "share recognized",
        f"share by {name}",
    )  # fmt: skip
    return table(head, shown, f"By {name}. {_COLUMNS}")


def _seen(cells: pd.DataFrame) -> Markup:
    """Shares of the audited time, and windows, by what was told (rows) and seen (columns)."""
    whole = cells.pivot_table(index="told", columns="true", values=["share", "windows"], sort=False)
    there = [name for name in whole["windows"].columns if whole["windows"][name].any()]
    rows = [
        (str(told), *(_cell(whole["share"][name][told], whole["windows"][name][told]) for name in there))
        for told in whole.index
        if whole["windows"].loc[told].any()
    ]
    return table(("recognized", *there), rows, "Share of the audited time; in brackets windows. Columns: what was seen")


def _cell(share: float, windows: float) -> str:
    return f"{percent(share)} ({windows:.0f})" if windows else "-"


def _correction(tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry]) -> Iterator[Markup]:
    budgets, matrices = found(tables, CORRECTED), found(tables, CONFUSIONS)
    yield tag("p", _CORRECTION.format(flattering(bool(matrices["chose_checkpoint"].any()))))
    if budgets.empty:
        yield uncomputed("Corrected shares", ["no time was recognized"])
    for title, rows in by_set(of_pooled(budgets)):
        pooled = rows[rows["weighting"] == "pooled"]
        if pooled["corrected"].isna().all():
            yield uncomputed(f"Corrected shares{title}", pooled["method"].tolist())
            continue
        yield _raw_and_corrected(title, pooled)
    yield pictures(figures, "corrected")
    for title, rows in by_set(matrices[matrices["species"] == "all"]):
        if rows["clips"].any():
            yield folded(f"What held-out clips are taken for{title}", _taken(rows))


def _raw_and_corrected(title: str, pooled: pd.DataFrame) -> Markup:
    rows = [
        (
            row["behaviour"] + (f" ({row['merged']})" if row["merged"] else ""),
            *(cell for way in ("raw", "corrected", "poststratified") for cell in _share(row, way)),
            f"{row['clips']} / {row['recordings']}",
        )
        for _, row in pooled.iterrows()
    ]
    ways = (("raw", "limits"), ("corrected", "limits"), ("post-stratified", "limits"))
    head = ("behaviour", *(word for pair in ways for word in pair), "clips / recordings")
    first = pooled.iloc[0]
    caption = (
        f"Shares of all animals pooled{title}: {first['method']}; condition number {first['condition']:.3g}. "
        "Post-stratified is right only where behaviours are as frequent as among the clips"
    )
    return table(head, rows, caption)


def _share(row: "pd.Series[Any]", way: str) -> tuple[str, str]:
    return percent(row[way]), between(row[f"{way}_low"], row[f"{way}_high"])


def _taken(rows: pd.DataFrame) -> Markup:
    """The confusion matrix of all clips: rows true, columns told."""
    told = list(dict.fromkeys(rows["told"]))
    shown = [
        (str(true), *map(percent, own.set_index("told")["rate"].reindex(told)), str(own["true_clips"].iloc[0]))
        for true, own in rows.groupby("true", sort=False)
    ]
    worst = rows["condition"].iloc[0]
    caption = "Share of the clips of each behaviour (rows) that a run tells as the columns say"
    caption += "" if pd.isna(worst) else f"; condition number {worst:,.4g}"
    return table(("true", *(f"recognized as {name}" for name in told), "clips"), shown, caption)
