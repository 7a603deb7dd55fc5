"""DJI's telemetry: every dialect into one table, what is broken saved as far as it goes; what is written reads back."""

import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import TableError
from pipeline.formats.dji_srt import TELEMETRY, read_srt
from pipeline.formats.dji_srt_write import Dialect, write_srt

PLACE = ["latitude_deg", "longitude_deg"]
CUE = "1\n00:00:01,500 --> 00:00:01,533\n"


def read(folder: Path, text: str, encoding: str = "utf-8") -> pd.DataFrame:
    path = folder / "DJI_0001.SRT"
    path.write_bytes(text.encode(encoding))
    data = read_srt(path)
    assert list(data.columns) == TELEMETRY.names
    return data


def said(data: pd.DataFrame, row: int = 0) -> dict[str, object]:
    """What a record says, without its number and what is missing."""
    found = data.iloc[row].drop("record")
    return {name: value for name, value in found.items() if not pd.isna(value) and value not in ("", -1)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (  # Air 2S: one altitude, nobody says above what
            '<font size="36">SrtCnt : 7, DiffTime : 33ms\n2022-08-07 13:40:40,774,808\n'
            "[iso : 100] [shutter : 1/80.0] [fnum : 280] [ev : 0] [ct : 5744] [color_md : default] [focal_len : 240] "
            "[latitude: 41.5] [longitude: 2.25] [altitude: 117.000000] </font>",
            {"counter": 7, "clock": "2022-08-07 13:40:40.774808", "latitude_deg": 41.5, "longitude_deg": 2.25}
            | {"altitude_m": 117, "iso": 100, "shutter_s": 0.0125, "fnumber": 2.8, "focal_mm": 24},
        ),
        (  # Mavic 3: both heights in one bracket, decimals written out, milliseconds after a point
            '<font size="28">FrameCnt: 12, DiffTime: 33ms\n2023-08-13 10:20:11.234\n[shutter: 1/500.0] [fnum: 2.8] '
            "[focal_len: 24.00] [dzoom_ratio: 10000, delta:0],[latitude: -0.5] [longitude: 36.5] "
            "[rel_alt: 1.300 abs_alt: 100.500] [gb_yaw: -67.6 gb_pitch: -30.0 gb_roll: 0.1] </font>",
            {"counter": 12, "clock": "2023-08-13 10:20:11.234000", "latitude_deg": -0.5, "longitude_deg": 36.5}
            | {"rel_altitude_m": 1.3, "abs_altitude_m": 100.5, "shutter_s": 0.002, "fnumber": 2.8, "focal_mm": 24}
            | {"zoom": 1, "gimbal_yaw_deg": -67.6, "gimbal_pitch_deg": -30, "gimbal_roll_deg": 0.1},
        ),
        (  # Mavic 2: longtitude
            "[latitude : -20.25] [longtitude : 149.0] [fnum : 220]",
            {"latitude_deg": -20.25, "longitude_deg": 149, "fnumber": 2.2},
        ),
        (  # Mavic Pro: longitude first; home is not where it is; an EV of nothing does not swallow the next word
            "HOME(149.5,-20.5) 2017.08.05 14:11:51\nGPS(149.0,-20.25,16) BAROMETER:1.9\n"
            "ISO:100 Shutter:50 EV: Fnum:2.2",
            {"clock": "2017-08-05 14:11:51.000000", "latitude_deg": -20.25, "longitude_deg": 149, "satellites": 16}
            | {"rel_altitude_m": 1.9, "iso": 100, "shutter_s": 0.02, "fnumber": 2.2},
        ),
        (  # older: barometer and sonar
            "HOME(149.5,-20.5) 2017.8.5 4:11:51\nGPS(149.0,-20.25,16) Hb:1.9 Hs:2.4\nISO:100 TV:50 EV: 0 IR:F2.8",
            {"clock": "2017-08-05 04:11:51.000000", "latitude_deg": -20.25, "longitude_deg": 149, "satellites": 16}
            | {"rel_altitude_m": 1.9, "iso": 100, "shutter_s": 0.02, "fnumber": 2.8},
        ),
        (  # Matrice 300: latitude first, metres
            "2022.06.21 16:06:20\nGPS(36.5,-6.25,0.0M) BAROMETER:1.3M",
            {"clock": "2022-06-21 16:06:20.000000", "latitude_deg": 36.5, "longitude_deg": -6.25}
            | {"altitude_m": 0, "rel_altitude_m": 1.3},
        ),
        (  # Phantom 4 RTK: pitch, roll, yaw of aircraft and gimbal; speeds and distances are not heights
            "F/5.6, SS 400, ISO 100, EV +0.7, GPS (-59.5, -34.75, 16), HOME (-59.0, -34.5, 7.60m), D 153.32m, "
            "H 17.39m, H.S 1.84m/s, V.S 0.00m/s, F.PRY (-8.9\u00b0, 2.9\u00b0, -75.0\u00b0), "
            "G.PRY (-27.3\u00b0, 0.5\u00b0, -76.0\u00b0)",
            {"latitude_deg": -34.75, "longitude_deg": -59.5, "satellites": 16, "rel_altitude_m": 17.39, "iso": 100}
            | {"shutter_s": 0.0025, "fnumber": 5.6}
            | {"gimbal_yaw_deg": -76, "gimbal_pitch_deg": -27.3, "gimbal_roll_deg": 0.5},
        ),
        (  # Mavic Mini
            "F/2.8, SS 50.00, ISO 260, EV -1.7, GPS (-121.75, 48.0, 17), D 221.21m, H 200.70m, H.S n/a, V.S n/a ",
            {"latitude_deg": 48, "longitude_deg": -121.75, "satellites": 17, "rel_altitude_m": 200.7, "iso": 260}
            | {"shutter_s": 0.02, "fnumber": 2.8},
        ),
        # a figure that can be no latitude is a longitude; one with a point is no number of satellites
        ("GPS(39.5,116.25,69.8)", {"latitude_deg": 39.5, "longitude_deg": 116.25, "altitude_m": 69.8}),
        ("[iso : 100] [ct : 5627]", {"iso": 100}),  # Mavic Air: no GPS
        ("[iso : 100] [latitude: 0.000000] [longitude: 0.000000]", {"iso": 100}),  # no fix yet
        ("[iso : 100] [latitude: 10.0]", {"iso": 100}),  # half a position is none
        ("GPS(N/A,N/A,3) BAROMETER:0.0", {"rel_altitude_m": 0}),
        ("[latitude: 0.000000] [longitude: 36.5]", {"latitude_deg": 0, "longitude_deg": 36.5}),  # on the equator
    ],
)
def test_dialects(tmp_path: Path, body: str, expected: dict[str, object]) -> None:
    found = said(read(tmp_path, CUE + body + "\n"))
    assert found == pytest.approx({"time_s": 1.5, "duration_s": 0.033} | expected)


