"""What tests compose settings by gives what Hydra gives, and refuses what it refuses in the same words."""

import hydra
import pytest

from pipeline import config
from pipeline.errors import UsageError


@pytest.mark.parametrize(
    ("verb", "words"),
    [
        ("run", ["detector=motion", "recognizer=kinematic", "overlay=false", "out='a b/c'", "source=[a.mp4]"]),
        ("run", ["statistics.seed=7", "ethogram.relabel={walk: Walk}", "detector=embedded", "detector.tiles=[0,640]"]),
        ("run", ["window.stride_s=2", "ethogram=kabr", "window=default"]),
        ("demo", ["scene=orbit", "seed=3"]),
        ("train", ["fit=probe", "data=x", "fit.views=1"]),
        ("train", []),
        ("run", ["~detector"]),
        ("analyze", ["compare=sex"]),
    ],
)
def test_the_same_settings(verb: str, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = config.compose(verb, words), config.compose(verb, words)
    monkeypatch.setattr(config, "hydra_compose", hydra.compose)
    assert first == again == config.compose(verb, words)


def test_what_one_sets_no_other_has() -> None:
    config.compose("run", []).statistics.seed = 99
    assert config.compose("run", ["statistics.resamples=99"]).statistics.seed == 0
    assert config.compose("run", []).statistics.resamples != 99


@pytest.mark.parametrize(
    "word",
    ["detektor=motion", "detector=nope", "statistics.sed=3", "statistics.seed=abc", "+a=b", "~source", "out='"],
)
def test_the_same_words_of_what_cannot_be(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError) as told:
        config.compose("run", [word])
    monkeypatch.setattr(config, "hydra_compose", hydra.compose)
    with pytest.raises(UsageError) as by_hydra:
        config.compose("run", [word])
    assert str(told.value) == str(by_hydra.value)
