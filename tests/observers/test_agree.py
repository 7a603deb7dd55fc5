"""``ethopipe agree`` on files and runs whose agreement is known by hand, and on BORIS's own."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_object, read_table, write_table
from pipeline.config import compose
from pipeline.ethology.agreement import agree as pure
from pipeline.ethology.agreement.tables import DISAGREEMENTS
from pipeline.observers.joining import joined
from pipeline.observers.settings import names_of
from pipeline.observers.summary import pairs_of, summary
from pipeline.overrides import parse, quoted
from pipeline.plan import agree_plan
from pipeline.tables import BOUTS, TRACKS
from tests.formats.labels import write
from tests.formats.test_intervals import mini_scene, points

HEAD = "video,track,start_s,stop_s,behaviour\n"
NAMES = {"W": "Walk", "G": "Graze", "?": "unknown", "-": "not visible"}


def labels(path: Path, *rows: str) -> Path:
    return write(path, HEAD + "".join(f"{row}\n" for row in rows))


def agreed(tmp_path: Path, *words: object) -> dict[str, Any]:
    """The contents of agreement.json."""
    assert cli.main(["agree", *map(str, words), f"out={tmp_path / 'out'}"]) == 0
    return read_object(tmp_path / "out" / "agreement.json")


def reckoned(*words: object) -> dict[str, Any]:
    """The same figures without page and pictures."""
    coders, overrides, _ = parse(list(map(str, words)))
    plan = agree_plan(compose("agree", [f"coders=[{','.join(map(quoted, coders))}]", *overrides]))
    coded = joined(plan)
    tables = pure.agree(coded, plan.how, plan.names)
    return summary(coded, tables, pairs_of(plan.names, tables), plan)


def figure(made: dict[str, Any], name: str, basis: str = "time") -> float | None:
    return made["pairs"][0]["figures"][basis][name]["value"]


def run_of(out: Path, words: dict[tuple[str, int], str], names: dict[int, str] | None = None, shift: float = 0) -> Path:
    """A run with tables/bouts.csv, a letter a second at 10 frames/s; boxes ``shift`` px to the right."""
    rows = []
    for (video, track), word in words.items():
        at = 0
        for letter, many in ((letter, len(list(run))) for letter, run in groupby(word)):
            if letter != ".":
                rows.append((video, track, NAMES[letter], at, at + many))
            at += many
        seen = pd.DataFrame({"frame": range(10 * len(word))}).assign(track=track, x1=10 + shift, y1=10, x2=50 + shift)
        seen = seen.assign(y2=40, score=0.9, species="zebra", observed=True, time_s=seen["frame"] / 10)
        write_table(out / "videos" / video / "tracks.parquet", TRACKS.cast(seen), TRACKS)
    data = pd.DataFrame(rows, columns=["video", "track", "behaviour", "start_s", "stop_s"])
    subject = [
        (names or {}).get(track, f"{video}#{track}") for video, track in zip(data["video"], data["track"], strict=True)
    ]
    bouts = data.assign(
        subject=subject, session="all", species="zebra", set="behaviour", kind="state", confidence=0.9, source="model",
        duration_s=data["stop_s"] - data["start_s"], start_frame=10 * data["start_s"], stop_frame=10 * data["stop_s"],
        censored_start=False, censored_stop=False,
    )  # fmt: skip
    write_table(out / "tables" / "bouts.csv", BOUTS.cast(bouts), BOUTS)
    write(out / "run.json", json.dumps({"videos": {video: {"path": video} for video, _ in words}}))
    return out


def test_two_files_of_labels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    anna = labels(tmp_path / "anna.csv", "day1/a.MP4,1,0,4,Walking", "day1/a.MP4,1,4,10,Graze", "day1/a.MP4,1,5,,Snort")
    ben = labels(
        tmp_path / "ben.csv", "a.mov,1,0,5,Walk", "a.mov,1,5,9,Graze", "a.mov,1,5.5,,Snort", "a.mov,1,8,,Snort"
    )
    made = agreed(tmp_path, anna, ben, "old2new={Walking: Walk}")
    assert made["pairs"][0]["compared_s"] == 9.0
    assert made["pairs"][0]["only_a_s"] == 1.0
    assert figure(made, "agreement") == pytest.approx(8 / 9, abs=1e-6)
    assert figure(made, "kappa") == pytest.approx((8 / 9 - 41 / 81 * 1) / (1 - 41 / 81), abs=0.02)
    assert figure(made, "agreement_tolerance_a") == 1
    assert figure(made, "agreement", "events") == pytest.approx(1 / 2)
    found = read_table(tmp_path / "out" / "disagreements.csv", DISAGREEMENTS)
    assert found[["video", "start_s", "stop_s", "behaviour_a", "behaviour_b"]].to_numpy().tolist() == [
        ["day1/a.MP4", 4.0, 5.0, "Graze", "Walk"],
        ["day1/a.MP4", 8.0, 8.0, "not linked", "Snort"],
    ]
    for name in ("agreement", "confusion", "budgets", "budget_agreement", "disagreements", "compared", "dictionary"):
        assert (tmp_path / "out" / f"{name}.csv").is_file()
    for name in ("confusion", "budgets"):
        assert (tmp_path / "out" / f"{name}.png").stat().st_size > 5_000
    page = (tmp_path / "out" / "results.html").read_text(encoding="utf-8")
    assert "anna beside ben" in page
    assert "Left out beside 9.0 s compared: 1.0 s that only anna watched." in page
    assert "No interval is given: the figures rest on 1 independent unit" in page
    assert "Too little is labelled to say much of Graze (5 s), Walk (5 s)." in page
    assert [row["what"] for row in made["inputs"]] == ["coder anna", "coder ben"]
    said = capsys.readouterr().err
    assert "anna and ben: 9.0 s that both coded, 2 events of either, of 1 animal in 1 video" in said
    assert "2 disagreements" in said


@pytest.mark.parametrize("other", ["unknown", "not visible", "Out"])  # a point event, and a state of one instant
def test_out_of_sight_for_no_time_is_nothing(tmp_path: Path, other: str) -> None:
    anna = labels(tmp_path / "anna.csv", "a.mp4,1,0,9,Walk", "a.mp4,1,2,,Snort", f"a.mp4,1,5,,{other}")
    ben = labels(tmp_path / "ben.csv", "a.mp4,1,0,9,Walk", "a.mp4,1,2,,Snort", f"a.mp4,1,6,6,{other}")
    made = reckoned(anna, ben, "old2new={Out: not visible}")
    assert (figure(made, "agreement"), figure(made, "agreement", "events")) == (1, 1)
    assert made["pairs"][0]["disagreements"] == 0


def test_labels_beside_a_run_and_its_table(tmp_path: Path) -> None:
    run = run_of(tmp_path / "herd", {("day%201/a.MP4", 3): "WWWWWGGG??"})
    for rows in (["day 1/a.MP4,3,0,4,Walk", "day 1/a.MP4,3,4,10,Graze"], ["a.mp4,3,0,4,Walk", "a.mp4,3,4,10,Graze"]):
        anna = labels(tmp_path / "anna.csv", *rows)
        for other in (run, run / "tables" / "bouts.csv"):
            made = reckoned(anna, other)
            assert (made["pairs"][0]["compared_s"], made["pairs"][0]["one_coded_s"]) == (8.0, 2.0)  # unknown: not told
            assert figure(made, "agreement") == pytest.approx(7 / 8)
            assert [coder["name"] for coder in made["coders"]] == ["anna", "herd"]


@pytest.mark.parametrize("subject", ["Tumaini", "3"])  # the animal's name, or its track
def test_a_named_animal_of_a_run_is_found_by_name_and_by_track(tmp_path: Path, subject: str) -> None:
    run = run_of(tmp_path / "herd", {("a.MP4", 3): "WWWGGG"}, names={3: "Tumaini"})
    made = reckoned(labels(tmp_path / "anna.csv", f"a,{subject},0,6,Walk"), run)
    assert made["pairs"][0]["compared_s"] == 6.0


def test_tracks_of_one_animal_that_overlap_are_one_record(tmp_path: Path) -> None:
    run = run_of(tmp_path / "herd", {("a.MP4", 1): "WWWWW", ("a.MP4", 2): "...WGGG?"}, names={1: "Ama", 2: "Ama"})
    made = reckoned(labels(tmp_path / "anna.csv", "a,Ama,0,8,Walk"), run)["pairs"][0]
    assert (made["compared_s"], made["one_coded_s"]) == (6.0, 2.0)  # second 4: W and G at once; 7: unknown
    assert made["figures"]["time"]["agreement"]["value"] == pytest.approx(4 / 6)
    assert made["figures"]["bouts"]["kappa"]["n"] == 2  # Walk, linked to anna's, and Graze


def test_a_file_without_animals_is_about_the_only_one(tmp_path: Path) -> None:
    anna = labels(tmp_path / "anna.csv", "a.mp4,,0,6,Walk")
    ben = labels(tmp_path / "ben.csv", "a.mp4,7,0,6,Walk")
    assert reckoned(anna, ben)["pairs"][0]["compared_s"] == 6.0


def test_runs_are_compared_where_they_followed_the_same_boxes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = {("a.MP4", 1): "WWGG", ("a.MP4", 2): "WWWW"}
    first, second = run_of(tmp_path / "one", words), run_of(tmp_path / "two", words)
    assert figure(reckoned(first, second), "agreement") == 1
    anew = run_of(tmp_path / "anew", words, shift=20)
    assert cli.main(["agree", str(first), str(anew), f"out={tmp_path / 'x'}"]) == 1
    assert (
        "one and anew followed the animals of a.MP4 each by itself, so that a track's number" in capsys.readouterr().err
    )
    named = [run_of(tmp_path / name, words, {1: "Ama", 2: "Bo"}, shift) for name, shift in (("n1", 0.0), ("n2", 20.0))]
    assert figure(reckoned(*named), "agreement") == 1  # names, not numbers


def test_two_tables_of_bouts_are_taken_at_their_word(tmp_path: Path) -> None:
    words = {("a.MP4", 1): "WWGG"}
    files = [
        run_of(tmp_path / name, words, shift=shift) / "tables" / "bouts.csv" for name, shift in (("p", 0), ("q", 9))
    ]
    agreed(tmp_path, *files)
    page = (tmp_path / "out" / "results.html").read_text(encoding="utf-8")
    assert "that is so only if both go back to the same tracks" in page


def test_mini_scenes_labelled_in_cvat_need_a_frame_rate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenes = [
        mini_scene(tmp_path / name, points(0), points(2, graze), points(4, "Graze"))
        for name, graze in (("anna", "Walk"), ("ben", "Graze"))
    ]
    made = reckoned(*scenes, "fps=10")
    assert made["pairs"][0]["compared_s"] == 0.5  # frames 7, 8, 20, 21, 22
    assert figure(made, "agreement") == pytest.approx(3 / 5)
    assert cli.main(["agree", *map(str, scenes)]) == 1
    assert (
        "counts the frames of tests/DJI_0068.mp4 and states no frame rate; give it, as fps=29.97"
        in capsys.readouterr().err
    )


def test_three_coders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [
        labels(tmp_path / f"{name}.csv", f"a.mp4,1,0,{at},Walk", f"a.mp4,1,{at},10,Graze")
        for name, at in (("anna", 4), ("ben", 5), ("carl", 6))
    ]
    made = agreed(tmp_path, *files)
    assert [(pair["coder_a"], pair["coder_b"]) for pair in made["pairs"]] == [
        ("anna", "ben"), ("anna", "carl"), ("ben", "carl"),
    ]  # fmt: skip
    assert 0 < made["all_coders"]["alpha"]["value"] < 1
    assert (tmp_path / "out" / "confusion_anna_carl.png").is_file()
    said = capsys.readouterr().err
    assert "all 3 coders: Krippendorff's alpha 0.7" in said
    assert ", u-alpha (bouts as wholes) 0." in said


def test_a_coder_may_be_called_all(tmp_path: Path) -> None:
    files = [labels(tmp_path / f"{name}.csv", "a.mp4,1,0,4,Walk", "a.mp4,1,4,10,Graze") for name in ("all", "ben", "c")]
    assert "all_coders" not in reckoned(*files[:2])
    made = reckoned(*files)
    assert made["all_coders"]["alpha"]["value"] == 1
    assert [pair["coder_a"] for pair in made["pairs"]] == ["all", "all", "ben"]
    assert made["pairs"][0]["figures"]["time"]["kappa"]["value"] == 1


@pytest.mark.parametrize("end", ["Walk", "Graze"])  # all of one kind: kappa is 0
def test_what_is_high_and_yet_of_low_kappa_is_told(tmp_path: Path, end: str) -> None:
    anna = labels(tmp_path / "anna.csv", "a.mp4,1,0,195,Graze", f"a.mp4,1,195,200,{end}")
    ben = labels(tmp_path / "ben.csv", "a.mp4,1,0,5,Walk", "a.mp4,1,5,200,Graze")
    agreed(tmp_path, anna, ben)
    page = (tmp_path / "out" / "results.html").read_text(encoding="utf-8")
    assert "Kappa of Graze, Walk is low although they agree in over 90 % of the time" in page


@pytest.mark.parametrize(
    ("first", "second", "words", "fault"),
    [
        (
            ["a.mp4,1,0,5,Walk"],
            ["b.mp4,1,0,5,Walk"],
            [],
            "no video in common: a of a.mp4; b of b.mp4; they are matched",
        ),
        (["a.mp4,1,0,5,Walk"], ["a.mp4,2,0,5,Walk"], [], "no animal in common: in a.mp4 a names 1; b names 2"),
        (["a.mp4,,0,5,Walk"], ["a.mp4,1,0,5,W", "a.mp4,2,0,5,W"], [], "a names no animal in a.mp4, others name 1, 2;"),
        (["a.mp4,1,0,5,Walk", "a.mp4,1,3,6,Eat"], ["a.mp4,1,0,5,Walk"], [], "line 3: 'Eat' of 1 begins at 3 s, before"),
        (["a.mp4,1,5,2,Walk"], ["a.mp4,1,0,5,Walk"], [], "line 2: stops at 2 before it starts at 5"),
        (["a.mp4,1,0,5,Walk"], ["a.mp4,1,0,5,Walk"], ["old2new={Walk: ''}"], "a.csv: no behaviour left in it"),
        (["a.mp4,1,0,5,Walk"], ["a.mp4,1,3,,Walk"], [], "'Walk' is event here and state elsewhere; name the two apart"),
        (["a.mp4,1,0,5,Walk"], ["a.mp4,1,0,5,Walk"], ["tolerance_s=-1"], "tolerance_s must be >= 0, got -1.0"),
        (
            ["a.mp4,1,0,5,Walk"],
            ["a.mp4,1,0,5,Walk"],
            ["shift_s=[0,1.7e9]"],
            "b codes until 1.7e+09 s after the",
        ),
        (
            ["a.mp4,1,0,5,Walk"],
            ['a.mp4,1,0,5,"Walk', "a.mp4,1,5,6,Run"],
            [],
            "is a quotation mark left open?",
        ),
        (["a.mp4,1,0,5,Walk"], ["a.mp4,1,0,5,Walk"], ["out=."], "out=. holds files that are not of ethopipe agree"),
        (["a.mp4,1,0,5,Walk"], ["a.mp4,1,0,5,Walk"], ["fps=0"], "fps must be > 0 or null, got 0.0"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    first: list[str],
    second: list[str],
    words: list[str],
    fault: str,
) -> None:
    files = [labels(tmp_path / "a.csv", *first), labels(tmp_path / "b.csv", *second)]
    assert cli.main(["agree", *map(str, files), f"out={tmp_path / 'out'}", *words]) == 1
    said = capsys.readouterr().err
    assert fault in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([], "error: give two coders or more; for example: ethopipe agree a.tsv b.tsv, got 0"),
        (["nope.csv", "nope.tsv"], "error: no such file or folder: nope.csv"),
    ],
)
def test_coders_that_are_not_there(
    words: list[str], fault: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["agree", *words]) == 1
    assert capsys.readouterr().err.startswith(fault)


def test_several_sets_of_a_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = run_of(tmp_path / "herd", {("a.MP4", 1): "WWGG"})
    bouts = read_table(run / "tables" / "bouts.csv", BOUTS)
    both = pd.concat([bouts, bouts.assign(set="posture", behaviour="Stand")], ignore_index=True)
    write_table(run / "tables" / "bouts.csv", both, BOUTS)
    anna = labels(tmp_path / "anna.csv", "a.MP4,1,0,4,Walk")
    assert cli.main(["agree", str(anna), str(run)]) == 1
    assert "has several sets of behaviours; give one of them: set=behaviour or set=posture" in capsys.readouterr().err
    assert figure(reckoned(anna, run, "set=behaviour"), "agreement") == 0.5


def test_coders_are_called_by_what_tells_them_apart(tmp_path: Path) -> None:
    for name in ("x/anna.csv", "x/anna.tsv", "y/anna.csv", "y/ben.csv"):
        write(tmp_path / name, "")
    table = [
        (["x/anna.csv", "y/ben.csv"], ["anna", "ben"]),
        (["x/anna.csv", "x/anna.tsv"], ["anna.csv", "anna.tsv"]),
        (["x/anna.csv", "y/anna.csv"], ["x/anna.csv", "y/anna.csv"]),
        (["x/anna.csv", "x/anna.csv"], ["anna.csv (1)", "anna.csv (2)"]),
    ]
    for paths, names in table:
        assert names_of([tmp_path / path for path in paths]) == names


def test_boris_own_files(real: Path, tmp_path: Path) -> None:
    folder = real / "boris"
    tsv, csv = (folder / f"test_export_events_tabular.{kind}" for kind in ("tsv", "csv"))
    made = reckoned(tsv, csv)  # one behaviour only: 16.875 and 7.675 s of it
    assert made["pairs"][0]["compared_s"] == pytest.approx(16.875 + 7.675, abs=0.1)
    assert figure(made, "kappa") is None
    made = reckoned(tsv, csv, "nothing_coded=true")
    assert (figure(made, "kappa"), figure(made, "alpha")) == (1, 1)
    project, same = folder / "test.boris", folder / "test_without_media_files_paths.boris"
    made = reckoned(project, same, "nothing_coded=true", "old2new={r: ''}")
    assert figure(made, "kappa") == figure(made, "kappa", "events") == 1  # '2 video' has no name in the second
    assert made["pairs"][0]["only_a_s"] == 160.0
