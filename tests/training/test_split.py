"""What is held out: whole units, with their share of every behaviour; and one line where that cannot be."""

from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import UsageError
from pipeline.training.split import Official, SplitSettings, choosing, folds, sides, split
from pipeline.training.units import By
from pipeline.types import IntArray


def settings(by: str = "recording", held_out: float = 0.2, **more: Any) -> SplitSettings:
    return SplitSettings(**({"by": By(by), "held_out": held_out, "folds": 0, "fold": 0, "official": None} | more))


def clips(*cells: str) -> pd.DataFrame:
    """``"r1 s1 A zebra: Walk*3 Graze"``: four clips of recording r1, session s1, animal A; ``.`` is an empty cell."""
    made = []
    for cell in cells:
        of, shown = cell.split(": ")
        names = ["" if word == "." else word for word in of.split()]
        for behaviour, _, count in (word.partition("*") for word in shown.split()):
            made += [(*names, behaviour)] * int(count or 1)
    columns = ["group", "session", "individual", "species", "behaviour"]
    return pd.DataFrame(made, columns=columns).assign(path="c.mp4", split="")


def alike(groups: int) -> pd.DataFrame:
    return clips(*(f"g{g} s . .: a*3 b*3" for g in range(groups)))


@pytest.mark.parametrize("groups", [2, 5, 10])
def test_no_group_is_learnt_and_judged(groups: int) -> None:
    data = alike(groups)
    for seed in range(5):
        learnt, held = split(data, settings(), seed)
        assert sorted([*learnt, *held]) == list(range(len(data)))
        assert not set(data["group"].iloc[learnt]) & set(data["group"].iloc[held])
        assert data["group"].iloc[held].nunique() == max(1, round(0.2 * groups))
        assert set(data["behaviour"].iloc[learnt]) == {"a", "b"}
        assert np.array_equal(split(data, settings(), seed)[1], held)
    chosen = {tuple(split(alike(10), settings(), seed)[1]) for seed in range(8)}
    assert len(chosen) > 1


@pytest.mark.parametrize(
    ("cells", "held_out", "held"),
    [
        # one large recording and four small ones: a fifth of the clips, not of the recordings
        (["r0 s A z: a*40 b*40", *(f"r{k} s A z: a*5 b*5" for k in range(1, 5))], 0.16, {2}),
        # the rare behaviour is in two recordings: one of them has to go, whatever else it holds
        (["r0 s A z: a*9 rare", "r1 s A z: a*9 rare", *(f"r{k} s A z: a*9" for k in range(2, 8))], 0.25, {2}),
        # of the four clips of b one is held out, of the forty of a ten
        ([f"r{k} s A z: a*10 b" for k in range(4)], 0.25, {1}),
    ],
)
def test_every_behaviour_is_on_both_sides_near_its_share(cells: list[str], held_out: float, held: set[int]) -> None:
    data = clips(*cells)
    for seed in range(10):
        sides = split(data, settings(held_out=held_out), seed)
        assert data["group"].iloc[sides[1]].nunique() in held
        for side in sides:
            assert set(data["behaviour"].iloc[side]) == set(data["behaviour"])
        share = data.iloc[sides[1]]["behaviour"].value_counts() / data["behaviour"].value_counts()
        assert (share - held_out).abs().drop("rare", errors="ignore").max() < 0.1


HERD = [
    "r1 mon A zebra: Walk*2 Graze*2",
    "r2 mon A zebra: Walk*2 Graze*2",
    "r2 mon B zebra: Walk*2 Graze*2",  # B is in a recording with A
    "r3 tue C zebra: Walk*2 Graze*2",
    "r4 tue D giraffe: Walk*2 Graze*2",
    "r5 wed E giraffe: Walk*2 Graze*2",
]


