"""Files that were cut or damaged: what is still there is used, what is lost is told."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.footage import cut, decoded, noise, write_video


@pytest.mark.parametrize(
    ("name", "movflags", "reason"),
    [
        ("clip.mp4", "+faststart", "the file ends inside a frame"),
        ("clip.mp4", "+frag_keyframe+empty_moov", "the file ends inside a frame"),
        ("clip.mkv", "", "the file ends, although it promises 2.00 s"),
        ("clip.avi", "", "the file ends inside a frame"),
    ],
    ids=["index first", "fragments", "mkv", "avi"],
)
def test_truncated_video_is_used_to_where_it_breaks(tmp_path: Path, name: str, movflags: str, reason: str) -> None:
    options = {"g": "5"}
    path = cut(write_video(tmp_path / name, noise(60), movflags=movflags, options=options), 0.5)
    made = decoded(path)
    count = len(made.ledger)
    assert 24 <= count <= 30  # half of 60, less what the index takes
    assert made.broke_off == f"stopped decoding at frame {count} ({count / 30:.2f} s): {reason}"
    assert (f"announced 60 frames, decoded {count}" in made.warnings) == (made.info.announced is not None)


def test_cut_exactly_between_two_frames(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", noise(20), movflags="+faststart", options={"bf": "0"})
    with av.open(str(path)) as container:
        entries = container.streams.video[0].index_entries
        end = entries[12].pos
    path.write_bytes(path.read_bytes()[:end])
    made = decoded(path)
    assert made.broke_off == "stopped decoding at frame 12 (0.40 s): the file ends before the last frame of its index"


def test_damaged_bytes_are_marked_and_passed_over(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", noise(30), options={"bf": "0", "g": "5"})
    with av.open(str(path)) as container:
        entry = container.streams.video[0].index_entries[12]
    data = bytearray(path.read_bytes())
    hurt = slice(entry.pos + entry.size // 3, entry.pos + entry.size // 2)
    data[hurt] = np.random.default_rng(1).integers(0, 255, hurt.stop - hurt.start, dtype=np.uint8).tobytes()
    path.write_bytes(data)
    made = decoded(path)
    assert [i for i, fault in enumerate(made.ledger["fault"]) if fault] == [12]
    assert made.ledger["fault"][12] == "corrupt"
    assert made.broke_off is None
    assert made.warnings[0].startswith("1 damaged frame (first: frame 12);")


def test_undecodable_packet_leaves_a_gap(tmp_path: Path) -> None:
    path = write_video(tmp_path / "clip.mp4", noise(30), options={"bf": "0", "g": "5"})
    with av.open(str(path)) as container:
        entry = container.streams.video[0].index_entries[12]
    data = bytearray(path.read_bytes())
    data[entry.pos : entry.pos + entry.size] = b"\xff" * entry.size  # no whole unit is left
    path.write_bytes(data)
    made = decoded(path)
    assert len(made.ledger) == 29
    assert made.ledger["fault"][12].startswith("gap")
    assert made.broke_off is None
    assert made.warnings[:2] == ["announced 30 frames, decoded 29", "1 packet could not be decoded"]


def test_pictures_of_another_size_are_not_mixed_in(tmp_path: Path) -> None:
    small, large = (write_video(tmp_path / f"{w}.mts", 12, size=(w, 48)).read_bytes() for w in (64, 96))
    (tmp_path / "joined.mts").write_bytes(small + large)
    made = decoded(tmp_path / "joined.mts")
    assert len(made.ledger) == 12
    assert made.broke_off is not None
    assert made.broke_off.endswith("its pictures change from 64 x 48 px to 96 x 48 px; split the file there")
