"""Where the animals went: the paths of a video's tracks over a still, with the camera's motion taken out."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray, centre
from pipeline.report import style
from pipeline.report.colours import track_colour
from pipeline.report.gaps import after_hole, in_gap
from pipeline.tables import BOX
from pipeline.types import BoolArray, Image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STILL_PX = 1400  # longer side of the still inside the figure
_FINEST_IN = 1 / 288  # two points of a path that are nearer in the figure are one
_REACH = 1.5  # frames' sizes beyond the still that are shown at most on each side


def trajectory_figure(
    tracks: pd.DataFrame, to_reference: FloatArray, still: Image | None, size: tuple[int, int], most: int, title: str
) -> "Figure":
    """Paths of box centres (tables.TRACKS) in the reference frame of ``size`` (width, height) pixels.

    ``to_reference`` ``[n, 3, 3]`` holds the transform of every source frame; ``still`` is the reference frame at any
    size, None draws on a plain ground. A path begins with a dot and the track's number; it is thin and dotted where the
    box bridges a gap between detections (``gaps.in_gap``), and broken where frames have no
    box of it. The view reaches beyond the still where the camera moved. Of more than ``most`` tracks the longest are
    drawn.
    """
    if tracks.empty:
        return style.words_only(title, "no animal was found in this video")
    tracks = tracks.assign(solid=~in_gap(tracks), new=after_hole(tracks))
    lengths = tracks.groupby("track").size().sort_values(ascending=False, kind="stable")
    chosen = sorted(int(track) for track in lengths.index[:most])
    rows = dict(iter(tracks[tracks["track"].isin(chosen)].groupby("track")))
    paths = [(track, _path(rows[track], to_reference)) for track in chosen]
    view = _view(np.concatenate([points for _, (points, _) in paths]), size)
    scale = (style.WIDTH_IN - 0.3) / (view[1] - view[0])
    tall = min(scale * (view[3] - view[2]), 7.0)
    wide = tall / (view[3] - view[2]) * (view[1] - view[0])
    figure = style.sheet(style.WIDTH_IN, tall + 0.85)
    axes = style.panel(figure, (style.WIDTH_IN - wide) / 2, 0.4, wide, tall)
    _ground(axes, still, size, view)
    for track, (points, solid) in paths:
        points, solid = _thinned(points, solid, _FINEST_IN / scale)
        _draw(axes, track, points, solid, float(np.interp(len(paths), [12, 70], [1.0, 0.65])))
    style.head(figure, title)
    style.foot(figure, _note(len(lengths) - len(chosen)))
    return figure


def _note(left_out: int) -> str:
    note = (
        "dot: start, with the track's number; dotted: interpolated over a gap; broken: the animal was lost in between; "
        "the camera's motion is taken out"
    )
    return note + (f"; {left_out} shorter tracks are not drawn" if left_out else "")


def _path(rows: pd.DataFrame, to_reference: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Centres in the reference frame ``[n, 2]`` and where they bridge no gap ``[n]``; NaN before a new beginning."""
    rows = rows.sort_values("frame", kind="stable")
    middle = centre(rows[BOX].to_numpy(dtype=np.float64))
    frames = np.minimum(rows["frame"].to_numpy(), len(to_reference) - 1)
    moved = np.einsum("nij,nj->ni", to_reference[frames], np.column_stack([middle, np.ones(len(middle))]))
    breaks = np.flatnonzero(rows["new"])
    points = np.insert(moved[:, :2] / moved[:, 2:], breaks, np.nan, axis=0)
    return points, np.insert(rows["solid"].to_numpy(dtype=bool), breaks, False)


def _thinned(points: FloatArray, solid: BoolArray, finest: float) -> tuple[FloatArray, BoolArray]:
    """A path without the points that lie as near as ``finest`` to the one before, on the same side of an end."""
    cell = np.column_stack([np.floor(points / finest), solid])
    kept = np.append(True, (np.diff(cell, axis=0) != 0).any(axis=1))
    return points[kept], solid[kept]


def _view(points: FloatArray, size: tuple[int, int]) -> tuple[float, float, float, float]:
    """Left, right, top and bottom of what is shown: the still and all paths, within reason."""
    limit = np.array(size, dtype=np.float64)
    low = np.clip(np.nanmin(points, axis=0) - 0.02 * limit, -_REACH * limit, 0)
    high = np.clip(np.nanmax(points, axis=0) + 0.02 * limit, limit, (1 + _REACH) * limit)
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def _ground(axes: "Axes", still: Image | None, size: tuple[int, int], view: tuple[float, float, float, float]) -> None:
    """The still, slightly paler so that paths stand out, on light grey."""
    width, height = size
    if still is not None:
        factor = min(1.0, _STILL_PX / max(still.shape[:2]))
        small = cv2.resize(still, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else still
        pale = (255 - (255 - small.astype(np.float32)) * 0.8).astype(np.uint8)
        axes.imshow(pale, extent=(0, width, height, 0), interpolation="bilinear", zorder=0)
    axes.plot([0, width, width, 0, 0], [0, 0, height, height, 0], color="#9a9a9a", linewidth=0.8, zorder=1)
    axes.set_facecolor("#ececec")
    axes.set_xlim(view[0], view[1])
    axes.set_ylim(view[3], view[2])
    axes.set_aspect("auto")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _draw(axes: "Axes", track: int, points: FloatArray, solid: BoolArray, scale: float) -> None:
    """One path, drawn through where it is ``solid``; ``scale`` makes lines and letters smaller where there are many."""
    from matplotlib.patheffects import withStroke

    halo = [withStroke(linewidth=3.2 * scale, foreground="#1a1a1a")]
    colour = track_colour(track)
    through = np.where(solid[:, None], points, np.nan)
    axes.plot(*points.T, ":", color=colour, linewidth=scale, zorder=2)
    axes.plot(*through.T, color=colour, linewidth=1.8 * scale, zorder=3, path_effects=halo, solid_capstyle="round")
    axes.plot(*points[0], "o", color=colour, markersize=6 * scale, markeredgecolor="black", zorder=4)
    axes.annotate(
        str(track), points[0], (5, 4), textcoords="offset points", zorder=5,
        color="white", weight="bold", size=9 * scale,
        path_effects=[withStroke(linewidth=2.5, foreground="black")],
    )  # fmt: skip
