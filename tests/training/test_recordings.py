"""Labels of films, pictures and runs: what is read, which frames are taken, and every refusal."""

import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline.artifacts import write_table
from pipeline.errors import EthopipeError, UsageError
from pipeline.tables import BOX, TRACKS
from pipeline.training.recordings import Labelled, Recording, digest, read_labelled
from tests.footage import number, write_video
from tests.training.herds import FRAMES, SIZE, coco, cvat, film, footage, oryx, yolo, zebra


def boxes_of(one: Labelled, frame: int) -> dict[str, tuple[float, ...]]:
    mine = one.boxes[one.boxes["frame"] == frame]
    return {name: tuple(box) for name, box in zip(mine["species"], mine[BOX].to_numpy(), strict=True)}


def test_films_with_their_labels_beside_them(tmp_path: Path) -> None:
    found = read_labelled([footage(tmp_path)], None, {})
    assert [Path(one.recording).name for one in found] == ["DJI_0.mp4", "DJI_1.mp4", "DJI_2.mp4"]
    assert found[1].sizes == (SIZE,)
    assert found[1].frames == list(range(FRAMES))
    assert boxes_of(found[1], 6) == {"Zebra": zebra(6, 1), "Oryx": oryx(6, 1)}  # between the key frames


def test_boxes_that_cvat_calls_outside_are_never_used(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    cvat(tmp_path / "a.xml", first=2, last=5)
    (one,) = read_labelled([tmp_path / "a.mp4"], None, {})
    assert one.frames == [2, 3, 4, 5]
    assert one.boxes["y2"].max() < 90


@pytest.mark.parametrize(
    ("every_s", "expected"),
    [
        (0.0, [0, 1, 2, 3, 4, 5]),  # every labelled frame
        (0.5, [0, 3, 5]),  # at 0, 0.6 and 1.4 s: the next is due half a second after one that was taken
        (5.0, [0]),
    ],
)
def test_pictures_are_taken_by_time_and_not_by_number(tmp_path: Path, every_s: float, expected: list[int]) -> None:
    write_video(tmp_path / "a.mp4", 6, times_s=[0, 0.2, 0.4, 0.6, 0.8, 1.4])  # of a camera that drops frames
    (tmp_path / "a.txt").write_text("".join(f"{k + 1},1,11,21,20,10,1,-1,-1,-1\n" for k in range(6)))
    (one,) = read_labelled([tmp_path], None, {})
    taken = [(frame, number(image)) for frame, image in one.pictures(every_s)]
    assert taken == [(frame, frame) for frame in expected]


def test_labels_past_the_end_are_told_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    film(tmp_path / "a.mp4")
    cvat(tmp_path / "a.xml", first=8, last=14)
    (one,) = read_labelled([tmp_path], None, {})
    assert [frame for frame, _ in one.pictures(0.0)] == [8, 9, 10, 11]
    assert "a.mp4: 3 labelled frames are past its end" in caplog.text


def test_videos_without_labels_are_left_out_aloud(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    film(footage(tmp_path, range(2)) / "unlabelled.mp4", 7)
    assert len(read_labelled([tmp_path], None, {})) == 2
    assert "1 of 3 videos have no labels and are left out" in caplog.text


def test_labels_of_one_video_are_not_those_of_another_of_its_name(tmp_path: Path) -> None:
    for day in ("day1", "day2"):
        (tmp_path / "films" / day).mkdir(parents=True)
        film(tmp_path / "films" / day / "a.mp4")
    (tmp_path / "labels").mkdir()
    cvat(tmp_path / "labels" / "a.xml", first=2, last=5)
    with pytest.raises(UsageError, match=r"a.xml would be the labels of day1/a.mp4 and of day2/a.mp4: put labels into"):
        read_labelled([tmp_path / "films"], tmp_path / "labels", {})


def test_one_file_of_labels_says_which_boxes_are_of_which_of_several_films(tmp_path: Path) -> None:
    films = [film(tmp_path / name, k) for k, name in enumerate(("a.mp4", "b.mp4"))]
    whose = cvat(tmp_path / "labels" / "corrected.xml")
    with pytest.raises(UsageError, match=r"corrected.xml is about one video, there are several: give a folder with a"):
        read_labelled(films, whose, {})
    assert len(read_labelled(films[:1], whose, {})) == 1
    table = tmp_path / "boxes.csv"
    table.write_text("video,frame,x1,y1,x2,y2\na,0,8,12,40,32\nb,3,26,16,58,36\n")
    assert [one.frames for one in read_labelled(films, table, {})] == [[0], [3]]


def test_a_box_without_a_species_is_an_animal(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    rows = "frame,x1,y1,x2,y2,species\n0,8,12,40,32,zebra\n0,120,56,144,72,\n1,14,12,46,32,oryx\n"
    (tmp_path / "a.csv").write_text(rows)
    (one,) = read_labelled([tmp_path], None, {"oryx": ""})
    assert one.boxes["species"].tolist() == ["zebra", "animal"]


def test_a_folder_can_be_one_recording(tmp_path: Path) -> None:
    for day in ("day 1", "day 2"):
        footage(tmp_path / day, range(2))
    found = read_labelled([tmp_path], None, {}, Recording.folder)
    assert [Path(one.recording).name for one in found] == ["day 1", "day 1", "day 2", "day 2"]


def test_several_sources_and_kinds(tmp_path: Path) -> None:
    data = [footage(tmp_path / "films", range(1)), coco(tmp_path / "coco"), yolo(tmp_path / "yolo")]
    found = read_labelled(data, None, {})
    assert [(Path(one.recording).name, one.film, len(one.frames)) for one in found] == [
        ("DJI_0.mp4", True, 12),
        ("DJI_0", False, 2),
        ("DJI_1", False, 2),  # of the second no animal is told
        ("DJI_0", False, 2),
        ("DJI_1", False, 2),
    ]
    second = found[2]
    assert [path.name for path in second.paths] == ["DJI_1_000000.jpg", "DJI_1_000005.jpg"]
    assert boxes_of(second, 0)["Oryx"] == oryx(0, 1)
    assert not boxes_of(second, 1)
    assert [image.shape[:2] for _, image in second.pictures(1.0)] == [SIZE[::-1]] * 2  # pictures are all taken


def test_motchallenge_beside_its_film(tmp_path: Path) -> None:
    film(tmp_path / "a.mp4")
    (tmp_path / "a.txt").write_text("1,1,11,21,20,10,1,-1,-1,-1\n3,1,13,21,20,10,1,-1,-1,-1\n")
    (one,) = read_labelled([tmp_path / "a.mp4"], None, {"animal": "Zebra"})
    assert one.frames == [0, 2]
    assert boxes_of(one, 2) == {"Zebra": (12, 20, 32, 30)}


def run_of(folder: Path, video: Path) -> Path:
    """A run's folder, as far as its tracks go: the second row is interpolated."""
    rows = [(1, k, k / 6, *zebra(k), 0.9, "zebra", k != 1) for k in range(3)]
    place = folder / "videos" / video.name
    place.mkdir(parents=True)
    write_table(place / "tracks.parquet", pd.DataFrame(rows, columns=TRACKS.names), TRACKS)
    told = {"versions": {"ethopipe": "0"}, "videos": {video.name: {"path": str(video)}}}
    (folder / "run.json").write_text(json.dumps(told))
    return folder


def test_the_tracks_of_a_run_or_these_as_corrected(tmp_path: Path) -> None:
    run = run_of(tmp_path / "run", film(tmp_path / "a.mp4"))
    (one,) = read_labelled([run], None, {})
    assert one.frames == [0, 1, 2]  # an animal is there while it is interpolated, too
    assert boxes_of(one, 1) == {"zebra": zebra(1)}
    cvat(tmp_path / "corrected" / "a.xml", last=0)
    (corrected,) = read_labelled([run], tmp_path / "corrected", {})
    assert boxes_of(corrected, 0) == {"Zebra": zebra(0), "Oryx": oryx(0)}


def test_species_are_renamed_and_left_out(tmp_path: Path) -> None:
    (one,) = read_labelled([footage(tmp_path, range(1))], None, {"Zebra": "plains_zebra", "Oryx": ""})
    assert set(one.boxes["species"]) == {"plains_zebra"}


def test_the_digest_is_that_of_the_boxes(tmp_path: Path) -> None:
    before = digest(read_labelled([footage(tmp_path)], None, {}))
    assert digest(read_labelled([tmp_path], None, {})) == before
    cvat(tmp_path / "DJI_1.xml", 2)
    assert digest(read_labelled([tmp_path], None, {})) != before


def empty(folder: Path) -> list[Path]:
    film(folder / "a.mp4")
    (folder / "a.xml").write_text("<annotations/>")
    return [folder]


def bare(folder: Path) -> list[Path]:
    return [film(folder / "a.mp4")]


def gone(folder: Path) -> list[Path]:
    video = film(folder / "a.mp4")
    run = run_of(folder / "run", video)
    video.unlink()
    return [run]


def outside(folder: Path) -> list[Path]:
    footage(folder, range(2))
    for name in ("DJI_0.xml", "DJI_1.xml"):
        path = folder / name
        path.write_text(path.read_text().replace('xtl="120"', 'xtl="200"').replace('xbr="144"', 'xbr="224"'))
    return [folder]


def outside_a_picture(folder: Path) -> list[Path]:
    path = coco(folder)
    path.write_text(path.read_text().replace('"bbox": [8,', '"bbox": [-80,'))
    return [path]


def pictures_alone(folder: Path) -> list[Path]:
    for label in yolo(folder).rglob("*.txt"):
        label.unlink()
    return [folder]


@pytest.mark.parametrize(
    ("make", "renamed", "text"),
    [
        (empty, {}, r"no box in .*: there is nothing to learn"),
        (bare, {}, r"no labels for video a.mp4 in .*: no a.xml, a_tracks.xml"),
        (lambda folder: [folder / "nowhere"], {}, r"no such file or folder: .*nowhere"),
        (lambda folder: [footage(folder), folder / "DJI_0.mp4"], {}, r"given more than once in data: .*DJI_0.mp4"),
        (
            outside,
            {},
            r"DJI_0.mp4: \d+ boxes lie outside the picture of 160 x 96 px \(first: frame 0, 200 56 224 72\); "
            r".*DJI_1.mp4: .*; were they drawn on pictures of another size\?",
        ),
        (outside_a_picture, {}, r"DJI_0: 1 boxes lie outside .* \(first: DJI_0_000000.jpg, -80 12 -48 32\)"),
        (
            lambda folder: [footage(folder)],
            {"Zebras": "zebra"},
            r"species renames Zebras, which no label says; they say Oryx, Zebra",
        ),
        (lambda folder: [footage(folder)], {"Zebra": "", "Oryx": ""}, r"no box in .*: there is nothing to learn"),
        (
            lambda folder: [yolo(folder, "")],
            {},
            r"name no species for class 0, class 1: add a data.yaml with names .* species='\{class 0: zebra\}'",
        ),
        (pictures_alone, {}, r"holds pictures without labels; give the COCO json, or put YOLO text beside each"),
        (
            lambda folder: [footage(yolo(folder))],
            {},
            r"holds videos and labelled pictures; give either by itself in data=",
        ),
        (gone, {}, r"run is about .*a.mp4, no longer there; their pictures are needed"),
    ],
)  # fmt: skip
def test_what_cannot_be_learnt_from_is_one_line(
    tmp_path: Path, make: object, renamed: dict[str, str], text: str
) -> None:
    with pytest.raises(EthopipeError, match=text) as error:
        read_labelled(make(tmp_path), None, renamed)  # type: ignore[operator]
    assert "\n" not in str(error.value)
