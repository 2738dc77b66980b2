"""``python -m segrun_train.notebook``; not a command of ``segrun``, since it is about one set of pictures only."""

from __future__ import annotations

import sys

import click

from segrun.errors import SegrunError
from segrun_train.commands.notebook import notebook

try:
    notebook()
except SegrunError as error:
    click.echo(f"segrun: {error}", err=True)
    sys.exit(1)
