"""`python -m proggen`."""

from .cli import main

main()
