"""Windows: which true frames of each mini-scene a recognizer sees at once. Planned by time, never by frame number."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import cast

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray, as_boxes, longer, transformed
from pipeline.camera import transforms
from pipeline.recognizers.card import Clip
from pipeline.tables import BOX
from pipeline.timebase import CLOSE_S, nearest
from pipeline.types import BoolArray, IntArray, Window

log = logging.getLogger(__name__)
_PLACE = ("x_m", "y_m", "pixel_m")
_LENGTH_PERCENTILE = 90  # of the longer side: an animal seen end-on for a while keeps its length


class Tail(Enum):
    """What is done where the next window would run over the end of a mini-scene."""

    drop = "drop"
    repeat_last = "repeat_last"
    align_last = "align_last"


@dataclass(frozen=True)
class WindowSettings:
    """How windows are laid over a mini-scene; ``frames`` and ``interval_s`` of None come from the model's card."""

    frames: int | None
    interval_s: float | None
    stride_s: float
    tail: Tail

    def __post_init__(self) -> None:
        if self.frames is not None and self.frames < 1:
            raise ValueError(f"frames must be >= 1 or null, got {self.frames}")
        if self.interval_s is not None and self.interval_s <= 0:
            raise ValueError(f"interval_s must be > 0 or null, got {self.interval_s}")
        if self.stride_s < 0:
            raise ValueError(f"stride_s must be >= 0 (0: every frame), got {self.stride_s}")
        object.__setattr__(self, "tail", Tail(self.tail))

    def of(self, clip: Clip) -> Clip:
        """What a window is for a model whose card has ``clip``."""
        return Clip(self.frames or clip.frames, self.interval_s or clip.interval_s)

    def words(self, clip: Clip) -> str:
        """``windows of 16 frames, 0.167 s apart (2.5 s from first to last), one every 0.5 s``, for such a model."""
        clip = self.of(clip)
        if clip.frames == 1:
            return "windows of a single frame, one on every frame"
        step = f"every {self.stride_s:g} s" if self.stride_s else "from every frame on"
        step += ", sooner where a frame would lie between two" if self.stride_s > clip.span_s else ""
        apart = f"{clip.interval_s:.3g} s apart ({clip.span_s:.3g} s from first to last)"
        return f"windows of {clip.frames} frames, {apart}, one {step}"


def plan(
    scenes: pd.DataFrame,
    camera: pd.DataFrame,
    clip: Clip,
    settings: WindowSettings,
    ground: pd.DataFrame | None = None,
) -> list[Window]:
    """The windows of all mini-scenes of a video, by track and time, without images.

    ``scenes`` is what ``miniscenes.mini_scenes`` gives, ``camera`` is ``tables.CAMERA`` (empty: the camera stands
    still). Every window lies in one unbroken mini-scene and its samples are the frames nearest to their times. Where
    the footage has fewer frames than the clip asks for, a frame stands in for several samples, and a warning says so.
    A clip of one frame is laid on every frame, whatever the stride: labels per frame come back as they are. A clip
    shorter than the stride follows the one before at once: no frame is in none. ``ground`` is ``tables.GROUND`` where
    places are known.
    """
    clip = settings.of(clip)
    settings = replace(settings, stride_s=0.0) if clip.frames == 1 else settings
    windows: list[Window] = []
    if ground is not None:
        scenes = scenes.merge(ground[["track", "frame", *_PLACE]], how="left", on=["track", "frame"])
    for track, rows in scenes.groupby("track", sort=True):
        steady, known = _steady(rows, camera)
        length_px, length_m = _lengths(rows, steady)
        for indices in rows.groupby("segment", sort=True).indices.values():
            run = _Run(cast(int, track), rows.iloc[indices], steady[indices], known[indices], length_px, length_m)
            windows += run.windows(clip, settings)
    _warn(windows, clip)
    return windows


@dataclass(frozen=True)
class _Run:
    """One unbroken mini-scene."""

    track: int
    rows: pd.DataFrame
    steady: FloatArray
    known: BoolArray
    length_px: float
    length_m: float
    times: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", self.rows["time_s"].to_numpy(dtype=np.float64))

    def windows(self, clip: Clip, settings: WindowSettings) -> Iterator[Window]:
        frames = self.rows["frame"].to_numpy(dtype=np.int64)
        boxes = as_boxes(self.rows[BOX].to_numpy())
        ground = self.rows[["x_m", "y_m"]].to_numpy(dtype=np.float64) if "x_m" in self.rows else None
        for start_s, over in _starts(self.times, clip, settings):
            at = nearest(self.times, start_s + clip.interval_s * np.arange(clip.frames, dtype=np.float64))
            yield Window(
                track=int(self.track),
                species=str(self.rows["species"].iloc[0]),
                frames=frames[at],
                times_s=self.times[at],
                boxes=boxes[at],
                steady=self.steady[at],
                length_px=self.length_px,
                start_frame=int(frames[at[0]]),
                stop_frame=int(frames[at[-1]]) + 1,
                repeated=over,
                known=float(self.known[at].mean()),
                ground=None if ground is None else ground[at],
                length_m=self.length_m,
            )


