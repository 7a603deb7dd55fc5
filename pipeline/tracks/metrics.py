"""How well tracks agree with the truth: CLEAR, identity and HOTA metrics, and how much of each animal was followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline import boxes
from pipeline.boxes import FloatArray
from pipeline.tables import BOX
from pipeline.types import IntArray

MATCH = 0.5  # least similarity of a match, as in MOTChallenge


@dataclass(frozen=True)
class Tally:
    """What one recording adds to the metrics, as the ``trackers`` library counts it."""

    clear: dict[str, Any]
    identity: dict[str, Any]
    hota: dict[str, Any]
    animals: int
    tracks: int


def compare(tracks: pd.DataFrame, truth: pd.DataFrame, distance: bool = False) -> dict[str, float]:
    """Metrics of ``tracks`` against ``truth``, tables with ``track frame x1 y1 x2 y2``; shares in [0, 1], and counts.

    MOTA, false and missed boxes and identity switches: Bernardin and Stiefelhagen 2008; IDF1: Ristani et al. 2016;
    HOTA, DetA, AssA: Luiten et al. 2021, all as TrackEval has them. A pair may match where IoU >= 0.5; with
    ``distance``, where the centres are no more than one body length apart.
    """
    return combined([tally(tracks, truth, distance)])


def tally(tracks: pd.DataFrame, truth: pd.DataFrame, distance: bool = False) -> Tally:
    """What one recording adds; arguments as ``compare`` has them."""
    from trackers import eval as metrics

    similar, rows = _similarities(truth, tracks, distance)
    ids = [[codes[part] for part in parts] for parts, codes in zip(rows, map(_codes, (truth, tracks)), strict=True)]
    return Tally(
        metrics.compute_clear_metrics(*ids, similar, threshold=MATCH),
        metrics.compute_identity_metrics(*ids, similar, threshold=MATCH),
        metrics.compute_hota_metrics(*ids, similar),
        int(truth["track"].nunique()),
        int(tracks["track"].nunique()),
    )


def combined(tallies: Sequence[Tally]) -> dict[str, float]:
    """The metrics of several recordings together: counts are added up, so that a long recording counts for more."""
    from trackers import eval as metrics

    clear = metrics.aggregate_clear_metrics([one.clear for one in tallies])
    identity = metrics.aggregate_identity_metrics([one.identity for one in tallies])
    hota = metrics.aggregate_hota_metrics([one.hota for one in tallies])
    return {
        "MOTA": clear["MOTA"],
        **{name: identity[name] for name in ("IDF1", "IDP", "IDR")},
        **{name: hota[name] for name in ("HOTA", "DetA", "AssA")},
        "recall": clear["CLR_Re"],
        "precision": clear["CLR_Pr"],
        "switches": clear["IDSW"],
        "fragmentations": clear["Frag"],
        "animals": sum(one.animals for one in tallies),
        "tracks": sum(one.tracks for one in tallies),
    }


def by_overlap(tallies: Sequence[Tally]) -> pd.DataFrame:
    """HOTA, DetA and AssA at each least IoU from 0.05 to 0.95: ``least_iou hota deta assa``."""
    from trackers import eval as metrics
    from trackers.eval.hota import ALPHA_THRESHOLDS

    hota = metrics.aggregate_hota_metrics([one.hota for one in tallies])
    hits, association = hota["HOTA_TP_array"], hota["AssA_array"]
    detection = hits / np.maximum(1, hits + hota["HOTA_FN_array"] + hota["HOTA_FP_array"])
    return pd.DataFrame(
        {
            "least_iou": np.round(ALPHA_THRESHOLDS, 2),
            "hota": np.sqrt(detection * association),
            "deta": detection,
            "assa": association,
        }
    )


def body_lengths(truth: pd.DataFrame) -> "pd.Series[float]":
    """Length in pixels of each animal (index: track): the 90th percentile of its boxes' longer sides."""
    sides = pd.DataFrame({"width": truth["x2"] - truth["x1"], "height": truth["y2"] - truth["y1"]})
    lengths: pd.Series[float] = sides.max(axis=1).groupby(truth["track"]).quantile(0.9)
    return lengths


def recalls(tracks: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """Per animal of the truth: ``track frames found tracks``.

    ``found`` is the share of its frames in which some track's centre is within a body length of its own (one track
    serves one animal at a time), ``tracks`` by how many tracks.
    """
    animal, follower = truth["track"].to_numpy(), tracks["track"].to_numpy()
    pairs: list[tuple[int, int]] = []
    similar, rows = _similarities(truth, tracks, distance=True)
    for likeness, true, found in zip(similar, *rows, strict=True):
        first, second = _matched(likeness)
        pairs += zip(animal[true[first]], follower[found[second]], strict=True)
    matched = pd.DataFrame(pairs, columns=["track", "by"])
    result = truth.groupby("track")["frame"].size().rename("frames").to_frame()
    result["found"] = matched.groupby("track").size().reindex(result.index, fill_value=0) / result["frames"]
    result["tracks"] = matched.groupby("track")["by"].nunique().reindex(result.index, fill_value=0)
    return result.reset_index()


def _matched(similar: FloatArray) -> tuple[Any, Any]:
    """The best one-to-one pairs of at least ``MATCH``."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(np.where(similar >= MATCH, similar + 1, 0), maximize=True)
    good = similar[rows, columns] >= MATCH
    return rows[good], columns[good]


def _similarities(
    truth: pd.DataFrame, tracks: pd.DataFrame, distance: bool
) -> tuple[list[FloatArray], tuple[list[IntArray], list[IntArray]]]:
    """Similarity of each pair in each frame, and the places of the rows of both tables in it.

    IoU; with ``distance``, ``1 - distance / (2 * length)``, not below 0: 0.5 at one body length.
    """
    frames = np.union1d(truth["frame"], tracks["frame"])
    rows = _places(truth, frames), _places(tracks, frames)
    first, second = truth[BOX].to_numpy(np.float64), tracks[BOX].to_numpy(np.float64)
    if not distance:
        return [boxes.iou(first[true], second[found]) for true, found in zip(*rows, strict=True)], rows
    length = body_lengths(truth).reindex(truth["track"]).to_numpy(np.float64)
    middle, other = boxes.centre(first), boxes.centre(second)
    apart = [
        np.linalg.norm(middle[true][:, None] - other[found][None], axis=2) for true, found in zip(*rows, strict=True)
    ]
    return [
        np.clip(1 - far / (2 * length[true][:, None]), 0, None) for far, true in zip(apart, rows[0], strict=True)
    ], rows


def _places(table: pd.DataFrame, frames: IntArray) -> list[IntArray]:
    """The places of each frame's rows."""
    frame = table["frame"].to_numpy(np.int64)
    order = np.argsort(frame, kind="stable").astype(np.int64)
    start, stop = (np.searchsorted(frame[order], frames, side).tolist() for side in ("left", "right"))
    return [order[low:high] for low, high in zip(start, stop, strict=True)]


def _codes(table: pd.DataFrame) -> IntArray:
    """Tracks as numbers from 0."""
    return np.unique(table["track"].to_numpy(np.int64), return_inverse=True)[1].astype(np.int64)
