import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import TableError, UsageError
from pipeline.types import Detections
from tests.formats.labels import INFO, real, video, write

STILL = np.eye(3)[None]


@dataclasses.dataclass(frozen=True)
class Number:
    """A frame that has no pixels: asking for them would fail."""

    index: int
    time_s: float = 0.0


def track(number: int, frames: range, left: float = 10) -> str:
    boxes = [f'<box frame="{f}" xtl="{left + f}" ytl="20" xbr="{left + f + 20}" ybr="40"/>' for f in frames]
    return f'<track id="{number}" label="Zebra">{"".join(boxes)}</track>'


def labels(path: Path, *tracks: str) -> Path:
    return write(path, f"<annotations>{''.join(tracks)}</annotations>")


def found(detector: Any, frames: list[int], key: str = "DJI_0068.MP4", info: Any = INFO) -> list[Detections]:
    detector.begin(video(key), info)
    answer: list[Detections] = detector.detect([Number(f) for f in frames], np.repeat(STILL, len(frames), axis=0))
    return answer


@pytest.mark.parametrize(
    ("step", "period_s", "warned"), [(1, 0.0, False), (2, 0.0, False), (5, 0.0, True), (5, 0.2, False)]
)
def test_labels_of_few_frames_are_told(
    tmp_path: Path,
    configured: Callable[..., Any],
    caplog: pytest.LogCaptureFixture,
    step: int,
    period_s: float,
    warned: bool,
) -> None:
    rows = [f"{frame + 1},1,10,20,30,20,1,-1,-1,-1\n" for frame in range(0, 20, step)]
    path = write(tmp_path / "DJI_0068.txt", "".join(rows))
    detector = configured("detector", "replay", path=str(path), period_s=period_s)
    detector.begin(video("DJI_0068.MP4"), INFO)
    step_s = step / float(INFO.rate)
    assert (f"boxes in one frame of {step}: " in caplog.text) == warned
    assert (f"give detector.period_s={step_s:.3f}" in caplog.text) == warned


@pytest.mark.parametrize(
    ("frames", "counts"),
    [
        ([], []),  # nothing asked
        ([3], [2]),  # one
        ([0, 1, 2, 3, 4, 5], [1, 1, 2, 2, 1, 0]),
        ([5, 2], [0, 2]),  # batches need not begin at the start
    ],
)
def test_each_frame_gets_its_boxes(
    tmp_path: Path, configured: Callable[..., Any], frames: list[int], counts: list[int]
) -> None:
    path = labels(tmp_path / "DJI_0068.xml", track(0, range(4)), track(7, range(2, 5), left=100))
    answer = found(configured("detector", "replay", path=str(path)), frames)
    assert [len(boxes) for boxes in answer] == counts


def test_a_box_keeps_all_it_came_with(tmp_path: Path, configured: Callable[..., Any]) -> None:
    path = labels(tmp_path / "DJI_0068.xml", track(0, range(4)), track(7, range(2, 5), left=100))
    [boxes] = found(configured("detector", "replay", path=str(path)), [2])
    assert boxes.xyxy.tolist() == [[12, 20, 32, 40], [102, 20, 122, 40]]
    assert boxes.given_id.tolist() == [0, 7]
    assert boxes.species.tolist() == ["Zebra", "Zebra"]
    assert boxes.score.tolist() == boxes.share.tolist() == [1, 1]


def test_no_boxes_at_all(tmp_path: Path, configured: Callable[..., Any]) -> None:
    path = labels(tmp_path / "DJI_0068.xml")
    assert [len(boxes) for boxes in found(configured("detector", "replay", path=str(path)), [0, 1])] == [0, 0]


