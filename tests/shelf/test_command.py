"""``ethopipe models`` from its words to its lines: list, show, verify."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli
from pipeline.checksums import SUMS, files_of, read_sums, write_sums
from pipeline.errors import EthopipeError, ModelError
from pipeline.model_folder import CARD, models_folder
from pipeline.shelf.command import answer
from pipeline.shelf.show import size_text
from pipeline.shelf.stock import model_of
from tests.tiny_models import tiny_videomae

EMBEDDED = ("kinematic", "savanna_videomae", "savanna_yolo")


@pytest.fixture(autouse=True)
def fetched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of fetched models; empty. The tests work in another."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("ETHOPIPE_MODELS", str(tmp_path / "fetched"))
    return tmp_path / "fetched"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the embedded recognizer."""
    return Path(shutil.copytree(models_folder() / "savanna_videomae", tmp_path / "copy"))


def lines(*words: str | Path) -> list[str]:
    return list(answer(list(map(str, words))))


def refused(*words: str | Path) -> tuple[list[str], str]:
    """The lines, and the error after them."""
    said: list[str] = []
    with pytest.raises(EthopipeError) as caught:
        said.extend(answer(list(map(str, words))))
    return said, str(caught.value)


@pytest.mark.parametrize("name", EMBEDDED)
def test_every_file_of_an_embedded_model_is_recorded_and_as_recorded(name: str) -> None:
    """Where a file was changed on purpose: pipeline.checksums.write_sums(folder) records it."""
    folder = models_folder() / name
    assert set(read_sums(folder)) == {path.name for path in files_of(folder)}
    assert lines("verify", name) == [f"{name}/{file}: ok" for file in sorted(read_sums(folder))]


def test_the_list(fetched: Path) -> None:
    tiny_videomae(fetched / "videomae_kinetics", ("Walk",))
    write_sums(tiny_videomae(fetched / "mine", ("Walk",)))
    head, *rows = lines()
    assert lines("list") == [head, *rows]
    assert head.split() == ["name", "kind", "where", "size", "licence", "what"]
    where = head.index("where")
    told = {row.split()[0]: row[where:].split("  ")[0] for row in rows}
    away = dict.fromkeys(("kabr_x3d", "timesformer_kinetics", "vjepa2_ssv2", "swin3d_t"), "can be fetched")
    assert told.items() >= {**dict.fromkeys(EMBEDDED, "embedded"), **away, "videomae_kinetics": "fetched"}.items()
    assert told["mine"] == "fetched"
    assert rows[2].split() == [
        *("savanna_yolo", "detector", "embedded", "5.3", "MB", "AGPL-3.0-or-later"),
        *("plains_zebra,", "grevys_zebra,", "giraffe,", "impala,", "baboon"),
    ]


def test_a_card_is_shown(copy: Path) -> None:
    said = "\n".join(lines("show", "savanna_videomae"))
    for text in (
        "savanna_videomae: recognizer, embedded\n",
        "use           ethopipe run SOURCE recognizer=embedded behaviours=embedded\n",
        "behaviours    Walk, Graze, Browse, Head Up, Auto-Groom, Trot, Run, Occluded\n",
        "that is       Walk: walks, each foot by itself; Graze: head at the ground, standing or",
        "clip          16 frames, 0.1667 s apart: 2.50 s\n",
        "pixels        resized to 96 x 128 px; mean [0.485, 0.456, 0.406]",
        "trained on    clips of the simulated savanna",
        "not good for  results on real animals",
        "macro_top1 0.8427\n",
        "Head Up        0.7321     0.8542         56     0.9596          0.969\n",
        "Occluded       0.8235     0.7568         34\n",
        f"5.6 MB  {read_sums(copy)['model.safetensors']}",
    ):
        assert text in said
    assert max(map(len, said.splitlines())) <= 110
    assert f"use           ethopipe run SOURCE recognizer=transformers recognizer.model={copy}" in "\n".join(
        lines("show", copy)
    )


