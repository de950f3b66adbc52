"""The wire: honest messages arrive unchanged, and no bytes whatever raise anything but `WireError`."""

from __future__ import annotations

import contextlib
import json
import resource
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proggen.errors import ProgramFailure
from proggen.inference import calls
from proggen.inference.problems import Rollout
from proggen.sandbox import Sandbox, wire
from proggen.sandbox.wire import Message, WireError

from .programs import dynamics

MEGABYTE = 2**20
GOOD = Message(
    {"status": "ok", "text": 'a "quoted" [bracket', "numbers": [1, 2.5, -3e-7]},
    [np.arange(12, dtype=np.uint8).reshape(3, 4), np.linspace(0, 1, 6).reshape(2, 3)],
)


def as_bytes(message: Message) -> bytes:
    return b"".join(wire.encode(message))


def read(data: bytes, *, payload: int = MEGABYTE) -> Message:
    """The message of some bytes, cut up as the parent does it."""
    start = wire.PREFIX.size
    size, _ = wire.decode_prefix(data[:start], wire.MAX_REPLY_HEADER, payload)
    return wire.decode(data[start : start + size], np.frombuffer(data[start + size :], dtype=np.uint8))


def header(body: Any, arrays: Any, payload: bytes = b"") -> bytes:
    text = json.dumps({"body": body, "arrays": arrays}).encode()
    return wire.PREFIX.pack(wire.MAGIC, len(text), len(payload)) + text + payload


def test_a_message_arrives_unchanged() -> None:
    arrived = read(as_bytes(GOOD))
    assert arrived.body == GOOD.body
    for ours, theirs in zip(GOOD.arrays, arrived.arrays, strict=True):
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)


def test_missing_values_travel_as_a_mask() -> None:
    values = np.array([[1.0, np.nan], [np.nan, 4.0]])
    assert np.array_equal(wire.unmask_missing(*wire.mask_missing(values)), values, equal_nan=True)


@pytest.mark.parametrize(
    "message",
    [
        Message({"x": float("nan")}),
        Message({}, [np.zeros(2, dtype=np.complex128)]),
        Message({}, [np.array(["a"])]),
    ],
)
def test_what_does_not_travel_is_refused_at_the_start(message: Message) -> None:
    with pytest.raises(WireError):
        wire.encode(message)


