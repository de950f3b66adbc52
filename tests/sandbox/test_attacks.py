"""Every attack ends as its file says, at every level that this machine has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from proggen.errors import SandboxError
from proggen.sandbox import Sandbox, self_test

from .battery import WITHOUT, Ground, layers_of, load, open_sandbox, run

ATTACKS = load()
# Attacks that end by their time limit do so at every level; they are run at the strongest only.
PAIRS = [
    pytest.param(level, name, marks=[] if level == "strong" else pytest.mark.slow)
    for level in WITHOUT
    for name, attack in ATTACKS.items()
    if level == "strong" or "timeout" not in attack.kinds
]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with Ground() as ground:
        yield ground


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[dict[str, Sandbox]]:
    opened: dict[str, Sandbox] = {}
    yield opened
    for sandbox in opened.values():
        sandbox.close()


def sandbox_of(level: str, opened: dict[str, Sandbox]) -> Sandbox:
    if level not in opened:
        sandbox = open_sandbox(level)
        try:
            sandbox.record  # noqa: B018
        except SandboxError as error:
            sandbox.close()
            pytest.skip(f"level {level}: {error}")
        opened[level] = sandbox
    return opened[level]


@pytest.mark.parametrize(("level", "name"), PAIRS)
def test_an_attack_ends_as_expected(
    level: str, name: str, ground: Ground, sandboxes: dict[str, Sandbox]
) -> None:
    attack, sandbox = ATTACKS[name], sandbox_of(level, sandboxes)
    got_through, failure = run(sandbox, attack, ground.names)
    stopped = attack.is_stopped_by(layers_of(sandbox))
    reason = failure.message if failure else "no failure"
    assert not (got_through and stopped), f"{attack.fields['tries']}: it got through"
    assert got_through or stopped or attack.optional, f"{attack.fields['tries']}: it failed with {reason}"
    if failure and attack.category != "imports":  # stopped by a wall, not for want of a module
        assert failure.kind != "import", reason
    if attack.kinds:
        assert failure is not None
        assert failure.kind in attack.kinds, reason


def test_the_battery_is_large() -> None:
    assert len(ATTACKS) >= 60
    assert len({attack.category for attack in ATTACKS.values()}) >= 18


def test_the_strong_level_stops_all_but_the_harmless(sandboxes: dict[str, Sandbox]) -> None:
    sandbox = sandbox_of("strong", sandboxes)
    if sandbox.record.level != "strong":
        pytest.skip(f"this machine has level {sandbox.record.level}")
    open_ones = {name for name, attack in ATTACKS.items() if not attack.is_stopped_by(layers_of(sandbox))}
    assert open_ones == {name for name, attack in ATTACKS.items() if attack.walls() == ["nothing"]}


def test_the_ground_is_whole_after_the_strong_level(sandboxes: dict[str, Sandbox]) -> None:
    with Ground() as ground:
        for attack in ATTACKS.values():
            if "timeout" not in attack.kinds:
                run(sandbox_of("strong", sandboxes), attack, ground.names)
        assert ground.is_whole()
        assert {path.name for path in (ground.root / "open").iterdir()} == {"here"}


def test_the_self_test_and_the_record_agree() -> None:
    assert self_test().level in ("strong", "weak")
