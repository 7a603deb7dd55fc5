"""Bouts: how long they last, what lies between them, how often they begin, and what ends one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.ethology.durations.latencies import RECORD
from pipeline.ethology.durations.lengths import reporting_head, reporting_line
from pipeline.ethology.durations.tables import CRITERIA, DURATIONS, GAPS, LATENCIES, RATES
from pipeline.report.bars import KEYS, told_apart
from pipeline.report.bridged import bridged_gaps
from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, bullets, folded, table, tag, together
from pipeline.report.sections.broken import broken
from pipeline.report.sections.common import (
    between,
    by_set,
    filled,
    found,
    listed,
    note,
    of_pooled,
    pictures,
    seconds,
    unit_name,
)
from pipeline.report.words import CUT_OFF, percent, plural
from pipeline.tables import BOUTS, TIME_BUDGETS

_KEYS = ["set", "behaviour"]
_MOST_UNITS = 12  # of which there are lines in the page
_NAN = float("nan")
_MEDIANS = (
    "Medians and quartiles: Kaplan-Meier, of bouts whose start was seen, as if records broke off whatever animals do."
)
_POOLED = (
    "Shares here are of all animals' time together: not what groups are compared by, which are means over animals."
)
_FIRST = {RECORD: "its first moment there"}  # in plain words
_CRITERION = (
    "Two bouts of a behaviour with a short gap between them may be one that was interrupted. From which gap on they "
    "are two, its criterion, is where short and long gaps part; to find it takes many gaps seen whole, from the end of "
    "one bout to the beginning of the next"
)
_NO_BORDER = {  # why gaps have no criterion, as the tables say it, in plain words
    "one process": "its gaps are all of one kind: no short ones stand apart from long ones",
    "a process is nowhere the likeliest": "short and long gaps overlap too much to be told apart",
}


def bouts(tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry]) -> Markup:
    """Reporting lines, the table of times and rates, latencies, and the gap that ends a bout."""
    durations, gaps, rates, latencies, criteria = (
        of_pooled(found(tables, one)) for one in (DURATIONS, GAPS, RATES, LATENCIES, CRITERIA)
    )
    if not (rates["bouts"] > 0).any():
        return Markup("")
    budgets = found(tables, TIME_BUDGETS)
    lines = [*_reported(durations[durations["bouts"] > 0], budgets)]
    rest = [_by_group(found(tables, DURATIONS), budgets), *map(note, broken(found(tables, BOUTS)))]
    told = [tag("h3", "As a paper reports it"), *lines, *rest] if lines else []
    tabled = [_times(title, own, durations, gaps) for title, own in by_set(rates)]
    ended = [
        tag("h3", "Which gap ends a bout"),
        _criteria(criteria, bridged_gaps(durations)),
        pictures(figures, "gaps", "sensitivity"),
    ]
    return together([note(f"{CUT_OFF}."), *told, *tabled, _latencies(latencies), *(ended if lines else [])])


def _reported(durations: pd.DataFrame, budgets: pd.DataFrame) -> Iterator[Markup]:
    """What each set rests on, and a line a behaviour."""
    for title, own in by_set(durations):
        first = own.iloc[0]
        who = "All animals" if first["level"] == "pooled" else f"{first['level']} {unit_name(first)}"
        yield tag("p", f"{who}{title}: {reporting_head(first, _tracked_s(first, budgets))}. {_MEDIANS}")
        yield bullets([reporting_line(row) for _, row in own.iterrows()])


def _tracked_s(unit: "pd.Series[Any]", budgets: pd.DataFrame) -> float:
    """Animal seconds from first boxes to last, lost time among them; a row of DURATIONS has those with a box alone."""
    keys = [*KEYS, "set"]
    own = budgets[(budgets[keys] == unit[keys]).all(axis=1)].iloc[0]
    return float(own["visible_s"] + own["excluded_s"])


def _by_group(durations: pd.DataFrame, budgets: pd.DataFrame) -> Markup:
    """The same of every species, where there are several, and of every value of the user's columns, folded away."""
    rows = told_apart(durations[durations["bouts"] > 0])
    rows = rows[~rows["level"].isin(["pooled", "session", "individual"])]
    units = [own for _, own in rows.groupby(["level", "unit", "species"], sort=False)]
    if not units:
        return Markup("")
    lines = [line for own in units[:_MOST_UNITS] for line in _reported(own, budgets)]
    rest = f"So of {plural(len(units) - _MOST_UNITS, 'more group')}: tables/bouts/durations.csv."
    more = [note(rest)] if len(units) > _MOST_UNITS else []
    return folded("The same by group", together([note(_POOLED), *lines, *more]))


def _times(title: str, rates: pd.DataFrame, durations: pd.DataFrame, gaps: pd.DataFrame) -> Markup:
    """A row a behaviour; events have rates and gaps only."""
    of_bouts, of_gaps = (_by_key(one) for one in (durations, gaps))
    rows = []
    for _, rate in rates[rates["bouts"] > 0].iterrows():
        key = rate["set"], rate["behaviour"]
        bout, gap = of_bouts.get(key, {}), of_gaps.get(key, {})
        rows.append(
            (
                rate["behaviour"],
                f"{rate['bouts']:,}",
                percent(bout.get("censored_share", _NAN)),
                *_ended(bout),
                *_quartiles(bout),
                _limits(bout),
                seconds(bout.get("mean_s", _NAN)),
                _quartiles(gap)[0],
                f"{rate['starts_per_h']:.1f}" if pd.notna(rate["starts_per_h"]) else "-",
                between(rate["starts_low"], rate["starts_high"], "{:.1f}".format),
            )
        )
    head = (
        "behaviour", "bouts", "cut off", "start seen", "seen whole", "median", "quartiles", "interval of the median",
        "mean of those seen whole", "median gap", "starts / h", "interval of starts",
    )  # fmt: skip
    caption = (
        f"Bouts{title} over all animals.{_joined(durations)} Medians and quartiles are of bouts whose start was seen; "
        "what was seen of those cut off counts as the least they lasted (Kaplan-Meier); gaps are from one bout of a "
        "behaviour to its next; no median where fewer than "
        "bouts.min_ended were seen to end, or where one of these would stand for over 1 / bouts.min_ended of all. An "
        "open end (...): too few were followed for so long. Starts are of bouts whose start was seen: fewer than "
        "bouts_per_h of time_budgets.csv, which counts those that were going on when the animal came into sight. "
        f"Intervals: {_intervals(rates)}"
    )
    return table(*filled(head, rows), caption)


