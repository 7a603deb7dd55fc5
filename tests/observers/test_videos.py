"""Which names of videos mean the same."""

import pytest

from pipeline.errors import UsageError
from pipeline.observers.videos import common_names


@pytest.mark.parametrize(
    ("first", "second", "common"),  # names of the second coder: what the first calls them
    [
        (set(), set(), {}),  # nothing
        ({"a.mp4"}, {"a.mp4"}, {"a.mp4": "a.mp4"}),  # one
        ({"day1/a.MP4"}, {"C:\\herd\\A.mov"}, {"C:\\herd\\A.mov": "day1/a.MP4"}),  # folder, ending, case
        ({"a"}, {"x/a.mp4"}, {"x/a.mp4": "a"}),  # no ending
        ({"a.mp4"}, {"b.mp4"}, {"b.mp4": "b.mp4"}),  # another video
        ({"3.1.mp4"}, {"3.2.mp4"}, {"3.2.mp4": "3.2.mp4"}),  # parts of mini-scenes are not endings
        ({"3.1"}, {"3.2"}, {"3.2": "3.2"}),
        ({"day1/a.mp4", "day2/a.mp4"}, {"x/day2/a.mp4"}, {"x/day2/a.mp4": "day2/a.mp4"}),  # told apart by folders
        ({"a.mp4", "a.mov"}, {"x/a.mov"}, {"x/a.mov": "a.mov"}),  # told apart by their ending
        ({"L\u00f6we.mp4"}, {"Lo\u0308we.mp4"}, {"Lo\u0308we.mp4": "L\u00f6we.mp4"}),  # two ways to write an umlaut
        ({"d1/a.mp4"}, {"d1/a.mp4", "d2/a.mp4"}, {"d1/a.mp4": "d1/a.mp4", "d2/a.mp4": "d2/a.mp4"}),  # one is nearer
        ({"a.mp4"}, {""}, {"": "a.mp4"}),  # no name means the only one
        ({""}, {"a.mp4"}, {"a.mp4": "a.mp4"}),
    ],
)
def test_names(first: set[str], second: set[str], common: dict[str, str]) -> None:
    assert common_names([first, second])[1] == common


@pytest.mark.parametrize(
    ("first", "second", "warned"),
    [
        ("day1/a.mp4", "day2/a.mp4", True),
        ("day1/a.mp4", "a.mp4", False),
        ("/home/anna/day1/a.mp4", "day2/a.mp4", False),  # somebody else's computer
        ("x/day1/a.mp4", "y/day1/a.mp4", False),
    ],
)
def test_other_folders_are_told(caplog: pytest.LogCaptureFixture, first: str, second: str, warned: bool) -> None:
    assert common_names([{first}, {second}])[1] == {second: first}
    assert ("day2/a.mp4 is taken for day1/a.mp4, though the folders differ" in caplog.text) == warned


def test_the_only_video_has_the_name_that_anybody_gives_it() -> None:
    assert common_names([{""}, {"a.mp4"}, {""}]) == [{"": "a.mp4"}, {"a.mp4": "a.mp4"}, {"": "a.mp4"}]


@pytest.mark.parametrize(
    ("first", "second", "fault"),
    [
        ({"day1/a.mp4", "day2/a.mp4"}, {"a.mp4"}, "video 'a.mp4' may mean day1/a.mp4, day2/a.mp4; name it by its fold"),
        ({"a.mp4"}, {"day1/a.mp4", "day2/a.mp4"}, "day1/a.mp4, day2/a.mp4 may all mean a.mp4; name the videos by"),
        ({"a.mp4", "b.mp4"}, {""}, "one coder names no video, others a.mp4, b.mp4; name it in all files"),
        ({""}, {"a.mp4", "b.mp4"}, "a.mp4, b.mp4 may all mean the video of a coder who names none"),
    ],
)
def test_names_that_may_mean_several(first: set[str], second: set[str], fault: str) -> None:
    with pytest.raises(UsageError, match=fault):
        common_names([sorted(first), sorted(second)])
