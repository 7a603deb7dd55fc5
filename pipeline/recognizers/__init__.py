"""Recognizers: windows of one animal in, probabilities over a named ethogram out."""

from collections.abc import Sequence
from typing import Protocol

from pipeline.boxes import FloatArray
from pipeline.recognizers.card import Card
from pipeline.types import Video, Window


class Recognizer(Protocol):
    """Scores windows of any animals of a video together, ``batch`` at a time."""

    card: Card
    batch: int
    reads_pixels: bool  # True: ``Window.images`` is filled

    def begin(self, video: Video) -> None:
        """Called once per video, before its windows."""

    def score(self, windows: Sequence[Window]) -> FloatArray:
        """Probabilities ``[len(windows) * M, K + S]`` of ``card.behaviours`` in their order, then of ``card.species``.

        M is ``card.moments``: a row for each moment of the first window, then of the second, as ``Window.moments``.
        """
