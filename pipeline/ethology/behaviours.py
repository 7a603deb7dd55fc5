"""From the scores of windows to one behaviour for every frame of every track.

Windows overlap: a frame's probabilities are the mean over the windows that cover it, as they are or weighed by how
often each behaviour is in the video (``frequencies.py``). Of these the likeliest sequence is taken, frame by frame or
with a cost on every change (``decoding.py``). What is not sure stays ``unknown``, who is
out of sight is ``not visible``; both are rows like any other and leave every denominator later.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.errors import TableError
from pipeline.ethology.decoding import likeliest
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, UNKNOWN, Ethogram, Kind
from pipeline.ethology.frequencies import times_as_often, weighed
from pipeline.tables import BEHAVIOURS, SCORE_PREFIX
from pipeline.types import BoolArray, IntArray

_WHOLE = 1.01  # that probabilities of behaviours that exclude each other sum to, with what rounding adds
_AGREE = 9  # decimals at which two means are the same: what a running sum loses stays below


@dataclass(frozen=True)
class BehaviourSettings:
    """How windows are weighed, how sure a frame, how much better a change and how long a bout must be.

    ``configs/behaviours`` explains them.
    """

    min_confidence: float
    thresholds: dict[str, float]
    card_thresholds: bool
    adapt: float
    switch_s: float
    min_bout_s: float

    def __post_init__(self) -> None:
        for name in ("min_confidence", "adapt"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} must be in [0, 1], got {getattr(self, name)}")
        if wrong := {name: least for name, least in self.thresholds.items() if not 0 <= least <= 1}:
            raise ValueError(f"thresholds must be in [0, 1], got {wrong}")
        if self.adapt and self.card_thresholds:
            raise ValueError("card_thresholds are of probabilities as they are: with adapt leave them out")
        for name in ("switch_s", "min_bout_s"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} must be >= 0, got {getattr(self, name)}")


def with_thresholds(settings: BehaviourSettings, least: Mapping[str, float], ethogram: Ethogram) -> BehaviourSettings:
    """The settings with the thresholds of a recognizer's card, where they are wanted and none is given.

    ``least`` is by the recognizer's words; of several words that are one behaviour here the lowest counts, as their
    probabilities add up. ``ValueError`` names given thresholds of behaviours that are not there.
    """
    here = {name for _, name in ethogram.places}
    if strange := sorted(set(settings.thresholds) - here):
        raise ValueError(f"behaviours.thresholds of {', '.join(strange)}; there are {', '.join(sorted(here))}")
    of_card: dict[str, float] = {}
    for word, name in ethogram.places if settings.card_thresholds else ():
        if word in least:
            of_card[name] = min(least[word], of_card.get(name, 1.0))
    return replace(settings, thresholds=of_card | settings.thresholds)


@dataclass(frozen=True)
class _Seen:
    """What is known of the rows of one track."""

    names: list[str]  # that can win
    mean: FloatArray  # [n, names] probabilities
    voters: IntArray  # [n] windows
    sight: NDArray[np.object_]  # [n] why it is out of sight; "": it is in sight
    duration_s: FloatArray  # [n]


@dataclass(frozen=True)
class _Winner:
    """Who wins the rows of one track in one set."""

    label: NDArray[np.object_]  # [n]
    confidence: FloatArray  # [n] its own probability, 0 where no window looked
    sure: BoolArray  # [n] was the likeliest likely enough?


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
    ``not visible`` in every set where the winner of one set says so (``label``); ``unknown`` where the likeliest
    behaviour stays under ``min_confidence``, or the winner under its own threshold (``low score``), unless the set has
    a behaviour for the rest; else the winner: the behaviour of the likeliest sequence, or of events, and with
    ``switch_s`` 0, the frame's likeliest. With ``adapt`` the probabilities of states are weighed first by how often
    they are in these windows. Of equal probabilities the first in the ethogram wins. ``TableError`` where the scores
    lack a word of the recognizer's.
    """
    names, raw = _gathered(scores, ethogram)
    columns = _adapted(raw, names, ethogram, settings.adapt)
    tracks = tracks.assign(sight=np.asarray(sight, dtype=object)).sort_values(["track", "frame"], kind="stable")
    duration = frames.set_index("frame")["duration_s"].reindex(tracks["frame"]).to_numpy()
    windows = scores.groupby("track").indices
    parts = []
    for track, rows in sorted(tracks.groupby("track").indices.items()):
        here, own = tracks.iloc[rows], windows.get(track, np.zeros(0, dtype=np.int64))
        spans = scores[["start_frame", "stop_frame"]].to_numpy()[own]
        mean, voters = _overlap_vote(here["frame"].to_numpy(), spans, columns[own])
        seen = _Seen(names, mean, voters, here["sight"].to_numpy(), duration[rows])
        votes = _votes(seen, ethogram, settings)
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


