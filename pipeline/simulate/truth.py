"""What is true of a simulated scene: what film hands over, and the tables it becomes.

The truth speaks of the animals that are in the picture. An animal's behaviour is what it shows, or ``Occluded``
where less than ``LEAST_VISIBLE`` of its silhouette in the picture shows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from pipeline.boxes import FloatArray, as_boxes
from pipeline.columns import Column, Table
from pipeline.geodesy import Origin, bearing_deg, lat_lon
from pipeline.simulate.pinhole import View
from pipeline.simulate.poses import Poses
from pipeline.simulate.schedule import BEHAVIOURS, GRAZE, STANDING
from pipeline.tables import BOX
from pipeline.types import BoolArray, IntArray

LEAST_VISIBLE = 0.3  # share of the silhouette that shows, under which the animal is Occluded
OCCLUDED = "Occluded"
TOLD_BY_HEAD = tuple(BEHAVIOURS[code] for code in (GRAZE, *STANDING))  # by where the head is


@dataclass(frozen=True)
class Shown:
    """What one frame shows of each of the ``n`` animals that are in the picture."""

    frame: int
    time_s: float
    animal: IntArray  # [n] number of the animal in the scene, from 0
    boxes: (
        FloatArray  # [n, 4] of its whole silhouette, also where something stands before it, clipped to the picture; px
    )
    visible: FloatArray  # [n] share of the silhouette inside the picture that nothing hides, 0..1
    inside: FloatArray  # [n] share of the whole body's box that is inside the picture, 0..1
    head_inside: BoolArray  # [n] is the middle of its head in the picture?

    def __post_init__(self) -> None:
        n = len(self.animal)
        wanted = {"animal": (n,), "boxes": (n, 4), "visible": (n,), "inside": (n,), "head_inside": (n,)}
        shapes = {name: np.shape(getattr(self, name)) for name in wanted}
        if shapes != wanted:
            raise ValueError(f"one row per animal: expected animal [n], boxes [n, 4] and the others [n], got {shapes}")
        for name in ("visible", "inside"):
            values = getattr(self, name)
            if n and not (values.min() >= 0 and values.max() <= 1):
                raise ValueError(f"{name} must be in [0, 1], got {values.min():g} to {values.max():g}")


@dataclass(frozen=True)
class Filmed:
    """Everything that is known of a film of ``f`` frames of ``a`` animals; ``ValueError`` where its parts disagree."""

    video: str  # the file's name
    species: list[str]  # [a]
    poses: list[
        Poses
    ]  # [a], each of the moments nearest to the frames' times; behaviours as numbers in the order of ``behaviours``
    views: list[View]  # [f]
    shown: list[Shown]  # [f]
    origin: Origin
    behaviours: tuple[str, ...] = BEHAVIOURS

    def __post_init__(self) -> None:
        if len(self.species) != len(self.poses) or len(self.views) != len(self.shown):
            counts = f"{len(self.species)} species, {len(self.poses)} poses; {len(self.views)} views"
            raise ValueError(
                f"expected one species a pose and one view a frame, got {counts}, {len(self.shown)} frames"
            )
        if [shown.frame for shown in self.shown] != list(range(len(self.shown))):
            raise ValueError("shown must be of the frames 0, 1, 2 ... of the video, in this order")
        if wrong := [k for k, poses in enumerate(self.poses) if len(poses.time_s) != len(self.shown)]:
            raise ValueError(f"poses of animal {wrong[0]} must have one moment a frame ({len(self.shown)})")

    @property
    def times_s(self) -> FloatArray:
        """Time of each frame ``[f]``."""
        return np.array([shown.time_s for shown in self.shown], dtype=np.float64)


# fmt: off
_PLACE = (
    Column("x_m", "float", "m", "place in the scene, east of its origin", decimals=3),
    Column("y_m", "float", "m", "place in the scene, north of its origin", decimals=3),
)
_GEO = (
    Column("lat", "float", "deg", "latitude of that place, WGS84", decimals=8),
    Column("lon", "float", "deg", "longitude of that place, WGS84", decimals=8),
)
_FRAME = (
    Column("frame", "int", "", "source frame, from 0", low=0),
    Column("time_s", "float", "s", "seconds since the first frame", decimals=6),
)
ANIMALS = Table("animals", (
    *_FRAME,
    Column("track", "int", "", "the animal's number in the scene, from 1; it keeps it wherever it goes", low=1),
    Column("species", "str", "", "its species"),
    Column("behaviour", "str", "", f"what it does, or {OCCLUDED} where visible < {LEAST_VISIBLE}"),
    Column("scheduled", "str", "", "what it does, seen or not"),
    Column("x1", "float", "px", "left edge of the box of its whole silhouette, also where something stands before it,"
           " clipped to the picture", decimals=2),
    Column("y1", "float", "px", "top edge", decimals=2),
    Column("x2", "float", "px", "right edge, exclusive", decimals=2),
    Column("y2", "float", "px", "bottom edge, exclusive", decimals=2),
    Column("visible", "float", "", "share of the silhouette inside the picture that nothing hides", decimals=4,
           low=0, high=1),
    Column("inside", "float", "", "share of the whole body's box that is inside the picture", decimals=4, low=0,
           high=1),
    Column("head_inside", "bool", "", "the middle of its head is in the picture, hidden or not"),
    *_PLACE,
    Column("z_m", "float", "m", "height above the ground of the middle of its trunk, which is at x_m, y_m", decimals=3),
    Column("heading_deg", "float", "deg", "compass direction of its trunk: 0 north, 90 east", decimals=2, low=0,
           high=360),
    Column("speed_mps", "float", "m/s", "speed of its trunk over the ground", decimals=4, low=0),
    *_GEO,
))
CAMERA = Table("camera", (
    *_FRAME,
    *_PLACE,
    Column("z_m", "float", "m", "height above the ground", decimals=3),
    *_GEO,
    Column("elevation_m", "float", "m", "height above the sea", decimals=3),
    Column("yaw_deg", "float", "deg", "compass direction of the camera's axis: 0 north, 90 east", decimals=4, low=0,
           high=360),
    Column("pitch_deg", "float", "deg", "angle of the axis above the horizon; -90 looks straight down", decimals=4),
    Column("roll_deg", "float", "deg", "turn about the axis, clockwise as the camera sees the world", decimals=4),
    Column("focal_px", "float", "px", "focal length", decimals=3, low=0),
))
# fmt: on


def animals_table(filmed: Filmed) -> pd.DataFrame:
    """``ANIMALS``: a row for each animal in each frame that has something of it in the picture."""
    blocks = [_of_frame(shown) for shown in filmed.shown]
    rows = pd.concat(blocks, ignore_index=True) if blocks else _of_frame(Shown(0, 0.0, *_nobody()))
    rows = rows[(rows["x2"].round(2) > rows["x1"].round(2)) & (rows["y2"].round(2) > rows["y1"].round(2))]
    if rows.empty:
        return ANIMALS.empty()
    at, who = rows.pop("at").to_numpy(), rows["track"].to_numpy() - 1
    told = _by_animal(filmed)
    names = np.array(filmed.behaviours, dtype=object)
    rows = rows.assign(
        species=np.array(filmed.species, dtype=object)[who],
        scheduled=names[told["behaviour"][who, at].astype(np.int64)],
        **{name: told[name][who, at] for name in ("x_m", "y_m", "z_m", "heading_deg", "speed_mps")},
    )
    rows["behaviour"] = rows["scheduled"].where(rows["visible"] >= LEAST_VISIBLE, OCCLUDED)
    rows["lat"], rows["lon"] = lat_lon(rows["x_m"].to_numpy(), rows["y_m"].to_numpy(), filmed.origin)
    return ANIMALS.cast(rows.sort_values(["frame", "track"], kind="stable"))


def headless(scheduled: ArrayLike, head_inside: ArrayLike) -> BoolArray:
    """``[n]`` where what is done is ``TOLD_BY_HEAD`` and the head is out of the picture: nobody could tell."""
    return np.asarray(np.isin(scheduled, TOLD_BY_HEAD) & ~np.asarray(head_inside), dtype=bool)


def _nobody() -> tuple[IntArray, FloatArray, FloatArray, FloatArray, BoolArray]:
    return np.zeros(0, dtype=np.int64), as_boxes([]), np.zeros(0), np.zeros(0), np.zeros(0, dtype=bool)


def _of_frame(shown: Shown) -> pd.DataFrame:
    """What the frame shows, one row an animal; ``at`` is the moment among the poses."""
    corners = dict(zip(BOX, as_boxes(shown.boxes).T, strict=True))
    told = {"track": shown.animal + 1, **corners, "visible": shown.visible, "inside": shown.inside}
    return pd.DataFrame(
        {**told, "head_inside": shown.head_inside, "frame": shown.frame, "time_s": shown.time_s, "at": shown.frame}
    )


def _by_animal(filmed: Filmed) -> dict[str, FloatArray]:
    """Place, heading, speed and behaviour ``[animals, frames]``."""
    trunk = np.stack([poses.trunk for poses in filmed.poses])
    yaw = np.stack([poses.turn[:, 0] for poses in filmed.poses])
    pace = np.stack([_pace(poses) for poses in filmed.poses])
    return {
        "x_m": trunk[..., 0],
        "y_m": trunk[..., 1],
        "z_m": trunk[..., 2],
        "heading_deg": bearing_deg(yaw),
        "speed_mps": np.hypot(pace[..., 0], pace[..., 1]),
        "behaviour": np.stack([poses.behaviour for poses in filmed.poses]).astype(np.float64),
    }


def _pace(poses: Poses) -> FloatArray:
    """Metres a second of the trunk [frames, 2]; by the moments' own times, which are not quite the frames'."""
    place = poses.trunk[:, :2]
    return np.gradient(place, poses.time_s, axis=0) if len(place) > 1 else np.zeros_like(place)


def camera_table(filmed: Filmed) -> pd.DataFrame:
    """``CAMERA``: where the camera was and how it looked in each frame."""
    place = np.array([view.position for view in filmed.views]).reshape(-1, 3)
    angles = np.array([(view.yaw, view.pitch, view.roll) for view in filmed.views]).reshape(-1, 3)
    lat, lon = lat_lon(place[:, 0], place[:, 1], filmed.origin)
    columns = {
        "frame": [shown.frame for shown in filmed.shown],
        "time_s": filmed.times_s,
        "x_m": place[:, 0],
        "y_m": place[:, 1],
        "z_m": place[:, 2],
        "lat": lat,
        "lon": lon,
        "elevation_m": place[:, 2] + filmed.origin.elevation_m,
        "yaw_deg": bearing_deg(angles[:, 0]),
        "pitch_deg": np.degrees(angles[:, 1]),
        "roll_deg": np.degrees(angles[:, 2]),
        "focal_px": [view.focal_px for view in filmed.views],
    }
    return CAMERA.cast(pd.DataFrame(columns))
