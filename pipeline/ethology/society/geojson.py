"""Habitats as polygons in a GeoJSON file: read, checked, and refused in one line.

GeoJSON has longitude and latitude on WGS84 (RFC 7946, section 4). A file in pixels of a video's reference frame says so
by a member ``"crs": {"type": "name", "properties": {"name": "pixels"}}``, the way files of the older specification
(2008) name their projection, and each of its features names its ``video``.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import MissingPart, TableError

PIXELS = "pixels"
WGS84 = "WGS 84 longitude and latitude"
_NAMES = ("habitat", "name")  # properties that may name a polygon's habitat


@dataclass(frozen=True)
class Habitats:
    """``m`` polygons (shapely) in the order of the file; the first one that holds a place is its habitat."""

    source: str  # the file's name
    projection: str  # PIXELS, WGS84, or the name of another projection
    shapes: list[Any]  # [m]
    names: list[str]  # [m]
    videos: list[str]  # [m] "" where a polygon is of all videos


def read_habitats(path: Path) -> Habitats:
    """The polygons of a GeoJSON file.

    ``TableError`` names all features that are no named, valid polygon, or a projection that does not fit the numbers;
    ``MissingPart`` says how to install the extra ``geo``.
    """
    _needed()
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise TableError(f"no such file: {path}") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError, IsADirectoryError) as error:
        raise TableError(f"cannot read {path} as GeoJSON: {error}") from error
    features = data.get("features") if isinstance(data, dict) else None
    if not isinstance(features, list) or not features:
        raise TableError(f"{path.name}: expected a GeoJSON FeatureCollection with polygons")
    projection = _projection(data, path.name)
    read = [_polygon(feature, projection) for feature in features]
    if faults := [f"feature {number} {fault}" for number, (_, fault) in enumerate(read, start=1) if fault]:
        raise TableError(f"{path.name}: {'; '.join(faults)}")
    shapes = [shape for shape, _ in read]
    if projection == WGS84 and any(_off_the_globe(shape) for shape in shapes):
        hint = 'pixels need "crs": {"type": "name", "properties": {"name": "pixels"}}, a projection its EPSG code there'
        raise TableError(f"{path.name}: names no projection, and its numbers are no longitudes and latitudes; {hint}")
    told = [feature["properties"] for feature in features]
    names = [next(str(words[key]) for key in _NAMES if words.get(key)) for words in told]
    return Habitats(path.name, projection, shapes, names, [str(words.get("video") or "") for words in told])


def _needed() -> None:
    try:
        import pyproj  # noqa: F401
        import shapely  # noqa: F401
    except ImportError as error:
        raise MissingPart(
            f"{error.name} is not installed, and habitats need it: pip install 'ethopipe[geo]'"
        ) from error


def _projection(data: dict[str, Any], source: str) -> str:
    """What the file's numbers are, by its ``crs`` member; WGS84 where it has none."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    crs = data.get("crs")
    if crs is None:
        return WGS84
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if name == PIXELS:
        return PIXELS
    try:
        known = CRS.from_user_input(name)
    except CRSError:
        raise TableError(f"{source}: crs must name a projection, as EPSG:32737, or pixels; got {name!r}") from None
    same = known.equals(CRS.from_epsg(4326), ignore_axis_order=True) or known.equals(CRS.from_user_input("OGC:CRS84"))
    return WGS84 if same else f"{name} ({known.name})"


def _polygon(feature: Any, projection: str) -> tuple[Any, str]:
    """The polygon of a feature, and what is wrong with it."""
    import shapely
    from shapely.geometry import shape

    properties = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(properties, dict) or not any(properties.get(key) for key in _NAMES):
        return None, "has no property habitat or name"
    if projection == PIXELS and not properties.get("video"):
        return None, "is in pixels and has no property video: each video has a reference frame of its own"
    try:
        found = shape(feature["geometry"])
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, shapely.errors.ShapelyError):
        return None, "has no geometry that can be read"
    if found.geom_type not in ("Polygon", "MultiPolygon") or found.is_empty:
        return None, f"is a {found.geom_type}, not a polygon"
    if not found.is_valid:
        return None, f"is no valid polygon: {shapely.is_valid_reason(found)}"
    return found, ""


def _off_the_globe(shape: Any) -> bool:
    west, south, east, north = shape.bounds
    return bool(west < -180 or east > 180 or south < -90 or north > 90)
