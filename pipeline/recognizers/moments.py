"""A VideoMAE that answers for every moment of a window by itself, not once for the whole.

Its patches are means over tubelets, a few samples long each; where the head is given the mean over the patches of one
tubelet's time, and not over all, it says what the animal does then, with all other patches seen through attention. So
a window of two and a half seconds in which an animal stops grazing and walks is told as just that.

Letters: B windows, T frames, C channels, h x w pixels, M moments of a window, n patches that are seen, D width.
"""

from typing import Any

from pipeline.errors import ModelError

VIDEOMAE = "videomae"


def check_moments(name: str, moments: int, config: Any) -> None:
    """``ModelError`` where the network of this ``config`` cannot answer for so many moments."""
    if moments == 1:
        return
    family, frames, each = (config.get(key) for key in ("model_type", "num_frames", "tubelet_size"))
    if family != VIDEOMAE:
        raise ModelError(f"model {name} ({family}) answers once for a window: only a VideoMAE has moments")
    if moments * each != frames:
        raise ModelError(
            f"model {name} has {frames // each} tubelets of {each} frames, so its moments are 1 or {frames // each}, "
            f"got {moments}"
        )


def by_moments(model: Any, clips: Any, moments: int) -> Any:
    """A VideoMAE's logits ``[B M, K]`` for ``float [B, T, C, h, w]``, window after window."""
    return model.classifier(given_to_head(model, clips, moments)[0])


def given_to_head(model: Any, clips: Any, moments: int, left_out: Any | None = None) -> tuple[Any, Any]:
    """What a VideoMAE's head is given ``[B M, D]``, window after window, and its patches ``[B, n, D]``.

    ``float [B, T, C, h, w]`` are asked about. ``left_out`` says of which patches nothing is seen: with several moments
    the patches of whole ones, and as many of each window; M is then the number of those that are left.
    """
    patches = model.videomae(clips, bool_masked_pos=left_out).last_hidden_state
    if moments > 1 and left_out is not None:
        moments = round(moments * patches.shape[1] / left_out.shape[1])
    of_moments = patches.reshape(len(clips) * moments, -1, patches.shape[-1])
    pooled = of_moments[:, 0] if model.fc_norm is None else model.fc_norm(of_moments.mean(1))
    return pooled, patches