def test_a_mark_windows_lines_and_other_encodings(tmp_path: Path) -> None:
    text = "1\n00:00:00,000 --> 00:00:00,040\n[latitude : 1.5] [longtitude : 2.5]\n\n" * 2
    plain = read(tmp_path, text)
    assert len(plain) == 2
    for other, encoding in [("\ufeff" + text, "utf-8"), (text.replace("\n", "\r\n"), "utf-8"), (text, "utf-16")]:
        pd.testing.assert_frame_equal(read(tmp_path, other, encoding), plain)


def test_without_cues_the_clock_tells_the_time(tmp_path: Path) -> None:
    lines = ["2017.08.05 14:11:51,393,525,393,525", "2017.08.05 14:11:52,393,525", "2017.08.05 14:11:54,393,525"]
    data = read(tmp_path, "".join(f"{k}\n{line}\n[iso : 100]\n\n" for k, line in enumerate(lines, start=1)))
    assert data["clock"][0] == "2017-08-05 14:11:51.393525"
    assert data["time_s"].tolist() == [0, 1, 3]
    assert data["duration_s"].tolist() == [1, 2, 2]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "the file is empty; copy it again"),
        (" \n\n", "the file is empty; copy it again"),
        ("1\n", "no telemetry record in 2 characters; is it a DJI .SRT file"),
        ("GIF89a;lorem ipsum", "no telemetry record in 18 characters"),
        (CUE + "What a lovely herd\n", "1 subtitles, but none holds telemetry; is it a DJI .SRT file"),
    ],
)
def test_nothing_to_save(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        read(tmp_path, text)


def test_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"cannot read .*none\.SRT: No such file"):
        read_srt(tmp_path / "none.SRT")


FULL = CUE + "[iso : 100] [latitude: 41.424] [longitude: 2.234] [altitude: 117.0]\n\n"


