"""The verb: what is drawn, filmed and written, and what is said where the footage is gone."""

import json
import re

import av
import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_object, write_json
from pipeline.audit.films import HEIGHT_PX, WIDTH_PX, Marks, views
from pipeline.audit.page import audit_page
from pipeline.ethology.correction.tables import AUDIT_SHEET
from pipeline.stored import STUDY
from tests.audit.made import told_run, with_footage
from tests.ethology import made
from tests.footage import number

WORDS = {"a.mp4": {1: "AAAAAAAABBBB", 2: "BBBB????AAAA"}}
FEW = ["per_behaviour=2", "unknown=false"]


@pytest.fixture
def run(tmp_path):
    return told_run(tmp_path / "herd", WORDS)


def audit(run, out, *words):
    return cli.main(["audit", str(run), f"out={out}", *words])


def pictures(path):
    with av.open(str(path)) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def told_by(page):
    return json.loads(re.search(r'<script id="data"[^>]*>(.*?)</script>', page, re.DOTALL)[1])


def test_films_show_the_animal_and_mark_the_moment(tmp_path, run, capsys):
    with_footage(run, "a.mp4", 12)
    out = tmp_path / "audit"
    assert audit(run, out, *FEW) == 0
    sheet = pd.read_csv(out / "audit.csv", keep_default_na=False)
    films = sorted(path.name for path in (out / "windows").iterdir())
    assert films == [f"{k:04d}.mp4" for k in range(1, 5)]
    page = told_by((out / "audit.html").read_text(encoding="utf-8"))
    for row, shown in zip(sheet.to_dict("records"), page["rows"], strict=True):
        seen = pictures(out / "windows" / f"{row['window']:04d}.mp4")
        assert seen[0][1].shape == (HEIGHT_PX, WIDTH_PX, 3)
        first = number(seen[0][1])  # the frames of the window, from the first second that begins in it
        assert [number(image) for _, image in seen] == list(range(first, first + len(seen)))
        assert min(first, row["frame"]) == min(int(np.ceil(row["start_s"])), row["frame"])
        rims = [image[2, ::40].min() > 240 for _, image in seen]
        assert [first + k for k, rim in enumerate(rims) if rim] == [row["frame"]]
        assert shown["film"] == {
            "path": f"windows/{row['window']:04d}.mp4", "moment": float(row["frame"] - first), "frame": 1.0
        }  # fmt: skip
        assert np.ptp(seen[0][1].astype(int), axis=2).max() < 12  # neither box nor strip has a colour that could tell
    assert f"page     {out / 'audit.html'}: open it, judge the 4 films" in capsys.readouterr().err


def test_the_page_is_blind_offline_and_gives_the_sheet_back(tmp_path, run):
    with_footage(run, "a.mp4", 12)
    assert audit(run, tmp_path / "audit", *FEW) == 0
    text = (tmp_path / "audit" / "audit.html").read_text(encoding="utf-8")
    told = told_by(text)
    assert told["behaviours"] == ["A", "B"]
    sheet = pd.read_csv(tmp_path / "audit" / "audit.csv", dtype="str", keep_default_na=False)
    assert [row["cells"] for row in told["rows"]] == sheet.to_numpy().tolist()
    assert told["columns"] == sheet.columns.tolist()
    assert set(told["reads"]) | {"behaviour", "note"} <= set(told["columns"])  # a sheet that it saved can be opened
    for closed in ("weight_s", "stratum", "zebra", "http:", "https"):
        assert closed not in text
    assert "$" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)


def test_what_a_browser_keeps_belongs_to_one_draw(tmp_path):
    rows = {"video": "a.mp4", "track": 1, "start_s": 0.0, "stop_s": 1.0, "frame": 0, "behaviour": "", "note": ""}
    keys = []
    for moments in ([0.5, 0.7], [0.5, 0.7], [0.5, 0.8]):
        sheet = AUDIT_SHEET.cast(pd.DataFrame([rows | {"window": k, "at_s": at} for k, at in enumerate(moments, 1)]))
        audit_page(tmp_path / "audit.html", "herd", ["A"], sheet, {})
        keys.append(told_by((tmp_path / "audit.html").read_text(encoding="utf-8"))["id"])
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("filmed", "words", "said"),
    [
        (None, [], "no film  of 4 windows: a.mp4: /footage/a.mp4 is not there; look them up by video and time"),
        ((320, 180), [], "is another video than the one that was run"),
        ((640, 360), ["films=false"], "windows  4 of 1 video, by what is told and session"),
    ],
)
def test_without_footage_there_is_the_sheet_alone(tmp_path, run, capsys, filmed, words, said):
    if filmed:
        with_footage(run, "a.mp4", 12, filmed)
    out = tmp_path / "audit"
    assert audit(run, out, *FEW, *words) == 0
    assert sorted(path.name for path in out.iterdir()) == ["audit.csv", "audit_key.csv"]
    told = capsys.readouterr().err
    assert said in told
    assert ("no film" in told) == (words == [])
    assert f"then     ethopipe analyze {run} audit={out}; audit_key.csv stays closed until then" in told