def test_figures_of_behaviours_go_to_the_longest_name(tmp_path: Path) -> None:
    card = "name: x\nbehaviours: [Run, No Run]\nclip: {frames: 1, interval_s: 1}\n"
    (tmp_path / CARD).write_text(card + "metrics: {recall No Run: 0.5, recall Run: 0.25, top1: 0.4}\n")
    said = lines("show", tmp_path)
    at = said.index("  metrics")
    assert said[at + 1 : at + 5] == [
        "    top1 0.4",
        "               recall",
        "    Run          0.25",
        "    No Run        0.5",
    ]


def test_a_detector_is_shown() -> None:
    said = "\n".join(lines("show", "savanna_yolo"))
    assert "species       plains_zebra, grevys_zebra, giraffe, impala, baboon\n" in said
    assert "trained at    320 px" in said
    assert "held_out_tiles_map50 0.773\n" in said


def test_what_is_still_to_be_fetched_is_shown(fetched: Path) -> None:
    said = " ".join(" ".join(lines("show", "kabr_x3d")).split())
    assert said.startswith("kabr_x3d: recognizer, can be fetched good for kabr-tools' own X3D-L; ")
    assert "/imageomics/x3d-kabr-kinetics/resolve/main/checkpoint_epoch_00075.pyth.zip" in said
    assert f"ethopipe models fetch kabr_x3d (40 MB, into {fetched / 'kabr_x3d'})" in said
    assert "ethopipe run SOURCE recognizer=x3d recognizer.model=kabr_x3d" in said


def test_a_folder_without_a_card_tells_what_its_config_says(fetched: Path) -> None:
    tiny_videomae(fetched / "videomae_kinetics", [f"thing {k}" for k in range(40)])
    said = "\n".join(lines("show", "videomae_kinetics"))
    assert "behaviours    40, from thing 0, thing 1, thing 2 to thing 39\n" in said
    assert "clip          4 frames; how far apart, it does not say: recognizer.interval_s=...\n" in said
    assert said.endswith(f"no {SUMS}: their sha256 is not recorded there")


