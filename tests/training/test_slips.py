"""New behaviours are learnt, and those that look like slips of the hand are said."""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.training.labels import Labels
from pipeline.training.slips import known_to, warn_of_slips


@pytest.mark.parametrize(
    ("clips", "known", "said"),
    [
        ({"Walk": 5, "Lie": 3}, (), ""),
        ({"Walk": 5, "Dusting": 3}, ("Graze", "Walk"), ""),  # a new behaviour
        (
            {"Walk": 5, "Wlak": 3},
            (),
            "'Wlak' (3 clips) is taken for a new behaviour (did you mean 'Walk'? old2new='{Wlak: Walk}')",
        ),
        (  # what the model knows is no slip, however few clips show it
            {"Headup": 5, "Head Up": 1, "graze": 1},
            ("Graze", "Head Up"),
            "'Headup' (5 clips) is taken for a new behaviour (did you mean 'Head Up'? old2new='{Headup: Head Up}'); "
            "'graze' (1 clip) is taken for a new behaviour (did you mean 'Graze'? old2new='{graze: Graze}')",
        ),
        ({"Walk": 5, "Wlak": 3}, ("Walk", "Wlak"), ""),  # asked for
        (
            {"Walk|Graze": 2, "Grase|Walk": 1},  # several at once
            (),
            "'Grase' (1 clip) is taken for a new behaviour (did you mean 'Graze'? old2new='{Grase: Graze}')",
        ),
    ],
)
def test_slips_of_the_hand(
    clips: dict[str, int], known: tuple[str, ...], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    rows = pd.DataFrame({"behaviour": [name for name, count in clips.items() for _ in range(count)]})
    warn_of_slips(Labels(Path(), rows), known)
    assert caplog.messages == ([said] if said else [])


@pytest.mark.parametrize(
    ("init", "some"), [(None, set()), ("savanna_videomae", {"Walk", "Graze"}), ("mvit_v2_s", set())]
)
def test_what_a_model_knows(init: str | None, some: set[str]) -> None:
    assert some <= set(known_to(init))
    assert bool(some) == bool(known_to(init))
