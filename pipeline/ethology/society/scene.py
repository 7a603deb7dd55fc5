"""Where every animal of a video is at regular instants, in the video's reference frame and, where known, in metres.

Instants are the first source frames of the periods ``[k step_s, (k + 1) step_s)`` of the video's clock: all animals at
the same moments. Boxes that bridge a gap between detections are guesses and give no place; an animal behind a bush or
another animal has one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.camera import transforms
from pipeline.errors import TableError
from pipeline.ethology.individuals import named, subjects
from pipeline.ethology.observations import placed
from pipeline.ethology.society.lengths import body_lengths
from pipeline.ethology.society.motion import broken_records, velocities
from pipeline.ethology.society.settings import Point, SocietySettings
from pipeline.ethology.society.tables import GROUND, POSITIONS
from pipeline.ethology.tally import one_set
from pipeline.geodesy import Origin
from pipeline.tables import BOX
from pipeline.timebase import due_frames
from pipeline.types import IntArray


@dataclass(frozen=True)
class VideoScene:
    """One video's tables as stored, and what is known of the ground.

    ``frames``, ``tracks``, ``camera`` and ``behaviours`` are as in tables.py; ``size`` is the frame's width and height
    in pixels. ``camera`` may be empty: the camera stood still. ``ground`` is tables.GROUND of this family, its metres
    east and north of ``origin``.
    """

    video: str
    size: tuple[int, int]
    frames: pd.DataFrame
    tracks: pd.DataFrame
    camera: pd.DataFrame
    behaviours: pd.DataFrame
    ground: pd.DataFrame | None = None
    origin: Origin | None = None


@dataclass(frozen=True)
class Placed:
    """The animals of one video at its instants.

    ``instants`` has frame, time_s, lasts_s, session and spell (a new number after footage that does not count), also
    those without an animal; ``animals`` is POSITIONS by frame and track, with ``instant``, the row of ``instants``;
    ``lengths`` is BODY_LENGTHS.
    """

    video: str
    instants: pd.DataFrame
    animals: pd.DataFrame
    lengths: pd.DataFrame


@dataclass(frozen=True)
class _Seen:
    """The rows of a video's tracks that give a place, by track and frame."""

    rows: pd.DataFrame  # [n] tables.TRACKS
    point: FloatArray  # [n, 2] source pixels
    steady: FloatArray  # [n, 2] pixels of the reference frame
    scale: FloatArray  # [n] pixels of the reference frame by a source pixel
    metres: FloatArray  # [n, 2] NaN where not known
    record: IntArray  # [n] number of the unbroken record


def positions(
    scene: VideoScene,
    settings: SocietySettings,
    observations: pd.DataFrame | None = None,
    names: pd.DataFrame | None = None,
) -> Placed:
    """The animals of a video at its instants that count (``observations``), by their names.

    ``TableError`` where ``ground`` is not as declared or speaks of a track twice in one frame.
    """
    instants, given = _instants(scene, settings.step_s, observations)
    seen = _seen(scene, settings)
    lengths = body_lengths(scene.video, seen.rows, seen.scale, settings.least_aspect)
    number = pd.Series(instants.index, index=instants["frame"]).reindex(seen.rows["frame"]).to_numpy(dtype=np.float64)
    at = np.flatnonzero(~np.isnan(number))
    at = at[np.argsort(number[at], kind="stable")]  # by instant, and by track within
    own, instant = seen.rows.iloc[at].reset_index(drop=True), number[at].astype(np.int64)
    species = given.reindex(own["frame"]).to_numpy(dtype=object)
    scale_px = own["track"].map(lengths.set_index("track")["scale_px"]).to_numpy(dtype=np.float64)
    table = own[["track", "frame", "time_s"]].assign(
        video=scene.video,
        session=instants["session"].to_numpy()[instant],
        lasts_s=instants["lasts_s"].to_numpy()[instant],
        species=np.where(species != "", species, own["species"].to_numpy(dtype=object)),
        subject=subjects(scene.video, own["track"], names),
        individual=named(scene.video, own["track"], names),
        scale_px=scale_px,
        to_edge_px=_to_edge(seen.point[at], scene.size) * seen.scale[at],
        **dict(zip(("x_px", "y_px"), seen.steady[at].T, strict=True)),
        **dict(zip(("x_m", "y_m"), seen.metres[at].T, strict=True)),
        **_motion(seen, at, scale_px, settings),
    )
    return Placed(scene.video, instants, POSITIONS.cast(table).assign(instant=instant), lengths)


def _seen(scene: VideoScene, settings: SocietySettings) -> _Seen:
    guessed = _guessed(scene.tracks, scene.behaviours)
    rows = scene.tracks[~guessed] if guessed.any() else scene.tracks
    order = np.lexsort([rows["frame"], rows["track"]])
    rows = (rows if (np.diff(order) == 1).all() else rows.iloc[order]).reset_index(drop=True)
    matrices, unknown, at = _cameras(rows["frame"].to_numpy(), scene.camera)
    point = _points(rows, settings.point)
    steady = np.einsum("nij,nj->ni", matrices[at, :2, :2], point) + matrices[at, :2, 2]
    scale = np.sqrt(np.abs(np.linalg.det(matrices[:, :2, :2])))[at]
    return _Seen(rows, point, steady, scale, _ground(rows, scene.ground), broken_records(rows, unknown[at]))


