"""What a run found goes out as other programs' files and comes back as labels of the same run: all of it agrees."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_object, write_table
from pipeline.errors import UsageError
from pipeline.formats.read_intervals import read_intervals
from pipeline.labelled import joined
from pipeline.tables import BEHAVIOURS
from pipeline.training.run_clips import clips_of_run
from tests.export.made import finished_run
from tests.export.test_boris import FILES
from tests.formats.labels import write

RATE = 30000 / 1001  # at which no frame begins in a whole millisecond
ONE, TWO = "day%201/a.mp4", "b.mp4"
TRACKS = {ONE: {1: [range(100)], 2: [range(30), range(60, 90)]}, TWO: {1: [range(20, 100)]}}
BOUTS = {
    ONE: [
        (1, "Walk", 0, 41, 0.9), (1, "unknown", 41, 50, 0.5), (1, "Graze", 50, 100, 0.8),
        (2, "Graze", 0, 30, 0.7), (2, "not visible", 60, 77, 0.7), (2, "Walk", 77, 90, 0.6),
    ],
    TWO: [(1, "Walk", 20, 59, 0.9), (1, "Graze", 59, 100, 0.9)],
}  # fmt: skip
KINDS = {
    **{kind: f"{kind}/{file}" for kind, file in FILES.items()},
    "sdis": "sdis/behaviour.sds",
    "jwatcher": "jwatcher/behaviour",
    "xlsx": "xlsx/run.xlsx",
}

KINDS_OF_TIME_AWAY = {*FILES, "xlsx"}  # sessions of GSEQ have none, and JWatcher's time away may have any cause


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nobody is named but the animal of the second video."""
    for module in ("tests.training.test_run_clips", "tests.export.made"):
        monkeypatch.setattr(f"{module}.RATE", RATE)
    run = finished_run(tmp_path / "run", TRACKS, BOUTS, {(TWO, 1): "Ama"})
    for key, bouts in BOUTS.items():
        parts = [
            pd.DataFrame({"frame": np.arange(start, stop)}).assign(track=track, behaviour=behaviour)
            for track, behaviour, start, stop, _ in bouts
        ]
        rows = pd.concat(parts).assign(duration_s=1 / RATE, set="behaviour", confidence=0.9, reason="")
        write_table(
            run / "videos" / key / "behaviours.parquet",
            BEHAVIOURS.cast(rows.assign(time_s=rows["frame"] / RATE)),
            BEHAVIOURS,
        )
    return run


def export(run: Path, kind: str) -> Path:
    assert cli.main(["export", str(run), f"format={kind}", f"out={run.parent / kind}"]) == 0
    return run.parent / kind / KINDS[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_agrees_with_its_own_export(run: Path, kind: str) -> None:
    labels = export(run, kind)
    assert cli.main(["evaluate", f"run={run}", f"labels={labels}", f"out={run.parent / 'e'}"]) == 0
    made = read_object(run.parent / "e" / "evaluation.json")
    told = sum(stop - start for bouts in BOUTS.values() for _, name, start, stop, _ in bouts if name[0].isupper())
    assert made["labelled_s"] == pytest.approx(told / RATE, abs=1e-3)
    for name in ("accuracy", "told", "macro_recall", "segment_f1_50", "edit_score"):
        assert made["figures"][name]["value"] == 1.0, name
    assert made["figures"]["time_budget_mae"]["value"] == 0.0


@pytest.mark.parametrize("kind", KINDS)
def test_agree_knows_the_tracks_of_its_own_export(run: Path, kind: str) -> None:
    labels = export(run, kind)
    assert cli.main(["agree", str(run), str(labels), "unit_s=0.001", f"out={run.parent / 'agreed'}"]) == 0
    pair = read_object(run.parent / "agreed" / "agreement.json")["pairs"][0]
    assert pair["animals"] == 3
    assert pair["figures"]["time"]["kappa"]["value"] == pytest.approx(1, abs=1e-3)
    if kind not in KINDS_OF_TIME_AWAY:
        return
    sight = pair["visibility"]
    assert sight["out_of_sight_share_a"] == pytest.approx(sight["out_of_sight_share_b"], abs=1e-3)


def test_clips_to_train_on_are_of_these_tracks(run: Path) -> None:
    clips = clips_of_run(run, read_intervals([export(run, "boris_events")]), {}).rows
    found = set(clips[["path", "behaviour"]].itertuples(index=False, name=None))
    assert found == {
        (f"videos/{ONE}/scenes/1.mp4", "Walk"), (f"videos/{ONE}/scenes/1.mp4", "Graze"),
        (f"videos/{ONE}/scenes/2.mp4", "Graze"), (f"videos/{ONE}/scenes/2.2.mp4", "Walk"),
        (f"videos/{TWO}/scenes/1.mp4", "Walk"), (f"videos/{TWO}/scenes/1.mp4", "Graze"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (f"b.mp4,{ONE}#1,0,1,Walk", f"no track or animal '{ONE}#1': b.mp4 has the tracks 1 and Ama"),  # another's
        ("b.mp4,b.mp4#7,0,1,Walk", "no track or animal 'b.mp4#7': b.mp4 has the tracks 1"),
        ("b.mp4,b.mp4#1,0,1,unknown", "no label says what an animal does: all are unknown, not visible or not"),
    ],
)
def test_what_is_no_track_of_the_video(run: Path, row: str, fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    labels = write(run.parent / "labels.csv", f"video,track,start_s,stop_s,behaviour\n{row}\n")
    assert cli.main(["evaluate", f"run={run}", f"labels={labels}"]) == 1
    assert fault in capsys.readouterr().err


def test_words_that_tell_nothing_are_left_out(run: Path) -> None:
    words = ["Walk", "unknown", "not visible", "not followed", "unknown (posture)"]
    rows = [f"b.mp4,b.mp4#1,{at},{at + 1},{word}\n" for at, word in zip(range(5), words, strict=True)]
    labels = write(run.parent / "labels.csv", "video,track,start_s,stop_s,behaviour\n" + "".join(rows))
    [(_, told)] = joined(run, read_intervals([labels]), {})
    assert told["behaviour"].tolist() == ["Walk"]
    with pytest.raises(UsageError, match="no label says what an animal does"):
        joined(run, read_intervals([labels]), {"Walk": "not visible"})
