"""Where animals were on the ground: of how many boxes that is known, how well, and from what."""

from collections.abc import Sequence

from pipeline.ground.summary import Positions
from pipeline.report.markup import Markup, table
from pipeline.report.placed import stated
from pipeline.report.summary import VideoLine
from pipeline.report.words import percent, readable

_CAPTION = (
    "Places on the ground; error: one standard deviation of a place as seen from the drone, on flat ground. Slopes and "
    "the drone's own place and compass are not in it; distances between animals are told better. Withheld: more "
    "uncertain than ground.max_error_m, at the horizon or above it, or too little is told of the camera"
)


def positions_table(videos: Sequence[VideoLine]) -> Markup:
    """One row a video that has places; empty where none has."""
    rows = [
        (
            readable(video.key),
            f"{of.placed:,} of {of.boxes:,} ({percent(of.placed / of.boxes)})",
            f"{of.median_m:.1f} m" if of.placed else "-",
            f"{of.p90_m:.1f} m" if of.placed else "-",
            _source(of),
            _withheld(of),
        )
        for video in videos
        if (of := video.positions) is not None
    ]
    head = ("video", "boxes with a place", "error, median", "90 % under", "told by", "withheld")
    return table(head, rows, _CAPTION, words=6) if rows else Markup("")


def _source(of: Positions) -> str:
    return "; ".join(part for part in (of.files, f"stated: {stated(of)}" if of.stated else "") if part)


def _withheld(of: Positions) -> str:
    counts = {"too uncertain": of.uncertain, "at the horizon": of.horizon, "too little told": of.untold}
    return ", ".join(f"{words} {count:,}" for words, count in counts.items() if count) or "-"
