"""Where a network runs: the user's word for a device, held against what this machine has."""

from pipeline.errors import MissingPart, UsageError


def resolve(device: str) -> str:
    """The device that ``device`` means here: cpu, cuda, cuda:N or mps; auto is CUDA, then Apple's MPS, then the CPU.

    Raises ``UsageError`` naming what there is where the device asked for is not here. cpu asks nothing of torch.
    """
    if device == "cpu":
        return device
    here = available()
    if device == "auto":
        return here[0]
    if device not in here:
        raise UsageError(f"no device {device!r} on this machine; it has: {', '.join(here)}; or runtime.device=auto")
    return device


def available() -> list[str]:
    """What this machine has, the fastest first. cuda means the first of several, which also have numbers: cuda:0."""
    try:
        import torch
    except ImportError as error:
        raise MissingPart("torch is not installed: pip install torch, or use runtime.device=cpu") from error
    cuda = [f"cuda:{k}" for k in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    return (["cuda", *cuda] if cuda else []) + (["mps"] if torch.backends.mps.is_available() else []) + ["cpu"]


def use_threads(threads: int | None) -> None:
    """CPU threads of networks, None: one a core. OpenCV's own would only wait for them: frames are small."""
    import cv2

    cv2.setNumThreads(1)
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
