"""What flows refuses to be wrong."""

import numpy as np
import pandas as pd
import pytest

from pipeline.tables import DETECTIONS
from pipeline.types import Detections


def test_nothing_found_has_no_rows() -> None:
    assert len(Detections.none()) == 0


def test_one_species_name_serves_all_boxes() -> None:
    found = Detections.of([[0, 0, 1, 1], [2, 2, 3, 3]], 0.5, "zebra")
    assert found.species.tolist() == ["zebra", "zebra"]
    assert found.share.tolist() == [1, 1]
    assert found.given_id.tolist() == [-1, -1]


def test_a_table_keeps_its_rows_and_their_identities() -> None:
    assert len(Detections.of_table(DETECTIONS.empty())) == 0
    row = [3, 0.1, 1, 2, 5, 6, 0.5, "zebra", 0.8, 7]
    found = Detections.of_table(DETECTIONS.cast(pd.DataFrame([row], columns=DETECTIONS.names)))
    assert found.xyxy.tolist() == [[1, 2, 5, 6]]
    assert (found.score[0], found.species[0], found.share[0], found.given_id[0]) == (0.5, "zebra", 0.8, 7)


def test_rows_are_chosen_together() -> None:
    found = Detections.of([[0, 0, 1, 1], [2, 2, 3, 3]], [0.5, 0.9], ["zebra", "giraffe"])
    assert found[np.array([False, True])].species.tolist() == ["giraffe"]


def test_one_row_per_animal() -> None:
    with pytest.raises(ValueError, match=r"one row per animal: expected xyxy \[n, 4\] and the others \[n\], got"):
        Detections(np.zeros((2, 4)), np.zeros(1), np.array(["a", "b"], dtype=object))
