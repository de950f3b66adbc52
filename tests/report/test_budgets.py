"""Weights of the built site against their budgets."""

from __future__ import annotations

from pathlib import Path

import pytest

from proggen.cli import main
from proggen.report.budgets import EPISODE_HTML, weigh

from .archive import make_run
from .conftest import project


def write(path: Path, size: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)


def test_an_episodes_page_has_a_budget_of_its_own(tmp_path: Path) -> None:
    write(tmp_path / "results/run/part/episodes/one.html", EPISODE_HTML + 1)
    write(tmp_path / "results/run/part/index.html", EPISODE_HTML + 1)
    found = weigh(tmp_path)
    assert [page for page, _, _ in found.heavy] == ["results/run/part/episodes/one.html"]
    assert found.pages == 2


def test_pictures_count_and_downloads_do_not(tmp_path: Path) -> None:
    write(tmp_path / "episodes/one.html", 100)
    write(tmp_path / "episodes/one/one.zip", 2_000_000)
    write(tmp_path / "episodes/one/sweep-0.webp", 2_000_000)
    assert weigh(tmp_path).heavy == []
    write(tmp_path / "episodes/one/truth.webp", 700_000)
    assert [page for page, _, _ in weigh(tmp_path).heavy] == ["episodes/one.html with its media"]


def test_other_pages_may_be_longer_than_an_episode(tmp_path: Path) -> None:
    write(tmp_path / "part/programs.html", 500_000)
    write(tmp_path / "part/index.html", 1_000_000)
    found = weigh(tmp_path)
    assert [page for page, _, _ in found.heavy] == ["part/index.html"]
    assert found.total == 1_500_000


@pytest.mark.slow
def test_the_built_site_keeps_its_budgets(built: Path) -> None:
    assert weigh(built).heavy == []


@pytest.mark.slow
def test_publish_builds_for_an_address_and_weighs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = project(tmp_path / "site")
    make_run(folder / "runs", episodes=2)
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        main(["publish", "--site-url", "https://example.org/videos/", "--quiet"])
    assert ended.value.code == 0
    assert "is ready" in capsys.readouterr().out
    page = (folder / "site/results/demo/phyworld-collision/episodes/00000-in.html").read_text()
    address = "https://example.org/videos/results/demo/phyworld-collision/episodes/00000-in.html"
    assert f'<link rel="canonical" href="{address}">' in page
    assert f'<meta property="og:url" content="{address}">' in page
    assert '<meta property="og:title" content="00000-in phyworld/collision - ProgGen">' in page
    assert address in (folder / "site/sitemap.xml").read_text()
    with pytest.raises(SystemExit) as ended:
        main(["publish", "--most", "1", "--quiet"])
    assert ended.value.code == 1
    assert "more than 1 MB: publish fewer episodes" in capsys.readouterr().err
