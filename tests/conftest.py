"""Fixtures that several tests share."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from pipeline.build import build
from pipeline.chain import study
from pipeline.chain.families import FAMILIES
from pipeline.config import RIVALS, SETTINGS, config_folder, schema_of
from tests.composing import composed


@pytest.fixture(scope="session", autouse=True)
def composed_once() -> Iterator[None]:
    """Settings are composed by Hydra once for each verb and its choices, not by every test anew."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.config.hydra_compose", composed)
        yield


@pytest.fixture
def configured() -> Callable[..., Any]:
    """``configured("tracker", "sort", max_gap_s=2.0)``: what configs/tracker/sort.yaml builds, with changes."""

    def make(group: str, name: str = "default", **changes: Any) -> Any:
        target = RIVALS[group][name] if group in RIVALS else SETTINGS[group]
        values = OmegaConf.load(config_folder() / group / f"{name}.yaml")
        values.pop("defaults", None)
        schema = OmegaConf.structured(schema_of(target, named=False))
        whole = OmegaConf.create({"runtime": {"device": "cpu", "half": False}})
        whole["it"] = OmegaConf.merge(schema, values, changes)
        return build(whole["it"], target)

    return make


def leave_out_the_rest(patch: pytest.MonkeyPatch, *kept: str) -> None:
    """Of the stages over all videos only those that everything rests on, those that are asked for, and those named."""
    wanted = [stage for stage in study.STUDY_STAGES if stage.name in (study.TABLES, *kept) or stage.asked]
    patch.setattr(study, "STUDY_STAGES", tuple(wanted))


@pytest.fixture
def tables_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what is told in tables: no figures, no page, nothing deeper, which take most of the time."""
    leave_out_the_rest(monkeypatch)


def empty_figure(figure: Any, path: Path, *_: Any) -> list[Path]:
    """Instead of ``report.style.save``: the file is there, and nothing in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>')
    return [path]


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what a page says, not of what it shows: every figure is drawn, and an empty one written."""
    monkeypatch.setattr("pipeline.report.figures.save", empty_figure)


@pytest.fixture
def page_alone(monkeypatch: pytest.MonkeyPatch, no_pictures: None) -> None:
    """For tests of what a page says of a run: no pictures, and of what goes deeper the tables without rows."""
    leave_out_the_rest(monkeypatch, study.REPORT)
    bare = {table.name: table.empty() for of_family in FAMILIES.values() for table in of_family}
    monkeypatch.setattr(study, "_of_families", lambda desk: bare)


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of real footage; the test is skipped where there is none."""
    folder = os.environ.get("ETHOPIPE_REAL")
    if not folder:
        pytest.skip("real footage is not here: set ETHOPIPE_REAL to its folder")
    return Path(folder)


gc.disable()  # while tests are collected: what is imported stays, and to look through it takes a quarter of the time


def pytest_collection_finish() -> None:
    """From now on garbage is looked for, but not among what was imported."""
    gc.freeze()
    gc.enable()


LONGEST = ("test_tutorial.py", "test_killed_twice", "test_fits.py", "test_run_clips.py", "test_embedded_models.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests first, so that of several workers none waits for another at the end."""
    items.sort(key=lambda item: next((k for k, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST)))
