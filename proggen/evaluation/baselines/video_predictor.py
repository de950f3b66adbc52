"""A small video predictor that learns from pixels alone (PyTorch, the extra `proggen[torch]`).

A convolutional network maps the last three frames, at reduced size, to the next one; predictions are fed
back until the horizon is reached. It stands for "learn the dynamics from many videos" at a size that a CPU
trains in minutes, and is made from 10 and from 1000 clips, with the same number of training steps.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from ...clips import Clip, Frames
from ..scoring import Forecast
from .base import Context, Material

THREADS = 1  # fixed, as another number of threads sums in another order; one is never in its own way
SIDE = 64  # rows of the reduced frames, at most
SEEN = 3  # frames that the network is given
WIDTHS = (24, 48, 64)  # channels at a half, a quarter and an eighth of the reduced size
STEPS = 1000
BATCH = 8
UNROLLED = 3  # frames predicted one after the other in a training step, for errors that feed back
NOISE = 0.03  # added to the given frames in training (of 1), for the same reason
RATE = 2e-3
_TRAINING = threading.Lock()  # PyTorch's switches hold for the whole process

Tensor = Any  # torch.Tensor: an extra has no types that could be relied upon


@dataclass(frozen=True)
class _Small:
    """A clip at reduced size: pixels uint8 (T, 3, h, w), actions float32 (T - 1,) or None."""

    pixels: NDArray[np.uint8]
    actions: NDArray[np.float32] | None


class VideoPredictor:
    """Trained on the first `n_clips` training clips; the same seed gives the same network on one machine."""

    def __init__(self, material: Material, n_clips: int) -> None:
        torch.set_num_threads(THREADS)
        clips = material.more(n_clips, _small)
        self.notes: Sequence[str] = ()
        if len(clips) < n_clips:
            self.notes = (f"video_predictor_{n_clips} was trained on {len(clips)} clips: there are no more.",)
        # What never moves is taken away, so that the network need not paint it (and pads with nothing).
        sample = np.concatenate([c.pixels[:: len(c.pixels) // 3] for c in clips[:: len(clips) // 10 or 1]])
        self._still = torch.from_numpy(np.median(sample, axis=0).astype(np.float32) / 255.0)
        self._network = Network(3 * SEEN + (clips[0].actions is not None), material.seed)
        with _TRAINING, _repeatable():
            self.losses = self._train(clips, np.random.default_rng(material.seed))

    def forecast(self, context: Context) -> Forecast:
        head = _small(context.head)
        given = list(self._given(torch.from_numpy(head.pixels[-SEEN:])))
        given = [given[0]] * (SEEN - len(given)) + given
        start = len(context.head) - 1
        frames = []
        with torch.inference_mode():
            for step in range(context.horizon):
                pushed = (
                    None
                    if context.actions is None
                    else _pushes(context.actions[start + step : start + step + 1])
                )
                frame = self._network(torch.cat(given)[None], pushed)[0]
                frame = torch.clamp(frame + self._still, 0.0, 1.0) - self._still
                given = [*given[1:], frame]
                frames.append(frame)
            shown = _enlarged(torch.stack(frames) + self._still, context.head.height, context.head.width)
        return Forecast(None, shown, read_by_parser=True)

    def _given(self, pixels: Tensor) -> Tensor:
        return pixels.to(torch.float32) / 255.0 - self._still

    def _train(self, clips: Sequence[_Small], rng: np.random.Generator) -> list[float]:
        parameters = self._network.parameters()
        optimizer = torch.optim.AdamW(parameters, lr=RATE, weight_decay=1e-4)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=STEPS)
        losses = []
        for _ in range(STEPS):
            frames, actions = self._batch(clips, rng)
            loss = self._loss(frames, actions, rng)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
        return losses

    def _batch(self, clips: Sequence[_Small], rng: np.random.Generator) -> tuple[Tensor, Tensor | None]:
        """Frames (B, SEEN + UNROLLED, 3, h, w) and the actions between them."""
        n = SEEN + UNROLLED
        picked = [clips[i] for i in rng.integers(0, len(clips), BATCH)]
        starts = [int(rng.integers(0, len(c.pixels) - n + 1)) for c in picked]
        pixels = np.stack([c.pixels[s : s + n] for c, s in zip(picked, starts, strict=True)])
        pushed = [
            c.actions[s : s + n - 1] for c, s in zip(picked, starts, strict=True) if c.actions is not None
        ]
        return self._given(torch.from_numpy(pixels)), torch.from_numpy(np.stack(pushed)) if pushed else None

    def _loss(self, frames: Tensor, actions: Tensor | None, rng: np.random.Generator) -> Tensor:
        noise = rng.standard_normal(frames[:, :SEEN].shape, dtype=np.float32)
        given = list((frames[:, :SEEN] + NOISE * torch.from_numpy(noise)).unbind(1))
        loss = torch.zeros(())
        for step in range(UNROLLED):
            pushed = None if actions is None else actions[:, SEEN - 1 + step]
            frame = self._network(torch.cat(given, dim=1), pushed)
            loss = loss + functional.mse_loss(frame, frames[:, SEEN + step])
            given = [*given[1:], frame]
        return loss / UNROLLED


class Network:
    """A U-Net at half the reduced size that says how the next frame differs from the last one."""

    def __init__(self, planes: int, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        a, b, c = WIDTHS

        def block(into: int, out: int, stride: int = 1) -> torch.nn.Sequential:
            layers = [torch.nn.Conv2d(into, out, 3, stride, 1), torch.nn.Conv2d(out, out, 3, 1, 1)]
            for layer in layers:
                torch.nn.init.kaiming_normal_(layer.weight, generator=generator)
                torch.nn.init.zeros_(layer.bias)
            relu = torch.nn.ReLU(inplace=True)
            return torch.nn.Sequential(layers[0], relu, layers[1], relu)

        self._down = [block(4 * planes, a), block(a, b, 2), block(b, c, 2)]
        self._up = [block(b + c, b), block(a + b, a)]
        self._out = torch.nn.Conv2d(a, 12, 3, 1, 1)
        torch.nn.init.zeros_(self._out.weight)  # it starts as "repeat the last frame"
        torch.nn.init.zeros_(self._out.bias)

    def parameters(self) -> list[Tensor]:
        return [p for part in (*self._down, *self._up, self._out) for p in part.parameters()]

    def __call__(self, given: Tensor, pushed: Tensor | None) -> Tensor:
        """The next frame (B, 3, h, w) after `given` (B, 3 * SEEN, h, w); pushed: the actions (B,)."""
        planes = given
        if pushed is not None:
            plane = pushed[:, None, None, None].expand(-1, 1, *given.shape[2:])
            planes = torch.cat([given, plane], dim=1)
        fine = self._down[0](functional.pixel_unshuffle(planes, 2))
        middle = self._down[1](fine)
        coarse = self._down[2](middle)
        middle = self._up[0](torch.cat([_doubled(coarse), middle], dim=1))
        fine = self._up[1](torch.cat([_doubled(middle), fine], dim=1))
        return given[:, -3:] + functional.pixel_shuffle(self._out(fine), 2)


def _doubled(planes: Tensor) -> Tensor:
    return functional.interpolate(planes, scale_factor=2, mode="nearest")


def _small(clip: Clip) -> _Small:
    pixels = torch.from_numpy(clip.frames).permute(0, 3, 1, 2).to(torch.float32)
    reduced = functional.adaptive_avg_pool2d(pixels, _size(clip.height, clip.width))
    actions = None if clip.actions is None else clip.actions.astype(np.float32)
    return _Small(reduced.round().to(torch.uint8).numpy(), actions)


def _size(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of reduced frames, multiples of 8."""
    rows = max(8, min(SIDE, height) // 8 * 8)
    return rows, max(8, round(rows * width / height / 8) * 8)


def _enlarged(frames: Tensor, height: int, width: int) -> Frames:
    """uint8 (T, height, width, 3) of frames (T, 3, h, w) in 0..1."""
    large = functional.interpolate(frames, size=(height, width), mode="bilinear", align_corners=False)
    pixels = (large.clamp(0.0, 1.0) * 255.0).round().to(torch.uint8).permute(0, 2, 3, 1)
    return np.ascontiguousarray(pixels.numpy())


def _pushes(actions: NDArray[np.float64]) -> Tensor:
    return torch.from_numpy(actions.astype(np.float32))


@contextmanager
def _repeatable() -> Iterator[None]:
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