MALFORMED = {
    "empty": b"",
    "other magic": b"PICKLE" + bytes(20),
    "header too long": wire.PREFIX.pack(wire.MAGIC, 2**31, 0),
    "payload too long": wire.PREFIX.pack(wire.MAGIC, 2, 2**50),
    "no object": header([], []),
    "list": wire.PREFIX.pack(wire.MAGIC, 2, 0) + b"[]",
    "other keys": wire.PREFIX.pack(wire.MAGIC, 2, 0) + b"{}",
    "not UTF-8": wire.PREFIX.pack(wire.MAGIC, 2, 0) + b"\xff\xfe",
    "NaN": wire.PREFIX.pack(wire.MAGIC, 28, 0) + b'{"body":{"x":NaN},"arrays":[]}'[:28],
    "object dtype": header({}, [["|O", [1]]], bytes(8)),
    "unknown dtype": header({}, [["<c16", [1]]], bytes(16)),
    "negative size": header({}, [["|u1", [-1]]]),
    "boolean size": header({}, [["|u1", [True]]], bytes(1)),
    "fractional size": header({}, [["|u1", [1.0]]], bytes(1)),
    "overflowing shape": header({}, [["<f8", [2**39, 2**39, 2**39]]], bytes(8)),
    "too many dimensions": header({}, [["|u1", [1] * 5]], bytes(1)),
    "fewer bytes": header({}, [["<f8", [2]]], bytes(8)),
    "more bytes": header({}, [["<f8", [1]]], bytes(16)),
    "NaN in an array": header({}, [["<f8", [1]]], np.array([np.nan]).tobytes()),
    "infinity in an array": header({}, [["<f8", [1]]], np.array([np.inf]).tobytes()),
    "array without shape": header({}, [["<f8"]]),
    "arrays no list": header({}, {"a": 1}),
    "too many arrays": header({}, [["|u1", [0]]] * (wire.MAX_ARRAYS + 1)),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_malformed_bytes_are_refused(case: str) -> None:
    with pytest.raises(WireError):
        read(MALFORMED[case])


@pytest.mark.parametrize("text", [b"[" * 10**6, b'{"body":' * 10**5, b'"' + b'\\"' * 10**5, b'"\\' * 10**5])
def test_hostile_nesting_and_quotes_are_refused(text: bytes) -> None:
    with pytest.raises(WireError):
        wire.decode(text, np.empty(0, dtype=np.uint8))


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', "1e999", "-Infinity", "9" * 5000])
def test_hostile_json_is_refused(text: str) -> None:
    with pytest.raises(WireError):
        wire.decode(f'{{"body": {{"x": {text}}}, "arrays": []}}'.encode(), np.empty(0, dtype=np.uint8))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
SPECS = st.lists(
    st.tuples(st.sampled_from(["|u1", "<f8", "|O", "<i8"]), st.lists(st.integers(-2, 9), max_size=5))
)


@settings(max_examples=1500, deadline=None, database=None)
@given(st.binary(max_size=300))
def test_random_headers_never_escape(data: bytes) -> None:
    with contextlib.suppress(WireError):
        wire.decode(data, np.empty(0, dtype=np.uint8))


@settings(max_examples=1500, deadline=None, database=None)
@given(JSON, SPECS | JSON, st.binary(max_size=80))
def test_random_structures_never_escape(body: Any, arrays: Any, payload: bytes) -> None:
    with contextlib.suppress(WireError):
        read(header(body, arrays, payload))


@pytest.mark.slow
def test_100000_mutated_messages_never_escape_and_take_no_memory() -> None:
    rng = np.random.default_rng(0)
    seeds = [
        np.frombuffer(as_bytes(GOOD), np.uint8),
        *(np.frombuffer(m, np.uint8) for m in MALFORMED.values()),
    ]
    seeds = [s for s in seeds if 0 < s.size < 1000]
    before, accepted = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, 0
    for _ in range(100_000):
        data = mutated(seeds[rng.integers(len(seeds))], rng)
        with contextlib.suppress(WireError):
            read(data)
            accepted += 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024
    assert 0 < accepted < 100_000


def mutated(seed: np.ndarray[Any, Any], rng: np.random.Generator) -> bytes:
    """A message with a few bytes overwritten, taken out or put in."""
    data = seed.copy()
    for _ in range(rng.integers(0, 4)):
        at = int(rng.integers(data.size))
        choice = rng.integers(3)
        if choice == 0:
            data[at] = rng.integers(256)
        elif choice == 1:
            data = np.delete(data, slice(at, at + int(rng.integers(1, 9)))) if data.size > 9 else data
        else:
            data = np.insert(data, at, rng.integers(0, 256, int(rng.integers(1, 9)), dtype=np.uint8))
    return data.tobytes()


@pytest.mark.slow
def test_random_bytes_from_a_real_job_are_failures_of_the_program(sandbox: Sandbox) -> None:
    rng, valid = np.random.default_rng(1), np.frombuffer(as_bytes(GOOD), np.uint8)
    for _ in range(150):
        data = mutated(valid, rng) if rng.random() < 0.7 else rng.bytes(int(rng.integers(200)))
        source = dynamics(f"import os\nos.write(3, {data!r})\nos._exit(0)")
        with pytest.raises(ProgramFailure) as failure:
            calls.rollout(sandbox, source, [Rollout({"x": 0.0}, {}, 0.1, 1)])
        assert failure.value.kind in ("crash", "output")
