"""The stages of one video, in the order in which data flows. ``run.py`` walks this list and knows no more.

Each stage reads its inputs as stored, writes its outputs whole, and names the settings that decide them.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from pipeline import tables
from pipeline.artifacts import read_json, read_table, whole, write_json, write_table
from pipeline.chain.parts import Parts
from pipeline.chain.progress import Meter
from pipeline.chain.waits import WARNED, waits, warn_if_slow
from pipeline.columns import Table
from pipeline.ethology.behaviours import per_frame
from pipeline.ethology.bouts import bouts
from pipeline.ethology.naming import called, name_species
from pipeline.ethology.smoothing import smooth
from pipeline.ethology.visibility import visible
from pipeline.ground.log import logs_beside, records_of, unplaceable
from pipeline.ground.places import on_the_map, places
from pipeline.ground.poses import poses
from pipeline.look import look
from pipeline.miniscenes import mini_scenes
from pipeline.report.overlay import write_overlay
from pipeline.scenes import write_scenes
from pipeline.tracks.follow import follow
from pipeline.types import Frame, Image, IntArray, Video
from pipeline.video.frames import Footage, reduced
from pipeline.watch import watch
from pipeline.windows import plan

STILL_PX = 1600  # longer side of the reference frame kept for the figures


@dataclass(frozen=True)
class Desk:
    """Where the stages of one video work: its folder, its footage, the parts, and who is told of progress."""

    video: Video
    folder: Path
    parts: Parts
    meter: Meter

    @cached_property
    def footage(self) -> Footage:
        """The video, opened when first asked for."""
        return Footage(self.video)

    def frames(self, wanted: IntArray) -> Iterator[Frame]:
        """The wanted frames; the video is not opened before the first is asked for."""
        yield from self.footage.frames(wanted)

    def read(self, table: Table) -> pd.DataFrame:
        """A table of this video as an earlier stage stored it."""
        return read_table(self.folder / f"{table.name}.parquet", table)

    def write(self, data: pd.DataFrame, table: Table, suffix: str = "parquet") -> Path:
        """Store a table of this video."""
        path = self.folder / f"{table.name}.{suffix}"
        write_table(path, data, table)
        return path


@dataclass(frozen=True)
class Stage:
    """One step: what decides its result, and how it is done. ``work`` returns the files it wrote."""

    name: str
    version: int  # raised when the code of the stage changes its results
    settings: tuple[str, ...]  # groups, or single settings as group.name
    reads: tuple[str, ...]  # files of earlier stages
    work: Callable[[Desk], list[Path]]
    unit: str = "frames"  # what its progress counts
    asked: str = ""  # the setting that asks for it; "": always done
    beside: Callable[[Path], list[Path]] = lambda _: []  # files beside a video that it reads too
    idle: Callable[[Path, Parts], bool] = lambda *_: False  # is there nothing to do, and nothing of it to keep?
    reads_too: Callable[[Parts], tuple[str, ...]] = lambda _: ()  # more files of earlier stages, where there are any


def _watch(desk: Desk) -> list[Path]:
    """Decode, follow the camera, detect."""
    footage, passes = desk.footage, 1 + desk.parts.detector.previews
    desk.meter.expect(footage.info.announced and footage.info.announced * passes)
    watched = watch(footage, desk.parts.detector, desk.parts.camera, desk.meter.advance)
    frames = footage.ledger
    info = asdict(footage.info) | {
        "rate": str(footage.info.rate) if footage.info.rate else None,
        "decoded": len(frames),
        "duration_s": round(float(frames["duration_s"].sum()), 6),
        "broke_off": footage.broke_off,
        "warnings": list(footage.warnings),
    }
    write_json(desk.folder / "video.json", info)
    _write_still(desk.folder / "still.jpg", watched.still)
    return [
        desk.folder / "video.json",
        desk.folder / "still.jpg",
        desk.write(frames, tables.FRAMES),
        desk.write(watched.camera, tables.CAMERA),
        desk.write(watched.detections, tables.DETECTIONS),
    ]


def _write_still(path: Path, image: Image) -> None:
    size = reduced(image.shape[1], image.shape[0], STILL_PX)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    with whole(path) as part:
        part.write_bytes(cv2.imencode(".jpg", np.ascontiguousarray(small[..., ::-1]))[1].tobytes())


def _track(desk: Desk) -> list[Path]:
    """Give the boxes identities, then mend the tracks with the whole video known."""
    parts = desk.parts
    found, camera, frames = desk.read(tables.DETECTIONS), desk.read(tables.CAMERA), desk.read(tables.FRAMES)
    warn_if_slow(frames, waits(parts.tracker, parts.tracks, parts.visibility), parts.miniscene)
    followed = follow(found, camera, frames, parts.tracker, parts.tracks, parts.detector.period_s)
    return [desk.write(followed, tables.TRACKS)]


def _ground(desk: Desk) -> list[Path]:
    """How the camera stood in every frame and, where enough is told of it, where animals are on the ground."""
    settings, info = desk.parts.ground, read_json(desk.folder / "video.json")
    records = records_of(desk.video.path, settings, info["duration_s"])
    size = info["width"], info["height"]
    wrote = [desk.write(poses(records, desk.read(tables.FRAMES), max(size), settings), tables.TELEMETRY)]
    found = places(desk.read(tables.TRACKS), desk.read(tables.TELEMETRY), size, settings)
    return [*wrote, desk.write(found, tables.GROUND)] if found["error_m"].notna().any() else wrote


def _reads_places(parts: Parts) -> tuple[str, ...]:
    """Places on the ground are read for a recognizer whose card knows speeds over it."""
    return ("ground.parquet",) if parts.recognizer.card.dimensionless_speeds else ()


def _look(desk: Desk) -> list[Path]:
    """Plan the windows, cut their crops in a second pass, and let the recognizer see them."""
    parts = desk.parts
    parts.recognizer.begin(desk.video)
    scenes = mini_scenes(desk.read(tables.TRACKS), parts.miniscene)
    ground = desk.read(tables.GROUND) if _reads_places(parts) and on_the_map(desk.folder) else None
    windows = plan(scenes, desk.read(tables.CAMERA), parts.recognizer.card.clip, parts.window, ground)
    desk.meter.expect(len(windows))
    scores = look(desk.frames, windows, scenes, parts.miniscene, parts.recognizer, desk.meter.advance)
    return [desk.write(scores, tables.SCORES)]


def _behave(desk: Desk) -> list[Path]:
    """Scores to one behaviour a frame, one species a track, and bouts."""
    parts = desk.parts
    followed, frames = desk.read(tables.TRACKS), desk.read(tables.FRAMES)
    info = read_json(desk.folder / "video.json")
    sight = visible(followed, frames, (info["width"], info["height"]), parts.visibility)
    scores = desk.read(tables.SCORES)
    behaviours = per_frame(scores, followed, frames, parts.ethogram, sight, parts.behaviours)
    stored = desk.write(behaviours, tables.BEHAVIOURS)
    smoothed = smooth(desk.read(tables.BEHAVIOURS), parts.ethogram, parts.behaviours.min_bout_s)
    species = name_species(followed, scores, parts.naming)
    found = bouts(smoothed, called(followed, species), parts.ethogram, desk.video.key, parts.individuals)
    return [stored, desk.write(species, tables.SPECIES), desk.write(found, tables.BOUTS, "csv")]


def _scenes(desk: Desk) -> list[Path]:
    """A video of every mini-scene."""
    decoded = read_json(desk.folder / "video.json")["decoded"]
    desk.meter.expect(decoded)
    scenes = mini_scenes(desk.read(tables.TRACKS), desk.parts.miniscene)
    folder = desk.folder / "scenes"
    return write_scenes(desk.footage, scenes, desk.parts.miniscene, folder, decoded, desk.meter.advance)


def _overlay(desk: Desk) -> list[Path]:
    """The footage with boxes, identities and behaviours drawn in."""
    desk.meter.expect(desk.footage.info.announced)
    path, parts = desk.folder / "overlay.mp4", desk.parts
    followed, behaviours = called(desk.read(tables.TRACKS), desk.read(tables.SPECIES)), desk.read(tables.BEHAVIOURS)
    colours = parts.ethogram.colours
    write_overlay(desk.footage, followed, behaviours, colours, path, parts.report, desk.meter.advance)
    return [path]


_TRACKED = ("frames.parquet", "camera.parquet", "detections.parquet")
_DRAWN = ("tracks.parquet", "species.parquet", "behaviours.parquet")
_OVERLAY = ("report.overlay_width_px", "report.overlay_least_px", "report.overlay_period_s", "ethogram")

VIDEO_STAGES = (
    Stage("watch", 1, ("detector", "camera"), (), _watch),
    Stage("track", 2, ("tracker", "tracks", "detector.period_s", *WARNED), _TRACKED, _track),
    Stage(
        "ground",
        4,
        ("ground",),
        ("video.json", "frames.parquet", "tracks.parquet"),
        _ground,
        beside=logs_beside,
        idle=lambda video, parts: unplaceable(video, parts.ground),
    ),
    Stage(
        "look",
        2,
        ("miniscene", "window", "recognizer"),
        ("camera.parquet", "tracks.parquet"),
        _look,
        unit="windows",
        reads_too=_reads_places,
    ),
    Stage(
        "behave",
        3,
        ("ethogram", "visibility", "behaviours", "naming", "individuals"),
        ("video.json", "frames.parquet", "tracks.parquet", "scores.parquet"),
        _behave,
    ),
    Stage("scenes", 2, ("miniscene",), ("video.json", "tracks.parquet"), _scenes, asked="scenes"),
    Stage("overlay", 1, _OVERLAY, _DRAWN, _overlay, asked="overlay"),
)
