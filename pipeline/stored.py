"""Finished runs as they rest on disk: what became of their videos, where their tables are, what they were made by."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from pipeline.artifacts import column_names, read_object
from pipeline.chain.record import CHOSE, DEFINITIONS, Status, video_folder
from pipeline.columns import Table
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Behaviour, Ethogram, EthogramSettings, Kind, resolve
from pipeline.labelled import told_of
from pipeline.report.summary import RECOGNITION, UNRECORDED
from pipeline.report.words import plural
from pipeline.tables import SCORES
from pipeline.types import Video

STUDY = "analysis.json"  # what a study of several runs says of itself
UNREAD = ("failed", "waiting")  # states of a video that left no tables


@dataclass(frozen=True)
class StoredRun:
    """A finished run: ``name`` is put before the keys of its videos where several runs are merged, else ``""``."""

    folder: Path
    name: str
    told: Mapping[str, Any]

    def key(self, video: str) -> str:
        """What one of its videos is called in the study."""
        return f"{self.name}/{video}" if self.name else video

    @property
    def states(self) -> dict[str, Status]:
        """How each of its videos went, by its key in the study; one that was never reached is waiting."""
        return {
            self.key(key): Status(Video(self.key(key), footage(of)), of["status"], of["reason"])
            for key, of in self.told["videos"].items()
        }

    def given(self, name: str) -> Path | None:
        """The file of the user's that a setting named; None where it named none."""
        typed = self.told["settings"].get(name)
        return place(typed, self.told.get("given", {}).get(name)) if typed else None

    @property
    def folders(self) -> dict[str, Path]:
        """Where the tables of its videos are, by their keys in the study."""
        return {
            self.key(key): video_folder(self.folder, Video(key, Path(of["path"])))
            for key, of in self.told["videos"].items()
            if of["status"] not in UNREAD
        }

    @property
    def ethogram(self) -> Ethogram:
        """The ethogram that its behaviours were told by."""
        settings = self.told["settings"]["ethogram"]
        written = [Behaviour(**{**one, "kind": Kind(one["kind"])}) for one in settings["behaviours"]]
        columns = (column_names(folder / "scores.parquet") for folder in self.folders.values())
        words = dict.fromkeys(word for names in columns for word in SCORES.family(names))
        names = [word.removeprefix(str(SCORES.prefix)) for word in words]
        own = EthogramSettings(written, dict(settings["relabel"]))
        return resolve(own, names, str(self.folder), self.told.get(DEFINITIONS))


def stored_runs(folders: Sequence[Path]) -> list[StoredRun]:
    """The runs of a study, in which the videos of several are called ``<run>/<video>``; ``UsageError``: one is none."""
    several = len(folders) > 1
    return [StoredRun(run, run.resolve().name if several else "", told_of(run)) for run in folders]


def runs_of(folder: Path) -> list[StoredRun]:
    """The runs that a run's or a study's folder is made of; ``UsageError`` where it is neither, or they are gone."""
    if not (folder / STUDY).is_file():
        return stored_runs([folder])
    told = read_object(folder / STUDY)
    source = told.get("settings", {}).get("source")
    if not source:
        raise UsageError(f"{folder} is a study that broke off; give the command that made it again")
    made = told.get("runs") or source
    return stored_runs([place(*of) for of in zip(source, made, strict=True)])


def stopped(runs: Sequence[StoredRun]) -> list[str]:
    """A line of each run that was stopped before all its videos were done: what it holds is of a part of them."""
    states = {run.folder: [of.get("status") for of in run.told["videos"].values()] for run in runs}
    return [
        f"{run} was stopped before {words.count('waiting')} of its {plural(len(words), 'video')}; "
        "give its command again"
        for run, words in states.items()
        if "waiting" in words
    ]


def place(typed: str, made: str | None) -> Path:
    """A path as it was typed, where that leads to what it meant, else where it was then (``made``; None: not known).

    What has moved since together with the folder in which it was typed is found by the first.
    """
    now, then = Path(typed), Path(made or typed)
    return now if now.exists() and (not then.exists() or then.samefile(now)) else then


def footage(of: Mapping[str, Any]) -> Path:
    """Where a video of ``run.json`` is."""
    return place(of["path"], of.get("absolute"))


def told_by_user(
    given: Path | None,
    runs: Sequence[StoredRun],
    read: Callable[[Path], pd.DataFrame],
    table: Table,
    own: Callable[[StoredRun], Path | None],
) -> pd.DataFrame | None:
    """A table of the user's for all runs: the one given, or those of the runs one after the other."""
    if given is not None:
        data = read(given)
        return data.assign(video=_full(data["video"], runs)) if "video" in table.names else data
    found = []
    for run in runs:
        if (path := own(run)) is not None:
            data = read(path)
            found.append(data.assign(video=data["video"].map(run.key)) if "video" in table.names else data)
    if not found:
        return None
    whole = pd.concat(found, ignore_index=True).drop_duplicates(ignore_index=True)
    words = {name: "" for name in map(str, whole) if not is_numeric_dtype(whole[name])}  # that one table may lack
    return table.cast(whole.fillna(words))


def _full(videos: "pd.Series[str]", runs: Sequence[StoredRun]) -> "pd.Series[str]":
    """Keys in the study of the videos that a user's table names: the run's name may be left out where one has it."""
    keys = [(key, run.key(key)) for run in runs for key in run.told["videos"]]
    short = [key for key, _ in keys]
    full = {key: whole for key, whole in keys if short.count(key) == 1}
    return videos.map(lambda name: full.get(name, name))


def models(runs: Sequence[StoredRun]) -> dict[str, str]:
    """The recognizers' cards in a few lines; those of several recognizers one after the other."""
    cards = [run.told.get("model") or {"recognizer": UNRECORDED} for run in runs]
    words = dict.fromkeys(what for card in cards for what in card)
    return {what: "; ".join(dict.fromkeys(card[what] for card in cards if card.get(what))) for what in words}


def held_out(runs: Sequence[StoredRun]) -> dict[str, float]:
    """The recognizer's figures on held-out clips, where all runs had the same; else none are known of the whole."""
    figures = [run.told.get("held_out") or {} for run in runs]
    return dict(figures[0]) if all(one == figures[0] for one in figures) else {}


def chose_checkpoint(runs: Sequence[StoredRun]) -> bool:
    """Are the clips of the figures that all runs had known to have chosen the recognizer's best checkpoint too?"""
    return any(run.told.get(CHOSE) for run in runs)


def _unplaced(group: Any) -> Any:
    """A group of settings without the path of what was read: that differs from run to run, and decides no method."""
    return {name: value for name, value in group.items() if name != "path"} if isinstance(group, Mapping) else group


def agreed(runs: Sequence[StoredRun]) -> dict[str, Any]:
    """What the runs did before any statistics, as far as all did the same."""
    told = [{name: _unplaced(group) for name, group in run.told["settings"].items()} for run in runs]
    return {
        name: told[0][name]
        for name in RECOGNITION
        if name in told[0] and all(one.get(name) == told[0][name] for one in told)
    }
