"""A whole small film: the same bytes for the same seed, on one process or two, and its truth beside it."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.formats.dji_srt import read_srt
from pipeline.simulate.film import film
from pipeline.simulate.truth_files import read_truth
from pipeline.types import Video
from pipeline.video.frames import Footage
from tests.simulate.small import small


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film of seed 5, by one process."""
    folder = tmp_path_factory.mktemp("film")
    film(small(), 5, folder, processes=1)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_seed_gives_the_same_bytes_however_many_processes(made: Path, tmp_path: Path) -> None:
    counted = 0

    def advance(steps: int) -> None:
        nonlocal counted
        counted += steps

    assert film(small(), 5, tmp_path / "again", advance, processes=2) == tmp_path / "again" / "hover.mp4"
    assert counted == 4
    assert files(made) == files(tmp_path / "again")


def test_another_seed_is_another_film(made: Path, tmp_path: Path) -> None:
    film(small(), 6, tmp_path, processes=1)
    mine, other = files(made), files(tmp_path)
    assert mine.keys() == other.keys()
    assert all(mine[name] != other[name] for name in ("hover.mp4", "hover.SRT", "hover.xml", "truth/animals.parquet"))


def test_the_truth_speaks_of_every_frame_of_the_video(made: Path) -> None:
    truth = read_truth(made)
    frames = list(Footage(Video("hover", made / "hover.mp4")).frames())
    assert [frame.index for frame in frames] == truth.camera["frame"].tolist() == [0, 1, 2, 3]
    np.testing.assert_allclose([frame.time_s for frame in frames], truth.camera["time_s"], atol=1e-5)
    assert frames[0].image.shape == (360, 640, 3)
    assert set(truth.animals["species"]) == {"plains_zebra", "giraffe"}
    assert (truth.animals[["x2", "y2"]].to_numpy() <= [640, 360]).all()
    flight = read_srt(made / "hover.SRT")
    np.testing.assert_allclose(flight["latitude_deg"], truth.camera["lat"], atol=1e-6)


def test_a_variable_rate_and_hevc(tmp_path: Path) -> None:
    scene = small("scene.variable_rate=true", "scene.codec=hevc", "scene.duration_s=0.8")
    footage = Footage(Video("v", film(scene, 1, tmp_path, processes=1)))
    times = [frame.time_s for frame in footage.frames()]
    assert footage.info.codec == "hevc"
    steps = np.diff(times)
    assert (steps > 0).all()
    assert steps.std() > 1e-4
    np.testing.assert_allclose(times, read_truth(tmp_path).camera["time_s"], atol=1e-4)
