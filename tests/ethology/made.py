"""Tables written as words: one letter a frame, one frame a second.

``A`` behaviour A, ``?`` unknown, ``-`` not visible, ``.`` no row at all (a hole in the track).
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.ethology.bouts import bouts
from pipeline.ethology.ethogram import Behaviour, Ethogram, EthogramSettings, Kind, resolve
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.ethology.study import VideoTables
from pipeline.tables import BEHAVIOURS, BOUTS, FRAMES, NAMES, TRACKS

WORDS = {"?": "unknown", "-": "not visible"}
REASONS = {"?": "low score", "-": "edge"}
LETTERS = {word: letter for letter, word in WORDS.items()}


def ethogram(words: str = "ABC", events: str = "") -> Ethogram:
    """States of one set ``behaviour``, and events of a set ``event``, each named by a letter."""
    states = [Behaviour(letter) for letter in words]
    happen = [Behaviour(letter, kind=Kind.event, set="event") for letter in events]
    return resolve(EthogramSettings(states + happen, {}), list(words + events))


def behaviours(tracks: Mapping[int, str], of_set: str = "behaviour", frame_s: float = 1.0) -> pd.DataFrame:
    """tables.BEHAVIOURS from a word a track."""
    rows = [
        (track, frame, frame * frame_s, frame_s, of_set, WORDS.get(letter, letter), 0.9, REASONS.get(letter, ""))
        for track, word in tracks.items()
        for frame, letter in enumerate(word)
        if letter != "."
    ]
    return BEHAVIOURS.cast(pd.DataFrame(rows, columns=BEHAVIOURS.names))


def word(table: pd.DataFrame) -> str:
    """One track of a behaviours table, or of its spans, as a word again."""
    rows = table.sort_values("frame")
    times = rows.get("frames", pd.Series(1, index=rows.index))
    return "".join(LETTERS.get(name, name) * k for name, k in zip(rows["behaviour"], times, strict=True))


def frames(number: int, frame_s: float = 1.0) -> pd.DataFrame:
    """tables.FRAMES with a constant rate."""
    index = np.arange(number)
    return FRAMES.cast(pd.DataFrame({"frame": index, "time_s": index * frame_s, "duration_s": frame_s, "fault": ""}))


def tracks(table: pd.DataFrame, species: str = "zebra") -> pd.DataFrame:
    """tables.TRACKS under a behaviours table: a box of 100 x 80 px that stays."""
    rows = table.drop_duplicates(["track", "frame"])[["track", "frame", "time_s"]]
    box = {"x1": 200.0, "y1": 200.0, "x2": 300.0, "y2": 280.0, "score": 0.9, "species": species, "observed": True}
    return TRACKS.cast(rows.assign(**box))


def record(video: str, words: Mapping[int, str], species: str = "zebra") -> VideoTables:
    """A video of one set at one frame a second."""
    table = behaviours(words)
    return VideoTables(video, frames(max(map(len, words.values()), default=0)), tracks(table, species), table)


def statistics(
    interval_s: float = 1.0,
    min_units: int = 6,
    by: tuple[str, ...] = (),
    time_bin_s: float | None = None,
    min_visible_s: float = 0.0,
) -> StatisticsSettings:
    """Settings with few resamples."""
    return StatisticsSettings(
        interval_s, list(by), time_bin_s, min_units, min_visible_s, confidence=0.95, resamples=400, seed=0
    )


def bouts_of(
    videos: Mapping[str, Mapping[int, str]],
    of: Ethogram | None = None,
    names: Mapping[tuple[str, int], str] | None = None,
    events: Mapping[str, Mapping[int, str]] | None = None,
) -> pd.DataFrame:
    """tables.BOUTS from a word a track, of states and of events; ``names`` by video and track."""
    whole = [BOUTS.empty()]
    rows = [(video, track, name) for (video, track), name in (names or {}).items()]
    named = NAMES.cast(pd.DataFrame(rows, columns=NAMES.names))
    for of_set, some in (("behaviour", videos), ("event", events or {})):
        for video, words in some.items():
            table = behaviours(words, of_set)
            whole.append(bouts(table, tracks(table), of or ethogram(), video, named))
    return BOUTS.cast(pd.concat(whole, ignore_index=True))
