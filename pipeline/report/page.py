"""report.html: one file that opens anywhere, offline, every figure inside. No dates: same run, same bytes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

import pandas as pd

from pipeline.artifacts import write_text
from pipeline.report.cautions import cautions
from pipeline.report.figures import FigureEntry
from pipeline.report.guide import glossary, guide
from pipeline.report.markup import Markup, bullets, section, tag, together
from pipeline.report.sections.animals import per_video
from pipeline.report.sections.bouts import bouts
from pipeline.report.sections.budgets import budget_tables, hidden
from pipeline.report.sections.common import pictures
from pipeline.report.sections.contrasts import contrasts
from pipeline.report.sections.errors import errors
from pipeline.report.sections.methods import card, text
from pipeline.report.sections.observers import observers
from pipeline.report.sections.overview import overview
from pipeline.report.sections.positions import positions_table
from pipeline.report.sections.sequences import sequences
from pipeline.report.sections.society import society
from pipeline.report.sections.videos import excluded_table, sample_table, videos_table
from pipeline.report.settings import ReportSettings
from pipeline.report.summary import RunSummary
from pipeline.report.words import duration, natural, plural
from pipeline.tables import INDIVIDUALS

_LICENCE = (
    "ethopipe is free software under the GNU Affero General Public License, version 3 or later. "
    "Its default detector library, ultralytics, is under AGPL-3.0; detector=torchvision and detector=motion run "
    "without it. Your footage and these results are yours; a model's own licence may limit what it may be used for."
)


def page(
    summary: RunSummary, tables: Mapping[str, pd.DataFrame], colours: Mapping[str, str],
    figures: Sequence[FigureEntry], settings: ReportSettings, out: Path,
) -> None:  # fmt: skip
    """Write the page to ``out``, whole or not at all. Links are relative to it.

    ``tables`` holds time_budgets, transitions, bouts, individuals and excluded as declared in tables.py, and those of
    the families of ``ethology``, by name; a missing or empty one becomes a sentence, or its section is left out.
    ``colours`` are an ethogram's. ``figures`` come from ``figures.py`` and ``deeper.py``.
    """
    sections = _sections(summary, tables, colours, figures, settings, out.parent)
    document(out, f"{summary.title} - behaviour report", _head(summary, tables), sections)


def document(out: Path, title: str, head: Markup, sections: Sequence[tuple[str, str, Markup]]) -> None:
    """Write a page of sections: anchor, title and content of each; ``title`` is the browser's, ``head`` the page's."""
    here = Path(__file__).parent
    template = Template((here / "page.html").read_text(encoding="utf-8"))
    values = {
        "title": tag("title", title),
        "style": Markup((here / "page.css").read_text(encoding="utf-8")),
        "head": head,
        "contents": tag("ul", *(tag("li", tag("a", title, href=f"#{name}")) for name, title, _ in sections)),
        "body": together(section(name, title, inner) for name, title, inner in sections),
    }
    write_text(out, template.substitute(values))


def _sections(
    summary: RunSummary, tables: Mapping[str, pd.DataFrame], colours: Mapping[str, str],
    figures: Sequence[FigureEntry], settings: ReportSettings, folder: Path,
) -> list[tuple[str, str, Markup]]:  # fmt: skip
    """Anchor, title and content of every section that has something to say."""
    budgets, warned = tables.get("time_budgets", pd.DataFrame()), cautions(summary, tables)
    individuals = tables.get("individuals", INDIVIDUALS.empty())
    videos = sorted(summary.videos, key=lambda video: natural(video.key))
    nothing = tag("p", "No animal was seen doing anything that was recognized.")
    shares = nothing
    if len(budgets):
        unseen = hidden(summary.told.get("ethogram", {}), tables)
        shown = budget_tables(budgets, settings.rows_per_figure)
        shares = together([unseen, pictures(figures, "budgets"), shown])
    record, read = "analysis.json" if "runs" in summary.told else "run.json", [one for one in videos if one.files]
    animals = per_video(figures, tables.get("bouts", pd.DataFrame()), videos, colours, settings.videos_in_page, folder)
    found = [
        ("in-short", "In short", nothing if budgets.empty else overview(summary, tables, warned)),
        ("read-first", "Read this first", bullets(warned)),
        ("budgets", "Time budgets", shares),
        ("how-right", "How right is it?", errors(tables, figures)),
        ("bouts", "Bouts", bouts(tables, figures)),
        ("transitions", "Transitions", sequences(tables, figures) or nothing),
        ("contrasts", "Two conditions compared", contrasts(tables, figures, summary.told)),
        ("group", "Group and space", society(tables, figures, summary.told.get("society", {}))),
        ("observers", "Virtual observers", observers(tables, figures)),
        ("per-video", "Ethograms of each video", animals),
        ("videos", "Videos", together([videos_table(videos), positions_table(videos)])),
        (
            "samples",
            "Sample sizes",
            nothing if budgets.empty else sample_table(budgets, individuals, settings.rows_per_figure),
        ),
        ("left-out", "Time left out", excluded_table(tables.get("excluded", pd.DataFrame()))),
        ("methods", "Methods card", card(summary, tables)),
        ("methods-text", "Methods text", text(summary)),
        ("files", "Files", guide(tables, settings, record, [(folder / video.files[0]).parent for video in read])),
        ("cite", "Licence and citations", together([tag("p", _LICENCE), bullets(summary.citations)])),
    ]
    return [entry for entry in found if entry[2] not in ("", "<ul></ul>")]


def _head(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> Markup:
    """Title, source, the run in one paragraph, and the words of the page."""
    return together(
        [
            tag("h1", summary.title),
            tag("p", "Source: ", tag("code", summary.source)),
            _lead(summary, tables),
            glossary(),
        ]
    )


def _lead(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> Markup:
    videos = summary.videos
    words = ("ok", "partial", "failed", "waiting")
    states = [(sum(video.status == status for video in videos), status) for status in words]
    at_once = max((video.most_at_once for video in videos), default=0)
    text = [
        f"{plural(len(videos), 'video')} ({', '.join(f'{n} {status}' for n, status in states if n)}), "
        f"{duration(sum(video.duration_s for video in videos))} of footage.",
        _species(tables.get("individuals", pd.DataFrame())),
        f"At most {plural(at_once, 'animal')} with a box in one frame.",
        f"Animals were in sight and recognized for {duration(sum(video.recognized_s for video in videos))}, added up.",
    ]
    return tag("p", " ".join(text if any(video.tracks for video in videos) else text[:2]), class_="lead")


def _species(individuals: pd.DataFrame) -> str:
    if individuals.empty:
        return "No animal was tracked."
    return f"{'; '.join(_tracks(str(species), own) for species, own in individuals.groupby('species'))}."


def _tracks(species: str, own: pd.DataFrame) -> str:
    """``84 tracks of 20 named sheep``; where not all are named, ``84 tracks of sheep (60 of 20 named)``."""
    names, told = own.loc[own["individual"] != "", "individual"], plural(len(own), "track")
    if names.empty:
        return f"{told} of {species}"
    if len(names) == len(own):
        return f"{told} of {names.nunique():,} named {species}"
    return f"{told} of {species} ({len(names):,} of {names.nunique():,} named)"
