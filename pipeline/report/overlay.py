"""overlay.mp4: the footage with boxes, track numbers and behaviours drawn in, to check the results by eye."""

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.ethogram import NOT_VISIBLE, UNKNOWN
from pipeline.report.colours import colour_of, rgb, track_colour
from pipeline.report.gaps import in_gap
from pipeline.report.lettering import Lettering, Placement, paste
from pipeline.report.settings import ReportSettings
from pipeline.tables import BOX
from pipeline.timebase import due
from pipeline.types import Advance, BoolArray, Frame, Image, IntArray
from pipeline.video.encode import VideoWriter

_DARK = "#101010"


class Source(Protocol):
    """What is drawn on: ``frames.Footage``."""

    def frames(self) -> Iterable[Frame]:
        """The frames in order."""


def write_overlay(
    footage: Source, tracks: pd.DataFrame, behaviours: pd.DataFrame | None, colours: Mapping[str, str], out_path: Path,
    settings: ReportSettings, advance: Advance = lambda n: None,
) -> None:  # fmt: skip
    """Write the footage at reduced size with the tracks (tables.TRACKS) drawn in, every frame at its own time.

    A box has the colour of its behaviour (tables.BEHAVIOURS; None: tracks only, a colour a track), ``colours`` being an
    ethogram's; it is dashed where it bridges a gap between detections (``gaps.in_gap``). A behaviour that is unknown
    leaves its place in the label to the species. ``advance(1)`` is called after every source frame.
    ``StorageError`` where the file cannot be written; nothing is left of it then.
    """
    marks, last_s = None, None
    with ExitStack() as stack:
        for frame in footage.frames():
            if due(frame.time_s, last_s, settings.overlay_period_s):
                if marks is None:
                    size = overlay_size(frame.image.shape[1], frame.image.shape[0], settings)
                    marks = _Marks(tracks, behaviours, colours, size[0] / frame.image.shape[1])
                    canvas = _Canvas(*size, marks.most_at_once)
                    writer = stack.enter_context(VideoWriter(out_path, *size))
                writer.write(canvas.drawn(frame, marks), frame.time_s)
            last_s = frame.time_s
            advance(1)


def overlay_size(width: int, height: int, settings: ReportSettings) -> tuple[int, int]:
    """Width and height of the overlay for footage of that size: even, with its shape kept to a pixel."""
    longest = min(max(width, height, settings.overlay_least_px), settings.overlay_width_px)
    scale = longest / max(width, height)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


@dataclass(frozen=True)
class _Mark:
    """One animal in one frame."""

    track: int
    box: FloatArray  # [4] pixels of the overlay
    dashed: bool
    text: str
    colour: str


class _Marks:
    """The marks of every frame, looked up by its number."""

    def __init__(
        self, tracks: pd.DataFrame, behaviours: pd.DataFrame | None, colours: Mapping[str, str], scale: float
    ) -> None:
        tracks = tracks.sort_values(["frame", "track"], kind="stable").reset_index(drop=True)
        self._frame: IntArray = tracks["frame"].to_numpy()
        self._track: IntArray = tracks["track"].to_numpy()
        self._box: FloatArray = tracks[BOX].to_numpy(dtype=np.float64) * scale
        self._dashed: BoolArray = in_gap(tracks)
        self._code, said = np.zeros(len(tracks), dtype=np.int64), [("", "")]
        if behaviours is not None:
            self._code, found = pd.factorize(_said(tracks, behaviours))
            said = list(found)
        self._text = [" + ".join(dict.fromkeys(filter(None, words.split("\n")))) for words, _ in said]
        self._colour = [None if behaviours is None else colour_of(first, colours) for _, first in said]

    @property
    def most_at_once(self) -> int:
        """Most animals in one frame."""
        return int(np.unique(self._frame, return_counts=True)[1].max(initial=0))

    def of(self, frame: int) -> list[_Mark]:
        """The animals in a frame, by track."""
        start, stop = np.searchsorted(self._frame, [frame, frame + 1])
        return [self._mark(row) for row in range(start, stop)]

    def _mark(self, row: int) -> _Mark:
        track, code = int(self._track[row]), int(self._code[row])
        text = f"{track} {self._text[code]}".strip()
        return _Mark(track, self._box[row], bool(self._dashed[row]), text, self._colour[code] or track_colour(track))


