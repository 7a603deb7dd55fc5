"""What a network is shown of clips: the same frames and numbers, however and by whom they are read."""

from pathlib import Path

import numpy as np
import pytest
import torch

from pipeline.chain.progress import Silent
from pipeline.config import compose
from pipeline.plan import training_plan
from pipeline.training.features import Views
from pipeline.training.labels import read_labels
from pipeline.training.pixels import Pixels
from pipeline.training.samples import Held, Samples
from pipeline.training.train import labels_of, start_of
from pipeline.video.encode import VideoWriter
from tests.footage import footage

FRAMES = 60
CLIPS = ["a.mp4,Walk,one,,", "a.mp4,Graze,one,0.5,1.7", "a.mp4,Walk,one,2.0,"]
WORDS = ("network.frames=4", "network.interval_s=0.1", "network.height_px=32", "network.width_px=32")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three clips of a video of 20 frames/s in which a disc moves over a patchwork, a keyframe every 8 frames."""
    made, rng = tmp_path_factory.mktemp("clips"), np.random.default_rng(0)
    ground = rng.integers(0, 255, (6, 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    with VideoWriter(made / "a.mp4", 64, 48, keyframe=8) as writer:
        for k in range(FRAMES):
            image = ground.copy()
            image[10:30, k % 50 : k % 50 + 12] = (240, 4 * k, 20)
            writer.write(image, k / 20)
    (made / "clips.csv").write_text("\n".join(["path,behaviour,group,start_s,stop_s", *CLIPS, ""]))
    return made


def samples(folder: Path) -> Samples:
    words = [f"data={folder}", "out=unused", "network.width=32", "network.depth=1", "network.heads=2", *WORDS]
    plan = training_plan(compose("train", words))
    labels = labels_of(plan, Silent())
    start = start_of(plan, labels.behaviours)
    truth = labels.truth(labels.behaviours)
    return Samples(labels, truth, start, plan.augmentation, np.arange(2), plan.seed)


def test_frames_read_at_random_are_those_of_a_whole_decode(folder: Path) -> None:
    pixels = Pixels(read_labels(folder))
    whole = [frame.image for frame in footage(folder / "a.mp4").frames()]
    table = [  # clip, its first frame, what is wanted of it
        (0, 0, [0]),  # one frame, the first
        (0, 0, [59]),  # the last
        (0, 0, [7, 8, 9, 23, 24]),  # to either side of keyframes
        (1, 10, [13, 0, 5, 5, 13]),  # falling, and twice the same
        (2, 40, [3, 19, 1]),  # of a file that was read before
        (0, 0, list(range(FRAMES))),  # all
    ]
    for clip, first, wanted in table:
        read = pixels.read(clip, np.array(wanted) / 20)
        assert np.array_equal(read, np.stack([whole[first + frame] for frame in wanted])), (clip, wanted)


def test_views_of_one_decode_are_those_of_a_decode_each(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = samples(folder)
    decoded: list[int] = []
    read = Pixels.read
    monkeypatch.setattr(Pixels, "read", lambda self, clip, at: decoded.append(clip) or read(self, clip, at))
    views = [Views(one, np.array([2, 1]), changed).of(1) for changed in (0, 3)]  # clip 1: as it is, and 3 other ways
    assert decoded == [1, 1]
    assert [tuple(seen.shape) for seen in views] == [(1, 4, 3, 32, 32), (4, 4, 3, 32, 32)]
    clip = np.array([1])
    for seen in views:
        assert torch.equal(seen[:1], one.judged(clip)[0])
    for number in (1, 2, 3):
        alone = one.prepared.apply(one.training(number, 0, clip, clip)[0])
        assert torch.equal(views[1][number : number + 1], alone)
        assert not torch.equal(alone, views[1][:1])


def test_clips_to_judge_are_the_same_whoever_prepares_them(folder: Path) -> None:
    one, clips = samples(folder), np.array([2, 0, 1])
    held = Held(one, clips, 2)
    shown, truth = zip(*held, strict=True)
    assert (len(held), [len(batch) for batch in shown]) == (2, [2, 1])
    assert torch.cat(truth).tolist() == [[0, 1], [0, 1], [1, 0]]
    assert torch.equal(torch.cat(shown), one.judged(clips)[0])
    one.workers = 1  # of a process that has read these files itself: none of its readers is left to wait for
    again, truth_again = zip(*held, strict=True)
    assert torch.equal(torch.cat(shown), torch.cat(again))
    assert torch.equal(torch.cat(truth), torch.cat(truth_again))
