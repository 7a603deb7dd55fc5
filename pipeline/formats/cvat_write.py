"""Tracks as CVAT for video 1.1, to be corrected by hand there."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pandas as pd

from pipeline.artifacts import whole
from pipeline.tables import BOX

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


def write_cvat(path: Path, tracks: pd.DataFrame, size: tuple[int, int], frames: int, source: str) -> None:
    """Write ``tracks`` (``tables.TRACKS``) of a video of ``size`` (width, height) with ``frames`` frames.

    Interpolated boxes are ``keyframe="0"``: CVAT drops them and interpolates between those it keeps. Where a track
    pauses or ends before the video does, an ``outside="1"`` shape says so. A column ``occluded`` (bool), where there is
    one, is CVAT's attribute. A track has one label: its first row's species. ``source`` is the name of the video file.
    """
    tracks = tracks if "occluded" in tracks else tracks.assign(occluded=False)
    with whole(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(head(sorted(set(tracks["species"])), size, frames, source))
        for number, rows in tracks.sort_values(["track", "frame"], kind="stable").groupby("track"):
            file.write(f'  <track id="{number}" label={quoted(str(rows["species"].iloc[0]))} source="auto">\n')
            file.writelines(_boxes(rows, frames))
            file.write("  </track>\n")
        file.write("</annotations>\n")


def _boxes(rows: pd.DataFrame, frames: int) -> Iterator[str]:
    """Each box, and the shape that ends it where the next frame has none."""
    numbers = rows["frame"].tolist()
    before, after = [-2, *numbers[:-1]], [*numbers[1:], frames]
    told = rows[["observed", "occluded"]].to_numpy().tolist()
    corners = rows[BOX].to_numpy().tolist()
    for frame, last, following, (observed, occluded), box in zip(numbers, before, after, told, corners, strict=True):
        key = observed or last != frame - 1  # what CVAT interpolates has to begin at a key frame
        yield _box(box, frame, outside=0, occluded=int(occluded), key=int(key))
        if following > frame + 1:
            yield _box(box, frame + 1, outside=1, occluded=0, key=1)


def _box(corners: list[float], frame: int, outside: int, occluded: int, key: int) -> str:
    names = ("xtl", "ytl", "xbr", "ybr")
    where = " ".join(f'{name}="{value:.2f}"' for name, value in zip(names, corners, strict=True))
    state = f'outside="{outside}" occluded="{occluded}" keyframe="{key}"'
    return f'    <box frame="{frame}" {state} {where} z_order="0"/>\n'


def head(labels: Sequence[str], size: tuple[int, int], frames: int, source: str, attribute: str = "") -> str:
    """What kabr-tools and CVAT ask for before the tracks. ``attribute`` is the XML of one that every label has."""
    attributes = f"<attributes>{attribute}</attributes>" if attribute else "<attributes/>"
    named = "".join(f"<label><name>{plain(name)}</name>{attributes}</label>" for name in labels)
    return f"""<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <name>{plain(source)}</name>
      <size>{frames}</size>
      <mode>interpolation</mode>
      <start_frame>0</start_frame>
      <stop_frame>{max(frames - 1, 0)}</stop_frame>
      <labels>{named}</labels>
      <original_size><width>{size[0]}</width><height>{size[1]}</height></original_size>
      <source>{plain(source)}</source>
    </task>
  </meta>
"""


def plain(text: str) -> str:
    """Text as it stands between tags."""
    return escape(_ILLEGAL.sub("\ufffd", text))


def quoted(text: str) -> str:
    """Text as an attribute's value, with its quotes."""
    return quoteattr(_ILLEGAL.sub("\ufffd", text))
