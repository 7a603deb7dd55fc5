"""Clips to train on from videos whose animals have boxes and behaviours: their mini-scenes are cut once, and kept."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import fingerprint, whole_folder
from pipeline.chain.progress import Meter, Progress
from pipeline.errors import UsageError, VideoError
from pipeline.formats.chimpact_folder import ANIMALS, SPECIES, Filmed
from pipeline.miniscenes import MiniSceneSettings, fitted, mini_scenes
from pipeline.scenes import cut_scenes, file_name
from pipeline.tables import BOX
from pipeline.training.labels import OPTIONAL, REQUIRED, Labels
from pipeline.training.pieces import LEAST_S, pieces
from pipeline.types import Frame, Frames, IntArray, Video
from pipeline.video.frames import ArrayFrame, Footage
from pipeline.video.images import ImageFolder
from pipeline.video.probe import read_still


def clips_of_boxes(
    films: Sequence[Filmed],
    settings: MiniSceneSettings,
    close: bool | None,
    frame_rate: float | None,
    folder: Path,
    progress: Progress,
) -> Labels:
    """The labelled clips of ``films``, stretches of mini-scenes that are cut to ``folder`` where they are not there.

    Small animals are enlarged, unless ``close`` is False. A clip's group is its recording, and its time that in the
    recording. ``frame_rate`` is that of pictures of which nobody says it. ``UsageError`` where it is missing, or no
    label is long enough; ``VideoError`` where a video breaks off.
    """
    settings = fitted(settings, whole=False, close=close is not False)
    planned = []
    for film in films:
        rate = film.rate or frame_rate
        if rate is None:
            raise UsageError(f"{film.source} holds pictures, and nothing says how many are a second: give frame_rate")
        scenes = mini_scenes(_tracks(film, rate), settings)
        planned.append((film, rate, scenes, folder / _name(film, scenes, settings)))
    todo = [one for one in planned if not one[3].is_dir()]
    if todo:
        with progress.stage(f"cutting the mini-scenes of {len(todo)} videos", "frames") as meter:
            meter.expect(sum(scenes["frame"].nunique() for _, _, scenes, _ in todo))
            for film, rate, scenes, place in todo:
                _cut(film, rate, scenes, settings, place, meter)
    rows = [row for film, rate, scenes, place in planned for row in _clips(film, rate, scenes, place.name)]
    if not rows:
        raise UsageError(f"none of the labels of {len(films)} videos lasts {LEAST_S:g} s or more")
    return Labels(folder, pd.DataFrame(rows, columns=[*REQUIRED, *OPTIONAL]), close=settings.enlarge)


def _tracks(film: Filmed, rate: float) -> pd.DataFrame:
    """A row for each animal and frame of its labels: ``track frame time_s`` and its box.

    Between two labelled frames the box goes in a line, before the first and after the last it stays.
    """
    parts = []
    for track, spans in film.intervals.astype({"subject": "int64"}).groupby("subject"):
        own = film.boxes[film.boxes["subject"] == track]
        bounds = zip(spans["start_frame"], spans["stop_frame"], strict=True)
        frame = np.unique(np.concatenate([np.arange(start, stop) for start, stop in bounds]))
        between = {name: np.interp(frame, own["frame"], own[name]) for name in BOX}
        parts.append(pd.DataFrame({"track": track, "frame": frame, "time_s": frame / rate, **between}))
    return pd.concat(parts, ignore_index=True)


def _name(film: Filmed, scenes: pd.DataFrame, settings: MiniSceneSettings) -> str:
    """The folder of a video's mini-scenes, another one for other boxes, settings or frames."""
    size = len(list(film.source.iterdir())) if film.source.is_dir() else film.source.stat().st_size
    told = [asdict(settings), size, sha256(scenes.to_csv(index=False).encode()).hexdigest()]
    return f"{film.name}-{fingerprint(told)[:8]}"


def _cut(
    film: Filmed, rate: float, scenes: pd.DataFrame, settings: MiniSceneSettings, place: Path, meter: Meter
) -> None:
    """Cut the mini-scenes of a video, all or none."""
    footage = None if film.source.is_dir() else Footage(Video(film.name, film.source))
    with whole_folder(place) as part:
        cut_scenes(footage.frames if footage else _pictures(film, rate), scenes, settings, part, meter.advance)
        if footage and footage.broke_off:
            raise VideoError(f"{film.source} {footage.broke_off}")


def _pictures(film: Filmed, rate: float) -> Frames:
    """The frames of a folder of pictures that are numbered from 0."""
    there = ImageFolder.of(film.source)
    names = dict(zip(there.numbers.tolist(), there.names, strict=True))

    def frames(wanted: IntArray) -> Iterator[Frame]:
        for number in wanted.tolist():
            if number not in names:
                raise VideoError(f"{film.source}: picture {number} is not there, but labelled")
            yield ArrayFrame(number, number / rate, read_still(film.source / names[number]))

    return frames


def _clips(film: Filmed, rate: float, scenes: pd.DataFrame, place: str) -> Iterator[dict[str, Any]]:
    """The clips of a video's labels, each a part of a mini-scene and cut to at most ``PIECE_S``."""
    rows = scenes.set_index(["track", "frame"])["segment"]
    first = scenes.groupby(["track", "segment"])["frame"].min()
    labels = zip(*(film.intervals[name] for name in ("subject", "behaviour", "start_frame", "stop_frame")), strict=True)
    for subject, behaviour, start, stop in labels:
        track = int(subject)
        segment = int(rows[track, start])
        begun = int(first[track, segment])
        for low, high in pieces((start - begun - 0.5) / rate, (stop - begun - 0.5) / rate):
            span = np.array([max(low, 0.0), high])
            (start_s, stop_s), there = span.round(6).tolist(), (span + (begun + film.first) / rate).round(6).tolist()
            yield {
                "path": f"{place}/{file_name(track, segment)}.mp4", "behaviour": behaviour, "group": film.recording,
                "species": SPECIES, "session": "", "individual": ANIMALS[track] if track < len(ANIMALS) else "",
                "split": film.split, "video": film.recording, "start_s": start_s, "stop_s": stop_s,
                "row": np.nan, "interval_s": np.nan, "video_start_s": there[0], "video_stop_s": there[1],
            }  # fmt: skip
