"""What goes out of a study of several runs, of a run whose animals were named later, and of footage found again."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_object
from pipeline.export.formats import RESULTS
from pipeline.export.held import held
from pipeline.formats.boris import read_boris
from pipeline.stored import place
from tests.conftest import leave_out_the_rest
from tests.export.made import finished_run
from tests.formats.labels import write
from tests.stored_runs import stored_run
from tests.training.test_run_clips import MINI

TRACKS = {"a.mp4": {1: [range(100)], 2: [range(50)]}}
ALL = sorted(set(RESULTS) - {"xlsx", "geojson", "gpkg"})  # no place on the ground is known here: these are refused
BOUTS = {"a.mp4": [(1, "Walk", 0, 100, 0.9), (2, "Graze", 0, 50, 0.9)]}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``studies/mara`` of two runs, typed in their folder; both runs have an ``a.mp4``, and Zoe is in both."""
    home = tmp_path_factory.mktemp("mara")
    for name, words in (("monday", {1: "AAAB", 2: "BBBB"}), ("tuesday", {1: "AA"})):
        stored_run(home / name, {"a.mp4": words}, miniscene=MINI)
    write(home / "who.csv", "video,track,individual\nmonday/a.mp4,1,Zoe\ntuesday/a.mp4,1,Zoe\n")
    write(
        home / "when.csv",
        "video,session,use,start_s,stop_s,eventDate\nmonday/a.mp4,s1,yes,0,2,2026-03-01\ntuesday/a.mp4,s2,yes,,,\n",
    )
    words = ["monday", "tuesday", "individuals=who.csv", "observations=when.csv", "out=studies/mara"]
    with pytest.MonkeyPatch.context() as patch:
        leave_out_the_rest(patch)
        patch.chdir(home)
        assert cli.main(["analyze", *words]) == 0
    return home / "studies" / "mara"


def export(run: Path, kinds: str, out: Path, *words: str) -> Path:
    assert cli.main(["export", str(run), f"format={kinds}", f"out={out}", *words]) == 0
    return out


def test_a_study_goes_out_with_its_own_names_and_spans(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # where nothing that was typed leads anywhere
    out = export(study, f"[{','.join(ALL)}]", tmp_path / "out")
    told = read_boris(out / "boris_events" / "events.tsv")
    rows = told.assign(video=told["video"].str.removeprefix("/footage/"))
    assert sorted(rows[["subject", "behaviour", "start_s", "stop_s"]].itertuples(index=False, name=None)) == [
        ("Zoe", "A", 0.0, 2.0), ("Zoe", "A", 0.0, 2.0), ("monday/a.mp4#2", "B", 0.0, 2.0),
    ]  # fmt: skip
    assert sorted(path.relative_to(out).as_posix() for path in (out / "mot").rglob("*.txt")) == [
        "mot/monday/a.txt", "mot/tuesday/a.txt",
    ]  # fmt: skip
    assert (out / "tidy" / "time_budgets.csv").read_bytes() == (study / "tables" / "time_budgets.csv").read_bytes()
    events = pd.read_csv(out / "darwin_core" / "event.csv", keep_default_na=False, dtype="str")
    shown = events[["eventID", "eventDate", "sampleSizeValue"]].to_numpy().tolist()
    assert shown == [
        ["mara:s1", "2026-03-01", ""], ["mara:s2", "", ""],
        ["mara:s1:monday/a.mp4", "2026-03-01", "2.0"], ["mara:s2:tuesday/a.mp4", "", "2.0"],
    ]  # fmt: skip
    said = capsys.readouterr().err
    assert "boris_events: observations.csv gives no eventDate as 2023-01-12 of 1 video: left empty" in said


def test_nothing_is_labelled_in_a_study(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["export", str(study), f"out={tmp_path / 'out'}"]) == 1
    assert "is a study; what is to be labelled is exported from its runs, one by one" in capsys.readouterr().err
    write(tmp_path / "torn" / "analysis.json", "{}")
    assert cli.main(["export", str(tmp_path / "torn"), "format=tidy", f"out={tmp_path / 'out'}"]) == 1
    assert "is a study that broke off; give the command that made it again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "subjects"),
    [
        ({1: "Zoe", 2: "Max"}, {"Zoe", "Max"}),
        ({1: "", 2: "Zoe"}, {"a.mp4#1", "Zoe"}),  # the name was at the wrong track
        ({1: "Zoe", 2: "Zoe"}, {"a.mp4#1", "a.mp4#2"}),  # in two places at once: nobody
    ],
)
def test_names_filled_in_later_are_those_of_every_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], names: dict[int, str], subjects: set[str]
) -> None:
    run = finished_run(tmp_path / "run", TRACKS, BOUTS, {("a.mp4", 1): "Zoe"})
    path = run / "tables" / "individuals.csv"
    rows = pd.read_csv(path, keep_default_na=False)
    rows.assign(individual=rows["track"].map(names)).to_csv(path, index=False)
    out = export(run, "[boris_events,tidy]", tmp_path / "out")
    assert set(read_boris(out / "boris_events" / "events.tsv")["subject"]) == subjects
    said = capsys.readouterr().err
    assert "animals have other names in" in said
    assert f"than in all other tables: export what ethopipe analyze {run} individuals={path} makes" in said