@pytest.mark.parametrize(
    ("cut", "rows", "last", "warning"),
    [
        ("2\n00:00", 1, 2.234, "1 of 2 records have no time and are left out"),
        ("2\n00:00:01,533 --> 00:00:01,566\n[iso : 100", 2, np.nan, "the last record is cut off"),
        # the longitude's own figures are cut: 2.2 would be a place 4 km away
        ("2\n00:00:01,533 --> 00:00:01,566\n[iso : 100] [latitude: 41.424] [longitude: 2.2", 2, np.nan, "is cut off"),
        ("2\n00:00:01,033 --> 00:00:01,066\n" + FULL.split("\n", 2)[2], 2, 2.234, "time goes back 1 times"),
        (FULL.replace("2.234", "222.34"), 2, np.nan, "1 of 2 positions are nowhere on Earth and are left out"),
    ],
)
def test_what_can_be_saved_is_saved_aloud(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, cut: str, rows: int, last: float, warning: str
) -> None:
    data = read(tmp_path, FULL + cut)
    assert len(data) == rows
    assert data["longitude_deg"].iloc[-1] == pytest.approx(last, nan_ok=True)
    assert warning in caplog.text


def flown(count: int = 90) -> pd.DataFrame:
    """A drone that flies north-east at the equator, 30 frames a second."""
    steps = np.arange(count)
    return pd.DataFrame(
        {"time_s": steps / 30, "latitude_deg": -0.1 + steps * 1e-6, "longitude_deg": 36.9 + steps * 2e-6}
        | {"rel_altitude_m": 20.0 + steps * 0.01, "abs_altitude_m": 1720.0 + steps * 0.01}
        | {"gimbal_yaw_deg": -120.4, "gimbal_pitch_deg": -35.1, "gimbal_roll_deg": 0.0, "zoom": 2.0}
        | {"iso": 100.0, "shutter_s": 1 / 640, "fnumber": 2.8, "focal_mm": 24.0}
        | {"clock": pd.date_range("2023-01-12 10:31:05.5", periods=count, freq="33333us").astype(str)}
    )


def test_modern_reads_back(tmp_path: Path) -> None:
    given = flown()
    write_srt(tmp_path / "a.SRT", given, Dialect.modern)
    data = read_srt(tmp_path / "a.SRT")
    assert data["counter"].tolist() == list(range(1, 91))
    for name in given.columns.drop(["clock", "time_s"]):
        assert data[name].to_numpy() == pytest.approx(given[name].to_numpy(), abs=1e-7 if name in PLACE else 1e-6), name
    assert data["time_s"].to_numpy() == pytest.approx(given["time_s"].to_numpy(), abs=5.1e-4)
    assert data["clock"][1] == "2023-01-12 10:31:05.533333"


def test_modern_is_worded_as_the_drone_does(tmp_path: Path) -> None:
    write_srt(tmp_path / "a.SRT", flown(2), Dialect.modern)
    assert (tmp_path / "a.SRT").read_text(encoding="utf-8").split("\n\n")[1] == (
        "2\n00:00:00,033 --> 00:00:00,067\n"
        '<font size="28">SrtCnt : 2, DiffTime : 33ms\n'
        "2023-01-12 10:31:05,533,333\n"
        "[iso : 100] [shutter : 1/640.0] [fnum : 280] [ev : 0] [color_md : default] [focal_len : 240] "
        "[dzoom_ratio: 20000, delta:0] [latitude: -0.0999990] [longitude: 36.9000020] "
        "[rel_alt: 20.010 abs_alt: 1720.010] [gb_yaw: -120.4 gb_pitch: -35.1 gb_roll: 0.0] </font>"
    )


def test_mavic_pro_notes_every_second(tmp_path: Path) -> None:
    given = flown()
    write_srt(tmp_path / "a.SRT", given, Dialect.mavic_pro)
    data = read_srt(tmp_path / "a.SRT")
    assert data["time_s"].tolist() == [0, 1, 2]
    assert data[PLACE].to_numpy() == pytest.approx(given.loc[[0, 30, 60], PLACE].to_numpy(), abs=5.1e-5)
    assert data["rel_altitude_m"].tolist() == [20.0, 20.3, 20.6]
    text = (tmp_path / "a.SRT").read_text(encoding="utf-8")
    assert text.startswith(
        "1\n00:00:00,000 --> 00:00:01,000\nHOME(36.9000,-0.1000) 2023.01.12 10:31:05\n"
        "GPS(36.9000,-0.1000,0) BAROMETER:20.0\nISO:100 Shutter:640 EV: Fnum:2.8\n\n2\n"
    )


