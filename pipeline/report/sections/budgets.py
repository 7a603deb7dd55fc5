"""Time budgets as numbers: pooled and as a mean over animals, with limits, worst cases and what they rest on."""

import pandas as pd

from pipeline.ethology.covariates import TIME_BIN
from pipeline.ethology.units import TRACK
from pipeline.report.bars import KEYS, told_apart, units_of
from pipeline.report.markup import Markup, folded, table, together
from pipeline.report.sections.common import (
    MOST_ROWS,
    SAME_CUT,
    between,
    by_set,
    excluded_share,
    listed,
    more,
    unit_name,
)
from pipeline.report.words import duration, percent

_LONG = ("pooled", "species")  # levels whose behaviours are listed one below the other, with all that is known
_LEVELS = {"session": "sessions", "individual": "named animals", TIME_BIN: "bins of time"}
_FEW = 4  # units up to which a table has a column a unit and a row a behaviour
_WEIGHTS = (  # what each of two shares of one behaviour is for
    "Share: of all animals' time together, so animals seen longer weigh more; it tells how the group spends its time. "
    "Animals' mean: each animal weighs the same; it tells of an animal, and is what animals are compared by"
)
_WORST = "Worst case: if none, or all, of the time left out had been spent so."


def budget_tables(budgets: pd.DataFrame, most: int = MOST_ROWS) -> Markup:
    """The shares: in full for all animals and each species, side by side for every other level.

    Of the latter the units are shown that are among the first ``most`` of all, as in the figure and the sample sizes.
    """
    parts: list[Markup] = []
    budgets = told_apart(budgets)
    for title, of_set in by_set(budgets):
        for long in _LONG:
            for _, unit in of_set[of_set["level"] == long].groupby(KEYS, sort=False):
                full = _full(unit, title)
                parts.append(full if long == "pooled" else folded(f"Of {unit_name(unit.iloc[0])}{title}", full))
        rest = of_set[~of_set["level"].isin([*_LONG, TRACK]) & of_set["share"].notna()]
        kept = units_of(of_set[(of_set["level"] != TRACK) & of_set["share"].notna()]).head(most)
        for level, rows in rest.groupby("level", sort=False):
            parts.append(folded(f"By {_LEVELS.get(str(level), level)}{title}", _wide(rows, kept)))
    return together(parts)


def _full(unit: pd.DataFrame, title: str) -> Markup:
    """One unit's behaviours, a row each; events have rates and no share. Columns without a value are left out."""
    columns = {
        "behaviour": unit["behaviour"].tolist(),
        "share": [percent(share) for share in unit["share"]],
        "interval": _limits(unit, "ci_low", "ci_high"),
        "animals' mean": [percent(share) for share in unit["mean_share"]],
        "its interval": _limits(unit, "mean_ci_low", "mean_ci_high"),
        "worst case": _limits(unit, "bound_low", "bound_high"),
        "time": [duration(time) for time in unit["behaviour_s"]],
        "bouts": [f"{count:,}" for count in unit["bouts"]],
        "per hour": ["-" if pd.isna(rate) else f"{rate:.1f}" for rate in unit["bouts_per_h"]],
        "cut short": [percent(share) for share in unit["censored_share"]],
    }
    told = {name: cells for name, cells in columns.items() if set(cells) != {"-"} or name == "share"}
    method = f"share: {'; '.join(unit['method'].unique())}. Animals' mean: {'; '.join(unit['mean_method'].unique())}"
    weights = f"{_WEIGHTS}. " if unit["mean_share"].notna().any() else ""
    name = f"{unit_name(unit.iloc[0])}{title}"
    caption = f"{name}; {method}. {weights}{_WORST} Cut short: bouts whose start or end was not seen"
    return table(tuple(told), list(zip(*told.values(), strict=True)), caption[0].upper() + caption[1:])


def _limits(unit: pd.DataFrame, low: str, high: str) -> list[str]:
    return [between(*limits) for limits in zip(unit[low], unit[high], strict=True)]


def _wide(units: pd.DataFrame, kept: pd.DataFrame) -> Markup:
    """The share of each unit and behaviour, and its interval where there is one; of one level, those in ``kept``.

    A row a unit, a column a behaviour; turned where there are few units.
    """
    names = units["behaviour"].drop_duplicates().tolist()
    of_unit = dict(iter(units.groupby(KEYS, sort=False)))
    rows = []
    for key in units_of(units)[KEYS].merge(kept[KEYS], on=KEYS).itertuples(index=False, name=None):
        own = of_unit[key]
        first, cells = own.iloc[0], {row["behaviour"]: _cell(row) for _, row in own.iterrows()}
        behind = f"{first['n_sessions']} / {first['n_individuals'] or '-'} / {first['n_tracks']}"
        shares = (cells.get(name, "-") for name in names)
        rows.append((unit_name(first), behind, duration(first["visible_s"]), percent(excluded_share(first)), *shares))
    lines: list[tuple[str, ...]] = [("unit", "sessions / animals / tracks", "in sight", "left out", *names), *rows]
    if len(rows) <= _FEW:
        lines = list(zip(*lines, strict=True))
    shown = table(lines[0], lines[1:], f"Share of the time in sight and recognized{_over(units)}")
    return together([shown if rows else Markup(""), more(len(of_unit), "time_budgets.csv", len(rows), SAME_CUT)])


def _over(units: pd.DataFrame) -> str:
    """What the intervals of the cells rest on, where there are any."""
    there = units.loc[units["ci_low"].notna(), "method"].unique()
    over = sorted({method.rpartition(" over ")[2].partition(" ")[2] for method in there})
    return (
        f"; in brackets the interval over the {listed(over)} of each"
        if over
        else "; no interval: too few independent units in each"
    )


def _cell(row: "pd.Series[float]") -> str:
    limits = between(row["ci_low"], row["ci_high"])
    return percent(row["share"]) if limits == "-" else f"{percent(row['share'])} ({limits})"
