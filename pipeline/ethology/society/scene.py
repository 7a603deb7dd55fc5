"""Where every animal of a video is at regular instants, in the video's reference frame and, where known, in metres.

Instants are the first source frames of the periods ``[k step_s, (k + 1) step_s)`` of the video's clock: all animals at
the same moments. Boxes that bridge a gap between detections are guesses and give no place; an animal behind a bush or
another animal has one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.ethology.individuals import named, subjects
from pipeline.ethology.observations import placed
from pipeline.ethology.society.lengths import body_lengths, usual_sides
from pipeline.ethology.society.motion import HOLE, broken_records, usual_step
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.society.sightings import WHEN, Tracks, View, blocks_of, gap_keys, sighted
from pipeline.ethology.society.tables import POSITIONS
from pipeline.geodesy import Origin
from pipeline.tables import BOX
from pipeline.timebase import due_frames
from pipeline.types import IntArray


@dataclass(frozen=True)
class VideoScene:
    """One video's tables as stored, and what is known of the ground.

    ``frames``, ``tracks``, ``camera`` and ``behaviours`` are as in tables.py; ``size`` is the frame's width and height
    in pixels. ``camera`` may be empty: the camera stood still. Of ``behaviours`` the rows at the instants and those
    that tell of gaps are enough. ``ground`` is sightings.PLACES, metres east and north of ``origin``.
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
    species = given[instant]
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
    view, gaps = View.of(scene.camera, scene.ground, scene.size, frames, settings), gap_keys(scene.behaviours)
    usual_s = usual_step(sighted(rows, gaps) for rows in blocks_of(scene.tracks, *WHEN))
    longest_s = max(HOLE * usual_s, settings.heading_s / 2)  # steps of a variable frame rate break no record
    found, sides, records = list[pd.DataFrame](), list[pd.DataFrame](), 0
    for block in blocks_of(scene.tracks, *WHEN, *BOX, "observed", "species"):
        rows = sighted(block, gaps)
        camera = view.lens.rows(rows["frame"].to_numpy())
        record = records + broken_records(rows, view.lens.unknown[camera], longest_s)
        records = int(record.max(initial=records))
        sides.append(usual_sides(rows, view.lens.scale[camera]))
        found.append(view.at_instants(rows, record))
    whole = pd.concat(found, ignore_index=True).sort_values("instant", kind="stable", ignore_index=True)
    return whole, pd.concat(sides, ignore_index=True)


def _motion(
    seen: pd.DataFrame, scale_px: FloatArray, ground: pd.DataFrame | None, settings: SocietySettings
) -> dict[str, FloatArray]:
    """Speed, by the picture, and heading, on the ground where it is known."""
    speed = np.hypot(seen["by_x_px"].to_numpy(), seen["by_y_px"].to_numpy()) / scale_px
    unit = "m" if ground is not None and ground[["x_m", "y_m"]].notna().any(axis=None) else "px"  # their axes differ
    moves = (speed >= settings.least_speed) & (speed > 0)
    towards = np.degrees(np.arctan2(seen[f"by_y_{unit}"].to_numpy(), seen[f"by_x_{unit}"].to_numpy()))
    return {"speed_bl_s": speed, "heading_deg": np.where(moves, towards, np.nan)}


def _instants(
    scene: VideoScene, step_s: float, observations: pd.DataFrame | None
) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    """The instants that count, and the observer's species at each (``""``: as detected)."""
    frames = scene.frames
    every = frames["time_s"].to_numpy(dtype=np.float64)
    due = due_frames(every, step_s)
    times, end = every[due], every[-1] + frames["duration_s"].iloc[-1] if len(every) else 0.0
    told = placed(times, scene.video, observations)
    session, counts = told["session"].to_numpy(dtype=object), (told["reason"] == "").to_numpy()
    cut = np.append(True, ~counts[:-1])[: len(due)]  # after an instant that does not count
    lasts = np.diff(np.append(times, end))
    usual = max(step_s, float(np.median(lasts[:-1]))) if len(due) > 1 else np.inf
    hole = lasts > HOLE * usual
    cut[1:] |= (session[1:] != session[:-1]) | hole[:-1]
    lasts = np.where(hole, usual, lasts)  # before a hole in the footage an instant is as long as others
    table = frames[["frame", "time_s"]].iloc[due].reset_index(drop=True)
    table = table.assign(lasts_s=np.round(lasts, 6), session=session, spell=np.cumsum(cut))
    return table[counts].reset_index(drop=True), told["species"].to_numpy(dtype=object)[counts]
