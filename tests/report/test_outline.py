import numpy as np
import pytest

from pipeline.report.outline import outline

VIEW = (0.0, 100.0, 0.0, 100.0)
SQUARE = [(30, 30), (70, 30), (70, 70), (30, 70), (30, 30)]


@pytest.mark.parametrize(
    ("points", "boxes"),
    [
        ([(10, 20), (30, 20)], [(8, 18, 32, 22)]),  # half the width on every side
        ([(10, 20), (30, 20)] * 50, [(8, 18, 32, 22)]),  # to and fro
        (SQUARE, [(28, 28, 72, 72), (32, 32, 68, 68)]),  # the outer and the inner edge
        ([(10, 20), (30, 20), (np.nan, np.nan), (10, 60), (30, 60)], [(8, 18, 32, 22), (8, 58, 32, 62)]),  # broken
        ([(10, 20), (30, 20), (1e7, 1e7), (10, 60), (30, 60)], [(8, 18, 32, 22), (8, 58, 32, 62)]),  # out of view
        ([(-5, 20), (np.nan, np.nan)], []),  # nothing in view
    ],
)
def test_the_edges_of_what_a_line_covers(points, boxes):
    drawn = outline(np.array(points, dtype=float), 4.0, 0.1, VIEW).to_polygons()
    found = sorted((*ring.min(axis=0), *ring.max(axis=0)) for ring in drawn)
    assert found == [pytest.approx(box, abs=0.2) for box in sorted(boxes)]


def test_a_line_however_often_it_is_walked_has_few_corners():
    walked = np.tile(np.array(SQUARE, dtype=float), (500, 1))
    assert len(outline(walked, 4.0, 0.1, VIEW).vertices) < 100
