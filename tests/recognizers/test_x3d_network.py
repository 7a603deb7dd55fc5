import pytest
import torch

from pipeline.recognizers.x3d_network import X3DShape, layers, logits

LARGE = X3DShape(8, 16, 300, width=2.0, depth=5.0, bottleneck=2.25, first=12, last=2048)
TINY = X3DShape(3, 4, 64, width=1.0, depth=0.4, bottleneck=2.25, first=8, last=16)


@pytest.fixture(scope="module")
def large():
    """X3D-L with KABR's eight outputs."""
    return {name: tuple(value.shape) for name, value in layers(LARGE).state_dict().items()}


@pytest.mark.parametrize(
    ("depth", "crop", "behaviours", "millions"),
    [
        (5.0, 312, 400, 6.15),  # X3D-L of Kinetics-400, as PyTorchVideo's model zoo has it
        (2.2, 224, 400, 3.79),  # X3D-M, S and XS, the same; the paper counts 3.76
        (5.0, 300, 8, 5.35),  # X3D-L of KABR: 392 outputs fewer, of 2048 weights and a bias each
    ],
)
def test_as_many_weights_as_published(depth, crop, behaviours, millions):
    made = layers(X3DShape(behaviours, 16, crop, width=2.0, depth=depth, bottleneck=2.25, first=12, last=2048))
    assert sum(value.numel() for value in made.parameters()) / 1e6 == pytest.approx(millions, abs=0.005)


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("s1.pathway0_stem.conv_xy.weight", (24, 3, 1, 3, 3)),
        ("s1.pathway0_stem.conv.weight", (24, 1, 5, 1, 1)),  # each channel by itself
        ("s1.pathway0_stem.bn.running_mean", (24,)),
        ("s2.pathway0_res0.branch1.weight", (24, 24, 1, 1, 1)),  # as many channels, but half the picture
        ("s2.pathway0_res0.branch1_bn.weight", (24,)),
        ("s3.pathway0_res0.branch1.weight", (48, 24, 1, 1, 1)),
        ("s2.pathway0_res4.branch2.a.weight", (54, 24, 1, 1, 1)),
        ("s2.pathway0_res4.branch2.a_bn.num_batches_tracked", ()),
        ("s3.pathway0_res9.branch2.b.weight", (108, 1, 3, 3, 3)),
        ("s4.pathway0_res24.branch2.c.weight", (96, 216, 1, 1, 1)),
        ("s4.pathway0_res24.branch2.c_bn.running_var", (96,)),
        ("s2.pathway0_res0.branch2.se.fc1.weight", (8, 54, 1, 1, 1)),  # at least 8
        (
            "s5.pathway0_res14.branch2.se.fc1.weight",
            (32, 432, 1, 1, 1),
        ),  # 27 are 24 to the nearest eight, only 0.89 of it
        ("s5.pathway0_res14.branch2.se.fc2.bias", (432,)),
        ("head.conv_5.weight", (432, 192, 1, 1, 1)),
        ("head.conv_5_bn.bias", (432,)),
        ("head.lin_5.weight", (2048, 432, 1, 1, 1)),
        ("head.projection.weight", (8, 2048)),
        ("head.projection.bias", (8,)),
    ],
)
def test_x3d_l_has_slowfasts_names(large, name, shape):
    assert large[name] == shape


@pytest.mark.parametrize(
    "name",
    [
        "s1.pathway0_stem.conv.bias",  # convolutions before a batch norm have none
        "s2.pathway0_res0.branch2.a.bias",
        "s2.pathway0_res1.branch1.weight",  # a later block keeps its size: nothing beside it
        "s2.pathway0_res1.branch2.se.fc1.weight",  # every second block squeezes
        "s2.pathway0_res5.branch2.a.weight",  # five blocks, 0 to 4
        "s6.pathway0_res0.branch2.a.weight",
        "head.lin_5.bias",
        "head.lin_5_bn.weight",
    ],
)
def test_x3d_l_has_no_more(large, name):
    assert name not in large


def test_x3d_l_is_55_blocks(large):
    blocks = {".".join(name.split(".")[:2]) for name in large if "_res" in name}
    assert [sum(block.startswith(f"s{stage}") for block in blocks) for stage in (2, 3, 4, 5)] == [5, 10, 25, 15]
    assert len(large) == 1146


