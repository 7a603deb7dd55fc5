"""What the user's words mean: files, folders, globs, lists."""

import json
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.video.source import find_videos, is_run, is_still, key_of


@pytest.fixture
def farm(tmp_path: Path) -> Path:
    """A folder with two days of clips of the same name, and much that is not a video."""
    for name in (
        "day1/DJI_0001.MP4",
        "day2/DJI_0001.MP4",
        "day2/DJI_0001.SRT",
        "day2/notes.txt",
        "clip.Gif",
        "herd.JPG",
        ".hidden.mp4",
        "._herd.JPG",
        ".trash/old.mp4",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    return tmp_path


def keys(*sources: Path | str) -> list[str]:
    return [video.key for video in find_videos([str(source) for source in sources])]


def test_folder_is_searched_below_in_any_case_and_hidden_files_are_left(farm: Path) -> None:
    assert keys(farm) == ["clip.Gif", "day1/DJI_0001.MP4", "day2/DJI_0001.MP4", "herd.JPG"]


def test_two_clips_of_one_name_stay_two_and_know_their_paths(farm: Path) -> None:
    first, second = find_videos([str(farm)])[1:3]
    assert (first.path, second.path) == (farm / "day1/DJI_0001.MP4", farm / "day2/DJI_0001.MP4")


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["day1/DJI_0001.MP4"], ["DJI_0001.MP4"]),  # one file: its name
        (["day1/DJI_0001.MP4", "day1/DJI_0001.MP4"], ["DJI_0001.MP4"]),  # the same file twice is one video
        (["day1", "clip.Gif"], ["DJI_0001.MP4", "clip.Gif"]),  # several sources, sorted by key
        (["day2/DJI_0001.SRT"], ["DJI_0001.SRT"]),  # given by name: opened by its content later
        ([".hidden.mp4"], [".hidden.mp4"]),  # given by name: wanted
        (["*/DJI_*.MP4"], ["day1/DJI_0001.MP4", "day2/DJI_0001.MP4"]),  # glob: below its first wildcard
        (["day2/*"], ["DJI_0001.MP4"]),  # a glob takes videos only
        (["day[12]"], ["day1/DJI_0001.MP4", "day2/DJI_0001.MP4"]),  # a glob over folders
        (["**/*.MP4"], ["day1/DJI_0001.MP4", "day2/DJI_0001.MP4"]),  # recursive
    ],
)
def test_sources(farm: Path, sources: list[str], expected: list[str]) -> None:
    assert keys(*(farm / source for source in sources)) == expected


def test_a_key_does_not_depend_on_the_neighbours(farm: Path) -> None:
    before = keys(farm)
    (farm / "day1/DJI_0002.MP4").touch()
    assert set(before) < set(keys(farm))


def test_list_of_paths(farm: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "far.mp4"
    elsewhere.touch()
    listing = farm / "today.TXT"
    listing.write_text(f"\ufeff# the good ones\nday1/DJI_0001.MP4\n\n  day2/*.MP4\n{elsewhere}\n", encoding="utf-8")
    assert keys(listing) == ["day1/DJI_0001.MP4", "day2/DJI_0001.MP4", "far.mp4"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"no video in .*list\.txt: it lists no path"),  # empty
        ("# nothing\n", r"no video in .*list\.txt: it lists no path"),  # comments only
        ("day1/DJI_0001.MP4\ngone.mp4\n", r"list\.txt, line 2: no such file or folder: .*gone\.mp4$"),  # one is lost
        ("list.txt\n", r"list\.txt, line 1: a list cannot name another list: list\.txt$"),  # itself
    ],
)
def test_faults_of_a_list(farm: Path, text: str, message: str) -> None:
    (farm / "list.txt").write_text(text)
    with pytest.raises(UsageError, match=message):
        find_videos([str(farm / "list.txt")])


def test_list_that_is_not_text(farm: Path) -> None:
    (farm / "list.txt").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(UsageError, match=r"list\.txt is not a list of paths: it is not text in UTF-8"):
        find_videos([str(farm / "list.txt")])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("gone.mp4", r"^no such file or folder: .*gone\.mp4$"),  # no such file
        ("empty", r"^no video in .*empty: looked for mp4, mov, .*webp in it and below$"),  # a folder without videos
        ("*.mkv", r"^nothing matches .*\*\.mkv$"),  # a glob without a match
        ("day2/*.SRT", r"^no video matches .*\*\.SRT$"),  # a glob that matches no video
    ],
)
def test_faults_are_one_line(farm: Path, source: str, message: str) -> None:
    (farm / "empty").mkdir()
    with pytest.raises(UsageError, match=message) as caught:
        find_videos([str(farm / source)])
    assert "\n" not in str(caught.value)


