"""What class numbers mean, and that nobody guesses in which order they count."""

import json
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import MissingPart, TableError
from pipeline.formats.class_names import class_names
from pipeline.formats.scores import KABR
from tests.formats.labels import write

TWO = {0: "Walk", 1: "Graze"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"Walk": 0}', {0: "Walk"}),
        ('{"Graze": 1, "Walk": 0}', TWO),  # the order in the file means nothing
        ('{"0": "Walk", "1": "Graze"}', TWO),
        ('["Walk", "Graze"]', TWO),
        (json.dumps(dict(zip(KABR, range(8), strict=True))), dict(enumerate(KABR))),
        ('{"Eating": 0, "Walking": 1}', {0: "Eating", 1: "Walking"}),  # by alphabet, but not KABR's behaviours
    ],
)
def test_classes_json(tmp_path: Path, text: str, names: dict[int, str]) -> None:
    write(tmp_path / "classes.json", text)
    assert class_names(tmp_path) == names


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({name: number for number, name in enumerate(sorted(KABR))}),
        json.dumps(sorted(KABR)),
    ],
)
def test_kabr_by_alphabet_is_refused_until_somebody_says_how_the_labels_count(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path / "classes.json", text)
    with pytest.raises(TableError, match=r"counts KABR's behaviours by alphabet, .*classes='\[Auto-Groom, Br"):
        class_names(tmp_path)
    assert class_names(tmp_path, sorted(KABR))[0] == "Auto-Groom"
    assert class_names(tmp_path, KABR)[0] == "Walk"
    assert "classes.json is not read: classes names the behaviours" in caplog.text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{}", "no class in it"),
        ("{", "not JSON"),
        ("7", "expected numbers of behaviours, as"),
        ('{"Walk": 0, "Graze": 2}', "nothing has the number 1"),
        ('{"Walk": 1, "Graze": 2}', "nothing has the number 0"),
        ('{"Walk": 0, "Graze": 0}', "several behaviours have the number 0"),
        ('["Walk", "Walk", ""]', "'Walk' is twice; '' is no name"),
        ('["Walk|Graze"]', r"'Walk\|Graze' is no name"),
    ],
)
def test_broken_classes_json(tmp_path: Path, text: str, fault: str) -> None:
    write(tmp_path / "classes.json", text)
    with pytest.raises(TableError, match=fault):
        class_names(tmp_path)


def test_nothing_names_the_classes(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"neither classes.json nor df_action.xlsx or df_action.csv; give cl"):
        class_names(tmp_path)
    with pytest.raises(TableError, match="classes: 'Walk' is twice"):
        class_names(tmp_path, ["Walk", "Walk"])


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        ("Eating,1\nAbseiling,0\n", {0: "Abseiling", 1: "Eating"}),  # the order of the rows means nothing
        ("Laying Eggs,1\nLying Down,0\n", {0: "Lying Down", 1: "Laying Eggs"}),  # nor does the alphabet
        ("Abseiling,1\nEating,2\n", "nothing has the number 0"),  # S/N was taken
        ("Abseiling,0\nEating,0\n", "line 3: index 0 is there twice"),
        ("Abseiling,a\nEating,.5\n", "line 2: index must be a number, got 'a'; line 3: index must be a whole number"),
    ],
)
def test_the_actions_of_animal_kingdom_saved_as_csv(tmp_path: Path, rows: str, names: dict[int, str] | str) -> None:
    write(tmp_path / "df_action.csv", "action,index\n" + rows)
    if isinstance(names, dict):
        assert class_names(tmp_path) == names
        return
    with pytest.raises(TableError, match=names):
        class_names(tmp_path)


def test_the_actions_of_animal_kingdom_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "df_action.xlsx", b"PK")
    monkeypatch.setattr("pipeline.formats.workbook.find_spec", lambda name: None)
    with pytest.raises(MissingPart, match=r"openpyxl not installed, and .*action.xlsx needs it: pip install 'ethopipe"):
        class_names(tmp_path)
    monkeypatch.undo()
    pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    with pytest.raises(TableError, match=r"cannot read .*df_action.xlsx as a workbook"):
        class_names(tmp_path)
    table = pd.DataFrame({"S/N": [1, 2], "action": ["Yawning", "Abseiling"], "index": [1, 0], "count": [5, 7]})
    table.to_excel(path, sheet_name="AR_count", index=False)
    assert class_names(tmp_path) == {0: "Abseiling", 1: "Yawning"}
