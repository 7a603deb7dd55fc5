"""Time budgets: stacked bars with what stands behind them, and the intervals where there are any."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.ethology.covariates import TIME_BIN
from pipeline.ethology.units import TRACK
from pipeline.report import style
from pipeline.report.colours import colour_of, ink, present
from pipeline.report.words import duration, natural, percent, readable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KEYS = ["level", "species", "unit", "session"]  # what tells one bar from another
_COLUMNS = ("recognized", "left out", "tracks", "at once", "animals", "sessions")  # beside the bars
_OF_TRACK = _COLUMNS[:2]  # all else of a track is one
_COLUMN_IN = 0.68
_LEVELS = {"session": "sessions", "individual": "named animals", "track": "tracks", TIME_BIN: "bins of time"}


def budget_figure(budgets: pd.DataFrame, colours: Mapping[str, str], most_rows: int, title: str) -> "Figure":
    """Stacked bars of one set's rows of tables.TIME_BUDGETS: a bar a unit, grouped by level.

    Beside each bar: time visible and recognized (the denominator), the share of tracked time left out of it, tracks,
    most animals at once, named animals and sessions ('-' where nobody is named); beside single tracks the first two.
    """
    shown = told_apart(budgets)
    shown = shown[shown["share"].notna()]
    if shown.empty:
        return style.words_only(title, "no animal was seen doing anything that was recognized")
    units = units_of(shown)
    left_out, units = max(len(units) - most_rows, 0), units.head(most_rows)
    shown = shown.merge(units[KEYS], on=KEYS)
    names = present(shown["behaviour"], colours)
    columns = _OF_TRACK if (units["level"] == TRACK).all() else _COLUMNS
    figure, axes = _sheet(units, names, colours, title, left_out, columns)
    _stack(axes, shown, units, names, colours)
    _beside(axes, units, columns)
    return figure


def level_name(level: str) -> str:
    """What a level's units are called above them, in figure and tables."""
    return "all animals pooled" if level == "pooled" else f"by {_LEVELS.get(level, level.replace('_', ' '))}"


def told_apart(budgets: pd.DataFrame) -> pd.DataFrame:
    """Rows of tables.TIME_BUDGETS without those of the only species, which are the same as those of all animals."""
    of_species = budgets["level"] == "species"
    if (budgets["level"] == "pooled").any() and budgets.loc[of_species, "unit"].nunique() == 1:
        return budgets[~of_species]
    return budgets


def units_of(shown: pd.DataFrame) -> pd.DataFrame:
    """One row a unit, from the whole to its parts, each level in natural order.

    ``y`` is the row it is drawn in: a level leaves a gap before it. Figure and tables of the page all keep this order,
    and show so many units of it (``report.rows_per_figure``).
    """
    units = shown.groupby(KEYS, as_index=False, sort=False).first()
    rank = {level: k for k, level in enumerate(units["level"].unique())}
    names = zip(units["level"], units["species"], units["unit"], units["session"], strict=True)
    keys = [(rank[level], natural(one), natural(unit), natural(session)) for level, one, unit, session in names]
    units = units.iloc[sorted(range(len(keys)), key=keys.__getitem__)].reset_index(drop=True)
    units["y"] = units.index + 0.9 * (units["level"] != units["level"].shift()).cumsum()
    return units


def _labels(units: pd.DataFrame) -> list[str]:
    """The unit, and its species where the unit does not say it."""
    return [
        style.short(unit if species in ("", "all", unit) else f"{unit}, {species}", 34)
        for unit, species in zip(map(readable, units["unit"]), units["species"], strict=True)
    ]


def _sheet(
    units: pd.DataFrame, names: list[str], colours: Mapping[str, str], title: str, left_out: int, columns: Sequence[str]
) -> tuple["Figure", "Axes"]:
    labels = _labels(units)
    left = 0.35 + style.TEXT_IN * max(8, *map(len, labels))
    right = _COLUMN_IN * len(columns) + 0.2
    below = style.legend_height(names, style.WIDTH_IN - left) + 0.34
    tall = float(np.interp(len(units), [12, 70], [0.34, 0.22])) * (units["y"].max() + 0.6)
    figure = style.sheet(style.WIDTH_IN, 0.62 + tall + 0.55 + below)
    axes = style.panel(figure, left, 0.55 + below, style.WIDTH_IN - left - right, tall)
    axes.set_ylim(units["y"].max() + 0.5, -0.1)
    axes.set_yticks(units["y"], labels)
    style.head(figure, title)
    style.legend(figure, names, colours, left, 0.4)
    more = f"; {left_out} more units are not drawn: all are in time_budgets.csv" if left_out else ""
    at_once = "; at once: most in sight in one frame" if "at once" in columns else ""
    style.foot(figure, f"left out: tracked, but out of sight or not recognized{at_once}{more}")
    return figure, axes


def _stack(
    axes: "Axes", shown: pd.DataFrame, units: pd.DataFrame, names: list[str], colours: Mapping[str, str]
) -> None:
    """The bars; a share that has the room is written into its part."""
    table = shown.pivot_table(index=KEYS, columns="behaviour", values="share", aggfunc="sum")
    table = table.reindex(pd.MultiIndex.from_frame(units[KEYS])).reindex(columns=names).fillna(0)
    ends = table.to_numpy().cumsum(axis=1)
    for k, name in enumerate(names):
        widths = table[name].to_numpy()
        starts = ends[:, k] - widths
        axes.barh(
            units["y"], widths, 0.72, starts, edgecolor="white", **{"linewidth": 0.5, **style.swatch(name, colours)}
        )
        for y, start, width in zip(units["y"], starts, widths, strict=True):
            if width >= 0.07:
                text = ink(colour_of(name, colours))
                axes.text(
                    start + width / 2,
                    y,
                    f"{width:.0%}".replace("%", " %"),
                    ha="center",
                    va="center",
                    size=8,
                    color=text,
                )
    axes.set_xlim(0, 1)
    axes.set_xticks(style.PERCENT_TICKS, style.PERCENT_LABELS)
    axes.set_xlabel("share of the time in sight and recognized")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _beside(axes: "Axes", units: pd.DataFrame, columns: Sequence[str]) -> None:
    """The columns right of the bars, and each level's name above its first bar."""
    per_inch = 1 / (axes.get_position().width * style.WIDTH_IN)
    for k, column in enumerate(columns):
        x = 1 + (_COLUMN_IN * (k + 0.95)) * per_inch
        place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "ha": "right", "va": "center", "size": 8}
        axes.text(x, 0.18, column, color=style.GREY, **place)
        for y, (_, unit) in zip(units["y"], units.iterrows(), strict=True):
            axes.text(x, y, _cell(column, unit), **place)
    for level, first in units.groupby("level", sort=False)["y"].min().items():
        axes.text(
            0,
            first - 0.72,
            level_name(str(level)),
            transform=axes.get_yaxis_transform(),
            size=8.5,
            weight="bold",
            va="center",
        )


def _cell(column: str, unit: "pd.Series[Any]") -> str:
    tracked = float(unit["visible_s"]) + float(unit["excluded_s"])
    named = int(unit["n_individuals"])
    return {
        "recognized": duration(float(unit["visible_s"])),
        "left out": percent(float(unit["excluded_s"]) / tracked) if tracked else "-",
        "tracks": f"{unit['n_tracks']}",
        "at once": f"{unit['most_at_once']}",
        "animals": f"{named}" if named else "-",
        "sessions": f"{unit['n_sessions']}",
    }[column]
