"""Other names for behaviours, on the command line and from files."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import compose
from pipeline.errors import TableError
from pipeline.formats.renames import renames
from pipeline.plan import agree_plan, evaluation_plan, training_plan
from tests.formats.labels import real, write

KABR_TOOLS = json.dumps({"Walking": "Walk", "Head Up": "Head Up", "Out of Focus": None}, indent="\t")
FOUND = {"Walking": "Walk", "Head Up": "Head Up", "Out of Focus": ""}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("old2new.json", KABR_TOOLS),
        ("mine.yaml", "# my own words\nWalking: Walk\nHead Up: Head Up\nOut of Focus:\n"),
        ("mine", "{Walking: Walk, Head Up: Head Up, Out of Focus: ''}"),
    ],
)
def test_a_file_of_names(tmp_path: Path, name: str, text: str) -> None:
    assert renames(str(write(tmp_path / name, text))) == FOUND


@pytest.mark.parametrize(
    ("verb", "plan", "more"),
    [
        ("train", training_plan, ["data=clips", "out=mine"]),
        ("evaluate", evaluation_plan, ["run=herd", "labels=a.csv"]),
        ("agree", agree_plan, ["coders=[a.csv,b.csv]"]),
    ],
)
def test_every_verb_takes_words_and_a_file(tmp_path: Path, verb: str, plan: Any, more: list[str]) -> None:
    path = write(tmp_path / "it's mine.json", KABR_TOOLS)
    made = plan(compose(verb, [f'old2new="{path}"', *more]))
    assert made.old2new == FOUND
    if verb == "train":  # kept beside the checkpoints: another content of the file is another training
        assert made.settings["old2new"] == FOUND
    word = "{7: Walk, Out of Sight: null, Dusting: ''}"  # BORIS's codes may be numbers
    assert plan(compose(verb, [f"old2new={word}", *more])).old2new == {"7": "Walk", "Out of Sight": "", "Dusting": ""}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Walking: Walk\nno: Head Up\n", r"mine.yaml: False: 'Head Up' are no two names; put words as yes and null in"),
        ("Walking: [Walk, Trot]\n", r"mine.yaml: 'Walking': \['Walk', 'Trot'\] are no two names"),
        ("- Walking\n", r"mine.yaml: it must give each old name its new one, as Walking: Walk, got \['Walking'\]$"),
        ("", r"mine.yaml: it must give each old name its new one, as Walking: Walk, got None$"),
        ("Walking: 'Walk\n", r"mine.yaml: neither JSON nor YAML: while scanning"),
        (b"\xff\xfe", r"mine.yaml: not UTF-8 text"),
    ],
)
def test_files_that_hold_no_names(tmp_path: Path, text: str | bytes, fault: str) -> None:
    with pytest.raises(TableError, match=fault) as error:
        renames(str(write(tmp_path / "mine.yaml", text)))
    assert "\n" not in str(error.value)


def test_words_that_are_no_names(tmp_path: Path) -> None:
    assert renames(None) == renames({}) == {}
    with pytest.raises(TableError, match=r"old2new: it must give each old name its new one, .* got \['a', 'b'\]"):
        renames(["a", "b"])
    with pytest.raises(TableError, match=r"cannot read .*none.json: No such file"):
        renames(str(tmp_path / "none.json"))


def test_kabr_tools_own_file() -> None:
    found = renames(str(real() / "kabr_fixture" / "old2new.json"))
    assert (len(found), found["Trotting"], found["Walk"]) == (22, "Trot", "Walk")
