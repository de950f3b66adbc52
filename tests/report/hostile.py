"""An archive whose every text attacks: what a language model, a data file or a stranger's run could put there."""

from __future__ import annotations

from pathlib import Path

from proggen.archive.files import write_text

from .archive import make_run

TEXT = "\n".join(
    [
        "---", "title: pwned", "---", "# pwned",
        "<script>window.pwned = 1</script>",
        '<img src="x" onerror="window.pwned = 2">',
        "[click](javascript:window.pwned=3) <a href='javascript:window.pwned=3'>click</a>",
        "```", "~~~", "</code></pre></textarea></title></script><script>window.pwned = 4</script>", "```python",
        "{{ 7 * 7 }} {% raw %} {# #} ${1 + 1} [[wiki]] {: onclick='window.pwned = 5' } {{title}} {{benchmark}}",
        "\x1b[31mred\x1b[0m \x07 \x9b1m \x1b]8;;javascript:pwned=5\x07link",
        "\u202egnp.exe\u202c \u2066isolate \u200f \ufeff",
        "<svg onload='window.pwned = 6'><script href='data:,pwned=6'></script><a xlink:href='javascript:pwned=6'>",
        "</svg> <style>* { display: none }</style> <meta http-equiv=refresh content=0> <base href='http://x.invalid/'>",
        '<span data-proggen="0000000000000000-0"></span> &lt;b&gt; &amp;#60;',
        "<!-- --> ]]> <?x ?> </bdi></div></details>",
        "--8<-- \"/etc/passwd\" \r\n carriage\rreturn \ttab | pipe | *a* _b_ `c` \\ \u2028 \x0b \x85",
    ]
)  # fmt: skip
RUN = "<img src=x onerror=alert(7)> {{ 7 * 7 }} {{benchmark}} {{title}} \"'`; \u202e [a](javascript:alert`7`)"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='window.pwned = 8'><script>window.pwned = 8</script></svg>"
HUGE = (f"{TEXT}\n" * 6000)[:5_000_000]  # characters of a reply that does not end
HUGE_REPLY = "dynamics-c1-r0"
LONG = "".join(f"x{i} = {i}  # </script><script>window.pwned = 9</script>\n" for i in range(3000))
PART = "results/demo/phyworld-collision"

# Every kind of text that `archive.make_run` asks for, by a page that shows it.
SHOWN = {
    "results/index.html": ["llm", "failure", "mention"],
    "results/demo/index.html": ["command", "open", "version", "llm", "data", "failure"],
    f"{PART}/index.html": [
        "title", "description", "name", "looks", "can", "rule", "subject", "object", "variable", "meaning", "unit",
        "match_note", "problem", "error", "perception", "dynamics", "parameter", "combination",
        "mention", "constant", "true",
    ],
    f"{PART}/programs.html": [
        "prompt", "reply", "caption", "model", "finish_reason", "note", "finding", "feedback", "error", "score",
        "perception", "dynamics", "mention", "sentence", "constant", "true",
    ],
    f"{PART}/episodes/00000-in.html": [
        "because", "perception", "dynamics", "meaning", "unit", "rule", "subject", "object", "parameter", "variable",
        "combination", "attribute",
    ],
    f"{PART}/episodes/00001-r_out.html": ["error"],
}  # fmt: skip


def say(what: str, _: str) -> str:
    """The text that attacks, with what it stands for in front."""
    return f"{what}: {TEXT}"


def make_runs(runs: Path) -> None:
    """`demo`, and an older run with a hostile name whose dynamics differs; one reply has 5 MB, a program 3000 lines."""
    programs = {name: say(name, "") for name in ("perception", "dynamics")} | {"rendering": LONG}
    made = make_run(
        runs, say=say, episodes=2, programs=programs, failures={"phyworld/uniform": say("failure", "")}
    )
    transcripts = made / "phyworld/collision/transcripts"
    write_text(transcripts / HUGE_REPLY / "reply.md", HUGE)
    (transcripts / HUGE_REPLY / "picture-0.png").write_bytes(SVG)
    (made / "phyworld/collision/episodes/00000-in/comparison.gif").write_bytes(SVG)
    other = programs | {"dynamics": "# another first line\n" + say("dynamics", "") + LONG}
    make_run(runs, RUN, say=say, episodes=2, programs=other, created="2026-01-01T00:00:00+00:00")
