"""What follows what: the pooled transitions as a graph, a matrix and numbers, held against chance."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline import tables as declared
from pipeline.ethology.sequences.tables import DWELLS, ORDER, STEPS, WHOLE
from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, folded, table, tag, together
from pipeline.report.sections.common import by_method, by_set, found, listed, note, of_pooled, pictures, uncomputed
from pipeline.report.sections.unrecorded import left_out
from pipeline.report.transition_graph import LEVEL, chance_rows
from pipeline.report.words import p_number, p_words, plural, probability

_FURTHEST = 5  # transitions that are shown where none is beyond chance
_SPARSE = (
    0.2  # of the cells: where more expect too little, chi-square gives no p (Cochran 1954, Biometrics 10: 417-451)
)
_SHORT = 3  # transitions a stretch under which other orders of it are few
_SMOOTHED = (
    ". Windows longer than a short bout, and behaviours.min_bout_s, take short bouts away, which alone looks like this"
)
_UNLIKE = ". Animals that differ in how long their bouts last look like this too"


def sequences(tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry]) -> Markup:
    """Figures, what is more or less often than by chance, order and memory, and the numbers to unfold."""
    transitions = found(tables, declared.TRANSITIONS)
    pair = tag("div", pictures(figures, "graph", "transitions"), class_="pair")
    steps, whole, order, dwells = (found(tables, one) for one in (STEPS, WHOLE, ORDER, DWELLS))
    told = [_beyond_chance(steps, whole), _order(order), _memory(dwells)]
    return together([pair, _broken(tables), *told, Markup("") if transitions.empty else _numbers(transitions)])


def _broken(tables: Mapping[str, pd.DataFrame]) -> Markup:
    """How much time is in no transition."""
    budgets = of_pooled(found(tables, declared.TIME_BUDGETS))
    told = [
        f"In no transition{title}: {left_out(rows.iloc[0], tables)}; it breaks the record, and what lies before and "
        "after it is not joined."
        for title, rows in by_set(budgets)
    ]
    return together(map(note, told))


def _beyond_chance(steps: pd.DataFrame, whole: pd.DataFrame) -> Markup:
    """The transitions that stay beyond chance after correction for the many looked at, else those furthest from it."""
    parts = []
    for title, rows in by_set(chance_rows(steps)):
        tested = rows[rows["p_corrected"].notna()]
        if tested.empty:
            parts.append(uncomputed(f"Transitions against chance{title}", rows["method"].tolist()))
            continue
        beyond = tested[tested["p_corrected"] < LEVEL].sort_values("residual", ascending=False, kind="stable")
        mine = chance_rows(whole[whole["set"] == rows["set"].iloc[0]])
        how, where = tested["method"].iloc[0], _where(mine)
        if beyond.empty:
            first = f"No single transition{title} was shown to differ from chance{where} ({how})."
            parts.append(tag("p", f"{first} That is no proof that they follow chance."))
            shown = tested.loc[tested["residual"].abs().sort_values(ascending=False, kind="stable").index[:_FURTHEST]]
            caption = f"The transitions{title} furthest from chance, not shown to differ from it"
        else:
            shown, caption = beyond, f"Transitions{title} more or less frequent than by chance{where}: {how}"
        head = ("from", "to", "than chance", "seen", "expected", "n", "adjusted p", "remark")
        caption += "; n: sessions / named animals / tracks in which it was seen"
        parts += [table(head, [_row(row) for _, row in shown.iterrows()], caption, words=3), _altogether(mine, tested)]
    return together(parts)


def _altogether(whole: pd.DataFrame, tested: pd.DataFrame) -> Markup:
    """The test of all cells as one, which takes transitions as independent; no p where too many expect too little."""
    if whole.empty or pd.isna(whole["p"].iloc[0]):
        return Markup("")
    row = whole.iloc[0]
    told = f"All transitions together: G2 = {row['g2']:.1f}, {row['df']} df"
    if row["sparse_cells"] > _SPARSE * len(tested):
        few = f"{row['sparse_cells']} of {plural(len(tested), 'cell')}"
        return note(f"{told}: too thin for a p value, as {few} expect too few.")
    return note(f"{told}, {p_words(row['p'])} if every transition were independent of the others, which they are not.")


def _where(whole: pd.DataFrame) -> str:
    """How much the tests rest on: codes change places within a stretch only, so that short ones tell little."""
    if whole.empty:
        return ""
    total, stretches = int(whole["total"].iloc[0]), int(whole["stretches"].iloc[0])
    words = f"; {plural(total, 'transition')} in {plural(stretches, 'unbroken stretch', 'unbroken stretches')} with any"
    return words + (", so short that hardly anything could be shown" if total < _SHORT * stretches else "")


def _row(row: "pd.Series[float]") -> tuple[str, ...]:
    return (
        str(row["from"]),
        str(row["to"]),
        "more often" if row["count"] > row["expected"] else "less often",
        f"{row['count']:,}",
        f"{row['expected']:.1f}",
        f"{row['n_sessions']} / {row['n_individuals'] or '-'} / {row['n_tracks']}",
        p_number(row["p_corrected"]),
        "few expected" if row["sparse"] else "",
    )


def _order(order: pd.DataFrame) -> Markup:
    """Does the next behaviour depend on the present one, and on the one before? One sentence a set."""
    parts = []
    for title, rows in by_set(of_pooled(order[order["form"] == "bout"])):
        by_order = {int(row["order"]): row for row in rows.to_dict("records")}
        if not {0, 1, 2} <= set(by_order) or pd.isna(by_order[1]["p"]):
            parts.append(uncomputed(f"Order of the chain{title}", rows["method"].tolist()))
            continue
        steps = f"{plural(int(by_order[1]['steps']), 'transition')} with two behaviours before it in one stretch"
        if _doubt(by_order[1]):
            told = f"too few transitions to tell: {steps}, {_doubt(by_order[1])}."
        else:
            best = listed([str(k) for k, row in by_order.items() if row["best_bic"]])
            told = (
                f"what comes next {_depends(by_order[1])} on the present behaviour; that it {_further(by_order[2])}; "
            )
            told += f"by BIC the order is {best} ({steps}, which count as independent here)."
        parts.append(tag("p", tag("b", f"Order{title}: "), told))
    return together(parts)


def _doubt(order: Mapping[Any, Any]) -> str:
    """Why the test of an order says nothing; empty where it does."""
    return str(order["method"]).partition(", ")[2].partition(":")[0]


def _depends(order: Mapping[Any, Any]) -> str:
    """The verb, with its test."""
    verb = "is not shown to depend" if order["p"] >= LEVEL else "depends"
    return f"{verb} (G2 = {order['g2']:.1f}, {order['df']} df, {p_words(order['p'])})"


def _further(order: Mapping[Any, Any]) -> str:
    """Does it depend on the behaviour before the present one as well?"""
    on = "on the one before it as well"
    if pd.isna(order["p"]) or _doubt(order):
        return f"depends {on} cannot be told: too few"
    verb = "is not shown" if order["p"] >= LEVEL else "is shown"
    return f"depends {on} {verb} (G2 = {order['g2']:.1f}, {order['df']} df, {p_words(order['p'])})"


def _memory(dwells: pd.DataFrame) -> Markup:
    """Do bouts end at a constant rate? One sentence a set."""
    parts = []
    for title, rows in by_set(of_pooled(dwells)):
        fitted = rows[rows["weibull_shape"].notna()]
        if fitted.empty:
            why = [f"{row['behaviour']}: {row['method'].partition('no fit: ')[2]}" for _, row in rows.iterrows()]
            parts.append(uncomputed(f"Memory{title}", why))
            continue
        tested, shown = fitted["shape_p"].notna(), fitted["shape_p_corrected"] < LEVEL
        older = fitted["weibull_shape"] > 1
        ageing, settling = fitted[shown & older], fitted[shown & ~older]
        without, untested = fitted[tested & ~shown], fitted[~tested]
        told = [
            f"{words} {listed([_shape(row) for _, row in own.iterrows()])}"
            for own, words in (
                (ageing, "the longer it lasts, the sooner it ends:"),
                (settling, "the longer it lasts, the longer it goes on:"),
                (without, "no sign that its age matters:"),
                (untested, _untested(untested)),
            )
            if len(own)
        ]
        none = len(rows) - len(fitted)
        rest = f"; {plural(none, 'behaviour')} with too few ended bouts" if none else ""
        rest += f"; p adjusted for {plural(int(tested.sum()), 'behaviour')}" if tested.any() else ""
        rest += (_SMOOTHED if len(ageing) or (older & ~tested).any() else "") + (_UNLIKE if len(settling) else "")
        parts.append(tag("p", tag("b", f"Memory{title}: "), f"{'; '.join(told)}{rest}."))
    return together(parts)


def _untested(rows: pd.DataFrame) -> str:
    """Why there is no test of these, and what their shapes would mean."""
    why = sorted({method.rpartition("no interval: ")[2] for method in rows["method"]})
    return f"untested shapes, because {'; '.join(why)} (over 1 would mean: the longer it lasts, the sooner it ends):"


def _shape(row: "pd.Series[float]") -> str:
    bouts = f"{row['ended']} seen whole, {row['right_censored']} cut off at the end"
    p = f", {p_words(row['shape_p_corrected'])}" if pd.notna(row["shape_p"]) else ""
    return f"{row['behaviour']} (Weibull shape {row['weibull_shape']:.2f}{p}; {bouts})"


def _numbers(transitions: pd.DataFrame) -> Markup:
    """The pooled transitions as numbers: a table a form and set, probability and count in each cell."""
    pooled = of_pooled(transitions)
    parts = []
    for (form, name), rows in pooled.groupby(["form", "set"], sort=False):
        counts = rows.pivot_table(index="from", columns="to", values="count", sort=False, aggfunc="sum")
        names = [
            behaviour for behaviour in counts.index if counts.loc[behaviour].sum() or counts.get(behaviour, 0).sum()
        ]
        by_pair = {(row["from"], row["to"]): row for row in rows.to_dict("records")}
        body = [(start, *(_chance(by_pair, counts, start, stop) for stop in names)) for start in names]
        title = f"Transitions as numbers: {form} form" + (f", {name}" if pooled["set"].nunique() > 1 else "")
        caption = (
            "Probability given the row, its interval where there is one, and count. "
            f"{by_method(rows[rows['row_total'] > 0], 'from')}. Time out of sight or not recognized is in no row: an "
            "animal that was lost or not recognized starts anew"
        )
        parts.append(folded(title, table(("from / to", *names), body, caption)))
    return together(parts)


def _chance(by_pair: Mapping[tuple[str, str], Any], counts: pd.DataFrame, start: str, stop: str) -> str:
    count = counts[stop].get(start, 0) if stop in counts else 0
    if not count > 0:
        return "-"
    row = by_pair[start, stop]
    limits = "" if pd.isna(row["ci_low"]) else f" [{probability(row['ci_low'])}, {probability(row['ci_high'])}]"
    return f"{probability(row['p'])}{limits} ({int(count)})"
