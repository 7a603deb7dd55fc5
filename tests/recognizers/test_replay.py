from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.errors import TableError, UsageError
from pipeline.recognizers.card import Clip
from pipeline.recognizers.replay import _Rows
from pipeline.types import Window
from tests.formats.labels import real, video, write

WALK, GRAZE = [1.0, 0.0], [0.0, 1.0]
LABELS = "video,track,frame,label\n"
# track 1 walks in 0-1, grazes in 2-3; then nothing is said until frame 6; track 0 grazes in 0
CODED = LABELS + "A,1,0,walk\nA,1,1,walk\nA,1,2,graze\nA,1,3,graze\nA,1,6,walk\nA,0,0,graze\n"


def window(track: int, start: int, stop: int) -> Window:
    frames = np.arange(start, stop)
    boxes = np.zeros((len(frames), 4))
    return Window(track, frames, frames / 10, boxes, boxes, 10.0, start, stop)


def scores(recognizer: Any, windows: list[Window], key: str = "A.mp4") -> list[list[float]]:
    recognizer.begin(video(key))
    answer: list[list[float]] = recognizer.score(windows).tolist()
    return answer


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([], []),  # empty
        ([(1, 0, 1)], [WALK]),  # one
        ([(1, 1, 2), (1, 2, 3), (0, 0, 1)], [WALK, GRAZE, GRAZE]),  # per frame, exactly; animals together
        ([(1, 0, 2), (1, 1, 3), (1, 1, 4)], [WALK, [0.5, 0.5], [1 / 3, 2 / 3]]),  # the mean over its frames
        ([(1, 3, 7)], [[0.5, 0.5]]),  # over those that are coded
        ([(1, 4, 6), (1, 7, 9), (5, 0, 1)], [[0, 0]] * 3),  # between, behind, another animal: nothing is said
    ],
)
def test_labels_per_frame(
    tmp_path: Path, configured: Callable[..., Any], windows: list[tuple[int, int, int]], expected: list[list[float]]
) -> None:
    path = write(tmp_path / "coded.csv", CODED)
    recognizer = configured("recognizer", "replay", path=str(path))
    recognizer.begin(video("A.mp4"))
    answer = recognizer.score([window(*w) for w in windows])
    np.testing.assert_allclose(answer, np.array(expected).reshape(-1, 2))


@pytest.mark.parametrize(
    ("start", "stop", "expected"),
    [
        (0, 4, [0.8, 0.2]),  # a window of the file: its own row, although the next one overlaps it
        (2, 6, [0.4, 0.6]),
        (0, 1, [0.8, 0.2]),  # inside a row
        (1, 4, [(3 * 0.8 + 2 * 0.4) / 5, (3 * 0.2 + 2 * 0.6) / 5]),  # three frames of one row, two of the other
    ],
)
def test_windows_of_another_model(
    tmp_path: Path, configured: Callable[..., Any], start: int, stop: int, expected: list[float]
) -> None:
    text = "track,start_frame,stop_frame,p_walk,p_graze\n1,0,4,0.8,0.2\n1,2,6,0.4,0.6\n"
    recognizer = configured("recognizer", "replay", path=str(write(tmp_path / "A.csv", text)))
    assert scores(recognizer, [window(1, start, stop)]) == [pytest.approx(expected)]


def test_the_card_says_what_it_is(tmp_path: Path, configured: Callable[..., Any]) -> None:
    path = write(tmp_path / "coded.csv", CODED)
    recognizer = configured("recognizer", "replay", path=str(path), frames=16, interval_s=0.1)
    assert recognizer.card.behaviours == ("walk", "graze")
    assert recognizer.card.clip == Clip(16, 0.1)
    assert not recognizer.reads_pixels


def test_each_video_has_its_rows(tmp_path: Path, configured: Callable[..., Any]) -> None:
    text = LABELS + "day 1/A.mp4,1,0,walk\nday 2/A.mp4,1,0,graze\n"
    recognizer = configured("recognizer", "replay", path=str(write(tmp_path / "coded.csv", text)))
    assert scores(recognizer, [window(1, 0, 1)], "day%201/A.mp4") == [WALK]
    assert scores(recognizer, [window(1, 0, 1)], "day%202/A.mp4") == [GRAZE]
    with pytest.raises(TableError, match=r"coded.csv: no rows for video B.mp4; it speaks of day 1/A.mp4, day 2/A.mp4"):
        scores(recognizer, [], "B.mp4")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"path": "/no/such"}, "no such scores: /no/such; recognizer.path is a table of scores or a folder of them"),
        ({"behaviours": ["walk", "walk"]}, "behaviours must differ from each other, got walk, walk"),
        ({"frames": 0}, "frames must be >= 1, got 0"),
        ({"interval_s": -1.0}, "interval_s must be >= 0, got -1.0"),
        ({"batch": 0}, "batch must be >= 1, got 0"),
    ],
)
def test_settings_are_checked(
    tmp_path: Path, configured: Callable[..., Any], change: dict[str, Any], message: str
) -> None:
    path = write(tmp_path / "coded.csv", CODED)
    with pytest.raises(UsageError, match=message):
        configured("recognizer", "replay", **({"path": str(path)} | change))


@pytest.mark.real
def test_the_fixture_of_kabr_tools(configured: Callable[..., Any]) -> None:
    """Head Up for 3 frames, then Walk for 18; the other animal walks for 21."""
    recognizer = configured("recognizer", "replay", path=str(real() / "kabr_fixture" / "DJI_0068.csv"))
    answer = np.array(scores(recognizer, [window(t, f, f + 1) for t in (0, 1) for f in range(21)], "DJI_0068.mp4"))
    assert set(answer.sum(axis=1)) == {1.0}
    named = [recognizer.card.behaviours[k] for k in answer.argmax(axis=1)]
    assert named == ["Head Up"] * 3 + ["Walk"] * 18 + ["Walk"] * 21


def test_only_rows_near_a_window_are_looked_at() -> None:
    """Half the rows are long, so that those which begin first do not end first; those far away have no scores."""
    rng = np.random.default_rng(0)
    start = np.sort(rng.integers(100, 200, 60))
    stop = start + np.where(rng.random(60) < 0.5, 1, 30)
    near, far = rng.random((60, 2)), np.full((1, 2), np.nan)
    rows = _Rows(np.r_[0, start, 900], np.r_[50, stop, 950], np.concatenate([far, near, far]))
    for first in range(90, 240, 7):
        shared = np.clip(np.minimum(stop, first + 20) - np.maximum(start, first), 0, None)
        expected = shared @ near / max(shared.sum(), 1)
        np.testing.assert_allclose(rows.over(first, first + 20), expected)
