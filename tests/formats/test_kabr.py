import json
from pathlib import Path

import pytest

from pipeline.formats.cvat import read_cvat
from pipeline.formats.kabr import scene_folder, write_kabr
from pipeline.miniscenes import mini_scenes
from tests.test_miniscenes import still, track


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("DJI_0001.mp4", "DJI_0001"),  # no parent at all
        ("/DJI_0001.mp4", "DJI_0001"),
        ("/day/DJI_0001.MP4", "day_DJI_0001"),
        ("/a/b/16_01_23/flight 1/DJI_0001.mp4", "16_01_23_flight 1_DJI_0001"),
    ],
)
def test_the_directorys_name(path, name):
    assert scene_folder(Path(path)) == name


def test_the_metadata_maps_every_frame_and_the_tracks_read_back(configured, tmp_path):
    scenes = mini_scenes(track(still(3), 4, [1, 2, 4], fps=10), configured("miniscene"))
    metadata, boxes = write_kabr(tmp_path, Path("/x/DJI_1.mp4"), scenes, ["4", "4", "4.2"], (1920, 1080), 6)
    assert (metadata.name, boxes.name, (tmp_path / "actions").is_dir()) == (
        "DJI_1_metadata.json",
        "DJI_1_tracks.xml",
        True,
    )
    values = json.loads(metadata.read_text())
    assert values["original"] == "/x/DJI_1.mp4"
    assert values["tracks"] == {
        "main": [-1, 1, 2, -1, 4, -1],
        "4": [-1, 0, 1, -1, -1, -1],
        "4.2": [-1, -1, -1, -1, 0, -1],
    }
    assert all(0 <= value <= 255 for colour in values["colors"].values() for value in colour)
    assert read_cvat(boxes)["frame"].tolist() == [1, 2, 4]
