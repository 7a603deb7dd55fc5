"""``ethopipe analyze``: finished runs merged into a study: tables, figures and a report, and no video is read.

A study is what the last two stages of a run make, over the videos of all runs, from the tables that the runs stored.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import storage, write_json
from pipeline.chain.desk import FAMILIES, StudyDesk, StudyParts
from pipeline.chain.lived import check_places
from pipeline.chain.progress import Progress
from pipeline.chain.record import given_files, logged, now
from pipeline.chain.restart import warnings
from pipeline.chain.run import in_short
from pipeline.chain.study import study
from pipeline.chain.versions import versions
from pipeline.errors import UsageError
from pipeline.ethology.behaviours import BehaviourSettings
from pipeline.ethology.contrasts.conditions import Comparison, settled
from pipeline.ethology.contrasts.settings import ContrastSettings
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.sheet import read_sheets
from pipeline.ethology.covariates import check_columns, read_sessions
from pipeline.ethology.durations.latencies import read_starts
from pipeline.ethology.durations.settings import BoutSettings
from pipeline.ethology.durations.tables import STARTS
from pipeline.ethology.ethogram import Ethogram
from pipeline.ethology.individuals import read_individuals
from pipeline.ethology.observations import read_observations
from pipeline.ethology.observers.settings import DesignSettings, ObserverSettings
from pipeline.ethology.sequences.settings import SequenceSettings
from pipeline.ethology.society.geojson import Habitats, read_habitats
from pipeline.ethology.society.settings import SocietySettings
from pipeline.ethology.statistics import StatisticsSettings
from pipeline.evaluation.held_out import read_held_out
from pipeline.ground.places import on_the_map
from pipeline.report.settings import ReportSettings
from pipeline.report.words import plural
from pipeline.stored import (
    STUDY,
    StoredRun,
    agreed,
    chose_checkpoint,
    held_out,
    models,
    stopped,
    stored_runs,
    told_by_user,
)
from pipeline.tables import NAMES, OBSERVATIONS, SESSIONS

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AnalysisPlan:
    """``configs/analyze.yaml`` explains the values."""

    runs: tuple[Path, ...]
    out: Path
    individuals: Path | None
    observations: Path | None
    sessions: Path | None
    starts: Path | None
    habitats: Path | None
    held_out: Path | None
    audit: tuple[Path, ...]
    min_bout_s: float | None
    compare: tuple[Comparison, ...]
    statistics: StatisticsSettings
    bouts: BoutSettings
    sequences: SequenceSettings
    observers: ObserverSettings
    design: DesignSettings
    society: SocietySettings
    contrasts: ContrastSettings
    correction: CorrectionSettings
    report: ReportSettings
    settings: dict[str, Any]
    command: str

    def __post_init__(self) -> None:
        if self.min_bout_s is not None and not self.min_bout_s >= 0:
            raise ValueError(f"min_bout_s must be >= 0 or null, got {self.min_bout_s}")
        names = [run.resolve().name for run in self.runs]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"runs must have different names, got {twice[0]} twice; rename a folder")


def analyze(plan: AnalysisPlan, progress: Progress) -> int:
    """Make the study; returns 0, or 2 where some videos of the runs failed, broke off or were never reached.

    Raises ``UsageError`` and ``TableError`` where the runs do not fit together or the user's tables have faults.
    """
    runs = stored_runs(plan.runs)
    _check_footage(runs)
    states = {key: state for run in runs for key, state in run.states.items()}
    folders = {key: folder for run in runs for key, folder in run.folders.items()}
    if not folders:
        raise UsageError(f"no video of {', '.join(str(run.folder) for run in runs)} could be read: nothing to analyse")
    parts = _parts(plan, runs)
    before = agreed(runs)
    settings = plan.settings | before | {"source": [str(run.folder) for run in runs]}
    settings |= {"behaviours": before.get("behaviours", {}) | {"min_bout_s": parts.min_bout_s}}
    settings |= {"ethogram": runs[0].told["settings"]["ethogram"]}
    settings |= _read(plan, runs)
    _claim(plan.out)
    partly = stopped(runs)
    with logged(plan.out / "log.txt"):
        for line in partly:
            log.warning("%s", line)
        progress.say(f"{plural(len(folders), 'video')} of {plural(len(runs), 'run')}")
        study(StudyDesk(plan.out, folders, parts, settings, list(states.values()), plan.command), progress)
        told = {"command": plan.command, "versions": versions(), "finished": now(), "settings": settings}
        told |= {"runs": [str(run.folder.absolute()) for run in runs], "given": given_files(plan.settings)}
        write_json(plan.out / STUDY, told)
    for line in (*(f"  warning  {warning}" for warning in (*partly, *warnings(plan.out))), *in_short(plan.out)):
        progress.say(line)
    return 0 if {state.status for state in states.values()} == {"ok"} else 2


def _check_footage(runs: Sequence[StoredRun]) -> None:
    """``UsageError`` where two runs are of the same footage."""
    known: dict[str, Path] = {}
    for run in runs:
        for path in {str(of.get("absolute") or "") for of in run.told["videos"].values()} - {""}:
            if path in known:
                both = f"{known[path]} and {run.folder} are both of {path}"
                raise UsageError(f"{both}: its animals would count twice; leave one of them out")
            known[path] = run.folder


def _claim(out: Path) -> None:
    """Make the study's folder; refuse one that holds something else."""
    with storage(out):
        if out.is_dir() and any(out.iterdir()) and not (out / STUDY).is_file():
            raise UsageError(f"out={out} holds files that are not a study of ethopipe; choose another folder")
        out.mkdir(parents=True, exist_ok=True)
        if not (out / STUDY).is_file():
            write_json(out / STUDY, {})


