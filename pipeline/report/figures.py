"""The figures of a run and of each of its videos: which there are, what they are called, where they are written."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.units import TRACK
from pipeline.report.bars import KEYS, budget_figure, told_apart
from pipeline.report.gantt import ethogram_figure, names_of
from pipeline.report.heatmap import transition_figure
from pipeline.report.intervals import drawn, has_limits, interval_figure
from pipeline.report.paths import trajectory_figure
from pipeline.report.settings import ReportSettings
from pipeline.report.style import save, styled
from pipeline.report.words import plural, readable
from pipeline.types import Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LONGEST = 150  # letters of a name in a file's name


@dataclass(frozen=True)
class FigureEntry:
    """One figure as the page shows it. ``path`` is the SVG."""

    kind: str  # budgets, transitions, ethogram, trajectories, or one of ``deeper.py``
    video: str  # key of the video; "" where it is over the whole run
    title: str
    caption: str
    alt: str
    path: Path
    detail: bool = False  # folded away in the page until asked for
    files: tuple[Path, ...] = ()  # every file of it
    inlined: str = ""  # the picture as it is inside the page, where it was made along with the figure


def draw_run(
    budgets: pd.DataFrame, transitions: pd.DataFrame, individuals: pd.DataFrame, colours: Mapping[str, str],
    settings: ReportSettings, folder: Path,
) -> list[FigureEntry]:  # fmt: skip
    """Draw what is over all videos into ``folder``: time budgets a set of behaviours, transitions a set and form.

    ``budgets`` is tables.TIME_BUDGETS, ``transitions`` tables.TRANSITIONS, ``individuals`` tables.INDIVIDUALS;
    ``colours`` are an ethogram's. Empty tables give figures that say so.
    """
    desk = Desk(colours, settings, folder)
    with styled():
        return [*_draw_budgets(desk, _named(budgets, individuals)), *_draw_transitions(desk, transitions)]


def draw_video(
    key: str, bouts: pd.DataFrame, tracks: pd.DataFrame, to_reference: FloatArray, still: Image | None,
    size: tuple[int, int], duration_s: float, colours: Mapping[str, str], settings: ReportSettings, folder: Path,
) -> list[FigureEntry]:  # fmt: skip
    """Draw one video's ethogram and trajectories into ``folder``.

    ``bouts`` (tables.BOUTS; those of other videos are passed over), ``tracks`` (tables.TRACKS), ``to_reference``
    ``[n frames, 3, 3]`` (``camera.transforms``), ``still`` the reference frame at any size or None, ``size`` the
    source's width and height in pixels.
    """
    desk, most = Desk(colours, settings, folder), settings.rows_per_figure
    mine, animals = bouts[bouts["video"] == key], plural(tracks["track"].nunique(), "track")
    with styled():
        title = f"Ethogram: {readable(key)}"
        gantt = ethogram_figure(mine, duration_s, colours, most, title)
        alt = f"Chart of {plural(len(mine), 'bout')} of {animals} over time; the data are in bouts.csv."
        ethogram = FigureEntry("ethogram", key, title, _ETHOGRAM, alt, desk.path("ethogram", key))
        title = f"Trajectories: {readable(key)}"
        paths = trajectory_figure(tracks, to_reference, still, size, most, title, names_of(mine))
        alt = f"Paths of {animals} over a still of the video; the data are in tracks.parquet."
        trajectories = FigureEntry("trajectories", key, title, _TRAJECTORIES, alt, desk.path("trajectories", key))
        return [desk.saved(gantt, ethogram), desk.saved(paths, trajectories)]


@dataclass(frozen=True)
class Desk:
    """Where and how the figures of a run are drawn."""

    colours: Mapping[str, str]
    settings: ReportSettings
    folder: Path

    def path(self, *names: str) -> Path:
        """The SVG of a figure with that name, of which empty parts are left out."""
        return self.folder / f"{file_name('_'.join(name for name in names if name))}.svg"

    def saved(self, figure: "Figure", entry: FigureEntry) -> FigureEntry:
        """Write the figure, where asked for also as PNG and, but for one with a photograph in it, as PDF."""
        pdf = self.settings.pdf and entry.kind != "trajectories"
        return replace(entry, files=tuple(save(figure, entry.path, self.settings.png_dpi, self.settings.png, pdf)))


_ETHOGRAM = (
    "One row a track, one bar a bout; empty where the animal has no record. "
    "A track is one animal as far as it could be followed, not an individual."
)
_TRAJECTORIES = (
    "Centres of the boxes over the first frame, with the camera's motion taken out (where it could not be told, none "
    "is assumed); in pixels, not metres. A path is broken where the animal was lost in between."
)
_BUDGETS = "Share of the time in which the animals were in sight and their behaviour was recognized."
_WORST = (
    "Grey is no interval, but the worst case of the circle's share, if none or all of the time left out had been spent "
    "so; it is of all tracked time, and says nothing of the mean over animals."
)
_SINGLE = _BUDGETS + " A track is a fragment of an animal's record: these bars are not replicates."
_FORMS = {
    "bout": "From one bout to the next of the same animal's unbroken record; a behaviour cannot follow itself.",
    "interval": "From one moment to that {step:g} s later in the same animal's unbroken record; staying is allowed.",
}
_BROKEN = (
    " Time out of sight or not recognized (unknown) has no weight: it is in no row or column, and breaks the record, "
    "so that nothing is counted across it."
)


def _named(budgets: pd.DataFrame, individuals: pd.DataFrame) -> pd.DataFrame:
    """Single tracks with the name of their animal, as ``S17 (1/flock.mp4#7)``; without one as they are."""
    named = individuals[individuals["individual"] != ""]
    units = named["video"] + "#" + named["track"].astype("str")
    names = dict(zip(units, named["individual"] + " (" + units + ")", strict=True))
    units = budgets["unit"].where(budgets["level"] != TRACK, budgets["unit"].map(lambda unit: names.get(unit, unit)))
    return budgets.assign(unit=units)


def _draw_budgets(desk: Desk, budgets: pd.DataFrame) -> Iterator[FigureEntry]:
    """The figures of each set that has shares; a set of events has none."""
    sets = list(budgets.loc[budgets["share"].notna(), "set"].unique())
    for name in sets or [""]:
        yield from _draw_set(desk, budgets[budgets["set"] == name], name if len(sets) > 1 else "")


def _draw_set(desk: Desk, budgets: pd.DataFrame, name: str) -> Iterator[FigureEntry]:
    """The statistical units, their intervals where there are any, and the single tracks."""
    of, most = f" ({name})" if name else "", desk.settings.rows_per_figure
    units, tracks = budgets[budgets["level"] != "track"], budgets[budgets["level"] == "track"]
    title = f"Time budgets{of}"
    bars = plural(len(told_apart(units)[KEYS].drop_duplicates()), "unit")
    alt = f"Stacked bars of {bars}; the numbers are in time_budgets.csv."
    entry = FigureEntry("budgets", "", title, _BUDGETS + _cut(units, most), alt, desk.path("time_budgets", name))
    yield desk.saved(budget_figure(units, desk.colours, most, title), entry)
    title = f"Time budgets with {'intervals' if has_limits(drawn(units)) else 'worst cases'}{of}"
    if (figure := interval_figure(units, desk.colours, most, title)) is not None:
        alt = "Shares as points, any intervals as lines, worst cases behind; the numbers are in time_budgets.csv."
        first = units[units["share"].notna()].iloc[0]
        caption = (
            f"{_BUDGETS} Of {first['unit']}: {first['method']}; mean over animals: {first['mean_method']}. {_WORST}"
        )
        entry = FigureEntry("budgets", "", title, caption, alt, desk.path("time_budget_intervals", name))
        yield desk.saved(figure, entry)
    if not tracks.empty:
        title, alt = f"Time budgets of single tracks{of}", "Stacked bars, one a track; data in time_budgets.csv."
        caption, path = _SINGLE + _cut(tracks, most), desk.path("time_budgets_tracks", name)
        entry = FigureEntry("budgets", "", title, caption, alt, path, detail=True)
        yield desk.saved(budget_figure(tracks, desk.colours, most, title), entry)


def _cut(budgets: pd.DataFrame, most: int) -> str:
    """How many bars are drawn of how many, where not all are, and where the rest is."""
    bars = len(told_apart(budgets[budgets["share"].notna()])[KEYS].drop_duplicates())
    return f" The first {most:,} of {bars:,} are drawn; all are in tables/time_budgets.csv." if bars > most else ""


def _draw_transitions(desk: Desk, transitions: pd.DataFrame) -> Iterator[FigureEntry]:
    """A figure a form and set: over all animals, and of each species where there are several."""
    shown = transitions[transitions["level"].isin(["pooled", "species"])]
    if shown.loc[shown["level"] == "species", "unit"].nunique() < 2:
        shown = shown[shown["level"] == "pooled"]
    if shown.empty:
        yield _drawn_transitions(desk, shown, "bout", "", "")
    several = shown["set"].nunique() > 1
    for (form, name, level, unit), rows in shown.groupby(["form", "set", "level", "unit"], sort=False):
        species = str(unit) if level == "species" else ""
        yield _drawn_transitions(desk, rows, str(form), str(name) if several else "", species)


def _drawn_transitions(desk: Desk, rows: pd.DataFrame, form: str, name: str, species: str) -> FigureEntry:
    of = ", ".join(part for part in (name, species) if part)
    title = ("Transitions between bouts" if form == "bout" else "Transitions per interval") + (of and f" ({of})")
    caption = _FORMS[form].format(step=rows["step_s"].iloc[0] if len(rows) else 0) + _BROKEN
    n = plural(int(rows["count"].sum()), "transition")
    alt = f"Heat map of {n} from the row's to the column's behaviour; the numbers are in transitions.csv."
    path = desk.path("transitions", form, name, species)
    entry = FigureEntry("transitions", "", title, caption, alt, path, detail=bool(species))
    return desk.saved(transition_figure(rows, desk.colours, title), entry)


def file_name(name: str) -> str:
    """A name as one part of a path: letters, digits, space and ``_.-%`` stay, a long one ends in its hash."""
    safe = "".join(letter if letter.isalnum() else quote(letter, safe="_.- %") for letter in name)
    if len(safe.encode()) <= _LONGEST:
        return safe
    return f"{quote(safe, safe='_.- %')[: _LONGEST - 13]}~{hashlib.sha256(name.encode()).hexdigest()[:12]}"