def filled(shape):
    """Weights that every implementation can be given: a wave of its own for each tensor of the state dict."""
    network = layers(shape).eval()
    for k, (name, value) in enumerate(network.state_dict().items()):
        if name.endswith("num_batches_tracked"):
            continue
        wave = (
            torch.sin(torch.arange(value.numel(), dtype=torch.float64) * (k % 7 + 1) + k).reshape(value.shape).float()
        )
        if name.startswith("s2.pathway0_res0.branch1_bn"):  # PyTorchVideo has none where the channels stay
            value.fill_({"weight": 1, "running_var": 1 - 1e-5}.get(name.rsplit(".", 1)[1], 0))
        elif name.endswith(("running_var", "bn.weight")):
            value.copy_(1 + wave / 2)
        else:
            value.copy_(wave / 10 if "bn." in name else wave * 3 / value[0].numel() ** 0.5)
    return network


def test_the_logits_of_another_implementation():
    """Recorded from ``pytorchvideo.models.x3d.create_x3d`` 0.1.5 with the same weights, under its own names.

    Ours are reckoned in float64: float32 rounds otherwise from processor to processor, by 1.2e-4 on one.
    """
    wave = torch.sin(torch.arange(3 * 5 * 64 * 96, dtype=torch.float64) * 0.37).reshape(1, 3, 5, 64, 96).float()
    clips = wave * torch.linspace(0, 9, 96) * torch.linspace(1, 2, 5)[:, None, None]
    with torch.inference_mode():
        found = logits(filled(TINY).double(), clips.double(), TINY.pooled)
    recorded = [[8.942531, 5.803801, -4.548969], [22.254179, 11.505424, -8.347767]]  # the first 4 of 5 frames
    recorded += [[6.954278, 4.342834, -4.998260], [17.872013, 7.677326, -10.352575]]  # the last 4
    assert found[0].numpy() == pytest.approx(torch.tensor(recorded).numpy(), abs=1e-4)


@pytest.mark.parametrize(
    ("frames", "height", "width", "positions"),
    [
        (4, 64, 64, 1),  # the picture of the training
        (4, 64, 65, 2),  # a side is halved five times, each time rounded up
        (4, 64, 96, 2),
        (4, 96, 128, 2 * 3),
        (6, 64, 64, 3),  # longer
    ],
)
def test_a_larger_clip_has_more_positions(frames, height, width, positions):
    with torch.inference_mode():
        found = logits(layers(TINY).eval(), torch.zeros(2, 3, frames, height, width), TINY.pooled)
    assert found.shape == (2, positions, 3)


@pytest.mark.parametrize(
    ("change", "channels"),
    [
        ({}, (8, 8, 16, 32, 64)),  # nothing changed
        ({"width": 2.0}, (16, 16, 32, 64, 128)),
        ({"scale_second": True}, (8, 16, 32, 64, 128)),
        ({"first": 12, "width": 0.5}, (6, 6, 12, 24, 48)),  # eights before the factor, not after it
        ({"first": 5}, (5, 5, 16, 32, 64)),  # 10 are 8 to the nearest eight, only 0.8 of it: so 16
    ],
)
def test_widths_are_rounded_as_in_slowfast(change, channels):
    settings = {"behaviours": 3, "frames": 4, "crop": 64, "width": 1.0, "depth": 1.0, "bottleneck": 2.25, "first": 8}
    assert X3DShape(**{**settings, "last": 16, **change}).channels == channels


@pytest.mark.parametrize("change", ["scale_second", "norm_last", "stride_first"])
def test_the_kinds_of_x3d_run(change):
    shape = X3DShape(3, 4, 64, 1.0, 0.4, 2.25, 8, 16, **{change: True})
    with torch.inference_mode():
        assert logits(filled(shape), torch.ones(1, 3, 4, 64, 64), shape.pooled).isfinite().all()


def test_a_shape_without_blocks_is_refused():
    with pytest.raises(ValueError, match=r"depth must be > 0, got 0\.0"):
        X3DShape(3, 4, 64, 1.0, 0.0, 2.25, 8, 16)


def test_depth_is_rounded_up():
    assert X3DShape(3, 4, 64, 1.0, 2.2, 2.25, 8, 16).repeats == (3, 5, 11, 7)  # of 2.2, 4.4, 11.0 and 6.6
