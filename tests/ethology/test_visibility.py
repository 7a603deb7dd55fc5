import numpy as np
import pandas as pd
import pytest

from pipeline.errors import UsageError
from pipeline.ethology.visibility import visible
from pipeline.tables import TRACKS
from tests.ethology import made

SIZE = (1000, 800)
INSIDE = (400, 300, 500, 380)


def rows(*boxes, observed=True, frame_s=1.0):
    """``(track, frame, box)`` each; ``observed`` one for all or one a row."""
    seen = [observed] * len(boxes) if isinstance(observed, bool) else observed
    data = [
        (track, frame, frame * frame_s, *box, 0.9, "zebra", sees)
        for (track, frame, box), sees in zip(boxes, seen, strict=True)
    ]
    return TRACKS.cast(pd.DataFrame(data, columns=TRACKS.names))


@pytest.mark.parametrize(
    ("tracks", "reasons"),
    [
        (TRACKS.empty(), []),  # empty
        (rows((1, 0, INSIDE)), [""]),  # one
        # leaves on the left: 100, then 35, then 25 px of it are in the picture
        (rows((1, 0, INSIDE), (1, 1, (0, 300, 35, 380)), (1, 2, (0, 300, 25, 380))), ["", "", "edge"]),
        # as small in the middle of the picture: far away, not cut
        (rows((1, 0, INSIDE), (1, 1, INSIDE), (1, 2, (400, 300, 425, 380))), ["", "", ""]),
        # leaves at the bottom
        (rows((1, 0, INSIDE), (1, 1, (400, 790, 500, 800))), ["", "edge"]),
        (rows((1, 0, INSIDE), (1, 1, (400, 780, 500, 800))), ["", "edge"]),
        (rows((1, 0, INSIDE), (1, 1, (400, 770, 500, 800))), ["", ""]),
        # the whole frame is the mini-scene; an animal as wide as the picture
        (rows((1, 0, (0, 0, 1000, 800)), (1, 1, (0, 0, 1000, 800))), ["", ""]),
        (rows((1, 0, (0, 300, 1000, 700)), (1, 1, (0, 300, 1000, 690))), ["", ""]),
        # 95 of 100 px of track 1 behind track 2, which stands lower in the picture
        (rows((1, 0, INSIDE), (2, 0, (405, 300, 505, 390))), ["overlap", ""]),
        # 85 of 100 px
        (rows((1, 0, INSIDE), (2, 0, (415, 300, 515, 390))), ["", ""]),
        # the same boxes in different frames
        (rows((1, 0, INSIDE), (2, 1, (405, 300, 505, 390))), ["", ""]),
        # equally near: neither covers the other
        (rows((1, 0, INSIDE), (2, 0, (405, 300, 505, 380))), ["", ""]),
        # three in a row: the far one begins first, the near one last; the one between is not in the way
        (rows((1, 0, INSIDE), (2, 0, (402, 200, 412, 220)), (3, 0, (404, 302, 560, 400))), ["overlap", "", ""]),
        # neither as long nor as high as 12 px; as long, as when seen from above; as high
        (rows((1, 0, (400, 300, 411, 311)), (1, 1, (400, 300, 412, 305))), ["small", ""]),
        (rows((1, 0, (400, 300, 405, 311)), (1, 1, (400, 300, 405, 312))), ["small", ""]),
    ],
)
def test_reasons(configured, tracks, reasons):
    assert visible(tracks, made.frames(3), SIZE, configured("visibility")).tolist() == reasons


@pytest.mark.parametrize(
    ("observed", "reasons"),
    [
        ("x..x", ["", "", "", ""]),  # 1 s between the detections, as much as is allowed
        ("x...x", ["", "gap", "gap", "gap", ""]),  # 4 / 3 s
        ("....x", ["gap", "gap", "gap", "gap", ""]),  # never seen before
        ("x....", ["", "gap", "gap", "gap", "gap"]),  # nor after
        ("..x.x", ["", "", "", "", ""]),
    ],
)
def test_gaps_between_detections(configured, observed, reasons):
    boxes = [(1, frame, INSIDE) for frame in range(len(observed))]
    tracks = rows(*boxes, observed=[letter == "x" for letter in observed], frame_s=1 / 3)
    assert visible(tracks, made.frames(5, 1 / 3), SIZE, configured("visibility")).tolist() == reasons


@pytest.mark.parametrize(
    ("times", "reasons"),
    [
        ([0, 0.1, 0.2, 5.2, 5.3], ["", "", "gap", "", ""]),  # five seconds of footage are missing
        ([0, 0.1, 0.2, 1.1, 1.2], ["", "", "", "", ""]),  # less than a second is
        ([0, 5, 10, 15, 20], ["", "", "", "", ""]),  # a time lapse
    ],
)
@pytest.mark.parametrize("ends", [True, False])
def test_holes_in_the_footage(configured, times, reasons, ends):
    """A track that ends at the hole was not seen in it either."""
    frames = made.frames(len(times)).assign(time_s=times, duration_s=np.diff(times, append=2 * times[-1] - times[-2]))
    tracks = rows(*((1, frame, INSIDE) for frame in range(len(times)))).assign(time_s=times)
    tracks = tracks[: 3 if ends else None]
    assert visible(tracks, frames, SIZE, configured("visibility")).tolist() == reasons[: len(tracks)]


def test_the_gap_is_told_from_the_track_and_the_index_is_kept(configured):
    tracks = rows((2, 1, INSIDE), (1, 0, INSIDE), (2, 0, INSIDE), (1, 3, INSIDE), observed=[False, True, True, True])
    tracks.index = [7, 3, 5, 1]
    reasons = visible(tracks, made.frames(4), SIZE, configured("visibility", max_unobserved_s=0.5))
    assert reasons.to_dict() == {7: "gap", 3: "", 5: "", 1: ""}


def test_everything_can_be_switched_off(configured):
    off = configured(
        "visibility", edge_min_area_share=0.0, max_covered_share=1.0, max_unobserved_s=1e9, min_length_px=0.0
    )
    tracks = rows((1, 0, (0, 0, 3, 3)), (1, 9, INSIDE), (2, 0, (0, 0, 90, 90)), observed=[False, True, True])
    assert visible(tracks, made.frames(10), SIZE, off).tolist() == ["", "", ""]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"edge_min_area_share": 1.5}, r"edge_min_area_share must be in \[0, 1\], got 1.5"),
        ({"max_covered_share": -0.1}, r"max_covered_share must be in \[0, 1\], got -0.1"),
        ({"min_length_px": -1}, "min_length_px must be >= 0, got -1.0"),
    ],
)
def test_settings_are_checked(configured, changes, text):
    with pytest.raises(UsageError, match=text):
        configured("visibility", **changes)
