"""A CVAT task for labelling behaviours on mini-scenes, as kabr-tools and BaboonLand lay it out.

One label a species, with the attribute "Behavior" that may change from frame to frame; one track of points a
mini-scene. As CVAT itself does, every frame has its shape: kabr-tools takes frames without one for not labelled. Only
key frames bind, so that there is one wherever the behaviour changes.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pipeline.artifacts import whole
from pipeline.formats.cvat_write import head, plain, quoted

BEHAVIOUR = "Behavior"  # kabr-tools' templates name the attribute so
_DATED = (1980, 1, 1, 0, 0, 0)  # the same project gives the same bytes


def labels(species: Sequence[str], colours: Sequence[str], behaviours: Sequence[str]) -> list[dict[str, Any]]:
    """What is pasted into "Raw" of CVAT's constructor of labels; ``colours`` are ``#RRGGBB``, one a species."""
    attribute = {
        "name": BEHAVIOUR, "mutable": True, "input_type": "radio",
        "default_value": behaviours[0], "values": list(behaviours),
    }  # fmt: skip
    return [
        {"name": name, "color": colour.lower(), "attributes": [attribute]}
        for name, colour in zip(species, colours, strict=True)
    ]


def write_project(path: Path, name: str, of_labels: list[dict[str, Any]]) -> None:
    """A backup of an empty project with these labels: CVAT makes one by "Create from backup"."""
    project = {"name": name, "labels": of_labels, "bug_tracker": "", "status": "annotation", "version": "1.0"}
    with whole(path) as part, ZipFile(part, "w") as archive:
        member = ZipInfo("project.json", _DATED)
        member.compress_type = ZIP_DEFLATED
        archive.writestr(member, json.dumps(project, ensure_ascii=False))


def write_behaviours(
    path: Path, species: str, told: Sequence[str], behaviours: Sequence[str], size: tuple[int, int], video: str
) -> None:
    """Write what the animal of a mini-scene does, as CVAT for video 1.1.

    ``told`` has the behaviour of each frame of the mini-scene, empty where none is known: its track is outside there.
    ``behaviours`` are the attribute's values, ``size`` is width and height, ``video`` the name of its file.
    """
    with whole(path) as part, part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(head([species], size, len(told), video, _attribute(behaviours)))
        file.write(f'  <track id="0" label={quoted(species)} source="auto">\n')
        file.writelines(_shapes(told, f"{size[0] / 2:.2f},{size[1] / 2:.2f}"))
        file.write("  </track>\n</annotations>\n")


def _shapes(told: Sequence[str], middle: str) -> Iterator[str]:
    """A shape a frame; where nothing is known one that is outside, and no more until something is.

    ::

        told       ""  ""  Walk  Walk  Graze  ""  ""  Walk
        shapes             K     k     K      O       K        K key frame, k none, O outside="1"
    """
    before = ""
    for frame, behaviour in enumerate(told):
        if behaviour or before:
            outside, key = int(not behaviour), int(behaviour != before)
            yield (
                f'    <points frame="{frame}" outside="{outside}" occluded="0" keyframe="{key}" points="{middle}" '
                f'z_order="0"><attribute name="{BEHAVIOUR}">{plain(behaviour or before)}</attribute></points>\n'
            )
        before = behaviour


def _attribute(behaviours: Sequence[str]) -> str:
    """The attribute in the head; CVAT separates its values by line feeds."""
    values = plain("\n".join(behaviours))
    return (
        f"<attribute><name>{BEHAVIOUR}</name><mutable>True</mutable><input_type>radio</input_type>"
        f"<default_value>{plain(behaviours[0])}</default_value><values>{values}</values></attribute>"
    )
