"""Time budgets as numbers: pooled and as a mean over animals, with limits, worst cases and what they rest on."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline import tables as declared
from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.ethology.units import TRACK
from pipeline.report.bars import KEYS, level_name, told_apart, units_of
from pipeline.report.markup import Markup, folded, table, together
from pipeline.report.sections.common import (
    MOST_ROWS,
    SAME_CUT,
    UNSEEN,
    between,
    by_set,
    excluded_share,
    found,
    listed,
    note,
    of_pooled,
    partly,
    unit_name,
)
from pipeline.report.words import CUT_OFF, duration, percent

_SHARE, _MEAN = ("share", "ci_low", "ci_high", "method"), ("mean_share", "mean_ci_low", "mean_ci_high", "mean_method")
_WEIGHTS = (  # what each of two shares of one behaviour is for
    "Share: of all animals' time together, so animals seen longer weigh more; it tells how the group spends its time. "
    "Animals' mean: each animal weighs the same; it tells of an animal, and is what animals are compared by"
)
_WORST = "Worst case: the share of all tracked time, if none, or all, of what is left out of it had been spent so."


def hidden(ethogram: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> Markup:
    """What words for an animal that cannot be seen, KABR's Occluded, are in these budgets; nothing without any.

    ``ethogram`` are its settings, ``tables`` those of the page.
    """
    behaviours, excluded = found(tables, declared.TIME_BUDGETS)["behaviour"], found(tables, declared.EXCLUDED)
    said = excluded[(excluded["cause"] == NOT_VISIBLE) & (excluded["reason"] == "label")]
    left_out = [one["name"] for one in ethogram.get("behaviours", ()) if not one.get("visible", True)]
    left_out += [word for word, name in ethogram.get("relabel", {}).items() if name == NOT_VISIBLE]
    counted = [name for name in dict.fromkeys(behaviours) if name.lower() in UNSEEN]
    told = []
    if left_out and len(said):
        told.append(
            f"{listed(left_out)}: no behaviour, but what the recognizer says where the animal cannot be seen. That "
            f"time ({duration(said['animal_s'].sum())}) is out of sight ({NOT_VISIBLE}), as is what boxes alone tell "
            "to be hidden: it is in no share, bout or transition."
        )
    if counted:
        told.append(
            f"{listed(counted)}: nothing that animals do, but the recognizer's word for one that cannot be seen. The "
            "ethogram used here takes it for a behaviour, so that it takes a share of the time. Run again with "
            "ethogram=default or kabr, or with visible: false in one of your own: it is out of sight then."
        )
    return together(map(note, told))


def budget_tables(budgets: pd.DataFrame, most: int = MOST_ROWS) -> Markup:
    """The shares: in full for all animals, and for every other level a row a unit and a column a behaviour.

    Of the latter the units are shown that are among the first ``most`` of all, as in the figure and the sample sizes.
    """
    parts: list[Markup] = []
    budgets = told_apart(budgets)
    for title, of_set in by_set(budgets):
        parts += [_full(unit, title) for _, unit in of_pooled(of_set).groupby(KEYS, sort=False)]
        units = of_set[(of_set["level"] != TRACK) & (of_set["visible_s"] > 0)]
        kept = units_of(units).head(most)
        for level, rows in units[units["level"] != "pooled"].groupby("level", sort=False):
            parts.append(folded(f"B{level_name(str(level))[1:]}{title}", _by_unit(rows, kept)))
    return together(parts)


def _full(unit: pd.DataFrame, title: str) -> Markup:
    """One unit's behaviours, a row each; events have rates and no share. Columns without a value are left out.

    Of states the page has one rate, that of starts (Bouts): bouts that are cut make several of one, and more an hour.
    """
    columns = {
        "behaviour": unit["behaviour"].tolist(),
        "share": [percent(share) for share in unit["share"]],
        "interval": [_interval(row, "ci_low", "ci_high") for _, row in unit.iterrows()],
        "worst case": _limits(unit, "bound_low", "bound_high"),
        "animals' mean": [percent(share) for share in unit["mean_share"]],
        "its interval": [_interval(row, "mean_ci_low", "mean_ci_high") for _, row in unit.iterrows()],
        "its worst case": _limits(unit, "mean_bound_low", "mean_bound_high"),
        "time": [duration(time) for time in unit["behaviour_s"]],
        "bouts": [f"{count:,}" for count in unit["bouts"]],
        "per hour": [
            f"{rate:.1f}" if pd.isna(share) and pd.notna(rate) else "-"
            for share, rate in zip(unit["share"], unit["bouts_per_h"], strict=True)
        ],
        "cut off": [percent(share) for share in unit["censored_share"]],
    }
    told = {name: cells for name, cells in columns.items() if set(cells) != {"-"} or name == "share"}
    method = f"share: {'; '.join(unit['method'].unique())}. Animals' mean: {'; '.join(unit['mean_method'].unique())}"
    weights = f"{_WEIGHTS}. " if unit["mean_share"].notna().any() else ""
    name = f"{unit_name(unit.iloc[0])}{title}"
    caption = f"{name}; {method}. {weights}{_WORST} {CUT_OFF}"
    return table(tuple(told), list(zip(*told.values(), strict=True)), caption[0].upper() + caption[1:])


def _limits(unit: pd.DataFrame, low: str, high: str) -> list[str]:
    return [between(*limits) for limits in zip(unit[low], unit[high], strict=True)]


def _interval(row: "pd.Series[Any]", low: str, high: str, alone: str = "one {} alone") -> str:
    """The limits of a figure; who it is of where only one was seen so, as such limits say next to nothing."""
    limits = between(row[low], row[high])
    who = "animal" if row["n_individuals"] else "track"
    return alone.format(who) if limits != "-" and row["n_seen"] == 1 else limits


def _by_unit(units: pd.DataFrame, kept: pd.DataFrame) -> Markup:
    """The units of one level that are in ``kept``: shares of their time, then means over their animals, if any."""
    shown = units_of(units)[KEYS].merge(kept[KEYS], on=KEYS)
    cut = partly(units[KEYS].drop_duplicates().shape[0], "time_budgets.csv", len(shown), SAME_CUT)
    if shown.empty:
        return cut
    timed = "Share of the time in sight and recognized" if units["share"].notna().any() else "Events an hour in sight"
    tables = [_rows(units, shown, _SHARE, timed)]
    means = units[units["mean_share"].notna()]
    of_means = shown.merge(means[KEYS].drop_duplicates(), on=KEYS)
    if len(of_means):
        less = "; none of fewer than two animals recognized for long enough" if len(of_means) < len(shown) else ""
        what = f"Mean share over the animals of each, each weighing the same{less}"
        tables.append(_rows(means, of_means, _MEAN, what))
    return together([cut, *tables])


def _rows(units: pd.DataFrame, shown: pd.DataFrame, figures: tuple[str, str, str, str], what: str) -> Markup:
    """A row a unit with what it rests on, and a column a behaviour: the share of ``figures`` with its interval.

    Of means over animals only the animals stand there: what else is counted is of all, also of those in no mean.
    """
    names = units["behaviour"].drop_duplicates().tolist()
    of_unit = dict(iter(units.groupby(KEYS, sort=False)))
    rows = []
    for key in shown.itertuples(index=False, name=None):
        own = of_unit[key]
        first, cells = own.iloc[0], {row["behaviour"]: _cell(row, figures) for _, row in own.iterrows()}
        shares = (cells.get(name, "-") for name in names)
        rows.append((unit_name(first), *(_averaged(first) if figures is _MEAN else _behind(first)), *shares))
    counted = ("animals averaged",) if figures is _MEAN else ("sessions / animals / tracks", "recognized", "left out")
    return table(("unit", *counted, *names), rows, f"{what}{_over(units, figures)}")


def _behind(row: "pd.Series[Any]") -> tuple[str, str, str]:
    """What a share rests on."""
    counted = f"{row['n_sessions']} / {row['n_individuals'] or '-'} / {row['n_tracks']}"
    return counted, duration(row["visible_s"]), percent(excluded_share(row))


def _averaged(row: "pd.Series[Any]") -> tuple[str]:
    """How many animals a mean is of."""
    return (f"{row['mean_individuals']} of {row['n_individuals']}",)


def _over(units: pd.DataFrame, figures: tuple[str, str, str, str]) -> str:
    """What the intervals of the cells rest on, where there are any."""
    _, low, _, method = figures
    over = sorted({how.rpartition(" over ")[2].partition(" ")[2] for how in units.loc[units[low].notna(), method]})
    if over:
        alone = (units[low].notna() & (units["n_seen"] == 1)).any()
        but = "; none where only one of them showed the behaviour" if alone else ""
        that = (
            ", which says nothing of other sessions, nor whether sessions differ"
            if (units["level"] == "session").all()
            else ""
        )
        return f"; in brackets the interval over the {listed(over)} of each{that}{but}"
    why = {how.rpartition("no interval: ")[2] for how in units.loc[units["visible_s"] > 0, method]}
    return f"; no interval: {why.pop() if len(why) == 1 else 'too few independent units'} in each"


def _cell(row: "pd.Series[Any]", figures: tuple[str, str, str, str]) -> str:
    """A share with its limits; how often it occurs in an hour, where it is an event."""
    share, low, high, _ = figures
    if pd.isna(row["share"]):
        return f"{row['bouts_per_h']:.1f}"
    limits = _interval(row, low, high, "1 {}")
    return percent(row[share]) if limits == "-" else f"{percent(row[share])} ({limits})"
