import numpy as np
import pytest

from pipeline.ethology.decoding import likeliest

STEP_S = 0.1


def sequence(frames: str, switch_s: float, p: float = 0.8, known: str = "") -> str:
    """The likeliest letters where each frame gives its own of ``frames`` the probability ``p``, the other the rest."""
    own = np.array([letter == "b" for letter in frames])
    probabilities = np.where(own[:, None], [[1 - p, p]], [[p, 1 - p]])
    seen = np.array([letter == "." for letter in known.ljust(len(frames), ".")])
    found = likeliest(probabilities, np.full(len(frames), STEP_S), seen, switch_s)
    return "".join("ab"[k] for k in found)


@pytest.mark.parametrize(
    ("frames", "switch_s", "expected"),
    [
        ("aaabaaa", 0.0, "aaabaaa"),  # every frame for itself
        # log(0.8 / 0.2) = 1.386 a second: five frames away are worth 0.693, six 0.832; the way there and back twice
        ("aaaabbbbbaaaa", 0.35, "a" * 13),
        ("aaaabbbbbbaaaa", 0.35, "aaaabbbbbbaaaa"),
        ("aaaabbb", 0.35, "aaaabbb"),  # at the end only the way there
        ("aaaabb", 0.35, "aaaaaa"),
        ("", 1.0, ""),
        ("b", 1.0, "b"),
    ],
)
def test_a_change_is_made_where_it_is_worth_its_cost(frames: str, switch_s: float, expected: str) -> None:
    assert sequence(frames, switch_s) == expected


def test_what_is_beyond_unknown_frames_is_independent() -> None:
    assert sequence("aaaaaabaaaaa", 0.35, known="......#.....")[:6] == "aaaaaa"
    assert sequence("aaaaaabb", 0.35) == "aaaaaaaa"
    assert sequence("aaaaaabb", 0.35, known=".....#..")[6:] == "bb"


def test_the_sum_is_the_largest_of_all_sequences() -> None:
    rng = np.random.default_rng(1)
    probabilities, lasts = rng.dirichlet(np.ones(3), 7), rng.uniform(0.2, 1, 7)
    known = np.arange(7) != 4
    cost = np.where(known[1:] & known[:-1], 0.3, 0.0)

    def worth(path: np.ndarray) -> float:
        told = np.where(known, lasts * np.log(probabilities[np.arange(7), path]), 0.0)
        return float(told.sum() - cost[path[1:] != path[:-1]].sum())

    every = np.stack(np.meshgrid(*[range(3)] * 7, indexing="ij"), axis=-1).reshape(-1, 7)
    found = likeliest(probabilities, lasts, known, 0.3)
    assert worth(found) == pytest.approx(max(worth(path) for path in every))


def test_a_still_has_a_behaviour() -> None:
    assert likeliest(np.array([[0.2, 0.8]]), np.zeros(1), np.ones(1, dtype=bool), 0.5).tolist() == [1]
