import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import TableError
from pipeline.formats.cvat import read_cvat
from pipeline.formats.cvat_write import write_cvat
from pipeline.tables import TRACKS
from tests.formats.labels import COLUMNS, boxes, real, write

HEAD = "<?xml version='1.0' encoding='utf-8'?>\n<annotations><version>1.1</version>"
BOX = 'xtl="{0}" ytl="20" xbr="{1}" ybr="40"'


def box(frame: object, left: float = 10, width: float = 20, **more: object) -> str:
    extra = "".join(f' {name}="{value}"' for name, value in ({"outside": 0, "keyframe": 1} | more).items())
    return f'<box frame="{frame}" {BOX.format(left, left + width)}{extra}/>'


def track(*shapes: str, number: object = 0, label: str = "Zebra") -> str:
    return f'<track id="{number}" label="{label}" source="manual">{"".join(shapes)}</track>'


def cvat(path: Path, *tracks: str, head: str = HEAD) -> Path:
    return write(path / "tracks.xml", head + "".join(tracks) + "</annotations>")


def lefts(path: Path) -> dict[int, float]:
    data = read_cvat(path)
    return dict(zip(data["frame"].tolist(), data["x1"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([], {}),  # empty
        ([box(7)], {7: 10.0}),  # one
        ([box(0), box(1, 12, keyframe=0), box(2, 20)], {0: 10, 1: 12, 2: 20}),  # a box that is given stays as it is
        ([box(0), box(4, 18)], {0: 10, 1: 12, 2: 14, 3: 16, 4: 18}),  # key frames only: evenly between them
        ([box(4, 18), box(0)], {0: 10, 1: 12, 2: 14, 3: 16, 4: 18}),  # whatever their order
        ([box(0), box(1, 99, outside=1)], {0: 10}),  # kabr-tools' last box: its place means nothing
        ([box(0), box(3, 99, outside=1)], {0: 10, 1: 10, 2: 10}),  # visible until then, and the box stands still
        ([box(0), box(1, 99, outside=1), box(3, 30), box(4, 31)], {0: 10, 3: 30, 4: 31}),  # away in 1 and 2
        ([box(0, outside=1), box(1, outside=1), box(2)], {2: 10}),  # enters later
        ([box(10), box(13, 16), box(16, 22)], {f: 10 + 2 * (f - 10) for f in range(10, 17)}),  # every third frame
    ],
)
def test_an_animal_is_where_the_key_frames_say(tmp_path: Path, shapes: list[str], expected: dict[int, float]) -> None:
    assert lefts(cvat(tmp_path, track(*shapes))) == expected


def test_the_table_has_the_common_columns(tmp_path: Path) -> None:
    data = read_cvat(cvat(tmp_path, track(box(0), number=0), track(box(0, 50), number=3, label="Grévy's")))
    assert list(data.columns) == COLUMNS
    assert data.to_dict("records")[1] == {
        "frame": 0, "x1": 50.0, "y1": 20.0, "x2": 70.0, "y2": 40.0,
        "score": 1.0, "species": "Grévy's", "share": 1.0, "given_id": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ('<polygon frame="0" points="1,2;5,2;3,9"/>', [(0, 0, 1, 2, 5, 9)]),
        ('<polyline frame="0" points="1,2;5,8"/>', [(0, 0, 1, 2, 5, 8)]),
        ('<points frame="0" points="1,2;5,8;3,9"/>', [(0, 0, 1, 2, 5, 9)]),
        ('<ellipse frame="0" cx="10" cy="20" rx="3" ry="4"/>', [(0, 0, 7, 16, 13, 24)]),
        ('<box frame="0" xtl="10" ytl="20" xbr="30" ybr="40" rotation="90"/>', [(0, 0, 10, 20, 30, 40)]),  # a square
        ('<box frame="0" xtl="0" ytl="10" xbr="40" ybr="20" rotation="90"/>', [(0, 0, 15, -5, 25, 35)]),  # lying down
    ],
)
def test_other_shapes_give_the_box_around_them(tmp_path: Path, shape: str, expected: list[tuple[float, ...]]) -> None:
    assert boxes(read_cvat(cvat(tmp_path, track(shape)))) == expected


