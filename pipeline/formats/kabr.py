"""The mini-scene directory of kabr-tools 3.0.0: what stands beside the videos in it."""

import colorsys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.artifacts import write_json
from pipeline.formats.cvat_write import write_cvat

_GOLDEN = 0.618034  # step of the hue that keeps neighbouring numbers apart


def scene_folder(video: Path) -> str:
    """Name of a video's directory: its two parents and its stem, ``<p-3>_<p-2>_<stem>``."""
    return "_".join([part for part in video.parts[-3:-1] if part != video.anchor] + [video.stem])


def write_kabr(
    folder: Path,
    video: Path,
    scenes: pd.DataFrame,
    names: Sequence[str],
    size: tuple[int, int],
    frames: int,
    stem: str = "",
) -> list[Path]:
    """Write ``metadata/`` of a directory and make its empty ``actions/``; the files written.

    ``scenes`` is what ``miniscenes.mini_scenes`` gives, ``names`` the mini-scene of each of its rows (``3``, ``3.2``),
    ``size`` width and height and ``frames`` the number of frames of the video. In ``tracks`` each list says, for every
    frame of the video, which frame of the mini-scene shows it, -1 where none does; ``main`` is the whole video.
    ``stem`` begins the files' names instead of the video's. Unlike kabr-tools itself a track that pauses has several
    mini-scenes, none of them spliced.
    """
    labelled = scenes.assign(scene=list(names))
    main, tracks, colours = [-1] * frames, {}, {}
    for number, (name, rows) in enumerate(labelled.groupby("scene", sort=False)):
        shown = [-1] * frames
        for k, frame in enumerate(rows["frame"].tolist()):
            shown[frame] = k
            main[frame] = frame
        tracks[str(name)] = shown
        red, green, blue = colorsys.hsv_to_rgb(number * _GOLDEN % 1, 0.7, 0.8)
        colours[str(name)] = [round(255 * value) for value in (blue, green, red)]
    metadata = folder / "metadata" / f"{stem or video.stem}_metadata.json"
    boxes = folder / "metadata" / f"{stem or video.stem}_tracks.xml"
    write_json(metadata, {"original": str(video), "tracks": {"main": main, **tracks}, "colors": colours})
    write_cvat(boxes, scenes, size, frames, video.name)
    (folder / "actions").mkdir(parents=True, exist_ok=True)
    return [metadata, boxes]
