"""Correction and audit from the command line: asked for and taken away again, refused, held against a reckoning."""

import json
import re
import shlex
from dataclasses import replace

import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_table, write_table
from pipeline.chain import study
from pipeline.chain.desk import StudyStage
from pipeline.config import compose
from pipeline.errors import UsageError
from pipeline.plan import plan
from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.folder import write_card
from pipeline.tables import SCORES
from tests.audit.made import RULES, filled, told_run

AUDITED = ("audit_accuracy", "audit_errors")
STUDY = {"a.mp4": {1: "A" * 11 + "B" * 9}}  # 0.55 of it told as A
CLIPS = {("A", "A"): 90, ("A", "B"): 10, ("B", "A"): 20, ("B", "B"): 80}  # true, told


@pytest.fixture
def run(tmp_path):
    return told_run(tmp_path / "herd", STUDY)


def clips(path, counts=CLIPS, recordings=10):
    """A held_out.csv: so many clips of each true and told behaviour, dealt to the recordings in turn."""
    rows = [
        (f"r{k % recordings}", *((0.9, 0.1) if told == "A" else (0.1, 0.9)), true)
        for (true, told), n in counts.items()
        for k in range(n)
    ]
    pd.DataFrame(rows, columns=["group", "p_A", "p_B", "behaviour"]).to_csv(path, index=False)
    return path


def analyze(run, *words):
    return cli.main(["analyze", str(run), f"out={run.parent / 'study'}", *words])


def table(run, folder, name):
    return pd.read_csv(run.parent / "study" / "tables" / folder / f"{name}.csv", keep_default_na=False)


def drawn(run, *words):
    out = run.parent / "audit"
    assert (
        cli.main(
            ["audit", str(run), f"out={out}", "films=false", "unknown=false", "per_behaviour=4", "window_s=0.5", *words]
        )
        == 0
    )
    return out


@pytest.mark.usefixtures("no_pictures")
def test_asked_for_and_taken_away_again(run, tmp_path):
    out, sheets = run.parent / "study", drawn(run)
    filled(sheets, "audit_anna.csv", A=["A", "A", "A", "B"], B=["B"])
    filled(sheets, "audit_ben.csv", A=["A"], B=["B"])
    asked = [f"held_out={clips(tmp_path / 'held_out.csv')}", f"audit={sheets}"]
    assert analyze(run, *asked) == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'id="how-right"' in page
    assert "Rogan and Gladen 1978" in page and "Olofsson, P. et al. (2014)" in page
    assert "tables/audit/audit_errors.csv" in page and "tables/correction/confusions.csv" in page
    assert (out / "figures" / "audit_anna.svg").is_file() and (out / "figures" / "corrected_budgets.svg").is_file()
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*") if path.name not in ("log.txt", "analysis.json")}
    assert analyze(run, *asked) == 0
    assert {path: path.stat().st_mtime_ns for path in times} == times  # nothing was done again
    assert analyze(run) == 0
    assert not list((out / "tables" / "audit").iterdir()) and not list((out / "tables" / "correction").iterdir())
    assert not (out / "figures" / "audit_anna.svg").exists()
    page = (out / "report.html").read_text(encoding="utf-8")
    assert 'id="how-right"' not in page and "Rogan" not in page
    assert "Nobody has judged this footage by eye yet" in page


def test_shares_are_corrected_by_the_clips(run, tmp_path, tables_alone):
    (tmp_path / "model").mkdir()
    clips(tmp_path / "model" / "held_out.csv")
    card = Card("mine", ("A", "B"), Clip(2, 0.1), held_out_chose_checkpoint=True)
    write_card(tmp_path / "model", card)
    assert analyze(run, f"held_out={tmp_path / 'model'}") == 0  # the folder of a model
    assert table(run, "correction", "confusions")["chose_checkpoint"].all()
    found = table(run, "correction", "corrected_budgets").query("level == 'pooled'").set_index("behaviour")
    assert found["raw"].to_dict() == pytest.approx({"A": 0.55, "B": 0.45})
    assert found["corrected"].to_dict() == {"A": 0.5, "B": 0.5}  # 0.55 = 0.9 p + 0.2 (1 - p)
    post = 0.55 * 90 / 110 + 0.45 * 10 / 90
    assert float(found["poststratified"]["A"]) == pytest.approx(post, abs=1e-6)
    rates = table(run, "correction", "confusions").query("species == 'all'").set_index(["true", "told"])["rate"]
    assert rates[("B", "A")] == 0.2
    clips(tmp_path / "model" / "held_out.csv", dict.fromkeys(CLIPS, 50) | {("A", "A"): 450, ("B", "B"): 450})
    write_card(tmp_path / "model", replace(card, held_out_chose_checkpoint=None))
    assert analyze(run, f"held_out={tmp_path / 'model'}") == 0  # other clips in the same file
    assert not table(run, "correction", "confusions")["chose_checkpoint"].any()
    again = table(run, "correction", "corrected_budgets").query("level == 'pooled'").set_index("behaviour")
    assert again["corrected"]["A"] == pytest.approx((0.55 - 0.1) / 0.8, abs=1e-6)
    meanings = pd.read_csv(run.parent / "study" / "tables" / "dictionary.csv")
    assert {"corrected_budgets", "confusions"} <= set(meanings["table"])