def test_a_folder_serves_every_video_and_one_without_labels_is_one_line(
    tmp_path: Path, configured: Callable[..., Any]
) -> None:
    labels(tmp_path / "A.xml", track(1, range(1)))
    labels(tmp_path / "B_tracks.xml", track(2, range(1)))
    detector = configured("detector", "replay", path=str(tmp_path))
    assert found(detector, [0], "A.mp4")[0].given_id.tolist() == [1]
    with pytest.raises(TableError, match=r"no labels for video C.mp4 in .*: no C.xml, C_tracks.xml"):
        found(detector, [0], "C.mp4")
    assert found(detector, [0], "B.mp4")[0].given_id.tolist() == [2]


def test_labels_of_one_video_are_not_those_of_another_of_its_name(
    tmp_path: Path, configured: Callable[..., Any]
) -> None:
    detector = configured("detector", "replay", path=str(tmp_path))
    videos = [video("day1/A.mp4"), video("day2/A.mp4")]
    labels(tmp_path / "day1" / "A.xml", track(1, range(1)))
    detector.check(videos)  # those of the second are missing: said when it is its turn
    labels(tmp_path / "A.xml", track(1, range(1)))
    detector.check(videos)  # each has its own
    with pytest.raises(UsageError, match=r"A.xml would be the labels of day2/A.mp4 and of day3/A.mp4: put labels into"):
        detector.check([*videos, video("day3/A.mp4")])
    write(tmp_path / "yolo" / "A_0.txt", "")  # one folder for all is its own
    configured("detector", "replay", path=str(tmp_path / "yolo")).check(videos)


def test_what_does_not_fit_the_video_is_said(
    tmp_path: Path, configured: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    path = labels(tmp_path / "other.xml", track(0, range(19, 25)), track(1, range(3), left=500))
    found(configured("detector", "replay", path=str(path)), [0])
    assert "4 boxes lie behind the 21 frames of DJI_0068.MP4: not used" in caplog.text
    assert "3 of 9 boxes lie outside the 200 x 100 picture of DJI_0068.MP4" in caplog.text
    assert "other.xml is taken for video DJI_0068.MP4, although it does not bear its name" in caplog.text


def test_what_fits_is_not_remarked_on(
    tmp_path: Path, configured: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    path = labels(tmp_path / "DJI_0068_tracks.xml", track(0, range(21)))
    found(configured("detector", "replay", path=str(path)), [0], info=dataclasses.replace(INFO, announced=None))
    assert not caplog.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": "/no/such"}, "no such labels: /no/such; detector.path is a label file or a folder of them"),
        ({"first_frame": -1}, "first_frame must be >= 0 or null, got -1"),
        ({"period_s": -1.0}, "period_s must be >= 0, got -1.0"),
        ({"batch": 0}, "batch must be >= 1, got 0"),
    ],
)
def test_settings_are_checked(
    tmp_path: Path, configured: Callable[..., Any], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        configured("detector", "replay", **({"path": str(tmp_path)} | change))


def test_it_needs_no_pixels(tmp_path: Path, configured: Callable[..., Any]) -> None:
    detector = configured("detector", "replay", path=str(tmp_path), format="mot", first_frame=0)
    assert (detector.previews, detector.format.value) == (False, "MOTChallenge")


@pytest.mark.real
def test_the_fixture_of_kabr_tools(configured: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    detector = configured("detector", "replay", path=str(real() / "kabr_fixture" / "DJI_0068_tracks.xml"))
    answer = found(detector, list(range(21)), info=dataclasses.replace(INFO, width=5472, height=3078))
    assert [boxes.given_id.tolist() for boxes in answer] == [[0, 1]] * 21
    assert not caplog.text


@pytest.mark.real
def test_a_folder_of_mot_sequences(configured: Callable[..., Any]) -> None:
    detector = configured("detector", "replay", path=str(real() / "mot"))
    info = dataclasses.replace(INFO, width=640, height=480, announced=71)
    assert [len(boxes) for boxes in found(detector, [0, 70], "TUD-Campus.mp4", info)] == [6, 4]  # counted with awk
