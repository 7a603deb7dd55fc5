"""What the page says about a run, as plain data: the run fills it, the page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class VideoLine:
    """One video of the run, as the table of videos shows it."""

    key: str
    status: str  # ok, partial or failed
    reason: str  # why it is not ok; else empty
    warnings: tuple[str, ...]
    width: int
    height: int
    duration_s: float
    announced: int | None  # frames the container promises; None where it does not say
    decoded: int
    timestamps: str  # in words: "29.97 frames/s, even"
    tracks: int
    most_at_once: int
    visible_s: float  # animal seconds visible and recognized
    camera_unknown_share: float  # share of frames whose camera motion could not be told, 0 to 1
    short_tracks: int  # tracks shorter than one window of the recognizer
    files: tuple[str, ...]  # worth a link; relative to the page


@dataclass(frozen=True)
class RunSummary:
    """The run as a whole."""

    title: str
    source: str
    command: str
    videos: tuple[VideoLine, ...]
    versions: Mapping[str, str]  # program or package to version
    settings: str  # all settings, as YAML
    model: Mapping[str, str]  # the recognizer's card in a few lines: what to its value
    citations: tuple[str, ...]
    warnings: tuple[str, ...] = ()
