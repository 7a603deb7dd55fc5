"""Drone against ground: how much of the time a run and an observer's notes in BORIS had the animals in sight."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_object, read_table, write_table
from pipeline.ethology.agreement.tables import VISIBILITY
from pipeline.tables import BOUTS
from tests.formats.labels import write
from tests.formats.test_intervals import AGGREGATED
from tests.observers.test_agree import agreed, labels, reckoned, run_of

END_S = 1323.458  # of kabr-tools' comparison: out of sight .59954 of it in the field notes, .01340 from the air
GONE_S = {"drone": round(END_S * 0.01340, 3), "ground": round(END_S * 0.59954, 3)}
CALLED = "old2new={Out of Sight: not visible}"


def drone(tmp_path: Path) -> Path:
    """A run in which Zoe walks and is then out of sight."""
    run = run_of(tmp_path / "drone", {("a.MP4", 1): "W-"}, {1: "Zoe"})
    path, turn = run / "tables" / "bouts.csv", END_S - GONE_S["drone"]
    bouts = read_table(path, BOUTS).assign(start_s=[0.0, turn], stop_s=[turn, END_S])
    write_table(path, bouts.assign(duration_s=bouts["stop_s"] - bouts["start_s"]), BOUTS)
    return run


def ground(tmp_path: Path, later_s: float = 0.0) -> Path:
    """The notes, as BORIS exports aggregated events; their clock began so many seconds before the video's."""
    times = [(0.0, "Walk", END_S - GONE_S["ground"]), (END_S - GONE_S["ground"], "Out of Sight", END_S)]
    rows = [
        f"one\ta.mp4\t25\tZoe\t{code}\t\tSTATE\t{start + later_s:.3f}\t{stop + later_s:.3f}\n"
        for start, code, stop in times
    ]
    return write(tmp_path / "ground.tsv", AGGREGATED + "".join(rows))


def test_the_published_comparison(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = agreed(tmp_path, drone(tmp_path), ground(tmp_path), CALLED)
    sight = made["pairs"][0]["visibility"]
    assert (sight["shared_s"], sight["animals"], sight["units"]) == (END_S, 1, 1)
    assert [round(sight[f"out_of_sight_share_{coder}"], 5) for coder in "ab"] == [0.0134, 0.59954]
    assert [sight[f"not_visible_{coder}_s"] for coder in "ab"] == list(GONE_S.values())
    assert sight["no_record_a_s"] == sight["no_record_b_s"] == 0
    table = read_table(tmp_path / "out" / "visibility.csv", VISIBILITY)
    assert table[["video", "subject", "shared_s"]].to_numpy().tolist() == [["a.MP4", "Zoe", END_S]]
    assert "visibility" in set(pd.read_csv(tmp_path / "out" / "dictionary.csv")["table"])
    sentence = (
        "drone had the animals out of sight for 1.3 % of the time that both watched, ground for 60 % "
        "(22.1 min, 1 animal, 1 session or video)."
    )
    page = (tmp_path / "out" / "results.html").read_text(encoding="utf-8")
    assert sentence in page
    assert sentence in capsys.readouterr().err
    assert "There is no interval: two records of the same animals are one comparison, however long they are." in page
    assert "is not recorded at all" not in page


def test_clocks_are_brought_together(tmp_path: Path) -> None:
    run, notes = drone(tmp_path), ground(tmp_path, later_s=60.0)
    sight = reckoned(run, notes, CALLED, "shift_s=[0,-60]")["pairs"][0]["visibility"]
    assert [round(sight[f"out_of_sight_share_{coder}"], 5) for coder in "ab"] == [0.0134, 0.59954]
    assert reckoned(run, notes, CALLED)["pairs"][0]["visibility"]["shared_s"] == round(END_S - 60, 3)
    cut = reckoned(run, ground(tmp_path), CALLED, "shift_s=[0,-60]")["pairs"][0]
    assert cut["visibility"]["shared_s"] == round(END_S - 60, 3)  # what is before the video's start is cut off
    assert (
        cut["figures"]["time"]["kappa"]["n"] == reckoned(run, ground(tmp_path), CALLED)["pairs"][0]["compared_s"] - 60
    )


def test_holes_in_a_record_are_told(tmp_path: Path) -> None:
    anna = labels(tmp_path / "anna.csv", "a.mp4,1,0,10,Walk", "b.mp4,1,0,10,Walk")
    ben = labels(tmp_path / "ben.csv", "a.mp4,1,0,4,Walk", "a.mp4,1,6,10,Walk", "b.mp4,1,0,10,Walk")
    sight = agreed(tmp_path, anna, ben)["pairs"][0]["visibility"]
    assert (sight["animals"], sight["units"], sight["no_record_b_s"], sight["out_of_sight_share_b"]) == (2, 2, 2.0, 0.1)
    page = (tmp_path / "out" / "results.html").read_text(encoding="utf-8")
    assert "Of it 2.0 s of ben is not recorded at all, which counts as out of sight." in page


@pytest.mark.parametrize(
    ("word", "fault"),
    [
        ("shift_s=[1]", "shift_s must be 2 numbers, one of each coder, or none, got [1.0]"),
        ("shift_s=[0,-99]", "shift_s=-99 takes all that ben coded before the video's start"),
    ],
)
def test_clocks_that_cannot_be(tmp_path: Path, capsys: pytest.CaptureFixture[str], word: str, fault: str) -> None:
    files = [labels(tmp_path / f"{name}.csv", "a.mp4,1,0,10,Walk") for name in ("anna", "ben")]
    assert cli.main(["agree", *map(str, files), word, f"out={tmp_path / 'out'}"]) == 1
    assert fault in capsys.readouterr().err


def test_events_alone_say_nothing_of_sight(tmp_path: Path) -> None:
    anna = labels(tmp_path / "anna.csv", "a.mp4,1,0,10,Walk")
    ben = labels(tmp_path / "ben.csv", "a.mp4,1,2,,Snort", "a.mp4,1,9,,Snort")
    assert agreed(tmp_path, anna, ben)["pairs"][0]["visibility"] is None
    assert "In sight" not in (tmp_path / "out" / "results.html").read_text(encoding="utf-8")
    assert read_object(tmp_path / "out" / "agreement.json")["settings"]["shift_s"] == []
