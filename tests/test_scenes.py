import json
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest

from pipeline import scenes as module
from pipeline.miniscenes import mini_scenes
from pipeline.scenes import file_name, write_scenes
from pipeline.types import Video
from pipeline.video.frames import Footage
from tests.footage import numbered, write_video
from tests.test_miniscenes import track

SIZE = (64, 48)


@pytest.fixture
def footage(tmp_path):
    """20 frames of 64 x 48 px at 10 frames/s whose brightness tells their number."""
    path = write_video(tmp_path / "flight 1" / "day 2" / "DJI_0001.mp4", [numbered(k) for k in range(20)], 10)
    return Footage(Video("flight 1/day 2/DJI_0001.mp4", path))


def herd(*frames):
    """Animals of 20 x 12 px in the middle of the picture, seen in the given frames."""
    boxes = [(22, 18, 42, 30)]
    return pd.concat([track(boxes * len(list(f)), k + 1, list(f), fps=10) for k, f in enumerate(frames)])


def written(path: Path):
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [round((f.to_ndarray(format="rgb24")[20:28, 28:36].mean() - 30) / 6) for f in frames], [
        f.time for f in frames
    ]


def write(configured, footage, rows, folder, **changes):
    settings = configured("miniscene", width_px=SIZE[0], height_px=SIZE[1], **changes)
    return write_scenes(footage, mini_scenes(rows, settings), settings, folder, 20, lambda n: None)


def test_no_track_writes_nothing(configured, footage, tmp_path):
    assert write(configured, footage, herd(range(1)).iloc[:0], tmp_path / "s") == []


def test_one_track_is_one_video_with_its_true_times(configured, footage, tmp_path):
    (path,) = write(configured, footage, herd(range(4, 9)), tmp_path / "s")
    assert path == tmp_path / "s" / "1.mp4"
    numbers, times = written(path)
    assert numbers == [4, 5, 6, 7, 8]
    assert times == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4], abs=1e-4)


def test_a_track_with_a_gap_is_two_videos(configured, footage, tmp_path):
    paths = write(configured, footage, herd([*range(4), *range(10, 12)], range(2, 5)), tmp_path / "s")
    assert [path.name for path in paths] == ["1.mp4", "1.2.mp4", "2.mp4"]
    assert [written(path)[0] for path in paths] == [[0, 1, 2, 3], [10, 11], [2, 3, 4]]


@pytest.mark.parametrize(
    ("most", "decodes"),
    [
        (3, 1),  # all three at once
        (2, 2),  # a second decode for the third animal
        (1, 3),
    ],
)
def test_no_more_encoders_are_open_than_allowed(configured, footage, tmp_path, monkeypatch, most, decodes):
    asked, open_now, peak = [], set(), []
    frames, writer = footage.frames, module.VideoWriter

    class Watched(writer):
        def __enter__(self):
            open_now.add(id(self))
            peak.append(len(open_now))
            return super().__enter__()

        def __exit__(self, *error):
            open_now.discard(id(self))
            return super().__exit__(*error)

    monkeypatch.setattr(module, "MOST_OPEN", most)
    monkeypatch.setattr(module, "VideoWriter", Watched)
    monkeypatch.setattr(footage, "frames", lambda wanted: (asked.append(len(wanted)), frames(wanted))[1])
    paths = write(configured, footage, herd(range(6), range(2, 8), range(3, 9), range(10, 12)), tmp_path / "s")
    assert [written(path)[0] for path in paths] == [[*range(6)], [*range(2, 8)], [*range(3, 9)], [10, 11]]
    assert len(asked) == decodes
    assert max(peak) == most


def test_an_error_leaves_no_half_video(configured, footage, tmp_path, monkeypatch):
    def broken(*args):
        if len(cuts) == 3:
            raise RuntimeError("stop here")
        cuts.append(1)
        return np.zeros((48, 64, 3), dtype=np.uint8)

    cuts = []
    monkeypatch.setattr(module, "cut", broken)
    with pytest.raises(RuntimeError, match="stop here"):
        write(configured, footage, herd(range(9)), tmp_path / "s")
    assert list((tmp_path / "s").iterdir()) == []


def test_footage_that_ends_early_ends_the_videos_there(configured, footage, tmp_path):
    paths = write(configured, footage, herd(range(16, 30), range(25, 30)), tmp_path / "s")
    assert [path.name for path in paths] == ["1.mp4"]
    assert written(paths[0])[0] == [16, 17, 18, 19]


def test_the_layout_of_kabr_tools(configured, footage, tmp_path):
    rows = herd([0, 1, 2, 5, 6], range(3, 5))
    paths = write(configured, footage, rows, tmp_path / "s", layout="kabr_tools")
    folder = tmp_path / "s" / "flight 1_day 2_DJI_0001"
    names = ["1.mp4", "1.2.mp4", "2.mp4", "metadata/DJI_0001_metadata.json", "metadata/DJI_0001_tracks.xml"]
    assert [str(path.relative_to(folder)) for path in paths] == names
    assert (folder / "actions").is_dir()
    metadata = json.loads(paths[3].read_text())
    assert metadata["tracks"] == {
        "main": [*range(7), *[-1] * 13],
        "1": [0, 1, 2, *[-1] * 17],
        "1.2": [*[-1] * 5, 0, 1, *[-1] * 13],
        "2": [*[-1] * 3, 0, 1, *[-1] * 15],
    }
    assert set(metadata["colors"]) == {"1", "1.2", "2"}
    assert paths[4].read_text().count("<track ") == 2


@pytest.mark.parametrize(("segment", "name"), [(1, "7"), (2, "7.2")])
def test_names(segment, name):
    assert file_name(7, segment) == name
