"""Which frames of a track show the animal at all, told from its boxes before any behaviour is read.

Time out of sight is missing, not a behaviour (Martin and Bateson, "Measuring Behaviour": "time out of sight"): it
leaves the denominator of every share. A recognizer's own Occluded label only adds to what is found here, and so does
the time in which a track has no box at all (``lost.py``).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray, area
from pipeline.tables import BOX
from pipeline.types import BoolArray, IntArray


@dataclass(frozen=True)
class VisibilitySettings:
    """When an animal with a box counts as out of sight; ``configs/visibility`` explains the values."""

    edge_px: float
    edge_min_area_share: float
    max_covered_share: float
    max_unobserved_s: float
    min_length_px: float

    def __post_init__(self) -> None:
        for name in ("edge_min_area_share", "max_covered_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        for name in ("edge_px", "max_unobserved_s", "min_length_px"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")


def visible(
    tracks: pd.DataFrame, frames: pd.DataFrame, size: tuple[int, int], settings: VisibilitySettings
) -> pd.Series:
    """Why each row of ``tracks`` (tables.TRACKS) is out of sight; ``""`` where it is in sight. Same index.

    ``frames`` is tables.FRAMES, ``size`` the frame's width and height in pixels. Of several reasons the first holds:
    ``gap`` (between two detections too far apart, where the box itself is a guess, or over a hole in the footage),
    ``small`` (by the longer side: straight from above a box has no height of the animal's), ``edge`` (cut by the
    frame's edge), ``overlap`` (behind another animal).
    """
    xyxy = tracks[BOX].to_numpy(dtype=np.float64)
    track, frame = tracks["track"].to_numpy(), tracks["frame"].to_numpy()
    reasons = {
        "gap": np.maximum(_unobserved_s(tracks), _hole_s(frame, frames)) > settings.max_unobserved_s,
        "small": (xyxy[:, 2:] - xyxy[:, :2]).max(axis=1) < settings.min_length_px,
        "edge": _cut(xyxy, track, size, settings),
        "overlap": covered_share(xyxy, frame) > settings.max_covered_share,
    }
    words = np.array(["", *reasons], dtype=object)
    first = np.select(list(reasons.values()), np.arange(1, len(words)), default=0)
    return pd.Series(words[first], index=tracks.index, dtype="str", name="reason")


def _unobserved_s(tracks: pd.DataFrame) -> FloatArray:
    """Seconds between the detections before and after each row ``[n]``; 0 for a detection.

    Before the first detection of a track its first row stands in, after the last its last row.
    """
    order = np.lexsort((tracks["frame"], tracks["track"]))
    seen = tracks[["track", "time_s", "observed"]].iloc[order]
    known = seen["time_s"].where(seen["observed"])
    by_track = known.groupby(seen["track"])
    times = seen["time_s"].groupby(seen["track"])
    before = by_track.ffill().fillna(times.transform("first"))
    after = by_track.bfill().fillna(times.transform("last"))
    gap = np.empty(len(tracks))
    gap[order] = np.where(seen["observed"], 0.0, after - before)
    return gap


def _hole_s(frame: IntArray, frames: pd.DataFrame) -> FloatArray:
    """Seconds that the source frame of each row ``[n]`` stands for where footage is missing after it; else 0.

    Missing is more than 1.5 usual steps: in a time lapse every step is long, and none is a hole. A track that ends at
    the hole was not seen in it either.
    """
    lasts = frames["duration_s"].to_numpy(dtype=np.float64)
    usual = np.median(lasts) if len(lasts) else 0.0
    holes = pd.Series(np.where(lasts > 1.5 * usual, lasts, 0.0), index=frames["frame"])
    return np.asarray(holes.reindex(frame).fillna(0.0), dtype=np.float64)


def _cut(xyxy: FloatArray, track: IntArray, size: tuple[int, int], settings: VisibilitySettings) -> BoolArray:
    """Does a box touch the frame's edge with less than a share of its track's usual area?

    Usual is the median over the track's boxes away from the edge, or over all where none is: a mini-scene whose whole
    frame is the box, or an animal that fills the picture, is in sight.
    """
    edge, far = settings.edge_px, np.array(size) - settings.edge_px
    touches = np.asarray(np.hstack([xyxy[:, :2] <= edge, xyxy[:, 2:] >= far]).any(axis=1), dtype=bool)
    areas = pd.Series(area(xyxy))
    inside = areas.where(~touches).groupby(track).transform("median")
    usual = inside.fillna(areas.groupby(track).transform("median")).to_numpy()
    shrunk: BoolArray = areas.to_numpy() < settings.edge_min_area_share * usual
    return touches & shrunk


def covered_share(xyxy: FloatArray, frame: IntArray) -> FloatArray:
    """Largest share of each box ``[n]`` that one nearer box of the same frame covers.

    Nearer means that its bottom edge is lower in the picture, as on flat ground seen from the side. Boxes are swept
    from left to right, row i meets the rows after it until one begins right of its end: seconds for 70 animals in each
    of 36,000 frames.
    """
    covered = np.zeros(len(xyxy))
    if len(xyxy) == 0:
        return covered
    order = np.lexsort((xyxy[:, 0], frame))
    boxes, frames, own = xyxy[order], frame[order], np.maximum(area(xyxy[order]), 1e-9)
    left, lag = np.arange(len(boxes)), 1
    while len(left := left[left + lag < len(boxes)]):
        right = left + lag
        left = left[(frames[left] == frames[right]) & (boxes[right, 0] < boxes[left, 2])]
        right = left + lag
        wide = np.minimum(boxes[left, 2], boxes[right, 2]) - boxes[right, 0]
        high = np.minimum(boxes[left, 3], boxes[right, 3]) - np.maximum(boxes[left, 1], boxes[right, 1])
        shared = wide * np.clip(high, 0, None)
        for behind, front in ((left, right), (right, left)):
            nearer = boxes[front, 3] > boxes[behind, 3]
            share = np.where(nearer, shared / own[behind], 0.0)
            np.maximum.at(covered, order[behind], share)
        lag += 1
    return covered
