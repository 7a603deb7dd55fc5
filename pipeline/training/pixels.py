"""The frames of a labelled clip, whatever it is kept in: a video file, a folder of pictures or an array of many clips.

Videos are read with decord, at random; where it cannot (a GIF, a damaged file) PyAV decodes the file from its start,
and what is lost is said. Both give the frame nearest to each time asked for, as ``windows.py`` does. Bytes that changed
within a frame, which FFmpeg conceals, decord does not notice: a run of the video does.
"""

import logging
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.boxes import FloatArray
from pipeline.errors import VideoError
from pipeline.formats.clips import renamed
from pipeline.labelled import SLACK_S
from pipeline.timebase import nearest
from pipeline.training.labels import ARRAY, LANDMARKS, MOMENTS, Labels
from pipeline.types import Image, IntArray, Video
from pipeline.video.decode import missing_end
from pipeline.video.frames import Footage
from pipeline.video.images import ImageFolder
from pipeline.video.probe import opened

_OPEN = 128  # files that are known at once: of videos the times alone, arrays stay open
_ROUNDED_S = 0.001  # labels are written to the millisecond

log = logging.getLogger(__name__)


@dataclass
class Pixels:
    """Reads clips of a data set. Each worker process has one of its own.

    ::

        a clip of 24 frames, a window of 4 samples:   f..f..f..f..............      first_s = 0
                                                      .......f..f..f..f.......      the middle
    """

    labels: Labels
    _open: "OrderedDict[str, Any]" = field(init=False, repr=False, default_factory=OrderedDict)

    def times(self, index: int) -> FloatArray:
        """Seconds of the frames of a clip, from its own first frame (rising, ``[n >= 1]``)."""
        return self._span(index)[0]

    def read(self, index: int, wanted_s: FloatArray) -> Image:
        """The frames nearest to ``wanted_s`` (from the clip's first frame), RGB ``[len(wanted_s), H, W, 3]``.

        What is wanted after the end is the last frame. ``VideoError`` where the file cannot be read, or breaks off
        before the clip ends.
        """
        times, frames = self._span(index)
        at = frames[nearest(times, wanted_s)]
        row = self.labels.rows.iloc[index]
        path = str(row["path"])
        source = self._source(path)
        if isinstance(source, np.ndarray):
            return np.asarray(source[int(row["row"])][at])
        try:
            return np.asarray(source.images(at), dtype=np.uint8)
        except VideoError:
            if not isinstance(source, _Random):
                raise
            self._open[path] = _Whole(self.labels.folder / path)  # its frames may be others than decord announced
            return self.read(index, wanted_s)

    def landmarks(self, index: int, wanted_s: FloatArray) -> FloatArray | None:
        """Landmarks ``[len(wanted_s), P, 2]`` in pixels at the frames that ``read`` gives; None where none are kept."""
        found = self._beside(LANDMARKS, index, wanted_s)
        return None if found is None else found.astype(np.float64)

    def behaviours(self, index: int, wanted_s: FloatArray) -> NDArray[np.str_] | None:
        """What is done at these moments ``[len(wanted_s)]``, under the labels' names; None where it is not kept."""
        found = self._beside(MOMENTS, index, wanted_s)
        return None if found is None else np.array([renamed(str(word), self.labels.old2new) for word in found])

    def _beside(self, suffix: str, index: int, wanted_s: FloatArray) -> NDArray[Any] | None:
        """What an array beside that of the clips says at the frames that ``read`` gives; None where there is none."""
        row = self.labels.rows.iloc[index]
        kept = (self.labels.folder / str(row["path"])).with_suffix(suffix)
        if not kept.is_file():
            return None
        times, frames = self._span(index)
        source = self._source(kept.relative_to(self.labels.folder).as_posix())
        return np.asarray(source[int(row["row"])][frames[nearest(times, wanted_s)]])

    def _span(self, index: int) -> tuple[FloatArray, IntArray]:
        """Times of a clip's frames from its first, and their places in the file, folder or array."""
        row = self.labels.rows.iloc[index]
        source = self._source(str(row["path"]))
        if isinstance(source, np.ndarray):
            times = np.arange(source.shape[1], dtype=np.float64) * float(row["interval_s"])
        elif isinstance(source, ImageFolder):
            times = (source.numbers - source.numbers[0]) * float(row["interval_s"])
        else:
            times = source.times
        start = 0.0 if math.isnan(row["start_s"]) else float(row["start_s"])
        stop = math.inf if math.isnan(row["stop_s"]) else float(row["stop_s"])
        if isinstance(source, _Whole) and source.broke_off and stop > times[-1] + SLACK_S:
            raise VideoError(
                f"{self.labels.folder / row['path']}: {source.broke_off}; its clip from {start:g} s goes on after "
                "that: leave it out, or copy the file again"
            )
        frames = np.flatnonzero((times >= start - _ROUNDED_S) & (times < stop - _ROUNDED_S))
        if not len(frames):
            frames = nearest(times, np.array([start]))
        return times[frames] - times[frames[0]], frames.astype(np.int64)

    def _source(self, path: str) -> Any:
        """What is known of the file, kept while it is among the last used."""
        if path not in self._open:
            whole = self.labels.folder / path
            array = path.lower().endswith(ARRAY)
            self._open[path] = np.load(whole, mmap_mode="r", allow_pickle=False) if array else _video(whole)
            if len(self._open) > _OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end(path)
        return self._open[path]