@pytest.mark.parametrize(
    ("by", "column", "tied"),
    [
        ("recording", "group", []),
        ("session", "session", []),
        ("individual", "individual", ["A", "B"]),
        ("species", "species", []),
    ],
)
def test_neither_a_unit_nor_a_recording_is_on_both_sides(by: str, column: str, tied: list[str]) -> None:
    data = clips(*HERD)
    for seed in range(8):
        learnt, held = split(data, settings(by), seed)
        for name in (column, "group"):
            assert not set(data[name].iloc[learnt]) & set(data[name].iloc[held])
        assert len({unit in set(data[column].iloc[held]) for unit in tied}) <= 1
        assert len(held) > 0


@pytest.mark.parametrize(
    ("cells", "by", "text"),
    [
        # none to part
        (
            ["r1 s A z: a*3 b*3"],
            "recording",
            r"all clips are of one group, so none can be held out; name the recording",
        ),
        (["r1 s A z: a*3", "r2 s B z: a*3"], "session", r"all clips are of one session, so none .*observations.csv"),
        # nobody said which
        (["r1 s A z: a*3", "r2 s . z: a*3"], "individual", r"3 clips have no individual, as c.mp4; name the animal"),
        (["r1 . A .: a*3", "r2 . B .: a*3"], "species", r"6 clips have no species, as c.mp4; name the species"),
        # a class with one example, and one that only one recording shows; all at once
        (
            ["r1 s A z: a*3 once", "r2 s A z: a*3 here*2"],
            "recording",
            r"cannot be learnt and judged, of which there is one clip only: once; that occur in one group only: here; "
            r"label them elsewhere too, or leave them out \(their rows, or old2new='\{NAME: \"\"\}'\)$",
        ),
        # a word that may have been meant
        (
            ["r1 s A z: Lie*3 Ly*2", "r2 s A z: Lie*3 walking"],
            "recording",
            r"one clip only: walking; that occur in one group only: Ly; .*\{NAME: \"\"\}'\); Ly: did you mean Lie\?$",
        ),
        # parted without a leak, they cannot be
        (
            ["r1 s A z: a*3", "r1 s B z: a*3", "r2 s B z: a*3", "r2 s C z: a*3"],
            "individual",
            r"no individual can be held out without a recording on both sides: r1 shows A, B, and others tie them all "
            r"together; label recordings that do not, or set split.by=recording",
        ),
        (
            ["r1 s A z: a*3 b", "r1 s B z: a*3 b", "r2 s C z: a*3"],
            "individual",
            r"that occur in individuals that share recordings only: b",
        ),
    ],
)
def test_what_cannot_be_split_is_one_line(cells: list[str], by: str, text: str) -> None:
    for chosen in (settings(by), settings(by, folds=2)):
        with pytest.raises(UsageError, match=text) as error:
            split(clips(*cells), chosen, 0)
        assert "\n" not in str(error.value)


def test_a_behaviour_that_cannot_be_judged_is_learnt_and_said(caplog: pytest.LogCaptureFixture) -> None:
    data = clips("r1 s A z: a b", "r2 s A z: b c", "r3 s A z: a c")  # whichever is held out, it lacks one
    learnt, held = split(data, settings(), 0)
    assert set(data["behaviour"].iloc[learnt]) == {"a", "b", "c"}
    (lost,) = {"a", "b", "c"} - set(data["behaviour"].iloc[held])
    assert f"no held-out clip shows {lost}: how well it is found is not known" in caplog.text


@pytest.mark.parametrize(("count", "units"), [(2, 7), (3, 7), (7, 7), (5, 40)])
def test_folds_hold_out_every_clip_once_and_learn_every_behaviour(count: int, units: int) -> None:
    rng = np.random.default_rng(units)
    data = clips(*(f"r{k} s A z: a*{rng.integers(1, 9)} b*{rng.integers(1, 4)} rare" for k in range(units)))
    made = folds(data, settings(folds=count), seed=1)
    assert len(made) == count
    assert sorted(chain(*(held.tolist() for _, held in made))) == list(range(len(data)))
    for k, (learnt, held) in enumerate(made):
        assert not set(data["group"].iloc[learnt]) & set(data["group"].iloc[held])
        assert set(data["behaviour"].iloc[learnt]) == {"a", "b", "rare"}
        assert abs(len(held) / len(data) - 1 / count) < 0.15
        assert same(split(data, settings(folds=count, fold=k), 1), (learnt, held))
    assert not same(folds(data, settings(folds=2), 1)[0], folds(data, settings(folds=2), 2)[0])


