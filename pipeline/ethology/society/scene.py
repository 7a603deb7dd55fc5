"""Where every animal of a video is at regular instants, in the video's reference frame and, where known, in metres.

Instants are the first source frames of the periods ``[k step_s, (k + 1) step_s)`` of the video's clock: all animals at
the same moments. Boxes that bridge a gap between detections are guesses and give no place; an animal behind a bush or
another animal has one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import TableError
from pipeline.ethology.individuals import named, subjects
from pipeline.ethology.observations import placed
from pipeline.ethology.society.lengths import body_lengths, usual_sides
from pipeline.ethology.society.lens import Lens, looked_up
from pipeline.ethology.society.motion import broken_records, stretches, usual_step
from pipeline.ethology.society.settings import Point, SocietySettings
from pipeline.ethology.society.tables import GROUND, POSITIONS
from pipeline.ethology.tally import one_set
from pipeline.geodesy import Origin
from pipeline.tables import BOX
from pipeline.timebase import due_frames
from pipeline.types import IntArray

Tracks = pd.DataFrame | Callable[..., Iterable[pd.DataFrame]]
"""tables.TRACKS, or what reads columns of it by their names, in blocks of whole tracks that rise."""

_WHEN = ("track", "frame", "time_s")


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
    tracks: Tracks
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
class _Block:
    """Some of a video's boxes that give a place, by track and frame; no track is in part here."""

    rows: pd.DataFrame  # [n] tables.TRACKS
    camera: IntArray  # [n] which of the lens's rows
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
    seen, sides = _seen(scene, settings, instants["frame"].to_numpy())
    lengths = body_lengths(scene.video, sides, settings.least_aspect)
    instant = seen["instant"].to_numpy()
    species = given.reindex(seen["frame"]).to_numpy(dtype=object)
    scale_px = seen["track"].map(lengths.set_index("track")["scale_px"]).to_numpy(dtype=np.float64)
    table = seen.assign(
        video=scene.video,
        session=instants["session"].to_numpy()[instant],
        lasts_s=instants["lasts_s"].to_numpy()[instant],
        species=np.where(species != "", species, seen["species"].to_numpy(dtype=object)),
        subject=subjects(scene.video, seen["track"], names),
        individual=named(scene.video, seen["track"], names),
        scale_px=scale_px,
        **_motion(seen, scale_px, scene.ground, settings),
    )
    return Placed(scene.video, instants, POSITIONS.cast(table).assign(instant=instant), lengths)


