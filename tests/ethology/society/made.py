"""Scenes of animals on known paths: a box of 100 x 80 px on each foot point, one frame a second.

The body length is 100 px, so that 250 px are 2.5 body lengths.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.ethology.sequences.settings import Correction
from pipeline.ethology.society.scene import Placed, VideoScene, positions
from pipeline.ethology.society.settings import Group, Point, SocietySettings, Unit
from pipeline.tables import BEHAVIOURS, CAMERA, NAMES, OBSERVATIONS, TRACKS
from tests.ethology import made

Path = Sequence[tuple[float, float] | None]  # a foot point a frame; None: not in the record


def settings(**changes: Any) -> SocietySettings:
    """The settings of a test, with few draws."""
    values: dict[str, Any] = {
        "step_s": 1.0,
        "point": Point.foot,
        "heading_s": 2.0,
        "least_speed": 0.1,
        "least_aspect": 1.0,
        "unit": Unit.body_length,
        "near": 3.0,
        "leave": 4.0,
        "period_s": 2.0,
        "min_periods": 2,
        "permutations": 199,
        "shifts": 199,
        "correction": Correction.holm,
        "min_record_s": 2.0,
        "vigilance": [],
        "group": Group.session,
        "size_classes": [1, 2, 5],
    }
    return SocietySettings(**values | changes)


def scene(
    paths: Mapping[int, Path],
    video: str = "v.mp4",
    species: Mapping[int, str] | None = None,
    words: Mapping[int, str] | None = None,
    size: tuple[int, int] = (10_000, 10_000),
    camera: pd.DataFrame | None = None,
    box: tuple[float, float] = (100.0, 80.0),
    ground: pd.DataFrame | None = None,
    **more: Any,
) -> VideoScene:
    """A video; ``words`` has each track's behaviours as letters (made.behaviours), without them there are none.

    Places on the ground without errors are right.
    """
    number = max(map(len, paths.values()), default=0)
    rows = [
        (track, frame, float(frame), x - box[0] / 2, y - box[1], x + box[0] / 2, y, 0.9, kind, True)
        for track, path in paths.items()
        for kind in [(species or {}).get(track, "zebra")]
        for frame, place in enumerate(path)
        if place is not None
        for x, y in [place]
    ]
    tracks = TRACKS.cast(pd.DataFrame(rows, columns=TRACKS.names))
    behaviours = made.behaviours(words) if words else BEHAVIOURS.empty()
    still = CAMERA.empty() if camera is None else camera
    if ground is not None:
        ground = ground.assign(**dict.fromkeys({"box_error_m", "stretch"} - set(ground), 0.0))
    return VideoScene(video, size, made.frames(number), tracks, still, behaviours, ground, **more)


def camera(matrices: Sequence[Sequence[float]], known: Sequence[bool] | None = None) -> pd.DataFrame:
    """tables.CAMERA of rows ``m11 m12 m13 m21 m22 m23``, one a frame."""
    rows = np.array(matrices, dtype=float)
    frame = np.arange(len(rows))
    entries = dict(zip([f"m{i}{j}" for i in (1, 2) for j in (1, 2, 3)], rows.T, strict=True))
    told = np.ones(len(rows), dtype=bool) if known is None else np.array(known)
    return CAMERA.cast(pd.DataFrame({"frame": frame, "time_s": frame, **entries, "known": told, "inliers": 50}))


def placed(paths: Mapping[int, Path], **more: Any) -> Placed:
    """The animals of a scene; ``changed`` are settings that differ."""
    changed, names = more.pop("changed", {}), more.pop("names", None)
    return positions(scene(paths, **more), settings(**changed), None, names)


def names(**who: str) -> pd.DataFrame:
    """tables.NAMES of one video from ``t1="Zoe"``."""
    rows = [("v.mp4", int(track[1:]), name) for track, name in who.items()]
    return NAMES.cast(pd.DataFrame(rows, columns=["video", "track", "individual"]))


def observed(*rows: tuple[str, Any, Any, str, str, str]) -> pd.DataFrame:
    """tables.OBSERVATIONS from video, start_s, stop_s, session, use and reason."""
    data = pd.DataFrame(rows, columns=["video", "start_s", "stop_s", "session", "use", "reason"])
    return OBSERVATIONS.cast(data.assign(group="", site="", species="", timezone=""))
