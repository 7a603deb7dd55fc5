"""``compare``: two conditions of a stored run held against each other, by the command."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from tests.stored_runs import stored_run

SESSIONS, LASTS, ANIMALS = 12, 10, 12
QUICK = [
    "bouts.resamples=100", "sequences.permutations=0", "society.permutations=99", "society.shifts=99",
    "design.simulations=100", "observers.intervals_s=[5]", "report.png_dpi=50", "statistics.min_visible_s=30",
]  # fmt: skip


def words(closed):
    """Of each session 10 s of twelve animals, which do B for the longer where the habitat is closed."""
    rng = np.random.default_rng(0)
    least = [6 if one else 2 for one in closed]
    return {
        number + 1: "".join("A" * (LASTS - k) + "B" * k for k in rng.integers(least, [k + 3 for k in least]))
        for number in range(ANIMALS)
    }


@pytest.fixture(scope="module")
def herd(tmp_path_factory):
    """One video of twelve sessions, six in each habitat; six animals of either sex, seen in all of them.

    Old animals are in no video of the run, and only three sessions were near water.
    """
    folder = tmp_path_factory.mktemp("compare")
    closed = [session >= SESSIONS // 2 for session in range(SESSIONS)]
    stored_run(folder / "herd", {"a.mp4": words(closed)})
    names = [f"a.mp4,{k},z{k},{'f' if k % 2 else 'm'},young" for k in range(1, ANIMALS + 1)]
    head = "video,track,individual,sex,age"
    (folder / "individuals.csv").write_text("\n".join([head, *names, "b.mp4,1,zo,f,old"]))
    spans = [
        f"a.mp4,{LASTS * k},{LASTS * (k + 1)},s{k},{'closed' if one else 'open'},{'near' if k < 3 else 'far'},h{k % 3}"
        for k, one in enumerate(closed)
    ]
    head = "video,start_s,stop_s,session,habitat,water,herd"
    (folder / "observations.csv").write_text("\n".join([head, *spans]))
    return folder


def analyze(herd: Path, out: Path, *words: str) -> int:
    told = [f"individuals={herd / 'individuals.csv'}", f"observations={herd / 'observations.csv'}"]
    return cli.main(["analyze", str(herd / "herd"), *told, f"out={out}", *QUICK, *words])


@pytest.fixture(scope="module")
def study(herd):
    """Four comparisons at once: one that differs, one that does not, one of too few, one without time."""
    assert analyze(herd, herd / "study", "compare={habitat: [open, closed], sex: [], water: [near, far], age: []}") == 0
    return herd / "study"


def row(study, by, behaviour="B"):
    found = pd.read_csv(study / "tables" / "contrasts" / "budget_contrasts.csv")
    return found[(found["by"] == by) & (found["behaviour"] == behaviour)].iloc[0]


def test_what_is_constant_within_sessions_has_them_as_replicates(study):
    one = row(study, "habitat")
    assert one[["first", "second", "replicate", "replicates_first", "replicates_second"]].tolist() == [
        "open", "closed", "session", 6, 6,
    ]  # fmt: skip
    assert one["units_first"] == 6 * ANIMALS
    assert 0.3 < one["difference_low"] < one["difference"] < one["difference_high"] < 0.5
    assert one["p_corrected"] == pytest.approx(4 / 924, abs=1e-6)  # all 924 ways, two behaviours
    assert one["correction"] == "holm over 2 shares and over 2 log-ratios; not over 3 other comparisons asked for"
    moves = pd.read_csv(study / "tables" / "contrasts" / "transition_contrasts.csv")
    assert set(moves.loc[moves["by"] == "habitat", "replicate"]) == {"session"}
    bouts = pd.read_csv(study / "tables" / "contrasts" / "bout_contrasts.csv")
    a, b = (bouts[(bouts["by"] == "habitat") & (bouts["behaviour"] == name)].iloc[0] for name in "AB")
    assert a["length_ratio_low"] < a["length_ratio"] < a["length_ratio_high"] < 0.7
    assert a["p_length_corrected"] < 0.05
    assert "; no start seen in open and closed: no ratio of rates" in a["method"]  # each session begins in A, ends in B
    assert (b["rate_ratio"], b["starts_per_h_first"]) == (1, 360)
    assert "; fewer than 5 bouts seen to end in open and closed: no ratio of lengths" in b["method"]


def test_animals_that_are_seen_in_many_sessions_are_replicates_themselves(study):
    one = row(study, "sex")
    assert one[["first", "second", "replicate", "replicates_first", "replicates_second"]].tolist() == [
        "f", "m", "individual", 6, 6,
    ]  # fmt: skip
    assert one["p_corrected"] > 0.05
    assert one["difference_low"] < 0 < one["difference_high"]


def test_too_few_and_none_have_reasons(study):
    few, none = row(study, "water"), row(study, "age")
    assert few["method"].startswith("only 3 sessions in near (6 are needed); water is co")
    assert few["difference"] == pytest.approx(few["mean_second"] - few["mean_first"], abs=2e-6)
    assert few[["difference_low", "p"]].isna().all()
    assert none["method"] == "no recognized time of a named animal in old"
    assert none[["mean_first", "difference"]].isna().all()


def test_the_report_tells_it_everywhere(study):
    page = (study / "report.html").read_text(encoding="utf-8")
    assert "By habitat, mean shares of time in closed against open: less A (" in page
    assert "Two conditions compared" in page
    for title in ("habitat: open and closed", "sex: f and m", "water: near and far", "age: old and young"):
        assert f"<h3>{title}</h3>" in page
    assert page.count('<figure class="contrast">') == 3  # of old animals nothing is drawn
    assert page.count('<figure class="bout_contrast">') == 3
    assert "4 comparisons were asked for." in page
    assert '<a href="tables/contrasts/budget_contrasts.csv">' in page
    told = (study / "methods.txt").read_text(encoding="utf-8")
    assert "open and closed (habitat; each session is one independent unit); f and m (sex; each named animal is" in told
    assert "Machlis, L." in told
    meanings = pd.read_csv(study / "tables" / "dictionary.csv")
    assert {"frames", "tracks", "ground", "scores", "behaviours"} <= set(meanings["table"])
    assert {"budget_contrasts", "bout_contrasts", "transition_contrasts"} <= set(meanings["table"])


def test_bouts_that_are_joined_are_compared_as_such(herd, study, tmp_path):
    shutil.copytree(study, tmp_path / "study")
    assert analyze(herd, tmp_path / "study", "compare=habitat", "bouts.gap_s=2", "report.videos_in_page=0") == 0
    bouts = pd.read_csv(tmp_path / "study" / "tables" / "contrasts" / "bout_contrasts.csv")
    assert bouts.loc[bouts["behaviour"] == "B", "starts_per_h_first"].tolist() == [450]  # of 8 of 10 s one can be told


def test_what_is_no_longer_asked_for_is_gone(herd, study, tmp_path):
    shutil.copytree(study, tmp_path / "study")
    kept = (tmp_path / "study" / "tables" / "time_budgets.csv").stat().st_mtime_ns
    assert analyze(herd, tmp_path / "study") == 0
    assert not list((tmp_path / "study" / "tables" / "contrasts").glob("*"))
    assert not list((tmp_path / "study" / "figures").glob("contrast*"))
    assert (tmp_path / "study" / "tables" / "time_budgets.csv").stat().st_mtime_ns == kept
    page = (tmp_path / "study" / "report.html").read_text(encoding="utf-8")
    assert "Two conditions compared" not in page
    assert "By habitat" not in page
    assert "Two conditions" not in (tmp_path / "study" / "methods.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("compare=diet", "compare names diet, which no column of individuals.csv, sessions.csv or observations.csv is"),
        ("compare={habitat: [open, dense]}", "compare: no row has habitat dense; there are closed, open"),
        ("compare=herd", "column herd, which has h0, h1, h2; name two as compare='{herd: [h0, h1]}'"),
        ("compare=[habitat,open,closed]", "compare names open, closed, which no column of"),
        ("compare=species", "compare: name the two species, as compare='{species: [zebra, giraffe]}'"),
        ("compare=3", "compare must name columns, each once, as compare=sex or compare=[sex,habitat]; got 3"),
        ("contrasts.delta=0.5", "delta must be in (0, 0.05], got 0.5"),
    ],
)
def test_what_cannot_be_compared(herd, tmp_path, capsys, setting, told):
    assert analyze(herd, tmp_path / "study", setting) == 1
    assert told in capsys.readouterr().err
    assert not (tmp_path / "study").exists()


def test_a_run_refuses_it_before_anything_is_decoded(herd, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["run", "nowhere.mp4", "detector=motion", f"individuals={herd / 'individuals.csv'}"]
    assert cli.main([*words, "compare=[sex,diet]"]) == 1
    assert "compare names diet, which no column" in capsys.readouterr().err
    assert cli.main([*words, "compare={sex: [f, x]}"]) == 1
    assert "compare: no row has sex x; there are f, m" in capsys.readouterr().err
