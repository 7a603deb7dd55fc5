import builtins
import json

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import Point, Polygon

from pipeline.errors import MissingPart, TableError, UsageError
from pipeline.ethology.society.geojson import PIXELS, WGS84, read_habitats
from pipeline.ethology.society.habitat import habitat_stays, habitat_time, habitats
from pipeline.ethology.society.habitat_budgets import habitat_budgets, habitat_seconds
from pipeline.ethology.society.habitat_tables import HABITAT_BUDGETS, HABITAT_STAYS, HABITAT_TIME
from pipeline.ethology.society.scene import positions
from pipeline.ethology.study import study
from pipeline.geodesy import Origin, lat_lon
from pipeline.tables import NAMES
from tests.ethology import made
from tests.ethology.made import ethogram, statistics
from tests.ethology.society.made import names, placed, scene, settings

WALK = [(100.0 * t, 500.0) for t in range(6)]
ORIGIN = Origin(0.5, 37.0)


def square(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def feature(ring, kind="Polygon", **properties):
    coordinates = [ring] if kind == "Polygon" else [[ring]]
    return {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": coordinates}}


def written(tmp_path, *features, crs=None):
    data = {"type": "FeatureCollection", "features": list(features)}
    if crs:
        data["crs"] = {"type": "name", "properties": {"name": crs}}
    path = tmp_path / "habitats.geojson"
    path.write_text(json.dumps(data))
    return path


def in_pixels(tmp_path, *features):
    return read_habitats(written(tmp_path, *features, crs="pixels"))


def test_a_walk_from_grass_into_the_bush(tmp_path):
    grass = feature(square(-10, 0, 150, 900), habitat="grass", video="v.mp4")
    bush = feature(square(250, 0, 450, 900), "MultiPolygon", name="bush", video="v.mp4")
    other = feature(square(-10, 0, 900, 900), habitat="water", video="w.mp4")
    there = placed({1: WALK}, names=names(t1="Zoe"))
    found = habitats(there, in_pixels(tmp_path, grass, bush, other))
    assert found.tolist() == ["grass", "grass", "outside", "bush", "bush", "outside"]
    stays = habitat_stays(there, found)
    assert stays[["habitat", "start_s", "stop_s", "n_instants"]].to_numpy().tolist() == [
        ["grass", 0, 2, 2],
        ["outside", 2, 3, 1],
        ["bush", 3, 5, 2],
        ["outside", 5, 6, 1],
    ]
    assert habitat_time(stays).to_numpy().tolist() == [
        ["Zoe", "zebra", "bush", 2, pytest.approx(1 / 3), 2],
        ["Zoe", "zebra", "grass", 2, pytest.approx(1 / 3), 2],
        ["Zoe", "zebra", "outside", 2, pytest.approx(1 / 3), 2],
    ]


def budgets(tmp_path, *days, names_of=None):
    """Of videos of one session each: words by track, of animals that walk from the grass (two instants) to the bush."""
    told, polygons = [], []
    for day, words in enumerate(days):
        video = f"{day}/v.mp4"
        polygons += [feature(square(-10, 0, 150, 900), habitat="grass", video=video)]
        polygons += [feature(square(151, 0, 900, 900), habitat="bush", video=video)]
        film = scene(dict.fromkeys(words, WALK[:4]), video=video, words=words)
        rows = [(video, track, names_of[track]) for track in words] if names_of else []
        who = NAMES.cast(pd.DataFrame(rows, columns=["video", "track", "individual"]))
        there = positions(film, settings(), None, who)
        where = habitats(there, in_pixels(tmp_path, *polygons))
        told.append(habitat_seconds(there, where, film.behaviours, ethogram("AB")))
    return habitat_budgets(pd.concat(told, ignore_index=True), ethogram("AB"), statistics())


def test_what_animals_do_in_each_habitat(tmp_path):
    table = budgets(tmp_path, {1: "ABBB", 2: "AA?A"}).set_index(["habitat", "behaviour"])
    columns = ["share", "bound_low", "bound_high", "behaviour_s", "visible_s", "excluded_s", "n_tracks"]
    assert table.loc[("grass", "A"), columns].tolist() == [0.75, 0.75, 0.75, 3, 4, 0, 2]
    assert table.loc[("bush", "A"), columns].tolist() == pytest.approx([1 / 3, 1 / 4, 2 / 4, 1, 3, 1, 2])
    assert table.loc[("bush", "B"), "mean_method"] == "0 named animals: no mean"
    assert set(table["method"]) == {"no interval: only 1 session (6 are needed)"}
    assert habitat_budgets(pd.DataFrame(), ethogram("AB"), statistics()).equals(HABITAT_BUDGETS.empty())


def test_budgets_of_habitats_have_the_limits_of_time_budgets(tmp_path):
    """Six sessions in which all that is followed is grass, against time_budgets of the same words."""
    words = ["AB", "AA", "BB", "AB", "AA", "AB"]
    own = budgets(tmp_path, *({1: word + "AB", 2: word[::-1] + "BB"} for word in words), names_of={1: "Zoe", 2: "Bea"})
    films = [made.record(f"{day}/v.mp4", {1: word, 2: word[::-1]}) for day, word in enumerate(words)]
    rows = [(f"{day}/v.mp4", track, name) for day in range(6) for track, name in ((1, "Zoe"), (2, "Bea"))]
    who = NAMES.cast(pd.DataFrame(rows, columns=["video", "track", "individual"]))
    whole = study(films, ethogram("AB"), statistics(), 0.0, names=who)["time_budgets"].query("level == 'species'")
    grass = own[own["habitat"] == "grass"]
    for name in ("share", "ci_low", "ci_high", "mean_share", "mean_ci_low", "n_individuals", "n_sessions"):
        assert grass[name].tolist() == pytest.approx(whole[name].tolist(), nan_ok=True)


def test_borders_are_inside_and_the_first_polygon_counts(tmp_path):
    first = feature(square(0, 0, 200, 500), habitat="first", video="v.mp4")
    second = feature(square(0, 0, 400, 500), habitat="second", video="v.mp4")
    found = habitats(placed({1: WALK}), in_pixels(tmp_path, first, second))
    assert found.tolist() == ["first"] * 3 + ["second"] * 2 + ["outside"]


def test_a_stay_ends_where_the_track_is_lost(tmp_path):
    grass = feature(square(-10, 0, 900, 900), habitat="grass", video="v.mp4")
    there = placed({1: [*WALK[:2], None, *WALK[3:]], 2: [None] * 6})
    stays = habitat_stays(there, habitats(there, in_pixels(tmp_path, grass)))
    assert stays[["start_s", "stop_s"]].to_numpy().tolist() == [[0, 2], [3, 6]]


def test_nobody(tmp_path):
    there = placed({})
    found = habitats(there, in_pixels(tmp_path, feature(square(0, 0, 9, 9), habitat="grass", video="v.mp4")))
    assert habitat_stays(there, found).equals(HABITAT_STAYS.empty())
    assert habitat_time(HABITAT_STAYS.empty()).equals(HABITAT_TIME.empty())


def test_places_on_the_ground_against_shapely(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-200, 200, (2, 40))
    ground = pd.DataFrame({"track": 1, "frame": range(40), "x_m": x, "y_m": y})
    ground.loc[3, ["x_m", "y_m"]] = np.nan
    there = positions(scene({1: [(500.0, 500.0)] * 40}, ground=ground), settings())
    corners = lat_lon(np.array([-100.0, 120, 80, -150]), np.array([-90.0, -120, 150, 60]), ORIGIN)
    ring = [[lon, lat] for lat, lon in zip(*corners, strict=True)]
    polygons = read_habitats(written(tmp_path, feature([*ring, ring[0]], habitat="bush")))
    assert polygons.projection == WGS84
    lats, lons = lat_lon(x, y, ORIGIN)
    inside = [Polygon(ring).contains(Point(lon, lat)) for lat, lon in zip(lats, lons, strict=True)]
    expected = ["bush" if within else "outside" for within in inside]
    expected[3] = ""  # no place
    assert habitats(there, polygons, ORIGIN).tolist() == expected
    assert 5 < sum(inside) < 35


@pytest.mark.parametrize("crs", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_names_of_longitude_and_latitude(tmp_path, crs):
    path = written(tmp_path, feature(square(36, 0, 37, 1), habitat="bush"), crs=crs)
    assert read_habitats(path).projection == WGS84


def test_other_projections_are_refused_with_both_names(tmp_path):
    utm = read_habitats(written(tmp_path, feature(square(1e5, 2e5, 3e5, 4e5), habitat="bush"), crs="EPSG:32737"))
    with pytest.raises(UsageError) as error:
        habitats(placed({1: WALK}), utm)
    assert str(error.value) == (
        "habitats.geojson is in EPSG:32737 (WGS 84 / UTM zone 37S), the positions of v.mp4 are in WGS 84 longitude and"
        " latitude; reproject the file to EPSG:4326"
    )
    globe = read_habitats(written(tmp_path, feature(square(36, 0, 37, 1), habitat="bush")))
    with pytest.raises(UsageError) as error:
        habitats(placed({1: WALK}), globe)
    assert str(error.value) == (
        "habitats.geojson is in WGS 84 longitude and latitude, the positions of v.mp4 are in pixels of the reference"
        " frame: no place on the ground is known"
    )


@pytest.mark.parametrize(
    ("features", "crs", "text"),
    [
        ([], None, "expected a GeoJSON FeatureCollection with polygons"),
        ([feature(square(0, 0, 1, 1))], None, "feature 1 has no property habitat or name"),
        (
            [feature(square(0, 0, 1, 1), habitat="a"), feature(square(0, 0, 1, 1), habitat="b", video="v.mp4")],
            "pixels",
            "feature 1 is in pixels and has no property video: each video has a reference frame of its own$",
        ),
        (
            [feature([[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]], habitat="a")],
            None,
            "feature 1 is no valid polygon: Self-intersection",
        ),
        (
            [{"properties": {"name": "a"}, "geometry": {"type": "Point", "coordinates": [1, 2]}}, {"properties": {}}],
            None,
            "feature 1 is a Point, not a polygon; feature 2 has no property habitat or name",
        ),
        ([{"properties": {"name": "a"}, "geometry": None}], None, "feature 1 has no geometry that can be read"),
        (
            [feature(square(0, 0, 900, 900), habitat="a")],
            None,
            "names no projection, and its numbers are no longitudes",
        ),
        (
            [feature(square(0, 0, 1, 1), habitat="a")],
            "Narnia",
            "crs must name a projection, .* or pixels; got 'Narnia'",
        ),
    ],
)
def test_files_that_are_refused(tmp_path, features, crs, text):
    with pytest.raises(TableError, match=text):
        read_habitats(written(tmp_path, *features, crs=crs))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(TableError, match="no such file"):
        read_habitats(tmp_path / "none.geojson")
    (tmp_path / "broken.geojson").write_text("{")
    with pytest.raises(TableError, match=r"cannot read .*broken\.geojson as GeoJSON"):
        read_habitats(tmp_path / "broken.geojson")


def test_what_is_missing_is_told(tmp_path, monkeypatch):
    path = written(tmp_path, feature(square(0, 0, 1, 1), habitat="a"))
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.split(".")[0] == "shapely":
            raise ImportError("no", name="shapely")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(
        MissingPart, match=r"shapely is not installed, and habitats need it: pip install 'ethopipe\[geo\]'"
    ):
        read_habitats(path)


def test_pixels_are_named(tmp_path):
    found = in_pixels(tmp_path, feature(square(0, 0, 1, 1), habitat="a", video="v.mp4"))
    assert (found.projection, found.videos, found.names) == (PIXELS, ["v.mp4"], ["a"])


def test_without_a_polygon_of_the_video_no_habitat_is_known(tmp_path, caplog):
    other = feature(square(-10, 0, 900, 900), habitat="water", video="w.mp4")
    there = placed({1: WALK})
    found = habitats(there, in_pixels(tmp_path, other))
    assert found.tolist() == [""] * len(WALK) and habitat_stays(there, found).empty
    assert caplog.messages == ["v.mp4: no polygon of habitats.geojson is of this video: its habitats are not known"]
