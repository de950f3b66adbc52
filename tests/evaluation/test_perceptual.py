from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import proggen
from proggen.archive.records import EpisodeRecord, FeaturesRecord
from proggen.evaluation import perceptual

pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
FRAMES = np.random.default_rng(0).integers(0, 256, (20, 24, 24, 3), dtype=np.uint8)


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    """Networks are loaded once a process: not those of another test."""
    yield
    perceptual.load.cache_clear()


def loaded() -> perceptual.Perceptual:
    perceptual.load.cache_clear()
    return perceptual.load()


@pytest.fixture
def networks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> perceptual.Perceptual:
    """Tiny networks with the calls of the real ones, as TorchScript files."""
    torch = pytest.importorskip("torch")

    class Distance(torch.nn.Module):
        def forward(self, one: torch.Tensor, two: torch.Tensor) -> torch.Tensor:
            return ((one - two) ** 2).mean(dim=[1, 2, 3], keepdim=True)

    class Video(torch.nn.Module):
        def forward(
            self, x: torch.Tensor, rescale: bool = False, resize: bool = False, return_features: bool = False
        ) -> torch.Tensor:
            return x.mean(dim=[2, 3, 4]) if return_features else x

    for name, module in (("PROGGEN_LPIPS", Distance()), ("PROGGEN_I3D", Video())):
        path = tmp_path / f"{name}.pt"
        torch.jit.script(module).save(str(path))
        monkeypatch.setenv(name, str(path))
    return loaded()


def test_networks_that_are_there_leave_nothing_to_say(networks: perceptual.Perceptual) -> None:
    assert networks.notes == ()


def test_distance_is_the_mean_over_all_frames_scaled_to_one(networks: perceptual.Perceptual) -> None:
    other = FRAMES.copy()
    other[3] = 255 - other[3]
    expected = ((FRAMES[3] / 127.5 - 1) - (other[3] / 127.5 - 1)) ** 2
    assert networks.distance(FRAMES, FRAMES) == 0.0
    assert networks.distance(FRAMES, other) == pytest.approx(expected.mean() / 20, rel=1e-5)


def test_features_are_of_the_whole_video_channels_first(networks: perceptual.Perceptual) -> None:
    assert networks.features(FRAMES) == pytest.approx(FRAMES.mean(axis=(0, 1, 2)).tolist(), rel=1e-5)


def test_measures_every_method_and_the_truth(networks: perceptual.Perceptual) -> None:
    distances, features = perceptual.measure(networks, FRAMES, {"proggen": FRAMES, "other": FRAMES[::-1]})
    assert distances["proggen"] == 0.0
    assert distances["other"] > 0
    assert features is not None
    assert set(features.features) == {"truth", "proggen", "other"}


def test_without_files_it_says_what_to_put_where(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PROGGEN_LPIPS", raising=False)
    monkeypatch.setenv("PROGGEN_I3D", str(tmp_path / "none.pt"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    found = loaded()
    assert (found.lpips, found.i3d) == (None, None)
    assert [note.split(" was not computed: ")[0] for note in found.notes] == ["LPIPS", "FVD"]
    assert perceptual.measure(found, FRAMES, {"proggen": FRAMES}) == ({}, None)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(perceptual, "_installed", lambda package: False)
    assert all("proggen[perceptual]" in note for note in loaded().notes)


def test_a_file_that_is_no_network_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "text.pt").write_text("no network")
    monkeypatch.setenv("PROGGEN_I3D", str(tmp_path / "text.pt"))
    assert "is no TorchScript file" in loaded().notes[-1]


def test_distance_of_gaussians_is_the_known_one() -> None:
    rng = np.random.default_rng(1)
    sample = rng.normal(size=(4000, 3))
    assert perceptual.fvd(sample, sample) == pytest.approx(0, abs=1e-9)
    assert perceptual.fvd(sample, sample + np.array([3, 0, 4])) == pytest.approx(25, rel=1e-6)
    scaled = (sample - sample.mean(axis=0)) * 3
    means = (sample.mean(axis=0) ** 2).sum()
    assert perceptual.fvd(sample, scaled) == pytest.approx(means + 4 * np.trace(np.cov(sample.T)), rel=1e-6)


def episode(number: int, split: str) -> tuple[EpisodeRecord, FeaturesRecord]:
    record = EpisodeRecord(
        id=str(number), benchmark="toy", split=split, attributes={}, context=3, length=32, metrics={},
        counterfactuals=[], digests={},
    )  # fmt: skip
    true = np.random.default_rng(number).normal(size=3)
    features = {"truth": true.tolist(), "proggen": (true + 1).tolist()}
    return record, FeaturesRecord.model_validate_json(json.dumps({"features": features}))


def test_fvd_is_pooled_by_split_with_its_number_of_videos() -> None:
    members = [episode(i, "in" if i < 4 else "far") for i in range(5)]
    found = perceptual.pooled_fvd(members, ("in", "far"), ("far",))
    assert {split: rows["proggen"].n for split, rows in found.items()} == {"in": 4, "all": 5}
    assert found["all"]["proggen"].value == pytest.approx(3)


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_a_run_archives_them_and_verify_derives_them_again(
    networks: perceptual.Perceptual, recordings: Path, tmp_path: Path
) -> None:
    run = proggen.run("test/box", runs=tmp_path, recordings=recordings, jobs=2, baselines=(), perceptual=True)
    benchmark = run.benchmarks["test/box"]
    assert benchmark.record.metrics["all"]["lpips"]["proggen"].n == 6
    assert benchmark.record.fvd["all"]["proggen"].n == 6
    assert run.record.command.count("--perceptual") == 1
    assert proggen.verify(run) == []


@pytest.mark.slow
@pytest.mark.usefixtures("installed")
def test_a_run_without_networks_says_so_and_goes_on(
    recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perceptual, "_installed", lambda package: False)
    perceptual.load.cache_clear()
    run = proggen.run("test/box", runs=tmp_path, recordings=recordings, jobs=2, baselines=(), perceptual=True)
    record = run.benchmarks["test/box"].record
    assert [p.split(" was not computed")[0] for p in record.problems] == ["LPIPS", "FVD"]
    assert "lpips" not in record.metrics["all"]
