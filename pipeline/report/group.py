"""The group of one video over time: how near its animals keep, how many of which species, and in what subgroups."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.tally import ALL
from pipeline.report import style
from pipeline.report.colours import species_colours

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ALL, _INSIDE = "#0072b2", "#e69f00"
_UNITS = (("m", "m"), ("bl", "body lengths"), ("px", "px"))  # the best one that is known
_NEAR, _COUNT, _SIZES = (3.55, 1.9), (2.5, 0.75), (1.0, 1.15)  # lower edge and height of the panels, in inches
_WIDE_IN = style.WIDTH_IN - 1.1
_FOOT = (
    "nearest neighbour of all animals: too long where the true one is out of the picture; of those nearer to it "
    "than to the frame's edge (away from the edge): leans short\n"
    "subgroups: each dot an instant's, larger where several are of that size; empty mark: an animal came into the "
    "record or left it"
)
_ABOVE: dict[str, Any] = {
    "frameon": False, "ncols": 2, "loc": "lower right", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2
}  # a legend right above the panel  # fmt: skip
_DOT_PT2 = 5  # area of a dot's square, as matplotlib counts it
_GREY = "#8c8c8c"
_MARKS = (("fission", "v", "#d55e00"), ("fusion", "^", "#009e73"))


def group_figure(instants: pd.DataFrame, subgroups: pd.DataFrame, events: pd.DataFrame, title: str) -> "Figure":
    """Mean distance to the nearest neighbour, over the animals by species, over the sizes of their subgroups.

    ``instants`` is GROUP_INSTANTS, ``subgroups`` SUBGROUPS and ``events`` FISSION_FUSION (``ethology.society``) of one
    video. Distances are in metres where they are known, else in body lengths, else in pixels; of all animals and of
    those away from the frame's edge; where no two animals meet they are left out. Fission and fusion are marked at the
    size of the whole, with an empty mark where not sure (an animal came into the record or left it). Lines are broken
    where instants are missing.
    """
    if subgroups.empty:
        return style.words_only(title, "no animal has a place in this video")
    rows = instants[instants["species"] == ALL].sort_values("time_s", kind="stable")
    known = [(unit, words) for unit, words in _UNITS if rows[f"nearest_{unit}"].notna().any()]
    panels = [*([_NEAR] if known else []), _COUNT, _SIZES]
    colours = species_colours(subgroups["species"])
    duration_s = float((subgroups["time_s"] + subgroups["lasts_s"]).max()) or 1.0  # a still lasts nothing
    figure = style.sheet(style.WIDTH_IN, sum(panels[0]) + 0.55)
    *near, count, sizes = (style.panel(figure, 0.8, bottom, _WIDE_IN, height) for bottom, height in panels)
    if known:
        _nearest(near[0], rows, *known[0])
    _species(count, subgroups, colours)
    _sizes(sizes, subgroups, events, near_s=duration_s / (_WIDE_IN * 72) * _DOT_PT2**0.5 / 2)
    for axes in (*near, count, sizes):
        axes.set_ylim(bottom=0)
        _time_axis(axes, duration_s, named=axes is sizes)
    style.head(figure, title)
    style.legend(figure, list(colours), colours, 0.8, 0.4)
    style.foot(figure, _FOOT)
    return figure


def _nearest(axes: "Axes", rows: pd.DataFrame, unit: str, words: str) -> None:
    """A line of all animals and one of those away from the frame's edge."""
    for name, label, colour in (("nearest", "all animals", _ALL), ("inside", "away from the edge", _INSIDE)):
        axes.plot(*with_gaps(rows, f"{name}_{unit}"), color=colour, linewidth=1.3, label=label)
    axes.set_ylabel(f"nearest neighbour, {words}")
    axes.legend(**_ABOVE)


def _species(axes: "Axes", subgroups: pd.DataFrame, colours: Mapping[str, str]) -> None:
    """One area a species, one upon the other; nothing where no animal is."""
    counts = subgroups.groupby(["time_s", "lasts_s", "species"])["animals"].sum().unstack(fill_value=0)
    tops = held(counts.cumsum(axis=1).reset_index(), list(colours))
    under = np.zeros(len(with_gaps(tops, "time_s")[0]))
    for name, colour in colours.items():
        times, top = with_gaps(tops, name)
        axes.fill_between(times, under, top, step="post", color=colour, linewidth=0)
        under = top
    axes.set_ylabel("animals")
    _whole_numbers(axes, 3)


def _sizes(axes: "Axes", subgroups: pd.DataFrame, events: pd.DataFrame, near_s: float) -> None:
    """A dot for each subgroup at its size, larger where several have it; marks for events at the size of the whole."""
    groups = subgroups.drop_duplicates(["time_s", "group"])
    dots = groups.groupby(["time_s", "size"]).size().reset_index(name="times")
    for times, mine in dots.groupby("times"):
        area, (first, last) = _DOT_PT2 * int(str(times)), _rows(mine, near_s)
        alone = (first["time_s"] == last["time_s"]).to_numpy()
        axes.scatter(first["time_s"][alone], first["size"][alone], s=area, color=_GREY, linewidth=0)
        first, last = first[~alone], last[~alone]
        look = {"color": _GREY, "linewidth": area**0.5, "capstyle": "round", "snap": False}
        axes.hlines(first["size"], first["time_s"], last["time_s"], **look)
    for event, marker, colour in _MARKS:
        for sure, fill in ((True, colour), (False, "none")):
            mine = events[(events["event"] == event) & (events["sure"] == sure)]
            label = event if sure else None
            axes.scatter(
                mine["time_s"], mine["size"], s=38, marker=marker, color=fill, edgecolor=colour, label=label, zorder=3
            )
    axes.legend(**_ABOVE)
    axes.set_ylabel("subgroup size")
    _whole_numbers(axes, 4)
    axes.set_ylim(0, groups["size"].max() * 1.15 + 0.5)


def _rows(dots: pd.DataFrame, near_s: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """First and last dot of each row of dots of one size of which none is further than ``near_s`` from the next."""
    dots = dots.sort_values(["size", "time_s"], kind="stable")
    new = ((dots["size"].diff() != 0) | (dots["time_s"].diff() > near_s)).to_numpy()
    return dots[new].reset_index(drop=True), dots[np.append(new[1:], True)].reset_index(drop=True)


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


def _time_axis(axes: "Axes", duration_s: float, named: bool) -> None:
    """Round moments of a video that lasts ``duration_s`` (> 0) along the lower edge, labelled where ``named``."""
    ticks = style.time_ticks(duration_s)
    axes.set_xlim(0, duration_s)
    axes.set_xticks(ticks, [style.time_label(tick, duration_s) if named else "" for tick in ticks])
    axes.grid(axis="x", color="#eeeeee", linewidth=0.6)
    axes.set_axisbelow(True)
    if named:
        axes.set_xlabel("time in the video" if duration_s < 5 else "time in the video (min:s)")


def _whole_numbers(axes: "Axes", most: int) -> None:
    """At most so many steps on the upright axis, and no fractions of animals."""
    from matplotlib.ticker import MaxNLocator

    axes.yaxis.set_major_locator(MaxNLocator(nbins=most, integer=True))