def test_an_empty_word_is_not_the_present_folder() -> None:
    with pytest.raises(UsageError, match=r"a source is empty: give a file, a folder, a glob or a \.txt list of paths"):
        find_videos([""])


def test_files_that_would_share_a_key_are_named_with_their_common_folder(farm: Path) -> None:
    with pytest.raises(UsageError, match=r"day1.*and.*day2.*both be kept as DJI_0001\.MP4; give their common folder"):
        find_videos([str(farm / "day1/DJI_0001.MP4"), str(farm / "day2/DJI_0001.MP4")])


@pytest.mark.parametrize(
    "name",
    [
        "DJI (1).mp4",  # brackets and a space
        "a=b.mp4",
        "v1,v2.mp4",
        "[night] herd*.mp4",  # looks like a glob
        "Füchse.mp4",
        "100%.mp4",
        "${x}.mp4",
        "CON.mp4",  # a device on Windows
        "象" * 60 + ".mp4",  # 540 bytes when encoded
    ],
)
def test_odd_names_are_found_and_their_keys_are_safe(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    for source in (tmp_path, tmp_path / name):
        (video,) = find_videos([str(source)])
        assert video.path == tmp_path / name
        assert video.key.isascii() and len(video.key) <= 160 and video.key.endswith(".mp4")
        assert not set(video.key) & set(' ()[]{}=,$*?:"<>|\\/')


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("a.mp4", "a.mp4"),  # readable names stay
        ("day 1/a_b-c.mp4", "day%201/a_b-c.mp4"),
        ("Füchse.mp4", "F%C3%BCchse.mp4"),
        ("Fu\u0308chse.mp4", "F%C3%BCchse.mp4"),  # the same name as macOS stores it
        ("../a.mp4", ".%2E/a.mp4"),  # no way out of the folder
        ("./dots./a.mp4", "dots%2E/a.mp4"),  # Windows drops a last dot
        ("nul/a.mp4", "%6Eul/a.mp4"),  # a device on Windows
    ],
)
def test_keys(path: str, key: str) -> None:
    assert key_of(Path(path)) == key


def test_long_names_that_begin_alike_keep_different_keys() -> None:
    assert key_of(Path("ü" * 100 + "1.mp4")) != key_of(Path("ü" * 100 + "2.mp4"))


def test_what_a_run_wrote_is_not_a_source(farm: Path) -> None:
    for name in ("out/videos/clip.Gif/overlay.mp4", "out/figures/budget.png", "other/videos/raw.mp4", "other/run.json"):
        (farm / name).parent.mkdir(parents=True, exist_ok=True)
        (farm / name).touch()
    (farm / "out/run.json").write_text(json.dumps({"versions": {"ethopipe": "0.1"}, "videos": {}}))
    assert (is_run(farm / "out"), is_run(farm / "other"), is_run(farm)) == (True, False, False)
    assert [key for key in keys(farm) if "out" in key or "other" in key] == ["other/videos/raw.mp4"]


def test_links_are_followed_but_not_in_circles(farm: Path) -> None:
    try:
        (farm / "day1/round").symlink_to(farm)
        (farm / "again").symlink_to(farm / "day2")
    except OSError:
        pytest.skip("this file system has no symbolic links")
    found = find_videos([str(farm)])
    assert [video.key for video in found] == ["clip.Gif", "day1/DJI_0001.MP4", "day2/DJI_0001.MP4", "herd.JPG"]


@pytest.mark.parametrize(("name", "still"), [("a.JPG", True), ("a.webp", True), ("a.gif", False), ("a.mp4", False)])
def test_stills_are_known_by_their_name(name: str, still: bool) -> None:
    assert is_still(Path(name)) is still


def test_links_that_lead_nowhere_are_videos_that_fail(farm: Path) -> None:
    try:
        (farm / "a.mp4").symlink_to("b.mp4")
        (farm / "b.mp4").symlink_to("a.mp4")
    except OSError:
        pytest.skip("this file system has no symbolic links")
    assert {"a.mp4", "b.mp4"} < {video.key for video in find_videos([str(farm)])}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("~nobody_at_all/a.mp4", "no such file or folder: ~nobody_at_all"),
        ("x" * 300, "xxx cannot be looked up: File name too long"),
        ("**x.mp4", r"\*\*x\.mp4 cannot be matched: Invalid pattern"),
    ],
)
def test_words_that_no_file_can_have(source: str, text: str) -> None:
    with pytest.raises(UsageError, match=text):
        find_videos([source])
