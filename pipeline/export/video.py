"""One video of a run as it is taken elsewhere: its tables, its mini-scenes, and what was recognized in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import read_object, read_table
from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import NOT_VISIBLE
from pipeline.ethology.individuals import at_once, named
from pipeline.ethology.naming import stored_tracks
from pipeline.formats.safe_names import shown
from pipeline.labelled import Shown
from pipeline.miniscenes import MiniSceneSettings
from pipeline.tables import BOUTS, FRAMES, GROUND, SCORE_PREFIX, SCORES
from pipeline.types import Video

_ENDS = ["start_s", "stop_s", "start_frame", "stop_frame"]


@dataclass(frozen=True)
class HeldVideo:
    """One video of a run. Tables of its frames are read anew each time, so that a long run does not fill the memory."""

    key: str  # in what is exported: of a study of several runs the run's name goes before
    run: Path
    video: Video  # as the run knows it
    footage: Path
    settings: MiniSceneSettings
    names: pd.DataFrame | None  # tables.NAMES of its tracks

    @property
    def folder(self) -> Path:
        """Where the run keeps what it found in it."""
        return self.run / "videos" / self.video.key

    @property
    def media(self) -> str:
        """Where it is, for programs that play it."""
        return shown(self.footage.absolute() if self.footage.is_file() else self.footage)

    @property
    def file(self) -> str:
        """The name of its file."""
        return shown(self.footage.name)

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
    def ground(self) -> pd.DataFrame:
        """tables.GROUND; without rows where no place on the ground is known."""
        path = self.folder / "ground.parquet"
        return read_table(path, GROUND) if path.is_file() else GROUND.empty()

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
        own = self.names["individual"][self.names["individual"] != ""]
        return set(at_once(self.video.key, self.tracks, self.names)) if own.duplicated().any() else set()

    @property
    def called(self) -> dict[int, str]:
        """The name of each track that has one."""
        if self.names is None:
            return {}
        rows = self.names[self.names["individual"] != ""]
        return dict(zip(rows["track"].tolist(), rows["individual"].tolist(), strict=True))

    @cached_property
    def scenes(self) -> pd.DataFrame:
        """``Shown``'s mini-scenes with ``video`` and ``subject``, the animal's name or its track's number."""
        scenes = Shown.of(self.run, self.video, self.settings, self.names).scenes
        called = named(self.video.key, scenes["track"], self.names)
        number = scenes["track"].astype("str")
        return scenes.assign(video=self.key, subject=called.where((called != "") & ~called.isin(self.twice), number))

    @cached_property
    def pieces(self) -> pd.DataFrame:
        """``within`` of all bouts of the video, with ``margin``: by how much the likeliest behaviour leads the next."""
        pieces = self.within(read_table(self.folder / "bouts.csv", BOUTS))
        return pieces.assign(margin=_margins(pieces, read_table(self.folder / "scores.parquet", SCORES)))

    def within(self, bouts: pd.DataFrame) -> pd.DataFrame:
        """A row for each bout in each mini-scene, as far as it lies in it, of the time in which the animal was to be
        seen: ``track scene set behaviour kind start_s stop_s start_frame stop_frame confidence``.
        """
        seen = bouts[bouts["behaviour"] != NOT_VISIBLE]
        both = seen.merge(self.scenes[["track", "scene", *_ENDS]], on="track", suffixes=("", "_of_scene"))
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
    """By how much a piece's windows favour the likeliest behaviour over the next [n], as the recognizer gave them.

    NaN where there is none.
    """
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
