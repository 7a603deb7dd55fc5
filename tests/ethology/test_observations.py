import numpy as np
import pytest

from pipeline.errors import TableError
from pipeline.ethology.observations import NOT_LISTED, default_session, placed, read_observations, template
from pipeline.tables import OBSERVATIONS


def written(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "observations.csv"
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.parametrize(
    ("video", "session"),
    [("DJI_0001.MP4", "all"), ("day_1/DJI_0001.MP4", "day_1"), ("a/b/DJI_0001.MP4", "a/b")],
)
def test_a_folder_is_a_session_until_somebody_says_otherwise(video, session):
    assert default_session(video) == session


def test_the_template_uses_everything_and_can_be_read_back(tmp_path):
    made = template(["a.mp4", "day/b.mp4"])
    assert made[["video", "session", "use"]].to_numpy().tolist() == [
        ["a.mp4", "all", "yes"],
        ["day/b.mp4", "day", "yes"],
    ]
    path = tmp_path / "observations.csv"
    made.to_csv(path, index=False)
    assert read_observations(path).equals(made)
    assert template([]).columns.tolist() == OBSERVATIONS.names


def test_only_the_video_has_to_be_there_and_other_columns_are_kept(tmp_path):
    path = written(tmp_path, "video, weather \nday/b.mp4, NA \n", encoding="utf-8-sig")
    row = read_observations(path).iloc[0]
    assert (row["session"], row["use"], row["weather"]) == ("day", "yes", "NA")
    assert np.isnan(row["start_s"])


def test_all_faults_at_once(tmp_path):
    path = written(tmp_path, "video,start_s,use,timezone\na.mp4,soon,perhaps,3\nb.mp4,,no,+03:00\n")
    text = (
        r"observations.csv: column start_s must be a number: 1 rows are not \(first: row 1, 'soon'\); "
        r"1 rows with use other than yes or no \(first: row 1\); 1 rows with timezone unlike \+03:00 \(first: row 1\)"
    )
    with pytest.raises(TableError, match=text):
        read_observations(path)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("start_s\n1\n", "missing columns video"),
        ("video,start,stop\na,0,1\n", "column start: a span has start_s, in seconds; column stop: a span has stop_s"),
        ("video,start_s\na,-1\n", r"1 rows with start_s < 0 \(first: row 1\)"),
        ("video,timezone\na,+25:99\n", r"1 rows with timezone unlike \+03:00"),
        (
            "video,eventDate\na,2026-05\nb,31.12.2024\nc,2024-02-30\n",
            r"2 rows with eventDate unlike 2026-05-17",
        ),
        ("video,eventTime\na,06:30+03:00/07:00\nb,99:99\n", r"1 rows with eventTime unlike 06:30:00 \(first: row 2\)"),
        (
            "video,decimalLatitude,decimalLongitude\na,-90,180\nb,999,abc\n",
            r"Latitude unlike .*Longitude unlike",
        ),
        ("video,start_s,stop_s\na,0,1\nb,5,5\n", r"1 rows with stop_s <= start_s \(first: row 2\)"),
        ("video,stop_s\na,0\n", r"1 rows with stop_s <= start_s \(first: row 1\)"),
        ("video,start_s,stop_s\na,0,10\na,9,\nb,0,10\n", r"1 rows with use=yes overlap .* \(first: row 2\)"),
        ("video,start_s,stop_s\na,0,100\na,10,20\na,90,120\n", r"2 rows with use=yes overlap .* \(first: row 2\)"),
    ],
)
def test_faults(tmp_path, text, fault):
    with pytest.raises(TableError, match=fault):
        read_observations(written(tmp_path, text))


def test_no_such_file_and_no_table(tmp_path):
    with pytest.raises(TableError, match=r"no such table: .*nowhere\.csv"):
        read_observations(tmp_path / "nowhere.csv")
    with pytest.raises(TableError, match=r"cannot read .*observations\.csv as a table: No columns"):
        read_observations(written(tmp_path, ""))
    with pytest.raises(TableError, match=r"cannot read .* as a table"):
        read_observations(written(tmp_path, "video,use\na,\xe4\n", encoding="latin-1"))


TIMES = np.arange(6.0)


@pytest.mark.parametrize(
    ("rows", "sessions", "reasons"),
    [
        ("other.mp4,,,s,yes,\n", ["d"] * 6, [""] * 6),  # nobody speaks of the video
        ("d/v.mp4,,,s,yes,\n", ["s"] * 6, [""] * 6),  # all of it
        # take-off: the rest counts, in the session that the row names
        ("d/v.mp4,,2,s,no,take-off\n", ["s"] * 6, ["take-off"] * 2 + [""] * 4),
        # only what is listed; half-open
        ("d/v.mp4,1,3,s,yes,\n", ["s"] * 6, [NOT_LISTED, "", "", NOT_LISTED, NOT_LISTED, NOT_LISTED]),
        # two visits in one video
        ("d/v.mp4,0,3,s,yes,\nd/v.mp4,3,,t,yes,\n", ["s"] * 3 + ["t"] * 3, [""] * 6),
        # no goes before yes, wherever it stands
        ("d/v.mp4,2,4,s,no,\nd/v.mp4,,,s,yes,\n", ["s"] * 6, ["", "", "no reason given", "no reason given", "", ""]),
    ],
)
def test_what_counts(tmp_path, rows, sessions, reasons):
    observations = read_observations(written(tmp_path, "video,start_s,stop_s,session,use,reason\n" + rows))
    found = placed(TIMES, "d/v.mp4", observations)
    assert found["session"].tolist() == sessions
    assert found["reason"].tolist() == reasons


def test_without_observations_everything_counts():
    found = placed(TIMES, "d/v.mp4", None)
    assert found.to_numpy().tolist() == [["d", "", "", "", ""]] * 6
    assert len(placed(np.zeros(0), "v.mp4", None)) == 0
