"""Tiles to train a detector on: how they lie on disk, read with all faults at once, and what of them can be judged.

::

    <folder>/images.npy   uint8 [N, H, W, 3] RGB, read through a memory map
             images.csv   image, group                               one row an image; a group is one scene
             boxes.csv    image, x1, y1, x2, y2, species, visible    pixels, right and bottom exclusive; visible 0..1

A box that shows less than ``LEAST_VISIBLE``, or is shorter than ``LEAST_PX``, is an ignore region: to find it is
neither right nor wrong. Groups are held out as wholes, so that no tile is judged by its twin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.artifacts import whole
from pipeline.boxes import longer
from pipeline.errors import TableError, UsageError
from pipeline.tables import BOX
from pipeline.types import BoolArray, IntArray

IMAGES, IMAGE_ROWS, BOX_ROWS = "images.npy", "images.csv", "boxes.csv"
LEAST_VISIBLE = 0.3  # share of an animal that shows
LEAST_PX = 6.0  # longer side of a box
_COLUMNS = {IMAGE_ROWS: ["image", "group"], BOX_ROWS: ["image", *BOX, "species", "visible"]}


@dataclass(frozen=True)
class Tiles:
    """All tiles of a folder; ``rows`` are the boxes by image, ``label`` their species' numbers among ``species``."""

    images: NDArray[np.uint8]  # [N, H, W, 3] RGB
    group: NDArray[np.object_]  # [N]
    rows: pd.DataFrame  # boxes.csv, by image
    label: IntArray  # [n]
    start: IntArray  # [N + 1] boxes of image k are rows start[k] to start[k + 1]
    species: tuple[str, ...]

    def of(self, image: int) -> tuple[NDArray[np.float64], IntArray, BoolArray]:
        """Boxes ``[n, 4]``, species' numbers ``[n]`` of an image, and which of them count ``[n]``."""
        here = slice(self.start[image], self.start[image + 1])
        xyxy = self.rows[BOX].to_numpy(np.float64)[here]
        seen = self.rows["visible"].to_numpy(np.float64)[here] >= LEAST_VISIBLE
        return xyxy, self.label[here], np.asarray(seen & (longer(xyxy) >= LEAST_PX))


def write_tiles(folder: Path, images: NDArray[np.uint8], image_rows: pd.DataFrame, box_rows: pd.DataFrame) -> None:
    """Write a folder of tiles as ``read_tiles`` takes it."""
    with whole(folder / IMAGES) as part:
        np.save(part, images)
    for name, rows in ((IMAGE_ROWS, image_rows), (BOX_ROWS, box_rows)):
        with whole(folder / name) as part:
            rows[_COLUMNS[name]].to_csv(part, index=False, float_format="%.3f", lineterminator="\n")


def read_tiles(folder: Path, species: tuple[str, ...]) -> Tiles:
    """The tiles of a folder; ``TableError`` with all the faults of a file in one line."""
    images = _images(folder / IMAGES)
    n, height, width = images.shape[:3]
    of_images, boxes = _table(folder / IMAGE_ROWS), _table(folder / BOX_ROWS)
    if sorted(of_images["image"]) != list(range(n)):
        raise TableError(f"{folder / IMAGE_ROWS}: expected one row for each of the images 0 to {n - 1} of {IMAGES}")
    _check(folder / BOX_ROWS, boxes, n, width, height, species)
    boxes = boxes.sort_values("image", kind="stable").reset_index(drop=True)
    number = {name: k for k, name in enumerate(species)}
    label = np.array([number[name] for name in boxes["species"]], dtype=np.int64)
    start = np.asarray(np.searchsorted(boxes["image"], np.arange(n + 1)), dtype=np.int64)
    group = of_images.sort_values("image")["group"].astype(str).to_numpy(object)
    return Tiles(images, group, boxes, label, start, species)


def joined(parts: Sequence[Tiles]) -> Tiles:
    """The tiles of several folders as those of one; more than one of them are held in memory.

    ``UsageError`` where their sizes differ.
    """
    if len(parts) == 1:
        return parts[0]
    sizes = {part.images.shape[1:3] for part in parts}
    if len(sizes) > 1:
        told = " and ".join(f"{width} x {height}" for height, width in sorted(sizes))
        raise UsageError(f"tiles of {told} px cannot be taken together; render them at one size")
    before = np.cumsum([0, *(len(part.images) for part in parts)])
    rows = [part.rows.assign(image=part.rows["image"] + int(n)) for part, n in zip(parts, before[:-1], strict=True)]
    return Tiles(
        np.concatenate([part.images for part in parts]),
        np.concatenate([part.group for part in parts]),
        pd.concat(rows, ignore_index=True),
        np.concatenate([part.label for part in parts]),
        np.cumsum([0, *np.concatenate([np.diff(part.start) for part in parts])], dtype=np.int64),
        parts[0].species,
    )


def _images(path: Path) -> NDArray[np.uint8]:
    try:
        images = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise TableError(f"cannot read {path}: {error}") from error
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[3] != 3 or not len(images):
        raise TableError(f"{path}: expected uint8 [N, H, W, 3] of one image or more, got {images.dtype} {images.shape}")
    return np.asarray(images)


def _table(path: Path) -> pd.DataFrame:
    try:
        rows = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise TableError(f"cannot read {path}: {error}") from error
    if missing := [name for name in _COLUMNS[path.name] if name not in rows]:
        raise TableError(f"{path}: missing columns {', '.join(missing)}")
    return rows


def _check(path: Path, boxes: pd.DataFrame, n: int, width: int, height: int, species: tuple[str, ...]) -> None:
    """Refuse boxes that cannot be; a line of the file is counted from 2, after its header."""
    inside = (boxes["x1"] >= 0) & (boxes["y1"] >= 0) & (boxes["x2"] <= width) & (boxes["y2"] <= height)
    rules = {
        f"with an image not in 0..{n - 1}": boxes["image"].isin(range(n)),
        "with x2 <= x1 or y2 <= y1": (boxes["x2"] > boxes["x1"]) & (boxes["y2"] > boxes["y1"]),
        f"beyond the image of {width} x {height} px": inside,
        f"of a species other than {', '.join(species)}": boxes["species"].isin(species),
        "with visible not in 0..1": boxes["visible"].between(0, 1),
    }
    wrong = [(rule, np.flatnonzero(~kept.to_numpy())) for rule, kept in rules.items()]
    if faults := [f"{len(rows)} rows {rule} (first: line {rows[0] + 2})" for rule, rows in wrong if len(rows)]:
        raise TableError(f"{path}: {'; '.join(faults)}")


def parted(group: NDArray[np.object_], held_out: float, seed: int) -> tuple[IntArray, IntArray]:
    """Numbers of the images to train on and of those held out: about ``held_out`` of the groups, chosen by ``seed``.

    Each is chosen by its name alone, so where more are added, those held out stay so: a model that goes on is not
    judged by what it has learned from before.
    """
    lots = {name: _lot(f"{seed} {name}") for name in set(group)}
    if len(lots) < 2:
        raise UsageError("all tiles are of one group, so none can be held out; render more scenes, each its own group")
    first, *_, last = sorted(lots, key=lots.__getitem__)
    out = np.array([name == first or (lots[name] < held_out and name != last) for name in group])
    return np.flatnonzero(~out).astype(np.int64), np.flatnonzero(out).astype(np.int64)


def _lot(words: str) -> float:
    """A number in [0, 1) that looks drawn by chance, of these words always the same."""
    return int.from_bytes(blake2b(words.encode(), digest_size=6).digest()) / 2**48
