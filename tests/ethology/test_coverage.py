"""The scripts behind the coverage figures of docs/statistics.md: what they simulate is what they say, and they run."""

import runpy
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
SHARES, COMPARISONS = (runpy.run_path(str(SCRIPTS / f"{name}.py")) for name in ("coverage", "coverage_comparisons"))


def run(script, monkeypatch, out, studies, *words):
    monkeypatch.setattr(sys, "argv", ["script", str(out), f"--studies={studies}", *words])
    script["main"]()


def test_records_have_the_schedule_s_shares_and_starts_however_long_they_are():
    schedule, rng = SHARES["SCHEDULE"], np.random.default_rng(0)
    watched = rng.uniform(30, 300, 4000)
    spent, starts = SHARES["record"](np.tile(schedule.mean_s, (4000, 1)), watched, rng)
    time = schedule.frequencies * schedule.mean_s  # seconds by bouts: a renewal reward process
    assert spent.sum(axis=1) == pytest.approx(watched)
    assert spent.sum(axis=0) / watched.sum() == pytest.approx(time / time.sum(), rel=0.05)
    assert starts.sum(axis=0) / watched.sum() == pytest.approx(schedule.frequencies / time.sum(), rel=0.05)


@pytest.mark.parametrize("watched", [2.0, 60.0])  # films that are shorter than a bout, too
def test_films_begin_at_any_moment(watched):
    of_two = np.full((2, 10, 4000), watched)
    time, starts, ends = COMPARISONS["films"](of_two, 1.7, 0.0, np.random.default_rng(0))
    assert time.mean() / watched == pytest.approx(10 / 40, rel=0.03)
    assert [starts.mean() / watched, ends.mean() / watched] == pytest.approx([1 / 40, 1 / 40], rel=0.03)


def test_coverage_of_shares_and_rates(tmp_path, monkeypatch, capsys):
    run(SHARES, monkeypatch, tmp_path, 10, "--animals", "6")
    found = pd.read_csv(tmp_path / "coverage.csv").set_index(["watching", "design", "method"])["mean"].unstack()
    assert found.shape == (6, 6)
    assert (found[["ours", "ours, pooled", "ours, pooled rate"]].mean() > 0.9).all()
    assert found["percentiles, animals"].mean() < 0.85
    assert "true shares {'Graze': 0.561" in capsys.readouterr().out


def test_coverage_of_comparisons(tmp_path, monkeypatch, capsys):
    small = ((1.0,), (0.3,), (6, 12), (2, 5), (1.0, 0.3))
    monkeypatch.setitem(COMPARISONS["main"].__globals__, "GRID", small)
    run(COMPARISONS, monkeypatch, tmp_path, 20)
    ratios, null = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("ratios", "no_effect"))
    assert (len(ratios), ratios["rate"].mean() > 0.9) == (8, True)
    ours, others = (null.loc[null["ours"] == kept, "p"].mean() for kept in (True, False))
    assert (null["ours"].sum(), ours < 0.1, others > 0.1) == (10, True, True)
    assert "differences found by p, ours: 0.0" in capsys.readouterr().out


def test_medians_are_of_durations_of_which_a_quarter_is_cut(monkeypatch, capsys):
    medians = runpy.run_path(str(SCRIPTS / "coverage_medians.py"))
    time_s, ended, session = medians["study"](400, np.random.default_rng(0))
    assert np.unique(session).tolist() == list(range(400))
    assert ended.mean() == pytest.approx(0.75, abs=0.03)
    assert time_s.max() > 60
    monkeypatch.setattr(sys, "argv", ["script", "--studies=40", "--sessions=10"])
    medians["main"]()
    held = float(capsys.readouterr().out.split("sessions: ")[1].split(" hold")[0])
    assert held > 0.8


def test_a_memory_that_is_not_there_is_seldom_found(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["script", "--studies=40", "--sessions=10", "--shapes=1"])
    runpy.run_path(str(SCRIPTS / "coverage_memory.py"), run_name="__main__")
    held, ours, independent = (float(part.split()[0].strip(";,")) for part in capsys.readouterr().out.split(" in ")[1:])
    assert held > 0.85 and ours < 0.15 and independent < 0.5
