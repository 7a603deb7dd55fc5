"""Frames of real little files: their order, their pixels, the way up, and no more of them in memory than needed."""

import itertools
import os
import tracemalloc
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.video.frames import AHEAD, ArrayFrame
from tests.footage import corner, decoded, footage, noise, number, numbered, write_video

needs_real = pytest.mark.skipif("ETHOPIPE_REAL" not in os.environ, reason="ETHOPIPE_REAL names no real footage")


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("a.mp4", "libx264", "yuv420p"),  # 8 bit H.264
        ("a.MOV", "libx264", "yuv420p10le"),  # 10 bit H.264
        ("a.mkv", "libx265", "yuv420p"),  # 8 bit HEVC
        ("a.mp4", "libx265", "yuv420p10le"),  # 10 bit HEVC
        ("a.avi", "libx264", "yuv420p"),  # AVI knows no presentation times, and this one has B-frames
        ("a.avi", "mpeg4", "yuv420p"),
        ("a.mts", "libx264", "yuv420p"),
        ("a.m4v", "libx264", "yuv420p"),
        ("a.gif", "gif", "rgb8"),
    ],
)
def test_every_frame_in_order_with_its_time(tmp_path: Path, name: str, codec: str, pix_fmt: str) -> None:
    rate = 10 if codec == "gif" else 25
    options = {"b": "4000000"} if codec == "mpeg4" else {}
    made = footage(write_video(tmp_path / name, 12, rate, codec=codec, pix_fmt=pix_fmt, options=options))
    seen = [(frame.index, number(frame.image), frame.time_s) for frame in made.frames()]
    assert [(i, n) for i, n, _ in seen] == [(i, i) for i in range(12)]
    assert np.allclose([t for *_, t in seen], np.arange(12) / rate, atol=1e-3)  # Matroska keeps milliseconds
    assert (made.info.width, made.info.height, made.info.rate, made.info.rotation) == (64, 48, rate, 0)
    assert not made.ledger["fault"].any()
    assert made.broke_off is None
    assert np.allclose(made.ledger["duration_s"], 1 / rate, atol=1.1e-3)


@pytest.mark.parametrize(
    ("rotation", "where"),
    [(0, "top left"), (90, "bottom left"), (180, "bottom right"), (270, "top right")],  # degrees counter-clockwise
)
def test_rotated_video_is_shown_upright(tmp_path: Path, rotation: int, where: str) -> None:
    made = footage(write_video(tmp_path / "turned.mp4", 2, rotation=rotation))
    frame = next(iter(made.frames()))
    size = (64, 48) if rotation % 180 == 0 else (48, 64)
    assert (made.info.width, made.info.height, made.info.rotation) == (*size, rotation)
    assert frame.image.shape == (size[1], size[0], 3)
    assert corner(frame.image) == where
    assert frame.grey(32).shape == (size[1] * 32 // 64, size[0] * 32 // 64)
    assert corner(frame.grey(64)[..., None]) == where


def test_wanted_frames_alone_and_the_ledger_of_the_whole_pass_stays(tmp_path: Path) -> None:
    made = footage(write_video(tmp_path / "clip.mp4", 30))
    assert [number(frame.image) for frame in made.frames(np.array([3, 4, 20]))] == [3, 4, 20]
    assert 21 <= len(made.ledger) <= 21 + AHEAD + 1  # decoding ended soon after the last
    assert [frame.index for frame in made.frames()] == list(range(30))
    assert [frame.index for frame in made.frames(np.array([0]))] == [0]
    assert [frame.index for frame in made.frames(np.array([], dtype=np.int64))] == []
    assert len(made.ledger) == 30  # what a later, shorter pass saw does not replace it
    assert [frame.index for frame in made.frames(np.array([29, 31]))] == [29]  # there is no frame 31


def test_the_ledger_is_unknown_before_frames_are_seen(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="nothing is known of a video's frames before they were iterated"):
        _ = footage(write_video(tmp_path / "clip.mp4", 2)).ledger


def test_image_is_what_the_decoder_gives_and_converted_once(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", noise(3), size=(62, 46))
    with av.open(str(path)) as container:
        expected = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    for frame, image in zip(footage(path).frames(), expected, strict=True):
        assert np.array_equal(frame.image, image)
        assert frame.image is frame.image
        assert frame.image.flags["C_CONTIGUOUS"] and frame.image.dtype == np.uint8


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le"])
def test_grey_of_a_video_is_that_of_its_picture(tmp_path: Path, pix_fmt: str) -> None:
    ramp = np.broadcast_to(np.linspace(0, 255, 128)[None, :, None], (96, 128, 3)).astype(np.uint8)
    frame = next(iter(footage(write_video(tmp_path / "ramp.mp4", [ramp], pix_fmt=pix_fmt)).frames()))
    from_array = ArrayFrame(0, 0.0, ramp).grey(32)
    assert frame.grey(32).shape == from_array.shape == (24, 32)
    assert np.abs(frame.grey(32).astype(int) - from_array).max() <= 4
    assert frame.grey(1000).shape == (96, 128)  # never enlarged


def test_the_largest_size(tmp_path: Path) -> None:
    ramp = np.broadcast_to(np.linspace(0, 255, 5472)[None, :, None], (3078, 5472, 3)).astype(np.uint8)
    options = {"preset": "ultrafast"}
    for codec, pix_fmt in (("libx264", "yuv420p"), ("libx265", "yuv420p10le")):
        path = write_video(tmp_path / f"{codec}.mp4", [ramp], codec=codec, pix_fmt=pix_fmt, options=options)
        (frame,) = footage(path).frames()
        assert frame.image.shape == (3078, 5472, 3)
        assert frame.grey(640).shape == (360, 640)


def test_memory_does_not_grow_with_length(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        path = write_video(tmp_path / f"{count}.mp4", itertools.repeat(numbered(3, 256, 192), count), size=(256, 192))
        tracemalloc.start()
        for frame in footage(path).frames():
            assert frame.image.shape == (192, 256, 3)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(300) < peak(30) + 10 * 256 * 192 * 3  # less than ten images, where 270 more were made


@needs_real
@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "count", "rate", "size"),
    [
        ("mice_overhead.mp4", 1801, 30, (512, 512)),
        ("flies_overhead.mp4", 1500, 25, (1024, 1024)),
        ("horse_walks_through.mp4", 308, 24, (288, 162)),
        ("chimps_group.mp4", 450, 30, (320, 180)),
        ("zebras_drone_boxes_drawn.gif", 104, 10, (561, 141)),
        ("sheep_drone_boxes_drawn.mp4", 40, 8, (600, 450)),
        ("deer_infrared.mp4", 494, 24, (1280, 720)),
    ],
)
def test_real_footage_is_whole(name: str, count: int, rate: int, size: tuple[int, int]) -> None:
    made = decoded(Path(os.environ["ETHOPIPE_REAL"]) / "video" / name)
    assert len(made.ledger) == made.info.announced == count
    assert (made.info.rate, made.info.width, made.info.height) == (rate, *size)
    assert np.allclose(made.ledger["time_s"], np.arange(count) / rate, atol=1e-6)
    assert (made.broke_off, made.warnings, set(made.ledger["fault"])) == (None, [], {""})
