"""Where animals were on the ground, for geographic information systems: points and paths of each video.

They are two files of GeoJSON (RFC 7946), or two layers of a GeoPackage. Longitude and latitude on WGS84, in this order.
Animals stand where they were first detected in each second; boxes between two detections give no place.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.artifacts import write_text
from pipeline.boxes import FloatArray
from pipeline.errors import MissingPart, UsageError
from pipeline.ethology.ethogram import RESERVED
from pipeline.export.boxes import doing
from pipeline.export.held import Held
from pipeline.export.video import HeldVideo
from pipeline.timebase import CLOSE_S

_STEP_S = 1.0
_DECIMALS = 7  # of degrees: a centimetre

Feature = dict[str, Any]


def check_geojson(held: Held) -> None:
    """``UsageError`` where no place of the run is known in degrees, or it followed no animal."""
    if not any(one.ground["lat"].notna().any() for one in held.videos):
        raise UsageError(
            f"no latitudes and longitudes of animals are known in {held.run}: run it with the drone's telemetry beside"
            " the videos, and state what that does not tell (docs/ground.md)"
        )
    _ = held.bouts


def check_gpkg(held: Held) -> None:
    """The same; ``MissingPart`` without geopandas."""
    if find_spec("geopandas") is None:
        raise MissingPart(
            "geopandas not installed, and format=gpkg needs it: pip install 'ethopipe[geo]'; or take format=geojson"
        )
    check_geojson(held)


def write_geojson(folder: Path, held: Held) -> list[str]:
    """``<video>_points.geojson``: a point an animal and second, with what it does; ``<video>_paths.geojson``: ways."""
    lost: list[str] = []
    for name, layers in _layers(held, lost):
        for layer, features in layers.items():
            lines = ",\n".join(json.dumps(one, ensure_ascii=False, allow_nan=False) for one in features)
            text = f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n'
            write_text(folder / f"{name}_{layer}.geojson", text)
    return lost


def write_gpkg(folder: Path, held: Held) -> list[str]:
    """``<video>.gpkg``: the same features as layers ``points`` and ``paths``; lists are JSON there.

    A layer without a feature is left out. The file's date is that of the run: same run, same bytes.
    """
    import geopandas
    from pyogrio import set_gdal_config_options

    lost: list[str] = []
    set_gdal_config_options({"OGR_CURRENT_DATE": f"{held.date}Z"})
    for name, layers in _layers(held, lost):
        path = folder / f"{name}.gpkg"
        path.parent.mkdir(parents=True, exist_ok=True)
        for layer, features in layers.items():
            if features:
                table = geopandas.GeoDataFrame.from_features(features, crs="EPSG:4326")
                table.to_file(path, layer=layer, driver="GPKG", engine="pyogrio")
    set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return lost


def _layers(held: Held, lost: list[str]) -> Iterator[tuple[str, dict[str, list[Feature]]]]:
    """The file's name and the features of each video, by layer; of one without places a line is added to ``lost``."""
    files = held.files("")
    for one in held.videos:
        bouts = held.bouts[held.bouts["video"] == one.key]
        rows = _seconds(one, bouts)
        if rows.empty:
            lost.append(f"no latitudes and longitudes of animals are known in {one.key}")
            continue
        yield files[one.key], {"points": list(_points(rows, _does(rows, bouts))), "paths": list(_paths(rows))}


def _seconds(one: HeldVideo, bouts: pd.DataFrame) -> pd.DataFrame:
    """Who is where, by track and ``second``: the first place in it where the animal was detected."""
    rows = one.tracks[one.tracks["observed"]].drop(columns="time_s")
    rows = rows.merge(one.ground, on=["track", "frame"]).dropna(subset=["lat"])
    subjects = bouts.drop_duplicates("track").set_index("track")["subject"]
    nameless = one.key + "#" + rows["track"].astype("str")
    rows = rows.assign(
        video=one.key,
        subject=rows["track"].map(subjects).fillna(nameless),
        second=(rows["time_s"] + CLOSE_S) // _STEP_S,
    )
    rows = rows.sort_values(["track", "frame"], kind="stable")
    return rows.drop_duplicates(["track", "second"], ignore_index=True)


def _does(rows: pd.DataFrame, bouts: pd.DataFrame) -> Mapping[tuple[int, int], dict[str, str]]:
    """What each track does in each frame, by set; time that was not recognized or out of sight has nothing."""
    told = bouts[~bouts["behaviour"].isin(RESERVED)].sort_values("start_frame", kind="stable")
    found: dict[tuple[int, int], dict[str, str]] = defaultdict(dict)
    by_frame = rows.sort_values("frame", kind="stable")
    for name, own in told.groupby("set"):
        both = doing(by_frame, own)
        for track, frame, word in zip(both["track"], both["frame"], both["behaviour"], strict=True):
            found[track, frame][str(name)] = word
    return found


def _points(rows: pd.DataFrame, does: Mapping[tuple[int, int], dict[str, str]]) -> Iterator[Feature]:
    """A point a row; what is done stands under the name of its set (``behaviour``, unless the ethogram has others)."""
    for row, place in zip(rows.to_dict("records"), _coordinates(rows).tolist(), strict=True):
        told = {name: row[name] for name in ("time_s", "frame", "error_m")}
        yield _feature("Point", place, row, told | does.get((row["track"], row["frame"]), {}))


def _paths(rows: pd.DataFrame) -> Iterator[Feature]:
    """A line a track, broken where a second has no place of it; ``times_s`` and ``errors_m`` are of its points."""
    places = _coordinates(rows)
    breaks = (rows["track"].diff() != 0) | (rows["second"].diff() != 1)
    for at in rows.groupby(breaks.cumsum()).indices.values():
        own = rows.iloc[at]
        if len(own) > 1:
            told = {"times_s": own["time_s"].tolist(), "errors_m": own["error_m"].tolist()}
            yield _feature("LineString", places[at].tolist(), own.to_dict("records")[0], told)


def _coordinates(rows: pd.DataFrame) -> FloatArray:
    """Longitudes and latitudes ``[n, 2]``."""
    return rows[["lon", "lat"]].to_numpy(dtype=np.float64).round(_DECIMALS)


def _feature(kind: str, places: Any, row: Mapping[Any, Any], told: Mapping[str, Any]) -> Feature:
    who = {name: row[name] for name in ("video", "track", "subject", "species")}
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": places}, "properties": who | dict(told)}
