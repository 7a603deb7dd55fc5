"""Our figures beside those of the reference programs, given the same boxes.

TrackEval 1.3.0 (MOT15, its default preprocessing, IoU 0.5) was given ``reference.made`` and the public detections of
six MOT15 sequences as ``reference.linked`` links them; pycocotools 2.0.11 (one class or one species at a time, a limit
of 1,000 detections a frame) ``reference.scattered`` and the same detections with their scores.
"""

from pathlib import Path

import pandas as pd
import pytest

from pipeline.comparison.detection import detection_figures
from pipeline.comparison.following import followed
from pipeline.tracks.metrics import Tally, by_overlap, combined
from tests.comparison.reference import SEQUENCES, made, scattered, sequence

EXACT = ("MOTA", "IDF1", "IDP", "IDR", "recall", "precision", "switches", "fragmentations")
HIGHER = ("HOTA", "DetA", "AssA")

# TrackEval: HOTA, DetA, AssA; MOTA, IDF1, IDP, IDR, recall, precision, switches, fragmentations
MADE = ((0.492884, 0.627380, 0.390687), (0.6, 0.5, 0.5, 0.5, 0.833333, 0.833333, 2, 2))
TRACKED = {
    "ADL-Rundle-6": (
        (0.313466, 0.368344, 0.273735),
        (0.326213, 0.393400, 0.424509, 0.366540, 0.609503, 0.705896, 147, 184),
    ),
    "ETH-Bahnhof": (
        (0.427316, 0.398033, 0.463052),
        (0.273315, 0.551789, 0.516508, 0.592244, 0.727793, 0.634724, 193, 303),
    ),
    "KITTI-13": (
        (0.231816, 0.296959, 0.184595),
        (-0.257218, 0.253076, 0.228571, 0.283465, 0.607612, 0.489947, 177, 48),
    ),
    "PETS09-S2L1": (
        (0.270219, 0.495102, 0.150066),
        (0.557417, 0.296095, 0.300069, 0.292225, 0.783512, 0.804542, 160, 348),
    ),
    "TUD-Campus": (
        (0.448978, 0.497246, 0.408468),
        (0.537604, 0.550000, 0.582555, 0.520891, 0.735376, 0.822430, 14, 18),
    ),
    "TUD-Stadtmitte": (
        (0.486774, 0.541940, 0.437453),
        (0.700692, 0.697674, 0.772871, 0.635813, 0.770761, 0.936909, 21, 24),
    ),
    "all six together": (
        (0.359134, 0.415976, 0.316841),
        (0.373523, 0.436842, 0.437697, 0.435990, 0.705536, 0.708299, 712, 925),
    ),
}
# TrackEval: HOTA of the made sequence at least IoUs of 0.05, 0.10 ... 0.95
CURVE = [0.637625] * 8 + [0.568489, 0.518698, 0.459632, 0.459632, 0.444486, *[0.436086] * 3, 0.299758, 0.204837, 0.0]

# pycocotools: of what, AP50 and AP50-95
SCATTERED = [
    (("map50", "map50_95"), (0.664253, 0.414007)),
    (("per_size", "small"), (0.755571, 0.479497)),
    (("per_size", "medium"), (0.564256, 0.331265)),
    (("per_size", "large"), (0.838233, 0.598561)),
    (("per_species", "giraffe"), (0.531078, 0.338451)),
    (("per_species", "zebra"), (0.631458, 0.394050)),
]
# pycocotools, AP50 and AP50-95 by area; of TUD-Campus one box of exactly 96 x 96 px is medium and large to it: left out
DETECTED = [
    ("TUD-Campus", {"all": (0.710927, 0.311838), "large": (0.786442, 0.348230)}),
    ("TUD-Stadtmitte", {"all": (0.770372, 0.339441), "medium": (0.731363, 0.339367), "large": (0.880178, 0.386171)}),
    ("KITTI-13", {"all": (0.471469, 0.164744), "small": (0.0, 0.0), "medium": (0.433044, 0.136137)}),
]


def check(tallies: list[Tally], expected: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    """HOTA's family to 1e-4: where an IoU is a least IoU to the last bit, the order of additions decides."""
    told = combined(tallies)
    assert [told[name] for name in HIGHER] == pytest.approx(expected[0], abs=1e-4)
    assert [told[name] for name in EXACT] == pytest.approx(expected[1], abs=1e-6)


def test_a_made_sequence_as_trackeval_has_it() -> None:
    truth, tracks = made()
    check([followed(tracks, truth)], MADE)
    assert by_overlap([followed(tracks, truth)])["hota"].tolist() == pytest.approx(CURVE, abs=1e-6)


@pytest.mark.real
def test_real_sequences_as_trackeval_has_them(real: Path) -> None:
    tallies = {}
    for name in SEQUENCES:
        truth, tracks = sequence(real, name)
        tallies[name] = followed(tracks, truth)
        check([tallies[name]], TRACKED[name])
    check(list(tallies.values()), TRACKED["all six together"])


def precisions(figures: dict, of: tuple[str, str]) -> list[float]:
    if of[0] == "map50":
        return [figures[name] for name in of]
    return [figures[of[0]][of[1]][name] for name in ("ap50", "ap50_95")]


@pytest.mark.parametrize(("of", "expected"), SCATTERED)
def test_made_detections_as_pycocotools_has_them(of: tuple[str, str], expected: tuple[float, float]) -> None:
    truth, found = scattered()
    assert precisions(detection_figures(found, truth), of) == pytest.approx(expected, abs=1e-6)


@pytest.mark.real
@pytest.mark.parametrize(("name", "expected"), DETECTED)
def test_real_detections_as_pycocotools_has_them(real: Path, name: str, expected: dict) -> None:
    truth, found = (table.assign(species="person") for table in sequence(real, name))
    figures = detection_figures(found, truth)
    for size, values in expected.items():
        of = ("map50", "map50_95") if size == "all" else ("per_size", size)
        assert precisions(figures, of) == pytest.approx(values, abs=1e-6), size


def test_a_hidden_animal_is_no_merit_and_no_fault_at_any_overlap() -> None:
    """A region: the false box in it counts neither way, the one beside it does."""
    truth = pd.DataFrame(
        {"track": [1, 2], "frame": 0, "x1": [0, 100], "y1": 0, "x2": [40, 140], "y2": 40, "species": "zebra"}
    ).assign(visible=[1.0, 0.1], inside=1.0)
    found = pd.DataFrame({"frame": 0, "x1": [0, 100], "y1": 0, "x2": [40, 130], "y2": 40, "score": [0.5, 0.9]})
    figures = detection_figures(found.assign(species="zebra"), truth)
    assert (figures["map50"], figures["map50_95"], figures["precision"]) == (1.0, 1.0, 1.0)
