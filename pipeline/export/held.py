"""What a run holds for those who take it elsewhere: tables, bouts, tracks, mini-scenes, and the words for them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object, read_table
from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import NOT_VISIBLE, RESERVED, Behaviour, EthogramSettings, Kind
from pipeline.ethology.individuals import at_once, named, read_individuals
from pipeline.ethology.naming import stored_tracks
from pipeline.ethology.palette import assigned
from pipeline.labelled import Shown, told_of
from pipeline.miniscenes import MiniSceneSettings
from pipeline.tables import BOUTS, FRAMES, SCORE_PREFIX, SCORES
from pipeline.types import Video

_ENDS = ["start_s", "stop_s", "start_frame", "stop_frame"]
_UNREAD = {"failed", "waiting"}  # status of a video that left no tables


@dataclass(frozen=True)
class HeldVideo:
    """One video of a run. Tables of its frames are read anew each time, so that a long run does not fill the memory."""

    run: Path
    video: Video
    settings: MiniSceneSettings
    names: pd.DataFrame | None  # tables.NAMES

    @property
    def key(self) -> str:
        """The video's key."""
        return self.video.key

    @property
    def folder(self) -> Path:
        """Where the run keeps what it found in it."""
        return self.run / "videos" / self.key

    @cached_property
    def info(self) -> Mapping[str, Any]:
        """``video.json``."""
        return read_object(self.folder / "video.json")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.info["width"], self.info["height"]

    @property
    def fps(self) -> float:
        """Frames a second: as the file says it, else as they came; 0 for a still."""
        if self.info["rate"]:
            return float(Fraction(self.info["rate"]))
        return self.info["decoded"] / self.info["duration_s"] if self.info["duration_s"] else 0.0

    @property
    def tracks(self) -> pd.DataFrame:
        """tables.TRACKS, with the species that the run calls each animal by."""
        return stored_tracks(self.folder)

    @property
    def frames(self) -> pd.DataFrame:
        """tables.FRAMES."""
        return read_table(self.folder / "frames.parquet", FRAMES)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The recognizer's words, in its order."""
        columns = read_table(self.folder / "scores.parquet", SCORES).columns
        return tuple(name.removeprefix(SCORE_PREFIX) for name in SCORES.family(columns))

    @cached_property
    def twice(self) -> set[str]:
        """Names that stand in two places at once: they name nobody."""
        if self.names is None:
            return set()
        own = self.names["individual"][(self.names["video"] == self.key) & (self.names["individual"] != "")]
        return set(at_once(self.key, self.tracks, self.names)) if own.duplicated().any() else set()

    @cached_property
    def scenes(self) -> pd.DataFrame:
        """``Shown``'s mini-scenes with ``video`` and ``subject``, the animal's name or its track's number."""
        scenes = Shown.of(self.run, self.video, self.settings, self.names).scenes
        called = named(self.key, scenes["track"], self.names)
        number = scenes["track"].astype("str")
        return scenes.assign(video=self.key, subject=called.where((called != "") & ~called.isin(self.twice), number))

    @cached_property
    def pieces(self) -> pd.DataFrame:
        """A row for each bout in each mini-scene, as far as it lies in it, of the time in which the animal was to be
        seen: ``track scene set behaviour kind start_s stop_s start_frame stop_frame confidence margin``.
        """
        pieces = _pieces(self.scenes, read_table(self.folder / "bouts.csv", BOUTS))
        return pieces.assign(margin=_margins(pieces, read_table(self.folder / "scores.parquet", SCORES)))


@dataclass(frozen=True)
class Held:
    """A finished run."""

    run: Path
    date: str  # when it was started, YYYY-MM-DDThh:mm:ss
    settings: Mapping[str, Any]  # all of them
    videos: tuple[HeldVideo, ...]

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.run.resolve().name

    @cached_property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """Of its ethogram, with colours; what it knows no example of too."""
        words = tuple(dict.fromkeys(word for one in self.videos for word in one.words))
        return _behaviours(self.settings["ethogram"], words)

    @cached_property
    def bouts(self) -> pd.DataFrame:
        """tables.BOUTS of the time that counts, by video, track, set and start.

        A name in two places at once is no subject: its tracks stand for themselves. ``UsageError`` where the run did
        not come as far, or followed no animal.
        """
        path = self.run / "tables" / "bouts.csv"
        if not path.is_file():
            raise UsageError(f"{self.run} has no tables/bouts.csv: it broke off; give the command that made it again")
        bouts = read_table(path, BOUTS)
        for one in self.videos:
            lost = (bouts["video"] == one.key) & bouts["subject"].isin(one.twice)
            bouts["subject"] = bouts["subject"].mask(lost, one.key + "#" + bouts["track"].astype("str"))
        bouts = bouts[bouts["video"].isin([one.key for one in self.videos])]
        if bouts.empty:
            raise UsageError(f"no animal was followed in {self.run}: there is nothing to export")
        return bouts.sort_values(["video", "track", "set", "start_s"], kind="stable").reset_index(drop=True)

    @property
    def scenes(self) -> pd.DataFrame:
        """The mini-scenes of all videos; ``UsageError`` where there is none."""
        scenes = pd.concat([one.scenes for one in self.videos], ignore_index=True)
        if scenes.empty:
            raise UsageError(f"no animal was followed in {self.run}: there is nothing to label")
        return scenes

    @property
    def pieces(self) -> pd.DataFrame:
        """What was recognized in them, with ``video``."""
        return pd.concat([one.pieces.assign(video=one.key) for one in self.videos], ignore_index=True)

    def files(self, suffix: str) -> dict[str, str]:
        """A file's name for each video by key: the key with ``suffix`` for its own, which stays where two would meet.

        ::

            a/DJI_1.MP4  a/DJI_2.MP4  a/DJI_2.MOV      a/DJI_1.csv  a/DJI_2.MP4.csv  a/DJI_2.MOV.csv
        """
        bare = [str(PurePosixPath(one.key).with_suffix("")).casefold() for one in self.videos]
        return {
            one.key: (one.key if bare.count(name) > 1 else str(PurePosixPath(one.key).with_suffix(""))) + suffix
            for one, name in zip(self.videos, bare, strict=True)
        }


def held(run: Path) -> Held:
    """What ``run`` stored; ``UsageError`` where it is no run, or no video of it could be read."""
    told = told_of(run)
    settings = MiniSceneSettings(**told["settings"]["miniscene"])
    path = run / "tables" / "individuals.csv"
    names = read_individuals(path) if path.is_file() else None
    read = {key: Path(one["path"]) for key, one in told["videos"].items() if one.get("status") not in _UNREAD}
    if not read:
        raise UsageError(f"no video of {run} could be read: it holds nothing")
    if strange := [key for key in read if PurePosixPath(key).is_absolute() or ".." in PurePosixPath(key).parts]:
        raise UsageError(f"{run} names a video '{strange[0]}', which leads out of its folder")
    videos = tuple(HeldVideo(run, Video(key, path), settings, names) for key, path in sorted(read.items()))
    return Held(run, str(told["started"])[:19], told["settings"], videos)


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
