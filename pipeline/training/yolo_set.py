"""A data set that ultralytics trains on, from labelled recordings: tiles as JPEG, boxes as text, true class names.

::

    <folder>/dataset.yaml                                  the species by number, and the two sides
             images/train/*.jpg  labels/train/*.txt        to learn from: class cx cy w h, shares of the picture
             images/val/*.jpg    labels/val/*.txt          held out: of other recordings
             pictures.csv  boxes.csv                       what was made of what; boxes that were left out, and why
             counts.csv                                    boxes and hard cases of each side and species

The pictures are the tiles of a pyramid (``pyramid.py``).
"""

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import yaml

from pipeline.artifacts import storage, write_text
from pipeline.boxes import area
from pipeline.chain.progress import Meter, Progress
from pipeline.errors import UsageError
from pipeline.tables import BOX
from pipeline.training.alike import picture_hash, twins
from pipeline.training.pyramid import Pyramid
from pipeline.training.recordings import Labelled
from pipeline.types import BoolArray, Image

DATASET, PICTURES, BOXES, COUNTS = "dataset.yaml", "pictures.csv", "boxes.csv", "counts.csv"
LEARNT, HELD = "train", "val"  # ultralytics' words for the two sides
SMALL_PX = 32.0  # root of a box's area: COCO's bound of small objects (Lin et al. 2014)
_QUALITY = 95  # of the JPEGs
_SHOWN = 3


@dataclass(frozen=True)
class YoloSet:
    """A data set on disk, and its tables: a row a picture, a row a box, a row a side and species."""

    folder: Path
    species: tuple[str, ...]
    pictures: pd.DataFrame  # picture, part, recording, source
    boxes: pd.DataFrame  # picture, part, species, x1 y1 x2 y2, visible, crowded, left_out (cut, small or empty: kept)
    counts: pd.DataFrame

    def images(self, part: str) -> list[Path]:
        """The pictures of a side."""
        names = self.pictures["picture"][self.pictures["part"] == part]
        return [self.folder / "images" / part / name for name in names]


def made(
    folder: Path,
    found: Sequence[Labelled],
    held: Collection[str],
    species: tuple[str, ...],
    pyramid: Pyramid,
    check_leaks: bool,
    progress: Progress,
) -> YoloSet:
    """Make the data set in ``folder``, or read it where it is there; recordings in ``held`` are its held-out side.

    ``UsageError`` where a held-out picture is nearly the same as one that is learnt from, or a side has no box.
    """
    if not (folder / DATASET).is_file():
        part = folder.with_name(f".part-{folder.name}")
        with storage(folder):
            shutil.rmtree(part, ignore_errors=True)
            for kind, side in product(("images", "labels"), (LEARNT, HELD)):
                (part / kind / side).mkdir(parents=True)
            with progress.stage(f"making pictures of {len(found)} labelled films and sets", "pictures") as meter:
                pictures, boxes = _make(part, found, held, species, pyramid, check_leaks, meter)
            _write_tables(part, pictures, boxes, species)
            part.rename(folder)
    tables = (pd.read_csv(folder / name, keep_default_na=False) for name in (PICTURES, BOXES, COUNTS))
    return YoloSet(folder, species, *tables)


