"""The chain: every stage of every video, then the tables and the report over all of them.

It only walks the list of ``stages.py``: what is done and unchanged is skipped, what failed in one video never stops the
others, and a broken run goes on where it was.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import read_object, read_table, sampled_hash, storage, write_json
from pipeline.chain.desk import StudyDesk, model_words, study_parts
from pipeline.chain.lived import check_places
from pipeline.chain.parts import Parts
from pipeline.chain.progress import Progress
from pipeline.chain.record import Record, Status, logged, video_folder, warnings_of
from pipeline.chain.restart import Task, done, perform, retract, setting, warnings
from pipeline.chain.stages import VIDEO_STAGES, Desk, Stage
from pipeline.chain.study import study
from pipeline.detectors.replay import ReplayDetector
from pipeline.errors import EthopipeError, TableError, UsageError, VideoError
from pipeline.ground.log import unplaceable
from pipeline.report.words import plural
from pipeline.tables import TIME_BUDGETS
from pipeline.video.source import find_videos

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """What is to be done: sources as given, the run's folder, the built parts and the plain settings they came from."""

    sources: list[str]
    out: Path
    parts: Parts
    settings: Mapping[str, Any]
    command: str = ""


def run(plan: Plan, progress: Progress) -> int:
    """Run the chain; returns 0 where all videos are done, 2 where some failed or broke off.

    Raises ``EthopipeError`` where the settings or the output folder make the run impossible, or no video succeeded.
    """
    videos, parts = find_videos(plan.sources), plan.parts
    placeable = (not unplaceable(video.path, parts.ground) for video in videos)
    check_places(parts.society.unit, parts.habitats, placeable)
    if isinstance(parts.detector, ReplayDetector):
        parts.detector.check(videos)
    _claim(plan.out)
    with logged(plan.out / "log.txt"):
        states = [Status(video) for video in videos]
        record = Record(plan.out, plan.command, plan.settings, states, model_words(parts), parts.recognizer.card)
        for number, state in enumerate(states, 1):
            progress.say(f"[{number}/{len(states)}] {state.key}")
            _video(plan, state, progress)
            record.write()
        folders = {state.key: video_folder(plan.out, state.video) for state in states if state.readable}
        desk = StudyDesk(plan.out, folders, study_parts(parts), plan.settings, states, plan.command)
        study(desk, progress)
        code = _exit_code(states)
        record.write(code)
    if code == 1:
        reasons = [state.reason for state in states]
        more = f" (and {len(reasons) - 1} more, see {plan.out / 'run.json'})" if len(reasons) > 1 else ""
        raise VideoError(f"no video could be processed: {reasons[0]}{more}")
    for line in _summary(plan, states):
        progress.say(line)
    return code


def _claim(out: Path) -> None:
    """Make the run's folder; refuse one that holds something else, or whose name not every library can write to."""
    if any("\udc80" <= letter <= "\udcff" for letter in str(out.resolve())):
        raise UsageError(f"out={str(out)!r} is no name in UTF-8; choose another folder")
    with storage(out):
        if out.is_dir() and any(out.iterdir()) and not (out / "run.json").exists():
            raise UsageError(f"out={out} holds files that are not a run of ethopipe; choose another folder")
        out.mkdir(parents=True, exist_ok=True)
        if not (out / "run.json").exists():
            write_json(out / "run.json", {})


def _video(plan: Plan, state: Status, progress: Progress) -> None:
    """All stages of one video; its own faults become its status."""
    folder = video_folder(plan.out, state.video)
    try:
        identity = _identity(state.video.path)
        for stage in VIDEO_STAGES:
            _stage(plan, state, stage, folder, identity, progress)
        if _identity(state.video.path) != identity:
            raise VideoError(f"{state.video.path} changed while it was read (still being copied?); run again")
        broke_off = read_object(folder / "video.json").get("broke_off")
        state.status, state.reason = ("partial", broke_off) if broke_off else ("ok", "")
    except (VideoError, TableError) as error:
        state.status, state.reason = "failed", str(error)
    except EthopipeError:
        raise  # of the settings or the disk: no other video would fare better
    except Exception as error:
        log.exception("%s: internal error", state.key)
        state.status, state.reason = "failed", f"internal error: {type(error).__name__}: {error} (see log.txt)"
    state.warnings = warnings_of(folder)
    for warning in state.warnings:
        progress.say(f"  warning: {warning}")
    if state.reason:
        progress.say(f"  {state.status}: {state.reason}")


def _identity(path: Path) -> str:
    try:
        return sampled_hash(path)
    except OSError as error:
        raise VideoError(f"{path} cannot be read: {error.strerror}") from error


def _stage(plan: Plan, state: Status, stage: Stage, folder: Path, identity: str, progress: Progress) -> None:
    """One stage of one video, unless it is done or has nothing to do.

    What nobody asks for this time stays as long as it still holds.
    """
    if stage.idle(state.video.path, plan.parts):
        retract(folder, stage.name)
        return
    settings = {name: setting(plan.settings, name) for name in stage.settings}
    names = [*stage.reads, *stage.reads_too(plan.parts)]
    reads = [*(folder / name for name in names), *stage.beside(state.video.path)]
    task = Task(stage.name, stage.version, folder, settings, reads, identity)
    if done(task):
        return
    if stage.asked and not plan.settings[stage.asked]:
        retract(folder, stage.name)
        return
    start = time.perf_counter()
    with progress.stage(f"  {stage.name}", stage.unit) as meter:
        desk = Desk(state.video, folder, plan.parts, meter)
        perform(task, lambda: stage.work(desk))
    state.seconds[stage.name] = round(time.perf_counter() - start, 2)
    log.info("%s: %s done in %.2f s", state.key, stage.name, state.seconds[stage.name])


def _exit_code(states: list[Status]) -> int:
    statuses = {state.status for state in states}
    if statuses == {"ok"}:
        return 0
    return 2 if statuses & {"ok", "partial"} else 1


def _summary(plan: Plan, states: list[Status]) -> Iterator[str]:
    """What a person reads last."""
    counts = {word: sum(state.status == word for state in states) for word in ("ok", "partial", "failed")}
    yield f"{plural(len(states), 'video')}: " + ", ".join(f"{n} {word}" for word, n in counts.items() if n)
    for state in states:
        if state.status != "ok":
            yield f"  {state.status}  {state.key}: {state.reason}"
    yield from (f"  warning  {line}" for line in warnings(plan.out))
    yield from in_short(plan.out)


def in_short(out: Path) -> Iterator[str]:
    """The time budget over all animals, and where the rest is."""
    yield from _shares(read_table(out / "tables" / "time_budgets.csv", TIME_BUDGETS))
    yield f"report   {out / 'report.html'}"
    yield f"tables   {out / 'tables'}"


def _shares(budgets: pd.DataFrame) -> Iterator[str]:
    """The time budget over all animals, one line a set of behaviours."""
    pooled = budgets[(budgets["level"] == "pooled") & budgets["share"].notna()]
    if pooled.empty:
        yield "budget   none: no animal was seen in a behaviour that was recognized (report.html says what was found)"
    for _, rows in pooled.groupby("set", sort=False):
        shares = ", ".join(f"{row.behaviour} {row.share:.1%}" for row in rows.itertuples())
        tracks = plural(int(rows["n_tracks"].iloc[0]), "track")
        yield f"budget   {shares} of {rows['visible_s'].iloc[0]:.1f} s visible ({tracks})"