def test_shapes_without_a_box_are_left_out_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    skeleton = '<skeleton frame="1"><points frame="1" points="1,2;3,4"/></skeleton>'
    point = '<points frame="3" points="5,5"><attribute name="Behavior">Walk</attribute></points>'
    path = cvat(tmp_path, track(box(0), skeleton, '<mask frame="2" rle="1"/>', point))
    assert [row[0] for row in boxes(read_cvat(path))] == [0, 1, 2]  # on its way to the point, which has no area
    assert "1 of kind mask, 1 of kind skeleton" in caplog.text
    assert "1 of 4 boxes have no area" in caplog.text


@pytest.mark.parametrize(
    "head", ["<annotations>", "\ufeff" + HEAD, HEAD.replace("\n", "\r\n")], ids=["bare", "mark", "CRLF"]
)
def test_other_ways_to_begin_are_read(tmp_path: Path, head: str) -> None:
    assert lefts(cvat(tmp_path, track(box(0)), head=head)) == {0: 10.0}


def test_a_job_export_in_a_zip_is_read(tmp_path: Path) -> None:
    job = "<annotations><meta><job><size>3</size></job><original_size><width>9</width></original_size></meta>"
    with zipfile.ZipFile(tmp_path / "job.zip", "w") as archive:
        archive.writestr("../../evil.xml", "x")
        archive.writestr("annotations.xml", job + track(box(0)) + "</annotations>")
    assert lefts(tmp_path / "job.zip") == {0: 10.0}
    assert [path.name for path in tmp_path.iterdir()] == ["job.zip"]  # nothing is unpacked


BOMB = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><annotations>&b;</annotations>'
OUTSIDE = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotations>&a;</annotations>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not well-formed XML: no element found"),
        ("hello", "not well-formed XML: syntax error: line 1"),
        (HEAD + track(box(0)), "not well-formed XML: no element found"),  # cut off
        ("<html></html>", "the outermost element is <html>, CVAT writes <annotations>"),
        ('<annotations><image id="0"/></annotations>', "this is CVAT for images; export the task as 'CVAT"),
        (BOMB, "declares XML entities, which CVAT never does; refused"),
        (OUTSIDE, "declares XML entities"),
        (HEAD.encode() + b"\xff\xfe</annotations>", "not well-formed XML"),
        ("<?xml version='1.0' encoding='klingon'?><annotations/>", "not well-formed XML"),
        (b"PK\x03\x04 and no more", "a broken or locked archive"),
    ],
    ids=str,
)  # fmt: skip
def test_a_hostile_file_is_one_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(TableError, match=message) as error:
        read_cvat(write(tmp_path / "bad.xml", content))
    assert "\n" not in str(error.value)
    assert "bad.xml" in str(error.value)


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = cvat(
        tmp_path,
        track(box(0, width=-5), box("two"), box(3, left=float("nan")), number=4),
        track(box(-1), number="x"),
        track(box(5), box(5), number=6),
    )
    with pytest.raises(TableError) as error:
        read_cvat(path)
    assert str(error.value) == (
        f"{path}: track 4, frame two: frame must be a number, got 'two'; "
        "track 4, frame 3: x1 must be a number, got 'nan'; "
        "track 4, frame 3: x2 must be a number, got 'nan'; "
        "track x, frame -1: frame must be a whole number from 0; "
        "track x, frame -1: given_id must be a number, got 'x'; and 1 more"
    )


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        ([box(0, width=-5)], "track 0, frame 0: the box is inside out: width -5, height 20"),
        ([box(0, left=1e9)], "track 0, frame 0: the box lies more than 1,000,000 px from the origin"),
        ([box(0), box(0)], "track 0, frame 0: the track has two shapes in this frame"),
        ([box(0), box(900_000_000)], "the key frames span 900,000,001 boxes, more than 10,000,000"),  # fills no memory
        (['<polygon frame="0" points="1,2;nonsense"/>'], "track 0, frame 0: x1 must be a number, got ''"),
    ],
)
def test_a_wrong_shape_is_named(tmp_path: Path, shapes: list[str], message: str) -> None:
    with pytest.raises(TableError, match=message):
        read_cvat(cvat(tmp_path, track(*shapes)))


