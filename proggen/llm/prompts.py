"""Prompts are Jinja templates in `prompts/`; a template's digest tells its versions apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, meta

from ..archive.files import digest

FOLDER = Path(__file__).parent / "prompts"
SUFFIX = ".md.j2"


class Templates:
    """The templates `NAME.md.j2` of one folder; a value that a template uses must be given."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._loader = FileSystemLoader(folder)
        self._environment = Environment(
            loader=self._loader,
            undefined=StrictUndefined,
            autoescape=False,  # the result is plain text for a model, never a page
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def render(self, name: str, values: dict[str, Any]) -> tuple[str, str]:
        """The filled-in text and the digest of the template with all it includes, imports or extends."""
        text = self._environment.get_template(name + SUFFIX).render(values)
        return text, self.digest(name)

    def digest(self, name: str) -> str:
        """SHA-256 over names and sources, sorted by name; the same whatever line ends a checkout has."""
        sources: dict[str, str] = {}
        self._collect(name + SUFFIX, sources)
        return digest("".join(f"{n}\0{sources[n]}\0" for n in sorted(sources)))

    def _collect(self, file: str, sources: dict[str, str]) -> None:
        if file in sources:
            return
        sources[file], _, _ = self._loader.get_source(self._environment, file)
        for referenced in meta.find_referenced_templates(self._environment.parse(sources[file])):
            if referenced is None:
                raise ValueError(f"{file} includes a template by an expression, so it has no digest")
            self._collect(referenced, sources)


def render_prompt(template: str, /, **values: Any) -> tuple[str, str]:
    """Fill in the packaged template `prompts/TEMPLATE.md.j2`: (text, template digest)."""
    return Templates().render(template, values)
