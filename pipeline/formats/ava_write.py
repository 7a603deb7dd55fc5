"""Behaviours in AVA's form: an animal's box and one thing it does, once a second.

::

    video,second,x1,y1,x2,y2,behaviour,animal      no header; boxes as shares of the picture; behaviours count from 1
    DJI_0068,12,0.077,0.151,0.283,0.811,3,1

and the list of behaviours, as AVA gives it (``.pbtxt``).
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.artifacts import whole, write_text
from pipeline.formats.safe_names import one_line

Row = tuple[str, int, float, float, float, float, int, int]


def write_ava(path: Path, rows: Iterable[Row]) -> None:
    """Write video, second, corners, number of the behaviour and animal of each row; a name's commas as in a URL."""
    with whole(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        for video, second, *corners, label, animal in rows:
            box = ",".join(f"{value:.3f}" for value in corners)
            file.write(f"{video.replace(',', '%2C')},{second},{box},{label},{animal}\n")


def write_labels(path: Path, names: Sequence[str]) -> None:
    """Write what the numbers mean."""
    items = (f'item {{\n  name: "{_quoted(name)}"\n  id: {number}\n}}\n' for number, name in enumerate(names, start=1))
    write_text(path, "".join(items))


def _quoted(name: str) -> str:
    return one_line(name).replace("\\", "\\\\").replace('"', '\\"')
