"""The ethogram of one video: one row an animal, time from left to right, a bar a bout."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.report import style
from pipeline.report.colours import present

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.path import Path

_LABEL_LETTERS = 26


def ethogram_figure(
    bouts: pd.DataFrame, duration_s: float, colours: Mapping[str, str], most_rows: int, title: str
) -> "Figure":
    """Gantt chart of the bouts (tables.BOUTS) of one video that lasts ``duration_s``.

    A row is a track, labelled with its subject and species. Nothing is drawn where an animal has no record. A row is
    divided where the ethogram has several sets of exclusive behaviours; an event is a mark. Of more than ``most_rows``
    tracks the longest recorded are drawn, and the figure says how many are not.
    """
    if bouts.empty:
        return style.words_only(title, "no behaviour was recorded in this video")
    rows = rows_of(bouts, most_rows)
    left_out = bouts["track"].nunique() - len(rows)
    names = present(bouts.loc[bouts["track"].isin(rows["track"]), "behaviour"], colours)
    figure, axes = _sheet(rows, names, colours, title, left_out)
    _frame(axes, rows, max(duration_s, float(bouts["stop_s"].max())))
    _draw(axes, bouts, rows, names, colours)
    return figure


def rows_of(bouts: pd.DataFrame, most_rows: int) -> pd.DataFrame:
    """One row a track, those with the longest record, sorted by species and number."""
    rows = bouts.groupby("track", as_index=False).agg(
        subject=("subject", "first"), species=("species", "first"), recorded_s=("duration_s", "sum")
    )
    rows = rows.sort_values(["recorded_s", "track"], ascending=[False, True], kind="stable").head(most_rows)
    return rows.sort_values(["species", "track"], kind="stable").reset_index(drop=True)


def _sheet(
    rows: pd.DataFrame, names: list[str], colours: Mapping[str, str], title: str, left_out: int
) -> tuple["Figure", "Axes"]:
    labels = labels_of(rows)
    row_in = float(np.interp(len(rows), [1, 12, 70], [0.42, 0.32, 0.17]))
    left = 0.35 + style.TEXT_IN * max(map(len, labels))
    below = style.legend_height(names, style.WIDTH_IN - left) + 0.3
    height = 0.5 + row_in * len(rows) + 0.55 + below
    figure = style.sheet(style.WIDTH_IN, height)
    axes = style.panel(figure, left, 0.55 + below, style.WIDTH_IN - left - 0.3, row_in * len(rows))
    axes.set_yticks(range(len(rows)), labels, size=float(np.interp(row_in, [0.17, 0.3], [7, 9])))
    style.head(figure, title)
    style.legend(figure, names, colours, left, below - style.legend_height(names, style.WIDTH_IN - left) + 0.08)
    more = f"; {left_out} more tracks with shorter records are not drawn, all are in bouts.csv" if left_out else ""
    style.foot(figure, f"blank: the animal has no record there{more}")
    return figure, axes


def labels_of(rows: pd.DataFrame) -> list[str]:
    """Name with its track's number, as ``S17 (7)``, and species; of an animal that nobody named the track alone."""
    names = names_of(rows)
    return [
        style.short(f"{names.get(track, f'track {track}')}  {species}", _LABEL_LETTERS)
        for track, species in zip(rows["track"], rows["species"], strict=True)
    ]


def names_of(bouts: pd.DataFrame) -> dict[int, str]:
    """``S17 (7)`` of each track of one video (tables.BOUTS) that has a name; other subjects are ``<video>#<track>``."""
    subjects = bouts.drop_duplicates("track").set_index("track")["subject"]
    return {
        int(str(track)): f"{subject} ({track})"
        for track, subject in subjects.items()
        if not str(subject).endswith(f"#{track}")
    }


def _frame(axes: "Axes", rows: pd.DataFrame, duration_s: float) -> None:
    """Limits, ticks, and a faint line a row to follow with the eye."""
    span = duration_s or 1.0
    ticks = style.time_ticks(span)
    axes.set_xlim(0, span)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xticks(ticks, [style.time_label(tick, span) for tick in ticks])
    axes.set_xlabel("time in the video" if span < 5 else "time in the video (min:s)")
    axes.hlines(range(len(rows)), 0, span, color="#dddddd", linewidth=0.6, zorder=0)
    axes.vlines(ticks, -0.5, len(rows) - 0.5, color="#eeeeee", linewidth=0.6, zorder=0)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _draw(axes: "Axes", bouts: pd.DataFrame, rows: pd.DataFrame, names: list[str], colours: Mapping[str, str]) -> None:
    """One path of all bars a behaviour, for a study has thousands, and one collection of marks where it is an event."""
    from matplotlib.patches import PathPatch

    sets = sorted(bouts["set"].unique())
    place = pd.Series(rows.index, index=rows["track"])
    drawn = bouts[bouts["track"].isin(rows["track"])]
    for name in names:
        mine = drawn[drawn["behaviour"] == name]
        lane = mine["set"].map(sets.index).to_numpy()
        top = place[mine["track"]].to_numpy() - 0.4 + 0.8 * lane / len(sets)
        event = ((mine["kind"] == "event") | (mine["duration_s"] == 0)).to_numpy()
        look = style.swatch(name, colours)
        edge: dict[str, Any] = {} if name == NOT_VISIBLE else {"edgecolor": look["facecolor"], "linewidth": 0.3}
        bars = _bars(mine.loc[~event], top[~event], 0.8 / len(sets))
        axes.add_artist(PathPatch(bars, snap=True, **{**look, **edge}))  # add_patch looks at every corner
        if event.any():
            middle = top[event] + 0.4 / len(sets)
            axes.scatter(
                mine.loc[event, "start_s"], middle, marker="d", s=26, color=look["facecolor"],
                edgecolor="black", linewidth=0.5, zorder=3,
            )  # fmt: skip


def _bars(bouts: pd.DataFrame, top: FloatArray, height: float) -> "Path":
    """The bars of these bouts as one path of closed parts."""
    from matplotlib.path import Path

    start, stop = bouts["start_s"].to_numpy(), bouts["stop_s"].to_numpy()
    x = np.stack([start, stop, stop, start, start], axis=1)
    y = np.stack([top, top, top + height, top + height, top], axis=1)
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return Path(np.column_stack([x.ravel(), y.ravel()]), np.tile(codes, len(bouts)))
