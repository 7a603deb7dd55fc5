"""How well tracks agree with the truth: CLEAR, identity and HOTA metrics, and how much of each animal was followed."""

from typing import Any

import numpy as np
import pandas as pd

from pipeline import boxes
from pipeline.boxes import FloatArray
from pipeline.tables import BOX

MATCH = 0.5  # least similarity of a match, as in MOTChallenge


def compare(tracks: pd.DataFrame, truth: pd.DataFrame, distance: bool = False) -> dict[str, float]:
    """Metrics of ``tracks`` against ``truth``, tables with ``track frame x1 y1 x2 y2``; shares in [0, 1], and counts.

    MOTA, false and missed boxes and identity switches: Bernardin and Stiefelhagen 2008; IDF1: Ristani et al. 2016;
    HOTA, DetA, AssA: Luiten et al. 2021, all as TrackEval has them. A pair may match where IoU >= 0.5; with
    ``distance``, where the centres are no more than one body length apart.
    """
    from trackers import eval as metrics

    frames = np.union1d(truth["frame"], tracks["frame"])
    length = body_lengths(truth)
    true_by, track_by = _by_frame(truth, frames), _by_frame(tracks, frames)
    similar = [_similarity(one, two, length if distance else None) for one, two in zip(true_by, track_by, strict=True)]
    ids = [[_codes(part, whole) for part in parts] for parts, whole in ((true_by, truth), (track_by, tracks))]
    clear = metrics.compute_clear_metrics(*ids, similar, threshold=MATCH)
    identity = metrics.compute_identity_metrics(*ids, similar, threshold=MATCH)
    hota = metrics.compute_hota_metrics(*ids, similar)
    return {
        "MOTA": clear["MOTA"],
        "IDF1": identity["IDF1"],
        "HOTA": hota["HOTA"],
        "DetA": hota["DetA"],
        "AssA": hota["AssA"],
        "recall": clear["CLR_Re"],
        "precision": clear["CLR_Pr"],
        "switches": clear["IDSW"],
        "fragmentations": clear["Frag"],
        "animals": truth["track"].nunique(),
        "tracks": tracks["track"].nunique(),
    }


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
    length = body_lengths(truth)
    frames = np.unique(truth["frame"])
    pairs: list[tuple[int, int]] = []
    for true, found in zip(_by_frame(truth, frames), _by_frame(tracks, frames), strict=True):
        rows, columns = _matched(_similarity(true, found, length))
        pairs += zip(true["track"].to_numpy()[rows], found["track"].to_numpy()[columns], strict=True)
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


def _by_frame(table: pd.DataFrame, frames: Any) -> list[pd.DataFrame]:
    parts = dict(tuple(table.groupby("frame")))
    return [parts.get(frame, table.iloc[:0]) for frame in frames]


def _codes(part: pd.DataFrame, whole: pd.DataFrame) -> Any:
    """Tracks as numbers from 0."""
    return np.searchsorted(np.unique(whole["track"]), part["track"])


def _similarity(true: pd.DataFrame, found: pd.DataFrame, length: "pd.Series[float] | None") -> FloatArray:
    """IoU of each pair; with lengths, ``1 - distance / (2 * length)``, not below 0: 0.5 at one body length."""
    first, second = true[BOX].to_numpy(float), found[BOX].to_numpy(float)
    if length is None:
        return boxes.iou(first, second)
    apart = np.linalg.norm(boxes.centre(first)[:, None] - boxes.centre(second)[None], axis=2)
    similar: FloatArray = np.clip(1 - apart / (2 * length.loc[true["track"]].to_numpy()[:, None]), 0, None)
    return similar