def change(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


@pytest.mark.parametrize(
    ("spoil", "line", "files"),
    [
        (  # both that know it say so
            lambda folder: change(folder / "model.safetensors"),
            r"copy/model.safetensors: differs (\w{12}, sha256sums.txt says c59b6dc0a5ca, the card says c59b6dc0a5ca)",
            "1 of 7 files are not as they should be: copy/model.safetensors",
        ),
        (
            lambda folder: change(folder / "curves.csv"),
            r"copy/curves.csv: differs (\w{12}, sha256sums.txt says 29409ff0a5ee)",
            "1 of 7 files are not as they should be: copy/curves.csv",
        ),
        (
            lambda folder: (folder / "config.json").unlink(),
            "copy/config.json: missing, but sha256sums.txt and the card knew it",
            "1 of 7 files are not as they should be: copy/config.json",
        ),
        (  # who changes the list too is found out by the card
            lambda folder: (change(folder / "config.json"), write_sums(folder)),
            r"copy/config.json: differs (\w{12}, the card says 092da5f6f39f)",
            "1 of 7 files are not as they should be: copy/config.json",
        ),
        (
            lambda folder: (folder / "best.pt").touch(),
            "copy/best.pt: refused: pickled, to read it can run code; convert it to safetensors, "
            "or say trusted=best.pt where you know who made it",
            "1 of 8 files are not as they should be: copy/best.pt",
        ),
        (  # it would be loaded beside the others
            lambda folder: (folder / "more.safetensors").touch(),
            "copy/more.safetensors: not recorded, yet it would be loaded",
            "1 of 8 files are not as they should be: copy/more.safetensors",
        ),
        (
            lambda folder: (folder / CARD).write_text("name: x\n"),
            r"copy/card.yaml: broken: \S+/card.yaml: missing behaviours; missing clip",
            "1 of 7 files are not as they should be: copy/card.yaml",
        ),
        (
            lambda folder: (folder / SUMS).write_text("words\n"),
            rf"copy/{SUMS}: broken: \S+: not '<sha256>  <file>' in lines 1; write or fetch the model again",
            f"1 of 8 files are not as they should be: copy/{SUMS}",
        ),
    ],
)
def test_what_is_not_as_recorded_is_named(copy: Path, spoil: Any, line: str, files: str) -> None:
    spoil(copy)
    said, error = refused("verify", copy)
    pattern = line.replace("(", r"\(").replace(")", r"\)")
    assert len([text for text in said if re.fullmatch(pattern, text)]) == 1
    assert error == files


def test_all_faults_of_all_models_at_once(copy: Path) -> None:
    change(copy / "model.safetensors")
    (copy / "curves.csv").unlink()
    said, error = refused("verify", "savanna_yolo", copy)
    assert said[:4] == [f"savanna_yolo/{file}: ok" for file in sorted(read_sums(models_folder() / "savanna_yolo"))]
    assert error == "2 of 11 files are not as they should be: copy/curves.csv, copy/model.safetensors"


def test_notes_of_ones_own_do_no_harm(copy: Path) -> None:
    (copy / "notes.txt").touch()
    assert "copy/notes.txt: not recorded" in lines("verify", copy)


def test_a_pickle_that_is_trusted(copy: Path) -> None:
    (copy / "best.pt").touch()
    assert "copy/best.pt: not recorded" in lines("verify", copy, "trusted=last.pt,best.pt")
    write_sums(copy)
    assert "copy/best.pt: ok" in lines("verify", copy, "trusted=best.pt")
    change(copy / "best.pt")
    assert refused("verify", copy, "trusted=best.pt")[1] == "1 of 8 files are not as they should be: copy/best.pt"


def test_all_that_is_here_is_verified(fetched: Path) -> None:
    kept = fetched / "kabr_x3d"
    kept.mkdir(parents=True)
    (kept / "checkpoint_epoch_00075.pyth").touch()  # pickled, but the catalogue names it
    write_sums(kept)
    said = lines("verify")
    assert {line.split("/")[0] for line in said[:-1]} == {*EMBEDDED, "kabr_x3d"}
    assert said[-2:] == [
        "kabr_x3d/checkpoint_epoch_00075.pyth: ok",
        "kabr_x3d: compared with what its first fetch recorded; its publisher's sha256 is not known here",
    ]


def test_the_publishers_own_sha256_goes_for_what_was_fetched(fetched: Path) -> None:
    (fetched / "yolo11n").mkdir(parents=True)
    (fetched / "yolo11n" / "yolo11n.pt").write_bytes(b"else")
    line = "yolo11n/yolo11n.pt: differs (7dd530c4d36d, the catalogue says 0ebbc80d4a76)"
    assert refused("verify", "yolo11n") == ([line], "1 of 1 files are not as they should be: yolo11n/yolo11n.pt")


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("videomae_kinetics", "ethopipe models fetch videomae_kinetics records it as it is now"),
        ("mine", r"cd \S+mine && sha256sum \* > sha256sums.txt records it as it is now"),
    ],
)
def test_a_model_of_which_nothing_is_recorded(fetched: Path, name: str, remedy: str) -> None:
    tiny_videomae(fetched / name, ("Walk",))
    said, error = refused("verify", fetched / name)
    assert re.search(f"nothing is recorded of .*, so nothing can be verified; {remedy}", said[0])
    assert error.endswith(f"files are not as they should be: {name}/{SUMS}")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["fly"], "ethopipe models has no 'fly'; there are list, show, verify, fetch (see ethopipe models --help)"),
        (["list", "x"], "ethopipe models list takes no name, got 'x'; see ethopipe models show NAME"),
        (["show"], "ethopipe models show takes one name, got 0; ethopipe models lists them"),
        (["fetch", "a", "b"], "ethopipe models fetch takes one name, got 2; ethopipe models lists them"),
        (["show", "--all", "x"], "no option --all; see ethopipe models --help"),
        (["show", "zebra"], "no model zebra: neither a folder nor one of kinematic, savanna_videomae, savanna_yolo, "),
        (["verify", "a=b"], "no model a=b: neither a folder nor one of kinematic, "),  # a path may be so called
        (["verify", "kabr_x3d"], "not here yet: kabr_x3d; get it with: ethopipe models fetch kabr_x3d"),
        (
            ["fetch", "zebra"],
            "nothing of the name zebra can be fetched; there are: yolo11n, kabr_x3d, videomae_kinetics",
        ),
        (["show", "."], "folder . holds no model: no card.yaml, no config.json, no weights"),
    ],
)
def test_words_that_cannot_be(words: list[str], text: str) -> None:
    said, error = refused(*words)
    assert (said, error[: len(text)]) == ([], text)