def _said(tracks: pd.DataFrame, behaviours: pd.DataFrame) -> "pd.Series[str]":
    """Each row's words, one line a set, empty where it says nothing; and the first behaviour, whose colour is shown."""
    said, first = pd.Series("", index=tracks.index), pd.Series("", index=tracks.index)
    for _, of_set in behaviours.groupby("set", sort=False):
        found = tracks[["track", "frame", "species"]].merge(
            of_set[["track", "frame", "behaviour", "reason"]], "left", ["track", "frame"]
        )
        name, reason = found["behaviour"].fillna(""), found["reason"].fillna("")
        words = name.where(name != UNKNOWN, found["species"])
        words = words.where((name != NOT_VISIBLE) | (reason == ""), name + " (" + reason + ")")
        said, first = said + words + "\n", first.where(first != "", name)
    return pd.Series(list(zip(said, first, strict=True)), index=tracks.index, dtype=object)


class _Canvas:
    """Draws the marks on frames of one size; lines and letters grow with it, letters shrink in a crowd."""

    def __init__(self, width: int, height: int, most_at_once: int) -> None:
        longest = max(width, height)
        self._size = (width, height)
        self._line = max(2, round(longest / 640))  # a line of one pixel loses its colour in yuv420p
        crowded = float(np.interp(most_at_once, [12, 50], [1.0, 0.7]))
        self._letters = Lettering(int(np.clip(round(crowded * longest / 72), 11, 40)))
        self._placement = Placement(width, height)

    def drawn(self, frame: Frame, marks: _Marks) -> Image:
        """The frame at the canvas's size with everything drawn in."""
        image = self._resized(frame.image)
        found = marks.of(frame.index)
        for mark in found:
            self._box(image, mark)
        self._placement.begin()
        for mark in found:
            label = self._letters.label(mark.text, mark.colour)
            paste(image, label, *self._placement.of(mark.track, mark.box, label.shape[1], label.shape[0]))
        self._stamp(image, frame)
        return image

    def _resized(self, image: Image) -> Image:
        if image.shape[1::-1] == self._size:
            return image.copy()
        smaller = image.shape[1] > self._size[0]
        resized = cv2.resize(image, self._size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)
        return np.asarray(resized, dtype=np.uint8)

    def _box(self, image: Image, mark: _Mark) -> None:
        """A box on a dark rim, so that it is seen on any ground; dashed where it bridges a gap."""
        x1, y1, x2, y2 = (int(value) for value in np.round(mark.box))
        x2, y2 = x2 - 1, y2 - 1
        if not mark.dashed:
            cv2.rectangle(image, (x1, y1), (x2, y2), rgb(_DARK), self._line + 2)
            cv2.rectangle(image, (x1, y1), (x2, y2), rgb(mark.colour), self._line)
            return
        corners = [(x1, y1), (x2, y1), (x2, y2), (x1, y2), (x1, y1)]
        for start, stop in pairwise(corners):
            _dashed(image, start, stop, mark.colour, self._line)

    def _stamp(self, image: Image, frame: Frame) -> None:
        minutes, seconds = divmod(frame.time_s, 60)
        stamp = self._letters.drawn(f"{int(minutes)}:{seconds:05.2f}   frame {frame.index}", _DARK)
        paste(image, stamp, 0, self._size[1] - stamp.shape[0])


def _dashed(image: Image, start: tuple[int, int], stop: tuple[int, int], colour: str, line: int) -> None:
    """A dashed line along an axis, each dash on a dark rim; it begins with a dash."""
    length = max(abs(stop[0] - start[0]), abs(stop[1] - start[1]))
    step = (int(np.sign(stop[0] - start[0])), int(np.sign(stop[1] - start[1])))
    for at in range(0, length, 12 * line):
        first, last = (
            (start[0] + step[0] * along, start[1] + step[1] * along) for along in (at, min(at + 6 * line, length))
        )
        cv2.line(image, first, last, rgb(_DARK), line + 2)
        cv2.line(image, first, last, rgb(colour), line)
