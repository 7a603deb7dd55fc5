"""Checksums of a model's folder, as the common tool reads and writes them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.checksums import SUMS, files_of, read_sums, write_sums
from pipeline.errors import ModelError

NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # sha256 of no bytes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.csv", "a weight.safetensors", "README.md", ".part-x", SUMS):
        (tmp_path / name).touch()
    (tmp_path / "training").mkdir()
    return tmp_path


def test_what_makes_a_model(folder: Path) -> None:
    assert [path.name for path in files_of(folder)] == ["a weight.safetensors", "b.csv"]


def test_what_is_written_is_read_back(folder: Path) -> None:
    write_sums(folder)
    assert (folder / SUMS).read_text() == f"{NOTHING}  a weight.safetensors\n{NOTHING}  b.csv\n"
    assert read_sums(folder) == {"a weight.safetensors": NOTHING, "b.csv": NOTHING}
    write_sums(folder, ["b.csv"])
    assert read_sums(folder) == {"b.csv": NOTHING}


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="this system has no sha256sum")
def test_the_common_tool_says_the_same(folder: Path) -> None:
    write_sums(folder)
    assert subprocess.run(["sha256sum", "--strict", "-c", SUMS], cwd=folder, capture_output=True).returncode == 0
    (folder / "b.csv").write_text("else")
    assert subprocess.run(["sha256sum", "--strict", "-c", SUMS], cwd=folder, capture_output=True).returncode == 1


def test_nothing_is_recorded(tmp_path: Path) -> None:
    assert read_sums(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("words\n", "1"),  # something else
        (f"{NOTHING}  a\n\n{NOTHING[:-1]}  b\n", "3"),  # a digit is missing
        (f"{NOTHING}  ../a\n{NOTHING}  b/c\n", "1, 2"),  # other folders are nobody's business
    ],
)
def test_lines_that_are_no_checksums(tmp_path: Path, text: str, lines: str) -> None:
    (tmp_path / SUMS).write_text(text)
    with pytest.raises(ModelError, match=rf"{SUMS}: not '<sha256>  <file>' in lines {lines}; write or fetch"):
        read_sums(tmp_path)
