"""Means of weights: of a fit's with those that it began from."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from pipeline.chain.progress import Silent
from pipeline.errors import UsageError
from pipeline.training.average import between
from pipeline.training.train import train
from tests.training.clips import write_squares
from tests.training.test_train import planned


def test_the_mean_lies_between_and_counts_are_the_later_ones() -> None:
    before = {"weight": torch.tensor([0.0, 4.0]), "seen": torch.tensor(3)}
    after = {"weight": torch.tensor([1.0, 0.0]), "seen": torch.tensor(8)}
    mean = between(before, after, 0.25)
    assert mean["weight"].tolist() == [0.75, 1.0]
    assert int(mean["seen"]) == 8


def test_a_share_of_the_weights_that_a_fit_began_from_is_saved(tmp_path: Path) -> None:
    data = write_squares(tmp_path / "squares")
    first = train(planned(data, tmp_path / "first"), Silent())
    words = [f"init={first}", "fit.average=0", "fit.learning_rate=0.02", "fit.round_steps=1000"]  # one round
    whole, part = (train(planned(data, tmp_path / f"{k}", *words, f"fit.keep={k}"), Silent()) for k in (0, 0.25))
    before, fitted, kept = (load_file(folder / "model.safetensors") for folder in (first, whole, part))
    inside = [name for name in before if "encoder" in name]
    assert max(float((before[name] - fitted[name]).abs().max()) for name in inside) > 0.01
    for name in inside:
        mean = 0.25 * before[name].float() + 0.75 * fitted[name].float()
        np.testing.assert_allclose(kept[name].float(), mean, atol=2e-4, rtol=1e-3)  # three roundings to half precision


def test_the_curves_are_of_the_mean(tmp_path: Path) -> None:
    data = write_squares(tmp_path / "squares")
    first = train(planned(data, tmp_path / "first"), Silent())
    words = [f"init={first}", "fit.average=0", "fit.learning_rate=0.02"]
    folders = (train(planned(data, tmp_path / f"{k}", *words, f"fit.keep={k}"), Silent()) for k in (0, 0.999))
    fitted, kept = (pd.read_csv(folder / "curves.csv") for folder in folders)
    assert len(kept) > 1
    np.testing.assert_allclose(kept["loss"], fitted["loss"])  # it learns alike
    assert np.ptp(fitted["held_out_loss"]) > 10 * np.ptp(kept["held_out_loss"])  # and is hardly judged to have moved


def test_a_network_that_begins_from_nothing_has_nothing_to_keep(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"fit.keep=0.25 is a share of init's weights: name init, or set fit.keep=0"):
        planned(tmp_path, tmp_path / "new", "fit.keep=0.25")