def _motion(seen: _Seen, at: IntArray, scale_px: FloatArray, settings: SocietySettings) -> dict[str, FloatArray]:
    """Speed, by the picture, and heading, on the ground where it is known, of the rows ``at``."""
    times = seen.rows["time_s"].to_numpy(dtype=np.float64)
    moved, on_ground = (
        velocities(seen.record, times, places, at, settings.heading_s) for places in (seen.steady, seen.metres)
    )
    speed = np.hypot(moved[:, 0], moved[:, 1]) / scale_px
    towards = moved if np.isnan(seen.metres).all() else on_ground  # never both: their axes differ
    moves = (speed >= settings.least_speed) & (speed > 0)
    heading = np.where(moves, np.degrees(np.arctan2(towards[:, 1], towards[:, 0])), np.nan)
    return {"speed_bl_s": speed, "heading_deg": heading}


def _instants(
    scene: VideoScene, step_s: float, observations: pd.DataFrame | None
) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    """The instants that count, and the observer's species by frame (``""``: as detected)."""
    frames = scene.frames.reset_index(drop=True)
    times = frames["time_s"].to_numpy(dtype=np.float64)
    told = placed(times, scene.video, observations)
    due = due_frames(times, step_s)
    end = times[-1] + frames["duration_s"].iloc[-1] if len(times) else 0.0
    table = frames.loc[due, ["frame", "time_s"]].assign(
        lasts_s=np.round(np.diff(np.append(times[due], end)), 6), session=told["session"].to_numpy(dtype=object)[due]
    )
    counts = (told["reason"] == "").to_numpy()[due]
    cut = np.append(True, ~counts[:-1])[: len(due)]  # after an instant that does not count
    cut[1:] |= (table["session"].to_numpy()[1:] != table["session"].to_numpy()[:-1]) | (
        np.diff(times[due]) > 1.5 * max(step_s, float(np.median(np.diff(times[due]))) if len(due) > 1 else 0.0)
    )
    table["spell"] = np.cumsum(cut)
    return table[counts].reset_index(drop=True), pd.Series(told["species"].to_numpy(), index=frames["frame"])


def _guessed(rows: pd.DataFrame, behaviours: pd.DataFrame) -> "pd.Series[bool]":
    """Which rows of tracks bridge a gap, as the behaviours say."""
    gaps = one_set(behaviours[behaviours["reason"] == "gap"])[["track", "frame"]]
    if gaps.empty:
        return pd.Series(False, index=rows.index)
    wide = int(max(rows["frame"].max(), gaps["frame"].max())) + 1
    return (rows["track"] * wide + rows["frame"]).isin(gaps["track"] * wide + gaps["frame"])


def _cameras(frame: IntArray, camera: pd.DataFrame) -> tuple[FloatArray, FloatArray, IntArray]:
    """The transforms ``[m, 3, 3]`` to the reference frame, how many unknown motions lie before each ``[m]``, and which
    of them each frame ``[n]`` has. A frame without a row has that of the row before it.
    """
    if camera.empty:
        return np.eye(3)[None], np.zeros(1), np.zeros(len(frame), dtype=np.int64)
    rows = camera.sort_values("frame", kind="stable")
    at = np.maximum(np.searchsorted(rows["frame"].to_numpy(), frame, side="right") - 1, 0)
    unknown = np.cumsum(~rows["known"].to_numpy(dtype=bool)).astype(np.float64)
    return transforms(rows), unknown, at


def _points(rows: pd.DataFrame, point: Point) -> FloatArray:
    """The animals' places in source pixels ``[n, 2]``."""
    x1, y1, x2, y2 = rows[BOX].to_numpy(dtype=np.float64).T
    return np.column_stack([(x1 + x2) / 2, y2 if point is Point.foot else (y1 + y2) / 2])


def _to_edge(point: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Distance of points ``[n, 2]`` to the nearest edge of the frame, in source pixels ``[n]``; 0 outside."""
    inside: FloatArray = np.minimum(point, np.array(size, dtype=np.float64) - point)
    return np.asarray(inside.min(axis=1).clip(min=0.0))


def _ground(rows: pd.DataFrame, ground: pd.DataFrame | None) -> FloatArray:
    """Metres ``[n, 2]`` of the rows of tracks; NaN where they are not known."""
    if ground is None:
        return np.full((len(rows), 2), np.nan)
    given = GROUND.cast(ground)
    if (twice := given.duplicated(["track", "frame"])).any():
        first = given[twice].iloc[0]
        raise TableError(f"ground: track {int(first['track'])} has two places in frame {int(first['frame'])}")
    found = rows[["track", "frame"]].merge(given, on=["track", "frame"], how="left")
    return found[["x_m", "y_m"]].to_numpy(dtype=np.float64)
