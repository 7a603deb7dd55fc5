"""A video that is kept as a folder of pictures, numbered at the end of their names: ``17.jpg``, ``000017.jpg``."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import VideoError
from pipeline.types import Image, IntArray
from pipeline.video.probe import read_still
from pipeline.video.source import is_still

_NUMBER = re.compile(r"(\d+)$")


@dataclass(frozen=True)
class ImageFolder:
    """The pictures of a folder in order of their numbers ``[n >= 1]``, which rise; a missing one is a gap in time."""

    path: Path
    numbers: IntArray
    names: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> "ImageFolder":
        """The pictures in ``path``; ``VideoError`` where there is none, or one whose number is missing or taken."""
        try:
            found = [entry for entry in path.iterdir() if is_still(entry) and not entry.name.startswith(".")]
        except OSError as error:
            raise VideoError(f"cannot read the folder {path}: {error.strerror}") from error
        if not found:
            raise VideoError(f"{path}: no pictures in it")
        named: dict[int, str] = {}
        for entry in sorted(found):
            number = _NUMBER.search(entry.stem)
            if number is None or int(number[1]) in named:
                fault = "has no number at its end" if number is None else f"has the number of {named[int(number[1])]}"
                raise VideoError(f"{path}: {entry.name} {fault}, so its place in time is not known")
            named[int(number[1])] = entry.name
        numbers = sorted(named)
        return cls(path, np.array(numbers, dtype=np.int64), tuple(named[number] for number in numbers))

    def images(self, places: IntArray) -> Image:
        """RGB ``[n, H, W, 3]`` of the pictures at these places in their order; ``VideoError`` where sizes differ."""
        read = [read_still(self.path / self.names[place]) for place in places.tolist()]
        if len({image.shape for image in read}) > 1:
            raise VideoError(f"{self.path}: its pictures are not all of one size")
        return np.stack(read)
