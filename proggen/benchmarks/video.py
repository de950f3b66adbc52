"""The lossy codec of PhyWorld's files: H.264 (x264 at its default CRF 23), 4:2:0 chroma, in MP4.

x264 runs with one thread, so that the bytes of a clip are the same on a machine with any number of cores, and
however busy it is. With imageio's defaults x264 takes one and a half threads per core, and their number decides
more than the byte that it is written in: of 200 clips of the collision, the pictures of 6 differ between one
thread and three, of 19 between one and six, of 157 between one and twelve, in 1 to 32 frames and by up to 115 of
255 levels in single pixels. With two threads the byte was the only difference. A published file's bytes
therefore depend on the machine that made it.

They depend on the processor's instructions too, for x264 and the conversion of colours approximate with what is
there: AVX, AVX2 and AVX-512 of one machine gave the same bytes of 40 clips; with SSE2 alone 26 had other pictures.
"""

from __future__ import annotations

import re
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from imageio_ffmpeg import get_ffmpeg_exe

from ..clips import Frames
from ..errors import DataError

_TIMEOUT = 60.0  # seconds; a clip takes 0.1
_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")


class VideoFormat(NamedTuple):
    """What an MP4's tables say of its video track; fps is NaN where they do not tell it."""

    n_frames: int
    height: int
    width: int
    fps: float


def encode(frames: Frames, fps: float) -> bytes:
    """Frames uint8 (T, H, W, 3), H and W even, as MP4; on one machine, the same frames always give the same bytes."""
    height, width = frames.shape[1:3]
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{fps:g}", "-i", "-"]
    codec = ["-an", "-c:v", "libx264", "-crf", "23", "-pix_fmt", "yuv420p", "-threads", "1"]
    with tempfile.TemporaryDirectory(prefix="proggen-") as folder:
        path = Path(folder, "clip.mp4")  # the MP4 writer seeks, so it cannot write to a pipe
        _ffmpeg([*source, *codec, str(path)], np.ascontiguousarray(frames).tobytes())
        return path.read_bytes()


def decode(video: bytes) -> Frames:
    """Frames uint8 (T, H, W, 3) of an MP4; DataError if it is damaged.

    H.264 carries no checksum: scratched pictures are noticed where they make no sense to the decoder, which
    is nearly always, but not where they happen to be another valid picture.
    """
    n_frames, height, width, _ = probe(video)
    with tempfile.TemporaryDirectory(prefix="proggen-") as folder:
        path = Path(folder, "clip.mp4")
        path.write_bytes(video)
        strict = ["-xerror", "-err_detect", "explode"]  # else damaged pictures are made up silently
        sink = ["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
        pixels = _ffmpeg([*strict, "-i", str(path), *sink], b"")
    if len(pixels) != n_frames * height * width * 3:
        expected = f"{n_frames} frames {width}x{height}"
        raise DataError(f"the video decodes to {len(pixels)} bytes, not to {expected}")
    return np.frombuffer(pixels, np.uint8).reshape(n_frames, height, width, 3)


def probe(video: bytes) -> VideoFormat:
    """Number, size and rate of the frames, from the MP4's tables alone; DataError if it is truncated or no MP4.

    Boxes after ISO/IEC 14496-12. The first track whose handler (`hdlr`) is "vide" counts, others such as sound
    are passed over: `stsz` counts its samples, the entry of `stsd` holds width and height, `mdhd` the ticks per
    second, `stts` the ticks of the samples.
    """
    boxes = list(_boxes(video))
    kinds = {kind for kind, _ in boxes}
    if b"ftyp" not in kinds:
        raise DataError("the video is no MP4")
    if b"mdat" not in kinds or b"moov" not in kinds:
        raise DataError("the MP4 lacks its tables or its pictures")
    tracks = [_inside(content) for kind, content in boxes if kind == b"trak"]
    tables = next((t for t in tracks if t.get(b"hdlr", b"")[8:12] == b"vide"), None)
    if tables is None or b"stsz" not in tables or b"stsd" not in tables:
        raise DataError("the MP4 has no video track with its tables")
    try:
        (n_frames,) = struct.unpack_from(">I", tables[b"stsz"], 8)
        width, height = struct.unpack_from(">HH", tables[b"stsd"], 8 + 32)
        fps = _rate(tables)
    except struct.error:
        raise DataError("the MP4's tables are cut off") from None
    return VideoFormat(n_frames, height, width, fps)


def _rate(tables: dict[bytes, bytes]) -> float:
    """Frames per second: samples over their ticks, times the ticks per second."""
    if b"mdhd" not in tables or b"stts" not in tables:
        return float("nan")
    (ticks,) = struct.unpack_from(">I", tables[b"mdhd"], 20 if tables[b"mdhd"][:1] == b"\x01" else 12)
    (entries,) = struct.unpack_from(">I", tables[b"stts"], 4)
    runs = [struct.unpack_from(">II", tables[b"stts"], 8 + 8 * i) for i in range(entries)]
    duration = sum(count * ticks_each for count, ticks_each in runs)
    return sum(count for count, _ in runs) * ticks / duration if duration else float("nan")


def _inside(track: bytes) -> dict[bytes, bytes]:
    """The boxes of one track; of two of a kind (a data handler follows the media's) the first."""
    found: dict[bytes, bytes] = {}
    for kind, content in _boxes(track):
        found.setdefault(kind, content)
    return found


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of the boxes of an MP4, those inside containers included; a track's follow it."""
    start = 0
    while start < len(data):
        if start + 8 > len(data):
            raise DataError("the MP4 ends inside a box")
        size, kind = struct.unpack_from(">I4s", data, start)
        if size < 8 or start + size > len(data):
            raise DataError(f"the MP4 is truncated: a box asks for {size} bytes of {len(data) - start}")
        content = data[start + 8 : start + size]
        yield kind, content
        if kind in _CONTAINERS:
            yield from _boxes(content)
        start += size


def _ffmpeg(arguments: list[str], data: bytes) -> bytes:
    command = [get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DataError(f"ffmpeg could not work on the video: {error}") from error
    if done.returncode != 0:
        lines = done.stderr.decode(errors="replace").strip().splitlines() or [f"exit code {done.returncode}"]
        reason = re.sub(r"^\[[^]]*\] *", "", lines[0])  # the first line, without the codec's address
        raise DataError(f"ffmpeg could not work on the video: {reason}")
    return done.stdout
