"""The whole chain on real footage with known answers."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_table
from pipeline.formats.mot import read_mot
from pipeline.tables import TRACKS
from pipeline.tracks.metrics import compare, recalls

pytestmark = [pytest.mark.real, pytest.mark.slow]


def tracks_of(out: Path, video: str) -> pd.DataFrame:
    return read_table(out / "videos" / video / "tracks.parquet", TRACKS)


def test_the_horse_is_one_track_while_it_is_visible(real: Path, tmp_path: Path) -> None:
    """Some of it is in the picture from frame 18 (its head) to frame 300 (its tail): 11.75 s."""
    pytest.importorskip("openvino", reason="the YOLO weights of ETHOPIPE_REAL need openvino")
    weights = real / "weights" / "yolov8n_int8_openvino_model"
    video = real / "video" / "horse_walks_through.mp4"
    assert cli.main(["run", str(video), f"detector.model={weights}", "overlay=false", f"out={tmp_path / 'out'}"]) == 0
    tracks = tracks_of(tmp_path / "out", video.name)
    assert set(tracks["track"]) == {1}
    assert set(tracks["species"]) == {"horse"}
    assert tracks["frame"].between(18, 300).sum() >= 0.8 * (300 - 18 + 1)


@pytest.mark.parametrize(
    ("animal", "recall", "idf1", "most_switches"),
    [
        ("mice", 0.95, 0.6, 20),  # huddled mice swap identities
        ("flies", 0.99, 0.95, 1),
    ],
)
def test_animals_known_by_name_are_found_without_weights(
    real: Path, tmp_path: Path, animal: str, recall: float, idf1: float, most_switches: int
) -> None:
    """Matched by centre distance within a body length: the truth's boxes are around key points, not bodies."""
    video = real / "video" / f"{animal}_overhead.mp4"
    words = ["detector=motion", "recognizer=kinematic", "overlay=false", f"out={tmp_path / 'out'}"]
    assert cli.main(["run", str(video), *words]) == 0
    tracks = tracks_of(tmp_path / "out", video.name)
    truth = read_mot(real / "truth" / f"{animal}_overhead.mot.txt").rename(columns={"given_id": "track"})
    assert recalls(tracks, truth)["found"].median() >= recall
    found = compare(tracks, truth, distance=True)
    assert found["IDF1"] >= idf1
    assert found["switches"] <= most_switches
