"""Settings of a scene: every preset, and every refusal."""

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from pipeline.build import build
from pipeline.config import SCENE, compose, config_folder
from pipeline.errors import UsageError
from pipeline.simulate.settings import Scene, Schedule, drawn

PRESETS = sorted(path.stem for path in (config_folder() / "scene").glob("*.yaml"))


def scene(*overrides: str, preset: str = "hover") -> Any:
    return build(compose("simulate", [f"scene={preset}", *overrides]).scene, SCENE["scene"])


def test_the_presets_that_are_promised() -> None:
    assert {"hover", "orbit", "herd70", "crossing", "occlusion", "troop", "flock", "demo"} <= set(PRESETS)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_builds_and_is_named_after_its_file(preset: str) -> None:
    made = scene(preset=preset)
    assert isinstance(made, Scene)
    assert made.name == preset


def test_what_the_presets_say() -> None:
    assert sum(scene(preset="herd70").animals.values()) == 70
    assert {name: n for name, n in scene(preset="flock").animals.items() if n} == {"sheep": 12}
    assert scene(preset="crossing").schedule is Schedule.travelling
    demo = scene(preset="demo")
    assert (demo.width, demo.height, demo.frames, sum(demo.animals.values())) == (1280, 720, 720, 12)
    assert scene().frames_per_s == Fraction(30000, 1001)
    assert scene().frames == 1798
    assert scene("scene.rate=30").bit_rate == round(0.3 * 1280 * 720 * 30)


def test_animals_add_to_the_preset() -> None:
    made = scene("scene.animals={baboon: 3}", "scene.animals.giraffe=0")
    assert made.animals == {"plains_zebra": 5, "grevys_zebra": 2, "giraffe": 0, "impala": 3, "baboon": 3}


NOBODY = "scene.animals={plains_zebra: 0, grevys_zebra: 0, giraffe: 0, impala: 0}"

# what is set, the error
REFUSED = [
    ("scene.name=a/b", "name must be of letters, digits, _ and -, got 'a/b'"),
    ("scene.animals={lion: 2}", "animals names lion; there are plains_zebra, grevys_zebra, giraffe, impala, baboon"),
    ("scene.animals.giraffe=-1", "animals must have a number >= 0 a species and one animal in all"),
    (NOBODY, "animals must have a number >= 0 a species and one animal in all"),
    ("scene.young=1.5", r"young must be in \[0, 1\], got 1.5"),
    ("scene.spacing_m=0", r"spacing_m must be in \(0, 100\], got 0.0"),
    ("scene.width=320", "width x height must be 640 x 360 to 5472 x 3078, got 320 x 720"),
    ("scene.height=3079", "width x height must be 640 x 360 to 5472 x 3078, got 1280 x 3079"),
    ("scene.rate=fast", "rate must be a number or a fraction such as 30000/1001, got 'fast'"),
    ("scene.rate=30/0", "rate must be a number or a fraction such as 30000/1001, got '30/0'"),
    ("scene.rate=1", "rate must be 5 to 120 frames/s, got 1"),
    ("scene.duration_s=0", "duration_s must be 0.2 to 3600, got 0.0"),
    ("scene.bits_per_px=0", "bits_per_px must be 0.01 to 8 of each pixel of a frame, got 0.0"),
    ("scene.height_m=[5, 20]", r"height_m must be \[low, high\] within \[10, 80\], got \[5.0, 20.0\]"),
    ("scene.height_m=[30, 20]", r"height_m must be \[low, high\] within"),
    ("scene.depression_deg=[10, 30]", r"depression_deg must be \[low, high\] within \[20, 90\]"),
    ("scene.trees_per_ha=[3]", r"trees_per_ha must be \[low, high\] within \[0, 500\], got \[3.0\]"),
    ("scene.bushes_per_ha=[0, nan]", "bushes_per_ha must be"),
    ("scene.fov_deg=[40, 50]", r"one of fov_deg and animal_px must be \[\] \(the other sets the zoom\)"),
    ("scene.animal_px=[]", r"one of fov_deg and animal_px must be \[\]"),
    ("scene.animal_px=[2, 9]", r"animal_px must be \[low, high\] within \[8, 1000\]"),
    ("scene.flight=dive", "dive"),
]


@pytest.mark.parametrize(("setting", "text"), REFUSED)
def test_what_cannot_be_is_refused_in_one_line(setting: str, text: str) -> None:
    with pytest.raises(UsageError, match=text) as error:
        scene(setting)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("size", "told"),
    [  # the widest lens at the steepest view and the greatest height, the longest at the flattest and the lowest
        ("[8, 8]", r"animals are filmed at 35 to 422 px$"),
        ("[20, 25]", r"filmed at 35 to 422 px; with a height_m that reaches 55 they are met$"),
        ("[600, 600]", r"filmed at 35 to 422 px; with a height_m that reaches 10 they are met$"),
    ],
)
def test_a_size_that_no_lens_gives_is_told(size: str, told: str) -> None:
    assert re.search(told, scene(f"scene.animal_px={size}").unmet)


@pytest.mark.parametrize("settings", [("[20, 25]", "[15, 55]"), ("[600, 600]", "[10, 40]"), ("[33, 33]", "[15, 40]")])
def test_where_the_height_that_is_named_is_given_the_size_is_met(settings: tuple[str, str]) -> None:
    assert not scene(f"scene.animal_px={settings[0]}", f"scene.height_m={settings[1]}").unmet  # 35 px are near to 33


def test_the_field_of_view_instead_of_the_size() -> None:
    assert scene("scene.animal_px=[]", "scene.fov_deg=[40, 50]").fov_deg == [40, 50]


def test_a_draw_lies_between_its_limits_and_comes_from_the_seed() -> None:
    one, two = (drawn([3.0, 4.0], np.random.default_rng(1)) for _ in range(2))
    assert one == two
    assert 3 <= one <= 4
    assert drawn([5.0, 5.0], np.random.default_rng(1)) == 5
