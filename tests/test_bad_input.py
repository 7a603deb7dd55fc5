"""Bad input, each with its one clear line, and nothing lost."""

import json
import os
import runpy
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image as Picture

from pipeline import cli
from pipeline.chain.progress import Silent
from pipeline.chain.record import logged
from pipeline.chain.run import run
from pipeline.config import compose
from pipeline.detectors.weights import prepared
from pipeline.errors import StorageError
from pipeline.plan import plan
from pipeline.types import Video
from pipeline.video.frames import Footage
from tests.footage import write_video
from tests.shapes import draw_clip
from tests.tiny_models import tiny_videomae

IN_DEGREES = Path(__file__).parent / "in_degrees.geojson"
NO_WEIGHTS = ["detector=motion", "recognizer=kinematic", "overlay=false"]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "herd.mp4"
    draw_clip(path, seed=1, duration_s=3.0, animals=1)
    return path


def errors(capsys: pytest.CaptureFixture[str], words: list[str]) -> list[str]:
    """Run, expect exit 1, and return the lines on stderr that begin with ``error:``."""
    assert cli.main(["run", *words]) == 1
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("error:")]


def make_nothing(folder: Path) -> list[str]:
    return [str(folder / "no.mp4")]


def make_empty_folder(folder: Path) -> list[str]:
    (folder / "notes.txt.bak").write_text("no video here")
    return [str(folder)]


def make_empty_file(folder: Path) -> list[str]:
    (folder / "empty.mp4").write_bytes(b"")
    return [str(folder / "empty.mp4")]


def make_text(folder: Path) -> list[str]:
    (folder / "text.mp4").write_text("this is no video")
    return [str(folder / "text.mp4")]


def make_index_lost(folder: Path) -> list[str]:
    whole = write_video(folder / "whole.mp4", 60).read_bytes()
    (folder / "whole.mp4").unlink()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    return [str(folder / "cut.mp4")]


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (make_nothing, "no such file or folder: "),
        (make_empty_folder, "no video in "),
        (make_empty_file, "empty.mp4 is empty (0 bytes)"),
        (make_text, "text.mp4 is not a video"),
        (make_index_lost, "cut.mp4"),
    ],
)
@pytest.mark.usefixtures("tables_alone")
def test_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], make, text: str) -> None:  # type: ignore[no-untyped-def]
    source = tmp_path / "source"
    source.mkdir()
    lines = errors(capsys, [*make(source), *NO_WEIGHTS, f"out={tmp_path / 'out'}"])
    assert len(lines) == 1
    assert text in lines[0]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["detector=yollo"], "yollo"),  # a choice that is not there
        (["detector.perod_s=1"], "perod_s"),  # a key that is not there
        (["tracks.max_gap_s=-1"], "max_gap_s must be"),  # a value out of range
        (["window.tail=cut"], "tail"),  # a word that is not one of those
        (["ethogram=kabr"], "stationary"),  # a vocabulary without a place for the recognizer's
        (["recognizer=transformers", "recognizer.model=nowhere/model"], "nowhere/model"),  # a model that is not there
        (["tracker=replay"], "tracker=replay needs boxes that came with identities"),
        (["detector.period_s=1"], "look more often, or give tracker.max_gap_s=3 tracks.max_gap_s=3 visibility.max_"),
        (["individuals=no.csv"], "no.csv"),
        (["society.unit=metre"], "society.unit=metre: no place on the ground is known; it needs a drone"),
        (["habitats=/"], "cannot read / as GeoJSON: [Errno 21] Is a directory"),
        ([f"habitats={IN_DEGREES}"], "in_degrees.geojson in degrees: no place on the ground is known"),
        (["starts=no.csv"], "no such table: no.csv"),
        (["detector=replay", "detector.path=no.xml"], "no.xml"),
    ],
)
def test_settings_that_cannot_be(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str], words: list[str], text: str
) -> None:
    lines = errors(capsys, [str(clip), *NO_WEIGHTS, *words, f"out={tmp_path / 'out'}"])
    assert len(lines) == 1
    assert text in lines[0]