def same(one: tuple[IntArray, IntArray], other: tuple[IntArray, IntArray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("values", "crossed"),
    [({}, False), ({"fold": None}, False), ({"folds": 3}, False), ({"folds": 3, "fold": None}, True)],
)
def test_when_every_fold_is_held_out_in_its_turn(values: dict[str, Any], crossed: bool) -> None:
    assert settings(**values).crossed == crossed


def test_folds_that_cannot_be() -> None:
    with pytest.raises(UsageError, match=r"split.folds=4, but 3 groups can be parted at most"):
        folds(alike(3), settings(folds=4), 0)
    data = clips("r1 s A z: a b", "r2 s A z: b c", "r3 s A z: a c")
    with pytest.raises(
        UsageError,
        match=r"no 2 folds leave all behaviours to learn from in each \(one would hold out all of [abc]\); "
        r"split.folds=3, one group at a time, can",
    ):
        folds(data, settings(folds=2), 0)
    assert len(folds(data, settings(folds=3), 0)) == 3


def test_an_official_split_is_taken_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    data = clips("r1 s A z: a*2 b", "r1 s A z: a*2 c", "r2 s A z: a")
    data["split"] = ["train"] * 3 + ["val"] * 3 + ["test"]
    official = settings(official=Official.val)
    learnt, held = split(data, official, 0)
    assert (learnt.tolist(), held.tolist()) == ([0, 1, 2], [3, 4, 5])
    assert sides(data, official, learnt, held) == ("1 group", "1 group of the official split (val)")
    assert "no clip to learn from shows c: it will not be found" in caplog.text
    assert "no held-out clip shows b" in caplog.text
    assert choosing(data, official, held) is held
    test = settings(official=Official.test)
    assert split(data, test, 0)[1].tolist() == [6]
    assert choosing(data, test, np.array([6])).tolist() == [3, 4, 5]
    assert choosing(data.iloc[[0, 1, 2, 6]], test, np.array([3])).tolist() == []
    for values, text in [
        (["train"] * 6 + [""], r"split.official=val needs clips of val in the column split \(there are: train 6\)"),
        ([""] * 7, r"needs clips of train and of val in the column split \(there are: none\)"),
    ]:
        with pytest.raises(UsageError, match=text):
            split(data.assign(split=values), official, 0)


def test_both_sides_in_words() -> None:
    data = clips(*HERD)
    for by, words in [("session", ("2 sessions", "1 other session")), ("species", ("1 species", "1 other species"))]:
        learnt, held = split(data, settings(by, held_out=0.3), 0)
        assert sides(data, settings(by), learnt, held) == words


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"held_out": 0.0}, r"held_out must be in \(0, 1\), got 0.0"),
        ({"folds": 1}, r"folds must be >= 2, or 0 for one split, got 1"),
        ({"folds": 3, "fold": 3}, r"fold must be in \[0, folds\), got 3 of 3"),
        ({"fold": 1}, r"fold must be in \[0, folds\), got 1 of 0"),
        ({"folds": 3, "official": Official.val}, r"an official split has no folds: set folds=0, got 3"),
    ],
)
def test_settings_that_cannot_be(values: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        settings(**values)


def test_behaviours_at_once_count_one_by_one() -> None:
    data = clips("r1 s . .: a*2 a|b", "r2 s . .: a|b b*2", "r3 s . .: a b")  # a|b is no third behaviour
    learnt, held = split(data, settings(), 0)
    assert sorted([*learnt, *held]) == list(range(8))
    with pytest.raises(UsageError, match=r"of which there is one clip only: c;"):
        split(clips("r1 s . .: a*2 a|c", "r2 s . .: a*2"), settings(), 0)