def _seen(scene: VideoScene, settings: SocietySettings, frames: IntArray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who was where at the instants (``frames``), by instant and track, and the usual sides of every track's boxes."""
    lens, gaps, ground = Lens.of(scene.camera), _gaps(scene.behaviours), _ground(scene.ground)
    instant = np.full(int(frames.max(initial=-1)) + 2, -1, dtype=np.int64)
    instant[frames] = np.arange(len(frames))
    usual_s = usual_step(_sighted(rows, gaps) for rows in _read(scene.tracks, *_WHEN))
    found, sides, records = list[pd.DataFrame](), list[pd.DataFrame](), 0
    for part in _read(scene.tracks, *_WHEN, *BOX, "observed", "species"):
        rows = _sighted(part, gaps)
        camera = lens.rows(rows["frame"].to_numpy())
        record = records + broken_records(rows, lens.unknown[camera], usual_s)
        records = int(record.max(initial=records))
        sides.append(usual_sides(rows, lens.scale[camera]))
        found.append(_at_instants(_Block(rows, camera, record), instant, lens, ground, scene.size, settings))
    whole = pd.concat(found, ignore_index=True).sort_values("instant", kind="stable", ignore_index=True)
    return whole, pd.concat(sides, ignore_index=True)


def _at_instants(
    block: _Block,
    instant: IntArray,
    lens: Lens,
    ground: pd.DataFrame | None,
    size: tuple[int, int],
    settings: SocietySettings,
) -> pd.DataFrame:
    """The rows of a block at the instants, with places and how far the animals came in a second (``by_x_px`` ...)."""
    frame, times = (block.rows[name].to_numpy() for name in ("frame", "time_s"))
    number = looked_up(instant, frame)
    moves = stretches(block.record, times, np.flatnonzero(number >= 0), settings.heading_s)
    rows, camera, at = block.rows.iloc[moves.needed], block.camera[moves.needed], np.searchsorted(moves.needed, moves.at)
    point = _points(rows, settings.point)
    steady = np.einsum("nij,nj->ni", lens.matrices[camera, :2, :2], point) + lens.matrices[camera, :2, 2]
    columns = {"to_edge_px": _to_edge(point[at], size) * lens.scale[camera[at]]}
    for unit, places in (("px", steady), ("m", _metres(rows, ground))):
        columns |= zip((f"x_{unit}", f"y_{unit}"), places[at].T, strict=True)
        columns |= zip((f"by_x_{unit}", f"by_y_{unit}"), moves.velocities(places).T, strict=True)
    here = rows[["track", "frame", "time_s", "species"]].iloc[at]
    return here.assign(instant=number[moves.at], **columns)


def _motion(
    seen: pd.DataFrame, scale_px: FloatArray, ground: pd.DataFrame | None, settings: SocietySettings
) -> dict[str, FloatArray]:
    """Speed, by the picture, and heading, on the ground where it is known."""
    speed = np.hypot(seen["by_x_px"], seen["by_y_px"]).to_numpy() / scale_px
    unit = "m" if ground is not None and ground[["x_m", "y_m"]].notna().any(axis=None) else "px"  # their axes differ
    moves = (speed >= settings.least_speed) & (speed > 0)
    towards = np.degrees(np.arctan2(seen[f"by_y_{unit}"].to_numpy(), seen[f"by_x_{unit}"].to_numpy()))
    return {"speed_bl_s": speed, "heading_deg": np.where(moves, towards, np.nan)}


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


def _read(tracks: Tracks, *names: str) -> Iterable[pd.DataFrame]:
    """These columns of the tracks, block by block."""
    return [tracks[list(names)]] if isinstance(tracks, pd.DataFrame) else tracks(*names)


def _gaps(behaviours: pd.DataFrame) -> "pd.Series[int]":
    """The boxes that bridge a gap, as the behaviours say, by their keys."""
    return _key(one_set(behaviours[behaviours["reason"] == "gap"]))


def _key(rows: pd.DataFrame) -> "pd.Series[int]":
    """One number for a track in a frame."""
    return rows["track"] * 2**32 + rows["frame"]


def _sighted(rows: pd.DataFrame, gaps: "pd.Series[int]") -> pd.DataFrame:
    """The rows of tracks that give a place, by track and frame."""
    rows = rows[~_key(rows).isin(gaps)] if len(gaps) else rows
    track, frame = rows["track"].to_numpy(), rows["frame"].to_numpy()
    rises = (track[1:] > track[:-1]) | ((track[1:] == track[:-1]) & (frame[1:] >= frame[:-1]))
    return (rows if rises.all() else rows.iloc[np.lexsort((frame, track))]).reset_index(drop=True)


def _points(rows: pd.DataFrame, point: Point) -> FloatArray:
    """The animals' places in source pixels ``[n, 2]``."""
    x1, y1, x2, y2 = rows[BOX].to_numpy(dtype=np.float64).T
    return np.column_stack([(x1 + x2) / 2, y2 if point is Point.foot else (y1 + y2) / 2])


def _to_edge(point: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Distance of points ``[n, 2]`` to the nearest edge of the frame, in source pixels ``[n]``; 0 outside."""
    inside: FloatArray = np.minimum(point, np.array(size, dtype=np.float64) - point)
    return np.asarray(inside.min(axis=1).clip(min=0.0))


def _ground(ground: pd.DataFrame | None) -> pd.DataFrame | None:
    """The places on the ground, as declared."""
    if ground is None:
        return None
    given = GROUND.cast(ground)
    if (twice := given.duplicated(["track", "frame"])).any():
        first = given[twice].iloc[0]
        raise TableError(f"ground: track {int(first['track'])} has two places in frame {int(first['frame'])}")
    return given


def _metres(rows: pd.DataFrame, ground: pd.DataFrame | None) -> FloatArray:
    """Metres ``[n, 2]`` of the rows of tracks; NaN where they are not known."""
    if ground is None:
        return np.full((len(rows), 2), np.nan)
    found = rows[["track", "frame"]].merge(ground, on=["track", "frame"], how="left")
    return found[["x_m", "y_m"]].to_numpy(dtype=np.float64)
