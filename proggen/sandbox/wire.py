"""Messages between parent and job: one JSON header and raw buffers, nothing that could run code.

    bytes 0-3    magic "PGW1"
    bytes 4-7    length of the header, unsigned, little endian
    bytes 8-15   length of the payload, likewise
    header       JSON {"body": {...}, "arrays": [[dtype, shape], ...]}
    payload      the arrays' bytes in that order, C order, without gaps

Bytes from a job are hostile: sizes are capped before memory is taken, dtypes come from a short list,
shape x itemsize must give exactly the bytes that are there, numbers are finite, nesting is bounded.
NaN of "not observed" travels as a mask (`mask_missing`).
"""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

MAGIC = b"PGW1"
PREFIX = struct.Struct("<4sIQ")
DTYPES: dict[str, np.dtype[Any]] = {"|u1": np.dtype("u1"), "<f8": np.dtype("<f8")}
MAX_REPLY_HEADER = 2**20
MAX_REQUEST_HEADER = 2**28
MAX_DEPTH = 12
MAX_ARRAYS = 2**16
MAX_DIMENSIONS = 4
Array = NDArray[Any]

# Linear in the length for any bytes: an unterminated string reaches to the end.
_NOT_NESTING = re.compile(rb'"(?:[^"\\]|\\.?)*+"?|[^\[\]{}"]++', re.DOTALL)
MAX_DIGITS = 18


class WireError(ValueError):
    """The bytes are no message."""


@dataclass(frozen=True)
class Message:
    """A JSON object and arrays of uint8 or float64."""

    body: dict[str, Any]
    arrays: list[Array] = field(default_factory=list)


def encode(message: Message) -> list[memoryview]:
    """The message as buffers to be sent one after the other.

    Raises:
        WireError: a number is not finite, or an array's dtype has no name on the wire.
    """
    arrays = [np.ascontiguousarray(a) for a in message.arrays]
    specs = [[_dtype_name(a), list(a.shape)] for a in arrays]
    try:
        header = json.dumps({"body": message.body, "arrays": specs}, allow_nan=False).encode()
    except ValueError as error:
        raise WireError(f"a value in the message is not finite: {error}") from None
    prefix = PREFIX.pack(MAGIC, len(header), sum(a.nbytes for a in arrays))
    return [memoryview(prefix), memoryview(header), *(_bytes_of(a) for a in arrays if a.nbytes)]


def decode_prefix(prefix: bytes, max_header: int, max_payload: int) -> tuple[int, int]:
    """Lengths of header and payload, checked against the caps.

    Raises:
        WireError: another magic, or a length above its cap (`OversizeError` for the payload).
    """
    if len(prefix) != PREFIX.size:
        raise WireError("the message is shorter than its prefix")
    magic, header, payload = PREFIX.unpack(prefix)
    if magic != MAGIC:
        raise WireError("the message does not begin with the magic bytes")
    if header > max_header:
        raise WireError(f"the header is {header} bytes long, at most {max_header} are allowed")
    if payload > max_payload:
        raise OversizeError(f"the result is {payload} bytes long, at most {max_payload} are allowed")
    return header, payload


class OversizeError(WireError):
    """The payload is larger than the job's limit."""


def decode(header: bytes, payload: Array) -> Message:
    """The message of a header and a payload (uint8, (n,)); arrays are views of the payload where aligned.

    Raises:
        WireError: anything that is not exactly as described above.
    """
    fields = _parse(header)
    if set(fields) != {"body", "arrays"} or not isinstance(fields["body"], dict):
        raise WireError("the header needs exactly `body`, an object, and `arrays`")
    return Message(fields["body"], _split(fields["arrays"], payload))


def mask_missing(values: NDArray[np.float64]) -> list[Array]:
    """[values with 0 for NaN, mask uint8 with 1 where observed]: how unobserved values travel."""
    observed = ~np.isnan(values)
    return [np.where(observed, values, 0.0), observed.astype(np.uint8)]


def unmask_missing(values: Array, mask: Array) -> NDArray[np.float64]:
    """Inverse of `mask_missing`.

    Raises:
        WireError: values and mask differ in shape or have other dtypes.
    """
    if values.shape != mask.shape or values.dtype != np.float64 or mask.dtype != np.uint8:
        raise WireError("values and mask do not fit each other")
    return np.where(mask.astype(bool), values, np.nan)


def _dtype_name(array: Array) -> str:
    name = array.dtype.str
    if name not in DTYPES:
        raise WireError(f"arrays of {array.dtype} do not travel")
    return name


def _bytes_of(array: Array) -> memoryview:
    return array.reshape(-1).data.cast("B")


def _parse(header: bytes) -> dict[str, Any]:
    _check_depth(header)
    try:
        text = header.decode("utf-8")
        fields = json.loads(
            text,
            parse_constant=_reject,
            parse_float=_finite,
            parse_int=_bounded,
            object_pairs_hook=_unique,
        )
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header is not valid JSON: {error}") from None
    if not isinstance(fields, dict):
        raise WireError("the header is not a JSON object")
    return fields


def _check_depth(header: bytes) -> None:
    depth = deepest = 0
    for byte in _NOT_NESTING.sub(b"", header):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise WireError(f"the header is nested deeper than {MAX_DEPTH}")


def _reject(constant: str) -> NoReturn:
    raise WireError(f"{constant} is not a finite number")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise WireError("a number in the header is not finite")
    return value


def _bounded(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise WireError("a whole number in the header is too long")
    return int(text)


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise WireError("a key stands twice in one object")
    return result


def _split(specs: Any, payload: Array) -> list[Array]:
    if not isinstance(specs, list) or len(specs) > MAX_ARRAYS:
        raise WireError(f"`arrays` must be a list of at most {MAX_ARRAYS}")
    arrays, start = [], 0
    for spec in specs:
        dtype, shape = _check_spec(spec)
        stop = start + math.prod(shape) * dtype.itemsize
        if stop > payload.size:
            raise WireError("the arrays need more bytes than the payload holds")
        arrays.append(_view(payload[start:stop], dtype, shape))
        start = stop
    if start != payload.size:
        raise WireError("the payload holds more bytes than the arrays need")
    return arrays


def _check_spec(spec: Any) -> tuple[np.dtype[Any], tuple[int, ...]]:
    if not isinstance(spec, list) or len(spec) != 2 or not isinstance(spec[1], list):
        raise WireError("an array is described by [dtype, shape]")
    name, shape = spec
    if not isinstance(name, str) or name not in DTYPES:
        raise WireError("an array's dtype is not on the list")
    if len(shape) > MAX_DIMENSIONS or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
        raise WireError("an array's shape is not a short list of sizes")
    return DTYPES[name], tuple(shape)


def _view(raw: Array, dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array:
    aligned = raw if raw.ctypes.data % dtype.itemsize == 0 else raw.copy()
    array = aligned.view(dtype).reshape(shape)
    if dtype.kind == "f" and not np.isfinite(array).all():
        raise WireError("an array holds NaN or infinity")
    return array