# A mini-scene of 20 frames, windows of 3 samples every 4th frame, a stride of 6 frames (f: a sample, r: a repeat):
#
#                 |....................|
#   whole          f...f...f
#                        f...f...f            the next one would end 1 frame too late
#   drop                                      the last 5 frames are in no window
#   repeat_last                f...f..r       shows the end, but an animal that freezes
#   align_last                f...f...f       one more true window, closer to the one before: the default
#
#                 |.......|                   a mini-scene shorter than a window
#   drop                                      is not looked at
#   repeat_last, align_last
#                  f...f.r                    one window whose last frame stands in, marked `repeated`
#
#                 |.......|                   windows of 1 sample: the stride does not count, every frame is one
#                  fffffff
#
#                 |..........|                windows of 2 samples, shorter than the stride: one after the other
#                  f...f
#                       f...f
def _starts(times: FloatArray, clip: Clip, settings: WindowSettings) -> Iterator[tuple[float, bool]]:
    """Start of each window in seconds, and whether it runs over the end of the mini-scene.

    A window is whole when its last sample is within half a frame of a true one: at 25 frames/s the sample wanted at
    2.50 s is the frame at 2.48 s.
    """
    first, last = float(times[0]), float(times[-1])
    frame_s = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    slack, stride_s = frame_s / 2 + CLOSE_S, min(settings.stride_s, clip.span_s + frame_s)
    latest = last + slack - clip.span_s  # no whole window starts later
    whole = times if stride_s == 0 else np.arange(first, latest + CLOSE_S, stride_s)
    starts = whole[whole <= latest].tolist()
    for start_s in starts:
        yield start_s, False
    following = starts[-1] + stride_s if starts else first
    shown = starts and starts[-1] + clip.span_s >= last - slack
    if settings.tail is Tail.drop or shown:
        return
    if starts and settings.tail is Tail.align_last:
        yield last - clip.span_s, False
    elif following <= last:
        yield following, True


def _steady(rows: pd.DataFrame, camera: pd.DataFrame) -> tuple[FloatArray, BoolArray]:
    """Boxes [n, 4] in the video's reference frame, and whether the camera's motion to each frame was told [n].

    A frame that the camera table leaves out moves as the one before.
    """
    boxes = as_boxes(rows[BOX].to_numpy())
    if camera.empty:
        return boxes, np.ones(len(boxes), dtype=bool)
    listed = camera["frame"].to_numpy(dtype=np.int64)
    at = np.maximum(np.searchsorted(listed, rows["frame"].to_numpy(dtype=np.int64), side="right") - 1, 0)
    return transformed(boxes, transforms(camera)[at]), camera["known"].to_numpy(dtype=bool)[at]


def _lengths(rows: pd.DataFrame, steady: FloatArray) -> tuple[float, float]:
    """Body length of a track in pixels of the reference frame and in metres, from its detected boxes where it has any;
    NaN where no metres are known.
    """
    observed = rows["observed"].to_numpy(dtype=bool)
    counted = observed if observed.any() else ~observed
    length_px = float(np.percentile(longer(steady[counted]), _LENGTH_PERCENTILE))
    if "pixel_m" not in rows:
        return length_px, float("nan")
    sides = (longer(rows[BOX].to_numpy(np.float64)) * rows["pixel_m"].to_numpy(np.float64))[counted]
    told = sides[~np.isnan(sides)]
    return length_px, float(np.percentile(told, _LENGTH_PERCENTILE)) if len(told) else float("nan")


def _warn(windows: list[Window], clip: Clip) -> None:
    """Say once where the footage is too slow for the clip."""
    distinct: IntArray = np.array([len(np.unique(w.frames)) for w in windows if not w.repeated], dtype=np.int64)
    poor = int((distinct < clip.frames).sum())
    if poor:
        log.warning(
            "%d of %d windows repeat frames: the footage has fewer than one frame every %.3g s, the clip's interval",
            poor,
            len(windows),
            clip.interval_s,
        )
