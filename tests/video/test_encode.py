"""What is written can be read back: its pictures, its times; and a full disk leaves nothing behind."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest

from pipeline.errors import MissingPart, StorageError, VideoError
from pipeline.video.encode import VideoWriter
from tests.footage import decoded, footage, noise, number, numbered

TIMES_S = [0.0, 0.1, 0.15, 0.4, 0.5]


def written(path: Path, images: list[np.ndarray], times_s: list[float]) -> Path:
    height, width = images[0].shape[:2] if images else (48, 64)
    with VideoWriter(path, width, height) as writer:
        for image, time_s in zip(images, times_s, strict=True):
            writer.write(image, time_s)
    return path


def test_pictures_and_times_come_back(tmp_path: Path) -> None:
    path = written(tmp_path / "deep/er/clip.mp4", [numbered(i) for i in range(5)], TIMES_S)
    made = footage(path)
    assert [(number(frame.image), frame.time_s) for frame in made.frames()] == list(enumerate(TIMES_S))
    assert (made.info.codec, made.info.pixel_format, made.info.announced) == ("h264", "yuv420p", 5)
    assert [entry.name for entry in path.parent.iterdir()] == ["clip.mp4"]


def test_one_frame(tmp_path: Path) -> None:
    assert len(decoded(written(tmp_path / "one.mp4", [numbered(0)], [0.0])).ledger) == 1


@pytest.mark.parametrize(
    ("times_s", "last_s", "announced_s"),
    [
        ([0.0], 1 / 30, 1 / 30),  # one frame: there is no other to go by
        ([0.0, 0.5], 0.5, 1.0),  # two
        ([k / 25 for k in range(1000)], 0.04, 40.0),
        ([k / 5 for k in range(30)], 0.2, 6.0),  # slower than the rate hint
    ],
)
def test_the_last_frame_lasts_as_long_as_the_one_before(
    tmp_path: Path, times_s: list[float], last_s: float, announced_s: float
) -> None:
    path = written(tmp_path / "clip.mp4", [numbered(0)] * len(times_s), times_s)
    with av.open(str(path)) as container:
        assert container.duration / av.time_base == pytest.approx(announced_s, abs=1e-4)
        frames = list(container.decode(video=0))
    assert len(frames) == len(times_s)
    assert float(frames[-1].duration * frames[-1].time_base) == pytest.approx(last_s, abs=1e-4)


def test_times_of_29_97_are_exact(tmp_path: Path) -> None:
    times_s = [round(k * 1001 / 30000, 6) for k in range(20)]
    made = decoded(written(tmp_path / "ntsc.mp4", [numbered(k) for k in range(20)], times_s))
    assert made.ledger["time_s"].tolist() == times_s


def test_frames_of_one_time_are_a_tick_apart(tmp_path: Path) -> None:
    made = decoded(written(tmp_path / "twice.mp4", [numbered(i) for i in range(4)], [0.0, 0.1, 0.1, 0.2]))
    assert made.ledger["time_s"].tolist() == [0.0, 0.1, 0.100011, 0.2]


@pytest.mark.parametrize("rgb", [(200, 30, 40), (30, 160, 60), (20, 40, 220), (255, 255, 255), (0, 0, 0)])
def test_colours_come_back(tmp_path: Path, rgb: tuple[int, int, int]) -> None:
    image = np.full((48, 64, 3), rgb, dtype=np.uint8)
    (frame,) = footage(written(tmp_path / "flat.mp4", [image], [0.0])).frames()
    assert np.abs(frame.image.astype(int) - rgb).max() <= 3
    with av.open(str(tmp_path / "flat.mp4")) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)


def test_odd_sizes_are_padded_with_their_edge(tmp_path: Path) -> None:
    image = numbered(9, 63, 47)
    (frame,) = footage(written(tmp_path / "odd.mp4", [image], [0.0])).frames()
    assert frame.image.shape == (48, 64, 3)
    assert np.abs(frame.image[40, 63].astype(int) - image[40, 62]).max() <= 4


def test_same_frames_give_the_same_bytes_and_the_index_comes_first(tmp_path: Path) -> None:
    first, second = (written(tmp_path / name, noise(5), TIMES_S).read_bytes() for name in ("a.mp4", "b.mp4"))
    assert first == second
    assert first.index(b"moov") < first.index(b"mdat")


def test_same_bytes_at_a_height_that_is_no_multiple_of_eight(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    ground = cv2.resize(rng.integers(0, 255, (80, 120, 3), dtype=np.uint8), (1200, 800), interpolation=cv2.INTER_CUBIC)
    frames = [np.ascontiguousarray(ground[3 * k : 3 * k + 540, 5 * k : 5 * k + 960]) for k in range(24)]
    times = [k / 25 for k in range(24)]
    made = {written(tmp_path / f"{k}.mp4", frames, times).read_bytes() for k in range(4)}
    assert len(made) == 1


@pytest.mark.parametrize("codec", ["h264", "hevc"])
def test_another_codec(tmp_path: Path, codec: str) -> None:
    made = [tmp_path / "first.mp4", tmp_path / "again.mp4"]
    for path in made:
        with VideoWriter(path, 64, 48, codec) as writer:
            for k, time_s in enumerate(TIMES_S):
                writer.write(numbered(k), time_s)
    read = footage(made[0])
    assert [(number(frame.image), frame.time_s) for frame in read.frames()] == list(enumerate(TIMES_S))
    assert read.info.codec == codec
    assert made[0].read_bytes() == made[1].read_bytes()


@pytest.mark.parametrize("codec", ["h264", "hevc"])
@pytest.mark.parametrize("rate", [12, 30])
def test_a_bit_rate_is_kept_however_much_there_is_to_see(tmp_path: Path, codec: str, rate: int) -> None:
    def bits_per_s(sd: float, bit_rate: int | None, name: str) -> float:
        rng = np.random.default_rng(0)
        with VideoWriter(tmp_path / name, 160, 96, codec, bit_rate, Fraction(rate)) as writer:
            for k in range(8 * rate):
                picture = rng.normal(120, sd, (96, 160, 3)).clip(0, 255)
                writer.write(picture.astype(np.uint8), k / rate)
        return (tmp_path / name).stat().st_size  # bytes of 8 s are bits of one

    asked = round(0.5 * 160 * 96 * rate)
    for sd in (8, 20):
        assert bits_per_s(sd, asked, f"{sd}.mp4") == pytest.approx(asked, rel=0.1)
    assert bits_per_s(20, None, "busy.mp4") > 2 * bits_per_s(8, None, "calm.mp4")
    bits_per_s(20, asked, "again.mp4")
    assert (tmp_path / "again.mp4").read_bytes() == (tmp_path / "20.mp4").read_bytes()


@pytest.mark.parametrize(
    ("codec", "keyframe", "at"),
    [
        ("h264", None, [0]),  # as the codec has it: far
        ("h264", 4, [0, 4, 8, 12]),
        ("h264", 1, list(range(14))),
        ("hevc", 4, [0, 4, 8, 12]),
    ],
)
def test_keyframes(tmp_path: Path, codec: str, keyframe: int | None, at: list[int]) -> None:
    with VideoWriter(tmp_path / "a.mp4", 64, 48, codec, keyframe=keyframe) as writer:
        for k in range(14):
            writer.write(numbered(0), k / 25)
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert [k for k, frame in enumerate(container.decode(video=0)) if frame.key_frame] == at


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"codec": "vp9"}, "codec must be h264 or hevc, got 'vp9'"),
        ({"bit_rate": 0}, "bit_rate must be >= 1 bit/s, got 0"),
        ({"keyframe": 0}, r"keyframe must be >= 1, got 0"),
    ],
)
def test_codecs_and_rates_there_are_none_of(tmp_path: Path, changes: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        VideoWriter(tmp_path / "clip.mp4", 64, 48, **changes)


def test_ffmpeg_without_hevc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.video.encode._HEVC", "no_such_encoder")
    with (
        pytest.raises(MissingPart, match=r"this PyAV has no HEVC encoder; install the wheel"),
        VideoWriter(tmp_path / "clip.mp4", 64, 48, "hevc"),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_wrong_size_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a frame of clip\.mp4 must be \(48, 64, 3\), got \(48, 62, 3\)"):
        written(tmp_path / "clip.mp4", [numbered(0), numbered(1, 62, 48)], [0.0, 0.1])
    assert list(tmp_path.iterdir()) == []


def test_no_frame_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no frame was written to clip\.mp4"):
        written(tmp_path / "clip.mp4", [], [])
    assert list(tmp_path.iterdir()) == []


def test_a_failed_rewrite_keeps_the_old_file(tmp_path: Path) -> None:
    path = written(tmp_path / "clip.mp4", [numbered(0)], [0.0])
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), VideoWriter(path, 64, 48) as writer:
        writer.write(numbered(1), 1 / 0)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / ".part-clip.mp4").symlink_to("/dev/full")  # where the writer writes before the file is whole
    with pytest.raises(StorageError, match=r"cannot write .*clip\.mp4: the disk is full; free some space"):
        written(tmp_path / "clip.mp4", noise(200), [k / 30 for k in range(200)])
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(StorageError, match="a file is in the way of the folder; choose another out=FOLDER"):
        written(tmp_path / "out" / "clip.mp4", [numbered(0)], [0.0])


def test_ffmpeg_without_an_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.video.encode._ENCODERS", ("no_such_encoder",))
    with pytest.raises(MissingPart, match=r"this PyAV has no H\.264 encoder; install the wheel"):
        written(tmp_path / "clip.mp4", [numbered(0)], [0.0])
    assert list(tmp_path.iterdir()) == []


def test_a_step_longer_than_mp4_can_say(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match=r"clip\.mp4 cannot be written: .* jump to 100000 s, .*overlay=false"):
        written(tmp_path / "clip.mp4", [numbered(0), numbered(1)], [0.0, 1e5])
    assert list(tmp_path.iterdir()) == []
