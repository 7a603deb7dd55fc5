"""How near the animals of one video keep to each other, over time."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.tally import ALL
from pipeline.report import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ALL, _INSIDE = "#0072b2", "#e69f00"
_UNITS = (("m", "m"), ("bl", "body lengths"), ("px", "px"))  # the best one that is known
_FOOT = (
    "all: too long where the true neighbour is out of the picture; away from the edge (nearer to the neighbour than to"
    " the frame's edge): leans short, and rests on fewer animals"
)


def neighbour_figure(instants: pd.DataFrame, title: str) -> "Figure":
    """Mean distance to the nearest neighbour at each instant, of all animals and of those away from the frame's edge.

    ``instants`` is GROUP_INSTANTS (``ethology.society``) of one video. In metres where they are known, else in body
    lengths, else in pixels; below, the number of animals it is the mean of. A line is broken where instants are
    missing.
    """
    rows = instants[instants["species"] == ALL].sort_values("time_s", kind="stable")
    known = [(unit, words) for unit, words in _UNITS if rows[f"nearest_{unit}"].notna().any()]
    if not known:
        return style.words_only(title, "no two animals are in the picture at the same time")
    unit, words = known[0]
    duration_s = float((rows["time_s"] + rows["lasts_s"]).max())
    figure = style.sheet(style.WIDTH_IN, 4.7)
    upper = style.panel(figure, 0.8, 1.75, style.WIDTH_IN - 1.1, 2.35)
    lower = style.panel(figure, 0.8, 0.8, style.WIDTH_IN - 1.1, 0.7)
    for name, label, colour in (("nearest", "all animals", _ALL), ("inside", "away from the edge", _INSIDE)):
        upper.plot(*with_gaps(rows, f"{name}_{unit}"), color=colour, linewidth=1.3, label=label)
    upper.set_ylabel(f"nearest neighbour, {words}")
    upper.set_ylim(bottom=0)
    upper.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2)
    times, animals = with_gaps(held(rows, ["animals"]), "animals")
    lower.fill_between(times, animals, step="post", color="#b5b5b5", linewidth=0)
    lower.set_ylabel("animals")
    lower.set_ylim(0, max(rows["animals"].max(), 1) * 1.1)
    whole_numbers(lower, 3)
    for axes in (upper, lower):
        time_axis(axes, duration_s, named=axes is lower)
    style.head(figure, title)
    style.foot(figure, _FOOT)
    return figure


def with_gaps(rows: pd.DataFrame, column: str) -> tuple[FloatArray, FloatArray]:
    """Times and values of a column of instants, with NaN put in where some are missing; the last lasts to its end."""
    times, lasts = rows["time_s"].to_numpy(dtype=np.float64), rows["lasts_s"].to_numpy(dtype=np.float64)
    values = rows[column].to_numpy(dtype=np.float64)
    ends = times + lasts
    cut = np.flatnonzero(np.append(times[1:] > ends[:-1] + 1e-6, True))  # also after the last
    times = np.insert(times, np.repeat(cut + 1, 2), np.repeat(ends[cut], 2))
    values = np.insert(values, np.repeat(cut + 1, 2), np.column_stack([values[cut], np.full(len(cut), np.nan)]).ravel())
    return times, values


def held(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Instants that follow each other with the same values in these columns as one that lasts longer."""
    ends = rows["time_s"] + rows["lasts_s"]
    new = (rows[columns] != rows[columns].shift()).any(axis=1) | (rows["time_s"] > ends.shift() + 1e-6)
    first, last = rows[new], ends[new.shift(-1, fill_value=True)]
    return first.assign(lasts_s=last.to_numpy() - first["time_s"])


def time_axis(axes: "Axes", duration_s: float, named: bool) -> None:
    """Round moments of a video that lasts ``duration_s`` (> 0) along the lower edge, labelled where ``named``."""
    ticks = style.time_ticks(duration_s)
    axes.set_xlim(0, duration_s)
    axes.set_xticks(ticks, [style.time_label(tick, duration_s) if named else "" for tick in ticks])
    axes.grid(axis="x", color="#eeeeee", linewidth=0.6)
    axes.set_axisbelow(True)
    if named:
        axes.set_xlabel("time in the video" if duration_s < 5 else "time in the video (min:s)")


def whole_numbers(axes: "Axes", most: int) -> None:
    """At most so many steps on the upright axis, and no fractions of animals."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=most, integer=True))
