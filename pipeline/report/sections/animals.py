"""Each video: the ethogram of its animals, to zoom into and to step from into the overlay video; its figures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from pipeline.report import pictures, style
from pipeline.report.colours import colour_of, present
from pipeline.report.figures import FigureEntry
from pipeline.report.gantt import labels_of, rows_of
from pipeline.report.markup import Markup, folded, link, tag, together
from pipeline.report.pictures import shown
from pipeline.report.sections.common import note
from pipeline.report.summary import VideoLine
from pipeline.report.words import natural, plural, readable

MOST_BOUTS = 1000  # of a video whose ethogram is drawn to zoom into; of one with more the figure is shown
_ZOOMS = (1, 4, 16)
_LANE = 0.8  # height of a bar in its row
_MARK = 0.002  # width of an event, in lengths of the video


def per_video(
    figures: Sequence[FigureEntry],
    bouts: pd.DataFrame,
    videos: Sequence[VideoLine],
    colours: Mapping[str, str],
    most: int,
    folder: Path,
) -> Markup:
    """Each video's ethogram and figures; beyond ``most`` videos, links to them. ``folder`` is that of the page."""
    told = {video.key: video for video in videos}
    parts = []
    for number, key in enumerate(sorted({entry.video for entry in figures if entry.video}, key=natural)):
        mine = [entry for entry in figures if entry.video == key]
        inner = tag("p", "Figures: ", _links(mine, folder))
        if number < most:
            chart = _chart(bouts[bouts["video"] == key], told.get(key), colours, number)
            inner = together([chart, *(_figure(entry, bool(chart)) for entry in mine), inner])
        parts.append(tag("section", tag("h3", readable(key)), inner))
    return together(parts)


def inlined(figures: Sequence[FigureEntry], bouts: pd.DataFrame) -> list[FigureEntry]:
    """The figures of one video with their pictures as the page will hold them, of which several processes make most."""
    return [
        entry if entry.kind == "ethogram" and _charted(bouts) else replace(entry, inlined=pictures.inlined(entry))
        for entry in figures
    ]


def _links(figures: Sequence[FigureEntry], folder: Path) -> Markup:
    return together([link(entry.path.relative_to(folder).as_posix(), entry.kind) for entry in figures], ", ")


def _figure(entry: FigureEntry, charted: bool) -> Markup:
    """A figure in the page; that of the ethogram is left out where it is charted, others but the paths are folded."""
    if entry.kind == "ethogram" and charted:
        return Markup("")
    inner = shown(entry)
    return folded(entry.title, inner) if entry.kind == "group" else inner


def _chart(bouts: pd.DataFrame, video: VideoLine | None, colours: Mapping[str, str], number: int) -> Markup:
    """Names, bars and a time axis; wider by choice, and then scrolled. Nothing where there is too little or too much.

    It needs no script: what is chosen is a radio button, and the style sheet widens what follows it.
    """
    if not _charted(bouts):
        return Markup("")
    duration_s = max(video.duration_s if video else 0.0, float(bouts["stop_s"].max())) or 1.0
    rows = rows_of(bouts, len(bouts))
    names = present(bouts["behaviour"], colours)
    overlay = next((path for path in (video.files if video else ()) if path.endswith("overlay.mp4")), "")
    choices = [part for zoom in _ZOOMS for part in _choice(zoom, number)]
    bars = tag(
        "svg", *_bars(bouts, rows, duration_s, colours, overlay), viewBox=f"0 0 {duration_s:g} {len(rows)}",
        preserveAspectRatio="none", style=f"height: {1.5 * len(rows):g}rem", role="group",
        aria_label=f"{plural(len(bouts), 'bout')} of {plural(len(rows), 'track')} over time; data in bouts.csv",
    )  # fmt: skip
    wide = tag("div", bars, *(_ticks(duration_s, zoom) for zoom in _ZOOMS), class_="wide")
    labels = tag("div", *(tag("div", label) for label in labels_of(rows)), class_="names")
    frame = tag("div", labels, tag("div", wide, class_="strip", tabindex="0"), class_="frame")
    click = "click on a bar to see that moment in the overlay video" if overlay else "this run has no overlay video"
    hint = (
        "One row a track, which is one animal as far as it could be followed; hold the pointer over a bar for its "
        f"times; {click}."
    )
    return together([tag("div", *choices, frame, _key(names, colours), class_="chart"), note(hint)])


