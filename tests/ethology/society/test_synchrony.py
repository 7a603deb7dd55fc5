from itertools import combinations, product

import numpy as np
import pytest
from statsmodels.stats.multitest import multipletests

from pipeline.ethology.society.scene import positions
from pipeline.ethology.society.shifts import synchrony_sums
from pipeline.ethology.society.synchrony import synchrony
from pipeline.ethology.society.tables import SYNCHRONY
from tests.ethology.made import behaviours, ethogram, statistics
from tests.ethology.society.made import observed, scene, settings


def sums(words, etho="AB", video="v.mp4", observations=None, species=None, seed=0, **changed):
    now = settings(**changed)
    made = scene(
        {k: [(100.0 * k, 500.0)] * len(word) for k, word in words.items()}, video=video, words=words, species=species
    )
    placed = positions(made, now, observations)
    return synchrony_sums(placed, made.behaviours, ethogram(etho), now, np.random.default_rng(seed))


def found(*parts):
    return synchrony([own for part in parts for own in part], settings(), statistics())


def row(table, **which):
    for name, value in which.items():
        table = table[table[name] == value]
    table = table if "species" in which or len(table) == 1 else table[table["species"] == "all"]
    assert len(table) == 1
    return table.iloc[0]


@pytest.mark.parametrize("words", [{}, {1: "AB"}, {1: "A", 2: "A"}, {1: "??", 2: "AA"}])
def test_nobody_one_and_too_short(words):
    assert found(sums(words)).equals(SYNCHRONY.empty())


def test_shares_that_can_be_counted():
    # pairs in one behaviour: 3, 1, 1, then one pair of two coded animals that differ
    table = found(sums({1: "AAAA", 2: "AABB", 3: "ABB?"}))
    any_pair = row(table, level="video", measure="pairs", behaviour="any")
    assert any_pair["observed"] == pytest.approx((3 + 1 + 1 + 0) / (3 + 3 + 3 + 1))
    assert row(table, level="video", behaviour="A")["observed"] == pytest.approx(4 / 10)
    assert row(table, level="video", behaviour="B")["observed"] == pytest.approx(1 / 10)
    assert row(table, level="video", measure="animals")["observed"] == pytest.approx((3 + 2 + 2 + 1) / 11)
    assert any_pair[["n_tracks", "n_instants", "n_pairs", "n_sessions"]].tolist() == [3, 4, 10, 1]


def test_chance_is_the_mean_over_all_shifts():
    words = ["AAABBA", "ABBBAA", "AABABB"]
    shares = []
    for turns in product(range(6), repeat=3):
        turned = [word[by:] + word[:by] for word, by in zip(words, turns, strict=True)]
        shares.append(np.mean([a == b for one, two in combinations(turned, 2) for a, b in zip(one, two, strict=True)]))
    table = found(sums(dict(enumerate(words, start=1)), shifts=3000))
    assert row(table, level="video", behaviour="any", measure="pairs")["chance"] == pytest.approx(
        np.mean(shares), abs=0.01
    )
    # every pair of shifts is as likely: by chance two agree as often as their budgets say
    assert np.mean(shares) == pytest.approx(0.5 * 0.5 + 0.5 * 0.5)


def test_records_are_turned_within_their_own_time():
    # the first is there for two instants only; turning it never leaves them
    one = sums({1: "....AB", 2: "AAAAAA"}, etho="AB")[0]
    assert set(one.below[:, 0].tolist()) == {2.0}
    assert set(one.above[:, 0].tolist()) == {1.0}


def test_animals_that_do_all_together_are_found():
    rng = np.random.default_rng(1)
    word = "".join(letter * 5 for letter in rng.choice(list("AB"), 40))
    table = found(sums(dict.fromkeys(range(1, 5), word)))
    same = row(table, level="pooled", behaviour="any", measure="pairs")
    assert same["observed"] == 1
    assert same["p"] == pytest.approx(1 / 200)
    assert same["excess"] == pytest.approx(1 - same["chance"])
    own = table[(table["level"] == "pooled") & table["p"].notna()]
    assert own["p_corrected"].tolist() == pytest.approx(multipletests(own["p"], method="holm")[1])
    assert same["method"] == (
        "mean over sessions; of the excess: no interval: only 1 session (6 are needed); p against 199 circular "
        "shifts of every track's record (one-sided); common causes synchronise, too; p_corrected: holm over 4 tests"
    )


