"""Asks the server of this machine whether it answers; light, because containers run it all the time.

Knows the settings and the address `/healthz`, nothing of the server itself.
"""

from __future__ import annotations

import os
import ssl
import sys
import urllib.request

from liveroom import settings
from liveroom.errors import SettingsError
from liveroom.settings import Settings

WITHIN = 2.0


def answers(chosen: Settings) -> bool:
    """Whether the server that runs with these settings answers on this machine, in WITHIN seconds."""
    host = "127.0.0.1" if chosen.host == "0.0.0.0" else chosen.host  # noqa: S104
    # The certificate is for the name that people use, not for this address, and the question tells nobody anything.
    trusting = ssl._create_unverified_context() if chosen.tls_cert else None  # noqa: S323
    address = f"{'https' if trusting else 'http'}://{host}:{chosen.port}/healthz"
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trusting))
    try:
        with direct.open(address, timeout=WITHIN) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def main() -> int:
    """Exit status: 0 it answers, 1 it does not, 2 the settings are wrong."""
    try:
        return 0 if answers(settings.read(os.environ)) else 1
    except SettingsError as error:
        print(f"liveroom: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