def test_names_that_the_tables_know_are_no_news(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = finished_run(tmp_path / "run", TRACKS, BOUTS, {("a.mp4", 1): "Zoe", ("a.mp4", 2): "Zoe"})
    export(run, "tidy", tmp_path / "out")
    assert "other names" not in capsys.readouterr().err


def told_again(run: Path, **of: Any) -> None:
    told = json.loads((run / "run.json").read_text())
    told["videos"]["a.mp4"] |= of
    (run / "run.json").write_text(json.dumps(told))


def test_a_name_that_is_no_utf8_is_escaped(tmp_path: Path) -> None:
    run = finished_run(tmp_path / "run", TRACKS, BOUTS)
    told_again(run, path="/footage/L\udcf6we.mp4")
    out = export(run, f"[{','.join(ALL)}]", tmp_path / "out")
    export(run, "[cvat,boris,csv]", tmp_path / "labels", "unit=video")
    assert pd.read_csv(out / "tidy" / "videos.csv")["path"].tolist() == ["/footage/L\\udcf6we.mp4"]
    assert read_object(out / "boris_project" / "run.boris")["observations"]["a.mp4"]["file"]["1"] == [
        "/footage/L\\udcf6we.mp4"
    ]


def test_media_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = finished_run(tmp_path / "run", TRACKS, BOUTS)
    film = write(tmp_path / "day" / "a.mp4", "pixels")
    told_again(run, path="day/a.mp4", absolute=str(film))  # as the chain tells it
    for where in ("elsewhere/day", "."):
        (tmp_path / where).mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(tmp_path / where)
        assert held(run).videos[0].media == str(film)
    monkeypatch.chdir(tmp_path / "elsewhere")
    write(Path("day/a.mp4"), "another film of that name")
    assert held(run).videos[0].media == str(film)
    film.unlink()  # all has moved, and lies there as it lay
    assert held(run).videos[0].media == str(tmp_path / "elsewhere" / "day" / "a.mp4")


def test_where_a_path_leads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a", "")
    monkeypatch.chdir(tmp_path)
    assert place("a", str(tmp_path / "a")) == Path("a")
    assert place("a", None) == Path("a")  # of a run that told no more
    assert place("a", "/gone") == Path("a")
    assert place("gone", "/gone") == Path("/gone")


def test_nothing_is_written_where_one_format_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tuple(f"w{number}" for number in range(37))
    run = finished_run(tmp_path / "run", TRACKS, {"a.mp4": [(1, "Walk", 0, 100, 0.9)]}, words=("Walk", *words))
    monkeypatch.setattr("pipeline.export.export.whole_folder", lambda path: pytest.fail("a folder was begun"))
    for kinds, fault in (
        (["format=[cvat,tidy,jwatcher]"], "JWatcher has 36 keys"),
        (["format=[cvat,boris]", "more_behaviours=['a|b']"], "BORIS takes no comma and no |"),
    ):
        assert cli.main(["export", str(run), f"out={tmp_path / 'out'}", *kinds]) == 1
        assert fault in capsys.readouterr().err
