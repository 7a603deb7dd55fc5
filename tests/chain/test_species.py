"""A recognizer that tells species names the animals of a detector that does not."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipeline import cli
from pipeline.artifacts import read_table
from pipeline.model_folder import SPECIES_HEAD, write_card
from pipeline.recognizers.transformers import card_of
from pipeline.tables import SCORES, SPECIES, TRACKS
from tests.shapes import draw_clip
from tests.tiny_models import tiny_videomae


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that knows nothing, and says of all that it is an oryx (0.88) rather than an ibex (0.12)."""
    import torch
    from safetensors.torch import save_file

    folder = tiny_videomae(tmp_path_factory.mktemp("models") / "tiny", ["Walk", "Graze"])
    save_file({"weight": torch.zeros(2, 32), "bias": torch.tensor([0.0, 2.0])}, folder / SPECIES_HEAD)
    write_card(folder, replace(card_of(folder, "tiny", 0.2), species=("ibex", "oryx"), close=False))
    return folder


@pytest.mark.usefixtures("tables_alone")
def test_a_run_calls_its_animals_by_it(model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draw_clip(tmp_path / "herd.mp4", seed=1, duration_s=2.0, animals=1)
    words = ["run", str(tmp_path / "herd.mp4"), "detector=motion", "recognizer=transformers", "runtime.device=cpu"]
    words += [f"recognizer.model={model}", f"out={tmp_path / 'run'}", "behaviours.min_confidence=0", "overlay=false"]
    assert cli.main(words) == 0
    folder = tmp_path / "run" / "videos" / "herd.mp4"
    scores = read_table(folder / "scores.parquet", SCORES)
    assert set(scores["species_oryx"]) == {0.8808}
    species = read_table(folder / "species.parquet", SPECIES)
    assert set(species["species"]) == set(species["recognized"]) == {"oryx"}
    assert set(species["source"]) == {"recognizer"}
    assert set(read_table(folder / "tracks.parquet", TRACKS)["species"]) == {
        "animal"
    }  # the detector's word stays there
    for name in ("bouts", "individuals"):
        assert set(pd.read_csv(tmp_path / "run" / "tables" / f"{name}.csv")["species"]) == {"oryx"}
    assert set(pd.read_csv(folder / "bouts.csv")["species"]) == {"oryx"}
    budgets = pd.read_csv(tmp_path / "run" / "tables" / "time_budgets.csv")
    assert set(budgets["species"]) == {"oryx", "all"}
    assert cli.main([*words, "naming.min_probability=2"]) == 1
    assert "min_probability must be in [0, 1], got 2.0" in capsys.readouterr().err
