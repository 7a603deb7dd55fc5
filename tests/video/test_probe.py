"""What can be told of a file before it is decoded, and which files are refused with which line."""

import logging
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from pipeline.errors import VideoError
from tests.footage import corner, cut, decoded, footage, noise, numbered, write_video

NO_FORMAT = r"is not a video: its content is of no video format known here$"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"is empty \(0 bytes\)$"),
        (b"day 1: two zebras\n" * 50, NO_FORMAT),
        (b"ffconcat version 1.0\nfile 'other.mp4'\n", NO_FORMAT),
        (b"#EXTM3U\n#EXTINF:1,\nother.mp4\n", NO_FORMAT),
        (
            b"\x00\x00\x00\x10ftypisom" + bytes(4) + b"\x00\x00\x10\x00mdat" + b"x" * 99,
            r"breaks off before its index",
        ),
    ],
    ids=["empty", "text", "playlist", "playlist of pieces", "no index"],
)
def test_what_is_no_video_says_so_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    write_video(tmp_path / "other.mp4", 2)
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(VideoError, match=message) as caught:
        footage(path)
    assert str(caught.value).startswith(str(path)) and "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"gone\.mp4 cannot be opened: No such file or directory"):
        footage(tmp_path / "gone.mp4")
    with pytest.raises(VideoError, match="cannot be opened: "):
        footage(tmp_path)


def test_sound_without_picture(tmp_path: Path) -> None:
    path = tmp_path / "calls.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        silence.rate = 44100
        container.mux(stream.encode(silence))
        container.mux(stream.encode(None))
    with pytest.raises(VideoError, match=r"calls\.mp4 holds no video, only audio$"):
        footage(path)


def test_truncated_with_the_index_at_the_end_cannot_be_opened(tmp_path: Path) -> None:
    path = cut(write_video(tmp_path / "clip.mp4", noise(30)), 0.6)
    with pytest.raises(
        VideoError, match=r"breaks off before its index \(no moov box\): the recording was not finished"
    ):
        footage(path)


@pytest.mark.parametrize("name", ["herd.jpg", "herd.JPEG", "herd.png", "herd.tif", "herd.bmp", "herd.webp"])
def test_a_still_is_a_video_of_one_frame_without_duration(tmp_path: Path, name: str) -> None:
    image = numbered(5)
    (tmp_path / name).write_bytes(cv2.imencode(Path(name.lower()).suffix, image[:, :, ::-1])[1].tobytes())
    made = footage(tmp_path / name)
    (frame,) = made.frames()
    assert made.info.still and made.info.rate is None
    assert (made.info.width, made.info.height) == (64, 48)
    assert np.abs(frame.image.astype(int) - image).mean() < 3
    assert made.ledger.to_dict("records") == [{"frame": 0, "time_s": 0.0, "duration_s": 0.0, "fault": ""}]
    assert made.warnings == []


def test_a_still_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    jpeg = cv2.imencode(".jpg", numbered(5)[:, :, ::-1])[1].tobytes()
    tiff = b"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
    exif = b"Exif\x00\x00" + tiff  # orientation 6: turn by 90 degrees clockwise to show
    (tmp_path / "t.jpg").write_bytes(jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:])
    made = footage(tmp_path / "t.jpg")
    (frame,) = made.frames()
    assert (made.info.width, made.info.height) == (48, 64)
    assert corner(frame.image) == "top right"


def test_a_still_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(VideoError, match=r"text\.png is not a picture, or it is damaged$"):
        footage(tmp_path / "text.png")


@pytest.mark.parametrize("name", ["DJI (1).mp4", "a=b.mp4", "v1,v2.mp4", "[x]%d*.mp4", "Füchse.mp4", "file:a.mp4"])
def test_odd_names_are_opened(tmp_path: Path, name: str) -> None:
    plain = write_video(tmp_path / "plain.mp4", 2)
    plain.rename(tmp_path / name)
    assert len(decoded(tmp_path / name).ledger) == 2


def test_opening_is_logged_so_that_it_can_be_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_video(tmp_path / "clip.mp4", 2)
    with caplog.at_level(logging.DEBUG, logger="pipeline.video.frames"):
        decoded(path)
    assert [record.getMessage() for record in caplog.records] == [f"opened decoder: {path}"] * 2  # to probe, to decode
