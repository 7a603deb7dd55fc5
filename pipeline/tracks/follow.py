"""Tracks from detections: association in the reference frame, then what only the whole video can tell.

    drop weak boxes -> associate -> stitch -> drop unsure and short ones -> interpolate -> drop flicker and duplicates
    -> smooth -> number

It works on tables alone and never sees a pixel.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray, transformed
from pipeline.camera import transforms
from pipeline.errors import TableError
from pipeline.tables import BOX, TRACKS
from pipeline.timebase import due_frames
from pipeline.trackers import NONE, Tracker
from pipeline.tracks.fragments import Fragment, long_enough, often_seen, stitched, sure_enough, without_duplicates
from pipeline.tracks.smoothing import interpolated, smoothed
from pipeline.types import Detections, IntArray

_STEP_S = 1 / 30  # taken for the time between two looks where there was only one


@dataclass(frozen=True)
class TrackSettings:
    """What is done with the tracker's identities once the whole video is known; each value is explained in its YAML."""

    max_gap_s: float
    stitch_gap_s: float
    stitch_lengths: float
    min_duration_s: float
    min_score: float
    min_observed: int
    min_observed_share: float
    min_peak_score: float
    duplicate_iou: float
    smooth_s: float

    def __post_init__(self) -> None:
        for name in ("max_gap_s", "stitch_gap_s", "stitch_lengths", "min_duration_s", "smooth_s"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")
        if self.min_observed < 1:
            raise ValueError(f"min_observed must be >= 1, got {self.min_observed}")
        for name in ("min_score", "min_observed_share", "min_peak_score"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if not 0 < self.duplicate_iou <= 1:
            raise ValueError(f"duplicate_iou must be in (0, 1], got {self.duplicate_iou}")


def follow(
    detections: pd.DataFrame,
    camera: pd.DataFrame,
    frames: pd.DataFrame,
    tracker: Tracker,
    settings: TrackSettings,
    period_s: float,
) -> pd.DataFrame:
    """Tracks (``tables.TRACKS``) on every source frame between their detections, in source pixels of each frame.

    ``detections``, ``camera`` and ``frames`` are tables of one video as stored; every frame of the other two must be in
    ``frames``, the ledger. The analysed frames are those due every ``period_s`` seconds (0: all) and any other with a
    detection. Without rows in ``camera`` it is taken to stand still; between its rows motion is linear. Boxes scored
    under ``settings.min_score`` belong to no track. Identities count from 1 in order of first appearance; those that a
    tracker ``keeps_ids`` of stay, and their boxes are interpolated and nothing else, whatever their scores.
    ``TableError`` where a frame is unknown or an identity is twice in a frame.
    """
    if len(frames) == 0:
        return TRACKS.empty()
    frames = frames.sort_values("frame", kind="stable")
    times_s = frames["time_s"].to_numpy(np.float64)
    places = _places(frames, detections["frame"].to_numpy())
    to_reference = _to_reference(frames, camera)
    analysed = np.union1d(due_frames(times_s, period_s), places)
    if not tracker.keeps_ids:
        followed = detections["score"].to_numpy() >= settings.min_score
        detections, places = detections[followed], places[followed]
    fragments = associate(detections, places, times_s, to_reference, analysed, tracker)
    if tracker.keeps_ids:
        fragments = [interpolated(fragment, times_s, settings.max_gap_s) for fragment in fragments]
    else:
        fragments = _numbered(_refined(fragments, times_s, analysed, settings))
    return _table(fragments, frames, np.linalg.inv(to_reference).astype(np.float64))


def associate(
    detections: pd.DataFrame,
    places: IntArray,
    times_s: FloatArray,
    to_reference: FloatArray,
    analysed: IntArray,
    tracker: Tracker,
) -> list[Fragment]:
    """What the tracker makes of the detections, shown to it one analysed frame after the other.

    ``places`` [n] are the detections' positions in the ledger, whose frames have ``times_s`` [m] and the transforms
    ``to_reference`` [m, 3, 3]; ``analysed`` are the positions, rising, at which the tracker is asked.
    """
    found = Detections.of_table(detections)
    found = replace(found, xyxy=transformed(found.xyxy, to_reference[places]))
    steps_s = np.diff(times_s[analysed])
    tracker.begin(float(np.median(steps_s[steps_s > 0])) if (steps_s > 0).any() else _STEP_S)
    ids = np.full(len(detections), NONE, dtype=np.int64)
    order = np.argsort(places, kind="stable")
    first, last = (np.searchsorted(places[order], analysed, side=side) for side in ("left", "right"))
    for place, low, high in zip(analysed, first, last, strict=True):
        mine = order[low:high]
        ids[mine] = tracker.update(float(times_s[place]), found[mine])
    return [_fragment(int(track), np.flatnonzero(ids == track), places, times_s, found) for track in _known(ids)]


def species_vote(species: Sequence[str], weight: FloatArray) -> str:
    """The species with the largest sum of weights (score times share of the votes); of equals, the first by name."""
    votes: dict[str, float] = defaultdict(float)
    for name, one in zip(species, weight, strict=True):
        votes[name] += float(one)
    return min(votes, key=lambda name: (-round(votes[name], 9), name))


def _refined(
    fragments: list[Fragment], times_s: FloatArray, analysed: IntArray, settings: TrackSettings
) -> list[Fragment]:
    fragments = stitched(fragments, settings.stitch_gap_s, settings.stitch_lengths)
    fragments = sure_enough(fragments, settings.min_peak_score)
    fragments = long_enough(fragments, settings.min_duration_s, settings.min_observed, times_s[analysed])
    fragments = [interpolated(fragment, times_s, settings.max_gap_s) for fragment in fragments]
    fragments = often_seen(fragments, settings.min_observed_share, analysed)
    fragments = without_duplicates(fragments, settings.duplicate_iou)
    return [smoothed(fragment, settings.smooth_s) for fragment in fragments]


def _numbered(fragments: list[Fragment]) -> list[Fragment]:
    """From 1 in order of first appearance."""
    ordered = sorted(fragments, key=lambda fragment: (fragment.rows[0], fragment.track))
    return [replace(fragment, track=number) for number, fragment in enumerate(ordered, start=1)]


def _fragment(track: int, rows: IntArray, places: IntArray, times_s: FloatArray, found: Detections) -> Fragment:
    rows = rows[np.argsort(places[rows], kind="stable")]
    mine = found[rows]
    if len(twice := np.flatnonzero(np.diff(places[rows]) == 0)):
        raise TableError(f"track {track} has two boxes in one frame (at {times_s[places[rows[twice[0]]]]:g} s)")
    return Fragment(
        track=track,
        rows=places[rows],
        times_s=times_s[places[rows]],
        xyxy=mine.xyxy,
        score=mine.score,
        species=species_vote(list(mine.species), mine.score * mine.share),
        observed=np.ones(len(rows), dtype=bool),
    )


def _known(ids: IntArray) -> IntArray:
    return np.unique(ids[ids != NONE])


def _places(frames: pd.DataFrame, wanted: IntArray) -> IntArray:
    """Positions in the ledger of frame numbers."""
    known = frames["frame"].to_numpy(np.int64)
    places = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    if len(lost := wanted[known[places] != wanted]):
        raise TableError(f"{len(lost)} detections are in frames that the video does not have (first: frame {lost[0]})")
    return places.astype(np.int64)


def _to_reference(frames: pd.DataFrame, camera: pd.DataFrame) -> FloatArray:
    """Transform [m, 3, 3] of every frame of the ledger."""
    if len(camera) == 0:
        return np.tile(np.eye(3), (len(frames), 1, 1))
    camera = camera.sort_values("frame", kind="stable")
    entries = transforms(camera).reshape(-1, 9).T
    wanted, known = (table["frame"].to_numpy(np.float64) for table in (frames, camera))
    return np.stack([np.interp(wanted, known, entry) for entry in entries], axis=1).reshape(-1, 3, 3)


def _table(fragments: list[Fragment], frames: pd.DataFrame, from_reference: FloatArray) -> pd.DataFrame:
    if not fragments:
        return TRACKS.empty()
    rows = np.concatenate([fragment.rows for fragment in fragments])
    counts = [len(fragment) for fragment in fragments]
    xyxy = transformed(np.concatenate([fragment.xyxy for fragment in fragments]), from_reference[rows])
    table = pd.DataFrame(
        {
            "track": np.repeat([fragment.track for fragment in fragments], counts),
            "frame": frames["frame"].to_numpy()[rows],
            "time_s": frames["time_s"].to_numpy()[rows],
            **dict(zip(BOX, xyxy.T, strict=True)),
            "score": np.concatenate([fragment.score for fragment in fragments]),
            "species": np.repeat([fragment.species for fragment in fragments], counts),
            "observed": np.concatenate([fragment.observed for fragment in fragments]),
        }
    )
    return TRACKS.cast(table)
