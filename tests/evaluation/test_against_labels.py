"""A run beside a human's labels: a made run whose figures are known by hand."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_object, write_table
from pipeline.evaluation.against_labels import _of_set
from pipeline.formats.clips import together
from pipeline.tables import BEHAVIOURS, SCORES
from tests.formats.labels import write
from tests.training.test_run_clips import made_run

CAN_TELL = {"p_Walk": 0.5, "p_Graze": 0.25, "p_Auto-Groom": 0.25}
LETTERS = {"W": "Walk", "G": "Graze", "R": "Run", "?": "unknown", "-": "not visible"}


def run_of(out: Path, found: dict[str, str]) -> Path:
    """A run of 10 s of each video at 10 frames/s with one track; a letter is half a second of what was found."""
    made_run(out, {key: {1: [range(100)]} for key in found})
    for key, letters in found.items():
        words = [LETTERS[letter] for letter in letters for _ in range(5)]
        rows = pd.DataFrame({"frame": np.arange(len(words)), "behaviour": words})
        full = rows.assign(
            reason="", track=1, time_s=rows["frame"] / 10, duration_s=0.1, set="behaviour", confidence=0.9
        )
        write_table(out / "videos" / key / "behaviours.parquet", BEHAVIOURS.cast(full), BEHAVIOURS)
        scores = pd.DataFrame([[1, 0, 1, 0, False, *CAN_TELL.values()]], columns=[*SCORES.names, *CAN_TELL])
        write_table(out / "videos" / key / "scores.parquet", SCORES.cast(scores), SCORES)
    told = read_object(out / "run.json")
    told["videos"] = {key: of | {"status": "ok", "reason": ""} for key, of in told["videos"].items()}
    told["settings"]["ethogram"] = {"behaviours": [], "relabel": {}}
    told["settings"]["behaviours"] = {"min_bout_s": 0.6}
    write(out / "run.json", json.dumps(told))
    return out


def evaluated(tmp_path: Path, found: dict[str, str], *rows: str, words: tuple[str, ...] = ()) -> int:
    labels = write(tmp_path / "labels.csv", "video,track,start_s,stop_s,behaviour\n" + "".join(f"{r}\n" for r in rows))
    run = run_of(tmp_path / "run", found)
    return cli.main(["evaluate", f"run={run}", f"labels={labels}", f"out={tmp_path / 'e'}", *words])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Graze"], ""),
        (["unknown"], ""),  # says nothing, and is left out
        (["Auto-Groom"], ""),  # never found, but it can be
        (["Dusting"], "'Dusting' is no behaviour the run can tell"),  # nothing is near
        (
            ["Auto-Grom", "Wlak"],
            "'Auto-Grom' is no behaviour the run can tell (did you mean 'Auto-Groom'? "
            "old2new='{Auto-Grom: Auto-Groom}'); 'Wlak' is no behaviour the run can tell (did you mean 'Walk'? "
            "old2new='{Wlak: Walk}')",
        ),
        (["Graze|Dusting"], "'Dusting' is no behaviour the run can tell"),
    ],
)
def test_words_that_the_run_cannot_tell(
    tmp_path: Path, words: list[str], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [f"a.mp4,1,{4 + k},{5 + k},{word}" for k, word in enumerate(words)]
    assert evaluated(tmp_path, {"a.mp4": "WWWWWWWWGGGG"}, "a.mp4,1,0,4,Walk", *rows) == 0
    assert caplog.messages == ([said] if said else [])


def test_figures_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {"a.mp4": "WWWWWWGGGG" + "GGGG??--WW"}  # 3 s Walk, 4 s Graze, 1 s unknown, 1 s not visible, 1 s Walk
    assert (
        evaluated(tmp_path, found, "a.mp4,1,0,4,Walking", "a.mp4,1,4,9,Graze", words=("old2new={Walking: Walk}",)) == 0
    )
    made = read_object(tmp_path / "e" / "evaluation.json")
    value = {name: figure["value"] for name, figure in made["figures"].items()}
    assert made["labelled_s"] == 9.0  # the last second nobody labelled
    assert value["accuracy"] == pytest.approx(6 / 9, abs=1e-6)  # 3 s of Walk, 3 s of Graze
    assert value["told"] == pytest.approx(7 / 9, abs=1e-6)
    assert value["accuracy_of_told"] == pytest.approx(6 / 7, abs=1e-6)
    assert value["macro_recall"] == pytest.approx((3 / 4 + 3 / 5) / 2, abs=1e-6)
    assert value["segment_f1_50"] == 1.0
    assert value["edit_score"] == 1.0
    assert value["time_budget_mae"] == pytest.approx(abs(4 / 9 - 3 / 7), abs=1e-6)
    walk = made["per_behaviour"]["Walk"]
    assert (walk["labelled_s"], walk["recall"]["value"], walk["precision"]["value"]) == (4.0, 0.75, 1.0)
    assert (walk["share_true"]["value"], walk["share_found"]["value"]) == pytest.approx((4 / 9, 3 / 7), abs=1e-6)
    assert "9.0 s labelled in 1 video: too few for intervals" in capsys.readouterr().err
    table = pd.read_csv(tmp_path / "e" / "confusion.csv").set_index("true")
    assert table.columns.tolist() == ["Graze", "Walk", "unknown", "not visible"]
    assert table.loc["Graze"].tolist() == [3.0, 0.0, 1.0, 1.0]
    assert (tmp_path / "e" / "confusion.png").stat().st_size > 5_000
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    assert "Too little is labelled to say much of Graze (5 s), Walk (4 s)." in page
    assert "The run tells what is done in 78 % of the labelled time" in page
    assert "No interval is given: the figures rest on 1 video" in page
    for row in made["inputs"]:
        assert row["sha256"] in page
    assert [row["what"] for row in made["inputs"]] == ["the run", "behaviours of a.mp4", "labels"]


def test_bouts_that_are_cut_up_are_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second of Walk parts the Graze in 1 and 4 s; half a second of it is shorter than a bout of this run (0.6 s)."""
    found = {"a.mp4": "WWWWWWWW" + "GGWWGGGWGGGG", "b.mp4": "G" * 20}
    assert evaluated(tmp_path, found, "a.mp4,1,0,4,Walk", "a.mp4,1,4,10,Graze") == 0
    made = read_object(tmp_path / "e" / "evaluation.json")
    walk, graze = (made["per_behaviour"][name] for name in ("Walk", "Graze"))
    assert (graze["bouts"], graze["bout_ratio"]["value"]) == (1, 2.0)
    assert graze["duration_ratio"]["value"] == pytest.approx(2.5 / 6, abs=1e-6)
    assert (walk["bout_ratio"]["value"], walk["duration_ratio"]["value"]) == (2.0, 2.5 / 4)
    assert made["bouts_apart"] == ["Graze", "Walk"]
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    said = (
        "not to be trusted of Graze (1 bout labelled; 2.00 times as many bouts as true, 0.42 times as long); Walk (1 "
    )
    assert said in page
    assert "    2.000     0.417   not to be trusted\n" in capsys.readouterr().err
    assert evaluated(tmp_path, found, "b.mp4,1,0,4,Graze", "b.mp4,1,6,10,Graze") == 0  # nobody labelled between
    alike = read_object(tmp_path / "e" / "evaluation.json")
    assert (alike["bouts_apart"], alike["per_behaviour"]["Graze"]["bouts"]) == ([], 2)
    brief = "b.mp4,1,0,4,Graze", "b.mp4,1,4,4.5,Walk", "b.mp4,1,4.5,10,Graze"  # too brief for a bout, and not found
    assert evaluated(tmp_path, found, *brief) == 0
    none = read_object(tmp_path / "e" / "evaluation.json")
    assert (none["bouts_apart"], none["per_behaviour"]["Walk"]["bouts"]) == ([], 0)


