"""ChimpACT as clips to train on: the animals' mini-scenes out of its videos or pictures, with its labels and split."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline import scenes
from pipeline.chain.progress import Silent
from pipeline.cli import main
from pipeline.config import compose
from pipeline.errors import TableError, UsageError, VideoError
from pipeline.plan import training_plan
from pipeline.recognizers.folder import read_card
from pipeline.training.labels import Labels
from pipeline.training.pixels import Pixels
from pipeline.training.train import labels_of
from tests.formats import chimps
from tests.formats.chimps import WHOLE, ava, box, processed, released
from tests.training.test_train import TINY

ONE = "Azibo_2015_a_clip_100_140"
OTHER = "Azibo_2015_a_clip_140_180"  # of the same film
THIRD = "Azibo_2016_b_clip_0_40"


def clips(folder: Path, out: Path, *words: str) -> Labels:
    return labels_of(training_plan(compose("train", [f"data={folder}", f"out={out}", *words])), Silent())


def told(labels: Labels, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in labels.rows[list(names)].to_numpy().tolist()]


def test_boxes_behaviours_and_the_split_of_coco_vid(tmp_path: Path) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: WHOLE}, "test": {THIRD: WHOLE}})
    labels = clips(data, tmp_path / "m")
    assert told(labels, "behaviour", "group", "species", "individual", "split") == [
        ("moving", "Azibo_2015_a", "chimpanzee", "Azibo", "train"),
        ("eating|resting", "Azibo_2015_a", "chimpanzee", "Fraukje", "train"),
        ("moving", "Azibo_2016_b", "chimpanzee", "Azibo", "test"),
        ("eating|resting", "Azibo_2016_b", "chimpanzee", "Fraukje", "test"),
    ]
    assert labels.close
    first = labels.rows.iloc[0]
    assert (first["video"], first["video_start_s"], first["video_stop_s"]) == ("Azibo_2015_a", 10.0, 13.95)
    assert labels.folder == tmp_path / "m" / "training" / "scenes"


def test_the_animal_is_in_the_middle_of_its_clip(tmp_path: Path) -> None:
    labels = clips(processed(tmp_path / "data", {"train": {ONE: WHOLE}}), tmp_path / "m")
    pixels = Pixels(labels)
    for clip, (ape, shade) in enumerate(chimps.SHADE.items()):
        images = pixels.read(clip, np.array([0.0, 1.0, 2.0, 3.0]))
        assert images.shape[1:] == (300, 400, 3)  # as KABR's
        _, _, width, height = box(ape, 0)
        zoom = max(width * 1.3 / 400, height * 1.3 / 300)  # 15 % of room on every side
        for image in images:
            rows, columns = np.nonzero(np.abs(image.mean(axis=2) - shade) < 20)
            assert np.median(columns) == pytest.approx(200, abs=8)
            assert np.median(rows) == pytest.approx(150, abs=8)
            assert len(rows) * zoom**2 == pytest.approx(width * height, rel=0.08)
    as_it_is = clips(tmp_path / "data", tmp_path / "m", "about.close=false")
    assert as_it_is.close is False
    image = Pixels(as_it_is).read(0, np.array([1.0]))[0]
    assert (np.abs(image.mean(axis=2) - 250) < 20).sum() == pytest.approx(30 * 24, rel=0.1)


def test_pauses_part_mini_scenes_and_the_image_name_counts(tmp_path: Path) -> None:
    kinds = {0: (0,)}
    stretches = ((0, 10, kinds), (20, 30, kinds), (30, 40, {0: (1,)}))  # frame_id goes on with 10 where it is at 20
    labels = clips(processed(tmp_path / "data", {"train": {ONE: stretches}}), tmp_path / "m")
    found = [(Path(path).name, *rest) for path, *rest in told(labels, "path", "behaviour", "start_s", "stop_s")]
    assert found == [
        ("0.mp4", "moving", 0.0, 0.95),
        ("0.2.mp4", "moving", 0.0, 0.95),
        ("0.2.mp4", "climbing", 0.95, 1.95),
    ]
    assert told(labels, "video_start_s") == [(10.0,), (12.0,), (12.95,)]
    for clip in range(3):
        image = Pixels(labels).read(clip, np.array([0.5]))[0]
        assert np.median(np.nonzero(np.abs(image.mean(axis=2) - 250) < 20)[1]) == pytest.approx(200, abs=8)


def test_every_tenth_frame_as_released(tmp_path: Path) -> None:
    kinds: Mapping[int, chimps.Kinds] = {0: {0: (0,)}, 1: {0: (0,)}, 2: {0: (0,), 5: (2,)}, 3: {0: (0,), 5: (2,)}}
    labels = clips(released(tmp_path / "data", ONE, kinds), tmp_path / "m")
    assert told(labels, "behaviour", "split", "video_start_s", "video_stop_s") == [
        ("moving", "", 10.0, 13.55),  # [0, 36): each holds for the frames nearest to it
        ("resting", "", 11.6, 13.55),
    ]
    for time_s in (0.5, 1.5, 2.5):  # between two labels the box moves on
        image = Pixels(labels).read(0, np.array([time_s]))[0]
        assert np.median(np.nonzero(np.abs(image.mean(axis=2) - 250) < 20)[1]) == pytest.approx(200, abs=8)


def test_avas_form_and_pictures(tmp_path: Path) -> None:
    data = ava(tmp_path / "data", "val", {ONE: WHOLE})
    with pytest.raises(UsageError, match=r"clip_100_140 holds pictures, and nothing says how many .*give frame_rate"):
        clips(data, tmp_path / "m")
    labels = clips(data, tmp_path / "m", "frame_rate=10")
    assert told(labels, "behaviour", "individual", "split") == [
        ("moving", "Azibo", "val"), ("eating|resting", "Fraukje", "val")
    ]  # fmt: skip
    image = Pixels(labels).read(1, np.array([2.0]))[0]
    assert np.median(np.nonzero(image.mean(axis=2) < 25)[1]) == pytest.approx(200, abs=8)


def test_avas_frames_may_count_pictures(tmp_path: Path) -> None:
    short = {ONE: ((0, 30, {0: (0,)}),)}
    with pytest.raises(
        TableError,
        match=r"the labels of Azibo_2015_a_clip_100_140 end at 29 of 40 frames, so that they may pause, and their "
        r"numbers count pictures .*give the COCO-VID json, annotations/train.json",
    ):
        clips(ava(tmp_path / "data", "train", short), tmp_path / "m", "frame_rate=10")
    excluded = "".join(f"train/images/{ONE},{frame}\n" for frame in range(30, 40))  # there, with no ape on them
    labels = clips(ava(tmp_path / "again", "train", short, excluded), tmp_path / "m", "frame_rate=10")
    assert told(labels, "start_s", "stop_s") == [(0.0, 2.95)]


def test_mini_scenes_are_cut_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: WHOLE, THIRD: WHOLE}})
    kept = f"scenes={tmp_path / 'scenes'}"
    first = clips(data, tmp_path / "m", kept)
    assert len([*(tmp_path / "scenes").glob("*/*.mp4")]) == 4
    monkeypatch.setattr(scenes, "_write", lambda *_: pytest.fail("cut a second time"))
    again = clips(data, tmp_path / "other", kept)
    assert first.digest == again.digest
    monkeypatch.undo()
    clips(data, tmp_path / "m", kept, "miniscene.width_px=200", "miniscene.height_px=152")
    assert len([*(tmp_path / "scenes").glob("*/*.mp4")]) == 8
    assert [path.name for path in (tmp_path / "scenes").iterdir() if path.name.startswith(".")] == []


def changed(folder: Path, **change: Any) -> Path:
    """The training part with its first annotation changed."""
    path = folder / "annotations" / "train.json"
    content = json.loads(path.read_text())
    content["annotations"][0] |= change
    path.write_text(json.dumps(content))
    return folder


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"instance_id": "x"}, r"annotation 1: subject must be a number, got 'x'"),
        ({"instance_id": -1}, r"annotation 1: the animal must be a whole number from 0, got -1"),
        ({"bbox": [1, 2, 3]}, r"annotation 1: bbox must be \[left, top, width, height\], got \[1, 2, 3\]"),
        ({"behaviors": None}, r"annotation 1: behaviors must be numbers from 0 to 22, got None"),
    ],
)
def test_broken_labels(tmp_path: Path, change: dict[str, Any], text: str) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: WHOLE}})
    with pytest.raises(TableError, match=text):
        clips(changed(data, **change), tmp_path / "m")


def test_a_box_without_area_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: ((0, 1, {0: (0,)}),), THIRD: WHOLE}})
    labels = clips(changed(data, bbox=[1, 2, 0, 5]), tmp_path / "m")  # all that ONE has
    assert "1 labels are left out: their boxes have no area" in caplog.text
    assert set(labels.rows["group"]) == {"Azibo_2016_b"}


def test_two_animals_with_one_number_are_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: WHOLE}})
    labels = clips(changed(data, instance_id=5), tmp_path / "m")  # in frame 0 both are 5
    assert "3 labels are left out: another animal in the same frame has their number" in caplog.text
    assert told(labels, "video_start_s") == [(10.1,), (10.1,)]


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        (None, r"annotation 1: .*data has neither train/videos/Azibo_2015_a_clip_100_140.mp4, train/images/"),
        (30, r"annotation 1: frame 39 is past the end of Azibo_2015_a_clip_100_140.mp4, which has 30"),
        (0, r"annotation 1: .*Azibo_2015_a_clip_100_140.mp4"),
    ],
)
def test_videos_that_are_missing_short_or_broken(tmp_path: Path, frames: int | None, text: str) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: WHOLE}})
    path = data / "train" / "videos" / f"{ONE}.mp4"
    path.unlink()
    if frames:
        chimps.film(path, 0, frames)
    elif frames == 0:
        path.write_text("no video")
    with pytest.raises(TableError, match=text) as error:
        clips(data, tmp_path / "m")
    assert "\n" not in str(error.value)


def test_what_else_cannot_be(tmp_path: Path) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: ((0, 2, {0: (0,)}),)}})
    with pytest.raises(UsageError, match=r"none of the labels of 1 videos lasts 0.3 s or more"):
        clips(data, tmp_path / "m")
    with pytest.raises(UsageError, match=r"names its behaviours itself: leave classes out"):
        clips(data, tmp_path / "m", "classes=[a]")
    lost = ava(tmp_path / "ava", "train", {ONE: WHOLE})
    (lost / "train" / "images" / ONE / "000007.jpg").unlink()
    with pytest.raises(VideoError, match=r"picture 7 is not there, but labelled"):
        clips(lost, tmp_path / "ava_m", "frame_rate=10")
    assert [*(tmp_path / "ava_m" / "training" / "scenes").iterdir()] == []


def test_from_chimpact_to_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: WHOLE}, "val": {THIRD: WHOLE}})
    words = [f"data={data}", f"out={tmp_path / 'm'}", *TINY, "fit.steps=2", "exclusive=false", "split.official=val"]
    assert main(["train", *words]) == 0
    said = capsys.readouterr().err
    assert "cutting the mini-scenes of 2 videos" in said
    assert "4 clips of 3 behaviours; 2 of 1 group to learn from, 2 of 1 group of the official split (val)" in said
    card = read_card(tmp_path / "m")
    assert card.behaviours == ("eating", "moving", "resting")
    assert card.close
    assert card.activation == "sigmoid"
    assert pd.read_csv(tmp_path / "m" / "held_out.csv")["species"].tolist() == ["chimpanzee"] * 2


def test_the_official_split_has_films_on_both_sides(tmp_path: Path) -> None:
    data = processed(tmp_path / "data", {"train": {ONE: WHOLE}, "val": {OTHER: WHOLE}})
    words = [f"data={data}", f"out={tmp_path / 'm'}", *TINY, "fit.steps=2", "exclusive=false", "split.official=val"]
    assert main(["train", *words]) == 0
    assert (
        "of 2 held-out clips, compared with those learnt from, 2 are of one recording"
        in read_card(tmp_path / "m").trained_on
    )
