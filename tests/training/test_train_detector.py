"""``ethopipe train detector=yolo`` from the words to a folder that ``ethopipe run`` takes, and what it refuses."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from pipeline import cli
from pipeline.chain.progress import Silent
from pipeline.config import compose
from pipeline.detectors.folder import architecture, filled, read_card
from pipeline.errors import EthopipeError, UsageError
from pipeline.plan import detector_plan
from pipeline.training import yolo_fit
from pipeline.training.recordings import Labelled
from pipeline.training.train_detector import DetectorPlan, held_out, train_detector
from tests.training.herds import coco, footage

TINY = ["fit.image_px=160", "fit.epochs=1", "fit.batch=4", "pictures.grids=[1]", "pictures.every_s=1", "device=cpu"]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path / "settings"))


def planned(data: Path, out: Path, *words: str, init: str = "init=null") -> DetectorPlan:
    return detector_plan(compose("train_detector", [f"data='{data}'", f"out='{out}'", init, *TINY, *words]))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder after one epoch, made by the command; beside it ``footage``."""
    folder = tmp_path_factory.mktemp("trained")
    footage(folder / "footage")
    words = [f"data={folder / 'footage'}", f"out={folder / 'mine'}", "init=null", *TINY]
    assert cli.main(["train", "detector=yolo", *words]) == 0
    return folder / "mine"


def test_the_folder_says_what_it_is(trained: Path) -> None:
    card = read_card(trained)
    assert (card.name, card.species, card.image_px) == ("mine", ("Oryx", "Zebra"), 160)
    assert card.trained_on.startswith("4 pictures of 2 recordings; figures from 2 pictures of 1 other recording")
    assert card.held_out_chose_checkpoint is True
    assert card.source.startswith("ethopipe train detector=yolo, seed 0, ultralytics ")
    assert {"held_out_map50", "held_out_ap50_95_Zebra", "held_out_ap50_small"} <= set(card.metrics)
    assert all(0 <= value <= 1 for value in card.metrics.values())
    curves = pd.read_csv(trained / "curves.csv")
    assert list(curves) == ["epoch", "seconds", "box_loss", "class_loss", "dfl_loss", "map50", "map50_95"]
    assert curves["epoch"].tolist() == [1] and np.isfinite(curves.to_numpy()).all()