def test_of_several_behaviours_at_once_the_one_of_the_set_counts(tmp_path: Path) -> None:
    table = [  # the label -> seconds that are labelled
        ("Walk", 4.0),
        ("Eat|Walk", 4.0),  # eating is of another set
        ("Graze|Walk", 0.0),  # both are of this one: which of them is not told
    ]
    for label, seconds in table:
        rows = [f"a.mp4,1,0,4,{label}", "a.mp4,1,4,5,Graze"]
        assert evaluated(tmp_path, {"a.mp4": "WWWWWWWWGGGG"}, *rows) == 0
        assert read_object(tmp_path / "e" / "evaluation.json")["labelled_s"] == seconds + 1.0, label


def test_videos_are_resampled(tmp_path: Path) -> None:
    found = {f"v{k}.mp4": "W" * (10 + k) + "G" * (10 - k) for k in range(8)}
    rows = [f"v{k}.mp4,1,0,5,Walk\nv{k}.mp4,1,5,10,Graze" for k in range(8)]
    assert evaluated(tmp_path, found, *rows, words=("resamples=200",)) == 0
    made = read_object(tmp_path / "e" / "evaluation.json")
    figure, walk = made["figures"]["accuracy"], made["per_behaviour"]["Walk"]
    assert walk["precision"]["low"] < walk["precision"]["value"] == pytest.approx(40 / 54, abs=1e-6)
    assert figure["value"] == pytest.approx(1 - np.mean(np.arange(8)) * 0.5 / 10, abs=1e-6)
    assert figure["low"] < figure["value"] < figure["high"] <= 1
    assert (made["resampled"], made["units"]) == ("video", 8)


