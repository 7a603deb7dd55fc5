"""What a run or a study holds for those who take it elsewhere: tables, bouts, videos, and the words for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from pipeline.artifacts import read_object, read_table
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import RESERVED, Behaviour, EthogramSettings, Kind
from pipeline.ethology.individuals import read_individuals
from pipeline.ethology.palette import assigned
from pipeline.export.noted import Noted, noted
from pipeline.export.video import HeldVideo
from pipeline.miniscenes import MiniSceneSettings
from pipeline.stored import STUDY, UNREAD, StoredRun, footage, runs_of
from pipeline.tables import BOUTS
from pipeline.types import Video


@dataclass(frozen=True)
class Held:
    """A finished run, or a study of several."""

    run: Path
    told: Mapping[str, Any]  # its run.json or analysis.json
    runs: tuple[StoredRun, ...]  # itself, or those of the study
    videos: tuple[HeldVideo, ...]
    named: bool  # is there a table of tracks and names?

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.run.resolve().name

    @property
    def study(self) -> bool:
        """Is it a study?"""
        return "videos" not in self.told

    @property
    def date(self) -> str:
        """When it was made, YYYY-MM-DDThh:mm:ss."""
        return str(self.told["finished" if self.study else "started"])[:19]

    @cached_property
    def noted(self) -> Noted:
        """What the observer wrote of its videos."""
        return noted(self.told, self.runs)

    @cached_property
    def behaviours(self) -> tuple[Behaviour, ...]:
        """Of its ethogram, with colours; what it knows no example of too."""
        words = tuple(dict.fromkeys(word for one in self.videos for word in one.words))
        return _behaviours(self.told["settings"]["ethogram"], words)

    @cached_property
    def bouts(self) -> pd.DataFrame:
        """tables.BOUTS of the time that counts, by video, track, set and start.

        The subjects are called as ``tables/individuals.csv`` has it now. A name in two places at once is no subject:
        its tracks stand for themselves. ``UsageError`` where the run did not come as far, or followed no animal.
        """
        bouts, names = self._told, self._names
        for one in self.videos:
            if one.twice:
                lost = (bouts["video"] == one.key) & names.isin(one.twice)
                names = names.mask(lost, one.key + "#" + bouts["track"].astype("str"))
        bouts = bouts.assign(subject=names)[bouts["video"].isin([one.key for one in self.videos])]
        if bouts.empty:
            raise UsageError(f"no animal was followed in {self.run}: there is nothing to export")
        return bouts.sort_values(["video", "track", "set", "start_s"], kind="stable").reset_index(drop=True)

    @property
    def renamed(self) -> bool:
        """Were animals named after the tables had been made?"""
        return bool((self._names != self._told["subject"]).any())

    @cached_property
    def _told(self) -> pd.DataFrame:
        """The table of bouts as stored."""
        path = self.run / "tables" / "bouts.csv"
        if not path.is_file():
            raise UsageError(f"{self.run} has no tables/bouts.csv: it broke off; give the command that made it again")
        return read_table(path, BOUTS)

    @cached_property
    def _names(self) -> "pd.Series[str]":
        """What the animal of each bout is called now; as it was where the table that says so is gone."""
        rows = self._told
        called = {(one.key, track): name for one in self.videos for track, name in one.called.items()}
        told = list(zip(rows["video"].tolist(), rows["track"].tolist(), strict=True))
        now = [called.get(of, f"{of[0]}#{of[1]}") for of in told]
        return pd.Series(now, index=rows.index, dtype="str") if self.named else rows["subject"]

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


def held(folder: Path) -> Held:
    """What a run or a study stored; ``UsageError`` where it is neither, or no video of it could be read."""
    runs = runs_of(folder)
    told = read_object(folder / STUDY) or runs[0].told
    path = folder / "tables" / "individuals.csv"
    names = read_individuals(path) if path.is_file() else None
    videos = sorted(_videos(runs, names), key=lambda one: one.key)
    if not videos:
        raise UsageError(f"no video of {folder} could be read: it holds nothing")
    keys = [PurePosixPath(one.video.key) for one in videos]
    if strange := [key for key in keys if key.is_absolute() or ".." in key.parts]:
        raise UsageError(f"{folder} names a video '{strange[0]}', which leads out of its folder")
    return Held(folder, told, tuple(runs), tuple(videos), names is not None)


def _videos(runs: Sequence[StoredRun], names: pd.DataFrame | None) -> Iterator[HeldVideo]:
    """The videos of which there are tables; ``names`` is tables.NAMES of all."""
    for run in runs:
        settings = MiniSceneSettings(**run.told["settings"]["miniscene"])
        for key, of in run.told["videos"].items():
            if of.get("status") not in UNREAD:
                video, called = Video(key, Path(of["path"])), run.key(key)
                own = None if names is None else names[names["video"] == called].assign(video=key)
                yield HeldVideo(called, run.folder, video, footage(of), settings, own)


def _behaviours(told: Mapping[str, Any], words: tuple[str, ...]) -> tuple[Behaviour, ...]:
    """The ethogram as it was written down; without one the recognizer's words."""
    written = [Behaviour(**{**one, "kind": Kind(one["kind"])}) for one in told["behaviours"]]
    settings = EthogramSettings(written, dict(told["relabel"]))
    used = dict.fromkeys(settings.relabel.get(word, word) for word in words)
    defined = settings.behaviours or [Behaviour(name) for name in used if name not in RESERVED]
    return tuple(replace(one, colour=one.colour or assigned(number)) for number, one in enumerate(defined))
