"""Cross-validation: every clip judged once by a model that never saw its group, and a model of all clips kept."""

import re
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.cli import main
from pipeline.errors import UsageError
from pipeline.evaluation.outcomes import read_outcomes
from pipeline.recognizers.folder import read_card
from pipeline.training import crossed, frozen
from pipeline.training import train as training
from pipeline.training.alike import Hashes
from pipeline.training.fit import LAST
from tests.training.clips import write_squares
from tests.training.stopping import Stopping
from tests.training.test_fits import COMMON, fitted, several, weights
from tests.training.test_train import TINY, differ

FIT = [word for word in TINY if not word.startswith("split.")]
PROBE = [*(word for word in COMMON if not word.startswith("split.")), "fit=probe", "fit.views=2"]


@pytest.fixture(scope="module")
def squares(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_squares(tmp_path_factory.mktemp("squares"), per_group=1)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small network that knows something of other squares."""
    data = write_squares(tmp_path_factory.mktemp("others"), seed=1)
    words = ["fit.steps=10", "fit.round_steps=10", "fit.average=0"]
    return fitted(data, tmp_path_factory.mktemp("models") / "taught", *TINY, *words)


@pytest.fixture(autouse=True)
def threads() -> Any:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


SCORES = ["p_left", "p_right", "p_still"]


def checkpoint(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(folder / LAST, weights_only=True)
    return found


def test_every_clip_is_judged_once_by_a_model_that_never_saw_its_group(
    squares: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    learnt: list[list[int]] = []
    original, hashed = crossed.by_descent, []
    monkeypatch.setattr(crossed, "by_descent", lambda *given: [learnt.append(given[3].tolist()), original(*given)][1])
    looked = Hashes.of
    monkeypatch.setattr(Hashes, "of", lambda self, clips: [looked(self, clips), hashed.append(len(self._kept))][0])
    out = tmp_path / "m"
    assert main(["train", f"data={squares}", f"out={out}", *FIT, "split.folds=4", "fit.patience=1"]) == 0
    table = pd.read_csv(out / "held_out.csv")
    assert table["row"].groupby(table["path"]).apply(sorted).explode().tolist() == [*range(10), 0, 1]  # each once
    groups = table["group"]
    assert len(learnt) == 5
    for fold in range(4):
        held = set(groups[table["fold"] == fold])
        assert len(held) == 1
        assert not held & set(groups.iloc[learnt[fold]])
        assert len(learnt[fold]) == 9
    assert learnt[4] == list(range(12))  # the model that is kept
    assert max(hashed) == 12  # pictures are hashed once for all folds
    check_figures(out, table, capsys.readouterr().err)


def check_figures(out: Path, table: pd.DataFrame, said: str) -> None:
    """Together, fold by fold, on the card and as printed, of the 12 squares."""
    found = table[SCORES].to_numpy().argmax(axis=1)
    right = np.array(["left", "right", "still"])[found] == table["behaviour"]
    card, folds = read_card(out), pd.read_csv(out / "folds.csv")
    assert card.trained_on == (
        "12 clips of 4 groups; figures by cross-validation: each of these clips was told by one of 4 other models, "
        "fitted alike, that never saw its group; they also chose the temperature of the probabilities and the "
        "thresholds; log_loss, held_out.csv and reliability.png are of probabilities that other groups calibrated"
    )
    assert card.held_out_chose_checkpoint is False
    assert card.metrics["top1"] == round(float(right.mean()), 4)
    assert folds.columns.tolist() == ["fold", "clips", "groups", "macro_top1", "top1", "log_loss"]
    assert folds[["clips", "groups"]].to_numpy().tolist() == [[3, 1]] * 4
    by_fold = right.groupby(table["fold"]).mean()
    np.testing.assert_allclose(folds["top1"], by_fold, atol=5e-5)
    assert card.metrics["top1 mean of folds"] == pytest.approx(by_fold.mean(), abs=1e-4)
    assert card.metrics["top1 sd of folds"] == pytest.approx(by_fold.std(ddof=1), abs=1e-4)
    assert "12 clips of 3 behaviours of 4 groups; 4 folds of 3, 3, 3, 3, each judged by a model of the others" in said
    assert "fold 3: 9 clips to learn from, 3 to judge by" in said
    assert "the model that is kept: all 12 clips to learn from" in said
    assert re.search(r"fold 0 +3 +1 ", said)
    assert re.search(rf"mean of folds +[01]\.\d+ +{by_fold.mean():.3f} ", said)
    assert re.search(r"together +12 +4 ", said)
    assert "fit.patience is not used: no held-out clip is looked at before" in said
    assert "held out" not in said  # nothing is looked at while a fold is fitted
    assert pd.read_csv(out / "curves.csv").columns.tolist() == ["step", "learning_rate", "loss", "landmark_loss"]
    assert int(pd.read_csv(out / "confusion.csv").iloc[:, 1:].to_numpy().sum()) == 12
    assert len(read_outcomes(out / "held_out.csv")) == 12


AUGMENTED = [*FIT, "augmentation=default", "split.folds=3"]


@pytest.fixture(scope="module")
def whole(squares: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unbroken cross-validation."""
    return fitted(squares, tmp_path_factory.mktemp("models") / "whole", *AUGMENTED)


@pytest.mark.parametrize("stop_after", [8, 20])  # of 6 steps a fit: in the second fold; in the model that is kept
def test_a_stopped_fold_goes_on_where_it_was(
    squares: Path, whole: Path, tmp_path: Path, stop_after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = Stopping(monkeypatch, stop_after)
    parts = tmp_path / "parts"
    with pytest.raises(KeyboardInterrupt):
        fitted(squares, parts, *AUGMENTED)
    fold, step = divmod(stop_after, 6)
    place = parts / "training" / f"fold_{fold}" / "training" if fold < 3 else parts / "training"
    assert checkpoint(place)["global_step"] == step
    assert not (parts / "card.yaml").exists()
    assert sorted(path.parent.name for path in parts.rglob("logits.npy")) == [f"fold_{k}" for k in range(fold)]
    steps.seen = -1000
    fitted(squares, parts, *AUGMENTED)
    assert steps.seen + 1000 == 4 * 6 - stop_after  # no step twice
    for place in ("training", *(f"training/fold_{k}/training" for k in range(3))):
        assert differ(*(checkpoint(one / place)["state_dict"] for one in (whole, parts))) == 0.0
    for name in ("held_out.csv", "folds.csv", "confusion.csv", "curves.csv", "model.safetensors"):
        assert (whole / name).read_bytes() == (parts / name).read_bytes(), name


def test_frozen_features_are_looked_at_once(
    squares: Path, taught: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = f"fit.cache={tmp_path / 'features'}"
    looked: list[int] = []
    original = frozen.features
    monkeypatch.setattr(
        frozen, "features", lambda views, *rest: [looked.append(len(views.clips)), original(views, *rest)][1]
    )
    monkeypatch.setattr(training, "logits_of", lambda *_: pytest.fail("looked at again, to judge"))
    out = fitted(squares, tmp_path / "m", *PROBE, cache, f"init={taught}", "split.folds=3")
    assert looked == [12]
    assert len([*(tmp_path / "features").glob("*.npy")]) == 1
    monkeypatch.undo()
    together = pd.read_csv(out / "held_out.csv")
    for fold in (0, 2):  # the same as with that fold held out alone, but for the temperature
        words = [*PROBE, f"init={taught}", "split.folds=3", f"split.fold={fold}"]
        alone = pd.read_csv(fitted(squares, tmp_path / str(fold), *words) / "held_out.csv")
        own = together[together["fold"] == fold]
        assert own[["path", "row"]].to_numpy().tolist() == alone[["path", "row"]].to_numpy().tolist()
        for group in set(own["group"]):  # has its temperature of the others
            both = (table.loc[table["group"] == group, SCORES].to_numpy() for table in (own, alone))
            one, other = (np.log(told) - np.log(told).mean(axis=1, keepdims=True) for told in both)
            by = (one * other).sum() / (other**2).sum()
            np.testing.assert_allclose(one, by * other, atol=0.02 * np.abs(one).max())
    kept = fitted(squares, tmp_path / "again", *PROBE, cache, f"init={taught}", "split.folds=2")  # other folds
    assert len([*(tmp_path / "features").glob("*.npy")]) == 1
    ratio = weights(kept)["classifier.weight"].float() / weights(out)["classifier.weight"].float()
    torch.testing.assert_close(ratio, ratio.mean().expand_as(ratio), rtol=0.02, atol=0)  # learnt from all: but for T


def test_several_behaviours_at_once(squares: Path, taught: Path, tmp_path: Path) -> None:
    data = several(squares, tmp_path / "data")
    out = fitted(data, tmp_path / "m", *PROBE, f"init={taught}", "split.folds=4", "exclusive=false")
    assert pd.read_csv(out / "folds.csv").columns.tolist() == ["fold", "clips", "groups", "map"]
    card = read_card(out)
    assert {"map", "map mean of folds", "map sd of folds", "ap dark"} <= set(card.metrics)
    assert card.trained_on.endswith(
        "never saw its group; they also chose the curves of the probabilities and the thresholds; held_out.csv and "
        "reliability.png are of probabilities that other groups calibrated"
    )
    assert len(read_outcomes(out / "held_out.csv")) == 12


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["split.folds=5"], r"^split.folds=5, but 4 groups can be parted at most$"),
        (["split.folds=1"], r"folds must be >= 2, or 0 for one split, got 1"),
        (["split.folds=3", "fit.devices=2"], r"^folds are fitted one after another by one process: set fit.devices=1"),
        (["split.folds=3", "max_minutes=0.00001"], r"^the time was up before the last step; the same command goes on"),
    ],
)
def test_what_cannot_be_is_one_line(squares: Path, tmp_path: Path, words: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text) as error:
        fitted(squares, tmp_path / "m", *FIT, *words)
    assert "\n" not in str(error.value)


def test_a_behaviour_of_one_fold_only(squares: Path, taught: Path, tmp_path: Path) -> None:
    data = several(squares, tmp_path / "data")
    rows = pd.read_csv(squares / "clips.csv")
    rows.loc[rows["group"] == "scene 2", "behaviour"] = "sleep"
    rows.to_csv(data / "clips.csv", index=False)
    with pytest.raises(UsageError, match=r"cannot be learnt and judged, that occur in one group only: sleep; label"):
        fitted(data, tmp_path / "m", *PROBE, f"init={taught}", "split.folds=4")


def test_leaks_between_folds_are_refused(squares: Path, taught: Path, tmp_path: Path) -> None:
    data = several(squares, tmp_path / "data")
    rows = pd.read_csv(squares / "clips.csv")
    twin = rows[rows["group"] == "scene 0"].assign(group="scene 9")
    pd.concat([rows, twin]).to_csv(data / "clips.csv", index=False)
    with pytest.raises(UsageError, match=r"\(group scene 0\) and .* \(group scene 9\) show the same time of a video"):
        fitted(data, tmp_path / "m", *PROBE, f"init={taught}", "split.folds=5")
    assert [*chain((tmp_path / "m").rglob("*"))] == []