def test_p_is_uniform_for_independent_records():
    # three records of twelve bouts, 100 studies
    rng, now = np.random.default_rng(2), settings(shifts=99)
    placed = positions(scene({k: [(100.0 * k, 500.0)] * 48 for k in (1, 2, 3)}), now)
    found_p = []
    for _ in range(100):
        table = behaviours({k: "".join(letter * 4 for letter in rng.choice(list("AB"), 12)) for k in (1, 2, 3)})
        same = synchrony_sums(placed, table, ethogram("AB"), now, rng)[0]
        shares = same.above[:, 0] / same.below[:, 0]
        found_p.append(((shares[1:] >= shares[0] - 1e-12).sum() + 1) / 100)
    assert np.mean(found_p) == pytest.approx(0.5, abs=0.1)
    assert np.mean(np.array(found_p) <= 0.2) == pytest.approx(0.2, abs=0.12)


def test_sessions_are_the_units():
    rng = np.random.default_rng(3)
    parts = []
    for day in range(6):
        words = {k: "".join(letter * 3 for letter in rng.choice(list("AB"), 8)) for k in (1, 2)}
        parts.append(sums(words, video=f"{day}/v.mp4", shifts=99))
    table = found(*parts)
    pooled = row(table, level="pooled", behaviour="any", measure="pairs")
    each = table[(table["level"] == "session") & (table["behaviour"] == "any") & (table["measure"] == "pairs")]
    each = each[each["species"] == "all"]
    assert pooled["observed"] == pytest.approx(each["observed"].mean())
    assert pooled["ci_low"] < pooled["excess"] < pooled["ci_high"]
    assert pooled["n_sessions"] == 6
    assert np.isnan(row(found(*parts[:5]), level="pooled", behaviour="any", measure="pairs")["ci_low"])


def test_species_have_rows_of_their_own():
    table = found(sums({1: "AABB", 2: "AABB", 3: "BBAA"}, species={3: "giraffe"}))
    assert row(table, level="species", behaviour="any", measure="pairs")[["unit", "observed"]].tolist() == ["zebra", 1]
    assert row(table, level="pooled", behaviour="any", measure="pairs")["observed"] == pytest.approx(1 / 3)


def test_a_session_is_a_record_of_its_own():
    says = observed(("v.mp4", 0, 3, "s", "yes", ""), ("v.mp4", 3, 6, "t", "yes", ""))
    table = found(sums({1: "AAABBB", 2: "AAABBB"}, observations=says))
    rows = table[(table["level"] == "session") & (table["behaviour"] == "any") & (table["species"] == "all")]
    assert rows["unit"].unique().tolist() == ["s", "t"]
    assert (rows["excess"] == 0).all()  # within a session nothing changes


def test_animals_never_there_together():
    table = found(sums({1: "AAAA....", 2: "....AAAA"}))
    assert table["method"].unique().tolist() == ["no two animals are recognized at the same time"]
    assert table["observed"].isna().all()


def brief(k):
    """Two tracks of which only the ends meet, both in B; after many a shift one of them is not coded there."""
    return sums({1: "?AAB" * 5, 2: "." * 19 + "B?AA" * 5}, video=f"s{k}/v.mp4", seed=k, shifts=99)


def test_controls_stay_however_many_sessions_lose_some():
    parts = [brief(k) for k in range(30)]
    few = [int((part[0].below[1:, 0] > 0).sum()) for part in parts]
    assert min(few) > 0 and max(few) < 80
    table = found(*parts)
    pooled = row(table, level="pooled", behaviour="any", measure="pairs")
    assert pooled["n_sessions"] == 30 and pooled["observed"] == 1
    assert pooled["p"] == pytest.approx(1 / 100) and "99 circular shifts" in pooled["method"]
    of_one = row(table, level="session", unit=parts[0][0].session, behaviour="any", measure="pairs")
    assert f"{few[0]} circular shifts" in of_one["method"]


def test_a_session_without_any_control_is_left_out():
    lone = brief(0)
    assert lone[0].below[0, 0] == 1
    for own in lone:
        own.below[1:] = own.above[1:] = 0
    pooled = row(found(lone, brief(1)), level="pooled", behaviour="any", measure="pairs")
    assert pooled["n_sessions"] == 1
    alone = row(found(lone), level="video", behaviour="any", measure="pairs")
    assert np.isnan(alone["p"]) and alone["method"].startswith("after no shift")
