"""The windows of an audit as short films: the animal with its surroundings, and the moment that is asked about marked.

Nothing in them says what was told. The box is thin and of one colour; a strip below shows how far the window is, with a
tick at the moment, around which the picture has a white rim.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from pipeline.artifacts import read_json, read_table
from pipeline.boxes import FloatArray
from pipeline.chain.progress import Meter
from pipeline.errors import VideoError
from pipeline.miniscenes import CROP, Layout, MiniSceneSettings, mini_scenes
from pipeline.scenes import cut_scenes
from pipeline.tables import BOX, FRAMES, TRACKS
from pipeline.types import BoolArray, Image, IntArray, Video
from pipeline.video.frames import Footage

FOLDER = "windows"
WIDTH_PX, HEIGHT_PX = 640, 480
LEAST_PX = (200, 150)  # of the source in a film: of a tiny animal more would be blur
_VIEW = MiniSceneSettings(
    *LEAST_PX, margin=1.0, enlarge=False, smooth_s=1.0, zoom_s=4.0, max_jump_s=1.0, layout=Layout.ethopipe
)  # as much room on every side as the animal is large
_FILM = replace(_VIEW, width_px=WIDTH_PX, height_px=HEIGHT_PX)
MARKED_S = 0.1  # on either side of the moment the picture has its rim
_STRIP_PX, _RIM_PX = 8, 6
_LIGHT, _SOFT, _DARK = (255, 255, 255), (150, 150, 150), (16, 16, 16)


@dataclass(frozen=True)
class Film:
    """Where the film of a window is, below the audit's folder, and when in it the moment is; one frame's duration."""

    path: str
    moment_s: float
    frame_s: float


def write_films(video: Video, stored: Path, sheet: pd.DataFrame, folder: Path, meter: Meter) -> dict[int, Film] | str:
    """The films of one video's rows of ``tables.AUDIT_SHEET`` by window; or in words why there are none.

    ``stored`` is where a run keeps what it found in the video.
    """
    if not video.path.is_file():
        return f"{video.path} is not there"
    try:
        footage = Footage(video)
    except VideoError as error:
        return str(error)
    info = read_json(stored / "video.json")
    if (footage.info.width, footage.info.height) != (info["width"], info["height"]):
        return f"{video.path} is another video than the one that was run"
    frames = read_table(stored / "frames.parquet", FRAMES).set_index("frame")
    shown = views(sheet, read_table(stored / "tracks.parquet", TRACKS), frames, (info["width"], info["height"]))
    meter.expect(shown["frame"].nunique())
    made = cut_scenes(footage.frames, shown, _FILM, folder / FOLDER, meter.advance, _name, Marks(shown))
    starts, there = shown.groupby("track")["time_s"].first(), {path.stem for path in made}
    return {
        int(window): Film(
            f"{FOLDER}/{_name(int(window), 1)}.mp4",
            round(float(frames["time_s"][frame] - starts[window]), 3),
            round(float(frames["duration_s"][frame]), 4),
        )
        for window, frame in zip(sheet["window"], sheet["frame"], strict=True)
        if _name(int(window), 1) in there
    }


def views(sheet: pd.DataFrame, tracks: pd.DataFrame, frames: pd.DataFrame, size: tuple[int, int]) -> pd.DataFrame:
    """A row for each frame of each window, as ``cut_scenes`` takes them: the window is the ``track``.

    ``frames`` is ``tables.FRAMES`` by frame, ``size`` the source's. Beside the rectangle, which is moved into the
    picture, there are the animal's box (missing where the track has a hole: the rectangle stays where it was),
    ``asked``: is it about the moment, and ``part`` and ``moment``: how far in the window the frame and the moment are,
    from 0 to 1.
    """
    followed = mini_scenes(tracks[tracks["track"].isin(sheet["track"])], _VIEW)
    by_track: dict[Any, pd.DataFrame] = {k: rows.set_index("frame") for k, rows in followed.groupby("track")}
    time_s, found = frames["time_s"], []
    for row in sheet.to_dict("records"):
        inside = time_s.index[(time_s >= row["start_s"]) & (time_s < row["stop_s"])]
        ends = [row["frame"], *inside[[0, -1]]] if len(inside) else [row["frame"]]
        number = np.arange(min(ends), max(ends) + 1)
        own = by_track[row["track"]].reindex(number)
        own[CROP] = _inside(own[CROP].ffill().bfill().to_numpy(dtype=np.int64), size)
        at, moment = time_s.reindex(number).to_numpy(), time_s[row["frame"]]
        whole = max(at[-1] - at[0], 1e-9)
        marks = {"asked": np.abs(at - moment) <= MARKED_S, "part": (at - at[0]) / whole}
        view = own[[*BOX, *CROP]].assign(track=row["window"], segment=1, frame=number, time_s=at, **marks)
        found.append(view.assign(moment=(moment - at[0]) / whole))
    return pd.concat(found, ignore_index=True)


def _inside(crops: IntArray, size: tuple[int, int]) -> IntArray:
    """Rectangles ``[n, 4]`` moved so that they lie in a picture of that size, as far as they fit into it."""
    most = np.maximum(np.array(size) - (crops[:, 2:] - crops[:, :2]), 0)
    moved = np.clip(crops[:, :2], 0, most) - crops[:, :2]
    return np.asarray(crops + np.tile(moved, 2), dtype=np.int64)


class Marks:
    """Draws what ``views`` says on the picture of each of its rows."""

    def __init__(self, shown: pd.DataFrame) -> None:
        corners = shown[CROP].to_numpy(dtype=np.float64)
        scale = np.array([WIDTH_PX, HEIGHT_PX]) / (corners[:, 2:] - corners[:, :2])
        self._box: FloatArray = (shown[BOX].to_numpy(dtype=np.float64) - corners[:, [0, 1, 0, 1]]) * np.tile(scale, 2)
        self._asked: BoolArray = shown["asked"].to_numpy()
        self._at: IntArray = np.rint(shown[["part", "moment"]].to_numpy() * (WIDTH_PX - 1)).astype(np.int64)

    def __call__(self, image: Image, row: int) -> Image:
        """The picture with box, strip and, at the moment, its rim."""
        if np.isfinite(self._box[row]).all():
            x1, y1, x2, y2 = (int(value) for value in np.round(self._box[row]))
            cv2.rectangle(image, (x1, y1), (x2, y2), _DARK, 3)
            cv2.rectangle(image, (x1, y1), (x2, y2), _LIGHT, 1)
        if self._asked[row]:
            cv2.rectangle(image, (0, 0), (WIDTH_PX - 1, HEIGHT_PX - 1), _LIGHT, 2 * _RIM_PX - 1)
        (now, moment), top = self._at[row].tolist(), HEIGHT_PX - _STRIP_PX
        image[top:] = _DARK
        image[top + 2 :, : now + 1] = _SOFT
        image[top:, max(moment - 2, 0) : moment + 3] = _LIGHT
        return image


def _name(window: int, segment: int) -> str:
    return f"{window:04d}"
