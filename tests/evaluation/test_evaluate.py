"""``ethopipe evaluate``: a file of scores in, figures with intervals out; and one line for files that cannot be."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import file_hash, read_object
from pipeline.errors import TableError
from pipeline.evaluation.outcomes import read_outcomes

HEAD = "clip,p_Walk,p_Graze,behaviour,group\n"


def scores(path: Path, clips: int = 120, groups: int = 12) -> Path:
    rng = np.random.default_rng(3)
    true = rng.integers(0, 3, clips)
    p = rng.dirichlet(np.ones(3), clips) + 1.2 * np.eye(3)[true] * (rng.random((clips, 1)) < 0.7)
    p = np.round(p / p.sum(axis=1, keepdims=True), 6)
    table = pd.DataFrame(p, columns=["p_Walk", "p_Graze", "p_Head Up"])
    names = np.array(["Walk", "Graze", "Head Up"])[true]
    table.assign(behaviour=names, group=np.arange(clips) * groups // clips).to_csv(path, index=False)
    return path


def test_the_verb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "evaluation"
    assert cli.main(["evaluate", f"scores={scores(tmp_path / 's.csv')}", f"out={out}", "resamples=200"]) == 0
    said = capsys.readouterr().err
    assert "120 clips, 120 of one behaviour, 12 units to resample" in said
    assert "macro top-1 (balanced accuracy)" in said
    made = read_object(out / "evaluation.json")
    for figure in made["figures"].values():
        assert 0 <= figure["low"] <= figure["value"] <= figure["high"] <= 1
    counts = pd.read_csv(out / "confusion.csv").set_index("true").to_numpy()
    assert made["figures"]["top1"]["value"] == pytest.approx(np.diag(counts).sum() / 120, abs=1e-6)
    assert made["abstention"]["right_of_told"] > made["abstention"]["right_of_all"]
    assert pd.read_csv(out / "reliability.csv").groupby("scores")["clips"].sum().tolist() == [120, 120]
    assert pd.read_csv(out / "per_behaviour.csv")["behaviour"].tolist() == ["Walk", "Graze", "Head Up"]
    for name in ("confusion", "reliability"):
        assert (out / f"{name}.png").stat().st_size > 10_000
        assert (out / f"{name}.svg").stat().st_size > 5_000
    page = (out / "results.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/') == 2
    assert not re.search(r'(src|href)="(?!data:|#)', page)  # nothing outside the page
    assert 'id="read-first"' not in page  # there is nothing to warn of
    for anchor in ("figures", "behaviours", "confusion", "reliability", "long-tail", "unknown", "evaluated"):
        assert f'<section id="{anchor}">' in page
    assert made["inputs"] == [
        {
            "what": "scores and labels of the clips",
            "path": str(tmp_path / "s.csv"),
            "sha256": file_hash(tmp_path / "s.csv"),
        }
    ]
    assert made["settings"]["resamples"] == 200


def test_figures_by_species(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = scores(tmp_path / "s.csv")
    table = pd.read_csv(path)
    table = table.assign(species=np.where(np.arange(len(table)) < 90, "zebra", "giraffe <b>"))
    table.to_csv(path, index=False)
    assert cli.main(["evaluate", f"scores={path}", f"out={tmp_path / 'e'}", "resamples=200"]) == 0
    made = read_object(tmp_path / "e" / "evaluation.json")["per_species"]
    assert {name: (of["clips"], of["units"]) for name, of in made.items()} == {"giraffe <b>": (30, 3), "zebra": (90, 9)}
    assert made["giraffe <b>"]["figures"]["top1"]["low"] is None  # of three recordings
    zebra = made["zebra"]["figures"]["top1"]
    assert zebra["low"] < zebra["value"] < zebra["high"]
    table[table["species"] == "zebra"].drop(columns="species").to_csv(tmp_path / "z.csv", index=False)
    assert cli.main(["evaluate", f"scores={tmp_path / 'z.csv'}", f"out={tmp_path / 'z'}", "resamples=200"]) == 0
    alone = read_object(tmp_path / "z" / "evaluation.json")
    assert alone["figures"] == made["zebra"]["figures"]
    assert alone["per_behaviour"] == made["zebra"]["per_behaviour"]
    assert pd.read_csv(tmp_path / "e" / "per_species.csv")["species"].tolist() == ["giraffe <b>"] * 3 + ["zebra"] * 3
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    assert "giraffe &lt;b&gt;" in page
    assert "giraffe <b>" not in page
    assert "  zebra: 90 clips, top-1 " in capsys.readouterr().err


def test_the_page_says_what_to_beware_of(tmp_path: Path) -> None:
    rows = ["0.9,0.3,1,0", "0.8,0.1,1,0", "0.4,0.9,0,1", "0.7,0.6,1,1"]
    (tmp_path / "s.csv").write_text("p_Walk,p_Graze,y_Walk,y_Graze\n" + "\n".join(rows), encoding="utf-8")
    assert cli.main(["evaluate", f"scores={tmp_path / 's.csv'}", f"out={tmp_path / 'e'}"]) == 0
    page = (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    for sentence in (
        "No interval is given: the figures rest on 4 recordings, and under 6 nobody can say",
        "The file has no column group: every clip is taken for one recording.",
        "Too little is labelled to say much of Walk (3 clips), Graze (2 clips).",
        "1 clip shows several behaviours at once",
        "The probabilities of a clip do not sum to 1: they are taken for independent outputs.",
    ):
        assert sentence in page


def test_too_few_recordings_give_no_interval(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = scores(tmp_path / "s.csv", groups=5)
    assert cli.main(["evaluate", f"scores={path}", f"out={tmp_path / 'e'}"]) == 0
    assert "5 units to resample: too few for intervals" in capsys.readouterr().err
    made = read_object(tmp_path / "e" / "evaluation.json")
    assert {figure["low"] for figure in made["figures"].values()} == {None}


def test_neighbours_are_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    scores(path)
    pd.read_csv(path).drop(columns="group").to_csv(path, index=False)
    assert len(set(read_outcomes(path).group)) == 120
    assert len(set(read_outcomes(path, block=50).group)) == 3


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("clip,behaviour\n1,Walk\n", "no probabilities of two behaviours or more: columns p_<behaviour>"),
        (HEAD, "no clips in it"),
        (
            "clip,p_Walk,p_Graze\n1,0.5,0.5\n",
            r"no truth: it needs a column behaviour, or y_<behaviour>",
        ),
        (
            HEAD + "1,0.5,x,Walk,a\n2,0.5,1.5,Trot,a\n",
            r"line 2: p_Graze must be a number, got 'x'; line 3: .*; line 3",
        ),
        (HEAD + "1,0.5,0.5,Trot,a\n", "line 2: behaviour 'Trot' has no probabilities; there are Walk, Graze"),
        ("p_A,p_B,y_A,y_B\n0.5,0.5,0,0\n", "line 2: nothing is true of this clip"),
        ("p_A,p_B,y_A,y_B\n0.5,0.5,0,2\n", "line 2: y_B must be 0 or 1, got 2"),
    ],
)
def test_scores_that_cannot_be(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(TableError, match=fault):
        read_outcomes(tmp_path / "s.csv")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ([], "give scores=FILE, run=FOLDER labels=FILE, run=FOLDER truth=FILE, or tracks=.*; got none of them"),
        (["run=x"], "error: run=x needs labels=FILE or truth=FOLDER$"),
        (["labels=[x,y]"], "error: labels=x,y needs run=FOLDER$"),
        (["truth=x"], "error: truth=x needs run=FOLDER or tracks=FILE$"),
        (["run=x", "tracks=y"], "give scores=FILE.*; got run, tracks$"),
        (["run=x", "labels=y", "truth=z"], "give scores=FILE.*; got labels, run, truth$"),
        (["tracks=x", "labels=y"], "give scores=FILE.*; got labels, tracks$"),
        (["tracks=x", "truth=y", "frames=some"], "Invalid value 'some', expected one of .auto, all, labelled."),
        (["scores=none.csv"], "cannot read none.csv"),
        (["scores=s.csv", "precision=1"], r"precision must be in \(0, 1\), got 1"),
        (["scores=s.csv", "block=0"], "block must be >= 1 or null, got 0"),
        (["s.csv"], "takes its scores as scores=FILE"),
    ],
)
def test_words_that_cannot_be(words: list[str], fault: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", *words]) == 1
    assert re.search(fault, capsys.readouterr().err)


def test_the_published_figures_of_a_real_recognizer(real: Path, tmp_path: Path) -> None:
    path = real / "published" / "kabr_x3d_val_predictions.csv"
    assert cli.main(["evaluate", f"scores={path}", f"out={tmp_path}", "block=50", "resamples=200"]) == 0
    made = read_object(tmp_path / "evaluation.json")
    assert (made["clips"], made["clips_of_one_behaviour"]) == (3315, 2923)
    assert made["figures"]["top1"]["value"] == pytest.approx(0.924393, abs=5e-7)
    assert made["figures"]["macro_top1"]["value"] == pytest.approx(0.648847, abs=5e-7)
    assert made["figures"]["map"]["value"] == pytest.approx(0.66359, abs=5e-6)
    found = [of["ap"]["value"] for of in made["per_behaviour"].values()]
    assert found == pytest.approx([0.9764, 0.9629, 0.5649, 0.9425, 0.1064, 0.7150, 0.8914, 0.1493], abs=5e-5)
    assert made["calibration_error"]["calibrated"] < 0.5 * made["calibration_error"]["as given"]
    assert made["abstention"]["right_of_told"] > made["abstention"]["right_of_all"]


def test_what_a_recognizer_takes_a_species_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.read_csv(scores(tmp_path / "s.csv"))
    true = np.array(["zebra", "giraffe", "oryx", "animal", ""], dtype=object)[np.arange(120) % 5]  # 24 of each
    zebra = np.where(true == "zebra", 0.8, np.where(np.arange(120) < 15, 0.7, 0.1))  # 3 giraffes pass for zebras
    table.assign(species=true, species_zebra=zebra, species_giraffe=1 - zebra).to_csv(tmp_path / "s.csv", index=False)
    assert cli.main(["evaluate", f"scores={tmp_path / 's.csv'}", f"out={tmp_path / 'e'}", "resamples=200"]) == 0
    made = read_object(tmp_path / "e" / "evaluation.json")
    assert set(made["per_species"]) == {"zebra", "giraffe", "oryx", "animal", "species not said"}
    told = made["told_species"]
    assert (told["clips"], told["units"]) == (72, 12)
    assert {name: (of["clips"], of["recall"]["value"]) for name, of in told["per_species"].items()} == {
        "zebra": (24, 1.0),
        "giraffe": (24, 0.875),
        "oryx": (24, 0.0),  # which it cannot tell
    }
    figure = told["figures"]["macro_top1"]
    assert figure["low"] < figure["value"] == pytest.approx((1 + 0.875 + 0) / 3, abs=1e-6)
    counts = pd.read_csv(tmp_path / "e" / "species_confusion.csv").set_index("true")
    assert counts.loc["giraffe"].tolist() == [3, 21, 0]
    assert counts.loc["oryx"].tolist() == [3, 21, 0]
    assert (tmp_path / "e" / "species_confusion.png").stat().st_size > 5_000
    assert '<section id="told-species">' in (tmp_path / "e" / "results.html").read_text(encoding="utf-8")
    assert "  species told: 72 clips, macro top-1 0.625 [" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("columns", "fault"),
    [
        ({"species_a": 0.5, "species_b": 0.5}, "species_a tells species, and no column species says which one is true"),
        ({"species": "a", "species_a": 1.0}, "species_a alone tells nothing apart; give a column of each species, or"),
        ({"species": "a", "species_a": 1.5, "species_b": 0.5}, r"line 2: species_a must be in \[0, 1\], got 1.5"),
    ],
)
def test_species_that_cannot_be_told(tmp_path: Path, columns: dict[str, object], fault: str) -> None:
    path = scores(tmp_path / "s.csv")
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)
    with pytest.raises(TableError, match=fault):
        read_outcomes(path)


def test_scores_of_species_that_nobody_knows_are_not_judged(tmp_path: Path) -> None:
    path = scores(tmp_path / "s.csv")
    pd.read_csv(path).assign(species="animal", species_a=0.5, species_b=0.5).to_csv(path, index=False)
    assert read_outcomes(path).told_species is None
