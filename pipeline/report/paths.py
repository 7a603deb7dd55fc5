"""Where the animals went: the paths of a video's tracks over a still, with the camera's motion taken out."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray, centre
from pipeline.ethology.runs import changed
from pipeline.report import style
from pipeline.report.colours import track_colour
from pipeline.report.gaps import after_hole, in_gap, in_order
from pipeline.report.labels import Labels
from pipeline.report.outline import outline
from pipeline.report.photograph import show_photograph
from pipeline.stretches import stretches
from pipeline.tables import BOX
from pipeline.types import BoolArray, Image

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_STILL_PX = 1100  # longer side of the still inside the figure
_WIDE_IN = style.WIDTH_IN - 0.3  # of the figure's axes
_FINEST_IN = 1 / 288  # two points of a path that are nearer where the still is as wide as the figure are one
_STEP_S = 0.1  # from one point of a path to the next at least: so soon no animal is elsewhere
_DENSE = 5000  # points of a path above which, instead of a line, the outline of what it covers is drawn
_DARK = "#1a1a1a"
_PIECE_IN = 0.3  # how far a path, or a piece of a broken one, reaches at least that has its number once more
_REACH = 1.5  # frames' sizes beyond the still that are shown at most on each side


def trajectory_figure(
    tracks: pd.DataFrame, to_reference: FloatArray, still: Image | None, size: tuple[int, int], most: int, title: str,
    names: Mapping[int, str],
) -> "Figure":  # fmt: skip
    """Paths of box centres (tables.TRACKS) in the reference frame of ``size`` (width, height) pixels.

    ``to_reference`` ``[n, 3, 3]`` holds the transform of every source frame; ``still`` is the reference frame at any
    size, None draws on a plain ground. A path begins with a dot; it is thin and dotted where the box bridges a gap
    between detections (``gaps.in_gap``), and broken where frames have no box of it. The track's name (``names``, of
    a track that has none its number) stands where it begins, its number, unless that is nearer than ``_PIECE_IN`` or
    would stand on another label, where it ends, and where each of its pieces begins. The view reaches beyond the still
    where the camera moved. Of more than ``most`` tracks the longest are drawn.
    """
    if tracks.empty:
        return style.words_only(title, "no animal was found in this video")
    tracks = tracks.assign(solid=~in_gap(tracks), new=after_hole(tracks))
    lengths = tracks.groupby("track").size().sort_values(ascending=False, kind="stable")
    chosen, finest = set(lengths.index[:most]), _FINEST_IN * size[0] / _WIDE_IN
    paths = list(_paths(tracks, chosen, to_reference, finest))
    view = _view(np.concatenate([points for _, (points, _) in paths]), size)
    tall = min(_WIDE_IN / (view[1] - view[0]) * (view[3] - view[2]), 7.0)
    wide = tall / (view[3] - view[2]) * (view[1] - view[0])
    figure = style.sheet(style.WIDTH_IN, tall + 0.85)
    axes = style.panel(figure, (style.WIDTH_IN - wide) / 2, 0.4, wide, tall)
    _ground(axes, still, size, view)
    inch, fine = (view[1] - view[0]) / wide, float(np.interp(len(paths), [12, 70], [1.0, 0.65]))
    labels = Labels(axes, view, inch)
    for track, (points, solid) in paths:
        _draw(axes, track, points, solid, fine, inch)
        labels.add(names.get(track, str(track)), points[0], 9 * fine, needed=True)
    for track, (points, _) in paths:
        for point in _again(points, _PIECE_IN * inch):
            labels.add(str(track), point, 7 * fine)
    style.head(figure, title)
    style.foot(figure, _note(len(lengths) - len(chosen)))
    return figure


def _note(left_out: int) -> str:
    note = (
        "dot: start; number: the track, with its animal's name if known, alone where it ends or is found again; "
        "dotted: over a gap; the camera's motion is taken out"
    )
    return note + (f"; {left_out} shorter tracks are not drawn" if left_out else "")


def _paths(
    tracks: pd.DataFrame, chosen: set[int], to_reference: FloatArray, finest: float
) -> Iterator[tuple[int, tuple[FloatArray, BoolArray]]]:
    """Each ``chosen`` track with its centres in the reference frame ``[n, 2]`` and where they bridge no gap ``[n]``.

    NaN stands before a new beginning. Between two ends there is one point in ``_STEP_S`` at most, and none as near as
    ``finest`` to the one before: of an hour at 30 frames/s few remain.
    """
    rows = in_order(tracks)
    step = np.floor(rows["time_s"].to_numpy() / _STEP_S + 1e-6)
    some = rows["new"].to_numpy() | _changed(rows["track"].to_numpy(), rows["solid"].to_numpy(), step)
    rows = rows[some & rows["track"].isin(chosen).to_numpy()]  # of a long video with many animals never a whole copy
    middle = centre(rows[BOX].to_numpy(dtype=np.float64))
    frames = np.minimum(rows["frame"].to_numpy(), len(to_reference) - 1)
    moved = np.einsum("nij,nj->ni", to_reference[frames], np.column_stack([middle, np.ones(len(middle))]))
    points = moved[:, :2] / moved[:, 2:]
    track, new, solid = (rows[name].to_numpy() for name in ("track", "new", "solid"))
    kept = new | _changed(track, solid, *np.floor(points.T / finest))
    track, points, new, solid = track[kept], points[kept], new[kept], solid[kept]
    for start, stop in stretches(track):
        breaks = np.flatnonzero(new[start:stop])
        mine = np.insert(points[start:stop], breaks, np.nan, axis=0)
        yield int(track[start]), (mine, np.insert(solid[start:stop], breaks, True))


def _changed(*columns: NDArray[Any]) -> BoolArray:
    """Where any of the columns ``[n]`` is not as in the row before; True in the first."""
    return np.asarray(np.logical_or.reduce([changed(pd.Series(column)) for column in columns]))


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
        pale = cv2.convertScaleAbs(small, alpha=0.8, beta=0.2 * 255)
        show_photograph(axes, pale, width, height)
    axes.plot([0, width, width, 0, 0], [0, 0, height, height, 0], color="#9a9a9a", linewidth=0.8, zorder=1)
    axes.set_facecolor("#ececec")
    axes.set_xlim(view[0], view[1])
    axes.set_ylim(view[3], view[2])
    axes.set_aspect("auto")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)


def _draw(axes: "Axes", track: int, points: FloatArray, solid: BoolArray, scale: float, inch: float) -> None:
    """One path, drawn through where it is ``solid``; ``scale`` makes lines thinner where there are many.

    ``inch`` is how long one is in the units of the points.
    """
    colour = track_colour(track)
    if not solid.all():
        near = ~solid | np.append(~solid[1:], False) | np.append(False, ~solid[:-1])
        axes.plot(*np.where(near[:, None], points, np.nan).T, ":", color=colour, linewidth=scale, zorder=2)
    _through(axes, np.where(solid[:, None], points, np.nan), colour, scale, inch)
    axes.plot(*points[0], "o", color=colour, markersize=6 * scale, markeredgecolor="black", zorder=4)


def _again(points: FloatArray, least: float) -> Iterator[FloatArray]:
    """Where a path has its number once more: the beginning of each piece, and its end, ``least`` from its first point.

    A piece that does not reach so far has none.
    """
    pieces = np.split(points, np.flatnonzero(np.isnan(points[:, 0])))[1:]
    others = [piece[1] for piece in pieces if np.nanmax(np.nanmax(piece, 0) - np.nanmin(piece, 0)) > least]
    yield from (point for point in (*others, points[-1]) if np.hypot(*(point - points[0])) > least)


def _through(axes: "Axes", points: FloatArray, colour: str, scale: float, inch: float) -> None:
    """A line with a dark edge, broken at NaN."""
    from matplotlib.patches import PathPatch

    inner, outer = 1.8 * scale, 3.2 * scale
    if len(points) <= _DENSE:
        for shade, width in ((_DARK, outer), (colour, inner)):
            axes.plot(*points.T, color=shade, linewidth=width, zorder=3, solid_capstyle="round")
        return
    view = (*axes.get_xlim(), *axes.get_ylim()[::-1])
    shape = outline(points, (inner + outer) / 2 / 72 * inch, _FINEST_IN / 2 * inch, view)
    edge = {"edgecolor": _DARK, "linewidth": (outer - inner) / 2, "joinstyle": "round"}
    axes.add_artist(PathPatch(shape, facecolor=colour, zorder=3, **edge))