def test_a_study_of_several_runs(tmp_path, run, capsys):
    other = told_run(tmp_path / "flock", {"b.mp4": {1: "AABB"}})
    with_footage(run, "a.mp4", 12)
    study = tmp_path / "study"
    (study / "tables").mkdir(parents=True)
    bouts = [pd.read_csv(one / "tables" / "bouts.csv").assign(source="model") for one in (run, other)]
    bouts = [one.assign(video=f"{name}/" + one["video"]) for one, name in zip(bouts, ("herd", "flock"), strict=True)]
    pd.concat(bouts).to_csv(study / "tables" / "bouts.csv", index=False)
    (study / STUDY).write_text(json.dumps({"settings": {"source": [str(run), str(other)]}}))
    assert audit(study, tmp_path / "audit", *FEW) == 0
    key = pd.read_csv(tmp_path / "audit" / "audit_key.csv")
    assert set(key["video"]) == {"herd/a.mp4", "flock/b.mp4"}
    assert len(list((tmp_path / "audit" / "windows").iterdir())) == (key["video"] == "herd/a.mp4").sum()
    assert "flock/b.mp4: /footage/b.mp4 is not there" in capsys.readouterr().err
    (study / STUDY).write_text("{}")
    assert audit(study, tmp_path / "other") == 1
    assert "is a study that broke off; give the command that made it again" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], "is there already, and nothing is written over"),
        (["out=elsewhere", "set=posture"], "no set of states 'posture' to audit; there are behaviour"),
    ],
)
def test_what_cannot_be(tmp_path, monkeypatch, run, capsys, words, text):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    assert cli.main(["audit", str(run), *(words or ["out=there"])]) == 1
    assert text in capsys.readouterr().err
    assert not (tmp_path / "elsewhere").exists()


def test_a_run_that_broke_off(tmp_path, run, capsys):
    (run / "tables" / "bouts.csv").unlink()
    assert audit(run, tmp_path / "audit") == 1
    assert "has no tables/bouts.csv: it broke off; give its command again" in capsys.readouterr().err


def test_a_run_that_was_stopped(tmp_path, run, capsys):
    told = read_object(run / "run.json")
    write_json(run / "run.json", told | {"videos": told["videos"] | {"b.mp4": {"path": "b.mp4", "status": "waiting"}}})
    assert audit(run, tmp_path / "audit", "films=false") == 0
    assert f"warning  {run} was stopped before 1 of its 2 videos; give its command again" in capsys.readouterr().err


def test_at_the_edge_the_view_is_moved_into_the_picture():
    table = made.behaviours({1: "AAAA"})
    tracks = made.tracks(table).assign(x1=0.0, x2=60.0, y1=0.0, y2=40.0)
    sheet = pd.DataFrame([{"window": 1, "track": 1, "start_s": 0.0, "stop_s": 3.0, "frame": 1}])
    shown = views(sheet, tracks, made.frames(4).set_index("frame"), (640, 360))
    assert shown[["left", "top", "right", "bottom"]].iloc[0].tolist() == [0, 0, 200, 150]


def test_where_the_track_has_a_hole_nothing_is_boxed():
    table = made.behaviours({1: "AA..AA"})
    sheet = pd.DataFrame([{"window": 7, "track": 1, "start_s": 1.0, "stop_s": 6.0, "frame": 4}])
    shown = views(sheet, made.tracks(table), made.frames(6).set_index("frame"), (640, 360))
    assert shown["frame"].tolist() == [1, 2, 3, 4, 5]
    assert shown["x1"].isna().tolist() == [False, True, True, False, False]
    assert shown["left"].nunique() == 1
    assert shown["asked"].tolist() == [False, False, False, True, False]
    assert shown["part"].tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert set(shown["moment"]) == {0.75}
    grey = np.full((HEIGHT_PX, WIDTH_PX, 3), 90, dtype=np.uint8)
    drawn = [Marks(shown)(grey.copy(), row) for row in range(2)]
    assert [(image[: HEIGHT_PX // 2] == 255).any() for image in drawn] == [True, False]
