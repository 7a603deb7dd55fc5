"""clips.csv: what is read, and every fault at once."""

import re
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import TableError, VideoError
from pipeline.training.labels import read_labels
from pipeline.training.packed import ClipWriter
from pipeline.training.pixels import Pixels, middle
from tests.footage import cut, noise, number, numbered, write_video
from tests.training.clips import write_squares

HEAD = "path,behaviour,species,group,start_s,stop_s,row,interval_s\n"
MORE = "path,behaviour,group,split,video,video_start_s,video_stop_s\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips of a video of 10 frames/s and, in an array, five frames each 0.2 s apart."""
    made = tmp_path_factory.mktemp("clips")
    write_video(made / "a.mp4", [numbered(i) for i in range(20)], 10)
    np.save(made / "b.npy", np.stack([np.stack([numbered(10 * c + t) for t in range(5)]) for c in range(2)]))
    rows = "a.mp4,Walk,zebra,one,,,,\na.mp4,Graze,zebra,one,0.5,1.0,,\nb.npy,Walk,,two,,,1,0.2\n"
    (made / "clips.csv").write_text(HEAD + rows)
    return made


def test_videos_and_arrays_are_read_alike(folder: Path) -> None:
    labels = read_labels(folder)
    assert labels.behaviours == ("Graze", "Walk")
    assert labels.truth(("Walk", "Graze")).tolist() == [[True, False], [False, True], [True, False]]
    pixels = Pixels(labels)
    wanted = np.array([0.0, 0.2, 0.4, 9.0])
    table = [  # clip -> numbers of the frames nearest to the wanted times; the last frame stands in beyond the end
        (0, [0, 2, 4, 19]),
        (1, [5, 7, 9, 9]),  # 0.5 s to 1.0 s of the video
        (2, [10, 11, 12, 14]),  # the array's second clip
    ]
    for index, frames in table:
        images = pixels.read(index, wanted)
        assert images.shape == (4, 48, 64, 3)
        assert images.dtype == np.uint8
        assert [number(image) for image in images] == frames, index
    assert np.allclose(pixels.times(1), [0, 0.1, 0.2, 0.3, 0.4])
    assert middle(pixels.times(0), 0.9) == pytest.approx(0.5)
    assert middle(pixels.times(1), 0.9) == 0


def test_what_decord_cannot_read_is_read_by_pyav(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import decord

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(decord, "VideoReader", refuse)
    images = Pixels(read_labels(folder)).read(1, np.array([0.4, 0.0, 0.1]))
    assert [number(image) for image in images] == [9, 5, 6]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path,behaviour\na.mp4,Walk\n", r"missing columns group \(there are: path, behaviour\)"),
        (HEAD, r"no clips in it"),
        (HEAD + "a.mp4,,zebra,,,,,\n", r"no behaviour \(row 2\); no group \(row 2\)"),
        (
            HEAD + "a.mp4,W,z,g,,,,\na.mp4,W,z,g,2,1,,\nx.mp4,W,z,g,,,,\n",
            r"stop_s <= start_s \(row 3\); .* no such file \(row 4\)",
        ),
        (HEAD + "a.mp4,W,z,g,soon,-,,\n", r"start_s is no number \(row 2\); stop_s is no number \(row 2\)"),
        (HEAD + "a.mp4,W,z,g,2.5,,,\n", r"start_s beyond the end of a.mp4 \(2.00 s\) \(row 2\)"),
        (HEAD + "a.mp4,W,z,g,,2.4,,\na.mp4,W,z,g,1,2.6,,\n", r"stop_s beyond the end of a.mp4 \(2.00 s\) \(row 3\)"),
        ("", r"cannot read .*clips.csv as a table: No columns to parse"),
        (
            MORE + "a.mp4,W,g,dev,v.mp4,2,1\na.mp4,W,g,TEST,v.mp4,-1,1\n",
            r"video_start_s < 0 \(row 3\); video_stop_s <= video_start_s \(row 2\); "
            r"split is none of train, val, test \(row 2\)",
        ),
        (HEAD + "../a.mp4,W,z,g,,,,\n/a.mp4,W,z,g,,,,\n", r"path leaves the folder \(rows 2, 3\)"),
        (HEAD + "b.npy,W,z,g,,,,\n", r"array without row \(row 2\); .* without interval_s > 0 \(row 2\)"),
        (HEAD + "b.npy,W,z,g,,,2,0.2\n", r"b.npy has 2 clips, no such row \(row 2\)"),
        (HEAD + "clips.csv,W,z,g,,,,\n", r"clips.csv is not a video: .* \(row 2\)"),
        (HEAD + "x,W,z,g,,,,\n" * 7, r"no such file \(rows 2, 3, 4, 5, 6 and 2 more\)"),
    ],
)
def test_all_faults_are_one_line(folder: Path, tmp_path: Path, text: str, message: str) -> None:
    for name in ("a.mp4", "b.npy"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    (tmp_path / "clips.csv").write_text(text)
    with pytest.raises(TableError, match=message) as error:
        read_labels(tmp_path)
    assert "\n" not in str(error.value)


def test_a_folder_without_labels_and_behaviours_nobody_asked_for(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"no clips.csv in .*: it names the clips and their behaviours"):
        read_labels(tmp_path)
    with pytest.raises(TableError, match=r"not asked for: Graze \(there are: Walk\); add them to vocabulary"):
        read_labels(folder).truth(("Walk",))


def test_packed_clips_are_the_same_bytes_again(tmp_path: Path) -> None:
    one, two = (write_squares(tmp_path / name) for name in ("one", "two"))
    assert sorted(p.name for p in one.iterdir()) == ["clips-000.npy", "clips-001.npy", "clips-002.npy", "clips.csv"]
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()
    assert np.load(one / "clips-002.npy").shape == (4, 6, 32, 32, 3)


def test_a_video_that_decord_cannot_read_is_decoded_from_its_start(tmp_path: Path) -> None:
    from PIL import Image as Pillow

    frames = [Pillow.fromarray(np.full((16, 24, 3), 40 * k, np.uint8)) for k in range(5)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=100, loop=0)
    (tmp_path / "clips.csv").write_text("path,behaviour,group\na.gif,Walk,g\n")
    pixels = Pixels(read_labels(tmp_path))
    np.testing.assert_allclose(pixels.times(0), [0, 0.1, 0.2, 0.3, 0.4], atol=1e-6)
    assert np.abs(pixels.read(0, np.array([0.0, 0.3]))[:, 0, 0, 0].astype(int) - [0, 120]).max() <= 4


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("a.mp4", "the file ends inside a frame"),  # decord cannot open it
        ("a.mkv", "the file ends, although it promises 2.00 s"),  # decord finds a shorter video
    ],
)
def test_a_clip_after_the_end_of_a_cut_video_is_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str, fault: str
) -> None:
    video = write_video(tmp_path / name, noise(60), movflags="+faststart" * name.endswith("4"), options={"g": "5"})
    cut(video, 0.5).replace(video)
    rows = [f"{name},Walk,g,{start},{stop}\n" for start, stop in (("0.1", "0.4"), ("0.8", "1.9"), ("", ""))]
    (tmp_path / "clips.csv").write_text("path,behaviour,group,start_s,stop_s\n" + "".join(rows))
    pixels = Pixels(read_labels(tmp_path))
    assert len(pixels.times(0)) == 9
    broke_off = rf"{name}: .*stopped decoding at frame 2\d \(0...? s\): {fault}"
    for clip, start in ((1, "0.8"), (2, "0")):
        with pytest.raises(VideoError, match=f"{broke_off}; its clip from {start} s goes on after that: leave it out"):
            pixels.read(clip, np.array([0.0]))
    assert len(caplog.messages) == 1
    assert re.search(broke_off, caplog.messages[0])