def test_an_unknown_class_name_lists_those_there_are(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tmp_path / "tiny.pt"
    network = prepared().YOLO("yolo11n.yaml")
    network.model.names = {0: "zebra", 1: "giraffe"}
    network.save(model)
    words = [str(clip), "detector=yolo", f"detector.model={model}", "detector.classes=[zebr]", "overlay=false"]
    lines = errors(capsys, [*words, f"out={tmp_path / 'out'}"])
    assert len(lines) == 1
    assert "zebr" in lines[0]
    assert "giraffe" in lines[0]


def test_a_checkpoint_with_another_head_is_refused_by_name(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tiny_videomae(tmp_path / "model", ["Walk", "Graze"])
    (model / "card.yaml").write_text(
        "name: mine\nbehaviours: [Walk, Graze, Trot]\nclip: {frames: 4, interval_s: 0.2}\n", encoding="utf-8"
    )
    words = ["recognizer=transformers", f"recognizer.model={model}"]
    lines = errors(capsys, [str(clip), "detector=motion", *words, f"out={tmp_path / 'out'}"])
    assert len(lines) == 1
    assert "2" in lines[0]
    assert "3" in lines[0]
    assert "mine" in lines[0] or str(model) in lines[0]


@pytest.mark.usefixtures("page_alone")
def test_a_truncated_video_is_processed_to_where_it_breaks(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fast = write_video(tmp_path / "fast.mp4", 200, movflags="faststart")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(fast.read_bytes()[: int(fast.stat().st_size * 0.7)])
    out = tmp_path / "out"
    assert cli.main(["run", str(cut), *NO_WEIGHTS, f"out={out}"]) == 2
    assert "partial  cut.mp4: stopped decoding at frame" in capsys.readouterr().err
    frames = pd.read_parquet(out / "videos" / "cut.mp4" / "frames.parquet")
    assert 20 < len(frames) < 200
    assert (out / "report.html").is_file()


@pytest.mark.usefixtures("tables_alone")
def test_a_video_that_changes_while_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_video(tmp_path / "copied.mp4", 8)
    before = path.read_bytes()

    def grows(video: Video) -> Footage:
        path.write_bytes(before + b"more")
        return Footage(video)

    monkeypatch.setattr("pipeline.chain.stages.Footage", grows)
    words = [str(path), "detector=whole", "overlay=false", f"out={tmp_path / 'out'}"]
    lines = errors(capsys, words)
    assert "copied.mp4 changed while it was read (still being copied?); run again" in lines[0]
    monkeypatch.undo()
    assert cli.main(["run", *words]) == 0


@pytest.mark.usefixtures("no_pictures")
def test_no_animal_gives_empty_tables_and_a_report(tmp_path: Path) -> None:
    write_video(tmp_path / "bare.mp4", [np.full((120, 160, 3), 90, dtype=np.uint8)] * 60)
    out = tmp_path / "out"
    assert cli.main(["run", str(tmp_path / "bare.mp4"), *NO_WEIGHTS, f"out={out}"]) == 0
    assert len(pd.read_csv(out / "tables" / "bouts.csv")) == 0
    assert (out / "report.html").is_file()


@pytest.mark.usefixtures("no_pictures")
def test_one_frame_and_a_still_give_no_budget(tmp_path: Path) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    write_video(folder / "one.mp4", 1)
    Picture.new("RGB", (160, 120), "tan").save(folder / "still.JPG")
    out = tmp_path / "out"
    assert cli.main(["run", str(folder), "detector=whole", "recognizer=kinematic", f"out={out}"]) == 0
    individuals = pd.read_csv(out / "tables" / "individuals.csv")
    assert len(individuals) == 2
    assert individuals.set_index("video").loc["still.JPG", "tracked_s"] == 0


@pytest.mark.usefixtures("tables_alone")
def test_variable_frame_rate_counts_time_not_frames(tmp_path: Path) -> None:
    """Ten frames in the first second, then one a second for nine: 10 s, not 19 frames' worth."""
    times = [k / 10 for k in range(10)] + [float(k) for k in range(1, 10)]
    write_video(tmp_path / "vfr.mp4", 19, times_s=times)
    out = tmp_path / "out"
    words = ["detector=whole", "recognizer=kinematic", "miniscene.max_jump_s=2", "overlay=false"]
    assert cli.main(["run", str(tmp_path / "vfr.mp4"), *words, f"out={out}"]) == 0
    tracked = pd.read_csv(out / "tables" / "individuals.csv")["tracked_s"].sum()
    assert tracked == pytest.approx(10.0, abs=1.0)


@pytest.mark.parametrize("rotation", [90, 180, 270])
@pytest.mark.usefixtures("tables_alone")
def test_a_rotated_video_is_taken_as_shown(tmp_path: Path, rotation: int) -> None:
    write_video(tmp_path / "turned.mp4", 12, rotation=rotation)
    out = tmp_path / "out"
    assert cli.main(["run", str(tmp_path / "turned.mp4"), "detector=whole", "overlay=true", f"out={out}"]) == 0
    boxes = pd.read_parquet(out / "videos" / "turned.mp4" / "tracks.parquet")
    shown = (48, 64) if rotation in (90, 270) else (64, 48)
    assert tuple(boxes.loc[0, ["x2", "y2"]]) == shown


@pytest.mark.usefixtures("no_pictures")
def test_names_of_any_kind(tmp_path: Path) -> None:
    names = ["a b.mp4", "DJI (1) [2].mp4", "a=b.mp4", "v1,v2.mp4", "Löwe ü.mp4", "<b>&.mp4", "100%.mp4"]
    for name in names:
        write_video(tmp_path / name, 8)
    out = tmp_path / "out"
    sources = [str(tmp_path / name) for name in names]
    assert cli.main(["run", *sources, "detector=whole", "recognizer=kinematic", f"out={out}"]) == 0
    assert len(pd.read_csv(out / "tables" / "individuals.csv")) == len(names)
    assert "<b>&.mp4" not in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("tables_alone")
def test_two_videos_of_one_name_stay_two(tmp_path: Path) -> None:
    for day in ("day1", "day2"):
        (tmp_path / day).mkdir()
        write_video(tmp_path / day / "DJI_0001.MP4", 8)
    out = tmp_path / "out"
    assert cli.main(["run", str(tmp_path), "detector=whole", "overlay=false", f"out={out}"]) == 0
    assert set(pd.read_csv(out / "tables" / "individuals.csv")["video"]) == {"day1/DJI_0001.MP4", "day2/DJI_0001.MP4"}


@contextmanager
def without_roots_rights() -> Iterator[None]:
    """Inside the block this process has no more rights than a user, even where tests run as root."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_a_read_only_output_folder(clip: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(shutil.copy(clip, folder))
        Path(folder).chmod(0o555)
        asked = plan(compose("run", [f"source=['{source}']", *NO_WEIGHTS, f"out={folder}/out"]), "")
        with (
            without_roots_rights(),
            pytest.raises(
                StorageError, match=r"cannot write .*/out: no permission to write there; choose another out="
            ),
        ):
            run(asked, Silent())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system to stand for a full disk")
@pytest.mark.parametrize(
    "name", ["videos/herd.mp4/.part-detections.parquet", "videos/herd.mp4/.part-overlay.mp4", "tables/.part-bouts.csv"]
)
@pytest.mark.usefixtures("page_alone")
def test_a_full_disk_stops_with_one_line_and_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    out = tmp_path / "out"
    words = [str(write_video(tmp_path / "herd.mp4", 8)), "detector=whole", f"out={out}"]
    (out / name).parent.mkdir(parents=True)
    (out / "run.json").write_text("{}")
    (out / name).symlink_to("/dev/full")
    lines = errors(capsys, words)
    assert len(lines) == 1
    assert "the disk is full; free some space and run the same command again" in lines[0]
    assert cli.main(["run", *words]) == 0
    assert (out / "report.html").is_file()


def test_a_folder_of_somebody_elses_is_left_alone(
    tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.txt").write_text("mine")
    lines = errors(capsys, [str(clip), *NO_WEIGHTS, f"out={tmp_path / 'thesis'}"])
    assert "holds files that are not a run of ethopipe" in lines[0]
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.txt"]


@pytest.mark.usefixtures("no_pictures")
def test_frames_that_all_have_one_time_give_no_budget(tmp_path: Path) -> None:
    write_video(tmp_path / "stopped.mkv", 12, times_s=[0.5] * 12)
    out = tmp_path / "out"
    assert cli.main(["run", str(tmp_path / "stopped.mkv"), "detector=whole", "overlay=false", f"out={out}"]) == 0
    assert "all frames at one time" in (out / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
@pytest.mark.usefixtures("no_pictures")
def test_a_name_that_is_no_utf8(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = os.fsdecode(b"L\xf6we.mp4")  # as an old archive unpacks it
    try:
        write_video(tmp_path / "a.mp4", 8).rename(tmp_path / name)
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    words = [str(tmp_path / name), "detector=whole", "overlay=false"]
    assert cli.main(["run", *words, f"out={tmp_path / 'out'}"]) == 0
    assert len(pd.read_csv(tmp_path / "out" / "tables" / "individuals.csv")) == 1
    assert cli.main(["export", str(tmp_path / "out"), "format=tidy", f"out={tmp_path / 'tidy'}"]) == 0
    lines = errors(capsys, [*words, f"out={tmp_path / name}"])
    assert "is no name in UTF-8; choose another folder" in lines[0]


@pytest.mark.usefixtures("tables_alone")
def test_what_a_run_left_and_something_else_spoilt_is_made_again(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", 8)
    out = tmp_path / "out"
    words = ["run", str(tmp_path / "a.mp4"), "detector=whole", "overlay=false", f"out={out}"]
    assert cli.main(words) == 0
    made = (out / "tables" / "bouts.csv").read_bytes()
    spoilt = [out / name for name in ("run.json", "stages.json", "videos/a.mp4/stages.json", "videos/a.mp4/video.json")]
    for path in spoilt:
        path.write_text("[1, 2]")
    assert cli.main(words) == 0
    assert (out / "tables" / "bouts.csv").read_bytes() == made
    assert not [path for path in spoilt if path.read_text(encoding="utf-8") == "[1, 2]"]


@pytest.mark.skipif(os.name == "nt", reason="the lock is not made on Windows")
def test_two_runs_do_not_share_a_folder(tmp_path: Path, clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "run.json").write_text("{}")
    with logged(out / "log.txt"):
        lines = errors(capsys, [str(clip), *NO_WEIGHTS, f"out={out}"])
    assert "another run is writing to" in lines[0]
    assert (out / "run.json").read_text() == "{}"


@pytest.mark.usefixtures("tables_alone")
def test_names_for_animals_that_are_not_there_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_video(tmp_path / "a.mp4", 8)
    (tmp_path / "who.csv").write_text("video,track,individual\na.mp4,7,Zoe\nb.mp4,1,Max\n")
    words = [str(tmp_path / "a.mp4"), "detector=whole", "overlay=false", f"individuals={tmp_path / 'who.csv'}"]
    assert cli.main(["run", *words, f"out={tmp_path / 'out'}"]) == 0
    told = capsys.readouterr().err
    assert "warning  individuals.csv speaks of videos that are not in this run: b.mp4" in told
    assert "warning  individuals.csv names tracks that are not there: a.mp4#7" in told
    assert len(json.loads((tmp_path / "out" / "run.json").read_text())["warnings"]) == 2


@pytest.mark.usefixtures("tables_alone")
def test_another_camera_card_does_not_take_the_same_default_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for card in ("cardA", "cardB"):
        (tmp_path / card).mkdir()
        write_video(tmp_path / card / "DJI_0001.MP4", 8)
    words = ["detector=whole", "overlay=false"]
    (tmp_path / "seen.csv").write_text("video\nDJI_0001.MP4\n")
    assert cli.main(["run", "cardA/DJI_0001.MP4", *words, "observations=seen.csv"]) == 0
    told = json.loads(Path("runs/DJI_0001.MP4/run.json").read_text(encoding="utf-8"))
    video = told["videos"]["DJI_0001.MP4"]  # as typed, and where that was: it is looked for from other folders too
    assert (video["path"], video["absolute"]) == ("cardA/DJI_0001.MP4", str(tmp_path / "cardA" / "DJI_0001.MP4"))
    assert (told["settings"]["observations"], told["given"]) == (
        "seen.csv",
        {"observations": str(tmp_path / "seen.csv")},
    )
    lines = errors(capsys, ["cardB/DJI_0001.MP4", *words])
    assert "runs/DJI_0001.MP4 holds the run of cardA/DJI_0001.MP4; give this one a folder of its own: out=" in lines[0]


@pytest.mark.usefixtures("tables_alone")
def test_a_template_filled_in_among_the_runs_own_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = write_video(tmp_path / "a.mp4", 8), tmp_path / "out"
    words = [str(path), "detector=whole", "overlay=false", f"out={out}"]
    assert cli.main(["run", *words]) == 0
    template = out / "tables" / "observations_template.csv"
    lines = errors(capsys, [*words, f"observations={template}"])
    assert "lies among the run's own tables, which are written anew; copy it elsewhere first" in lines[0]


@pytest.mark.parametrize(
    ("script", "words", "fault"),
    [
        ("learning_curves", ["out", "data=nothing"], "no such folder: nothing"),
        ("benchmark_training", ["nothing"], "no such folder: nothing"),
        ("benchmark_training", ["nothing", "fit=probe", "init=savanna_videomae"], "a probe and prototypes have no"),
    ],
)
def test_scripts_for_your_own_clips(
    capsys: pytest.CaptureFixture[str], script: str, words: list[str], fault: str
) -> None:
    run_script = runpy.run_path(str(Path(__file__).parents[1] / "scripts" / f"{script}.py"))["main"]
    assert run_script(words) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: {fault}")
