import numpy as np
import pytest
import torch

from pipeline.errors import ModelError
from pipeline.recognizers.preprocessing import Preprocessing, from_hugging_face

PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
HUGGING_FACE = {
    "size": {"shortest_edge": 40},
    "crop_size": {"height": 32, "width": 32},
    "image_mean": [0.485, 0.456, 0.406],
    "image_std": [0.229, 0.224, 0.225],
}


def clips(shape=(2, 4, 30, 43, 3), seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize(
    ("resize", "crop", "expected"),
    [
        ((), (), (30, 43)),  # as is
        ((20,), (), (20, 28)),  # the shorter side; 43 * 20 / 30 = 28.67, cut to a whole number
        ((20, 20), (), (20, 20)),  # distorted
        ((), (16, 12), (16, 12)),
        ((60,), (56, 56), (56, 56)),
        ((), (40, 50), (40, 50)),  # a crop larger than the picture is filled with black
    ],
)
def test_sizes(resize, crop, expected):
    out = Preprocessing(resize, crop, **PLAIN).apply(torch.from_numpy(clips()))
    assert tuple(out.shape) == (2, 4, 3, *expected)


def test_scale_shift_mean_and_deviation_of_each_colour():
    pixels = torch.tensor([0, 100, 255], dtype=torch.uint8).reshape(1, 1, 1, 1, 3)  # R, G, B
    settings = Preprocessing((), (), mean=(0.5, 0.0, 1.0), std=(0.5, 2.0, 1.0), scale=1 / 255, shift=0.5)
    assert settings.apply(pixels).flatten().tolist() == pytest.approx([0.0, (100 / 255 + 0.5) / 2, 0.5])


def test_the_crop_is_the_middle():
    pixels = torch.arange(25, dtype=torch.uint8).reshape(1, 1, 5, 5, 1).repeat(1, 1, 1, 1, 3)
    out = Preprocessing((), (3, 3), **PLAIN, scale=1.0).apply(pixels)
    assert out[0, 0, 0].tolist() == [[6, 7, 8], [11, 12, 13], [16, 17, 18]]


@pytest.mark.parametrize("shape", [(2, 4, 30, 43, 3), (1, 4, 300, 400, 3), (1, 4, 61, 50, 3), (1, 4, 20, 90, 3)])
@pytest.mark.parametrize("family", ["videomae", "timesformer", "vivit", "vjepa2"])
def test_the_same_pixels_as_hugging_faces_own_processor(family, shape):
    from transformers import (
        TimesformerVideoProcessor,
        VideoMAEVideoProcessor,
        VivitVideoProcessor,
        VJEPA2VideoProcessor,
    )

    kind = {
        "videomae": VideoMAEVideoProcessor,
        "timesformer": TimesformerVideoProcessor,
        "vivit": VivitVideoProcessor,
        "vjepa2": VJEPA2VideoProcessor,
    }[family]
    batch = clips(shape)
    answer = kind(**HUGGING_FACE)(list(torch.from_numpy(batch).permute(0, 1, 4, 2, 3)), return_tensors="pt")
    (expected,) = answer.values()
    out = from_hugging_face(HUGGING_FACE, family).apply(torch.from_numpy(batch))
    assert out.shape == expected.shape
    assert float((out - expected).abs().max()) < 1e-3


@pytest.mark.parametrize(
    ("values", "family", "expected"),
    [
        ({}, "videomae", {"resize": (40,), "crop": (32, 32), "scale": 1 / 255, "shift": 0.0}),
        ({"size": 64, "crop_size": 48}, "videomae", {"resize": (64,), "crop": (48, 48)}),  # files of 2022
        ({"size": {"height": 20, "width": 30}}, "videomae", {"resize": (20, 30)}),
        ({"do_resize": False}, "videomae", {"resize": (), "crop": (32, 32)}),
        ({"do_center_crop": False, "crop_size": None}, "videomae", {"crop": ()}),
        ({"do_rescale": False}, "videomae", {"scale": 1.0}),
        ({"do_normalize": False}, "videomae", {"mean": (0, 0, 0), "std": (1, 1, 1)}),
        ({"resample": 3}, "videomae", {"interpolation": "bicubic"}),
        ({}, "vivit", {"scale": 1 / 127.5, "shift": -1.0}),  # ViViT sees -1 to 1
        ({"offset": False}, "vivit", {"shift": 0.0}),
        ({"size": {"shortest_edge": 999}}, "vjepa2", {"resize": (36,)}),  # 32 * 256 / 224, whatever the file says
    ],
)
def test_what_a_preprocessor_file_means(values, family, expected):
    made = from_hugging_face(HUGGING_FACE | values, family)
    assert {name: getattr(made, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"size": None}, "size must give shortest_edge or height and width, got None"),
        ({"size": {"longest_edge": 3}}, "size must give shortest_edge or height and width"),
        ({"crop_size": {"height": 3}}, "crop_size must give height and width"),
        ({"resample": 1}, r"resample must be one of \[0, 2, 3\], got 1"),
        ({"image_std": [0.2, 0.2, 0.0]}, "preprocessing.mean and std must be 3 numbers, std > 0"),
        ({"image_mean": 0.5}, "preprocessor_config.json: "),
    ],
)
def test_a_preprocessor_file_that_cannot_be_followed(values, message):
    with pytest.raises(ModelError, match=message):
        from_hugging_face(HUGGING_FACE | values, "videomae")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"resize": (1, 2, 3)}, r"preprocessing.resize must be \[\], \[shorter side\] or \[height, width\]"),
        ({"crop": (224,)}, r"preprocessing.crop must be \[\] or \[height, width\], got \(224,\)"),
        ({"interpolation": "lanczos"}, "preprocessing.interpolation must be one of nearest, bilinear, bicubic"),
    ],
)
def test_a_wrong_preprocessing_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Preprocessing(**{"resize": (), "crop": (), **PLAIN, **changes})
