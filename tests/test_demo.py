"""The demo and simulate verbs, filming squares instead of a savanna: what is written, compared and printed."""

import json
import sys
from pathlib import Path

import pytest

from pipeline import cli
from pipeline.errors import UsageError
from pipeline.evaluation.truth import truth_of
from pipeline.simulate.settings import Scene
from pipeline.simulate.truth_files import read_truth, write_truth
from pipeline.types import Video
from tests.simulate.made import draw, filmed

HEAD = ["detection_map50", "hota", "idf1", "behaviour_macro_top1", "time_budget_mae", "transition_mae"]


@pytest.fixture
def squares(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Film squares, whatever is asked for; the seeds asked for."""
    seeds = []

    def film(scene: Scene, seed: int, out: Path, advance: object) -> Path:
        seeds.append(seed)
        write_truth(filmed(), out)
        return draw(out, filmed())

    monkeypatch.setattr("pipeline.demo.film", film)
    return seeds


@pytest.mark.usefixtures("no_pictures")
def test_the_demo_compares_and_prints(squares: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "demo"
    labels = ["detector=replay", f"detector.path={tmp_path / 'gt.txt'}", "tracker=replay"]
    write_truth(filmed(), tmp_path)
    (tmp_path / "truth" / "gt" / "gt.txt").rename(tmp_path / "gt.txt")
    words = [
        "demo",
        *labels,
        "recognizer=kinematic",
        "ethogram=default",
        "scene.name=squares",
        "overlay=false",
        "seed=3",
        f"out={out}",
    ]
    assert cli.main(words) == 0
    assert squares == [3]
    figures = json.loads((out / "run" / "comparison.json").read_text())
    assert figures == json.loads((out / "comparison.json").read_text())
    assert list(figures)[:7] == [*HEAD, "position_error_m"]
    assert figures["detection_map50"] == pytest.approx(1.0)
    assert figures["hota"] == pytest.approx(100.0, abs=0.1)
    assert figures["behaviour_macro_top1"] == 0  # walk is not Walk
    assert figures["position_error_m"] == figures["position"]["median_m"] > 0  # squares stand anywhere
    assert (figures["scene"], figures["seed"]) == ("squares", 3)
    said = capsys.readouterr().err
    assert "detection mAP50                        1.0000   >= 0.9500     met" in said
    assert "boxes with a place on the ground" in said
    assert f"report   {out / 'run' / 'report.html'}" in said
    settings = json.loads((out / "truth" / "scene.json").read_text())
    assert (settings["seed"], settings["scene"]["flight"]) == (3, "hover")
    assert cli.main(words) == 0  # again, over its own files


def test_simulate(squares: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["simulate", "scene=orbit", "seed=5", f"out={tmp_path / 'x'}"]) == 0
    assert squares == [5]
    assert len(read_truth(tmp_path / "x").animals) == 45
    assert "filming orbit, seed 5: 60 s with 12 animals" in capsys.readouterr().err


@pytest.mark.parametrize(("seed", "said"), [(999_999, False), (1_000_000, True)])
def test_a_seed_of_the_training_is_said_to_be_one(
    squares: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int, said: bool
) -> None:
    assert cli.main(["simulate", f"seed={seed}", f"out={tmp_path / 'x'}"]) == 0
    words = f"seed={seed}: the embedded models may have seen this scene; to judge them take one under 1000000"
    assert (words in capsys.readouterr().err) == said


def test_simulate_names_its_own_folder(squares: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["simulate", "scene=crossing", "seed=2"]) == 0
    assert (tmp_path / "simulated" / "crossing_2" / "truth" / "animals.parquet").is_file()


def test_a_scene_has_a_folder_of_its_own(
    squares: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["simulate", "scene=orbit", f"out={tmp_path / 'x'}"]) == 0
    assert cli.main(["simulate", "scene=hover", f"out={tmp_path / 'x'}"]) == 1
    assert "holds the scene orbit, not hover; choose another folder" in capsys.readouterr().err


def test_a_stopped_filming_leaves_no_truth_of_the_film_before(
    squares: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "x"
    words = ["simulate", "scene.name=squares", f"out={out}"]
    assert cli.main(words) == 0
    video = Video("squares", out / "squares.mp4")
    assert truth_of(out, video, True) == out / "truth" / "animals.parquet"
    with monkeypatch.context() as stopped:
        stopped.setattr("pipeline.demo.film", lambda *asked: sys.exit("stopped"))
        with pytest.raises(SystemExit, match="stopped"):
            cli.main([*words, "seed=6"])
    files = sorted(str(path.relative_to(out)) for path in out.rglob("*") if path.is_file())
    assert files == ["squares.mp4", "truth/gt/labels.txt", "truth/scene.json"]  # labels.txt: the species' names
    for alone in (True, False):
        with pytest.raises(UsageError, match=r"filming into \S+ was not finished: give the command again"):
            truth_of(out, video, alone)
    assert cli.main([*words, "seed=6"]) == 0
    assert truth_of(out, video, True) is not None


@pytest.mark.parametrize("verb", ["demo", "simulate"])
def test_what_is_the_users_stays(
    squares: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    assert cli.main([verb, f"out={tmp_path}"]) == 1
    assert "holds files that are not a simulated scene; choose another folder" in capsys.readouterr().err
    assert squares == []
