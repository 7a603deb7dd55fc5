"""The groups of one video over time: how many of which species, in how many subgroups, and when they part and join."""

from itertools import cycle
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.report import style
from pipeline.report.colours import SPECIES_SHADES
from pipeline.report.neighbours import held, time_axis, whole_numbers, with_gaps

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FOOT = (
    "below: each dot an instant's subgroup, larger where several are of that size; empty mark: an animal came into the"
    " record or left it"
)
_DOT_PT2 = 5  # area of a dot's square, as matplotlib counts it
_GREY = "#8c8c8c"
_MARKS = (("fission", "v", "#d55e00"), ("fusion", "^", "#009e73"))


def species_colours(species: pd.Series) -> dict[str, str]:
    """A grey for every species there is, by alphabet."""
    return dict(zip(sorted(species.unique()), cycle(SPECIES_SHADES), strict=False))


def composition_figure(subgroups: pd.DataFrame, events: pd.DataFrame, title: str) -> "Figure":
    """Animals by species, stacked, over the sizes of the subgroups with the moments of fission and fusion.

    ``subgroups`` is SUBGROUPS and ``events`` FISSION_FUSION (``ethology.society``) of one video. An event that is not
    sure (an animal came into the record or left it) is an empty mark.
    """
    if subgroups.empty:
        return style.words_only(title, "no animal has a place in this video")
    colours = species_colours(subgroups["species"])
    duration_s = float((subgroups["time_s"] + subgroups["lasts_s"]).max())
    figure = style.sheet(style.WIDTH_IN, 5.0)
    wide = style.WIDTH_IN - 1.1
    upper, lower = style.panel(figure, 0.8, 2.95, wide, 1.35), style.panel(figure, 0.8, 1.0, wide, 1.65)
    _species(upper, subgroups, colours)
    _sizes(lower, subgroups, events, near_s=duration_s / (wide * 72) * _DOT_PT2**0.5 / 2)
    for axes in (upper, lower):
        whole_numbers(axes, 4)
        axes.set_ylim(bottom=0)
        time_axis(axes, duration_s, named=axes is lower)
    style.head(figure, title)
    style.legend(figure, list(colours), colours, 0.8, 0.35)
    style.foot(figure, _FOOT)
    return figure


def _species(axes: "Axes", subgroups: pd.DataFrame, colours: dict[str, str]) -> None:
    """One area a species, one upon the other; nothing where no animal is."""
    counts = subgroups.groupby(["time_s", "lasts_s", "species"])["animals"].sum().unstack(fill_value=0)
    tops = held(counts.cumsum(axis=1).reset_index(), list(colours))
    under = np.zeros(len(with_gaps(tops, "time_s")[0]))
    for name, colour in colours.items():
        times, top = with_gaps(tops, name)
        axes.fill_between(times, under, top, step="post", color=colour, linewidth=0)
        under = top
    axes.set_ylabel("animals")


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
    axes.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.2)
    axes.set_ylabel("size of subgroups")
    axes.set_ylim(0, groups["size"].max() * 1.15 + 0.5)


def _rows(dots: pd.DataFrame, near_s: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """First and last dot of each row of dots of one size of which none is further than ``near_s`` from the next."""
    dots = dots.sort_values(["size", "time_s"], kind="stable")
    new = ((dots["size"].diff() != 0) | (dots["time_s"].diff() > near_s)).to_numpy()
    return dots[new].reset_index(drop=True), dots[np.append(new[1:], True)].reset_index(drop=True)