def test_a_frame_that_cannot_be_decoded_is_said_and_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    video = write_video(tmp_path / "a.mp4", 20, 10, options={"g": "1"})
    with av.open(str(video)) as container:
        entry = container.streams.video[0].index_entries[12]
    data = bytearray(video.read_bytes())
    data[entry.pos : entry.pos + entry.size] = bytes(entry.size)
    video.write_bytes(data)
    (tmp_path / "clips.csv").write_text("path,behaviour,group\na.mp4,Walk,g\n")
    images = Pixels(read_labels(tmp_path)).read(0, np.array([0.5, 1.11, 1.21, 1.9]))  # 1.2 s is lost
    assert [number(image) for image in images] == [5, 11, 13, 19]
    assert ["a.mp4: announced 20 frames, decoded 19; 1 packet could not" in text for text in caplog.messages] == [True]


def test_landmarks_lie_beside_their_clips_and_are_read_at_the_same_times(tmp_path: Path) -> None:
    with ClipWriter(tmp_path, 0.1, shard_clips=2) as writer:
        for clip in range(3):
            marks = np.full((6, 8, 2), clip) + np.arange(6)[:, None, None] / 10  # clip number, frame number / 10
            writer.add(np.full((6, 8, 8, 3), clip, np.uint8), "Walk", "zebra", "g", marks)
    pixels = Pixels(read_labels(tmp_path))
    got = pixels.landmarks(2, np.array([0.0, 0.21, 9.0]))
    assert got is not None
    np.testing.assert_allclose(got[:, 0, 0], [2.0, 2.2, 2.5], atol=1e-6)
    assert Pixels(read_labels(write_squares(tmp_path / "squares"))).landmarks(0, np.array([0.0])) is None


def test_a_clip_of_another_shape_is_refused(tmp_path: Path) -> None:
    text = r"clips must be uint8 \[2, 8, 8, 3\], got uint8 \[3, 8, 8, 3\]"
    with pytest.raises(ValueError, match=text), ClipWriter(tmp_path, 0.1) as writer:
        for frames in (2, 3):
            writer.add(np.zeros((frames, 8, 8, 3), np.uint8), "Walk", "zebra", "g")
    assert not (tmp_path / "clips.csv").exists()
    with pytest.raises(ValueError, match=r"interval_s must be > 0, got 0"):
        ClipWriter(tmp_path, 0)


def test_other_pixels_of_the_same_size_are_other_clips(tmp_path: Path) -> None:
    told = []
    for shade in (10, 200, 10):
        np.save(tmp_path / "a.npy", np.full((1, 5, 48, 64, 3), shade, dtype=np.uint8))
        (tmp_path / "clips.csv").write_text(HEAD + "a.npy,Walk,zebra,one,,,0,0.2\n")
        told.append(read_labels(tmp_path).digest)
    assert told[0] == told[2] != told[1]
