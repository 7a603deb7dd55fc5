"""CVAT for video 1.1: tracks of boxes in XML, plain or as ``annotations.xml`` in a zip; task and job exports alike.

Frame numbers are absolute source frames from 0, also where the task began later or took every n-th frame. A shape with
``outside="1"`` ends the animal's visibility and its geometry means nothing. Only key frames bind: where a file leaves
out the frames between them, the box moves evenly from one to the next. ``original_size`` is not read, because exports
whose boxes were scaled afterwards keep the old one (kabr-tools' own fixture does).
"""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError
from zipfile import BadZipFile, ZipFile
from zlib import error as ZlibError

import numpy as np
import pandas as pd
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from pipeline.errors import TableError
from pipeline.formats.labels import UNNAMED, Faults, finished, is_whole, numbers
from pipeline.formats.text import check_size
from pipeline.tables import BOX

SHAPES = {"box", "polygon", "polyline", "points", "ellipse", "mask", "skeleton", "cuboid"}
ATTRIBUTE = "attribute"
ENOUGH = 10_000_000  # boxes: an hour of ninety animals; two key frames far apart must not fill the memory

log = logging.getLogger(__name__)


def read_cvat(path: Path, first_frame: int = 0) -> pd.DataFrame:
    """Boxes of all tracks on every frame where the animal is visible; track ids as they are, labels as species.

    Polygons, polylines, points and ellipses give the box around them; masks, skeletons and cuboids are left out with a
    warning. ``TableError`` names every fault by track and frame.
    """
    raw = _shapes(path)
    ids, frames = raw["given_id"].tolist(), raw["frame"].tolist()
    faults = Faults(path, lambda row: f"track {ids[row]}, frame {frames[row]}")
    data = numbers(raw[["given_id", "frame", *BOX, "rotation"]], faults)
    data = data.assign(species=raw["species"], element=raw["element"], outside=raw["outside"] == "1")
    faults.mark(~is_whole(data["frame"], first_frame), f"frame must be a whole number from {first_frame}")
    faults.mark(data.duplicated(["element", "frame"]), "the track has two shapes in this frame")
    faults.stop()
    filled = _filled(_turned(data), path)
    numbered = filled[["given_id", "frame"]]
    faults = Faults(path, lambda row: "track {:g}, frame {:g}".format(*numbered.iloc[row]))
    return finished(filled, faults, first_frame)


def _shapes(path: Path) -> pd.DataFrame:
    """One row a shape as written: text, but for ``element``, the number of the <track> it stands in."""
    rows: list[tuple[object, ...]] = []
    skipped: Counter[str] = Counter()
    with opened(path) as file:
        for element, track, shape in tracked(file, path):
            corners = _corners(shape)
            if corners is None:
                skipped[shape.tag] += 1
                continue
            name = track.get("label") or UNNAMED
            head = (element, track.get("id", ""), name, shape.get("frame", ""), shape.get("outside", "0"))
            rows.append((*head, *corners, shape.get("rotation", "0")))
    if skipped:
        kinds = ", ".join(f"{count:,} of kind {kind}" for kind, count in sorted(skipped.items()))
        log.warning("%s: shapes that give no box are left out: %s", path, kinds)
    return pd.DataFrame(rows, columns=["element", "given_id", "species", "frame", "outside", *BOX, "rotation"])


def tracked(file: IO[bytes], path: Path) -> Iterator[tuple[int, Element, Element]]:
    """Number and element of each track, with each of its shapes; what lies in a shape is gone with the next."""
    above: list[Element] = []
    element, images = -1, 0
    for event, node in iterparse(file, events=("start", "end")):
        if event == "start":
            _check_root(above, node, path)
            element += node.tag == "track"
            images += node.tag == "image"
            above.append(node)
            continue
        above.pop()
        if node.tag in SHAPES and above and above[-1].tag == "track":
            yield element, above[-1], node
        if node.tag != ATTRIBUTE:  # it belongs to a shape that is not closed yet
            node.clear()
    if images and element < 0:
        raise TableError(f"{path}: this is CVAT for images; export the task as 'CVAT for video 1.1'")