def _make(
    folder: Path,
    found: Sequence[Labelled],
    held: Collection[str],
    species: tuple[str, ...],
    pyramid: Pyramid,
    check_leaks: bool,
    meter: Meter,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write all pictures and their text files; the tables of pictures and of boxes."""
    pictures, boxes = list[dict[str, object]](), list[pd.DataFrame]()
    hashes: dict[str, dict[str, BoolArray]] = {LEARNT: {}, HELD: {}}
    for number, one in enumerate(found):
        part = HELD if one.recording in held else LEARNT
        of_frame = dict(list(one.boxes.groupby("frame")))
        for frame, image in one.pictures(pyramid.settings.every_s):
            source = f"{one.paths[0]} frame {frame}" if one.film else str(one.paths[frame])
            hashes[part][source] = picture_hash(image)
            for place, pixels, told in pyramid.tiles(image, of_frame.get(frame, one.boxes[:0]), (number, frame)):
                name = f"{number:03d}_{frame:06d}_{place}.jpg"
                _write(folder, part, name, pixels, told[told["left_out"] == ""], species)
                pictures.append({"picture": name, "part": part, "recording": one.recording, "source": source})
                boxes.append(told.assign(picture=name, part=part))
            meter.advance(1)
    told = pd.concat(boxes, ignore_index=True) if boxes else pd.DataFrame(columns=["part", "species", "left_out"])
    _check_enough(told[told["left_out"] == ""], species)
    if check_leaks:
        _check_leaks(hashes[LEARNT], hashes[HELD])
    return pd.DataFrame(pictures), told


def _check_enough(kept: pd.DataFrame, species: tuple[str, ...]) -> None:
    """A box of every species to learn from, and one of any to judge by."""
    lost = [name for name in species if name not in set(kept["species"][kept["part"] == LEARNT])]
    faults = [f"to learn {', '.join(lost)} from"] * bool(lost) + ["to judge by"] * (HELD not in set(kept["part"]))
    if faults:
        raise UsageError(
            f"no box is left {' and '.join(faults)}: all are cut too much or under pictures.least_px in the scaled "
            "tiles; raise fit.image_px, or make pictures.grids finer"
        )


def _write(folder: Path, part: str, name: str, pixels: Image, boxes: pd.DataFrame, species: tuple[str, ...]) -> None:
    """One picture and its text file."""
    height, width = pixels.shape[:2]
    encoded = cv2.imencode(".jpg", pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    (folder / "images" / part / name).write_bytes(encoded.tobytes())
    shares = boxes[BOX].to_numpy(np.float64) / [width, height, width, height]
    kinds = [species.index(kind) for kind in boxes["species"]]
    lines = [
        f"{kind} {(x1 + x2) / 2:.6f} {(y1 + y2) / 2:.6f} {x2 - x1:.6f} {y2 - y1:.6f}\n"
        for kind, (x1, y1, x2, y2) in zip(kinds, shares.tolist(), strict=True)
    ]
    (folder / "labels" / part / Path(name).with_suffix(".txt")).write_text("".join(lines), encoding="utf-8")


def _write_tables(folder: Path, pictures: pd.DataFrame, boxes: pd.DataFrame, species: tuple[str, ...]) -> None:
    """The tables, and last the file that makes it a data set."""
    counts = _counts(pictures, boxes, species)
    for name, table in ((PICTURES, pictures), (BOXES, boxes), (COUNTS, counts)):
        table.to_csv(folder / name, index=False, lineterminator="\n", float_format="%.6g")
    told = {LEARNT: f"images/{LEARNT}", HELD: f"images/{HELD}", "names": dict(enumerate(species))}
    write_text(folder / DATASET, yaml.safe_dump(told, sort_keys=False, allow_unicode=True))


def _counts(pictures: pd.DataFrame, boxes: pd.DataFrame, species: tuple[str, ...]) -> pd.DataFrame:
    """Boxes and hard cases of each side and species."""
    side = np.sqrt(area(boxes[BOX].to_numpy(np.float64)))
    kept = boxes["left_out"] == ""
    cases = boxes[["part", "species"]].assign(
        boxes=kept,
        small=kept & (side < SMALL_PX),
        crowded=kept & boxes["crowded"],
        cut=kept & (boxes["visible"] < 1 - 1e-6),
        left_out_cut=boxes["left_out"] == "cut",
        left_out_small=boxes["left_out"] == "small",
    )
    rows = pd.MultiIndex.from_product([[LEARNT, HELD], species], names=["part", "species"])
    counts = cases.groupby(["part", "species"]).sum().reindex(rows, fill_value=0).astype("int64").reset_index()
    sides = pictures.groupby("part")
    for name, of_side in (("recordings", sides["recording"].nunique()), ("pictures", sides.size())):
        counts.insert(2, name, counts["part"].map(of_side))
    return counts


def _check_leaks(learnt: dict[str, BoolArray], held: dict[str, BoolArray]) -> None:
    ours, theirs = (list(pictures) for pictures in (learnt, held))
    pairs = twins(np.stack(list(held.values())), np.stack(list(learnt.values())))
    alike = [f"{ours[other]} and {theirs[mine]}" for mine, other in islice(pairs.items(), _SHOWN)]
    if alike:
        raise UsageError(
            f"pictures to learn from are nearly the same as held-out ones: {'; '.join(alike)}; put films of one "
            "recording into one folder and set recording=folder, or set check_leaks=false where that is meant so"
        )