@pytest.mark.parametrize("dialect", Dialect)
def test_one_row_of_the_least(tmp_path: Path, dialect: Dialect) -> None:
    write_srt(tmp_path / "a.SRT", flown(1)[["time_s", *PLACE]], dialect, decimals=9)
    data = read_srt(tmp_path / "a.SRT")
    assert data.loc[0, [*PLACE, "time_s", "duration_s"]].tolist() == [-0.1, 36.9, 0, 1]
    assert data["clock"].tolist() == [""]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"latitude_deg": [np.nan, 1.0]}, r"cannot write a\.SRT: latitude_deg must be known in every row"),
        ({"time_s": [1.0, 1.0]}, r"cannot write a\.SRT: time_s must rise from row to row"),
    ],
)
def test_what_cannot_be_written(tmp_path: Path, change: dict[str, list[float]], fault: str) -> None:
    with pytest.raises(TableError, match=fault):
        write_srt(tmp_path / "a.SRT", flown(2).assign(**change), Dialect.modern)
    with pytest.raises(TableError, match=r"cannot write a\.SRT: there is no row"):
        write_srt(tmp_path / "a.SRT", flown(0), Dialect.modern)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "records", "first", "fixes"),
    [  # file, records, first position, records with a position
        ("air2s.srt", 17, (41.424724, 2.234156), 17),
        ("m2zoom.SRT", 677, (31.452012, 74.398751), 676),  # cut in the last record
        ("matrice_300.srt", 381, (36.6146, -6.1120), 381),
        ("mavic_2_style.SRT", 468, (-20.2533, 149.0251), 468),
        ("mavic_2pro_new.SRT", 728, (-35.080155, -60.286702), 728),  # a byte-order mark; cut before the last one's time
        ("mavic_air.SRT", 2, None, 0),
        ("mavic_mini.SRT", 117, (48.0771, -121.7458), 117),
        ("mavic_pro.SRT", 468, (-20.2533, 149.0251), 468),
        ("mavic_pro_buggy.SRT", 546, (42.4668, -1.2218), 530),  # GPS(N/A,N/A,3)
        ("mix_p4rtk_mavic2pro.srt", 12, (-34.650200, -59.409424), 12),  # two dialects in one file
        ("old_format.SRT", 468, (-20.2533, 149.0251), 468),
        ("p4_rtk.SRT", 55, (-34.237922, -58.851745), 55),
        ("broken_incomplete.SRT", 20, (-34.7383, -58.4563), 19),
    ],
)
def test_real_files(real: Path, name: str, records: int, first: tuple[float, float] | None, fixes: int) -> None:
    data = read_srt(real / "telemetry" / name)
    assert (len(data), int(data["latitude_deg"].notna().sum())) == (records, fixes)
    if first:
        assert tuple(data.loc[0, PLACE]) == first
        assert (data[PLACE].max() - data[PLACE].min()).max() < 0.05  # nothing strays: one flight, a few kilometres
    assert data["time_s"].is_monotonic_increasing
    assert data["duration_s"].between(0, 2).all()


@pytest.mark.real
def test_one_flight_in_three_dialects_agrees(real: Path) -> None:
    pro, old, bare = (read_srt(real / "telemetry" / f"{n}.SRT") for n in ("mavic_pro", "old_format", "mavic_2_style"))
    same = [*PLACE, "iso", "shutter_s"]
    for other in (old, bare):
        pd.testing.assert_frame_equal(pro[same], other[same])
        assert (pro["clock"].str[:19] == other["clock"].str[:19]).all()
    assert pro["time_s"].equals(old["time_s"])
    differing = pro["rel_altitude_m"] != old["rel_altitude_m"]
    assert pro.loc[differing, "record"].tolist() == [331]  # 66.0 in one file and 63.0 in the other, as they stand
    assert bare["rel_altitude_m"].isna().all()


@pytest.mark.real
@pytest.mark.parametrize("name", ["broken_empty.SRT", "broken_empty2.SRT"])
def test_real_broken_files(real: Path, name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(TableError, match=rf"{name}: (the file is empty|no telemetry record)"):
        read_srt(real / "telemetry" / name)