def _adapted(columns: FloatArray, names: list[str], ethogram: Ethogram, adapt: float) -> FloatArray:
    """The probabilities, with those of each set of states weighed by how often they are in these windows.

    Those that cannot be seen (Occluded) are among them. Events are rare by nature, and what is reserved is of no set:
    both stay. ``TableError`` where several can be true at once: then none is more often at the cost of another.
    """
    adapted = columns.copy()
    for of_set in ethogram.sets if adapt else ():
        if ethogram.kind(of_set) is Kind.state:
            here = {behaviour.name for behaviour in ethogram.all if behaviour.set == of_set}
            own = [number for number, name in enumerate(names) if name in here]
            if (most := columns[:, own].sum(axis=1).max(initial=0.0)) > _WHOLE:
                raise TableError(
                    f"behaviours.adapt={adapt:g} is for behaviours that exclude each other; those of a window sum to "
                    f"{most:.2g}; set it to 0"
                )
            adapted[:, own] = weighed(columns[:, own], times_as_often(columns[:, own], adapt))
    return adapted


def _overlap_vote(frame: IntArray, spans: IntArray, probabilities: FloatArray) -> tuple[FloatArray, IntArray]:
    """Mean probabilities ``[n, names]`` of the windows that cover each frame, and how many do ``[n]``.

    A window that tells nothing (0 for everything) is among those that cover it, but not in the mean.

    ::

        windows      [----)        frame 2 is covered by two, frame 7 by none
                         [----)
        frames       0 1 2 3 4 5 6 7
    """
    first, after = np.searchsorted(frame, spans[:, 0]), np.searchsorted(frame, spans[:, 1])
    rise = np.zeros((len(frame) + 1, probabilities.shape[1] + 2))
    tells = probabilities.any(axis=1).astype(np.float64)
    counted = np.column_stack([probabilities, tells, np.ones_like(tells)])
    np.add.at(rise, first, counted)
    np.add.at(rise, after, -counted)
    total = np.cumsum(rise, axis=0)[:-1]
    telling, voters = np.rint(total[:, -2:]).astype(np.int64).T
    return np.round(total[:, :-2] / np.maximum(telling, 1)[:, None], _AGREE), voters


def _votes(seen: _Seen, ethogram: Ethogram, settings: BehaviourSettings) -> dict[str, _Vote]:
    """The outcome in every set. An animal that one set's winner calls out of sight is so in all."""
    hidden = {behaviour.name for behaviour in ethogram.all if not behaviour.visible} | {NOT_VISIBLE}
    sets = dict.fromkeys(behaviour.set for behaviour in ethogram.all)
    winners = {of_set: _winner(seen, of_set, ethogram, settings) for of_set in sets}
    gone = np.zeros(len(seen.mean), dtype=bool)
    for winner in winners.values():
        gone |= np.isin(winner.label, sorted(hidden)) & winner.sure
    return {of_set: _outcome(seen, winners[of_set], gone, _rest(ethogram, of_set)) for of_set in ethogram.sets}


def _winner(seen: _Seen, of_set: str, ethogram: Ethogram, settings: BehaviourSettings) -> _Winner:
    """The behaviour of the likeliest sequence; events are short, so for them each frame's own likeliest."""
    set_of = {behaviour.name: behaviour.set for behaviour in ethogram.all}
    among = [number for number, name in enumerate(seen.names) if set_of.get(name, of_set) == of_set]
    mean, looked_at = seen.mean[:, among], seen.voters > 0
    switch_s = settings.switch_s if of_set in ethogram.sets and ethogram.kind(of_set) is Kind.state else 0.0
    best = likeliest(mean, seen.duration_s, looked_at & (seen.sight == ""), switch_s)
    words = [seen.names[number] for number in among]
    least, own = np.array([settings.thresholds.get(word, 0.0) for word in words]), mean[np.arange(len(mean)), best]
    likely = mean.max(axis=1, initial=0.0) >= settings.min_confidence
    return _Winner(
        label=np.array(words, dtype=object)[best],
        confidence=np.where(looked_at, own, 0.0),
        sure=looked_at & likely & (own >= least[best]),
    )


def _rest(ethogram: Ethogram, of_set: str) -> str:
    """The behaviour that takes what is left of a set; ``""`` where it has none."""
    return next((behaviour.name for behaviour in ethogram.behaviours if behaviour.rest and behaviour.set == of_set), "")


def _outcome(seen: _Seen, winner: _Winner, gone: BoolArray, rest: str) -> _Vote:
    low = ~winner.sure & (seen.voters > 0)
    cases = [seen.sight != "", seen.voters == 0, gone, low]
    behaviour = np.select(cases, [NOT_VISIBLE, UNKNOWN, NOT_VISIBLE, rest or UNKNOWN], default=winner.label)
    reason = np.select(cases, [seen.sight, "no window", "label", "" if rest else "low score"], default="")
    reason = np.where((behaviour == UNKNOWN) & (reason == ""), "label", reason)
    at_rest = low & bool(rest) & (seen.sight == "") & ~gone
    confidence = np.where(at_rest, 1.0 - winner.confidence, winner.confidence)
    return _Vote(behaviour.astype(object), np.where(seen.sight != "", 0.0, confidence), reason.astype(object))
