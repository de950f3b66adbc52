"""LPIPS and FVD, from networks that are on this machine already. Nothing is ever downloaded.

LPIPS (Zhang et al., CVPR 2018): a TorchScript file named by PROGGEN_LPIPS, or the package `lpips` with the
AlexNet weights in torch's cache. FVD (Unterthiner et al., 2018): a TorchScript I3D named by PROGGEN_I3D, called
as in the StyleGAN-V code: videos (N, 3, T, H, W) in 0..255, `rescale=True, resize=True, return_features=True`.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import threading
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..archive.records import EpisodeRecord, FeaturesRecord, FvdRecord
from ..clips import Frames
from .summary import groups, significant

LPIPS = "lpips"  # the metric's name
TRUTH = "truth"  # the true video among the features of methods
_ALEXNET = "alexnet-owt-7be5be79.pth"
_BATCH = 16  # frames at a time
_LOAD = threading.Lock()
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Perceptual:
    """The networks that could be loaded, and a line for each that could not."""

    lpips: Any = None
    i3d: Any = None
    notes: tuple[str, ...] = ()

    def distance(self, truth: Frames, frames: Frames) -> float:
        """LPIPS of frames uint8 (T, H, W, 3), mean over the frames; lower is better."""
        import torch

        found = []
        with torch.inference_mode():
            for i in range(0, len(frames), _BATCH):
                pair = (_tensor(f[i : i + _BATCH]) / 127.5 - 1 for f in (truth, frames))
                found.append(self.lpips(*pair).double().reshape(-1).numpy())
        return float(np.concatenate(found).mean())

    def features(self, frames: Frames) -> list[float | None]:
        """I3D's features of a video uint8 (T, H, W, 3), six digits."""
        import torch

        video = _tensor(frames).permute(1, 0, 2, 3)[None]
        with torch.inference_mode():
            row = self.i3d(video, rescale=True, resize=True, return_features=True)
        return [significant(float(v)) for v in row.double().reshape(-1).numpy()]


@functools.cache
def load() -> Perceptual:
    """What is there of networks; the notes say of the others what to put where."""
    with _LOAD:
        lpips, i3d = _load_lpips(), _load_i3d()
    notes = [found for found in (lpips, i3d) if isinstance(found, str)]
    return Perceptual(
        None if isinstance(lpips, str) else lpips, None if isinstance(i3d, str) else i3d, tuple(notes)
    )


def fvd(real: ArrayLike, predicted: ArrayLike) -> float:
    """Fréchet distance of the Gaussians with the means and covariances of features (videos, features).

    |m1 - m2|^2 + tr(S1 + S2 - 2 (S1 S2)^(1/2)), Dowson and Landau 1982. It is biased upwards, the more so the
    fewer videos there are: only values of equally many videos may be compared.
    """
    one, two = np.asarray(real, dtype=np.float64), np.asarray(predicted, dtype=np.float64)
    first, second = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (one, two))
    # The trace of the root is that of (R S2 R)^(1/2), R = S1^(1/2), which is symmetric: no singular case.
    scale, axes = np.linalg.eigh(first)
    root = axes * np.sqrt(np.clip(scale, 0, None)) @ axes.T
    shared = np.linalg.eigvalsh(root @ second @ root)
    spread = np.trace(first + second) - 2 * np.sqrt(np.clip(shared, 0, None)).sum()
    return float(((one.mean(axis=0) - two.mean(axis=0)) ** 2).sum() + spread)


def pooled_fvd(
    episodes: Sequence[tuple[EpisodeRecord, FeaturesRecord]],
    splits: Sequence[str],
    ood_splits: Sequence[str],
) -> dict[str, dict[str, FvdRecord]]:
    """Split, `ood` or `all` -> method -> FVD over the episodes that have features of both; two at least."""
    features = {e.id: f.features for e, f in episodes if TRUTH in f.features}
    found: dict[str, dict[str, FvdRecord]] = {}
    for split, members in groups([e for e, _ in episodes if e.id in features], splits, ood_splits).items():
        rows = [features[e.id] for e in members]
        for method in dict.fromkeys(m for row in rows for m in row if m != TRUTH):
            both = [row for row in rows if method in row]
            if len(both) > 1:
                value = fvd(_table(both, TRUTH), _table(both, method))
                found.setdefault(split, {})[method] = FvdRecord(value=value, n=len(both))
    return found


def _table(rows: Sequence[Mapping[str, Sequence[float | None]]], method: str) -> Array:
    return np.array([row[method] for row in rows], dtype=np.float64)


def measure(
    networks: Perceptual, truth: Frames, predicted: Mapping[str, Frames]
) -> tuple[dict[str, float], FeaturesRecord | None]:
    """LPIPS of each method's frames against the true ones, and the features that FVD is made of."""
    distances = {m: networks.distance(truth, f) for m, f in predicted.items()} if networks.lpips else {}
    if not networks.i3d:
        return distances, None
    videos = {TRUTH: truth, **predicted}
    return distances, FeaturesRecord(features={m: networks.features(f) for m, f in videos.items()})


def _load_lpips() -> Any:
    named = os.environ.get("PROGGEN_LPIPS")
    if named or not _installed("torch"):
        return _script("LPIPS", "PROGGEN_LPIPS", "to a TorchScript file, or install proggen[perceptual]")
    if not (_installed("lpips") and _installed("torchvision")):
        return "LPIPS was not computed: install proggen[perceptual]."
    import torch

    weights = Path(torch.hub.get_dir()) / "checkpoints" / _ALEXNET
    if not weights.is_file():
        return f"LPIPS was not computed: put AlexNet's weights at {weights}."
    import lpips

    return lpips.LPIPS(net="alex", verbose=False).eval()


def _load_i3d() -> Any:
    return _script("FVD", "PROGGEN_I3D", "to a TorchScript I3D")


def _script(metric: str, variable: str, advice: str) -> Any:
    """A TorchScript network, or why there is none."""
    path = os.environ.get(variable, "")
    if not _installed("torch"):
        return f"{metric} was not computed: install PyTorch (proggen[perceptual])."
    if not Path(path).is_file():
        return f"{metric} was not computed: set {variable} {advice}."
    import torch

    read: Any = torch.jit.load
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # published networks are TorchScript
            return read(path, map_location="cpu").eval()
    except RuntimeError as error:
        return (
            f"{metric} was not computed: {path} is no TorchScript file ({str(error).splitlines()[0][:100]})."
        )


def _installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def _tensor(frames: Frames) -> Any:
    """float32 (T, 3, H, W) in 0..255"""
    import torch

    return torch.from_numpy(np.ascontiguousarray(frames.transpose(0, 3, 1, 2))).float()
