"""The whole chain on clips it makes itself: the contract, what is done again, what is left alone."""

import json
import multiprocessing
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import pandas as pd
import pytest

from pipeline import cli
from tests import kill_driver
from tests.footage import write_video
from tests.shapes import draw_clip
from tests.tiny_models import tiny_videomae

NO_WEIGHTS = ["detector=motion", "recognizer=kinematic"]
STAGES = ["watch", "track", "look", "behave", "scenes", "overlay", "tables", "report"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "herd.mp4"
    draw_clip(path, seed=1, duration_s=5.0, animals=2)
    return path


@pytest.fixture(scope="module")
def finished(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "herd"
    assert cli.main(["run", str(clip), *NO_WEIGHTS, f"out={out}"]) == 0
    return out


@pytest.fixture
def again(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be run again with changes."""
    return Path(shutil.copytree(finished, tmp_path / "again"))


def tables(out: Path) -> dict[str, bytes]:
    found = [*(out / "tables").glob("*.csv"), *out.glob("videos/*/*.parquet"), *out.glob("videos/*/*.csv")]
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(found)}


def stages_done(out: Path) -> list[str]:
    videos = json.loads((out / "run.json").read_text())["videos"]
    return [stage for video in videos.values() for stage in video["seconds"]]


def test_the_contract(finished: Path) -> None:
    assert (finished / "report.html").stat().st_size > 1000
    assert (finished / "videos" / "herd.mp4" / "overlay.mp4").stat().st_size > 1000
    for name in ("bouts", "time_budgets", "transitions", "individuals", "dictionary", "observations_template"):
        assert (finished / "tables" / f"{name}.csv").is_file()
    record = json.loads((finished / "run.json").read_text())
    assert record["exit_code"] == 0
    assert record["videos"]["herd.mp4"]["status"] == "ok"
    assert record["settings"]["detector"]["_target_"].endswith("MotionDetector")


def test_a_run_without_weights_imports_no_torch(clip: Path, tmp_path: Path) -> None:
    words = ["run", str(clip), *NO_WEIGHTS, f"out={tmp_path / 'out'}"]
    code = f"import sys; from pipeline.cli import main; assert main({words}) == 0; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


@pytest.mark.usefixtures("page_alone")
def test_an_overlay_that_was_not_asked_for_is_not_linked(again: Path, clip: Path) -> None:
    assert 'overlay.mp4">' in (again / "report.html").read_text()
    assert cli.main(["run", str(clip), *NO_WEIGHTS, "overlay=false", f"out={again}"]) == 0
    page = (again / "report.html").read_text()
    assert 'overlay.mp4">' not in page
    assert 'bouts.csv">' in page


def test_two_animals_are_two_tracks_whose_shares_sum_to_one(finished: Path) -> None:
    individuals = pd.read_csv(finished / "tables" / "individuals.csv")
    assert len(individuals) == 2
    assert (individuals["tracked_s"] > 4.5).all()
    budgets = pd.read_csv(finished / "tables" / "time_budgets.csv")
    pooled = budgets[budgets["level"] == "pooled"]
    assert pooled["share"].sum() == pytest.approx(1.0, abs=1e-5)
    assert (pooled["method"].str.contains("no interval: only 1 session ")).all()


def test_the_same_run_again_opens_no_decoder(again: Path, clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = tables(again)
    monkeypatch.setattr(av, "open", lambda *words, **more: pytest.fail("a video was opened"))
    assert cli.main(["run", str(clip), *NO_WEIGHTS, f"out={again}"]) == 0
    assert stages_done(again) == []
    assert tables(again) == before


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("tracker=sort", ["track", "look", "behave", "overlay"]),  # detects nothing again
        ("tracks.smooth_s=0.2", ["track", "look", "behave", "overlay"]),
        ("window.stride_s=1.0", ["look", "behave", "overlay"]),  # another recognizer starts at the windows
        ("recognizer.walk_above=0.2", ["look", "behave", "overlay"]),
        ("behaviours.min_confidence=0.9", ["behave", "overlay"]),
        ("report.overlay_width_px=800", ["overlay"]),
        ("report.png_dpi=100", []),  # figures over the run only
        ("statistics.seed=7", []),  # tables over all videos only
        ("runtime.device=cpu", []),  # where it is computed changes nothing
    ],
)
@pytest.mark.usefixtures("tables_alone")
def test_only_what_a_change_touches_is_done_again(again: Path, clip: Path, change: str, expected: list[str]) -> None:
    assert cli.main(["run", str(clip), *NO_WEIGHTS, change, f"out={again}"]) == 0
    assert set(stages_done(again)) <= set(expected)
    assert (expected[:1] or []) == stages_done(again)[:1]


@pytest.mark.usefixtures("page_alone")
def test_the_page_prints_the_settings_of_this_run_also_where_they_change_no_table(again: Path, clip: Path) -> None:
    before = tables(again)
    assert cli.main(["run", str(clip), *NO_WEIGHTS, "statistics.resamples=321", f"out={again}"]) == 0
    assert tables(again) == before
    assert "resamples: 321" in (again / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("tables_alone")
def test_two_conditions_are_compared_without_reading_the_video_again(again: Path, clip: Path, tmp_path: Path) -> None:
    names = tmp_path / "individuals.csv"
    names.write_text(f"video,track,individual,sex\n{clip.name},1,Zoe,f\n{clip.name},2,Max,m\n")
    asked = [f"individuals={names}", "compare=sex", "statistics.min_visible_s=1"]  # of a film of five seconds
    assert cli.main(["run", str(clip), *NO_WEIGHTS, *asked, f"out={again}"]) == 0
    rows = pd.read_csv(again / "tables" / "contrasts" / "budget_contrasts.csv")
    assert set(rows["first"] + rows["second"]) == {"fm"}
    assert rows["method"].str.contains("only 1 session in f and 1 session in m (6 are needed)", regex=False).all()
    assert set(stages_done(again)) <= {"behave", "overlay"}


@pytest.mark.usefixtures("tables_alone")
def test_a_transformer_reads_the_same_tracks(again: Path, clip: Path, tmp_path: Path) -> None:
    model = tiny_videomae(tmp_path / "model", ["Walk", "Graze", "Head Up"])
    words = ["recognizer=transformers", f"recognizer.model={model}", "recognizer.interval_s=0.2", "ethogram=kabr"]
    assert cli.main(["run", str(clip), "detector=motion", *words, f"out={again}"]) == 0
    assert stages_done(again) == ["look", "behave", "overlay"]
    bouts = pd.read_csv(again / "tables" / "bouts.csv")
    assert set(bouts["behaviour"]) <= {"Walk", "Graze", "Head Up", "unknown", "not visible"}


@pytest.mark.usefixtures("tables_alone")
def test_scenes_are_written_where_asked(again: Path, clip: Path) -> None:
    assert cli.main(["run", str(clip), *NO_WEIGHTS, "scenes=true", f"out={again}"]) == 0
    with av.open(str(again / "videos" / "herd.mp4" / "scenes" / "1.mp4")) as scene:
        stream = scene.streams.video[0]
        assert (stream.width, stream.height, stream.codec_context.name) == (400, 300, "h264")
    folder = again / "videos" / "herd.mp4"
    assert cli.main(["run", str(clip), *NO_WEIGHTS, f"out={again}"]) == 0
    assert (folder / "scenes" / "1.mp4").is_file()  # nobody asks for them now, but they are of these tracks
    assert cli.main(["run", str(clip), *NO_WEIGHTS, "tracks.smooth_s=0.5", "overlay=false", f"out={again}"]) == 0
    assert not list((folder / "scenes").glob("*.mp4"))  # of other tracks than those beside them
    assert not (folder / "overlay.mp4").exists()


@pytest.mark.usefixtures("no_pictures")
def test_one_bad_video_never_stops_the_rest(tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(clip, tmp_path / "a_good.mp4")
    (tmp_path / "b_empty.mp4").write_bytes(b"")
    (tmp_path / "c_text.MP4").write_text("this is no video")
    shutil.copy(clip, tmp_path / "d_good.mp4")
    out = tmp_path / "out"
    assert cli.main(["run", str(tmp_path), "detector=whole", "overlay=false", f"out={out}"]) == 2
    videos = json.loads((out / "run.json").read_text())["videos"]
    assert [video["status"] for video in videos.values()] == ["ok", "failed", "failed", "ok"]
    said = capsys.readouterr().err
    assert "4 videos: 2 ok, 2 failed" in said
    assert "b_empty.mp4 is empty" in said
    assert "c_text.MP4" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_twice_inside_every_stage_and_continued_it_ends_with_the_same_tables(tmp_path: Path, clip: Path) -> None:
    words = ["run", str(clip), *NO_WEIGHTS, "scenes=true"]
    unbroken, broken = tmp_path / "run_one", tmp_path / "run_two"
    assert cli.main([*words, f"out={unbroken}"]) == 0
    for stage in STAGES:
        for where in ("working", "writing"):
            killed_inside(stage, where, tmp_path / f"{stage}-{where}", [*words, f"out={broken}"])
    assert cli.main([*words, f"out={broken}"]) == 0
    assert tables(broken) == tables(unbroken)
    assert (broken / "report.html").read_text() == (unbroken / "report.html").read_text().replace("run_one", "run_two")
    assert not list(broken.rglob(".part-*"))


def killed_inside(stage: str, where: str, marker: Path, words: list[str]) -> None:
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload([kill_driver.__name__])  # is imported once for all
    process = server.Process(target=kill_driver.halting, args=(stage, where, marker, words))
    process.start()
    while not marker.exists() and process.is_alive():
        process.join(timeout=0.02)
    assert process.is_alive(), f"never {where} in {stage}"
    process.kill()
    process.join()
    assert marker.read_text() == f"{where} in {stage}"


def test_labels_that_would_be_of_two_videos_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("films/day1/A.mp4", "films/day2/A.mp4", "labels/A.xml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    words = [str(tmp_path / "films"), "detector=replay", f"detector.path={tmp_path / 'labels'}", "recognizer=kinematic"]
    assert cli.main(["run", *words, f"out={tmp_path / 'out'}"]) == 1
    assert "A.xml would be the labels of day1/A.mp4 and of day2/A.mp4" in capsys.readouterr().err


@pytest.mark.real
def test_kabr_tools_fixture_gives_its_labels_budget(real: Path, tmp_path: Path) -> None:
    """Track 0: Head Up for 3 frames, then Walk for 18; track 1: Walk for 21. The footage itself is not there."""
    fixture = real / "kabr_fixture"
    write_video(tmp_path / "DJI_0068.mp4", 21, rate=Fraction(30000, 1001), size=(5472, 3078))
    words = [
        "detector=replay", f"detector.path={fixture / 'DJI_0068_tracks.xml'}", "tracker=replay", "camera=fixed",
        "recognizer=replay", f"recognizer.path={fixture / 'DJI_0068.csv'}", "window.stride_s=0",
        "ethogram=kabr", "behaviours.min_bout_s=0", "overlay=false",
    ]  # fmt: skip
    out = tmp_path / "out"
    assert cli.main(["run", str(tmp_path / "DJI_0068.mp4"), *words, f"out={out}"]) == 0
    budgets = pd.read_csv(out / "tables" / "time_budgets.csv")
    tracks = budgets[(budgets["level"] == "track") & (budgets["behaviour_s"] > 0)]
    frames = (tracks["behaviour_s"] * 30000 / 1001).round(3)
    found = dict(zip(zip(tracks["unit"], tracks["behaviour"], strict=True), frames, strict=True))
    assert found == {
        ("DJI_0068.mp4#0", "Head Up"): 3.0, ("DJI_0068.mp4#0", "Walk"): 18.0, ("DJI_0068.mp4#1", "Walk"): 21.0
    }  # fmt: skip
