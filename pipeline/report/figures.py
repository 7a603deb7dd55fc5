"""The figures of a run and of each of its videos: which there are, what they are called, where they are written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd

from pipeline.report.bars import KEYS, budget_figure
from pipeline.report.gantt import ethogram_figure
from pipeline.report.heatmap import transition_figure
from pipeline.report.intervals import interval_figure
from pipeline.report.paths import trajectory_figure
from pipeline.report.settings import ReportSettings
from pipeline.report.style import save, styled
from pipeline.report.words import plural
from pipeline.types import FloatArray, Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class FigureEntry:
    """One figure as the page shows it. ``path`` is the PNG, the SVG lies beside it."""

    kind: str  # budgets, transitions, ethogram or trajectories
    video: str  # key of the video; "" where it is over the whole run
    title: str
    caption: str
    alt: str
    path: Path
    detail: bool = False  # folded away in the page until asked for


def draw_run(
    budgets: pd.DataFrame, transitions: pd.DataFrame, colours: Mapping[str, str], settings: ReportSettings, folder: Path
) -> list[FigureEntry]:
    """Draw what is over all videos into ``folder``: time budgets a set of behaviours, transitions a set and form.

    ``budgets`` is tables.TIME_BUDGETS, ``transitions`` tables.TRANSITIONS; ``colours`` are an ethogram's.
    """
    with styled():
        return [
            *_draw_budgets(budgets, colours, settings, folder),
            *_draw_transitions(transitions, colours, settings, folder),
        ]


def draw_video(
    key: str, bouts: pd.DataFrame, tracks: pd.DataFrame, to_reference: FloatArray, still: Image | None,
    size: tuple[int, int], duration_s: float, colours: Mapping[str, str], settings: ReportSettings, folder: Path,
) -> list[FigureEntry]:  # fmt: skip
    """Draw one video's ethogram and trajectories into ``folder``.

    ``bouts`` (tables.BOUTS; those of other videos are passed over), ``tracks`` (tables.TRACKS), ``to_reference``
    ``[n frames, 3, 3]`` (``camera.transforms``), ``still`` the reference frame at any size or None, ``size`` the
    source's width and height in pixels.
    """
    mine, most = bouts[bouts["video"] == key], settings.rows_per_figure
    animals = plural(tracks["track"].nunique(), "track")
    gantt = FigureEntry("ethogram", key, f"Ethogram: {key}", _ETHOGRAM, "", folder / f"ethogram_{_file(key)}.png")
    paths = FigureEntry(
        "trajectories", key, f"Trajectories: {key}", _TRAJECTORIES, "", folder / f"trajectories_{_file(key)}.png"
    )
    with styled():
        return [
            _saved(
                ethogram_figure(mine, duration_s, colours, most, gantt.title),
                replace(gantt, alt=f"Chart of {plural(len(mine), 'bout')} of {animals} over time; data in bouts.csv."),
                settings,
            ),
            _saved(
                trajectory_figure(tracks, to_reference, still, size, most, paths.title),
                replace(paths, alt=f"Paths of {animals} over a still of the video; data in tracks.parquet."),
                settings,
            ),
        ]


_ETHOGRAM = (
    "One row a track, one bar a bout; empty where the animal has no record. "
    "A track is one animal as far as it could be followed, not an individual."
)
_TRAJECTORIES = "Centres of the boxes over the first frame, with the camera's motion taken out; in pixels, not metres."
_BUDGETS = "Share of the time in which the animals were visible and their behaviour was recognized."
_FORMS = {
    "bout": "From one bout to the next of the same animal's unbroken record; a behaviour cannot follow itself.",
    "interval": "From one moment to that {step:g} s later in the same animal's unbroken record; staying is allowed.",
}


def _draw_budgets(
    budgets: pd.DataFrame, colours: Mapping[str, str], settings: ReportSettings, folder: Path
) -> Iterator[FigureEntry]:
    """A figure of the statistical units, one of their intervals where there are any, and one of the tracks."""
    sets = list(budgets["set"].unique()) or [""]
    for name in sets:
        of, tail = (f" ({name})", f"_{_file(name)}") if len(sets) > 1 else ("", "")
        mine = budgets[budgets["set"] == name]
        units, tracks = mine[mine["level"] != "track"], mine[mine["level"] == "track"]
        most = settings.rows_per_figure
        n = plural(len(units[KEYS].drop_duplicates()), "unit")
        entry = FigureEntry("budgets", "", f"Time budgets{of}", _BUDGETS, "", folder / f"time_budgets{tail}.png")
        alt = f"Stacked bars of {n}; the same numbers are in the table and in time_budgets.csv."
        yield _saved(budget_figure(units, colours, most, entry.title), replace(entry, alt=alt), settings)
        title, path = f"Time budgets with 95 % intervals{of}", folder / f"time_budget_intervals{tail}.png"
        if (figure := interval_figure(units, colours, most, title)) is not None:
            alt = "Shares as points with lines for their intervals; the same numbers are in time_budgets.csv."
            yield _saved(figure, FigureEntry("budgets", "", title, _BUDGETS, alt, path), settings)
        if not tracks.empty:
            title, path = f"Time budgets of single tracks{of}", folder / f"time_budgets_tracks{tail}.png"
            caption = _BUDGETS + " A track is a fragment of an animal's record: these bars are not replicates."
            alt = "Stacked bars, one a track; the same numbers are in time_budgets.csv."
            entry = FigureEntry("budgets", "", title, caption, alt, path, detail=True)
            yield _saved(budget_figure(tracks, colours, most, title), entry, settings)


def _draw_transitions(
    transitions: pd.DataFrame, colours: Mapping[str, str], settings: ReportSettings, folder: Path
) -> Iterator[FigureEntry]:
    """A figure a form and set, over all animals and, where there are several, a species."""
    shown = transitions[transitions["level"].isin(["pooled", "species"])]
    if shown.loc[shown["level"] == "species", "species"].nunique() < 2:
        shown = shown[shown["level"] == "pooled"]
    sets = shown["set"].nunique()
    if shown.empty:
        yield _drawn_transitions(transitions, "bout", "Transitions", "transitions", colours, settings, folder)
    for (form, name, _level, unit), mine in shown.groupby(["form", "set", "level", "unit"], sort=False):
        of = ", ".join([*([name] if sets > 1 else []), *([unit] if unit != "all" else [])])
        title = ("Transitions between bouts" if form == "bout" else "Transitions per interval") + (of and f" ({of})")
        file = "_".join(["transitions", form, *([name] if sets > 1 else []), *([unit] if unit != "all" else [])])
        yield _drawn_transitions(mine, str(form), title, _file(file), colours, settings, folder)


def _drawn_transitions(
    rows: pd.DataFrame, form: str, title: str, file: str, colours: Mapping[str, str], settings: ReportSettings,
    folder: Path,
) -> FigureEntry:  # fmt: skip
    caption = _FORMS[form].format(step=rows["step_s"].iloc[0] if len(rows) else 0)
    n = plural(int(rows["count"].sum()), "transition")
    alt = f"Heat map of {n} from the row's to the column's behaviour; the same numbers are in transitions.csv."
    single = bool(rows["level"].eq("species").any())
    entry = FigureEntry("transitions", "", title, caption, alt, folder / f"{file}.png", detail=single)
    return _saved(transition_figure(rows, colours, title), entry, settings)


def _saved(figure: "Figure", entry: FigureEntry, settings: ReportSettings) -> FigureEntry:
    save(figure, entry.path, settings.png_dpi)
    return entry


def _file(name: str) -> str:
    """A name as one safe part of a file's name: letters of any language and ``_.-`` stay, the rest is percent-encoded."""
    return "".join(letter if letter.isalnum() else quote(letter, safe="_.- %") for letter in name)[:180]
