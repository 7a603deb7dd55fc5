"""Clips on both sides of a split: one file under two groups, one recording under two names."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from pipeline import cli
from pipeline.errors import UsageError
from pipeline.training.labels import NAME, read_labels
from pipeline.training.leaks import check_leaks
from pipeline.types import Image
from tests.footage import write_video
from tests.training.clips import write_squares
from tests.training.test_train import TINY

SIDES = np.array([0, 1]), np.array([2, 3])


def scenery(seed: int) -> Image:
    """Soft hills of light that no other seed has."""
    rng = np.random.default_rng(seed)
    return cv2.resize(rng.integers(0, 255, (9, 12, 3), dtype=np.uint8), (64, 48), interpolation=cv2.INTER_CUBIC)


def folder(tmp_path: Path, pictures: list[Image], groups: str = "abcd", names: str = "wxyz") -> Path:
    for name, picture in dict(zip(names, pictures, strict=True)).items():
        write_video(tmp_path / f"{name}.mp4", [picture] * 6)
    rows = [f"{name}.mp4,Walk,{group},{k * 0.05}" for k, (name, group) in enumerate(zip(names, groups, strict=True))]
    (tmp_path / NAME).write_text("path,behaviour,group,start_s\n" + "\n".join(rows) + "\n")
    return tmp_path


def test_four_recordings_are_four(tmp_path: Path) -> None:
    check_leaks(read_labels(folder(tmp_path, [scenery(k) for k in range(4)])), *SIDES)


def test_one_file_under_two_groups(tmp_path: Path) -> None:
    labels = read_labels(folder(tmp_path, [scenery(k) for k in (0, 1, 2, 0)], names="wxyw"))
    with pytest.raises(
        UsageError, match=r"w.mp4 from 0 s \(group a\) and w.mp4 from 0.15 s \(group d\) are of one file"
    ):
        check_leaks(labels, *SIDES)


def test_one_recording_under_two_names(tmp_path: Path) -> None:
    again = cv2.resize(cv2.resize(scenery(1), (48, 36)), (64, 48))  # another size, another compression
    labels = read_labels(folder(tmp_path, [scenery(0), scenery(1), again, scenery(3)]))
    with pytest.raises(
        UsageError, match=r"x.mp4 from 0.05 s \(group b\) and y.mp4 .* show nearly the same picture; give"
    ):
        check_leaks(labels, *SIDES)


def test_plain_pictures_are_like_any_other(tmp_path: Path) -> None:
    grey = np.full((48, 64, 3), 90, dtype=np.uint8)
    check_leaks(read_labels(folder(tmp_path, [grey] * 4)), *SIDES)


def test_a_row_of_an_array_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_squares(tmp_path / "s")
    rows = pd.read_csv(tmp_path / "s" / NAME)
    twice = rows[rows["group"] == "scene 0"].assign(group="scene 9")
    pd.concat([rows, twice]).to_csv(tmp_path / "s" / NAME, index=False)
    words = ["train", f"data={tmp_path / 's'}", *TINY, "fit.held_out=0.5"]
    codes = [cli.main([*words, f"out={tmp_path / str(seed)}", f"seed={seed}"]) for seed in range(4)]
    assert 1 in codes  # where the two groups are parted
    assert "are of one file; give clips of one recording one group, or set check_leaks=false" in capsys.readouterr().err
    seed = codes.index(1)
    assert cli.main([*words, f"out={tmp_path / 'm'}", f"seed={seed}", "check_leaks=false"]) == 0
