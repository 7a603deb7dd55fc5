"""Clips told as a run would tell them."""

import numpy as np
import pytest

from pipeline.errors import UsageError
from pipeline.ethology.behaviours import BehaviourSettings
from pipeline.ethology.correction.settings import CorrectionSettings
from pipeline.ethology.correction.tables import HELD_OUT
from pipeline.ethology.ethogram import Behaviour, EthogramSettings, resolve
from pipeline.evaluation.held_out import FILE, held_out, read_held_out
from pipeline.evaluation.outcomes import Outcomes, read_outcomes
from pipeline.model_folder import CARD

WORDS = ("Walk", "Trot", "Graze", "Occluded")
WRITTEN = [Behaviour("Moving"), Behaviour("Graze"), Behaviour("Occluded", visible=False)]
ETHOGRAM = resolve(EthogramSettings(WRITTEN, {"Walk": "Moving", "Trot": "Moving"}), WORDS)


def outcomes(rows, grouped=True, species=None, words=WORDS):
    """From (probabilities, what is true as letters W T G O) a clip."""
    truth = np.array([["WTGO"[k] in true for k in range(len(words))] for _, true in rows])
    told = np.array([p for p, _ in rows], dtype=float).reshape(-1, len(words))
    group = np.array([f"g{k // 2}" for k in range(len(rows))], dtype=object)
    named = None if species is None else np.array(species, dtype=object)
    return Outcomes(words, told, truth.reshape(-1, len(words)), group, named, grouped)


def made(given, ethogram=ETHOGRAM, **thresholds):
    return held_out(given, ethogram, BehaviourSettings(0.4, thresholds, False, 0.0, 0.0, 0.5))


@pytest.mark.parametrize(
    ("probabilities", "true", "wanted"),
    [
        ([0.3, 0.3, 0.4, 0.0], "W", ("Moving", "Moving")),  # words of one behaviour add up
        ([0.1, 0.1, 0.7, 0.1], "T", ("Moving", "Graze")),
        ([0.3, 0.05, 0.35, 0.3], "G", ("Graze", "unknown")),  # under min_confidence
        ([0.1, 0.1, 0.2, 0.6], "G", ("Graze", "not visible")),
        ([0.1, 0.1, 0.7, 0.1], "O", ("not visible", "Graze")),
        ([0.9, 0.0, 0.1, 0.0], "WT", ("Moving", "Moving")),  # two words, one behaviour
    ],
)
def test_what_a_run_would_tell(probabilities, true, wanted):
    found = made(outcomes([(probabilities, true)]))
    assert found[["true", "told"]].to_numpy().tolist() == [list(wanted)]
    assert found.columns.tolist() == HELD_OUT.names


def test_thresholds_are_the_runs():
    given = outcomes([([0.1, 0.1, 0.7, 0.1], "G")])
    assert made(given)["told"].tolist() == ["Graze"]
    assert made(given, Graze=0.8)["told"].tolist() == ["unknown"]


def test_frequencies_are_not_corrected_for_twice():
    rules = BehaviourSettings(0.4, {}, False, 0.6, 0.0, 0.5)
    with pytest.raises(UsageError, match=r"behaviours.adapt=0.6 .*run with behaviours.adapt=0, or without held_out"):
        held_out(outcomes([([0.1, 0.1, 0.7, 0.1], "G")]), ETHOGRAM, rules)


def test_clips_of_several_behaviours_are_left_out():
    given = outcomes([([0.9, 0.0, 0.1, 0.0], "WG"), ([0.9, 0.0, 0.1, 0.0], "W")], species=["zebra", "giraffe"])
    assert made(given)[["recording", "species", "true"]].to_numpy().tolist() == [["g0", "giraffe", "Moving"]]


def test_each_set_has_its_own_truth_and_the_rest_takes_what_is_left():
    written = [
        Behaviour("Walk"), Behaviour("Trot"),
        Behaviour("Graze", set="mouth"), Behaviour("Quiet", set="mouth", rest=True),
    ]  # fmt: skip
    ethogram = resolve(EthogramSettings(written, {}), WORDS[:3])
    found = made(outcomes([([0.9, 0.1, 0.1], "W"), ([0.8, 0.1, 0.9], "WG")], words=WORDS[:3]), ethogram)
    rows = found[["set", "true", "told"]].to_numpy().tolist()
    assert rows == [
        ["behaviour", "Walk", "Walk"], ["behaviour", "Walk", "Walk"],
        ["mouth", "Quiet", "Quiet"], ["mouth", "Graze", "Graze"],
    ]  # fmt: skip


def test_the_file_of_a_models_folder(tmp_path):
    (tmp_path / "held_out.csv").write_text(
        "path,row,group,species,p_Walk,p_Trot,p_Graze,p_Occluded,behaviour\n"
        "a.mp4,1,a,zebra,0.7,0.1,0.1,0.1,Walk\nb.mp4,2,b,giraffe,0.1,0.1,0.5,0.3,Occluded\n"
    )
    found = made(read_outcomes(tmp_path / "held_out.csv"))
    assert found.drop(columns=["set", "chose_checkpoint"]).to_numpy().tolist() == [
        ["a", "zebra", "Moving", "Moving"], ["b", "giraffe", "not visible", "Graze"],
    ]  # fmt: skip


def test_no_clip():
    assert len(made(outcomes([]))) == 0


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (outcomes([([0.9, 0, 0.1, 0], "W")], grouped=False), "have no column group: which recording each is of"),
        (outcomes([([0.9, 0, 0.1], "W")], words=WORDS[:3]), "not of the run's recognizer: Occluded only in one of"),
    ],
)
def test_clips_that_do_not_serve(given, text):
    with pytest.raises(UsageError, match=text):
        made(given)


@pytest.mark.parametrize(
    ("card", "file", "chose"),
    [
        ("held_out_chose_checkpoint: true", FILE, True),
        ("held_out_chose_checkpoint: true", "mine.csv", False),  # other clips, beside the model
        ("held_out_chose_checkpoint: false", FILE, False),
        ("", FILE, False),  # an older card does not say
        (None, FILE, False),
    ],
)
def test_the_card_says_whether_the_clips_chose_the_checkpoint(card, file, chose, tmp_path):
    (tmp_path / file).write_text("group,p_A,p_B,behaviour\nr,0.9,0.1,A\n")
    if card is not None:
        text = "name: x\nbehaviours: [A, B]\nclip: {frames: 1, interval_s: 1}\n"
        (tmp_path / CARD).write_text(text + card)
    rules = BehaviourSettings(0.4, {}, False, 0.0, 0.0, 0.5), CorrectionSettings()
    for path in {tmp_path / file, tmp_path if file == FILE else tmp_path / file}:
        found = read_held_out(path, resolve(EthogramSettings([], {}), ("A", "B")), *rules)
        assert found["chose_checkpoint"].tolist() == [chose]