def test_shares_by_a_column_of_the_users(run, tmp_path, tables_alone):
    visits = tmp_path / "sessions.csv"
    session = table_of_bouts(run)["session"].iloc[0]
    visits.write_text(f"session,habitat\n{session},open\n")
    words = [f"sessions={visits}", "statistics.by=[habitat]", f"held_out={clips(tmp_path / 'held_out.csv')}"]
    assert analyze(run, *words) == 0
    found = table(run, "correction", "corrected_budgets").query("level == 'habitat'")
    assert found[["unit", "corrected"]].to_numpy().tolist() == [["open", 0.5], ["open", 0.5]]


def table_of_bouts(run):
    return pd.read_csv(run / "tables" / "bouts.csv")


@pytest.mark.parametrize(
    ("counts", "recordings", "words", "why"),
    [
        (dict(zip(CLIPS, (53, 47, 47, 53), strict=True)), 10, [], "raw only: condition number 16.67 exceeds 10"),
        ({**CLIPS, ("A", "A"): 10}, 10, [], "raw only: fewer than 30 held-out clips in 5 recordings: A (20 in 10)"),
        (CLIPS, 4, [], "raw only: fewer than 30 held-out clips in 5 recordings: A (100 in 4), B (100"),
        (CLIPS, 10, ["correction.max_condition=1.2"], "raw only: condition number 1.456 exceeds 1.2"),
        (CLIPS, 10, ["correction.merge={B: A}"], "raw only: one behaviour only"),
    ],
)  # fmt: skip
def test_a_correction_is_refused_with_its_reason(run, tmp_path, tables_alone, counts, recordings, words, why):
    assert analyze(run, f"held_out={clips(tmp_path / 'held_out.csv', counts, recordings)}", *words) == 0
    found = table(run, "correction", "corrected_budgets").query("level == 'pooled'")
    assert set(found["corrected"]) == {""}
    assert found["method"].str.startswith(why).all(), found["method"].iloc[0]


def test_an_audit_by_hand(run, tables_alone):
    sheets = drawn(run)
    assert filled(sheets, A=["A", "A", "A", "B"], B=["B"])  # audit.csv itself: by the observer
    assert analyze(run, f"audit={sheets}") == 0
    found = table(run, "audit", "audit_accuracy").set_index(["figure", "behaviour"])
    assert set(found["observer"]) == {"observer"}
    assert found["value"][("accuracy", "")] == pytest.approx((0.75 * 11 + 9) / 20)
    assert found["se"][("accuracy", "")] == ""
    assert found["method"][("accuracy", "")].startswith("no limits: only 8 windows (10 are needed)")
    assert found["value"][("share", "B")] == pytest.approx((0.25 * 11 + 9) / 20)
    assert found["value"][("recall", "B")] == pytest.approx(9 / (0.25 * 11 + 9), abs=1e-6)
    cells = table(run, "audit", "audit_errors").set_index(["told", "true"])
    assert cells["windows"][("A", "B")] == 1
    assert cells["share"][("A", "B")] == pytest.approx(0.25 * 11 / 20)


