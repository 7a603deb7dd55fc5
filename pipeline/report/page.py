"""report.html: one file that opens anywhere, offline, every figure inside. No dates: same run, same bytes."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

import cv2
import numpy as np
import pandas as pd

from pipeline.artifacts import write_text
from pipeline.report.cautions import cautions
from pipeline.report.figures import FigureEntry
from pipeline.report.guide import guide
from pipeline.report.markup import Markup, bullets, folded, link, section, table, tag, together
from pipeline.report.sections import budget_tables, excluded_table, sample_table, transition_tables, videos_table
from pipeline.report.settings import ReportSettings
from pipeline.report.summary import RunSummary
from pipeline.report.words import duration, plural, readable

_VECTOR_BYTES = 300_000  # an SVG up to this size is put into the page; a larger one is replaced by its PNG
_LICENCE = (
    "ethopipe is free software under the GNU Affero General Public License, version 3 or later. "
    "Its default detector library, ultralytics, is under AGPL-3.0; detector=torchvision and detector=motion run "
    "without it. Your footage and these results are yours; a model's own licence may limit what it may be used for."
)


def page(
    summary: RunSummary, tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry], settings: ReportSettings,
    out: Path,
) -> None:  # fmt: skip
    """Write the page to ``out``, whole or not at all. Links are relative to it.

    ``tables`` holds time_budgets, transitions, bouts, individuals and excluded as declared in tables.py; a missing or
    empty one becomes a sentence. ``figures`` come from ``figures.draw_run`` and ``figures.draw_video``.
    """
    sections = _sections(summary, tables, figures, settings, out.parent)
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
    summary: RunSummary, tables: Mapping[str, pd.DataFrame], figures: Sequence[FigureEntry], settings: ReportSettings,
    folder: Path,
) -> list[tuple[str, str, Markup]]:  # fmt: skip
    """Anchor, title and content of every section that has something to say."""
    budgets = tables.get("time_budgets", pd.DataFrame())
    nothing = tag("p", "No animal was seen doing anything that was recognized.")
    run = {kind: [shown(entry) for entry in figures if entry.kind == kind] for kind in ("budgets", "transitions")}
    shares = nothing if budgets.empty else together([*run["budgets"], budget_tables(budgets)])
    found = [
        ("read-first", "Read this first", bullets(cautions(summary, tables))),
        ("videos", "Videos", videos_table(summary.videos)),
        ("samples", "Sample sizes", nothing if budgets.empty else sample_table(budgets)),
        ("budgets", "Time budgets", shares),
        ("left-out", "Time left out", excluded_table(tables.get("excluded", pd.DataFrame()))),
        ("transitions", "Transitions", _transitions(run["transitions"], tables) or nothing),
        ("per-video", "Ethograms and trajectories", _per_video(figures, settings.videos_in_page, folder)),
        ("methods", "How it was made", _methods(summary)),
        ("files", "Files", guide()),
        ("cite", "Licence and citations", together([tag("p", _LICENCE), bullets(summary.citations)])),
    ]
    return [entry for entry in found if entry[2] not in ("", "<ul></ul>")]


def _transitions(figures: Sequence[Markup], tables: Mapping[str, pd.DataFrame]) -> Markup:
    found = tables.get("transitions", pd.DataFrame())
    return together([tag("div", *figures, class_="pair"), Markup("") if found.empty else transition_tables(found)])


def _head(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> Markup:
    """Title, source and the run in one paragraph."""
    return together(
        [tag("h1", summary.title), tag("p", "Source: ", tag("code", summary.source)), _lead(summary, tables)]
    )


def _lead(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> Markup:
    videos = summary.videos
    states = [(sum(video.status == status for video in videos), status) for status in ("ok", "partial", "failed")]
    text = [
        f"{plural(len(videos), 'video')} ({', '.join(f'{n} {status}' for n, status in states if n)}), "
        f"{duration(sum(video.duration_s for video in videos))} of footage.",
        _species(tables.get("individuals", pd.DataFrame())),
        f"At most {plural(max((video.most_at_once for video in videos), default=0), 'animal')} at once.",
        f"Animals were in sight and recognized for {duration(sum(video.visible_s for video in videos))}, added up.",
    ]
    return tag("p", " ".join(text if any(video.tracks for video in videos) else text[:2]), class_="lead")


def _species(individuals: pd.DataFrame) -> str:
    if individuals.empty:
        return "No animal was tracked."
    counts = individuals["species"].value_counts(sort=False).sort_index()
    named = individuals.loc[individuals["individual"] != "", "individual"].nunique()
    tracks = ", ".join(f"{count:,} {species}" for species, count in counts.items())
    also = f"; {plural(named, 'named individual')}" if named else ""
    return f"{plural(len(individuals), 'track')} ({tracks}{also})."


def _per_video(figures: Sequence[FigureEntry], most: int, folder: Path) -> Markup:
    """Each video's figures; beyond so many videos, links to them."""
    keys = list(dict.fromkeys(entry.video for entry in figures if entry.video))
    parts = []
    for number, key in enumerate(keys):
        mine = [entry for entry in figures if entry.video == key]
        links = [link(entry.path.relative_to(folder).as_posix(), entry.kind) for entry in mine]
        inner = together(map(shown, mine)) if number < most else tag("p", together(links, ", "))
        parts.append(tag("section", tag("h3", readable(key)), inner))
    return together(parts)


def shown(entry: FigureEntry) -> Markup:
    """A figure with its caption, as an element of a page; the picture is inside it."""
    image = tag("img", src=_inlined(entry), alt=f"{entry.title}. {entry.alt}")
    figure = tag("figure", image, tag("figcaption", entry.caption), class_=entry.kind)
    return folded(entry.title, figure) if entry.detail else figure


def _inlined(entry: FigureEntry) -> str:
    """The picture as a ``data:`` address: as SVG, as JPEG over a photograph, as PNG where the SVG would be large."""
    vector = entry.path.with_suffix(".svg").read_bytes()
    if entry.kind == "trajectories":
        picture = cv2.imdecode(np.frombuffer(entry.path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        kind, data = "jpeg", cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])[1].tobytes()
    elif len(vector) <= _VECTOR_BYTES:
        kind, data = "svg+xml", vector
    else:
        kind, data = "png", entry.path.read_bytes()
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def _methods(summary: RunSummary) -> Markup:
    """The recognizer's card, versions and settings: what a methods section needs."""
    model = [(what, value) for what, value in summary.model.items() if value]
    return together(
        [
            table(("what", "value"), model, "Recognizer", words=2),
            folded("Versions", table(("part", "version"), list(summary.versions.items()), "Versions", words=2)),
            folded("Command and settings", tag("pre", summary.command), tag("pre", summary.settings)),
        ]
    )
