"""Levels are decided by trying, and told in words."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from proggen.errors import SandboxError
from proggen.inference import JOBS, calls
from proggen.sandbox import Sandbox, self_test
from proggen.sandbox.confine import LAYERS
from proggen.sandbox.levels import NEVER_CLOSED, judge, missing

WITHOUT_ALL = (*LAYERS, "sandbox-exec")


def hello(layers: list[str], passed: list[str] | None) -> dict[str, Any]:
    return {"pid": 1, "layers": layers, "passed": passed}


def test_this_machine_s_record_is_consistent() -> None:
    record = self_test()
    if record.level == "strong":
        assert {"Landlock", "seccomp"} <= set(record.layers)
        assert record.open == NEVER_CLOSED
    else:
        assert missing(record)
        assert len(record.open) > len(NEVER_CLOSED)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these layers")
@pytest.mark.parametrize(
    ("without", "opens"),
    [("seccomp", "by Unix sockets"), ("landlock", "read files")],
)
def test_a_missing_layer_lowers_the_level_and_says_what_is_open(without: str, opens: str) -> None:
    with Sandbox(JOBS, without=[without]) as sandbox:
        try:
            record = sandbox.record
        except SandboxError:
            pytest.skip(f"this machine has nothing but {without}")
    assert record.level == "weak"
    assert any(opens in text for text in record.open)


def test_no_isolation_at_all_is_refused_and_the_way_round_is_named() -> None:
    with (
        Sandbox(JOBS, without=WITHOUT_ALL) as sandbox,
        pytest.raises(SandboxError, match="--unsafe-no-sandbox"),
    ):
        calls.describe(sandbox, "rendering", "")


def test_unsafe_is_recorded() -> None:
    record = self_test(unsafe=True)
    assert record.level == "none"
    assert any("read files" in text for text in record.open)


def test_a_self_test_that_could_not_be_confined_is_an_error() -> None:
    with pytest.raises(SandboxError, match="self-test"):
        judge(hello(["landlock", "seccomp"], None), unsafe=False)


def test_layers_that_let_something_through_are_weak() -> None:
    record = judge(hello(["landlock", "seccomp"], ["udp"]), unsafe=False)
    assert record.level == "weak"
    assert "programs can reach the network by UDP" in record.open


def test_what_is_missing_is_told_with_its_reason() -> None:
    record = judge(hello(["seccomp"], ["read files"]), unsafe=False)
    assert "closes files" in missing(record)["Landlock"]
