"""Video networks small enough to make in a test: random weights, true files."""

import json
from collections.abc import Mapping, Sequence
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


def x3d_settings(behaviours: int, changes: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The settings that decide an X3D, as SlowFast dumps them with many more: KABR's, but for the sizes.

    ``changes`` are by dotted key; None takes a key away.
    """
    settings: dict[str, Any] = {
        "BN": {"NORM_TYPE": "sync_batchnorm", "NUM_SPLITS": 1},
        "DATA": {
            "INPUT_CHANNEL_NUM": [3],
            "MEAN": [0.45, 0.45, 0.45],
            "NUM_FRAMES": FRAMES,
            "REVERSE_INPUT_CHANNEL": True,
            "SAMPLING_RATE": 5,
            "STD": [0.225, 0.225, 0.225],
            "TEST_CROP_SIZE": 2 * PIXELS,
            "TRAIN_CROP_SIZE": 2 * PIXELS,
        },
        "DETECTION": {"ENABLE": False},
        "MODEL": {"ARCH": "x3d", "HEAD_ACT": "sigmoid", "MODEL_NAME": "X3D", "NUM_CLASSES": behaviours},
        "NONLOCAL": {"LOCATION": [[[]], [[]], [[]], [[]]]},
        "RESNET": {
            "SPATIAL_DILATIONS": [[1], [1], [1], [1]],
            "STRIDE_1X1": False,
            "TRANS_FUNC": "x3d_transform",
        },
        "X3D": {
            "BN_LIN5": False,
            "BOTTLENECK_FACTOR": 2.25,
            "CHANNELWISE_3x3x3": True,
            "DEPTH_FACTOR": 0.4,
            "DIM_C1": 8,
            "DIM_C5": 16,
            "SCALE_RES2": False,
            "WIDTH_FACTOR": 1.0,
        },
    }
    for key, value in (changes or {}).items():
        part, name = key.split(".")
        settings[part][name] = value
        if value is None:
            del settings[part][name]
    return settings


def tiny_x3d(path: Path, settings: Mapping[str, Any], legacy: bool = False) -> dict[str, Any]:
    """A checkpoint as SlowFast saves it, of random weights, with the state of an optimizer; its ``model_state``.

    ``legacy``: in the form that torch wrote before it wrote zips, as SlowFast may.
    """
    import torch
    import yaml

    from pipeline.recognizers.slowfast import Checkpoint
    from pipeline.recognizers.x3d_config import config_of
    from pipeline.recognizers.x3d_network import layers

    torch.manual_seed(0)
    network = layers(config_of(Checkpoint(path, x3d_settings(settings["MODEL"]["NUM_CLASSES"]), {})).shape)
    for name, value in network.state_dict().items():  # statistics as after a training
        if name.endswith("bn.running_mean"):
            value.normal_(0, 0.1)
        elif name.endswith("bn.running_var"):
            value.uniform_(0.5, 1.5)
    network["head"]["projection"].weight.data.mul_(30)  # so that clips differ
    state = network.state_dict()
    optimizer = torch.optim.SGD(network.parameters(), 0.1, momentum=0.9).state_dict()
    saved = {"epoch": 74, "model_state": state, "optimizer_state": optimizer, "cfg": yaml.safe_dump(dict(settings))}
    torch.save(saved, path, _use_new_zipfile_serialization=not legacy)
    return dict(state)


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
