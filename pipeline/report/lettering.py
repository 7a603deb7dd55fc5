"""Text on video frames: labels in any alphabet of DejaVu Sans, drawn once and kept, and where they go."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from pipeline.boxes import FloatArray, area, intersection
from pipeline.report.colours import ink
from pipeline.types import Image

_KEPT = 4096  # labels in memory; at 100 x 20 px they take 25 MB


class Lettering:
    """Draws labels at one size: filled boxes with text in black or white, whichever is easier to read."""

    def __init__(self, size_px: int) -> None:
        import matplotlib
        from PIL import ImageFont

        fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        self._font = ImageFont.truetype(str(fonts / "DejaVuSans-Bold.ttf"), size_px)
        self._pad = max(2, size_px // 5)
        self.label = lru_cache(_KEPT)(self.drawn)  # the same, kept

    def drawn(self, text: str, colour: str) -> Image:
        """RGB ``[h, w, 3]`` of a label on the colour ``#rrggbb``."""
        from PIL import Image as Picture
        from PIL import ImageDraw

        above, below = self._font.getmetrics()
        size = (round(self._font.getlength(text)) + 2 * self._pad, above + below + self._pad)
        picture = Picture.new("RGB", size, colour)
        ImageDraw.Draw(picture).text((self._pad, self._pad // 2), text, fill=ink(colour), font=self._font)
        return np.asarray(picture)


def paste(image: Image, label: Image, x: int, y: int) -> None:
    """Put a label with its upper left corner at (x, y); what would be outside is cut off."""
    height, width = image.shape[:2]
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + label.shape[1], width), min(y + label.shape[0], height)
    if right > left and bottom > top:
        image[top:bottom, left:right] = label[top - y : bottom - y, left - x : right - x]


class Placement:
    """Where each track's label goes: beside its box, in the frame, over no other label where that can be had.

    ::

        0 [label] 1 [label]      above, from the left or to the right edge
        +-----------------+
        | 4               | 6    inside at the top; right of the box
      7 | 5               |      inside at the bottom; left of the box
        +-----------------+
        2 [label] 3 [label]      below

    A track keeps the place it had in the frame before as long as that is free, so that labels do not jump.
    """

    def __init__(self, width: int, height: int) -> None:
        self._frame = np.array([[0.0, 0.0, width, height]])
        self._last: dict[int, int] = {}
        self._taken = np.zeros((0, 4))

    def begin(self) -> None:
        """A new frame: every place is free again."""
        self._taken = np.zeros((0, 4))

    def of(self, track: int, box: FloatArray, width: int, height: int) -> tuple[int, int]:
        """Upper left corner of a label of that size for the ``box`` [4], in pixels."""
        places = self._places(box, width, height)
        covered = intersection(places, self._taken).sum(axis=1)
        lost = area(places) - intersection(places, self._frame)[:, 0]
        order = np.arange(len(places)) + 1.0
        order[self._last.get(track, 0)] = 0.0
        best = int(np.lexsort((order, np.round(covered + lost)))[0])
        self._last[track] = best
        self._taken = np.vstack([self._taken, places[best]])
        return int(places[best, 0]), int(places[best, 1])

    def _places(self, box: FloatArray, width: int, height: int) -> FloatArray:
        """The eight places ``[8, 4]``, moved sideways or down into the frame where they are partly outside."""
        x1, y1, x2, y2 = np.round(box)
        corners = np.array(
            [
                (x1, y1 - height), (x2 - width, y1 - height), (x1, y2), (x2 - width, y2),
                (x1, y1), (x1, y2 - height), (x2, y1), (x1 - width, y1),
            ]
        )  # fmt: skip
        corners[:6, 0] = np.clip(corners[:6, 0], 0, max(self._frame[0, 2] - width, 0))
        corners[4:, 1] = np.clip(corners[4:, 1], 0, max(self._frame[0, 3] - height, 0))
        return np.hstack([corners, corners + np.array([width, height])])
