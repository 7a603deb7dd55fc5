"""KABR's released X3D-L on KABR's validation clips: real errors, on which no correction beats what is told."""

import runpy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.ethology.behaviours import BehaviourSettings
from pipeline.ethology.correction.budgets import corrected_budgets
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.ethogram import Behaviour, EthogramSettings, resolve
from pipeline.evaluation.held_out import held_out
from pipeline.evaluation.outcomes import read_outcomes
from tests.ethology.correction.made import bouts
from tests.ethology.made import statistics

SCRIPT = runpy.run_path(str(Path(__file__).parents[3] / "scripts" / "correct_budgets.py"))
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def predictions(real):
    return real / "published" / "kabr_x3d_val_predictions.csv"


def test_medians_of_total_variation(predictions):
    clips = SCRIPT["Clips"].read(predictions)
    assert "condition number 1,364, without Auto-Groom, Occluded 2.8" in clips.words()
    found = SCRIPT["halves"](clips, np.random.default_rng(0))
    random, blocks = found.iloc[0], found.iloc[1]
    assert (random["raw"], random["post-stratified"]) == (
        pytest.approx(0.018, abs=1e-3),
        pytest.approx(0.012, abs=1e-3),
    )
    assert (blocks["raw"], blocks["post-stratified"]) == (
        pytest.approx(0.022, abs=1e-3),
        pytest.approx(0.035, abs=2e-3),
    )
    assert random["inverted"] == pytest.approx(0.27, abs=0.03)  # it blows up: medians of 300 halves differ so much
    assert blocks["inverted"] == pytest.approx(0.38, abs=0.05)


def corrected(predictions, behaviours, **changes):
    """The budget of what is told of all clips, corrected by the same clips: no proof, but exact but for shrinking."""
    outcomes = read_outcomes(predictions, block=50)
    ethogram = resolve(EthogramSettings(behaviours, {}), outcomes.behaviours)
    told = held_out(replace(outcomes, grouped=True), ethogram, BehaviourSettings(0.0, {}, False, 0.0, 0.0, 0.0))
    seen = told[(told["true"] != "not visible") & (told["told"] != "not visible")]
    shares = {name: float(n) for name, n in seen["told"].value_counts().items()}
    settings = CorrectionSettings(**changes)
    found, _ = corrected_budgets(bouts(("s", "", "zebra", shares)), told, ethogram, statistics(), settings)
    return found[found["level"] == "pooled"].set_index("behaviour"), seen["true"].value_counts(normalize=True)


def test_refused_with_all_eight_behaviours(predictions):
    found, _ = corrected(predictions, [])
    assert set(found["method"]) == {
        "raw only: fewer than 30 held-out clips in 5 recordings: Auto-Groom (4 in 4), Trot (17 in 6); merge or audit"
    }
    assert found["corrected"].isna().all()
    assert found["raw"].notna().all()
    found, _ = corrected(predictions, [], min_clips=1, min_recordings=2)
    assert found["condition"].iloc[0] == pytest.approx(1364, abs=1)  # scores are stored with four decimals
    assert found["method"].str.fullmatch("raw only: condition number 1,36. exceeds 10").all()
    found, _ = corrected(predictions, [], merge={"Auto-Groom": "Other", "Occluded": "Other", "Trot": "Run"})
    assert found["method"].str.fullmatch("raw only: condition number 130.. exceeds 10").all()  # Occluded is hardly told


def test_corrected_where_what_is_rare_is_merged_and_occluded_is_not_visible(predictions):
    names = ["Walk", "Graze", "Browse", "Head_Up", "Auto-Groom", "Trot", "Run"]
    ethogram = [*map(Behaviour, names), Behaviour("Occluded", visible=False)]
    found, true = corrected(predictions, ethogram, merge={"Auto-Groom": "Head_Up", "Trot": "Run"})
    assert found["condition"].iloc[0] == pytest.approx(2.8, abs=0.2)
    assert found["merged"].tolist() == ["", "", "", "Head_Up + Auto-Groom", "Trot + Run"]
    for name in ("Walk", "Graze", "Browse"):
        assert found.loc[name, ["corrected", "poststratified"]].tolist() == pytest.approx([true[name]] * 2, abs=1e-6)
    assert found.loc["Run", "corrected"] == pytest.approx(true["Run"] + true["Trot"], abs=1e-6)
