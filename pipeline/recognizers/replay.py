"""Scores from a file: behaviours coded by hand per frame, or the output of another model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.formats.match import rows_of
from pipeline.formats.scores import read_scores, score_columns
from pipeline.recognizers.card import Card, Clip
from pipeline.tables import SCORE_PREFIX
from pipeline.types import IntArray, Video, Window


@dataclass(frozen=True)
class _Rows:
    """The scored stretches of one track, in order of their start."""

    start: IntArray  # [n]
    stop: IntArray  # [n], exclusive
    scores: FloatArray  # [n, K]

    def over(self, start: int, stop: int) -> FloatArray:
        """Scores ``[K]`` of the frames [start, stop): of the row for exactly these, else the mean of all rows that
        share frames with them, each weighted by how many; zeros where there is none.
        """
        near = slice(int(np.searchsorted(self._over_by, start, "right")), int(np.searchsorted(self.start, stop)))
        begin, end = self.start[near], self.stop[near]
        exact = (begin == start) & (end == stop)
        weight = exact if exact.any() else np.clip(np.minimum(end, stop) - np.maximum(begin, start), 0, None)
        mean: FloatArray = weight @ self.scores[near] / max(weight.sum(), 1)
        return mean

    @cached_property
    def _over_by(self) -> IntArray:
        """The frame by which a row and all before it are over [n]: it rises."""
        over: IntArray = np.maximum.accumulate(self.stop)
        return over


@dataclass
class ReplayRecognizer:
    """Looks up what a file says of the frames of each window.

    ``path`` is a table of scores or kabr-tools' labels per frame (``formats/scores.py``), or a folder of such files.
    With ``frames=1`` labels per frame come back as they are: such windows lie on every frame.
    """

    path: str
    behaviours: list[str]
    frames: int
    interval_s: float
    batch: int
    reads_pixels: bool = field(init=False, default=False)
    card: Card = field(init=False, repr=False)
    _table: pd.DataFrame = field(init=False, repr=False)
    _tracks: dict[int, _Rows] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        path = Path(self.path).expanduser()
        if not path.exists():
            raise UsageError(f"no such scores: {self.path}; recognizer.path is a table of scores or a folder of them")
        if len(set(self.behaviours)) < len(self.behaviours):
            raise ValueError(f"behaviours must differ from each other, got {', '.join(self.behaviours)}")
        if self.frames < 1:
            raise ValueError(f"frames must be >= 1, got {self.frames}")
        if self.interval_s < 0:
            raise ValueError(f"interval_s must be >= 0, got {self.interval_s}")
        if self.batch < 1:
            raise ValueError(f"batch must be >= 1, got {self.batch}")
        self._table = read_scores(path, self.behaviours)
        names = tuple(name.removeprefix(SCORE_PREFIX) for name in score_columns(self._table))
        self.card = Card(path.name, names, Clip(self.frames, self.interval_s), source=str(self.path))

    def begin(self, video: Video) -> None:
        """Choose the rows of a video; ``TableError`` where the file speaks of other videos only."""
        rows = rows_of(self._table, video, self.path).sort_values(["track", "start_frame"], kind="stable")
        columns = [SCORE_PREFIX + name for name in self.card.behaviours]
        self._tracks = {
            track: _Rows(part["start_frame"].to_numpy(), part["stop_frame"].to_numpy(), part[columns].to_numpy())
            for track in rows["track"].unique().tolist()
            for part in [rows[rows["track"] == track]]
        }

    def score(self, windows: Sequence[Window]) -> FloatArray:
        """Probabilities ``[len(windows), K]``; a row of zeros where the file is silent."""
        scores = np.zeros((len(windows), len(self.card.behaviours)))
        for k, window in enumerate(windows):
            if window.track in self._tracks:
                scores[k] = self._tracks[window.track].over(window.start_frame, window.stop_frame)
        return scores