def _charted(bouts: pd.DataFrame) -> bool:
    """Are these bouts of a video drawn to zoom into?"""
    return 0 < len(bouts) <= MOST_BOUTS


def _choice(zoom: int, number: int) -> Iterator[Markup]:
    """A radio button and its label."""
    name, this = f"zoom{number}", f"zoom{number}-{zoom}"
    chosen = {"checked": ""} if zoom == _ZOOMS[0] else {}
    yield tag("input", type="radio", name=name, id=this, class_=f"z{zoom}", **chosen)
    yield tag("label", "whole" if zoom == 1 else f"{zoom} x", for_=this)


def _bars(
    bouts: pd.DataFrame, rows: pd.DataFrame, duration_s: float, colours: Mapping[str, str], overlay: str
) -> Iterator[Markup]:
    """A rectangle a bout, in seconds and rows; a link to its start where there is an overlay video."""
    sets = sorted(bouts["set"].unique())
    place, high = {track: k for k, track in enumerate(rows["track"])}, _LANE / len(sets)
    label = dict(zip(rows["track"], labels_of(rows), strict=True))
    for bout in bouts.to_dict("records"):
        event = bout["kind"] == "event" or bout["duration_s"] == 0
        wide = _MARK * duration_s if event else bout["duration_s"]
        top = place[bout["track"]] + (1 - _LANE) / 2 + high * sets.index(bout["set"])
        when = style.clock(bout["start_s"]) if event else f"{_moment(bout['start_s'])} to {_moment(bout['stop_s'])}"
        bar = tag(
            "rect", tag("title", f"{label[bout['track']]}: {bout['behaviour']}, {when}{_cut(bout)}"),
            x=f"{bout['start_s']:.7g}", y=f"{top:.4g}", width=f"{wide:.6g}", height=f"{high:.3g}",
            fill=colour_of(bout["behaviour"], colours),
        )  # fmt: skip
        moment = f"{quote(overlay)}#t={bout['start_s']:.7g}"
        yield tag("a", bar, href=moment, target="_blank") if overlay else bar


def _moment(time_s: float) -> str:
    """``m:ss.t``."""
    tenths = round(10 * time_s)
    return f"{tenths // 600}:{tenths % 600 // 10:02d}.{tenths % 10}"


def _cut(bout: Mapping[Any, Any]) -> str:
    ends = [word for word, side in (("start", "censored_start"), ("end", "censored_stop")) if bout[side]]
    return f" (cut off at its {' and '.join(ends)})" if ends else ""


def _ticks(duration_s: float, zoom: int) -> Markup:
    """Labels of the time axis that fit at this zoom, placed in percent of the video."""
    step = [*style.time_ticks(duration_s / zoom), duration_s][1]
    moments = [k * step for k in range(int(duration_s / step + 1e-9) + 1)]
    labels = [
        tag("span", style.time_label(moment, duration_s / zoom), style=f"left: {100 * moment / duration_s:.4g}%")
        for moment in moments
    ]
    return tag("div", *labels, class_=f"ticks t{zoom}", aria_hidden="true")


def _key(names: Sequence[str], colours: Mapping[str, str]) -> Markup:
    """The behaviours beside their colours, and what blank is."""
    squares = [tag("rect", width="12", height="12", fill=colour_of(name, colours)) for name in names]
    squares.append(tag("rect", width="12", height="12", class_="blank"))
    told = [*names, "blank: no record"]
    boxes = (tag("svg", square, viewBox="0 0 12 12") for square in squares)
    return tag("div", *(tag("span", box, name) for box, name in zip(boxes, told, strict=True)), class_="key")