def test_ethopipe_runs_it(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [str(trained.parent / "footage" / "DJI_0.mp4"), f"out={tmp_path / 'run'}", "overlay=false"]
    words += ["detector=yolo", f"detector.model={trained}", "detector.classes=[]", "detector.image_px=160"]
    words += ["detector.tiles=[0]", "detector.min_score=0.001"]
    assert cli.main(["run", *words]) == 0
    found = pd.read_parquet(tmp_path / "run" / "videos" / "DJI_0.mp4" / "detections.parquet")
    assert set(found["species"]) <= {"Oryx", "Zebra"}


def test_the_same_command_does_nothing_anew(trained: Path) -> None:
    before = (trained / "model.safetensors").read_bytes()
    plan = planned(trained.parent / "footage", trained)
    train_detector(plan, Silent())
    assert (trained / "model.safetensors").read_bytes() == before


def test_another_training_is_not_written_over(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds a training with other settings \(fit.batch\); give out="):
        train_detector(planned(trained.parent / "footage", trained, "fit.batch=8"), Silent())
    shutil.copytree(trained, tmp_path / "copy", ignore=shutil.ignore_patterns("training"))
    with pytest.raises(UsageError, match=r"copy holds a model that was not trained there; give out=ANOTHER_FOLDER"):
        train_detector(planned(trained.parent / "footage", tmp_path / "copy"), Silent())


def test_a_training_that_was_stopped_goes_on(trained: Path, tmp_path: Path) -> None:
    from ultralytics import YOLO

    (tmp_path / "wide.yaml").write_text(yaml.safe_dump(architecture(80)))
    YOLO(str(tmp_path / "wide.yaml"), task="detect").save(tmp_path / "wide.pt")
    lines: list[str] = []
    progress = Silent()
    progress.say = lines.append  # type: ignore[method-assign]
    data, init = trained.parent / "footage", f"init='{tmp_path / 'wide.pt'}'"
    train_detector(planned(data, tmp_path / "out", "fit.epochs=2", "max_minutes=0.0001", init=init), progress)
    assert any("the time was up before the last epoch" in line for line in lines)
    assert read_card(tmp_path / "out").species == ("Oryx", "Zebra")  # what there was is saved
    train_detector(planned(data, tmp_path / "out", "fit.epochs=2", init=init), progress)
    assert pd.read_csv(tmp_path / "out" / "curves.csv")["epoch"].tolist() == [1, 2]
    assert (tmp_path / "out" / "training" / yolo_fit.DONE).is_file()
    assert read_card(tmp_path / "out").source.endswith("wide.pt")
    head = filled(tmp_path / "out").model.model[-1]
    assert (head.cv3[0][-1].in_channels, head.cv3[0][-1].out_channels) == (80, 2)  # as wide as that of 80 classes


def test_going_on_from_another_folder_keeps_what_it_knows(trained: Path) -> None:
    network = yolo_fit.network_of(str(trained))
    assert network.names == {0: "Oryx", 1: "Zebra"}
    assert yolo_fit.network_of("savanna_yolo").names[2] == "giraffe"


def segmenter(folder: Path) -> str:
    from ultralytics import YOLO

    YOLO("yolo11n-seg.yaml").save(folder / "seg.pt")
    return str(folder / "seg.pt")


def exported(folder: Path) -> str:
    (folder / "my.onnx").touch()
    return str(folder / "my.onnx")


@pytest.mark.parametrize(
    ("init", "text"),
    [
        (lambda folder: "nowhere.pt", r"cannot start from init=nowhere.pt: no such model: nowhere.pt; give a .pt"),
        (segmenter, r"init=.*seg.pt is made to segment with a Segment; give a YOLO that detects"),
        (exported, r"init=.*my.onnx was exported and cannot be trained on; give the .pt"),
    ],
)  # fmt: skip
def test_weights_that_cannot_be_trained_on(tmp_path: Path, init: Any, text: str) -> None:
    with pytest.raises(EthopipeError, match=text):
        yolo_fit.network_of(init(tmp_path))


def labelled(**species: str) -> list[Labelled]:
    """A recording each, with a box of each species named."""
    made = []
    for name, kinds in species.items():
        boxes = pd.DataFrame({"frame": 0, "x1": 0.0, "y1": 0.0, "x2": 9.0, "y2": 9.0, "species": kinds.split()})
        made.append(Labelled(name, (Path(name),), ((10, 10),), boxes, film=True))
    return made


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (labelled(a="zebra"), r"all boxes are of one recording, a, and frames of one film cannot judge .* label a"),
        (
            labelled(a="zebra", b="oryx"),  # either would be learnt or judged
            r"no recording can be held out and leave every species to learn from: oryx, zebra are in one",
        ),
    ],
)  # fmt: skip
def test_a_split_that_would_leak_is_refused(found: list[Labelled], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        held_out(found, 0.2, seed=0)


def test_a_species_of_one_recording_is_learnt_and_it_is_said(caplog: pytest.LogCaptureFixture) -> None:
    assert held_out(labelled(a="zebra oryx", b="zebra"), 0.2, seed=0) == {"b"}
    assert "no held-out recording shows oryx: how well it is found is not known" in caplog.text


def test_recordings_are_held_out_whole_and_every_species_is_learnt() -> None:
    found = labelled(a="zebra", b="zebra oryx", c="oryx", d="zebra", e="oryx")
    for seed in range(5):
        held = set(held_out(found, 0.4, seed))
        assert 1 <= len(held) <= 2
        left = {name for one in found if one.recording not in held for name in one.boxes["species"]}
        assert left == {"zebra", "oryx"}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["vocabulary=[Zebra]"], r"labels of Oryx, which vocabulary does not name; change vocabulary="),
        (["vocabulary=[Zebra,Oryx,Kudu]"], r"no label of Kudu; change vocabulary"),
        (["vocabulary=[Zebra,Kudu]"], r"labels of Oryx, which .*; no label of Kudu"),  # all faults at once
    ],
)
def test_species_that_do_not_fit_the_vocabulary(tmp_path: Path, words: list[str], text: str) -> None:
    with pytest.raises(EthopipeError, match=text):
        train_detector(planned(coco(tmp_path), tmp_path / "out", *words), Silent())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["data=x"], r"no value for out; for example: ethopipe train detector=yolo data=footage out=models/mine"),
        (["data=[]", "out=x"], r"data must name at least one folder or file, got \[\]"),
        (["data=x", "out=x", "seed=-1"], r"seed must be >= 0, got -1"),
        (["data=x", "out=x", "max_minutes=0"], r"max_minutes must be > 0 or null, got 0"),
        (["data=x", "out=x", "threads=0"], r"threads must be >= 1 or null, got 0"),
        (["data=x", "out=x", "workers=-1"], r"workers must be >= 0, got -1"),
        (["data=x", "out=x", "fit.image_px=100"], r"image_px must be a multiple of 32, from 64, got 100"),
        (["data=x", "out=x", "fit.epochs=0"], r"epochs must be >= 1, got 0"),
        (["data=x", "out=x", "fit.held_out=1"], r"held_out must be in \(0, 1\), got 1"),
        (["data=x", "out=x", "fit.precision=16"], r"precision must be one of 32, bf16, got 16"),
        (["data=x", "out=x", "fit.learning_rate=0"], r"learning_rate must be > 0 or null, got 0"),
        (["data=x", "out=x", "recording=frame"], r"frame.*(video|folder)"),
        (["data=x", "out=x", "pictures.every=1"], r"every"),
        (["data=x", "out=x", "+colour=red"], r"no setting named colour; see ethopipe train detector=yolo --help"),
    ],
)
def test_settings_that_cannot_be(words: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text) as error:
        detector_plan(compose("train_detector", words))
    assert "\n" not in str(error.value)


def test_one_recording_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    footage(tmp_path / "footage", range(1))
    words = [f"data={tmp_path / 'footage'}", f"out={tmp_path / 'out'}", "init=null"]
    assert cli.main(["train", "detector=yolo", *words]) == 1
    assert capsys.readouterr().err.startswith("error: all boxes are of one recording, ")


def test_without_the_internet_a_published_start_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ultralytics.utils import downloads

    def unreachable(*_: Any, **__: Any) -> None:
        raise ConnectionError("Environment may be offline")

    monkeypatch.setattr(downloads, "attempt_download_asset", unreachable)
    text = r"cannot start from init=yolo11n.pt: cannot get yolo11n.pt: .*; give .*init=savanna_yolo .*or init=null"
    with pytest.raises(UsageError, match=text):
        yolo_fit.network_of("yolo11n.pt")


def test_a_refusal_leaves_the_folder_to_other_settings(tmp_path: Path) -> None:
    footage(tmp_path / "footage", range(2))
    with pytest.raises(UsageError, match=r"no box is left to learn Oryx, Zebra from"):
        train_detector(planned(tmp_path / "footage", tmp_path / "out", "pictures.least_px=50"), Silent())
    with pytest.raises(UsageError, match=r"no box is left"):  # not: a training with other settings
        train_detector(planned(tmp_path / "footage", tmp_path / "out", "pictures.least_px=60"), Silent())