def test_two_observers(run, tables_alone):
    sheets = drawn(run)
    files = [
        filled(sheets, "audit_anna.csv", A=["A", "A", "A", "B"], B=["B"]),
        filled(sheets, "audit_ben.csv", A=["A"], B=["B"]),
    ]
    assert analyze(run, f"audit=[{','.join(map(str, files))}]") == 0  # as files; audit.csv is empty
    found = table(run, "audit", "audit_accuracy").set_index(["observer", "figure", "behaviour"])["value"]
    assert found[("ben", "accuracy", "")] == 1
    assert found[("anna & ben", "agreement", "")] == pytest.approx((0.75 * 11 + 9) / 20)
    damaged(sheets, told="B")
    assert analyze(run, f"audit={sheets}") == 1  # not of this study: nothing is told of how right it is
    assert not list((run.parent / "study" / "tables" / "audit").iterdir())


def test_what_would_have_followed_a_stage_that_fails_stays_only_where_it_is_true(run, tables_alone, monkeypatch):
    sheets = drawn(run)
    filled(sheets, A=["A"], B=["B"])
    assert analyze(run, f"audit={sheets}") == 0
    folder = run.parent / "study" / "tables"
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.csv")}

    def fails(desk):
        raise UsageError("no")

    broken = StudyStage("broken", 1, (), (), (), fails)
    monkeypatch.setattr(study, "STUDY_STAGES", (broken, *study.STUDY_STAGES))
    assert analyze(run, f"audit={sheets}") == 1
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.csv")} == before
    filled(sheets, A=["A"], B=["A"])
    assert analyze(run, f"audit={sheets}") == 1
    assert before.keys() - set(folder.rglob("*.csv")) == {folder / "audit" / f"{n}.csv" for n in AUDITED}


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (lambda sheets: None, "nothing is filled in in"),
        (lambda sheets: filled(sheets, A=["Fly"], B=["B"]), "audit.csv: 4 rows name no behaviour; there are A, B, "),
        (
            lambda sheets: [filled(sheets, f"audit{n}.csv", A=["A"], B=["B"]) for n in (1, 2)],
            "audit2.csv: another sheet is by 'observer' too; leave one of them there, or call each audit_NAME.csv",
        ),
        (lambda sheets: (sheets / "audit_key.csv").unlink(), "audit_key.csv is not there: put the filled sheets into"),
        (lambda sheets: (sheets / "audit.csv").unlink(), "holds no audit: no audit.csv; ethopipe audit RUN makes one"),
        (lambda sheets: damaged(sheets, set="posture"), "audit_key.csv speaks of posture, the study of behaviour"),
    ],
)
def test_sheets_with_faults(run, tables_alone, capsys, made, text):
    sheets = drawn(run)
    made(sheets)
    assert analyze(run, f"audit={sheets}") == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("error: ") and text in said, said


def damaged(sheets, **values):
    path = sheets / "audit_key.csv"
    pd.read_csv(path).assign(**values).to_csv(path, index=False)


@pytest.mark.parametrize(
    ("other", "text"),
    [
        ({"a.mp4": {1: "B" * 11 + "A" * 9}}, "8 of 8 moments are told otherwise (first: window 1)"),
        ({"b.mp4": STUDY["a.mp4"]}, "8 of 8 moments are told otherwise"),
        (STUDY | {"b.mp4": {1: "AA"}}, "it stands for 11.0 s of A, and there are 13.0 s"),
    ],
)
def test_a_key_of_another_study(run, tmp_path, tables_alone, capsys, other, text):
    sheets = drawn(run)
    filled(sheets, A=["A"], B=["B"])
    assert analyze(told_run(tmp_path / "other", other), f"audit={sheets}") == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said == f"error: audit_key.csv was not drawn from these results: {text}" + said.partition(text)[2]
    assert said.endswith("(min_bout_s=, observations= ...), or draw anew: ethopipe audit RUN")


def test_the_command_of_a_study_is_told_and_another_replaces_nothing(run, tables_alone, capsys):
    study, sheets = run.parent / "study", run.parent / "audit"
    first = {"a.mp4": {1: "AAAABAAAABBBBABBBB"}}
    told_run(run, first)
    assert analyze(run, "min_bout_s=2") == 0
    assert cli.main(["audit", str(study), f"out={sheets}", "films=false", "per_behaviour=4"]) == 0
    filled(sheets, A=["A"], B=["B"])
    command = re.search("then     ethopipe (.*); audit_key", capsys.readouterr().err)[1]
    assert command == f"analyze {run} min_bout_s=2 out={study} audit={sheets}"
    before = {path: path.read_bytes() for path in study.rglob("*") if path.is_file() and path.name != "log.txt"}
    assert analyze(run, f"audit={sheets}") == 1
    assert "give all settings of the study it is of (min_bout_s=" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in before} == before
    assert cli.main(shlex.split(command)) == 0
    assert table(run, "audit", "audit_accuracy")["value"].iloc[0] == 1


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["held_out=nowhere.csv"], "cannot read nowhere.csv: No such file"),
        (["held_out={}"], "has no held_out.csv: a folder that ethopipe train made has one"),
        (["held_out={}/clips.csv", "correction.merge={C: A}"], "merge names C; the states are A, B"),
        (["correction.max_condition=0"], "max_condition must be >= 1, got 0"),
    ],
)
def test_clips_that_are_not_there(run, tmp_path, capsys, words, text):
    clips(tmp_path / "clips.csv")
    assert analyze(run, *(word.replace("{}", str(tmp_path)) for word in words)) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("error: ") and text in said, said


