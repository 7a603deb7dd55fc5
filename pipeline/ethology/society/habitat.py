"""Where animals are: the habitat of each place, from the user's polygons.

Places in the picture meet polygons in pixels of the same video's reference frame; places on the ground meet polygons in
longitude and latitude. Nothing is reprojected: a file in another projection is refused.
"""

import logging

import numpy as np
import pandas as pd

from pipeline.errors import UsageError
from pipeline.ethology.society.geojson import PIXELS, WGS84, Habitats
from pipeline.ethology.society.habitat_tables import HABITAT_STAYS, HABITAT_TIME, NOWHERE
from pipeline.ethology.society.scene import Placed
from pipeline.geodesy import Origin, lat_lon

log = logging.getLogger(__name__)


def habitats(placed: Placed, polygons: Habitats, origin: Origin | None = None) -> "pd.Series[str]":
    """The habitat of each row of ``placed.animals``; ``outside`` where it lies in no polygon, ``""`` without a place.

    In a video for which no polygon was drawn, no habitat is known: ``""`` throughout, with a warning.

    A place on a border lies inside, in several polygons in the first. ``UsageError`` names both projections where they
    differ: of pixels nothing is known on the globe, of metres only with their ``origin``.
    """
    from shapely import STRtree, points

    animals = placed.animals
    if polygons.projection not in (PIXELS, WGS84):
        raise UsageError(_refusal(placed, polygons, f"{WGS84}; reproject the file to EPSG:4326"))
    if polygons.projection == PIXELS:
        x, y = animals["x_px"].to_numpy(dtype=np.float64), animals["y_px"].to_numpy(dtype=np.float64)
    elif origin is None:
        raise UsageError(_refusal(placed, polygons, "pixels of the reference frame: no place on the ground is known"))
    else:
        y, x = lat_lon(animals["x_m"].to_numpy(), animals["y_m"].to_numpy(), origin)
    mine = [k for k, video in enumerate(polygons.videos) if video in ("", placed.video)]
    if not mine:
        log.warning("%s: no polygon of %s is of this video: its habitats are not known", placed.video, polygons.source)
        return pd.Series("", index=animals.index, dtype="str", name="habitat")
    there = np.flatnonzero(~np.isnan(x))
    result = np.full(len(animals), "", dtype=object)
    result[there] = NOWHERE
    tree = STRtree([polygons.shapes[k] for k in mine])
    place, polygon = tree.query(points(x[there], y[there]), predicate="intersects")
    first = np.full(len(there), len(mine))
    np.minimum.at(first, place, polygon)
    inside = first < len(mine)
    result[there[inside]] = np.array([polygons.names[k] for k in mine], dtype=object)[first[inside]]
    return pd.Series(result, index=animals.index, dtype="str", name="habitat")


def _refusal(placed: Placed, polygons: Habitats, positions: str) -> str:
    return f"{polygons.source} is in {polygons.projection}, the positions of {placed.video} are in {positions}"


def habitat_stays(placed: Placed, habitat: "pd.Series[str]") -> pd.DataFrame:
    """HABITAT_STAYS: each track's instants with a place, one row from its coming into a habitat to its leaving it.

    ``habitat`` is as from ``habitats``. A stay ends where an instant of the track is missing.
    """
    rows = placed.animals.assign(habitat=habitat)[habitat != ""].sort_values(["track", "instant"], kind="stable")
    if rows.empty:
        return HABITAT_STAYS.empty()
    spell = placed.instants["spell"].to_numpy()[rows["instant"]]
    before = rows[["track", "habitat", "instant"]].shift()
    new = (rows["track"] != before["track"]) | (rows["habitat"] != before["habitat"])
    new |= (rows["instant"] != before["instant"] + 1) | (np.append(0, np.diff(spell)) != 0)
    stays = rows.assign(stop_s=rows["time_s"] + rows["lasts_s"]).groupby(new.cumsum().to_numpy())
    keys = ["video", "session", "track", "subject", "species", "habitat"]
    table = (
        stays[keys].first().assign(start_s=stays["time_s"].min(), stop_s=stays["stop_s"].max(), n_instants=stays.size())
    )
    return HABITAT_STAYS.cast(table)


def habitat_time(stays: pd.DataFrame) -> pd.DataFrame:
    """HABITAT_TIME of the stays of all videos: seconds by habitat of each animal, by its name or track."""
    if stays.empty:
        return HABITAT_TIME.empty()
    rows = stays.assign(seconds=stays["stop_s"] - stays["start_s"])
    table = rows.groupby(["subject", "habitat"]).agg(
        species=("species", "first"), seconds=("seconds", "sum"), n_instants=("n_instants", "sum")
    )
    whole = table.groupby("subject")["seconds"].transform("sum")
    return HABITAT_TIME.cast(table.assign(share=table["seconds"] / whole.where(whole > 0)).reset_index())