@pytest.mark.parametrize(("sessions", "known"), [(2, False), (6, True)])
def test_sessions_are_resampled_where_the_run_tells_them(
    tmp_path: Path, sessions: int, known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Eight videos; those of one session are drawn together, so that fewer than six sessions give no interval."""
    keys = [f"v{k}.mp4" for k in range(8)]
    run = run_of(tmp_path / "run", {key: "W" * (10 + k) + "G" * (10 - k) for k, key in enumerate(keys)})
    spans = "take-off,no,0,1,v0.mp4\n" + "".join(  # of the last video nothing is told but that a part does not count
        f"day {k % sessions},{'no' if k == 7 else 'yes'},1,2,{key}\n" for k, key in enumerate(keys)
    )
    told = read_object(run / "run.json")
    told["settings"]["observations"] = str(
        write(tmp_path / "observations.csv", f"session,use,start_s,stop_s,video\n{spans}")
    )
    write(run / "run.json", json.dumps(told))
    rows = "".join(f"{key},1,0,5,Walk\n{key},1,5,10,Graze\n" for key in keys)
    labels = write(tmp_path / "labels.csv", f"video,track,start_s,stop_s,behaviour\n{rows}")
    words = ["evaluate", f"run={run}", f"labels={labels}", f"out={tmp_path / 'e'}", "resamples=200"]
    assert cli.main(words) == 0
    made = read_object(tmp_path / "e" / "evaluation.json")
    assert (made["resampled"], made["videos"], made["units"]) == ("session", 8, sessions)
    assert (made["figures"]["accuracy"]["low"] is not None) == known
    said = f"80.0 s labelled in 8 videos of {sessions} sessions" + ("" if known else ": too few for intervals")
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            "a.mp4,1,0,4,Walking",
            "the run can tell Walk, Graze, Auto-Groom, the labels say Walking; name them alike with old2new={...}",
        ),
        (  # written otherwise
            "a.mp4,1,0,4,auto groom|WALK",
            "error: behaviours that the labels write otherwise: 'WALK' is 'Walk' of the run, 'auto groom' is "
            "'Auto-Groom' of the run; old2new='{WALK: Walk, auto groom: Auto-Groom}'\n",
        ),
        ("a.mp4,2,0,4,Walk", "labels.csv, line 2: no track or animal '2'"),
    ],
)
def test_labels_that_do_not_fit(tmp_path: Path, row: str, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(tmp_path, {"a.mp4": "W" * 20}, row) == 1
    assert fault in capsys.readouterr().err


def test_figures_by_species(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {f"v{k}.mp4": "W" * (10 + k) + "G" * (10 - k) for k in range(8)}
    rows = [f"v{k}.mp4,1,0,5,Walk\nv{k}.mp4,1,5,10,Graze" for k in range(8)]
    names = "".join(f"v{k}.mp4,1,,{'zebra' if k < 6 else 'giraffe <b>'}\n" for k in range(8))
    write(tmp_path / "run" / "tables" / "individuals.csv", f"video,track,individual,species\n{names}")
    assert evaluated(tmp_path, found, *rows, words=("resamples=200",)) == 0
    made = read_object(tmp_path / "e" / "evaluation.json")
    zebra, giraffe = made["per_species"]["zebra"], made["per_species"]["giraffe <b>"]
    assert (zebra["videos"], zebra["labelled_s"], giraffe["videos"], giraffe["labelled_s"]) == (6, 60.0, 2, 20.0)
    assert giraffe["per_behaviour"]["Graze"]["recall"] == {"value": 0.35, "low": None, "high": None}  # (4 + 3) / 20
    assert zebra["figures"]["macro_recall"]["value"] == pytest.approx((1 + 0.75) / 2, abs=1e-6)
    recall = zebra["per_behaviour"]["Graze"]["recall"]
    assert recall["low"] < recall["value"] == 0.75 < recall["high"]
    table = pd.read_csv(tmp_path / "e" / "per_species.csv")
    assert table[["species", "behaviour", "labelled_s"]].to_numpy().tolist() == [
        ["giraffe <b>", "Graze", 10.0],
        ["giraffe <b>", "Walk", 10.0],
        ["zebra", "Graze", 30.0],
        ["zebra", "Walk", 30.0],
    ]
    assert "  giraffe <b>: 20.0 s in 2 videos, time that is right 0.675, mean recall 0.675\n" in capsys.readouterr().err
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    assert '<section id="species">' in page
    assert "giraffe <b>" not in page
    alone = {key: found[key] for key in list(found)[:6]}  # as if there were no other species
    assert evaluated(tmp_path / "alone", alone, *rows[:6], words=("resamples=200",)) == 0
    only = read_object(tmp_path / "alone" / "e" / "evaluation.json")
    assert only["figures"] == zebra["figures"]
    assert only["per_species"] == {}  # its run says of nobody what it is


@pytest.mark.parametrize(
    ("label", "meant"),
    [
        ("Walk", "Walk"),  # of the set
        ("Lie", ""),  # right or wrong, of another
        ("Sneeze", "Sneeze"),  # the run does not know it at all: an error of the run's
        (together(["Walk", "Lie"]), "Walk"),
        (together(["Walk", "Graze"]), ""),
    ],
)
def test_labels_of_another_set_are_no_errors_of_this(label: str, meant: str) -> None:
    assert _of_set(label, {"Walk", "Graze", "unknown"}, {"Lie"}) == meant


def test_what_is_found_and_was_never_labelled_counts_as_an_error_of_the_budget(tmp_path: Path) -> None:
    found = {"a.mp4": "WWWW" + "GGGG" + "RR"}
    assert evaluated(tmp_path, found, "a.mp4,1,0,2.5,Walk", "a.mp4,1,2.5,5,Graze") == 0
    value = read_object(tmp_path / "e" / "evaluation.json")["figures"]["time_budget_mae"]["value"]
    assert value == pytest.approx((0.1 + 0.1 + 0.2) / 2, abs=1e-6)


@pytest.mark.parametrize("other", ["GGGGGGGG", "????????"])
def test_a_video_that_is_misread_from_end_to_end_counts_as_wrong_or_not_told(tmp_path: Path, other: str) -> None:
    found = {"a.mp4": "WWWWWWWW", "b.mp4": other, "c.mp4": "WWWWWWWW"}
    words = {"a.mp4": "Walk", "b.mp4": "Walk", "c.mp4": "Dusting"}  # of c the run knows no word
    assert evaluated(tmp_path, found, *(f"{key},1,0,4,{word}" for key, word in words.items())) == 0
    made = read_object(tmp_path / "e" / "evaluation.json")
    assert (made["videos"], made["labelled_s"]) == (3, 12.0)
    assert made["figures"]["accuracy"]["value"] == pytest.approx(1 / 3, abs=1e-6)
    assert made["figures"]["told"]["value"] == pytest.approx(2 / 3 if "?" in other else 1, abs=1e-6)