def test_a_run_reads_clips_and_sheets_before_its_first_frame(run, tmp_path):
    words = ["source=[x.mp4]", "detector=motion", f"held_out={tmp_path / 'held_out.csv'}"]
    clips(tmp_path / "held_out.csv")
    with pytest.raises(UsageError, match="the held-out clips are not of the run's recognizer: A, B, "):
        plan(compose("run", words), "")
    known = plan(compose("run", words[:2]), "").parts.recognizer.card.behaviours
    told = {f"p_{word}": [float(word == known[0])] for word in known}
    pd.DataFrame(told | {"behaviour": [known[0]], "group": ["r"]}).to_csv(tmp_path / "held_out.csv", index=False)
    made = plan(compose("run", words), "").parts.held_out_clips
    assert made[["recording", "true", "told"]].to_numpy().tolist() == [["r", known[0], known[0]]]
    with pytest.raises(UsageError, match="holds no audit"):
        plan(compose("run", [*words[:2], f"audit={tmp_path}"]), "")


def test_runs_that_tell_by_other_rules_have_no_clips_in_common(run, tmp_path, capsys):
    path = clips(tmp_path / "held_out.csv")
    other = told_run(tmp_path / "other", STUDY, behaviours=RULES | {"min_confidence": 0.9})
    words = ["analyze", str(run), str(other), f"out={tmp_path / 'study'}", f"held_out={path}"]
    assert cli.main(words) == 1
    assert "the runs tell behaviours by different settings of behaviours" in capsys.readouterr().err
    old = told_run(tmp_path / "old", STUDY, behaviours={"min_bout_s": 0.0})
    assert analyze(old, f"held_out={path}") == 1
    assert "does not say its behaviours.adapt; give its command again" in capsys.readouterr().err


MOVING, AT_REST = ("Walk", "Trot", "Run"), ("Graze", "Browse", "Head_Up", "Auto-Groom")


def test_published_predictions_told_by_an_ethogram_of_the_runs(run, real, tables_alone):
    """KABR's own validation clips under two names: blocks of 50 neighbours stand for recordings, a best case."""
    names = dict.fromkeys(MOVING, "A") | dict.fromkeys(AT_REST, "B") | {"Occluded": "not visible"}
    scores = run / "videos" / "a.mp4" / "scores.parquet"
    rows = read_table(scores, SCORES)[SCORES.names]
    write_table(scores, rows.assign(**{f"p_{word}": 0.125 for word in names}), SCORES)
    told = json.loads((run / "run.json").read_text())
    told["settings"]["ethogram"]["relabel"] = names
    (run / "run.json").write_text(json.dumps(told))
    data = pd.read_csv(real / "published" / "kabr_x3d_val_predictions.csv")
    data.assign(group=[f"block {k // 50}" for k in range(len(data))]).to_csv(run.parent / "clips.csv", index=False)
    assert analyze(run, f"held_out={run.parent / 'clips.csv'}") == 0
    matrix = table(run, "correction", "confusions").query("species == 'all'").set_index(["true", "told"])
    assert matrix["rate"][("A", "A")] > 0.9 and matrix["rate"][("B", "B")] > 0.9
    assert matrix["true_clips"].groupby("true").first().sum() > 1500
    corrected = table(run, "correction", "corrected_budgets").query("level == 'pooled'")["corrected"].astype(float)
    assert corrected.sum() == pytest.approx(1) and abs(corrected.iloc[0] - 0.55) < 0.1
    data.to_csv(run.parent / "clips.csv", index=False)
    assert analyze(run, f"held_out={run.parent / 'clips.csv'}") == 1  # nobody says which recording each is of
