"""The stages over all videos of a run: tables first, then figures and the report page."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import tables
from pipeline.artifacts import read_table, write_csv, write_table, write_text
from pipeline.chain.contrasts import CONTRAST_STAGE, CONTRASTS
from pipeline.chain.desk import OF_BOUTS, StudyDesk, StudyStage
from pipeline.chain.drawn import Drawn, by_video, of_video, over_all
from pipeline.chain.errors import ERROR_STAGES, ERRORS
from pipeline.chain.families import FAMILIES, FAMILY_STAGES, SOCIETY_STAGE
from pipeline.chain.kept import kept
from pipeline.chain.progress import Progress
from pipeline.chain.restart import Task, done, perform_together, retract, setting
from pipeline.chain.synopsis import READ, line_of, synopsis
from pipeline.columns import dictionary
from pipeline.ethology import study as ethology
from pipeline.ethology.correction.sheet import check_key
from pipeline.ethology.durations.latencies import starts_template
from pipeline.ethology.durations.tables import STARTS
from pipeline.ethology.observations import template
from pipeline.ethology.society.tables import FISSION_FUSION, GROUP_INSTANTS, SUBGROUPS
from pipeline.processes import kept_processes, large, over_videos, side_by_side
from pipeline.report.citations import citations
from pipeline.report.deeper import draw_deeper, draw_space
from pipeline.report.figures import draw_run
from pipeline.report.methods import methods_file, methods_text
from pipeline.report.page import page
from pipeline.report.sections.common import listed
from pipeline.report.words import natural, plural

MANY_BOUTS = 2**20  # bytes of their table
TABLES, REPORT = "tables", "report"
STUDY_TABLES = (tables.BOUTS, tables.TIME_BUDGETS, tables.TRANSITIONS, tables.INDIVIDUALS, tables.EXCLUDED)
VIDEO_TABLES = (
    tables.FRAMES, tables.CAMERA, tables.TELEMETRY, tables.DETECTIONS, tables.TRACKS, tables.GROUND, tables.SCORES,
    tables.SPECIES, tables.BEHAVIOURS,
)  # fmt: skip
# of each stage below tables/, also of those that are asked for
DEEPER = {**FAMILIES, CONTRAST_STAGE.name: CONTRASTS, **ERRORS}


def _tables(desk: StudyDesk) -> list[Path]:
    """Bouts, time budgets, transitions and individuals over all videos, with their data dictionary."""
    folder, found = desk.out / "tables", _found(desk)
    wrote = []
    for table in STUDY_TABLES:
        wrote.append(folder / f"{table.name}.csv")
        write_table(wrote[-1], found[table.name], table)
    templates = folder / "observations_template.csv", folder / "starts_template.csv"
    write_table(templates[0], template(list(desk.folders)), tables.OBSERVATIONS)
    write_table(templates[1], starts_template(list(desk.folders)), STARTS)
    every = (*VIDEO_TABLES, *STUDY_TABLES, *(table for of_family in DEEPER.values() for table in of_family))
    write_csv(folder / "dictionary.csv", dictionary(every))
    return [*wrote, *templates, folder / "dictionary.csv"]


def _found(desk: StudyDesk) -> dict[str, pd.DataFrame]:
    """The tables over all videos, by name."""
    parts = desk.parts
    told = (parts.observations, parts.individuals, parts.sessions)
    rules = ethology.Rules(parts.ethogram, parts.statistics, parts.min_bout_s, *told)
    return ethology.together(over_videos(partial(kept, rules), desk.folders, desk.folders.values()), rules)


def _report(desk: StudyDesk) -> list[Path]:
    """Figures, the page, and the methods text as a file."""
    parts, folder = desk.parts, desk.out / "figures"
    found = {table.name: desk.table(table) for table in STUDY_TABLES}
    drawn = list(side_by_side(_drawings(desk, folder, found), large(desk.folders)))
    figures = [entry for own, _ in drawn for entry in own]
    lines = {line.key: line for _, line in drawn if line is not None}
    summary = synopsis(lines, desk.out, desk.states, desk.settings, parts, desk.command)
    methods = methods_text(summary, found)
    summary = replace(summary, methods=methods, citations=citations(desk.settings, methods))
    write_text(desk.out / "methods.txt", methods_file(summary))
    page(summary, found, parts.ethogram.colours, figures, parts.report, desk.out / "report.html")
    return [desk.out / "report.html", desk.out / "methods.txt", *(path for entry in figures for path in entry.files)]


def _drawings(desk: StudyDesk, folder: Path, found: dict[str, pd.DataFrame]) -> Iterator[Callable[[], Drawn]]:
    """All there is to be drawn into ``folder``. What goes deeper joins ``found``: read while the first is drawn."""
    settings, ethogram = desk.parts.report, desk.parts.ethogram
    bouts, individuals = (by_video(found[table.name]) for table in (tables.BOUTS, tables.INDIVIDUALS))
    states = {state.key: state for state in desk.states}
    shown = set(sorted(desk.folders, key=natural)[: settings.videos_in_page])
    for key, video in desk.folders.items():  # not the desk: it would go to another process once a video
        line = partial(line_of, video, states[key], desk.settings.get("overlay", True), desk.out, individuals(key))
        yield partial(of_video, key, video, bouts(key), ethogram.colours, settings, folder, key in shown, line)
    found |= _of_families(desk)
    yield partial(over_all, draw_deeper, found, ethogram, settings, folder)
    whole = [found[table.name] for table in (tables.TIME_BUDGETS, tables.TRANSITIONS, tables.INDIVIDUALS)]
    yield partial(over_all, draw_run, *whole, ethogram.colours, settings, folder)
    space = {table.name: by_video(found[table.name]) for table in (GROUP_INSTANTS, SUBGROUPS, FISSION_FUSION)}
    for key in desk.folders:
        own = {name: of(key) for name, of in space.items()}
        yield partial(over_all, draw_space, key, own, settings, folder)


def _of_families(desk: StudyDesk) -> dict[str, pd.DataFrame]:
    """The tables of what goes deeper, by name; of stages that are not asked for there are none."""
    wanted = {stage.name for stage in STUDY_STAGES if stage.wanted(desk.settings)}
    return {
        table.name: read_table(desk.folder(family) / f"{table.name}.csv", table)
        for family, of_family in DEEPER.items()
        for table in of_family
        if family in wanted
    }


_SHOWN = (  # the page prints all settings that decide a result
    "source", "detector", "camera", "tracker", "tracks", "ground", "miniscene", "window", "recognizer", "ethogram",
    "visibility", "behaviours", "naming", "statistics", *DEEPER, "design", "report", "individuals", "observations",
    "sessions", "starts", "habitats", "compare", "held_out", "scenes", "overlay",
)  # fmt: skip

_ALONE = {TABLES, CONTRAST_STAGE.name, REPORT}  # the others do not rest on each other
STUDY_STAGES = (
    StudyStage(
        TABLES,
        12,
        ("ethogram", "behaviours", "statistics", "individuals", "observations", "sessions"),
        ("frames.parquet", "tracks.parquet", "species.parquet", "behaviours.parquet"),
        (),
        _tables,
    ),
    *FAMILY_STAGES,
    *ERROR_STAGES,
    SOCIETY_STAGE,
    CONTRAST_STAGE,
    StudyStage(
        REPORT,
        10,
        _SHOWN,
        ("video.json", "still.jpg", *(f"{table.name}.parquet" for table in READ)),
        (
            *(f"tables/{table.name}.csv" for table in STUDY_TABLES),
            *(f"tables/{family}/{table.name}.csv" for family, of_family in DEEPER.items() for table in of_family),
        ),
        _report,
    ),
)


def study(desk: StudyDesk, progress: Progress) -> None:
    """The stages over all videos, those that are not done; what goes deeper at the same time.

    Where one fails, tables of those that would have followed stay only if they are still true. Nothing that stands is
    replaced for an audit whose key is not of what would replace it.
    """
    audit, stands = desk.parts.audit, (desk.out / OF_BOUTS[0]).is_file()
    if audit and stands and not done(_task(STUDY_STAGES[0], desk)):
        check_key(audit.key, _found(desk)[tables.BOUTS.name])
    try:
        with kept_processes():
            _stages(desk, progress)
    except Exception:
        for stage in STUDY_STAGES:
            if stage.name != REPORT and not done(_task(stage, desk)):  # a page says by itself what it was made from
                retract(desk.out, stage.name)
        raise


def _stages(desk: StudyDesk, progress: Progress) -> None:
    for _, several in groupby(STUDY_STAGES, lambda stage: stage.name if stage.name in _ALONE else ""):
        due: list[tuple[StudyStage, Task]] = []
        for stage in sorted(several, key=lambda stage: stage.of_bouts):
            if not stage.wanted(desk.settings):
                retract(desk.out, stage.name)
            elif not done(task := _task(stage, desk)):
                due.append((stage, task))
        if due:
            stages = [stage for stage, _ in due]
            names = listed([stage.name for stage in stages])
            with progress.stage(f"{names} over {plural(len(desk.folders), 'video')}", "steps"):
                perform_together([task for _, task in due], partial(_answers, desk, stages))


def _answers(desk: StudyDesk, stages: Sequence[StudyStage]) -> Iterator[Iterable[Path]]:
    """What each stage wrote; those that rest on bouts alone, the last, are at work while the others are.

    Processes begin with the longest of these, then come society's videos, then the rest of them: beside that, what
    society makes of all videos together is made.
    """
    works = [partial(stage.work, desk) for stage in stages]
    first, much = sum(not stage.of_bouts for stage in stages), len(works) > 1 and _much(desk)
    longest = side_by_side(works[first : first + 1], much)
    begun = {stage.name: stage.work(desk) for stage in stages if stage.name == SOCIETY_STAGE.name}
    rest = side_by_side(works[first + 1 :], much)
    yield from (begun[stage.name] if stage.name in begun else stage.work(desk) for stage in stages[:first])
    yield from longest
    yield from rest


def _task(stage: StudyStage, desk: StudyDesk) -> Task:
    settings: dict[str, Any] = {
        name: setting(desk.settings, name) for name in stage.settings if name.partition(".")[0] in desk.settings
    }
    settings["videos"] = [[state.key, state.status, state.reason] for state in desk.states]
    reads = [folder / name for folder in desk.folders.values() for name in stage.reads_of_videos]
    return Task(stage.name, stage.version, desk.out, settings, [*reads, *(desk.out / n for n in stage.reads)])


def _much(desk: StudyDesk) -> bool:
    """Are there so many bouts that processes are worth their beginning?"""
    path = desk.out / OF_BOUTS[0]
    return path.is_file() and path.stat().st_size >= MANY_BOUTS