def _joined(durations: pd.DataFrame) -> str:
    """Which bouts count as one, if any do."""
    gaps = bridged_gaps(durations)
    return f" Bouts that gaps of up to {gaps} part count as one here." if gaps else ""


def _intervals(rates: pd.DataFrame) -> str:
    """How the limits of most behaviours were made."""
    return str(rates["method"].mode().iloc[0])


def _ended(times: Any) -> tuple[str, str]:
    """Of a behaviour's bouts: how many starts were seen, and of these how many ends; events have neither."""
    return (f"{times['n']:,}", f"{times['n_complete']:,}") if times else ("-", "-")


def _by_key(rows: pd.DataFrame) -> dict[tuple[str, str], dict[Any, Any]]:
    """Each row by its set and behaviour."""
    return {(row["set"], row["behaviour"]): row for row in rows.to_dict("records")}


def _quartiles(times: Any) -> tuple[str, str]:
    """Median and quartiles of a row, or of none; ``-`` where there are none."""
    return seconds(times.get("median_s", _NAN)), _between(times, "q1_s", "q3_s")


def _limits(times: Any) -> str:
    """The limits of the median; ``-`` where there is none."""
    return _between(times, "median_low_s", "median_high_s")


def _between(times: Any, low: str, high: str) -> str:
    return between(times.get(low, _NAN), times.get(high, _NAN), seconds)


def _latencies(latencies: pd.DataFrame) -> Markup:
    """Times until a behaviour is first seen, a row a behaviour and start."""
    shown = latencies[latencies["n"] > 0]
    if shown.empty:
        return Markup("")
    rows = [
        (
            row["behaviour"],
            _FIRST.get(row["what"], row["what"]),
            f"{row['n']:,}",
            f"{row['n_complete']:,}",
            f"{row['at_start']:,}",
            *_quartiles(row),
        )
        for _, row in shown.iterrows()
    ]
    head = ("behaviour", "from", "watched", "it occurred", "of them from the start", "median latency", "quartiles")
    tracks, animals = (int(shown[name].max()) for name in ("n_tracks", "n_individuals"))
    who = plural(tracks, "track") + (f" of {plural(animals, 'named animal')}" if animals else "")
    caption = (
        f"{_from(shown)} ({who}; one animal is watched anew in every video); where it did not occur in that, its "
        "length is a lower bound (Kaplan-Meier). No median or quartile where it occurred in fewer than "
        "bouts.min_ended, or where one of these would stand for over 1 / bouts.min_ended of all"
    )
    return folded("Latencies", table(head, rows, caption, words=2))


def _from(latencies: pd.DataFrame) -> str:
    """Where latencies are looked for."""
    if (latencies["what"] == RECORD).all():
        return "Latencies within the first unbroken stretch of each animal in each video"
    return "Latencies from the moments given, of each animal in sight then, within its unbroken stretch"


def _criteria(criteria: pd.DataFrame, gaps: str) -> Markup:
    """The fitted criterion of each behaviour, and why the others have none; ``gaps`` are those bridged."""
    fitted = criteria[criteria["chosen"] & criteria["criterion_s"].notna()]
    lines = [
        f"{row['behaviour']}: gaps over {seconds(row['criterion_s'])} part bouts"
        f" ({between(row['low_s'], row['high_s'], seconds)}; {row['processes']} processes, {row['family']}, "
        f"{row['gaps']} gaps; {row['method']})"
        for _, row in fitted.iterrows()
    ]
    rest = criteria[~criteria["behaviour"].isin(fitted["behaviour"])].sort_values(
        "chosen", ascending=False, kind="stable"
    )
    lines += _unfitted(rest.drop_duplicates(_KEYS))
    how = f"bridged here are gaps of up to {gaps}" if gaps else "here none is bridged (bouts.criterion, bouts.gap_s)"
    return together([note(f"{_CRITERION}; {how}."), bullets(lines)])


def _unfitted(criteria: pd.DataFrame) -> Iterator[str]:
    """Why behaviours have no criterion: a line a reason."""
    few = criteria[criteria["processes"] == 0]
    if len(few):
        names = [f"{name} ({gaps:,})" for name, gaps in zip(few["behaviour"], few["gaps"], strict=True)]
        least = few["method"].iloc[0].rpartition(" ")[2]
        yield f"{listed(names)}: not fitted, as fewer than {least} gaps were seen whole (in brackets how many)"
    for reason, own in criteria[criteria["processes"] > 0].groupby("method", sort=False):
        why = _NO_BORDER.get(str(reason).rpartition("no criterion: ")[2], str(reason))
        yield f"{listed(own['behaviour'].tolist())}: fitted, but without a criterion, as {why}"