def middle(times: FloatArray, span_s: float) -> float:
    """Start of a stretch of ``span_s`` in the middle of a clip; 0 where the clip is shorter."""
    return max(0.0, (float(times[-1]) - span_s) / 2)


def _video(path: Path) -> "_Random | _Whole | ImageFolder":
    if path.is_dir():
        return ImageFolder.of(path)
    try:
        from decord import DECORDError
    except ImportError:
        return _Whole(path)
    try:
        return _Random(path)
    except (DECORDError, RuntimeError, ValueError, OSError):
        return _Whole(path)


class _Random:
    """A video that decord reads at random, opened for every reading.

    A reader that stays open goes on decoding: up to 92 MB a file, all of it thrown away at the next jump. And a process
    that is forked off meanwhile may wait for ever for its threads.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        reader = self._opened()
        shown = reader.get_frame_timestamp(np.arange(len(reader)))[:, 0].astype(np.float64)
        self.times = shown - shown[0]
        steps = np.diff(self.times)
        if (steps <= 0).any():
            raise ValueError(f"{path}: its times do not rise")
        step = float(np.median(steps)) if len(steps) else 0.0
        with opened(path) as (container, stream):
            if lost := missing_end(container, stream, float(self.times[-1]) + step, step):
                raise ValueError(f"{path}: {lost}")

    def images(self, frames: IntArray) -> Image:
        """RGB [n, H, W, 3]."""
        from decord import DECORDError

        wanted, at = np.unique(frames, return_inverse=True)  # rising, and each once: nothing is decoded twice
        try:
            return np.asarray(self._opened().get_batch(wanted.tolist()).asnumpy(), dtype=np.uint8)[at]
        except (DECORDError, RuntimeError) as error:
            raise VideoError(f"{self._path} is damaged") from error

    def _opened(self) -> Any:
        from decord import VideoReader, cpu

        return VideoReader(str(self._path), ctx=cpu(0), num_threads=1)


class _Whole:
    """A video that only PyAV can read: decoded from its start each time."""

    def __init__(self, path: Path) -> None:
        self._footage = Footage(Video(path.name, path))
        self.times = np.array([frame.time_s for frame in self._footage.frames()], dtype=np.float64)
        if not len(self.times):
            raise VideoError(f"no frame of {path} can be decoded")
        self.broke_off = self._footage.broke_off
        if lost := [*self._footage.warnings, *filter(None, [self.broke_off])]:
            log.warning("%s: %s", path, "; ".join(lost))

    def images(self, frames: IntArray) -> Image:
        """RGB [n, H, W, 3]."""
        wanted = np.unique(frames)
        found = {frame.index: frame.image for frame in self._footage.frames(wanted)}
        return np.stack([found[frame] for frame in frames.tolist()])
