"""What follows what: the pooled transitions as a graph, a matrix and numbers, held against chance."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline import tables as declared
from pipeline.ethology.sequences.tables import DWELLS, ORDER, STEPS
from pipeline.report.figures import FigureEntry
from pipeline.report.markup import Markup, folded, table, tag, together
from pipeline.report.sections.common import by_set, found, listed, note, of_pooled, pictures, uncomputed
from pipeline.report.transition_graph import LEVEL, chance_rows
from pipeline.report.words import p_number, p_words, plural


def sequences(tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry]) -> Markup:
    """Figures, what is more or less often than by chance, order and memory, and the numbers to unfold."""
    transitions = found(tables, declared.TRANSITIONS)
    pair = tag("div", pictures(figures, "graph", "transitions"), class_="pair")
    steps, order, dwells = (found(tables, one) for one in (STEPS, ORDER, DWELLS))
    told = [_beyond_chance(steps), _order(order), _memory(dwells)]
    return together([pair, *told, Markup("") if transitions.empty else _numbers(transitions)])


def _beyond_chance(steps: pd.DataFrame) -> Markup:
    """The transitions that stay beyond chance after correction for the many looked at; or why there are none."""
    parts = []
    for title, rows in by_set(chance_rows(steps)):
        tested = rows[rows["p_corrected"].notna()]
        if tested.empty:
            parts.append(uncomputed(f"Transitions against chance{title}", rows["method"].tolist()))
            continue
        beyond = tested[tested["p_corrected"] < LEVEL].sort_values("residual", ascending=False, kind="stable")
        how = tested["method"].iloc[0]
        if beyond.empty:
            parts.append(tag("p", f"No transition{title} is more or less frequent than by chance ({how})."))
            continue
        caption = (
            f"Transitions{title} more or less frequent than by chance: {how}; n: sessions / named animals / tracks"
        )
        head = ("from", "to", "than chance", "seen", "expected", "n", "adjusted p", "remark")
        parts.append(table(head, [_row(row) for _, row in beyond.iterrows()], caption, words=3))
    return together(parts)


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
        best = listed([str(k) for k, row in by_order.items() if row["best_bic"]])
        steps = plural(int(by_order[1]["steps"]), "transition")
        parts.append(
            tag(
                "p",
                tag("b", f"Order{title}: "),
                f"what comes next {_depends(by_order[1])} on the present behaviour, and {_depends(by_order[2])} on the "
                f"one before it as well; by BIC the order is {best} ({steps}, which count as independent here).",
            )
        )
    return together(parts)


def _depends(order: Mapping[Any, Any]) -> str:
    """The verb, with its test and what is to be said against it."""
    if pd.isna(order["p"]):
        return "could not be tested to depend"
    doubt = order["method"].partition(", ")[2]
    verb = "is not shown to depend" if order["p"] >= LEVEL else "may depend" if doubt else "depends"
    test = f"G2 = {order['g2']:.1f}, {order['df']} df, {p_words(order['p'])}"
    return f"{verb} ({test}{f'; {doubt}' if doubt else ''})"


def _memory(dwells: pd.DataFrame) -> Markup:
    """Do bouts end at a constant rate? One sentence a set."""
    parts = []
    for title, rows in by_set(of_pooled(dwells)):
        fitted = rows[rows["weibull_p"].notna()]
        if fitted.empty:
            parts.append(uncomputed(f"Memory{title}", rows["method"].tolist()))
            continue
        ageing = fitted[(fitted["weibull_p"] < LEVEL) & (fitted["weibull_shape"] > 1)]
        settling = fitted[(fitted["weibull_p"] < LEVEL) & (fitted["weibull_shape"] < 1)]
        without = fitted[fitted["weibull_p"] >= LEVEL]
        told = [
            f"{words} {listed([_shape(row) for _, row in own.iterrows()])}"
            for own, words in (
                (ageing, "the longer it lasts, the sooner it ends:"),
                (settling, "the longer it lasts, the longer it goes on:"),
                (without, "no sign that its age matters:"),
            )
            if len(own)
        ]
        none = len(rows) - len(fitted)
        rest = f"; {plural(none, 'behaviour')} with too few ended bouts" if none else ""
        parts.append(tag("p", tag("b", f"Memory{title}: "), f"{'; '.join(told)}{rest}."))
    return together(parts)


def _shape(row: "pd.Series[float]") -> str:
    n = int(row["ended"] + row["right_censored"])
    return f"{row['behaviour']} (Weibull shape {row['weibull_shape']:.2f}, {p_words(row['weibull_p'])}, n = {n})"


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
        caption = f"Probability given the row, its interval where there is one, and count; {rows['method'].iloc[0]}"
        parts.append(folded(title, table(("from / to", *names), body, caption)))
    return together([*parts, note("Nothing crosses a gap: an animal that was lost or not recognized starts anew.")])


def _chance(by_pair: Mapping[tuple[str, str], Any], counts: pd.DataFrame, start: str, stop: str) -> str:
    count = counts[stop].get(start, 0) if stop in counts else 0
    if not count > 0:
        return "-"
    row = by_pair[start, stop]
    limits = "" if pd.isna(row["ci_low"]) else f" [{row['ci_low']:.2f}, {row['ci_high']:.2f}]"
    return f"{row['p']:.2f}{limits} ({int(count)})"