def _parts(plan: AnalysisPlan, runs: Sequence[StoredRun]) -> StudyParts:
    """What the study rests on; ``UsageError`` where the runs were told by different ethograms or bout lengths."""
    ethograms = {str(run.folder): run.ethogram for run in runs}
    first, *others = ethograms.items()
    for name, other in others:
        if other.all != first[1].all:
            raise UsageError(
                f"{first[0]} and {name} tell different behaviours ({_named(first[1])}; {_named(other)}): "
                "they make no study together"
            )
    shortest = {run.told["settings"]["behaviours"]["min_bout_s"] for run in runs}
    if plan.min_bout_s is None and len(shortest) > 1:
        raise UsageError(f"the runs have different behaviours.min_bout_s ({_listed(shortest)}): give min_bout_s=")
    individuals = told_by_user(plan.individuals, runs, read_individuals, NAMES, _own_names)
    observations = told_by_user(plan.observations, runs, read_observations, OBSERVATIONS, _given("observations"))
    sessions = told_by_user(plan.sessions, runs, read_sessions, SESSIONS, _given("sessions"))
    check_columns(plan.statistics, plan.sequences, individuals, sessions, observations)
    own = {name: getattr(plan, name) for name in ("statistics", *FAMILIES, "report")}
    return StudyParts(
        **own,
        ethogram=first[1].defined_as(ethograms.values()),
        min_bout_s=shortest.pop() if plan.min_bout_s is None else plan.min_bout_s,
        individuals=individuals,
        observations=observations,
        sessions=sessions,
        starts=told_by_user(plan.starts, runs, read_starts, STARTS, _given("starts")),
        model=models(runs),
        held_out=held_out(runs),
        held_out_chose_checkpoint=chose_checkpoint(runs),
        habitats=_habitats(plan, runs),
        held_out_clips=_clips(plan, runs, first[1]),
        audit=read_sheets(plan.audit, first[1]) if plan.audit else None,
        compare=settled(plan.compare, individuals, sessions, observations),
    )


def _read(plan: AnalysisPlan, runs: Sequence[StoredRun]) -> dict[str, list[str] | None]:
    """The runs' own tables of the user's that are read where none is given: what is in them decides results too."""
    own = {"individuals": _own_names} | {name: _given(name) for name in ("observations", "sessions", "starts")}
    own |= {"habitats": _given("habitats")} if len(runs) == 1 else {}
    return {
        name: [str(path) for run in runs if (path := find(run)) is not None] or None
        for name, find in own.items()
        if getattr(plan, name) is None
    }


def _clips(plan: AnalysisPlan, runs: Sequence[StoredRun], ethogram: Ethogram) -> pd.DataFrame | None:
    """The recognizer's held-out clips, told as the runs told their behaviours."""
    if plan.held_out is None:
        return None
    rules = [dict(run.told["settings"]["behaviours"]) | {"min_bout_s": 0.0} for run in runs]
    if any(one != rules[0] for one in rules):
        raise UsageError(
            "held_out is of no use here: the runs tell behaviours by different settings of behaviours (thresholds "
            "...); analyse them one by one"
        )
    if lost := {field.name for field in fields(BehaviourSettings)} - set(rules[0]):
        raise UsageError(f"{runs[0].folder} does not say its behaviours.{min(lost)}; give its command again")
    return read_held_out(plan.held_out, ethogram, BehaviourSettings(**rules[0]), plan.correction)


def _habitats(plan: AnalysisPlan, runs: Sequence[StoredRun]) -> Habitats | None:
    """The polygons given, or those of a single run; they name videos, which are called otherwise in several runs."""
    path = plan.habitats or (_given("habitats")(runs[0]) if len(runs) == 1 else None)
    polygons = read_habitats(path) if path else None
    placed = (on_the_map(folder) for run in runs for folder in run.folders.values())
    check_places(plan.society.unit, polygons, placed)
    return polygons


def _own_names(run: StoredRun) -> Path | None:
    """The run's table of tracks, in which somebody may have filled in names."""
    path = run.folder / "tables" / "individuals.csv"
    return path if path.is_file() else None


def _given(name: str) -> Callable[[StoredRun], Path | None]:
    """Finds the file that a run was given."""

    def find(run: StoredRun) -> Path | None:
        path = run.given(name)
        if path is not None and not path.is_file():
            raise UsageError(f"{run.folder} was given {name}={path}, which is no longer there; give {name}=FILE")
        return path

    return find


def _named(ethogram: Ethogram) -> str:
    return ", ".join(behaviour.name for behaviour in ethogram.all)


def _listed(values: set[float]) -> str:
    return ", ".join(f"{value:g} s" for value in sorted(values))
