import sys
from types import SimpleNamespace

import pytest

from pipeline.device import available, resolve
from pipeline.errors import MissingPart, UsageError


def machine(monkeypatch: pytest.MonkeyPatch, cuda: int, mps: bool) -> None:
    """A torch that sees ``cuda`` GPUs and perhaps Apple's."""
    torch = SimpleNamespace(
        cuda=SimpleNamespace(is_available=lambda: cuda > 0, device_count=lambda: cuda),
        backends=SimpleNamespace(mps=SimpleNamespace(is_available=lambda: mps)),
    )
    monkeypatch.setitem(sys.modules, "torch", torch)


@pytest.mark.parametrize(
    ("cuda", "mps", "device", "expected"),
    [
        (0, False, "auto", "cpu"),  # nothing but a processor
        (1, False, "auto", "cuda"),  # one GPU
        (0, True, "auto", "mps"),  # Apple
        (2, True, "auto", "cuda"),  # CUDA goes before Apple's
        (2, False, "cuda:1", "cuda:1"),  # a GPU by number
        (1, False, "cuda", "cuda"),  # the first GPU
        (1, True, "cpu", "cpu"),  # the processor, though there is more
    ],
)
def test_resolve(monkeypatch: pytest.MonkeyPatch, cuda: int, mps: bool, device: str, expected: str) -> None:
    machine(monkeypatch, cuda, mps)
    assert resolve(device) == expected


@pytest.mark.parametrize(
    ("cuda", "device", "text"),
    [
        (0, "cuda", "no device 'cuda' on this machine; it has: cpu; or runtime.device=auto"),
        (1, "cuda:1", "no device 'cuda:1' on this machine; it has: cuda, cuda:0, cpu"),  # counted from 0
        (0, "gpu", "no device 'gpu'"),  # no such word
    ],
)
def test_absent_device_is_refused_with_what_there_is(
    monkeypatch: pytest.MonkeyPatch, cuda: int, device: str, text: str
) -> None:
    machine(monkeypatch, cuda, mps=False)
    with pytest.raises(UsageError, match=text):
        resolve(device)


def test_cpu_needs_no_torch_and_anything_else_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert resolve("cpu") == "cpu"
    with pytest.raises(MissingPart, match=r"torch is not installed: pip install torch, or use runtime.device=cpu"):
        resolve("auto")


def test_this_machine_has_a_processor() -> None:
    assert available()[-1] == "cpu"
