"""From the scores of windows to one behaviour for every frame of every track.

Windows overlap: a frame's probabilities are the mean over the windows that cover it. What is not sure stays
``unknown``, who is out of sight is ``not visible``; both are rows like any other and leave every denominator later.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.errors import TableError
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, UNKNOWN, Ethogram
from pipeline.tables import BEHAVIOURS, SCORE_PREFIX
from pipeline.types import BoolArray, IntArray

_AGREE = 9  # decimals at which two means are the same: what a running sum loses stays below


@dataclass(frozen=True)
class BehaviourSettings:
    """How sure a frame and how long a bout must be; ``configs/behaviours`` explains the values."""

    min_confidence: float
    min_bout_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.min_confidence <= 1:
            raise ValueError(f"min_confidence must be in [0, 1], got {self.min_confidence}")
        if not self.min_bout_s >= 0:
            raise ValueError(f"min_bout_s must be >= 0, got {self.min_bout_s}")


@dataclass(frozen=True)
class _Vote:
    """One frame's outcome in one set, for the rows of one track."""

    behaviour: NDArray[np.object_]  # [n]
    confidence: FloatArray  # [n]
    reason: NDArray[np.object_]  # [n]


def per_frame(
    scores: pd.DataFrame,
    tracks: pd.DataFrame,
    frames: pd.DataFrame,
    ethogram: Ethogram,
    sight: pd.Series,
    settings: BehaviourSettings,
) -> pd.DataFrame:
    """One row for every row of ``tracks`` and every exclusive set: tables.BEHAVIOURS, by track, set and frame.

    ``scores``, ``tracks`` and ``frames`` are as in tables.py, ``sight`` as from ``visibility.visible``. A frame is, in
    this order: ``not visible`` for the reason in ``sight``; ``unknown`` where no window covers it (``no window``);
    ``not visible`` in every set where the likeliest behaviour of one set says so (``label``); ``unknown`` where its
    likeliest behaviour stays under ``min_confidence`` (``low score``), unless the set has a behaviour for the rest;
    else that behaviour. Of equal probabilities the first in the ethogram wins. ``TableError`` where the scores lack a
    word of the recognizer's.
    """
    names, columns = _gathered(scores, ethogram)
    tracks = tracks.assign(sight=np.asarray(sight, dtype=object)).sort_values(["track", "frame"], kind="stable")
    duration = frames.set_index("frame")["duration_s"].reindex(tracks["frame"]).to_numpy()
    windows = scores.groupby("track").indices
    parts = []
    for track, rows in sorted(tracks.groupby("track").indices.items()):
        here, own = tracks.iloc[rows], windows.get(track, np.zeros(0, dtype=np.int64))
        spans = scores[["start_frame", "stop_frame"]].to_numpy()[own]
        mean, voters = _overlap_vote(here["frame"].to_numpy(), spans, columns[own])
        votes = _votes(names, mean, voters, here["sight"].to_numpy(), ethogram, settings.min_confidence)
        base = here[["track", "frame", "time_s"]].assign(duration_s=duration[rows])
        parts += [
            base.assign(set=of_set, behaviour=vote.behaviour, confidence=vote.confidence, reason=vote.reason)
            for of_set, vote in votes.items()
        ]
    return BEHAVIOURS.cast(pd.concat(parts, ignore_index=True)) if parts else BEHAVIOURS.empty()


def _gathered(scores: pd.DataFrame, ethogram: Ethogram) -> tuple[list[str], FloatArray]:
    """Names that can win, and the windows' probabilities of each ``[windows, names]``: words with one place add up."""
    words = [f"{SCORE_PREFIX}{word}" for word, _ in ethogram.places]
    if lost := [word for word in words if word not in scores]:
        raise TableError(f"scores: missing columns {', '.join(lost)}; they come from another recognizer")
    here = {name for _, name in ethogram.places}
    names = [behaviour.name for behaviour in ethogram.all if behaviour.name in here]
    names += [word for word in RESERVED if word in here]
    into = np.array([[place == name for name in names] for _, place in ethogram.places], dtype=np.float64)
    return names, scores[words].to_numpy(dtype=np.float64) @ into


def _overlap_vote(frame: IntArray, spans: IntArray, probabilities: FloatArray) -> tuple[FloatArray, IntArray]:
    """Mean probabilities ``[n, names]`` of the windows that cover each frame, and how many do ``[n]``.

    ::

        windows      [----)        frame 3 is covered by two, frame 7 by none
                        [----)
        frames       0 1 2 3 4 5 6 7
    """
    first, after = np.searchsorted(frame, spans[:, 0]), np.searchsorted(frame, spans[:, 1])
    rise = np.zeros((len(frame) + 1, probabilities.shape[1] + 1))
    weighted = np.column_stack([probabilities, np.ones(len(probabilities))])
    np.add.at(rise, first, weighted)
    np.add.at(rise, after, -weighted)
    total = np.cumsum(rise, axis=0)[:-1]
    voters = np.rint(total[:, -1]).astype(np.int64)
    return np.round(total[:, :-1] / np.maximum(voters, 1)[:, None], _AGREE), voters


def _votes(
    names: list[str],
    mean: FloatArray,
    voters: IntArray,
    sight: NDArray[np.object_],
    ethogram: Ethogram,
    min_confidence: float,
) -> dict[str, _Vote]:
    """The outcome in every set. An animal that one set's winner calls out of sight is so in all."""
    set_of = {behaviour.name: behaviour.set for behaviour in ethogram.all}
    hidden = {behaviour.name for behaviour in ethogram.all if not behaviour.visible} | {NOT_VISIBLE}
    winners = {}
    gone = np.zeros(len(mean), dtype=bool)
    for of_set in dict.fromkeys(behaviour.set for behaviour in ethogram.all):
        among = [number for number, name in enumerate(names) if set_of.get(name, of_set) == of_set]
        best = mean[:, among].argmax(axis=1)
        label = np.array([names[number] for number in among], dtype=object)[best]
        confidence = np.where(voters > 0, mean[:, among][np.arange(len(mean)), best], 0.0)
        gone |= np.isin(label, sorted(hidden)) & (confidence >= min_confidence) & (voters > 0)
        winners[of_set] = label, confidence
    return {
        of_set: _outcome(*winners[of_set], voters, sight, gone, _rest(ethogram, of_set), min_confidence)
        for of_set in ethogram.sets
    }


def _rest(ethogram: Ethogram, of_set: str) -> str:
    """The behaviour that takes what is left of a set; ``""`` where it has none."""
    return next((behaviour.name for behaviour in ethogram.behaviours if behaviour.rest and behaviour.set == of_set), "")


def _outcome(
    label: NDArray[np.object_],
    confidence: FloatArray,
    voters: IntArray,
    sight: NDArray[np.object_],
    gone: BoolArray,
    rest: str,
    min_confidence: float,
) -> _Vote:
    low = (confidence < min_confidence) & (voters > 0)
    cases = [sight != "", voters == 0, gone, low]
    behaviour = np.select(cases, [NOT_VISIBLE, UNKNOWN, NOT_VISIBLE, rest or UNKNOWN], default=label)
    reason = np.select(cases, [sight, "no window", "label", "" if rest else "low score"], default="")
    reason = np.where((behaviour == UNKNOWN) & (reason == ""), "label", reason)
    confidence = np.where(low & bool(rest) & (sight == "") & ~gone, 1.0 - confidence, confidence)
    return _Vote(behaviour.astype(object), np.where(sight != "", 0.0, confidence), reason.astype(object))
