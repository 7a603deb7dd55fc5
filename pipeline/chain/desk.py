"""Where the stages over all videos work: what they need of the settings, and the tables as stored."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import read_table, write_table
from pipeline.chain.parts import Parts
from pipeline.chain.record import Status
from pipeline.columns import Table
from pipeline.ethology.contrasts.conditions import Comparison
from pipeline.ethology.contrasts.settings import ContrastSettings
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.sheet import Audit
from pipeline.ethology.durations.settings import BoutSettings
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.observers.settings import DesignSettings, ObserverSettings
from pipeline.ethology.sequences.settings import SequenceSettings
from pipeline.ethology.society.geojson import Habitats
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.processes import large, side_by_side
from pipeline.report.settings import ReportSettings
from pipeline.tables import BOUTS

OF_BOUTS = (f"tables/{BOUTS.name}.csv",)  # what the stages read that rest on bouts alone
# groups of settings of what goes deeper
FAMILIES = ("bouts", "sequences", "observers", "design", "society", "contrasts", "correction")


@dataclass(frozen=True)
class StudyParts:
    """What the stages over all videos need of the settings and of what the user says of animals and sessions."""

    ethogram: Ethogram
    statistics: StatisticsSettings
    min_bout_s: float
    report: ReportSettings
    individuals: pd.DataFrame | None
    observations: pd.DataFrame | None
    sessions: pd.DataFrame | None
    starts: pd.DataFrame | None
    model: Mapping[str, str]  # the recognizer's card in a few lines
    held_out: Mapping[str, float]  # its figures on held-out clips; empty where none are known
    held_out_chose_checkpoint: bool  # are their clips known to have chosen its best checkpoint too?
    bouts: BoutSettings
    sequences: SequenceSettings
    observers: ObserverSettings
    design: DesignSettings
    society: SocietySettings
    habitats: Habitats | None
    contrasts: ContrastSettings
    compare: tuple[Comparison, ...]
    correction: CorrectionSettings
    held_out_clips: pd.DataFrame | None  # tables.HELD_OUT
    audit: Audit | None

    @property
    def told(self) -> tuple[pd.DataFrame | None, pd.DataFrame | None, pd.DataFrame | None]:
        """What the user says of animals, sessions and spans of time: what ``covariates.bouts_with`` takes."""
        return self.individuals, self.sessions, self.observations


@dataclass(frozen=True)
class StudyDesk:
    """Where the stages over all videos work."""

    out: Path
    folders: Mapping[str, Path]  # of the videos that could be read, by key
    parts: StudyParts
    settings: Mapping[str, Any]
    states: list[Status]
    command: str

    def table(self, table: Table) -> pd.DataFrame:
        """A table over all videos, as stored."""
        return read_table(self.out / "tables" / f"{table.name}.csv", table)

    def folder(self, family: str) -> Path:
        """Where the tables of what goes deeper are."""
        return self.out / "tables" / family

    def write(self, family: str, tables: Sequence[Table], found: Iterable[pd.DataFrame]) -> list[Path]:
        """Store the tables of what goes deeper."""
        paths = [self.folder(family) / f"{table.name}.csv" for table in tables]
        works = [partial(write_table, *one) for one in zip(paths, found, tables, strict=True)]
        list(side_by_side(works, large(self.folders)))
        return paths


@dataclass(frozen=True)
class StudyStage:
    """One step over all videos; ``work`` gives the files it wrote, those of an iterator when they are asked for."""

    name: str
    version: int
    settings: tuple[str, ...]
    reads_of_videos: tuple[str, ...]
    reads: tuple[str, ...]
    work: Callable[[StudyDesk], Iterable[Path]]
    asked: str = ""  # the setting that asks for it; "": always done

    @property
    def of_bouts(self) -> bool:
        """Does it read the table of bouts, and nothing else?"""
        return self.reads == OF_BOUTS and not self.reads_of_videos

    def wanted(self, settings: Mapping[str, Any]) -> bool:
        """Do the settings ask for it?"""
        return not self.asked or bool(settings.get(self.asked))


def study_parts(parts: Parts) -> StudyParts:
    """What the stages over all videos need of a run's parts."""
    shared = ("ethogram", "statistics", "report", *FAMILIES)
    told = ("individuals", "observations", "sessions", "starts", "habitats", "compare", "held_out_clips", "audit")
    given = {name: getattr(parts, name) for name in (*shared, *told)}
    card = parts.recognizer.card
    return StudyParts(
        **given,
        min_bout_s=parts.behaviours.min_bout_s,
        model=model_words(parts),
        held_out=dict(card.metrics),
        held_out_chose_checkpoint=bool(card.held_out_chose_checkpoint),
    )


def model_words(parts: Parts) -> dict[str, str]:
    """The card of a run's recognizer in a few lines, and what it saw at once."""
    card = parts.recognizer.card
    return {
        "recognizer": card.name,
        "looks at": parts.window.words(card.clip),
        "licence": card.licence,
        "source": card.source,
        "trained on": card.trained_on,
        "not good for": card.not_good_for,
    }
