"""Many short clips in a few arrays, for training that does not wait for a decoder.

``clips-000.npy``, ``clips-001.npy`` ... hold ``uint8 [N, T, H, W, 3]`` (RGB, mapped into memory when read) and
``clips.csv`` names the behaviour, species and group of each clip (``labels.py``). ``clips-000.landmarks.npy``
(``float32 [N, T, 8, 2]``, pixels), where it is there, says where parts of the animal are (``landmarks.py``), and
``clips-000.behaviours.npy`` (``str [N, T]``) what it does in each frame, for networks that answer for moments. Keep
more frames than a window needs, closer together: 24 frames at 0.8 of the window's interval let training vary the frame
rate from 0.8 to about 1.2.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.artifacts import whole, write_text
from pipeline.boxes import FloatArray
from pipeline.training.labels import LANDMARKS, MOMENTS, NAME
from pipeline.types import Image

_HEADER = ("path", "behaviour", "species", "group", "start_s", "stop_s", "row", "interval_s")


@dataclass
class ClipWriter:
    """Writes clips of one shape, ``shard_clips`` a file; used in a ``with`` block.

    ``clips.csv`` appears when the block ends well, and names whole files only. The same clips give the same bytes.
    ``interval_s`` is the time from one frame of a clip to the next.
    """

    folder: Path
    interval_s: float
    shard_clips: int = 512
    _rows: list[tuple[str, ...]] = field(init=False, repr=False, default_factory=list)
    _held: list[Image] = field(init=False, repr=False, default_factory=list)
    _beside: dict[str, list[NDArray[Any]]] = field(init=False, repr=False, default_factory=dict)
    _shape: tuple[int, ...] = field(init=False, repr=False, default=())
    _files: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        if not self.interval_s > 0:
            raise ValueError(f"interval_s must be > 0, got {self.interval_s}")
        if self.shard_clips < 1:
            raise ValueError(f"shard_clips must be >= 1, got {self.shard_clips}")

    def __enter__(self) -> "ClipWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._flush()
            text = StringIO()
            csv.writer(text, lineterminator="\n").writerows([_HEADER, *self._rows])
            write_text(self.folder / NAME, text.getvalue())

    def add(
        self,
        images: Image,
        behaviour: str,
        species: str,
        group: str,
        landmarks: FloatArray | None = None,
        moments: Sequence[str] | None = None,
    ) -> None:
        """One clip, RGB ``[T, H, W, 3]``, perhaps with landmarks ``[T, P, 2]`` in its pixels, and with what is done in
        each of its frames [T] (all clips or none).

        ``ValueError`` where its shape or type is not that of the first.
        """
        self._shape = self._shape or images.shape
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3 or images.shape != self._shape:
            raise ValueError(f"clips must be uint8 {list(self._shape)}, got {images.dtype} {list(images.shape)}")
        row = (self._file(), behaviour, species, group, "", "", str(len(self._held)), f"{self.interval_s:.6f}")
        self._rows.append(row)
        self._held.append(images.copy())
        if landmarks is not None:
            self._beside.setdefault(LANDMARKS, []).append(landmarks.astype(np.float32))
        if moments is not None:
            self._beside.setdefault(MOMENTS, []).append(np.array(moments, dtype=np.str_))
        if len(self._held) == self.shard_clips:
            self._flush()

    def _file(self) -> str:
        return f"clips-{self._files:03d}.npy"

    def _flush(self) -> None:
        if self._held:
            with whole(self.folder / self._file()) as part, part.open("wb") as file:
                np.lib.format.write_array_header_1_0(
                    file, {"descr": "|u1", "fortran_order": False, "shape": (len(self._held), *self._shape)}
                )
                for clip in self._held:
                    file.write(np.ascontiguousarray(clip).tobytes())
            for suffix, values in self._beside.items():
                with whole((self.folder / self._file()).with_suffix(suffix)) as part, part.open("wb") as file:
                    np.save(file, np.stack(values))
            self._files, self._held, self._beside = self._files + 1, [], {}
