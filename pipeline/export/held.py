"""What a run holds for those who label: its mini-scenes, what was recognized in each, and the words for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object, read_table
from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, Behaviour, EthogramSettings, Kind
from pipeline.ethology.individuals import at_once, named, read_individuals
from pipeline.ethology.palette import assigned
from pipeline.labelled import Shown, told_of
from pipeline.miniscenes import MiniSceneSettings
from pipeline.tables import BOUTS, SCORE_PREFIX, SCORES, TRACKS
from pipeline.types import Video

_ENDS = ["start_s", "stop_s", "start_frame", "stop_frame"]
_UNREAD = {"failed", "waiting"}  # status of a video that left no tables


@dataclass(frozen=True)
class HeldVideo:
    """One video of a run. ``words`` are the recognizer's, in its order.

    ``scenes`` is ``Shown``'s with ``video`` and ``subject``, the animal's name or its track's number. ``pieces`` has a
    row for each bout in each of them, as far as it lies in it: ``scene set behaviour start_s stop_s start_frame
    stop_frame confidence margin``, of the time in which the animal was to be seen.
    """

    video: Video
    info: Mapping[str, Any]  # video.json
    scenes: pd.DataFrame
    pieces: pd.DataFrame
    words: tuple[str, ...]

    @property
    def fps(self) -> float:
        """Frames a second: as the file says it, else as they came."""
        return (
            float(Fraction(self.info["rate"])) if self.info["rate"] else self.info["decoded"] / self.info["duration_s"]
        )


@dataclass(frozen=True)
class Held:
    """A finished run."""

    run: Path
    date: str  # when it was started, YYYY-MM-DDThh:mm:ss
    settings: MiniSceneSettings
    videos: tuple[HeldVideo, ...]
    behaviours: tuple[Behaviour, ...]  # of its ethogram, with colours; what it knows no example of too

    @property
    def scenes(self) -> pd.DataFrame:
        """The mini-scenes of all videos."""
        return pd.concat([one.scenes for one in self.videos], ignore_index=True)

    @property
    def pieces(self) -> pd.DataFrame:
        """What was recognized in them, with ``video``."""
        return pd.concat([one.pieces.assign(video=one.video.key) for one in self.videos], ignore_index=True)


def held(run: Path) -> Held:
    """What ``run`` stored; ``UsageError`` where it is no run, or nothing in it can be labelled."""
    told = told_of(run)
    settings = MiniSceneSettings(**told["settings"]["miniscene"])
    path = run / "tables" / "individuals.csv"
    names = read_individuals(path) if path.is_file() else None
    read = {key: Path(one["path"]) for key, one in told["videos"].items() if one.get("status") not in _UNREAD}
    if not read:
        raise UsageError(f"no video of {run} could be read: there is nothing to label")
    if strange := [key for key in read if PurePosixPath(key).is_absolute() or ".." in PurePosixPath(key).parts]:
        raise UsageError(f"{run} names a video '{strange[0]}', which leads out of its folder")
    videos = tuple(_video(run, Video(key, path), settings, names) for key, path in sorted(read.items()))
    if all(one.scenes.empty for one in videos):
        raise UsageError(f"no animal was followed in {run}: there is nothing to label")
    words = tuple(dict.fromkeys(word for one in videos for word in one.words))
    date = str(told["started"])[:19]
    return Held(run, date, settings, videos, _behaviours(told["settings"]["ethogram"], words))


def _video(run: Path, video: Video, settings: MiniSceneSettings, names: pd.DataFrame | None) -> HeldVideo:
    folder = run / "videos" / video.key
    scores, tracks = read_table(folder / "scores.parquet", SCORES), read_table(folder / "tracks.parquet", TRACKS)
    scenes = Shown.of(run, video, settings, names).scenes
    scenes = scenes.assign(video=video.key, subject=_subjects(video, scenes["track"], tracks, names))
    pieces = _pieces(scenes, read_table(folder / "bouts.csv", BOUTS))
    words = tuple(name.removeprefix(SCORE_PREFIX) for name in SCORES.family(scores.columns))
    info = read_object(folder / "video.json")
    return HeldVideo(video, info, scenes, pieces.assign(margin=_margins(pieces, scores)), words)


def _subjects(video: Video, track: "pd.Series[int]", tracks: pd.DataFrame, names: pd.DataFrame | None) -> list[str]:
    """What the animals are called: by name, but for names that stand in two places at once."""
    called = named(video.key, track, names)
    twice = set() if names is None else set(at_once(video.key, tracks, names))
    return [name if name and name not in twice else str(number) for name, number in zip(called, track, strict=True)]


def _pieces(scenes: pd.DataFrame, bouts: pd.DataFrame) -> pd.DataFrame:
    """The parts of bouts that lie in each mini-scene."""
    seen = bouts[bouts["behaviour"] != NOT_VISIBLE]
    both = seen.merge(scenes[["track", "scene", *_ENDS]], on="track", suffixes=("", "_of_scene"))
    ends = {
        name: np.maximum(both[name], both[f"{name}_of_scene"])
        if name.startswith("start")
        else np.minimum(both[name], both[f"{name}_of_scene"])
        for name in _ENDS
    }
    both = both.assign(**ends)
    both = both[both["start_frame"] < both["stop_frame"]]
    return both[["track", "scene", "set", "behaviour", "kind", *_ENDS, "confidence"]].reset_index(drop=True)


def _margins(pieces: pd.DataFrame, scores: pd.DataFrame) -> FloatArray:
    """By how much the likeliest behaviour leads the next in the windows of each piece [n]; NaN where there is none."""
    ranked = np.sort(scores[SCORES.family(scores.columns)].to_numpy(dtype=np.float64), axis=1)
    lead = ranked[:, -1] - ranked[:, -2] if ranked.shape[1] > 1 else ranked.sum(axis=1)
    found = np.full(len(pieces), np.nan)
    windows = scores.groupby("track").indices
    for track, rows in pieces.groupby("track").indices.items():
        own = windows.get(track, np.zeros(0, dtype=np.int64))
        start, stop = (scores[name].to_numpy()[own] for name in ("start_frame", "stop_frame"))
        low, high = (pieces[name].to_numpy()[rows, None] for name in ("start_frame", "stop_frame"))
        meets = (start < high) & (stop > low)
        count = meets.sum(axis=1)
        found[rows[count > 0]] = (meets @ lead[own])[count > 0] / count[count > 0]
    return found


def _behaviours(told: Mapping[str, Any], words: tuple[str, ...]) -> tuple[Behaviour, ...]:
    """The ethogram as it was written down; without one the recognizer's words."""
    written = [Behaviour(**{**one, "kind": Kind(one["kind"])}) for one in told["behaviours"]]
    settings = EthogramSettings(written, dict(told["relabel"]))
    used = dict.fromkeys(settings.relabel.get(word, word) for word in words)
    defined = settings.behaviours or [Behaviour(name) for name in used if name not in RESERVED]
    return tuple(replace(one, colour=one.colour or assigned(number)) for number, one in enumerate(defined))
