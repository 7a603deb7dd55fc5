import cv2
import numpy as np
import pytest

from pipeline.simulate.codec import through_h264
from pipeline.types import Image
from pipeline.video.encode import encoder

pytestmark = pytest.mark.skipif(encoder() != "libx264", reason="this PyAV has no libx264")


@pytest.fixture
def frames() -> Image:
    """A bright square that walks over noise."""
    frames = np.random.default_rng(0).integers(90, 130, (6, 48, 64, 3), dtype=np.uint8)
    for k, frame in enumerate(frames):
        frame[16:32, 8 + 4 * k : 24 + 4 * k] = 240
    return frames


@pytest.mark.parametrize("ahead", [False, True])
def test_frames_come_back_in_order_and_nearly_as_they_were(frames: Image, ahead: bool) -> None:
    stored = through_h264(frames, 18, ahead)
    assert (stored.shape, stored.dtype) == (frames.shape, np.uint8)
    nearest = [int(np.abs(frames.astype(int) - one).mean(axis=(1, 2, 3)).argmin()) for one in stored.astype(int)]
    assert nearest == [0, 1, 2, 3, 4, 5]
    assert np.abs(stored.astype(int) - frames).mean() < 8


def test_a_lower_quality_loses_more(frames: Image) -> None:
    lost = [np.abs(through_h264(frames, crf).astype(int) - frames).mean() for crf in (10, 26, 40)]
    assert lost[0] < lost[1] < lost[2]


@pytest.mark.parametrize(("ahead", "height"), [(False, 108), (True, 104)])
def test_the_same_frames_give_the_same_again_and_again(ahead: bool, height: int) -> None:
    rng = np.random.default_rng(1)  # with x264's look-ahead one of about ten of 108 px came back otherwise
    ground = cv2.GaussianBlur(rng.integers(0, 255, (128, 184, 3), dtype=np.uint8), (0, 0), 2.0)
    for crf in range(20, 34):
        frames = np.stack([ground[k : k + height, 2 * k : 2 * k + 144] for k in range(20)])
        np.testing.assert_array_equal(through_h264(frames, crf, ahead), through_h264(frames, crf, ahead))


def test_an_encoder_that_looks_ahead_takes_more_of_what_does_not_last(frames: Image) -> None:
    def lost(ahead: bool) -> float:
        return float(np.abs(through_h264(frames, 26, ahead).astype(int) - frames).mean())

    assert lost(True) > lost(False)
