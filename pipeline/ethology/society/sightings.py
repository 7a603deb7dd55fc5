"""The boxes of a video, block by block, and what of them its instants rest on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray, points
from pipeline.errors import TableError
from pipeline.ethology.runs import rising
from pipeline.ethology.society.lens import Lens, looked_up
from pipeline.ethology.society.motion import stretches
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.tally import one_set
from pipeline.tables import BOX, GROUND
from pipeline.types import IntArray

Tracks = pd.DataFrame | Callable[..., Iterable[pd.DataFrame]]
"""tables.TRACKS; or what reads columns of it by their names, in blocks by track, none of them in several."""

_ON_GROUND = ("x_m", "y_m", "box_error_m", "stretch")
PLACES = GROUND.only("track", "frame", *_ON_GROUND)
WHEN = ("track", "frame", "time_s")


def blocks_of(tracks: Tracks, *names: str) -> Iterable[pd.DataFrame]:
    """These columns of the tracks, block by block."""
    return [tracks[list(names)]] if isinstance(tracks, pd.DataFrame) else tracks(*names)


def gap_keys(behaviours: pd.DataFrame) -> "pd.Series[int]":
    """The boxes that bridge a gap, as the behaviours say."""
    return _keys(one_set(behaviours[behaviours["reason"] == "gap"]))


def _keys(rows: pd.DataFrame) -> "pd.Series[int]":
    """One number for a track in a frame."""
    return rows["track"] * 2**32 + rows["frame"]


def sighted(rows: pd.DataFrame, gaps: "pd.Series[int]") -> pd.DataFrame:
    """The rows of a block of tracks that give a place, by track and frame; ``gaps`` are ``gap_keys``."""
    rows = rows[~_keys(rows).isin(gaps)] if len(gaps) else rows
    track, frame = rows["track"].to_numpy(), rows["frame"].to_numpy()
    return (rows if rising(track, frame) else rows.iloc[np.lexsort((frame, track))]).reset_index(drop=True)


@dataclass(frozen=True)
class View:
    """What tells the places of boxes in a video."""

    lens: Lens
    ground: pd.DataFrame | None  # tables.GROUND
    size: tuple[int, int]  # width and height of the frame in pixels
    instant: IntArray  # [frames] number of the instant, -1 of the others; the last serves all frames after it, too
    settings: SocietySettings

    @classmethod
    def of(
        cls,
        camera: pd.DataFrame,
        ground: pd.DataFrame | None,
        size: tuple[int, int],
        frames: IntArray,
        settings: SocietySettings,
    ) -> "View":
        """As in ``VideoScene``, and the frames of the instants, which rise."""
        instant = np.full(int(frames.max(initial=-1)) + 2, -1, dtype=np.int64)
        instant[frames] = np.arange(len(frames))
        return cls(Lens.of(camera), _ground(ground), size, instant, settings)

    def at_instants(self, rows: pd.DataFrame, record: IntArray) -> pd.DataFrame:
        """The rows of a block (by track and frame), each of its unbroken record, that are at instants.

        With ``instant``, places (``x_px`` ...), how far the animal came in a second (``by_x_px`` ...), ``to_edge_px``.
        """
        number = looked_up(self.instant, rows["frame"].to_numpy())
        moves = stretches(record, rows["time_s"].to_numpy(), np.flatnonzero(number >= 0), self.settings.heading_s)
        near, at = rows.iloc[moves.needed], np.searchsorted(moves.needed, moves.at)
        camera = self.lens.rows(near["frame"].to_numpy())
        point = points(near[BOX].to_numpy(dtype=np.float64), self.settings.point)
        columns = {"to_edge_px": _to_edge(point[at], self.size) * self.lens.scale[camera[at]]}
        ground = _on_ground(near, self.ground)
        columns |= zip(_ON_GROUND[2:], ground[at, 2:].T, strict=True)
        for unit, places in (("px", self.lens.steady(point, camera)), ("m", ground[:, :2])):
            columns |= zip((f"x_{unit}", f"y_{unit}"), places[at].T, strict=True)
            columns |= zip((f"by_x_{unit}", f"by_y_{unit}"), moves.velocities(places).T, strict=True)
        here = near[["track", "frame", "time_s", "species"]].iloc[at]
        return here.assign(instant=number[moves.at], **columns)


def _to_edge(point: FloatArray, size: tuple[int, int]) -> FloatArray:
    """Distance of points ``[n, 2]`` to the nearest edge of the frame, in source pixels ``[n]``; 0 outside."""
    inside: FloatArray = np.minimum(point, np.array(size, dtype=np.float64) - point)
    return np.asarray(inside.min(axis=1).clip(min=0.0))


def _ground(ground: pd.DataFrame | None) -> pd.DataFrame | None:
    """The places on the ground, as declared."""
    if ground is None:
        return None
    given = PLACES.cast(ground)
    if (twice := given.duplicated(["track", "frame"])).any():
        first = given[twice].iloc[0]
        raise TableError(f"ground: track {int(first['track'])} has two places in frame {int(first['frame'])}")
    return given


def _on_ground(rows: pd.DataFrame, ground: pd.DataFrame | None) -> FloatArray:
    """Metres and their errors ``[n, 4]`` of the rows of tracks; NaN where they are not known."""
    if ground is None:
        return np.full((len(rows), len(_ON_GROUND)), np.nan)
    found = rows[["track", "frame"]].merge(ground, on=["track", "frame"], how="left")
    return found[list(_ON_GROUND)].to_numpy(dtype=np.float64)
