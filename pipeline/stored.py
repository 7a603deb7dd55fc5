"""Finished runs as they rest on disk: what became of their videos, where their tables are, what they were made by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.artifacts import column_names, read_object
from pipeline.chain.record import Status, video_folder
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Behaviour, Ethogram, EthogramSettings, Kind, resolve
from pipeline.labelled import told_of
from pipeline.report.summary import RECOGNITION, UNRECORDED
from pipeline.tables import SCORES
from pipeline.types import Video

STUDY = "analysis.json"  # what a study of several runs says of itself
_UNREAD = ("failed", "waiting")  # states of a video that left no tables


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
        """How each of its videos went, by its key in the study; one that was never reached is left out."""
        return {
            self.key(key): Status(Video(self.key(key), Path(of["path"])), of["status"], of["reason"])
            for key, of in self.told["videos"].items()
            if of["status"] != "waiting"
        }

    @property
    def folders(self) -> dict[str, Path]:
        """Where the tables of its videos are, by their keys in the study."""
        return {
            self.key(key): video_folder(self.folder, Video(key, Path(of["path"])))
            for key, of in self.told["videos"].items()
            if of["status"] not in _UNREAD
        }

    @property
    def ethogram(self) -> Ethogram:
        """The ethogram that its behaviours were told by."""
        settings = self.told["settings"]["ethogram"]
        written = [Behaviour(**{**one, "kind": Kind(one["kind"])}) for one in settings["behaviours"]]
        columns = (column_names(folder / "scores.parquet") for folder in self.folders.values())
        words = dict.fromkeys(word for names in columns for word in SCORES.family(names))
        names = [word.removeprefix(str(SCORES.prefix)) for word in words]
        return resolve(EthogramSettings(written, dict(settings["relabel"])), names, str(self.folder))


def stored_runs(folders: Sequence[Path]) -> list[StoredRun]:
    """The runs of a study, in which the videos of several are called ``<run>/<video>``; ``UsageError``: one is none."""
    several = len(folders) > 1
    return [StoredRun(run, run.resolve().name if several else "", told_of(run)) for run in folders]


def runs_of(folder: Path) -> list[StoredRun]:
    """The runs that a run's or a study's folder is made of; ``UsageError`` where it is neither, or they are gone."""
    if not (folder / STUDY).is_file():
        return stored_runs([folder])
    source = read_object(folder / STUDY).get("settings", {}).get("source")
    if not source:
        raise UsageError(f"{folder} is a study that broke off; give the command that made it again")
    return stored_runs([Path(run) for run in source])


def models(runs: Sequence[StoredRun]) -> dict[str, str]:
    """The recognizers' cards in a few lines; those of several recognizers one after the other."""
    cards = [run.told.get("model") or {"recognizer": UNRECORDED} for run in runs]
    words = dict.fromkeys(what for card in cards for what in card)
    return {what: "; ".join(dict.fromkeys(card[what] for card in cards if card.get(what))) for what in words}


def held_out(runs: Sequence[StoredRun]) -> dict[str, float]:
    """The recognizer's figures on held-out clips, where all runs had the same; else none are known of the whole."""
    figures = [run.told.get("held_out") or {} for run in runs]
    return dict(figures[0]) if all(one == figures[0] for one in figures) else {}


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
