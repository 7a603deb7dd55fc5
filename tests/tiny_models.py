"""Video networks small enough to make in a test: random weights, true files."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PIXELS = 32
FRAMES = 4


def tiny_videomae(folder: Path, behaviours: Sequence[str], frames: int = FRAMES, seed: int = 0) -> Path:
    """A VideoMAE classifier (2 layers, 32 wide, 32 px) as ``save_pretrained`` writes it, with its preprocessor."""
    from transformers import VideoMAEConfig, VideoMAEForVideoClassification

    config = VideoMAEConfig(
        **_names(behaviours),
        image_size=PIXELS,
        num_frames=frames,
        tubelet_size=2,
        patch_size=16,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    return _saved(VideoMAEForVideoClassification, config, folder, seed)


def tiny_timesformer(folder: Path, behaviours: Sequence[str], seed: int = 0) -> Path:
    """A TimeSformer classifier of one layer."""
    from transformers import TimesformerConfig, TimesformerForVideoClassification

    config = TimesformerConfig(
        **_names(behaviours),
        image_size=PIXELS,
        num_frames=FRAMES,
        patch_size=16,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
    )
    return _saved(TimesformerForVideoClassification, config, folder, seed)


def tiny_vivit(folder: Path, behaviours: Sequence[str], seed: int = 0) -> Path:
    """A ViViT classifier of one layer."""
    from transformers import VivitConfig, VivitForVideoClassification

    config = VivitConfig(
        **_names(behaviours),
        image_size=PIXELS,
        num_frames=FRAMES,
        tubelet_size=[2, 16, 16],
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
    )
    return _saved(VivitForVideoClassification, config, folder, seed)


def tiny_vjepa2(folder: Path, behaviours: Sequence[str], seed: int = 0) -> Path:
    """A V-JEPA 2 classifier of one layer; its processor is its own kind."""
    from transformers import VJEPA2Config, VJEPA2ForVideoClassification

    config = VJEPA2Config(
        **_names(behaviours),
        crop_size=PIXELS,
        frames_per_clip=FRAMES,
        patch_size=16,
        hidden_size=24,
        num_hidden_layers=1,
        num_attention_heads=2,
        mlp_ratio=2.0,
        pred_hidden_size=24,
        pred_num_hidden_layers=1,
        pred_num_attention_heads=2,
        num_pooler_layers=1,
    )
    processor = {"crop_size": {"height": PIXELS, "width": PIXELS}, "image_mean": [0.485, 0.456, 0.406]}
    processor |= {"image_std": [0.229, 0.224, 0.225], "video_processor_type": "VJEPA2VideoProcessor"}
    return _saved(VJEPA2ForVideoClassification, config, folder, seed, "video_preprocessor_config.json", processor)


def _names(behaviours: Sequence[str]) -> dict[str, Any]:
    return {
        "id2label": dict(enumerate(behaviours)),
        "label2id": {name: k for k, name in enumerate(behaviours)},
    }


def _saved(
    network: Any,
    config: Any,
    folder: Path,
    seed: int,
    file: str = "preprocessor_config.json",
    processor: dict[str, Any] | None = None,
) -> Path:
    import torch

    torch.manual_seed(seed)
    network(config).save_pretrained(folder)
    values = processor or {
        "do_center_crop": True,
        "crop_size": {"height": PIXELS, "width": PIXELS},
        "size": {"shortest_edge": PIXELS + 8},
        "image_mean": [0.485, 0.456, 0.406],
        "image_std": [0.229, 0.224, 0.225],
        "resample": 2,
    }
    (folder / file).write_text(json.dumps(values))
    return folder
