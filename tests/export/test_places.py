"""Places on the ground as GeoJSON: what is read back is what the run holds."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_table, write_table
from pipeline.tables import GROUND, TRACKS
from tests.export.made import finished_run

TRACKED = {"a.mp4": {1: [range(100)], 2: [range(30), range(60, 90)]}, "b.mp4": {1: [range(20)]}}
BOUTS = {
    "a.mp4": [(1, "Walk", 0, 40, 0.9), (1, "Graze", 40, 100, 0.8), (1, "snort", 10, 11, 1), (2, "unknown", 0, 90, 0.7)],
    "b.mp4": [(1, "Walk", 0, 20, 0.9)],
}  # fmt: skip


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """10 frames/s; track 1 of a.mp4 walks east, and has no place in its sixth second; b.mp4 has none at all."""
    run = finished_run(tmp_path / "run", TRACKED, BOUTS, {("a.mp4", 1): "Zoë"})
    folder = run / "videos" / "a.mp4"
    rows = read_table(folder / "tracks.parquet", TRACKS)
    write_table(folder / "tracks.parquet", rows.assign(observed=rows["frame"] != 70), TRACKS)
    told = rows[["track", "frame", "time_s"]].assign(
        x_m=0.0, y_m=0.0, lat=-0.3, error_m=1.5, box_error_m=0.3, pixel_m=0.01, stretch=0.05
    )
    told["lon"] = 36.9 + rows["frame"] * 1e-6
    told.loc[told["frame"].between(50, 59), ["x_m", "y_m", "lat", "lon"]] = np.nan
    write_table(folder / "ground.parquet", told, GROUND)
    return run


def features(path: Path) -> list[dict[str, Any]]:
    collection = json.loads(path.read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert set(collection) == {"type", "features"}  # RFC 7946 knows no other projection
    return list(collection["features"])


def test_an_event_lies_where_the_animals_were(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", str(run), "format=darwin_core", f"out={tmp_path / 'out'}"]) == 0
    events = pd.read_csv(tmp_path / "out" / "darwin_core" / "event.csv", keep_default_na=False, dtype="str")
    where = ["decimalLatitude", "decimalLongitude", "geodeticDatum", "coordinateUncertaintyInMeters"]
    rows = events.set_index(events["associatedMedia"].str.rpartition("/")[2])[where]
    # the middle of 36.9 and 36.900099 degrees, 5.5 m from either end, and 1.5 m of error
    assert rows.loc["a.mp4"].tolist() == ["-0.300000", "36.900044", "EPSG:4326", "8"]
    assert rows.loc["b.mp4"].tolist() == [""] * 4
    assert "no decimalLatitude, decimalLongitude of 1 video: left empty" in capsys.readouterr().err


def test_points_and_paths_read_back(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from shapely.geometry import shape

    assert cli.main(["export", str(run), "format=geojson", f"out={tmp_path / 'out'}"]) == 0
    assert "warning  geojson: no latitudes and longitudes of animals are known in b.mp4" in capsys.readouterr().err
    points = features(tmp_path / "out" / "geojson" / "a_points.geojson")
    first = [one["properties"] for one in points if one["properties"]["track"] == 1]
    assert [one["frame"] for one in first] == [0, 10, 20, 30, 40, 60, 71, 80, 90]  # 50: no place; 70: interpolated
    assert first[1] == (
        {"video": "a.mp4", "track": 1, "subject": "Zoë", "species": "zebra", "time_s": 1.0, "frame": 10}
        | {"error_m": 1.5, "behaviour": "Walk", "event": "snort"}
    )
    assert first[5]["behaviour"] == "Graze"
    assert (points[1]["geometry"]["type"], points[1]["geometry"]["coordinates"]) == ("Point", [36.90001, -0.3])
    second = [one["properties"] for one in points if one["properties"]["track"] == 2]
    assert {one["subject"] for one in second} == {"a.mp4#2"}
    assert not any("behaviour" in one for one in second)  # unknown is no behaviour
    paths = features(tmp_path / "out" / "geojson" / "a_paths.geojson")
    ways = [(one["properties"]["track"], one["properties"]["times_s"]) for one in paths]
    assert ways == [
        (1, [0, 1, 2, 3, 4]),
        (1, [6, 7.1, 8, 9]),
        (2, [0, 1, 2]),
        (2, [6, 7.1, 8]),
    ]
    line = shape(paths[0]["geometry"])
    assert (line.geom_type, line.bounds) == ("LineString", pytest.approx((36.9, -0.3, 36.90004, -0.3)))


def test_a_geopackage_has_the_same_features(run: Path, tmp_path: Path) -> None:
    geopandas = pytest.importorskip("geopandas")
    for name in ("out", "again"):
        assert cli.main(["export", str(run), "format=[geojson,gpkg]", f"out={tmp_path / name}"]) == 0
    package = tmp_path / "out" / "gpkg" / "a.gpkg"
    assert package.read_bytes() == (tmp_path / "again" / "gpkg" / "a.gpkg").read_bytes()
    for layer, lists in (("points", []), ("paths", ["times_s", "errors_m"])):
        found = geopandas.read_file(package, layer=layer)
        assert found.crs.to_epsg() == 4326
        told = features(tmp_path / "out" / "geojson" / f"a_{layer}.geojson")
        for row, one in zip(found.to_dict("records"), told, strict=True):
            assert json.loads(json.dumps(row.pop("geometry").__geo_interface__)) == one["geometry"]
            row |= {name: json.loads(row[name]) for name in lists}
            assert {name: value for name, value in row.items() if value == value} == one["properties"]  # NaN: none


def test_without_places_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished_run(tmp_path / "run", {"a.mp4": {1: [range(9)]}}, {"a.mp4": [(1, "Walk", 0, 9, 0.9)]})
    assert cli.main(["export", str(run), "format=geojson", f"out={tmp_path / 'out'}"]) == 1
    assert "error: no latitudes and longitudes of animals are known in" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_geopandas_there_is_no_geopackage(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.export.places.find_spec", lambda name: None)
    assert cli.main(["export", str(run), "format=gpkg", f"out={tmp_path / 'out'}"]) == 1
    assert (
        "error: geopandas not installed, and format=gpkg needs it: pip install 'ethopipe[geo]'"
        in capsys.readouterr().err
    )