def test_a_model_of_ones_own_is_found_by_its_folder() -> None:
    shutil.copytree(models_folder() / "kinematic", "models/sheep")
    assert refused("show", "sheep")[1].endswith("; or give its folder, models/sheep")
    assert lines("show", "models/sheep")[0] == "sheep: recognizer, a folder of yours"


def test_a_broken_card_is_shown_as_broken(copy: Path, fetched: Path) -> None:
    (copy / CARD).write_text("name: x\n")
    assert refused("show", copy)[1].endswith("card.yaml: missing behaviours; missing clip")
    shutil.copytree(copy, fetched / "mine")
    assert lines()[-1].split("  ")[-1].startswith("broken: ")


def test_a_folder_as_typed_goes_first_and_is_known_for_what_it_is() -> None:
    assert model_of(str(models_folder() / "kinematic")) == model_of("kinematic")
    shutil.copytree(models_folder() / "kinematic", "kinematic")
    assert model_of("kinematic").folder == Path("kinematic")


def test_the_command_prints_and_exits(capsys: pytest.CaptureFixture[str], copy: Path) -> None:
    assert cli.main(["models", "verify", "kinematic"]) == 0
    assert capsys.readouterr().out == "kinematic/card.yaml: ok\n"
    change(copy / "model.safetensors")
    assert cli.main(["models", "verify", str(copy)]) == 1
    told = capsys.readouterr()
    assert told.err == "error: 1 of 7 files are not as they should be: copy/model.safetensors\n"
    assert "copy/card.yaml: ok\n" in told.out


def test_fetching_from_the_command(fetched: Path) -> None:
    folder = fetched / "yolo 11"
    folder.mkdir(parents=True)
    (folder / "yolo11n.pt").write_bytes(b"else")
    said: list[str] = []
    with pytest.raises(ModelError, match=r"yolo11n.pt is not the file that was published"):
        said.extend(answer(["fetch", "yolo11n", f"out={folder}"]))
    kabr = fetched / "kabr x3d"
    kabr.mkdir()
    (kabr / "checkpoint_epoch_00075.pyth").touch()  # brought by hand, unpacked already
    assert lines("fetch", "kabr_x3d", f"out={kabr}") == [
        f"fetching kabr_x3d (40 MB, MIT) into {kabr}",
        "its files are recorded in sha256sums.txt",
        f"use it: ethopipe run SOURCE recognizer=x3d recognizer.model='{kabr}'",
        f"check it: ethopipe models verify '{kabr}' trusted=checkpoint_epoch_00075.pyth",
    ]
    assert lines("verify", kabr, "trusted=checkpoint_epoch_00075.pyth") == [
        "kabr x3d/checkpoint_epoch_00075.pyth: ok",
    ]
    assert lines("fetch", "kabr_x3d", f"out={kabr}")[1] == "it is here already"


@pytest.mark.parametrize(
    ("size_mb", "text"),
    [(0.0008, "0.8 kB"), (0.1, "0.1 MB"), (5.646, "5.6 MB"), (346.0, "346 MB"), (1414.0, "1.4 GB")],
)
def test_sizes(size_mb: float, text: str) -> None:
    assert size_text(size_mb) == text
