"""The commands of docs/new_species.md, run as they stand there, on a small case."""

import os
import re
import runpy
import subprocess
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pandas as pd
import pytest
import torch

from pipeline.artifacts import read_object
from pipeline.cli import main
from pipeline.recognizers.folder import read_card
from tests.conftest import leave_out_the_rest

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "new_species.md").read_text(encoding="utf-8")
FEWER = "'old2new={Run: Walk, Auto-Groom: Head Up, Graze: Head Up}'"  # so that each of the rest is in both films
SMALLER = {  # what the tutorial says, and what is enough to see that it works
    "1 2 3 4 5 6 7": "1 2",
    "8 9 10": "3",
    "scene.duration_s=40 scene.rate=\"'18'\"": "scene.duration_s=12 scene.rate=6 scene.width=640 scene.height=360 "
    "scene.animal_px=[50,60] scene.animals.sheep=4 scene.height_m=[20,25]",
    "recognizer=embedded": "recognizer=embedded window.stride_s=4",
    "recognizer=transformers": "recognizer=transformers window.stride_s=4",
    "fit=probe": f"fit=probe fit.views=1 {FEWER}",
    "out=evaluations/after": f"{FEWER} out=evaluations/after",
}


def blocks() -> list[str]:
    """The tutorial's blocks of commands, smaller."""
    found = re.findall(r"```bash\n(.*?)```", TEXT, flags=re.DOTALL)
    for said, enough in SMALLER.items():
        assert any(said in block for block in found), f"the tutorial no longer says {said!r}"
        found = [block.replace(said, enough) for block in found]
    return found


def spoken(block: str) -> list[list[str]]:
    """The words of each ``ethopipe`` and ``python`` of a block, as a shell gives them; other commands are run by it."""
    listing = "".join(f"{name}() {{ printf '%s\\0' {name} \"$@\" END; }}\n" for name in ("ethopipe", "python"))
    said = subprocess.run(["bash", "-ec", listing + block], capture_output=True, text=True, check=True).stdout
    words = said.split("\0")[:-1]
    return [list(group) for end, group in groupby(words, lambda word: word == "END") if not end]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which everything was run."""
    folder, before, threads = tmp_path_factory.mktemp("tutorial"), Path.cwd(), torch.get_num_threads()
    os.chdir(folder)
    patch = pytest.MonkeyPatch()
    leave_out_the_rest(patch)
    try:
        for block in blocks():
            for program, *words in spoken(block):
                assert run(program, words) == 0, (program, words)
        yield folder
    finally:
        patch.undo()
        os.chdir(before)
        torch.set_num_threads(threads)


def run(program: str, words: list[str]) -> int:
    """What the command gives back."""
    if program == "ethopipe":
        return main(words)
    script = runpy.run_path(str(ROOT / words[0]))
    return int(script["main"](*map(Path, words[1:])))


def test_every_way_to_label_gives_the_same_clips_and_model(done: Path) -> None:
    told = [read_card(done / "models" / name) for name in ("sheep", "sheep_boris", "sheep_cvat")]
    assert all("Lie" in card.behaviours for card in told)
    clips = [card.trained_on.split(";")[0] for card in told]
    assert clips[0] == clips[1] == clips[2]
    assert told[0].metrics == told[1].metrics == told[2].metrics


def test_the_new_model_sees_what_the_embedded_one_has_no_word_for(done: Path) -> None:
    before, after = (read_object(done / "evaluations" / name / "evaluation.json") for name in ("before", "after"))
    assert before["per_behaviour"]["Lie"]["labelled_s"] == after["per_behaviour"]["Lie"]["labelled_s"] > 0
    assert before["per_behaviour"]["Lie"]["recall"]["value"] == 0
    scores = pd.read_parquet(next((done / "runs" / "new_after" / "videos").rglob("scores.parquet")))
    assert scores["p_Lie"].max() > 0.1
