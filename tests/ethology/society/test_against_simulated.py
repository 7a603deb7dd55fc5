"""Held against the truth of a simulated scene: animals on known ground, in metres."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import KDTree

from pipeline.ethology.society.geojson import WGS84, Habitats
from pipeline.ethology.society.habitat import habitats
from pipeline.ethology.society.scene import VideoScene, positions
from pipeline.ethology.society.spacing import group_instants, neighbours
from pipeline.simulate import record
from pipeline.simulate.truth import animals_table
from pipeline.tables import CAMERA
from tests.ethology.society.made import settings
from tests.simulate.made import HEIGHT, ORIGIN, WIDTH, filmed


@pytest.fixture(scope="module")
def truth():
    """Three animals, 10 m apart, that glide east at 1 m/s; the second drifts through the picture by 50 px/s."""
    return animals_table(filmed())


@pytest.fixture(scope="module")
def there(truth):
    noted = record.record("squares.mp4", truth, record.frames(filmed().times_s))
    video = VideoScene(
        "squares.mp4", (WIDTH, HEIGHT), noted.frames, noted.tracks, CAMERA.empty(), noted.behaviours,
        truth[["track", "frame", "x_m", "y_m"]].assign(box_error_m=0.0, stretch=0.0), ORIGIN,
    )  # fmt: skip
    return positions(video, settings(step_s=0.1, heading_s=0.4, least_aspect=0.0))


def test_places_and_headings_are_the_true_ones(there, truth):
    both = there.animals.merge(truth, on=["track", "frame"], suffixes=("", "_true"))
    assert len(both) == len(truth)
    assert both["x_m"].tolist() == both["x_m_true"].tolist()
    moving = there.animals[there.animals["track"] == 2]
    assert moving["heading_deg"].to_numpy() == pytest.approx(0, abs=1e-6)  # glides east, wherever it looks
    assert moving["speed_bl_s"].to_numpy() == pytest.approx(50 / 80)  # 50 px/s of a body length of 80 px
    assert there.animals[there.animals["track"] == 1]["heading_deg"].isna().all()  # stays in the picture


def test_neighbours_on_the_ground(there, truth):
    table = neighbours(there.animals)
    last = truth[truth["frame"] == 19]
    distance, _ = KDTree(last[["x_m", "y_m"]].to_numpy()).query(last[["x_m", "y_m"]].to_numpy(), k=2)
    assert table[table["frame"] == 19]["nearest_m"].to_numpy() == pytest.approx(distance[:, 1])
    whole = group_instants(there)
    whole = whole[whole["species"] == "all"]
    assert whole["animals"].tolist() == [2] * 15 + [3] * 5
    assert whole["nearest_m"].to_numpy() == pytest.approx(10)


def test_habitats_by_the_truths_own_degrees(there, truth):
    from shapely import box

    lons = truth[truth["track"] == 2]["lon"]
    polygons = Habitats("made.geojson", WGS84, [box(lons.min(), -1, lons.median(), 1)], ["bush"], [""])
    found = habitats(there, polygons, ORIGIN)
    second = found[there.animals["track"] == 2].to_numpy()
    assert second.tolist() == np.where(lons <= lons.median(), "bush", "outside").tolist()
    assert pd.Series(found[there.animals["track"] == 1]).eq("outside").all()