def _check_root(above: list[Element], node: Element, path: Path) -> None:
    if not above and node.tag != "annotations":
        raise TableError(f"{path}: the outermost element is <{node.tag}>, CVAT writes <annotations>")


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The XML's bytes, out of the zip where it is one, with every way in which it can be broken as one line."""
    try:
        with path.open("rb") as file:
            zipped = file.read(4) == b"PK\x03\x04"
            file.seek(0)
            if zipped:
                with ZipFile(file) as archive:
                    check_size(path, archive.getinfo("annotations.xml").file_size)
                    with archive.open("annotations.xml") as inner:
                        yield inner
            else:
                check_size(path, path.stat().st_size)
                yield file
    except KeyError as error:
        raise TableError(f"{path}: no annotations.xml in the archive; export as 'CVAT for video 1.1'") from error
    except (BadZipFile, ZlibError, EOFError, RuntimeError) as error:
        raise TableError(f"{path}: a broken or locked archive: {error}") from error
    except DefusedXmlException as error:
        raise TableError(f"{path}: declares XML entities, which CVAT never does; refused") from error
    except (ParseError, UnicodeError, LookupError, ValueError) as error:
        raise TableError(f"{path}: not well-formed XML: {error}") from error
    except OSError as error:
        raise TableError(f"cannot read {path}: {error.strerror or error}") from error


def _corners(shape: Element) -> tuple[object, ...] | None:
    """Left, top, right and bottom of a shape; None for a kind that has no simple outline."""
    if shape.tag == "box":
        return tuple(shape.get(name, "") for name in ("xtl", "ytl", "xbr", "ybr"))
    try:
        if shape.tag == "ellipse":
            x, y, rx, ry = (float(shape.get(name, "")) for name in ("cx", "cy", "rx", "ry"))
            return x - rx, y - ry, x + rx, y + ry
        if shape.tag in ("polygon", "polyline", "points"):
            pairs = [pair.split(",") for pair in shape.get("points", "").split(";")]
            xy = np.array([[float(x), float(y)] for x, y in pairs])
            return (*xy.min(axis=0), *xy.max(axis=0))
    except ValueError:
        return ("",) * 4
    return None


def _turned(data: pd.DataFrame) -> pd.DataFrame:
    """A box that CVAT turned about its centre becomes the upright box around it."""
    angle = np.radians(data["rotation"])
    cos, sin = np.cos(angle).abs(), np.sin(angle).abs()
    width, height = data["x2"] - data["x1"], data["y2"] - data["y1"]
    wider = (width * cos + height * sin - width) / 2
    higher = (width * sin + height * cos - height) / 2
    moved = {"x1": data["x1"] - wider, "y1": data["y1"] - higher, "x2": data["x2"] + wider, "y2": data["y2"] + higher}
    return data.assign(**moved)


def _filled(data: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Boxes on every frame where the animal is visible.

    ::

        given        K . . K k O . K        K key frame, k given in between, O outside="1"
        visible      K i i K k     K        i: on the way from one box to the next; before an O the box stands still
    """
    data = data.sort_values(["element", "frame"], kind="stable").reset_index(drop=True)
    following = data.groupby("element")[["frame", *BOX]].shift(-1)
    outside_next = data["outside"].shift(-1, fill_value=False)
    steps = (following["frame"] - data["frame"]).fillna(1).where(~data["outside"], 0).astype("int64").to_numpy()
    if steps.sum() > ENOUGH:
        raise TableError(f"{path}: the key frames span {steps.sum():,} boxes, more than {ENOUGH:,}; check the frames")
    source = np.repeat(np.arange(len(data)), steps)
    since = np.arange(len(source)) - np.repeat(np.cumsum(steps) - steps, steps)
    moving = (following["frame"].notna() & ~outside_next).to_numpy()[source]
    share = np.where(moving, since / np.maximum(steps[source], 1), 0.0)[:, None]
    here, there = data[BOX].to_numpy()[source], following[BOX].to_numpy()[source]
    result = data.iloc[source].reset_index(drop=True)
    result[BOX] = here + share * np.where(moving[:, None], there - here, 0.0)
    return result.assign(frame=result["frame"] + since)
