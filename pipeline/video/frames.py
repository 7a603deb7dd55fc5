"""A video as a stream of frames: decoded once in order, ahead of their use, and converted only when looked at."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from threading import Lock
from typing import Any

import cv2
import numpy as np
import pandas as pd
from av.video.reformatter import VideoReformatter

from pipeline.types import Frame, Image, IntArray, Video
from pipeline.video.decode import pictures
from pipeline.video.ledger import Ledger
from pipeline.video.prefetch import prefetched
from pipeline.video.probe import probe, read_still, turns

AHEAD = 4  # decoded frames that wait: 50 MB at 4K, 100 MB at 5.4K


class Footage:
    """One video, decoded anew by every call of ``frames``. ``VideoError`` in one line where it cannot be opened."""

    def __init__(self, video: Video) -> None:
        self.video = video
        self.info = probe(video.path)
        self.broke_off: str | None = None  # where and why decoding stopped early; known after a whole iteration
        self._converter = _Converter()
        self._ledger: Ledger | None = None

    def frames(self, wanted: IntArray | None = None) -> Iterator[Frame]:
        """The frames in the order in which they are shown.

        With ``wanted`` (rising frame numbers) all are decoded but only those are yielded, and decoding ends with the
        last of them. A thread decodes up to ``AHEAD`` frames ahead; closing the iterator ends it. A video that breaks
        off gives the frames before the break: no error is raised, ``broke_off`` tells.
        """
        ledger = Ledger(self.info.rate)
        if self._ledger is None:
            self._ledger = ledger
        made = self._still(ledger) if self.info.still else self._decoded(ledger)
        yield from prefetched(_chosen(made, wanted), AHEAD)

    @property
    def ledger(self) -> pd.DataFrame:
        """``FRAMES`` of the last iteration that reached the end; before there is one, of the frames decoded so far."""
        return self._known().table()

    @property
    def warnings(self) -> list[str]:
        """What a user should know of this video, a line each: counts that differ, odd or missing times, damage."""
        ledger, announced = self._known(), self.info.announced
        differs = ledger.ended and announced is not None and announced != len(ledger)
        return [f"announced {announced} frames, decoded {len(ledger)}"] * differs + ledger.notes()

    def _known(self) -> Ledger:
        if self._ledger is None:
            raise RuntimeError("nothing is known of a video's frames before they were iterated")
        return self._ledger

    def _still(self, ledger: Ledger) -> Generator[Frame, None, None]:
        index, time_s = ledger.add(0, Fraction(1), 0, corrupt=False)
        yield ArrayFrame(index, time_s, read_still(self.video.path))
        self._finish(ledger, None)

    def _decoded(self, ledger: Ledger) -> Generator[Frame, None, None]:
        broken = yield from _wrapped(pictures(self.video.path, ledger), self._converter)
        self._finish(ledger, broken)

    def _finish(self, ledger: Ledger, broken: str | None) -> None:
        ledger.ended, self._ledger = True, ledger
        self.broke_off = broken and f"stopped decoding at frame {len(ledger)} ({ledger.stop_s:.2f} s): {broken}"


@dataclass(frozen=True)
class ArrayFrame:
    """A frame made from an array: a still, or a test's picture. ``image`` is RGB ``[height, width, 3]``."""

    index: int
    time_s: float
    image: Image

    def grey(self, width: int) -> Image:
        """Brightness ``[h, w]``, the longer side at most ``width`` pixels."""
        grey = cv2.cvtColor(self.image, cv2.COLOR_RGB2GRAY)
        size = reduced(grey.shape[1], grey.shape[0], width)
        return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


class DecodedFrame:
    """A frame of a video, held as the decoder gave it until somebody looks."""

    def __init__(self, index: int, time_s: float, picture: Any, converter: "_Converter") -> None:
        self.index, self.time_s = index, time_s
        self._picture, self._converter = picture, converter
        self._image: Image | None = None

    @property
    def image(self) -> Image:
        """RGB ``[height, width, 3]`` as shown; converted once, with the video's own colour space and range."""
        if self._image is None:
            self._image = self._converter.rgb(self._picture)
        return self._image

    def grey(self, width: int) -> Image:
        """Brightness ``[h, w]`` in 0..255, the longer side at most ``width`` pixels; no RGB is made."""
        return self._converter.grey(self._picture, width)


class _Converter:
    """The scalers of one video; setting one up anew for every frame would cost more than its use."""

    def __init__(self) -> None:
        self._rgb, self._grey, self._one_at_a_time = VideoReformatter(), VideoReformatter(), Lock()

    def rgb(self, picture: Any) -> Image:
        with self._one_at_a_time:
            return _upright(picture, self._rgb.reformat(picture, format="rgb24"))

    def grey(self, picture: Any, longest: int) -> Image:
        width, height = reduced(picture.width, picture.height, longest)
        with self._one_at_a_time:
            small = self._grey.reformat(
                picture, width, height, "gray", interpolation="AREA", dst_color_range="JPEG", threads=1
            )
        return _upright(picture, small)


def reduced(width: int, height: int, longest: int) -> tuple[int, int]:
    """Width and height of a picture reduced, with its shape kept, so that neither is more than ``longest`` pixels."""
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _upright(picture: Any, converted: Any) -> Image:
    return np.ascontiguousarray(np.rot90(converted.to_ndarray(), turns(picture)))


def _wrapped(
    decoded: Generator[tuple[int, float, Any], None, str | None], converter: _Converter
) -> Generator[Frame, None, str | None]:
    """Each picture as a frame; passes on what the decoder returns."""
    with closing(decoded):
        while True:
            try:
                index, time_s, picture = next(decoded)
            except StopIteration as stop:
                reason: str | None = stop.value
                return reason
            yield DecodedFrame(index, time_s, picture, converter)


def _chosen(frames: Generator[Frame, None, None], wanted: IntArray | None) -> Generator[Frame, None, None]:
    """Only the wanted frames, up to the last of them."""
    if wanted is None:
        yield from frames
        return
    numbers = iter(wanted.tolist())
    target = next(numbers, None)
    with closing(frames):
        while target is not None and (frame := next(frames, None)) is not None:
            if frame.index == target:
                yield frame
                target = next(numbers, None)
