"""The commands of docs/new_species.md, run as they stand there, on a small case."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipeline.artifacts import read_object
from pipeline.recognizers.folder import read_card

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "new_species.md").read_text(encoding="utf-8")
SMALLER = {  # what the tutorial says, and what is enough to see that it works
    "1 2 3 4 5 6 7": "1 2",
    "8 9 10": "3",
    "scene.duration_s=40": "scene.duration_s=4 scene.width=640 scene.height=360 scene.animal_px=[50,60] "
    "scene.animals.sheep=4 scene.height_m=[20,25]",
    "fit=probe": "fit=probe fit.views=1",
}


def commands() -> str:
    """All of the tutorial's commands, one after another."""
    script = "\n".join(re.findall(r"```bash\n(.*?)```", TEXT, flags=re.DOTALL))
    for said, enough in SMALLER.items():
        assert said in script, f"the tutorial no longer says {said!r}"
        script = script.replace(said, enough)
    return script.replace("python scripts/", f"{sys.executable} {ROOT}/scripts/")


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which everything was run."""
    folder = tmp_path_factory.mktemp("tutorial")
    command = f'ethopipe() {{ {sys.executable} -m pipeline.cli "$@"; }}\nset -e\n{commands()}'
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    answer = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True,
        timeout=500,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr[-3000:]
    return folder


def test_every_way_to_label_gives_the_same_clips_and_model(done: Path) -> None:
    told = [read_card(done / "models" / name) for name in ("sheep", "sheep_boris", "sheep_cvat")]
    assert all("Lie" in card.behaviours for card in told)
    clips = [card.trained_on.split(";")[0] for card in told]
    assert clips[0] == clips[1] == clips[2]
    assert told[0].metrics == told[1].metrics == told[2].metrics


def test_the_new_model_sees_what_the_embedded_one_has_no_word_for(done: Path) -> None:
    before, after = (read_object(done / "evaluations" / name / "evaluation.json") for name in ("before", "after"))
    assert before["per_behaviour"]["Lie"]["recall"]["value"] == 0
    assert after["figures"]["time_right"]["value"] > before["figures"]["time_right"]["value"]
    budgets = pd.read_csv(done / "runs" / "new_after" / "tables" / "time_budgets.csv")
    assert "Lie" in set(budgets["behaviour"])
