"""The command line: one command a file; errors are one sentence, Ctrl-C is exit code 130."""

from __future__ import annotations

import sys
from importlib import metadata

import click

from ..errors import ProggenError
from .build import build
from .counterfactual import counterfactual
from .doctor import doctor
from .explain import explain
from .export import export
from .list import list_
from .publish import publish
from .record import record
from .run import run, run_all
from .show import show
from .study import study
from .verify import verify


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(metadata.version("proggen"), prog_name="proggen")
def cli() -> None:
    """Programmatic video prediction: programs written by a language model estimate, predict and render."""


_COMMANDS = (
    run_all, run, build, publish, counterfactual, explain, record, export, list_, show, study, verify, doctor,
)  # fmt: skip

for command in _COMMANDS:
    cli.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Entry point of the console command `proggen`."""
    try:
        status = cli.main(args=arguments, prog_name="proggen", standalone_mode=False)
        sys.exit(status if isinstance(status, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        click.echo(
            "Stopped. The same command goes on where this one was stopped, given its --name.", err=True
        )
        sys.exit(130)
    except ProggenError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(1)
