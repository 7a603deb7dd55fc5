"""Which name was meant, and where nobody can say."""

import pytest

from pipeline.formats.near import SLIP, meant, nearest

KNOWN = ("Auto-Groom", "Graze", "Head Up", "Lie", "Walk")


@pytest.mark.parametrize(
    ("name", "near", "slip"),
    [
        ("", "", ""),  # nothing is like nothing
        ("Dusting", "", ""),  # another word
        ("graze", "Graze", "Graze"),  # written otherwise
        ("head-up", "Head Up", "Head Up"),
        ("auto_groom", "Auto-Groom", "Auto-Groom"),
        ("Auto-Grom", "Auto-Groom", "Auto-Groom"),  # a letter too few
        ("Wlak", "Walk", "Walk"),  # the same letters
        ("Walking", "Walk", ""),  # like it, and perhaps another word
        ("Ly", "Lie", ""),  # one of two letters
        ("Trot", "", ""),
    ],
)
def test_the_nearest_name(name: str, near: str, slip: str) -> None:
    assert (nearest(name, KNOWN), nearest(name, KNOWN, SLIP)) == (near, slip)
    assert nearest(name, []) == ""


def test_the_question() -> None:
    assert meant("Wlak", "Walk") == "did you mean 'Walk'? old2new='{Wlak: Walk}'"
