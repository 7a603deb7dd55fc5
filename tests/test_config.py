"""Every config composes, holds just the settings that its class takes, and builds."""

import inspect
from functools import cache
from pathlib import Path
from typing import Any

import hydra
import pytest
from hydra.core.config_store import ConfigStore
from omegaconf import OmegaConf

from pipeline.build import build
from pipeline.config import (
    DETECTOR_TRAINING,
    FITS,
    RIVALS,
    SCENE,
    SETTINGS,
    TRAINING,
    compose,
    config_folder,
    located,
    register,
)
from pipeline.errors import UsageError
from pipeline.help import help_text
from pipeline.schemas import SCHEMAS

HYDRA = {name: node for name, node in ConfigStore.instance().repo.items() if name != "schema"}
GROUPS = [*RIVALS, *SETTINGS, "runtime"]
NAMES = {group: sorted(path.stem for path in (config_folder() / group).glob("*.yaml")) for group in GROUPS}
CHOICES = [(group, name) for group, names in NAMES.items() for name in names]


@pytest.fixture(autouse=True)
def hydra_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Composed as users' settings are, not as those of other tests."""
    monkeypatch.setattr("pipeline.config.hydra_compose", hydra.compose)


@cache
def together(number: int) -> Any:
    """The settings where of each group that choice is made; after the last the first."""
    return compose("run", [f"{group}={names[number % len(names)]}" for group, names in NAMES.items()])


def chosen(group: str, name: str) -> Any:
    """The group's settings where this is chosen."""
    return together(NAMES[group].index(name))[group]


def test_every_folder_of_configs_is_a_group() -> None:
    folders = {path.name for path in config_folder().iterdir() if path.is_dir() and path.name[0] != "_"}
    assert folders == {*GROUPS, *SCENE, *TRAINING, *FITS}


def test_an_ethogram_of_the_users_own_is_found_where_they_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "it's (mine)" / "configs" / "ethogram"
    folder.mkdir(parents=True)
    text = (config_folder() / "ethogram" / "custom.yaml").read_text(encoding="utf-8").replace("Resting", "Napping")
    for name in ("mine", "kabr"):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(folder.parent.parent)
    assert compose("run", ["ethogram=mine"]).ethogram.behaviours[0].name == "Napping"
    assert "Napping" not in [one.name for one in compose("run", ["ethogram=kabr"]).ethogram.behaviours]  # ours is first
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="Could not find 'ethogram/mine'"):
        compose("run", ["ethogram=mine"])


@pytest.mark.parametrize("name", sorted(path.stem for path in (config_folder() / "fit").glob("*.yaml")))
def test_every_way_to_fit_builds(name: str) -> None:
    config = compose("train", [f"fit={name}", "data=clips", "out=mine"]).fit
    assert config["_target_"] == FITS["fit"][name]
    build(config)


@pytest.mark.parametrize("verb", SCHEMAS)
def test_every_verb_composes_with_its_own_schemas_alone(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConfigStore.instance(), "repo", dict(HYDRA))  # nothing told of other verbs
    register.cache_clear()
    config = compose(verb, [])
    assert not issubclass(SCHEMAS[verb], SCHEMAS["run"]) or set(GROUPS) < set(config)
    register.cache_clear()


@pytest.mark.parametrize(("group", "name"), CHOICES)
def test_every_choice_gives_every_setting_of_its_class_and_no_other(group: str, name: str) -> None:
    config = chosen(group, name)
    missing = [key for key in config if OmegaConf.is_missing(config, key)]
    assert missing == (["path"] if name == "replay" and group != "tracker" else []) or group in ("recognizer",), missing
    if group in RIVALS:
        assert set(config) - {"_target_"} == set(inspect.signature(located(config["_target_"])).parameters)
    elif group in SETTINGS:
        assert set(config) == set(inspect.signature(located(SETTINGS[group])).parameters)


def test_the_training_of_a_detector_gives_every_setting() -> None:
    config = compose("train_detector", [])
    assert OmegaConf.missing_keys(config) == {"data", "out"}
    for name, target in zip(("pictures", "fit"), DETECTOR_TRAINING.values(), strict=True):
        assert set(config[name]) == set(inspect.signature(located(target)).parameters)
        build(config[name], target)


@pytest.mark.parametrize(("group", "name"), [c for c in CHOICES if c[0] in SETTINGS])
def test_every_plain_group_builds(group: str, name: str) -> None:
    build(chosen(group, name), SETTINGS[group])


@pytest.mark.parametrize(
    ("overrides", "text"),
    [
        (["detektor=motion"], r"[Cc]ould not override 'detektor'"),  # a group that is not there
        (["detector=yollo"], r"'detector/yollo'.*motion.*yolo"),  # a choice that is not there: those there are
        (["detector.perod_s=1"], r"detector\.perod_s|perod_s"),  # a key that is not there
        (["detector.period_s=often"], r"often.*Float"),  # a wrong type
        (["window.tail=cut"], r"cut.*(drop|repeat_last)"),  # a wrong word: those there are
        (["+detektor.period_s=1"], r"no setting named detektor; see ethopipe run --help"),  # added by force
        (["detector.species=Löwe"], r"cannot read detector\.species=Löwe as a setting; .* two pairs of quotes"),
    ],
)
def test_a_typo_is_one_clear_line(overrides: list[str], text: str) -> None:
    with pytest.raises(UsageError, match=text) as error:
        compose("run", overrides)
    assert "\n" not in str(error.value)


def test_only_our_classes_are_built_unless_named() -> None:
    with pytest.raises(UsageError, match=r"_target_=os.system is not under pipeline; name its package in plugins"):
        build({"_target_": "os.system", "command": "true"})
    assert build({"_target_": "fractions.Fraction", "numerator": 1}, plugins=["fractions"]) == 1


def test_a_refused_value_names_class_rule_and_value() -> None:
    with pytest.raises(UsageError, match=r"cannot build pipeline.*: .*max_gap_s must be .* got -1"):
        build(compose("run", ["tracks.max_gap_s=-1"]).tracks, SETTINGS["tracks"])


def test_help_shows_sources_settings_and_choices() -> None:
    text = help_text("run")
    assert "ethopipe run SOURCE" in text
    assert "out: null" in text
    assert "motion" in text
    assert "bytetrack" in text
    assert "/schema/" not in text


def test_a_setting_may_bear_the_name_of_a_group() -> None:
    assert compose("evaluate", ["tracks='a, b=[1].txt'", "seed=3"]).tracks == "a, b=[1].txt"
    assert compose("run", ["tracks=default"]).tracks.max_gap_s > 0
    assert "Groups" in help_text("run")
    assert "Groups" not in help_text("evaluate")  # it has none
    assert "Groups" not in help_text("train_detector")
    with pytest.raises(UsageError, match="to string"):
        compose("evaluate", ["tracks=[a,b]"])


def test_configs_are_found_beside_the_package() -> None:
    assert config_folder() == Path(__file__).resolve().parent.parent / "configs"


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_value_that_is_no_number_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match=f"stride_s must be a finite number, got {value}"):
        build(compose("run", [f"window.stride_s={value}"]).window, SETTINGS["window"])


def test_the_current_folder_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(UsageError, match="the current folder is no longer there; change to another one"):
        compose("run", [])
