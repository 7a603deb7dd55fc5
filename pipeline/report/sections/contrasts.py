"""Two conditions compared: what differs between them, what is not shown to, and how many that rests on."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

import pandas as pd

from pipeline.ethology.contrasts.families import comparisons
from pipeline.ethology.contrasts.independence import Independent
from pipeline.ethology.contrasts.tables import BOUT_CONTRASTS, BUDGET_CONTRASTS, TRANSITION_CONTRASTS
from pipeline.ethology.ethogram import Kind
from pipeline.ethology.tally import ALL
from pipeline.report.contrast import any_tested, bouts_of, compared, events_of, of_kind, seen, seen_bouts
from pipeline.report.figures import FigureEntry
from pipeline.report.half_seen import half_seen
from pipeline.report.markup import Markup, table, tag, together
from pipeline.report.pictures import shown
from pipeline.report.sections import contrast_bouts, contrast_moves, contrast_units
from pipeline.report.sections.common import OF_BOUTS, between, filled, found, listed, note, uncomputed
from pipeline.report.sections.contrast_words import HALVES, adjusted, over, replicate, replicates, two_ways
from pipeline.report.transition_graph import LEVEL
from pipeline.report.words import p_number, p_words, percent, setting_word
from pipeline.tables import BOUTS, INDIVIDUALS, TIME_BUDGETS
from pipeline.words import plural

_WHAT = (
    "Every animal that was recognized for long enough in a condition (statistics.min_visible_s), or every session, has "
    "one budget there, an animal one in each session where sessions are the replicates. Each counts as much as any "
    f"other: these means are not the pooled shares above. Here {OF_BOUTS}."
)
_TESTED = "What is not shown to differ is not shown to be alike; the limits say how large a difference may still be. "
_NOBODY = "no animal is named there: individuals.csv names them, and contrasts.replicate=session compares sessions"
_FEW = 3  # differences that are named of a comparison that was not tested
_MIXED = {
    "session": "sessions are the replicates here, however many animals they have",
    "named animal": "each shows one animal: animals are the replicates here, however many sessions they have",
    "linked group": "sessions that share animals are one replicate here, a linked group, however many they are",
}


def contrasts(
    tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry], settings: Mapping[str, Any]
) -> Markup:  # fmt: skip
    """Of each comparison sentences, figures, tables and the transitions that differ; empty where none was asked for.

    ``settings`` are all groups.
    """
    budgets, counted = found(tables, BUDGET_CONTRASTS), found(tables, BOUT_CONTRASTS)
    if counted.empty:
        return Markup("")
    bouts, moves = (dict(compared(of)) for of in (of_kind(counted, Kind.state), found(tables, TRANSITION_CONTRASTS)))
    unit, family = (setting_word(settings["contrasts"], name) for name in ("replicate", "family"))
    least_s = float(settings["statistics"]["min_visible_s"])
    parts = [tag("p", _WHAT)]
    follows, doubtful = found(tables, TRANSITION_CONTRASTS), [*_doubtful(tables)]
    if any(map(any_tested, (budgets, counted, follows[follows["form"] == "bout"]))):
        parts.append(tag("p", _TESTED, adjusted(comparisons(counted), family)))
    for title, rows in compared(budgets):
        mine = [shown(entry) for entry in figures if entry.kind == "contrast" and entry.title == title]
        told = together(_told(rows, unit)) if len(seen(rows)) else _unseen(tables, rows, unit)
        parts += [tag("h3", title), told, *(_watched(tables, rows, least_s) if unit == "individual" else [])]
        if mine:
            how = _how(rows[rows["behaviour"] == ALL].iloc[0])
            parts += [*doubtful, *mine, _numbers(title, rows), *_bouts(title, bouts[title], figures, how)]
            parts.append(contrast_moves.told(moves[title]))
    for title, rows in compared(of_kind(counted, Kind.event)):
        parts += _events(title, rows, figures)
    return together(parts)


def _doubtful(tables: Mapping[str, pd.DataFrame]) -> Iterator[Markup]:
    """Behaviours that are doubtful themselves, and their lengths most: the record may not break off at random."""
    if names := [name for _, name in half_seen(found(tables, BOUTS))]:
        yield note(
            f"{listed(names)}: doubtful in all that follows, as mostly seen while animals come into sight or leave it "
            "(Read this first). Mean lengths take the record to break off whatever an animal does: do not use "
            "those at all."
        )


def _events(title: str, rows: pd.DataFrame, figures: Sequence[FigureEntry]) -> Iterator[Markup]:
    """How often events happen: in words, drawn, and as a table."""
    if len(own := seen_bouts(rows)):
        how = _shared(own["method"])
        yield tag("h3", events_of(title))
        yield contrast_bouts.told_of_events(own)
        yield from (shown(one) for one in figures if one.kind == "bout_contrast" and one.title == events_of(title))
        yield contrast_bouts.numbers_of_events(title, own, f"{how}{over(own)}")
        yield from _remarks(own, how)


def _shared(methods: "pd.Series[str]") -> str:
    """What all of these begin with, part by part."""
    parts = zip(*(method.split("; ") for method in methods), strict=False)
    return "; ".join(alike[0] for alike in takewhile(lambda alike: len(set(alike)) == 1, parts))


def _bouts(title: str, rows: pd.DataFrame, figures: Sequence[FigureEntry], how: str) -> Iterator[Markup]:
    """How often bouts begin and how long they last: in words, drawn, and as a table."""
    if len(own := seen_bouts(rows)):
        yield contrast_bouts.told(own)
        yield from (shown(one) for one in figures if one.kind == "bout_contrast" and one.title == bouts_of(title))
        yield contrast_bouts.numbers(title, own, f"{how}{over(own)}")
        yield from _remarks(own, how)


def in_short(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """A sentence for each comparison: the shares that differ, that none is shown to, or why none was tested."""
    for _, rows in compared(found(tables, BUDGET_CONTRASTS)):
        differ, tested = _differing(rows), rows[rows["p_corrected"].notna()]
        whole = rows[rows["behaviour"] == ALL].iloc[0]
        if len(differ):
            told = listed([f"{_more(row)} {row['behaviour']} ({_against(row)})" for _, row in differ.iterrows()])
            yield f"By {whole['by']}, mean shares of time in {whole['second']} against {whole['first']}: {told}."
        elif len(tested):
            row = _largest_first(tested).iloc[0]
            limits = between(row["difference_low"], row["difference_high"], _points)
            yield (
                f"By {whole['by']} ({replicates(whole)}): no share of time is shown to differ. The largest difference, "
                f"{row['behaviour']}: {_points(row['difference'])} points in {whole['second']} (limits, not adjusted: "
                f"{limits}), adjusted {p_words(row['p_corrected'])}."
            )
        else:
            why = _how(whole) or whole["method"]
            yield f"By {whole['by']}: no share of time was tested, because: {why}.{_apart(rows)}"


def _apart(rows: pd.DataFrame) -> str:
    """The largest differences of a comparison that was not tested."""
    far = _largest_first(rows[(rows["behaviour"] != ALL) & rows["difference"].notna()]).head(_FEW)
    told = [f"{row['behaviour']} {_points(row['difference'])}" for _, row in far.iterrows()]
    if not told:
        return ""
    first, second = rows[["first", "second"]].iloc[0]
    means = replicates(rows[rows["behaviour"] == ALL].iloc[0])
    what = f"The largest differences of mean shares of {means}, which may be chance"
    return f" {what}: {listed(told)} points in {second}, against {first}."


def _differing(rows: pd.DataFrame) -> pd.DataFrame:
    """The behaviours whose share differs, the largest difference first."""
    return _largest_first(rows[(rows["p_corrected"] < LEVEL) & (rows["behaviour"] != ALL)])


def _largest_first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("difference", key=lambda values: -values.abs(), kind="stable")


def _more(row: "pd.Series[Any]") -> str:
    return "more" if row["difference"] > 0 else "less"


def _against(row: "pd.Series[Any]") -> str:
    return f"{percent(row['mean_second'])} against {percent(row['mean_first'])}"


def _unseen(tables: Mapping[str, pd.DataFrame], rows: pd.DataFrame, unit: str) -> Markup:
    """Why there is nothing to compare."""
    nobody = unit == "individual" and not (found(tables, INDIVIDUALS)["individual"] != "").any()
    return uncomputed("Comparison", [*rows["method"].tolist(), *([_NOBODY] if nobody else [])])


def _told(rows: pd.DataFrame, unit: str) -> Iterator[Markup]:
    """In plain words: how many it rests on, what differs, what is not shown to, and what to beware of."""
    own, whole = seen(rows), rows[rows["behaviour"] == ALL].iloc[0]
    yield tag("p", _rests_on(whole, unit), contrast_units.holds_for(whole))
    differ, tested = _differing(rows), own[own["p_corrected"].notna()]
    for _, row in differ.iterrows():
        what = f"{row['behaviour']} takes {_more(row)} of the time in {row['second']} than in {row['first']}: "
        limits = between(row["difference_low"], row["difference_high"], _points)
        sure = f"{_points(row['difference'])} points, {limits}; adjusted {p_words(row['p_corrected'])}"
        yield tag("p", tag("b", what), f"{_against(row)} ({sure}).")
    if same := tested.loc[~tested["behaviour"].isin(differ["behaviour"]), "behaviour"].tolist():
        yield tag("p", tag("b", "Not shown to differ: "), f"{listed(same)}.")
    if tested.empty:
        yield uncomputed("Limits and tests of shares and bouts", [_how(whole)])
    else:
        yield tag(
            "p",
            f"All shares together: total variation {whole['difference']:.2f} (the share of time that would "
            f"have to change for both means to be alike), {p_words(whole['p'])}.",
        )
    if whole["constant_within_session"]:
        what = f"Whatever else was special about a session is mixed with it; {_MIXED[replicate(whole)]}."
        yield tag("p", tag("b", f"Mind: {whole['by']} is the same all through each session. "), what)


def _rests_on(row: "pd.Series[Any]", unit: str) -> str:
    """How many budgets there are in each condition, and of how many that are independent."""
    one = replicate(row)
    nested = unit == "individual" and one != Independent.individual.word
    budgets = [f"{plural(int(row[f'units_{half}']), 'budget')} of named animals in " * nested for half in HALVES]
    both = int(row["replicates_both"])
    shared = (
        f"; {plural(both, one)} with both, each its own control: the test exchanges {row['by']} within them"
        if both
        else ""
    )
    return f"It rests on {replicates(row, budgets)}{shared}."


def _watched(tables: Mapping[str, pd.DataFrame], rows: pd.DataFrame, least_s: float) -> Iterator[Markup]:
    if told := contrast_units.watched(rows.iloc[0], found(tables, TIME_BUDGETS), found(tables, INDIVIDUALS), least_s):
        yield tag("p", told)


def _how(whole: "pd.Series[Any]") -> str:
    """How all figures of a comparison were made, of the row of all behaviours, which begins with what is its own."""
    return str(whole["method"]).partition("; ")[2]


def _numbers(title: str, rows: pd.DataFrame) -> Markup:
    """A row a behaviour: both means, difference and log-ratio with limits and p."""
    own, whole = rows[rows["behaviour"] != ALL], rows[rows["behaviour"] == ALL].iloc[0]
    how = _how(whole)
    body = [
        (
            row["behaviour"],
            percent(row["mean_first"]),
            percent(row["mean_second"]),
            _points(row["difference"]),
            between(row["difference_low"], row["difference_high"], _points),
            p_number(row["p"]),
            p_number(row["p_corrected"]),
            _ratio(row["log_ratio"]),
            between(row["log_ratio_low"], row["log_ratio_high"], _ratio),
            p_number(row["p_log_ratio"]),
            p_number(row["p_log_ratio_corrected"]),
            f"{row['zeros_first']} of {row['units_first']} / {row['zeros_second']} of {row['units_second']}",
        )
        for _, row in seen(own).iterrows()
    ]
    caption = (
        f"{title}: {how}{over(own)}. Log-ratio: by how much the share is larger in {whole['second']}, relative to the "
        "others, so that its sign may be another (0: alike; 0.7: twice as large); a share of 0 counts as "
        f"{whole['delta']:g} in it. Never seen: so many budgets have such a 0{two_ways(own)}"
    )
    head = (
        "behaviour", whole["first"], whole["second"], f"{whole['second']} - {whole['first']}, points", "interval", "p",
        "adjusted p", "log-ratio", "interval", "p", "adjusted p", "never seen",
    )  # fmt: skip
    return together([table(*filled(head, body), caption), *_remarks(own, how)])


def _remarks(own: pd.DataFrame, how: str) -> Iterator[Markup]:
    """What is to be known of single behaviours beyond how all were made."""
    remarks = own["method"].str.removeprefix(how).str.removeprefix("; ")
    for remark, mine in own.groupby(remarks, sort=False):
        if remark:
            yield note(f"{listed(mine['behaviour'].tolist())}: {remark}.")


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"


def _ratio(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:+.2f}"
