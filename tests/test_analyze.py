import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline import cli, processes
from pipeline.artifacts import read_object, read_table, write_json, write_table
from pipeline.chain import study
from pipeline.chain.record import CHOSE
from pipeline.ethology.observations import read_observations
from pipeline.report.held_out import flattering
from pipeline.stored import stored_runs, told_by_user
from pipeline.tables import OBSERVATIONS, SPECIES
from tests.conftest import leave_out_the_rest
from tests.stored_runs import stored_run

IN_DEGREES = str(Path(__file__).parent / "in_degrees.geojson")
MONDAY = {"a.mp4": {1: "AAAB", 2: "BBBB"}}
TUESDAY = {"a.mp4": {1: "AA"}, "b.mp4": {1: "AB?-"}}


@pytest.fixture
def runs(tmp_path: Path) -> list[str]:
    return [str(stored_run(tmp_path / "monday", MONDAY)), str(stored_run(tmp_path / "tuesday", TUESDAY))]


def table(out: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(out / "tables" / f"{name}.csv", keep_default_na=False)


def share(out: Path, level: str, unit: str, behaviour: str = "A") -> float:
    rows = table(out, "time_budgets").query("level == @level and unit == @unit and behaviour == @behaviour")
    return float(rows["share"].item())


def test_one_run_gives_its_own_tables(tmp_path, runs, capsys, no_pictures):
    out = tmp_path / "study"
    assert cli.main(["analyze", runs[0], f"out={out}"]) == 0
    assert share(out, "pooled", "all") == 0.375
    assert set(table(out, "bouts")["video"]) == {"a.mp4"}
    told = capsys.readouterr().err
    assert "budget   A 37.5%, B 62.5% of 8.0 s visible (2 tracks)" in told
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "letters" in page
    assert "interval_s" in page


def test_animals_are_called_as_the_run_called_them(tmp_path, runs, tables_alone):
    path = Path(runs[0]) / "videos" / "a.mp4" / "species.parquet"
    told = read_table(path, SPECIES)
    write_table(
        path, told.assign(species=["oryx", "zebra"], recognized="oryx", source=["recognizer", "detector"]), SPECIES
    )
    (Path(runs[1]) / "videos" / "a.mp4" / "species.parquet").unlink()  # of a run before there was such a table
    assert cli.main(["analyze", *runs, f"out={tmp_path / 'study'}"]) == 0
    found = table(tmp_path / "study", "individuals").set_index(["video", "track"])["species"]
    assert found.to_dict() == {
        ("monday/a.mp4", 1): "oryx", ("monday/a.mp4", 2): "zebra",
        ("tuesday/a.mp4", 1): "zebra", ("tuesday/b.mp4", 1): "zebra",
    }  # fmt: skip


def test_several_runs_are_one_study(tmp_path, runs, no_pictures):
    out = tmp_path / "study"
    assert cli.main(["analyze", *runs, f"out={out}"]) == 0
    assert set(table(out, "bouts")["video"]) == {"monday/a.mp4", "tuesday/a.mp4", "tuesday/b.mp4"}
    assert share(out, "pooled", "all") == 0.5
    assert share(out, "session", "tuesday") == 0.75  # the folder that a video lies in, as in a run
    assert '<a href="../tuesday/videos/b.mp4/bouts.csv">' in (out / "report.html").read_text(encoding="utf-8")


def test_the_users_tables_speak_of_videos_with_and_without_their_run(tmp_path, runs, tables_alone):
    out, names = tmp_path / "study", tmp_path / "individuals.csv"
    names.write_text("video,track,individual,sex\nmonday/a.mp4,1,Zoe,f\nb.mp4,1,Zoe,f\ntuesday/a.mp4,1,Max,m\n")
    visits = tmp_path / "sessions.csv"
    visits.write_text("session,habitat\nmonday,open\ntuesday,bush\n")
    words = [f"individuals={names}", f"sessions={visits}", "statistics.by=[sex,habitat]", f"out={out}"]
    assert cli.main(["analyze", *runs, *words]) == 0
    assert share(out, "individual", "Zoe") == pytest.approx(4 / 6, abs=1e-6)
    assert share(out, "sex", "m") == 1
    assert share(out, "habitat", "open") == 0.375


def test_bouts_by_the_users_columns_and_latencies_from_given_starts(tmp_path, runs, monkeypatch):
    leave_out_the_rest(monkeypatch, "bouts", "sequences")
    out, visits, starts = tmp_path / "study", tmp_path / "sessions.csv", tmp_path / "starts.csv"
    visits.write_text("session,habitat\nmonday,open\ntuesday,bush\n")
    starts.write_text("video,time_s,what\nmonday/a.mp4,1,call\nb.mp4,0,call\n")
    words = [f"sessions={visits}", f"starts={starts}", "statistics.by=[habitat]", "sequences.by=[species,habitat]"]
    words += ["sequences.permutations=0", "bouts.grid_points=2", "bouts.gap_s=1"]
    assert cli.main(["analyze", *runs, *words, f"out={out}"]) == 0
    rows = table(out, "bouts/durations").query("level == 'habitat' and behaviour == 'A'")
    assert rows[["unit", "bouts", "bridged_s"]].to_numpy().tolist() == [["bush", 2, 1], ["open", 1, 1]]
    waits = table(out, "bouts/latencies").query("level == 'pooled'").set_index("behaviour")
    assert waits[["what", "n", "n_complete"]].loc["B"].tolist() == ["call", 3, 3]
    steps = table(out, "sequences/transition_tests").query("form == 'bout' and count > 0")
    assert steps[["level", "unit", "species", "count"]].to_numpy().tolist() == [
        ["pooled", "all", "all", 2], ["species", "zebra", "zebra", 2], ["habitat", "bush", "zebra", 1],
        ["habitat", "open", "zebra", 1],
    ]  # fmt: skip
    assert table(out, "starts_template")["video"].tolist() == ["monday/a.mp4", "tuesday/a.mp4", "tuesday/b.mp4"]
    visits.write_text("session,habitat\nmonday,bush\ntuesday,bush\n")  # it decides these stages' results too
    starts.write_text("video,time_s,what\nmonday/a.mp4,1,roar\n")
    assert cli.main(["analyze", *runs, *words, f"out={out}"]) == 0
    assert set(table(out, "bouts/durations").query("level == 'habitat'")["unit"]) == {"bush"}
    assert set(table(out, "sequences/dwell_times").query("level == 'habitat'")["unit"]) == {"bush"}
    assert set(table(out, "bouts/latencies")["what"]) == {"roar"}


def test_behaviours_are_defined_as_in_all_runs(tmp_path, runs, page_alone):
    for run, b in zip(runs, ("down", "up"), strict=True):
        told = read_object(Path(run) / "run.json")
        write_json(Path(run) / "run.json", told | {"definitions": {"A": "head up", "B": b}})
    assert cli.main(["analyze", runs[1], f"out={tmp_path / 'one'}"]) == 0
    assert "defined so: A: head up; B: up." in (tmp_path / "one" / "methods.txt").read_text(encoding="utf-8")
    assert cli.main(["analyze", *runs, f"out={tmp_path / 'both'}"]) == 0
    assert "defined so: A: head up." in (tmp_path / "both" / "methods.txt").read_text(encoding="utf-8")


def test_methods_are_told_as_far_as_all_runs_agree(tmp_path, page_alone):
    tracker = {"_target_": "pipeline.trackers.association.SortTracker"}
    read = {"_target_": "pipeline.detectors.replay.ReplayDetector"}
    same = {"tracker": tracker, "visibility": {"min_length_px": 12.0}}
    one = stored_run(tmp_path / "one", MONDAY, detector=read | {"path": "monday"}, **same)
    two = stored_run(tmp_path / "two", TUESDAY, detector=read | {"path": "tuesday"}, **same)
    three = stored_run(tmp_path / "three", TUESDAY, detector=read, tracker={"_target_": "x.Mine"})
    out = tmp_path / "study"
    assert cli.main(["analyze", str(one), str(two), f"out={out}"]) == 0
    told = (out / "methods.txt").read_text(encoding="utf-8")
    assert "their boxes were read from files and joined to tracks by SORT (Bewley et al. 2016)" in told
    assert "Bewley, A. et al. (2016)" in told
    assert "visibility.min_length_px" in (out / "report.html").read_text(encoding="utf-8")
    assert cli.main(["analyze", str(one), str(three), f"out={tmp_path / 'other'}"]) == 0
    assert "in different ways" in (tmp_path / "other" / "methods.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("second", "known"),
    [
        ({"top1": 0.9}, True),  # both had the same recognizer
        ({"top1": 0.8}, False),  # of the whole nothing is known
        ({}, False),
    ],
)
def test_held_out_figures_count_where_all_runs_have_the_same(tmp_path, second, known, page_alone):
    runs = [stored_run(tmp_path / name, {"a.mp4": {1: "AB"}}) for name in ("one", "two")]
    for run, figures in zip(runs, ({"top1": 0.9}, second), strict=True):
        told = json.loads((run / "run.json").read_text(encoding="utf-8"))
        told |= {"held_out": figures} | ({CHOSE: True} if run == runs[0] else {})  # the other is older
        (run / "run.json").write_text(json.dumps(told), encoding="utf-8")
    assert cli.main(["analyze", *map(str, runs), f"out={tmp_path / 'study'}"]) == 0
    page = (tmp_path / "study" / "report.html").read_text(encoding="utf-8")
    assert (f"90 % of its held-out clips{flattering(True)} were recognized right" in page) == known
    assert ("How often letters is right is not known" in page) != known


def test_names_filled_into_a_runs_own_table_are_taken(tmp_path, runs, tables_alone):
    out, own = tmp_path / "study", Path(runs[0]) / "tables" / "individuals.csv"
    own.parent.mkdir()
    own.write_text("video,track,individual\na.mp4,1,Zoe\na.mp4,2,\n")
    assert cli.main(["analyze", *runs, f"out={out}"]) == 0
    assert share(out, "individual", "Zoe") == 0.75
    own.write_text("video,track,individual\na.mp4,1,\na.mp4,2,Zoe\n")  # somebody was mistaken
    assert cli.main(["analyze", *runs, f"out={out}"]) == 0
    assert share(out, "individual", "Zoe") == 0


def test_the_same_study_is_not_made_again_and_other_settings_are(tmp_path, runs, tables_alone):
    out = tmp_path / "study"
    words = ["analyze", *runs, f"out={out}"]
    assert cli.main(words) == 0
    first = (out / "tables" / "time_budgets.csv").stat().st_mtime_ns
    assert cli.main(words) == 0
    assert (out / "tables" / "time_budgets.csv").stat().st_mtime_ns == first
    assert cli.main([*words, "statistics.time_bin_s=2"]) == 0
    assert share(out, "time_bin", "00000-00002 s") == pytest.approx(5 / 8)


def test_the_same_footage_counts_once(tmp_path, runs, capsys):
    for run in runs:
        told = read_object(Path(run) / "run.json")
        told["videos"]["a.mp4"]["absolute"] = "/disk/a.mp4"
        write_json(Path(run) / "run.json", told)
    assert cli.main(["analyze", *runs, f"out={tmp_path / 'study'}"]) == 1
    assert "tuesday are both of /disk/a.mp4: its animals would count twice" in capsys.readouterr().err


def test_what_the_users_tables_say_in_vain_is_told(tmp_path, runs, capsys, page_alone):
    (tmp_path / "sessions.csv").write_text("session,habitat\nall,bush\n01,open\n", encoding="utf-8")
    (tmp_path / "individuals.csv").write_text("video,track,individual\nz.mp4,1,Ann\n", encoding="utf-8")
    tables = [f"{name}={tmp_path / name}.csv" for name in ("sessions", "individuals")]
    assert cli.main(["analyze", runs[0], *tables, f"out={tmp_path / 'study'}"]) == 0
    said, page = capsys.readouterr().err, (tmp_path / "study" / "report.html").read_text(encoding="utf-8")
    for line in (
        "sessions.csv names sessions that no animal is seen in: 01; there are all",
        "individuals.csv speaks of videos that are not in this run: z.mp4",
    ):
        assert f"  warning  {line}" in said
        assert f"{line}." in page


def test_a_video_that_failed_is_told(tmp_path, capsys, page_alone):
    run = stored_run(tmp_path / "monday", MONDAY, failed="c.mp4")
    assert cli.main(["analyze", str(run), f"out={tmp_path / 'study'}"]) == 2
    assert "it is torn" in (tmp_path / "study" / "report.html").read_text(encoding="utf-8")


def test_a_run_that_was_stopped_is_told(tmp_path, runs, capsys, page_alone):
    out, told = tmp_path / "study", read_object(Path(runs[1]) / "run.json")
    told["videos"]["b.mp4"]["status"] = "waiting"  # as a run leaves it that was stopped after its first video
    write_json(Path(runs[1]) / "run.json", told)
    assert cli.main(["analyze", *runs, f"out={out}"]) == 2
    line = f"{runs[1]} was stopped before 1 of its 2 videos; give its command again"
    assert f"  warning  {line}" in capsys.readouterr().err
    assert f"WARNING pipeline.analyze: {line}" in (out / "log.txt").read_text(encoding="utf-8")
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "1 video was not reached before its run was stopped: tuesday/b.mp4." in page
    assert "3 videos (2 ok, 1 waiting)" in page
    assert "2 videos (6.0 s of footage) were analysed" in (out / "methods.txt").read_text(encoding="utf-8")


def test_a_study_of_other_runs_is_not_replaced(tmp_path, runs, monkeypatch, capsys, tables_alone):
    monkeypatch.chdir(tmp_path)
    stored_run(tmp_path / "other" / "monday", MONDAY)
    assert cli.main(["analyze", "monday", "tuesday"]) == 0
    assert cli.main(["analyze", "monday"]) == cli.main(["analyze", str(tmp_path / "monday")]) == 0
    assert sorted(path.name for path in Path("studies").iterdir()) == ["monday", "monday_and_1_more"]
    assert cli.main(["analyze", "other/monday"]) == 1
    said = capsys.readouterr().err
    assert (
        f"studies/monday holds the study of {tmp_path / 'monday'}; give this one a folder of its own: out=FOLDER"
        in said
    )


@pytest.mark.filterwarnings("error")
def test_columns_that_only_some_runs_tell_of_are_empty_in_the_others(tmp_path):
    spans = ["video,start_s,stop_s,use,reason", "a.mp4,0,1.5,no,dust"]
    (tmp_path / "spans.csv").write_text("\n".join(spans), encoding="utf-8")
    (tmp_path / "days.csv").write_text("video,session,weather\na.mp4,day 1,dew\n", encoding="utf-8")
    given = {name: {"observations": str(tmp_path / f"{name}.csv")} for name in ("spans", "days")}
    runs = [stored_run(tmp_path / f"of_{name}", MONDAY, **given[name]) for name in given]
    own = told_by_user(None, stored_runs(runs), read_observations, OBSERVATIONS, lambda run: run.given("observations"))
    assert own[["video", "weather"]].to_numpy().tolist() == [["of_spans/a.mp4", ""], ["of_days/a.mp4", "dew"]]


def test_a_study_without_visible_time(tmp_path, no_pictures):
    run = stored_run(tmp_path / "monday", {"a.mp4": {1: "--??"}})
    assert cli.main(["analyze", str(run), f"out={tmp_path / 'study'}"]) == 0
    rows = table(tmp_path / "study", "time_budgets")
    assert set(rows["share"]) == {""}
    assert set(rows["method"]) == {"no visible time"}


@pytest.mark.parametrize(
    ("made", "words", "told"),
    [
        ({}, [], "no value for runs; for example: ethopipe analyze runs/monday runs/tuesday"),
        ({}, ["nowhere"], "nowhere is no run of ethopipe: it has no run.json that names videos"),
        ({"a/x": {}, "b/x": {}}, ["a/x", "b/x"], "runs must have different names, got x twice; rename a folder"),
        (
            {"x": {"letters": "AB"}, "y": {"letters": "AC"}},
            ["x", "y"],
            "x and y tell different behaviours (A, B; A, C)",
        ),
        (
            {"x": {}, "y": {"behaviours": {"min_bout_s": 2.0}}},
            ["x", "y"],
            "the runs have different behaviours.min_bout_s (0 s, 2 s): give min_bout_s=",
        ),
        ({"x": {"observations": "gone.csv"}}, ["x"], "x was given observations=gone.csv, which is no longer there"),
        ({"x": {}}, ["x", "society.unit=metre"], "society.unit=metre: no place on the ground is known"),
        (
            {"x": {"habitats": IN_DEGREES}},
            ["x"],
            "in_degrees.geojson in degrees: no place on the ground is known",
        ),
        ({"x": {}}, ["x", "min_bout_s=-1"], "min_bout_s must be >= 0 or null, got -1.0"),
        ({"x": {}}, ["x", "statistics.by=[age]"], "statistics.by names age, which no column of individuals.csv"),
        ({"x": {}}, ["x", "sequences.by=[age]"], "sequences.by names age, which no column of individuals.csv"),
        ({"x": {"starts": "gone.csv"}}, ["x"], "x was given starts=gone.csv, which is no longer there"),
        ({"x": {}}, ["x", "out=x"], "out=x holds files that are not a study of ethopipe; choose another folder"),
    ],
)
def test_what_cannot_be_analysed(tmp_path, monkeypatch, capsys, made, words, told):
    monkeypatch.chdir(tmp_path)
    for name, settings in made.items():
        stored_run(Path(name), {"a.mp4": {1: "A"}}, **settings)
    assert cli.main(["analyze", *words]) == 1
    assert told in capsys.readouterr().err


def test_a_process_a_core_makes_the_same_study_and_says_the_same(tmp_path, runs, monkeypatch):
    names = tmp_path / "individuals.csv"
    names.write_text("video,track,individual\nmonday/a.mp4,1,Zoe\nmonday/a.mp4,2,Zoe\n")
    monkeypatch.setattr(processes, "cores", lambda: 2)
    quick = ["society.permutations=99", "society.shifts=99", "design.simulations=100", "report.png_dpi=50"]
    for least, few, place in ((processes.MUCH, study.MANY_BOUTS, "one"), (0, 0, "several")):
        monkeypatch.setattr(processes, "MUCH", least)
        monkeypatch.setattr(study, "MANY_BOUTS", few)
        assert cli.main(["analyze", *runs, f"individuals={names}", *quick, f"out={tmp_path / place / 'study'}"]) == 0
    made = [tmp_path / place / "study" for place in ("one", "several")]
    files = [sorted(path.relative_to(out) for path in out.rglob("*") if path.is_file()) for out in made]
    assert files[0] == files[1]
    told_otherwise = {"analysis.json", "log.txt", "report.html", "methods.txt", "stages.json"}  # of the time and place
    for path in (path for path in files[0] if path.name not in told_otherwise):
        assert (made[0] / path).read_bytes() == (made[1] / path).read_bytes(), path
    for out in made:
        doubled = "monday/a.mp4: Zoe is in the same frames as tracks 1, 2"
        assert json.loads((out / "stages.json").read_text())["tables"]["warnings"] == [f"individuals.csv: {doubled}"]
