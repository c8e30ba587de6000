"""How a command runs and what it says when it cannot. Knows no command by name."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn

import click

from liveroom.errors import LiveroomError, Refused, SettingsError, Unavailable

TAKES_IDS = {"ignore_unknown_options": True}
"""Settings of a command with an identifier as its argument: one in 64 begins with a hyphen, and is no option."""

data_option = click.option("--data", type=click.Path(path_type=Path), help="Data folder (default: LIVEROOM_DATA).")


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a command; what can go wrong becomes one clear sentence and exit status 2."""
    try:
        asyncio.run(work())
    except SettingsError as error:
        stop(str(error))
    except Refused as refused:
        stop({"login_taken": "This login is in use already."}.get(refused.code, f"Refused: {refused.code}."))
    except Unavailable as error:
        stop(f"{error}.")
    except LiveroomError as error:
        stop(str(error))
    except PermissionError as error:
        stop(f"{error.filename} cannot be used: {error.strerror}.")
    except OSError as error:
        stop(f"A port or file cannot be used: {error.strerror or error}.")
    except KeyboardInterrupt:
        pass


def stop(sentence: str) -> NoReturn:
    """Say why, and leave with exit status 2."""
    click.echo(f"liveroom: {sentence}", err=True)
    sys.exit(2)