def test_one_identity_in_two_tracks_at_once_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="track 3, frame 1: identity 3 is twice in frame 1"):
        read_cvat(cvat(tmp_path, track(box(0), box(1), number=3), track(box(1), box(2), number=3)))


@pytest.mark.parametrize(
    ("member", "message"),
    [("other.xml", "no annotations.xml in the archive"), ("annotations.xml", "are more than a label file may hold")],
)
def test_an_archive_of_the_wrong_content_is_refused(
    tmp_path: Path, member: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.formats.text.MAX_BYTES", 1000)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, " " * 100_000)  # 140 bytes at rest
    with pytest.raises(TableError, match=message):
        read_cvat(tmp_path / "a.zip")


def test_an_archive_that_was_damaged_on_the_way_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annotations.xml", HEAD + track(*(box(f, f) for f in range(50))) + "</annotations>")
    content = bytearray((tmp_path / "a.zip").read_bytes())
    for place in range(60, 120):
        content[place] ^= 0xFF
    with pytest.raises(TableError, match="a broken or locked archive"):
        read_cvat(write(tmp_path / "a.zip", bytes(content)))


TRACKED = TRACKS.cast(
    pd.DataFrame(
        [
            # track 0 pauses in 2 and ends before the video; 5 & <co> goes on to the last frame
            (0, 0, 0.0, 1.25, 2, 30, 40, 1, "Grévy's", True),
            (0, 1, 0.1, 2.25, 2, 30, 40, 1, "Grévy's", False),
            (0, 3, 0.3, 3.25, 2, 30, 40, 1, "Grévy's", True),
            (5, 4, 0.4, 5, 6, 70, 80, 1, 'a "wild" <ass> & co', True),
        ],
        columns=TRACKS.names,
    )
)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_cvat(tmp_path / "t.xml", TRACKED, (200, 100), 5, "a & b.mp4")
    data = read_cvat(tmp_path / "t.xml").rename(columns={"given_id": "track"})
    columns = ["track", "frame", "x1", "y1", "x2", "y2", "species"]
    back = data.sort_values(["track", "frame"])[columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(back, TRACKED[columns])


def test_what_is_written_is_what_cvat_expects(tmp_path: Path) -> None:
    write_cvat(tmp_path / "t.xml", TRACKED, (200, 100), 5, "a & b\x01.mp4")
    text = (tmp_path / "t.xml").read_text(encoding="utf-8")
    assert "<size>5</size>" in text and "<source>a &amp; b\ufffd.mp4</source>" in text
    assert "<original_size><width>200</width><height>100</height></original_size>" in text
    shapes = re.findall(r'<box frame="(\d)" outside="(\d)" occluded="0" keyframe="(\d)"', text)
    assert [" ".join(shape) for shape in shapes] == [
        "0 0 1",
        "1 0 0",  # interpolated
        "2 1 1",  # the pause
        "3 0 1",
        "4 1 1",  # the end
        "4 0 1",  # the other track, still there when the video ends
    ]


def test_no_tracks_are_written_and_read(tmp_path: Path) -> None:
    write_cvat(tmp_path / "t.xml", TRACKS.empty(), (200, 100), 0, "empty.mp4")
    assert read_cvat(tmp_path / "t.xml").empty


@pytest.mark.real
def test_kabr_tools_own_fixture() -> None:
    data = read_cvat(real() / "kabr_fixture" / "DJI_0068_tracks.xml")
    assert data.groupby("given_id")["frame"].agg(["min", "max", "size"]).values.tolist() == [[0, 20, 21], [0, 20, 21]]
    assert set(data["species"]) == {"Grevy"}
    assert boxes(data)[0] == (0, 0, 2011, 1883, 2133, 1978)
    assert boxes(data)[-1] == (20, 1, 2501, 1920, 2603, 1990)


@pytest.mark.real
def test_the_fixture_comes_back_from_our_own_writer(tmp_path: Path) -> None:
    data = read_cvat(real() / "kabr_fixture" / "DJI_0068_tracks.xml")
    tracks = data.rename(columns={"given_id": "track"}).assign(time_s=0.0, observed=True)
    write_cvat(tmp_path / "t.xml", tracks, (5472, 3078), 21, "DJI_0068.mp4")
    pd.testing.assert_frame_equal(read_cvat(tmp_path / "t.xml"), data)
