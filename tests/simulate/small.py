"""A scene small enough for a test: three animals, 640 x 360 px, a few frames."""

from typing import Any

from pipeline.build import build
from pipeline.config import SCENE, compose
from pipeline.simulate.settings import Scene

SMALL = [
    *("scene.width=640", "scene.height=360", "scene.duration_s=0.4", "scene.rate=10", "scene.trees_per_ha=[0,0]"),
    *("scene.animals.plains_zebra=2", "scene.animals.grevys_zebra=0", "scene.animals.giraffe=1"),
    *("scene.animals.impala=0", "scene.bushes_per_ha=[0,10]", "scene.spacing_m=4"),
]


def small(*words: str) -> Scene:
    """The scene, with changes."""
    made: Any = build(compose("simulate", [*SMALL, *words]).scene, SCENE["scene"])
    assert isinstance(made, Scene)
    return made
