"""Writing mini-scenes as videos: one file per unbroken stretch of a track, with the true times of its frames."""

import heapq
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.crops import cut
from pipeline.formats.kabr import scene_folder, write_kabr
from pipeline.miniscenes import CROP, Layout, MiniSceneSettings
from pipeline.types import Advance, Frames, Image
from pipeline.video.encode import VideoWriter
from pipeline.video.frames import Footage

MOST_OPEN = 32  # encoders at once, 15 MB each; more animals in sight at once cost a further decode
KEYFRAME = 24  # frames: training and people who label jump about in mini-scenes; the files are 7 % larger for it

Mark = Callable[[Image, int], Image]  # draws on the picture of a row of the table


def write_scenes(
    footage: Footage, scenes: pd.DataFrame, settings: MiniSceneSettings, folder: Path, decoded: int, advance: Advance
) -> list[Path]:
    """Write every mini-scene as H.264 into ``folder``; the files written, mini-scenes in order of track and time.

    ``scenes`` is what ``miniscenes.mini_scenes`` gives, ``decoded`` the number of frames of the video. A track's first
    unbroken stretch is ``<track>.mp4``, the next ``<track>.2.mp4`` and so on: nothing is spliced over a gap. Each file
    begins at time 0 and keeps the footage's time steps. The layout ``kabr_tools`` puts them into the directory that
    kabr-tools would make of the video, with its metadata. The footage is decoded once where no more than ``MOST_OPEN``
    animals are in sight at once. Where it breaks off, files end there. ``advance`` is told of every frame.
    """
    as_kabr = settings.layout is Layout.kabr_tools
    folder = folder / scene_folder(footage.video.path) if as_kabr else folder
    paths = cut_scenes(footage.frames, scenes, settings, folder, advance)
    if as_kabr:
        names = [file_name(*key) for key in zip(scenes["track"].tolist(), scenes["segment"].tolist(), strict=True)]
        size = (footage.info.width, footage.info.height)
        paths += write_kabr(folder, footage.video.path, scenes, names, size, decoded)
    return paths


def file_name(track: int, segment: int) -> str:
    """Name of the mini-scene without its ending: ``3`` for the first unbroken stretch of track 3, then ``3.2``."""
    return f"{track}" if segment == 1 else f"{track}.{segment}"


def cut_scenes(
    frames: Frames,
    scenes: pd.DataFrame,
    settings: MiniSceneSettings,
    folder: Path,
    advance: Advance,
    name: Callable[[int, int], str] = file_name,
    mark: Mark = lambda image, row: image,
) -> list[Path]:
    """The videos alone, of whatever gives the frames; as ``write_scenes`` has it.

    ``name`` makes the file's name of track and segment, ``mark`` may draw on each picture before it is written.
    """
    planned = _planned(scenes, folder, name)
    written = {path for batch in _passes(planned) for path in _write(frames, batch, scenes, settings, advance, mark)}
    return [scene.path for scene in planned if scene.path in written]


@dataclass(frozen=True)
class _Scene:
    """One file to write: its frames are ``first`` to ``last``, its rows of the table begin at ``row``."""

    path: Path
    first: int
    last: int
    row: int


def _planned(scenes: pd.DataFrame, folder: Path, name: Callable[[int, int], str]) -> list[_Scene]:
    frames = scenes["frame"].to_numpy(dtype=np.int64)
    found = []
    for indices in scenes.groupby(["track", "segment"], sort=True).indices.values():
        row, last = int(indices[0]), int(indices[-1])
        called = name(int(scenes["track"].iloc[row]), int(scenes["segment"].iloc[row]))
        found.append(_Scene(folder / f"{called}.mp4", int(frames[row]), int(frames[last]), row))
    return found


def _passes(scenes: list[_Scene]) -> list[list[_Scene]]:
    """Groups of mini-scenes of which no more than ``MOST_OPEN`` overlap: each takes the first lane that is free."""
    busy: list[tuple[int, int]] = []  # (last frame, lane)
    free: list[int] = []
    passes: list[list[_Scene]] = []
    lanes = 0
    for scene in sorted(scenes, key=lambda scene: scene.first):
        while busy and busy[0][0] < scene.first:
            heapq.heappush(free, heapq.heappop(busy)[1])
        lane = heapq.heappop(free) if free else lanes
        lanes = max(lanes, lane + 1)
        heapq.heappush(busy, (scene.last, lane))
        while len(passes) <= lane // MOST_OPEN:
            passes.append([])
        passes[lane // MOST_OPEN].append(scene)
    return passes


def _write(
    frames: Frames, batch: list[_Scene], scenes: pd.DataFrame, settings: MiniSceneSettings, advance: Advance, mark: Mark
) -> list[Path]:
    """One decode: each writer is opened at its mini-scene's first frame and closed after its last; the files made."""
    wanted = np.unique(np.concatenate([np.arange(scene.first, scene.last + 1) for scene in batch]))
    rectangles = scenes[CROP].to_numpy(dtype=np.int64)
    times = scenes["time_s"].to_numpy(dtype=np.float64)
    coming = sorted(batch, key=lambda scene: scene.first, reverse=True)
    open_now: list[tuple[_Scene, ExitStack, VideoWriter]] = []
    with ExitStack() as everything:  # an error reaches every open writer, so that no half file is left
        for frame in frames(wanted):
            while coming and coming[-1].first <= frame.index:
                scene, own = coming.pop(), everything.enter_context(ExitStack())
                size = (settings.width_px, settings.height_px)
                writer = own.enter_context(VideoWriter(scene.path, *size, keyframe=KEYFRAME))
                open_now.append((scene, own, writer))
            for scene, own, writer in open_now:
                row = scene.row + frame.index - scene.first
                crop = cut(frame.image, rectangles[row], settings.width_px, settings.height_px)
                writer.write(mark(crop, row), float(times[row] - times[scene.row]))
                if frame.index == scene.last:
                    own.close()
            open_now = [entry for entry in open_now if frame.index < entry[0].last]
            advance(1)
    return [scene.path for scene in batch if scene not in coming]
