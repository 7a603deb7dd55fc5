"""The command line: words to sources and overrides, exit codes, one line for an error."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from pipeline import cli
from pipeline.config import compose
from pipeline.overrides import parse, quoted

NAMES = [
    "DJI (1).mp4", "a=b.mp4", "v1,v2.mp4", "Zebra [2].mp4", "Löwe am Fluß.mp4", "it's.mp4", "{x}.mp4", "a\\b.mp4",
    "${x}.mp4", "#1 100%.mp4",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_source_is_taken_literally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    sources, overrides, _ = parse([name])
    assert sources == [name]
    assert overrides == []
    assert list(compose("run", [f"source=[{quoted(name)}]"]).source) == [name]


@pytest.mark.parametrize("name", NAMES)
def test_an_out_folder_is_taken_literally(name: str) -> None:
    _, overrides, _ = parse([f"out={name}"])
    assert compose("run", overrides).out == name


@pytest.mark.parametrize(
    ("verb", "word", "given"),
    [
        ("evaluate", "labels=[2024_05_01, a b.tsv,'c,d.tsv']", ["2024_05_01", "a b.tsv", "c,d.tsv"]),
        ("train_detector", "data=[2024_05_01,2024_05_02]", ["2024_05_01", "2024_05_02"]),
        ("analyze", "audit=2024_05_01", "2024_05_01"),
        ("analyze", "audit=[]", []),
        ("analyze", "runs=[2024_05_01,it's]", ["2024_05_01", "it's"]),
        ("analyze", "held_out=2024_05_01", "2024_05_01"),
        ("run", "source=[2024_05_01,[x].mp4]", ["2024_05_01", "[x].mp4"]),
        ("run", r"source=[a\,b.mp4,c.mp4]", ["a,b.mp4", "c.mp4"]),
        ("run", "scenes=true", True),  # no path there
        ("train", "scenes=2024_05_01", "2024_05_01"),
        ("run", "ground.telemetry=a,b.csv", "a,b.csv"),
    ],
)
def test_a_path_that_reads_like_something_else_stays_a_path(verb: str, word: str, given: object) -> None:
    _, overrides, _ = parse([word])
    assert OmegaConf.select(compose(verb, overrides), word.partition("=")[0]) == given


def test_source_as_a_setting_means_the_same() -> None:
    assert parse(["source=a.mp4"]) == parse(["a.mp4"])


def test_words_that_look_like_settings_are_settings() -> None:
    assert parse(["a.mp4", "tracker=sort", "+x.y=1"])[:2] == (["a.mp4"], ["tracker=sort", "+x.y=1"])


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        ([], 0, "ethopipe run SOURCE"),  # nothing: the help
        (["--version"], 0, "ethopipe 0."),
        (["run", "--help"], 0, "Exit code: 0 all done"),
        (["demo", "--help"], 0, "scene        crossing, demo"),
        (["simulate", "--help"], 0, "seed: 0"),
        (["train", "--help"], 0, "For a detector: ethopipe train detector=yolo --help"),
        (["train", "detector=yolo", "--help"], 0, "  init: yolo11n.pt "),
        (["train", "detector=yolo", "data=[a,b]", "--cfg"], 0, "init: yolo11n.pt"),
        (["export", "--help"], 0, "per_behaviour: null"),
        (["agree", "--help"], 0, "tolerance_s: 1.0"),
        (["agree", "a.tsv", "b,c.tsv", "--cfg"], 0, "- b,c.tsv"),
        (["audit", "--help"], 0, "per_behaviour: 50"),
        (["audit", "runs/herd", "--cfg"], 0, "run: runs/herd"),
        (["doctor"], 0, "decoder H.264"),
        (["models"], 0, "savanna_videomae"),
        (["models", "--help"], 0, "ethopipe models fetch NAME [out=FOLDER]"),
        (["run", "x.mp4", "--cfg"], 0, "period_s:"),
    ],
)
def test_words_that_answer(capsys: pytest.CaptureFixture[str], words: list[str], code: int, text: str) -> None:
    assert cli.main(words) == code
    assert text in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["fly"], "error: no verb 'fly'; there are run, demo, simulate"),
        (["run"], "error: no value for source; for example: ethopipe run my_video.mp4"),
        (["run", "no.mp4", "detector=motion"], "error: no such file or folder: no.mp4"),
        (["run", "x.mp4", "--fast"], "error: no option --fast; settings are given as key=value"),
        (["run", "x.mp4", "detector=yollo"], "error: "),
        (["run", "source=[]"], "error: no value for source"),
        (["run", "x.mp4", "out=~nobody_at_all/x"], "error: ~nobody_at_all/x is in nobody's home folder"),
        (["run", "x.mp4", f"ethogram.behaviours=[{'a' * 400}]"], "error: "),  # longer than any file's name
        (
            ["demo", "scene.duration_s=0"],
            "error: cannot build pipeline.simulate.settings.Scene: duration_s must be 0.2 ",
        ),
        (["train", "x"], "error: ethopipe train takes its labels as data=FOLDER, got 'x'"),
        (["train", "detector=motion", "data=x"], "error: detector=motion cannot be trained; detector=yolo can "),
        (["train", "detector=yolo", "data=x"], "error: no value for out; for example: ethopipe train detector=yolo "),
        (["train", "detector=yolo", "data=x", "out=y", "init=null"], "error: no such file or folder: x"),
        (["audit"], "error: no value for run; for example: ethopipe audit runs/herd"),
        (["audit", "a", "b"], "error: ethopipe audit takes the folder of one run or study, got 'a' and 'b'"),
        (["audit", "a"], "error: a is no run of ethopipe: it has no run.json that names videos"),
        (["analyze", "a" * 400], f"error: cannot open {'a' * 400}/run.json: File name too long"),
        (["audit", "a", "per_behaviour=1"], "error: per_behaviour must be >= 2, got 1"),
        (["simulate", "x.mp4"], "error: ethopipe simulate films its own scene, got 'x.mp4'"),
        (["simulate", "seed=-1"], "error: seed must be at least 0, got -1"),
        (["simulate", "scene=zoo"], "error: "),
        (["demo", "seed=-1"], "error: seed must be at least 0, got -1"),
        (["demo", "x.mp4"], "error: ethopipe demo films its own scene, got 'x.mp4'"),
    ],
)
def test_an_error_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == 1
    said = capsys.readouterr().err
    assert said.startswith(text)
    assert said.count("\n") == 1


def test_a_link_that_leads_to_itself_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert cli.main(["agree", str(tmp_path / "loop"), str(tmp_path / "loop"), f"out={tmp_path / 'out'}"]) == 1
    assert capsys.readouterr().err.endswith("loop': a link that leads to itself\n")


def test_the_home_folder_is_found_where_the_shell_left_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("USERPROFILE", "/home/me")
    assert parse(["out=~/runs/1"])[1] == [f"out='{Path('/home/me/runs/1')}'"]
    assert parse(["audit=[~/a,'~b']"])[1] == [f"audit=['{Path('/home/me/a')}','~b']"]
