"""What flows between the stages. What rests on disk is declared in ``tables.py``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.boxes import FloatArray, as_boxes
from pipeline.tables import BOX

Image = NDArray[np.uint8]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

Advance = Callable[[int], None]  # told by a pass how many more of its steps are done


@dataclass(frozen=True)
class Video:
    """One video of a run: where it is, and the key under which everything about it is kept."""

    key: str
    path: Path


@dataclass(frozen=True)
class VideoInfo:
    """What is known of a video without decoding it all. Size is as shown: rotation applied."""

    width: int
    height: int
    rate: Fraction | None  # average frames/s; None for a still
    announced: int | None  # frames the container promises; None where it does not say
    codec: str
    pixel_format: str
    rotation: int  # degrees the decoder's picture was turned by
    still: bool


class Frame(Protocol):
    """One decoded frame. Its pixels are converted when first asked for."""

    @property
    def index(self) -> int:
        """Number of the frame in decoding order of presentation, from 0."""

    @property
    def time_s(self) -> float:
        """Seconds since the first frame."""

    @property
    def image(self) -> Image:
        """RGB ``[height, width, 3]``, rotation applied."""

    def grey(self, width: int) -> Image:
        """Brightness ``[h, w]``, reduced with its shape kept so that the longer side is at most ``width`` pixels."""


Frames = Callable[[IntArray], Iterable[Frame]]  # the wanted frames (rising numbers) in order, some perhaps missing


@dataclass(frozen=True)
class Detections:
    """The animals found in one frame, one row each."""

    xyxy: FloatArray  # [n, 4] source pixels
    score: FloatArray  # [n] in [0, 1]
    species: NDArray[np.object_]  # [n] names
    share: FloatArray = field(default_factory=lambda: np.zeros(0))  # [n] share of the votes for that species
    given_id: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))  # [n] imported identity; -1: none

    def __post_init__(self) -> None:
        n = len(self.xyxy)
        if len(self.share) == 0:
            object.__setattr__(self, "share", np.ones(n))
        if len(self.given_id) == 0:
            object.__setattr__(self, "given_id", np.full(n, -1, dtype=np.int64))
        shapes = {name: getattr(self, name).shape for name in ("xyxy", "score", "species", "share", "given_id")}
        if shapes != {"xyxy": (n, 4)} | dict.fromkeys(["score", "species", "share", "given_id"], (n,)):
            raise ValueError(f"one row per animal: expected xyxy [n, 4] and the others [n], got {shapes}")

    def __len__(self) -> int:
        return len(self.xyxy)

    @classmethod
    def of(cls, xyxy: object, score: object, species: object) -> "Detections":
        """From lists; one species name serves all boxes."""
        boxes = as_boxes(xyxy)  # type: ignore[arg-type]
        names = np.empty(len(boxes), dtype=object)
        names[:] = species
        return cls(boxes, np.broadcast_to(np.asarray(score, dtype=np.float64), (len(boxes),)).copy(), names)

    @classmethod
    def of_table(cls, table: pd.DataFrame) -> "Detections":
        """From the rows of ``tables.DETECTIONS``, whatever their frames."""
        return cls(
            table[BOX].to_numpy(np.float64),
            table["score"].to_numpy(np.float64),
            table["species"].to_numpy(dtype=object),
            table["share"].to_numpy(np.float64),
            table["given_id"].to_numpy(np.int64),
        )

    @classmethod
    def none(cls) -> "Detections":
        """Nothing found."""
        return cls.of([], [], [])

    def __getitem__(self, rows: BoolArray | IntArray) -> "Detections":
        """The chosen rows."""
        names = ("xyxy", "score", "species", "share", "given_id")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


@dataclass(frozen=True)
class Window:
    """T frames of one animal that a recognizer sees at once.

    ``images`` is filled where the recognizer reads pixels: RGB crops ``[T, height, width, 3]``. ``boxes`` are source
    pixels; ``steady`` are the same boxes in the video's reference frame, with the camera's motion taken out.
    ``length_px`` is the animal's body length in the reference frame, estimated over its whole track. ``known`` in
    [0, 1] is the share of the samples to which the camera's motion was told; to the others none was assumed.
    ``species`` is the detector's word for the animal. ``ground`` is where it stands, and ``length_m`` its body length
    over its whole track, where the camera's poses are known.
    """

    track: int
    frames: IntArray  # [T] source frames; repeats where the tail policy filled
    times_s: FloatArray  # [T]
    boxes: FloatArray  # [T, 4]
    steady: FloatArray  # [T, 4]
    length_px: float
    start_frame: int
    stop_frame: int  # exclusive
    repeated: bool = False  # the clip ended before the window: its last frame was repeated
    images: Image | None = None
    known: float = 1.0
    species: str = ""
    ground: FloatArray | None = None  # [T, 2] m, as in tables.GROUND; NaN where the place is withheld
    length_m: float = float("nan")

    def moments(self, count: int) -> "list[Window]":
        """The window cut into ``count`` stretches of as many samples each, without images; itself where that is 1.

        They cover its frames from the first to the last: each begins half-way between its first sample and the one
        before.
        """
        if count == 1:
            return [self]
        size = len(self.frames) // count
        first = np.arange(0, size * count, size)
        between = (self.frames[first[1:] - 1] + self.frames[first[1:]] + 1) // 2
        edges = [self.start_frame, *between.tolist(), self.stop_frame]
        names = ["frames", "times_s", "boxes", "steady", *(["ground"] if self.ground is not None else [])]
        return [
            replace(
                self,
                images=None,
                start_frame=start,
                stop_frame=stop,
                **{name: getattr(self, name)[k : k + size] for name in names},
            )
            for k, start, stop in zip(first.tolist(), edges, edges[1:], strict=False)
        ]
