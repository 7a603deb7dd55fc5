"""The models that come with the project, on a small scene that neither was trained on."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipeline import cli, model_folder
from pipeline.artifacts import read_object, read_table
from pipeline.comparison.compare import compare, read_run
from pipeline.demo import COMPARISON
from pipeline.detectors.folder import read_card as read_detector
from pipeline.formats.scores import score_columns
from pipeline.recognizers.folder import models_folder, read_card
from pipeline.simulate.film import film
from pipeline.simulate.truth_files import TOLD, read_truth
from pipeline.tables import SCORE_PREFIX, SCORES
from tests.conftest import leave_out_the_rest
from tests.simulate.small import small

DETECTOR, RECOGNIZER = models_folder() / "savanna_yolo", models_folder() / "savanna_videomae"
KABR = {"Walk", "Graze", "Browse", "Head Up", "Auto-Groom", "Trot", "Run", "Occluded"}


@pytest.fixture(scope="module")
def filmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two zebras and a giraffe for four seconds."""
    folder = tmp_path_factory.mktemp("filmed")
    film(small("scene.duration_s=4", "scene.width=960", "scene.height=540", "scene.young=0"), 1, folder, processes=1)
    return folder


@pytest.fixture(scope="module")
def ran(filmed: Path) -> Path:
    """The run over them."""
    words = ["detector=embedded", "recognizer=embedded", "ethogram=kabr", "overlay=false"]
    with pytest.MonkeyPatch.context() as patch:
        leave_out_the_rest(patch)
        assert cli.main(["run", str(filmed / "hover.mp4"), *words, f"out={filmed / 'run'}"]) == 0
    return filmed / "run"


def test_together_they_stay_under_25_mb() -> None:
    sizes = {folder.name: sum(path.stat().st_size for path in folder.rglob("*")) for folder in (DETECTOR, RECOGNIZER)}
    assert sizes["savanna_videomae"] < 12e6
    assert sum(sizes.values()) < 25e6


def test_the_cards_say_what_they_are_and_hold_for_the_files() -> None:
    for card, folder in ((read_detector(DETECTOR), DETECTOR), (read_card(RECOGNIZER), RECOGNIZER)):
        assert "simulated" in card.trained_on
        assert card.not_good_for
        assert card.metrics
        model_folder.verify(folder, card.sha256)
        assert (folder / "curves.csv").is_file()
    assert set(read_card(RECOGNIZER).behaviours) == KABR


def test_the_cards_say_whether_the_held_out_clips_chose_the_checkpoint() -> None:
    assert read_card(RECOGNIZER).held_out_chose_checkpoint is True
    assert read_detector(DETECTOR).held_out_chose_checkpoint is False  # the average after the last step
    assert read_card(models_folder() / "kinematic").held_out_chose_checkpoint is False  # no weights


def test_the_detector_finds_the_animals(filmed: Path, ran: Path) -> None:
    assert compare(read_run(ran), read_truth(filmed))["detection"]["recall"] > 0.8


def test_the_recognizer_scores_every_track(ran: Path) -> None:
    scores = read_table(ran / "videos" / "hover.mp4" / "scores.parquet", SCORES)
    columns = scores[score_columns(scores)]
    assert {name.removeprefix(SCORE_PREFIX) for name in columns} == KABR
    np.testing.assert_allclose(columns.sum(axis=1), 1, atol=1e-3)
    assert columns.to_numpy().max() > 2 / len(KABR)
    assert read_object(ran / "run.json")["held_out_chose_checkpoint"] is True
    assert read_object(ran / "run.json")["definitions"] == read_card(RECOGNIZER).definitions


@pytest.mark.usefixtures("no_pictures")
def test_the_recognizer_looks_again_where_places_on_the_ground_change(filmed: Path, ran: Path, tmp_path: Path) -> None:
    shutil.copytree(ran, tmp_path / "run")
    words = ["detector=embedded", "recognizer=embedded", "ethogram=kabr", "overlay=false", "ground.max_error_m=0.001"]
    assert cli.main(["run", str(filmed / "hover.mp4"), *words, f"out={tmp_path / 'run'}"]) == 0
    with_places, without = (
        read_table(folder / "videos" / "hover.mp4" / "scores.parquet", SCORES) for folder in (ran, tmp_path / "run")
    )
    columns = score_columns(without)
    assert without.drop(columns=columns).equals(with_places.drop(columns=columns))
    assert not np.allclose(without[columns], with_places[columns])


@pytest.mark.usefixtures("no_pictures")
def test_the_demo_runs_them(tmp_path: Path) -> None:
    small_scene = ["scene.width=640", "scene.height=360", "scene.duration_s=3", "scene.rate=10"]
    assert cli.main(["demo", *small_scene, "overlay=false", "seed=1", f"out={tmp_path / 'demo'}"]) == 0
    figures = read_object(tmp_path / "demo" / "run" / COMPARISON)
    assert figures["detection_map50"] > 0.3
    assert 0 <= figures["behaviour_macro_top1"] <= 1
    settings = read_object(tmp_path / "demo" / "run" / "run.json")["settings"]
    assert settings["detector"]["model"] == DETECTOR.name
    assert settings["recognizer"]["model"] == RECOGNIZER.name
    assert read_object(tmp_path / "demo" / TOLD)["seed"] == 1
