"""Says who may call which address as docs/authorisation.md has it; `--write` brings the page up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from liveroom.server.assets import Assets
from liveroom.server.gate import RoomGate
from liveroom.server.planes import Wherever
from liveroom.server.rights import table
from liveroom.server.routes import routes
from liveroom.server.whip import MediaAddresses
from liveroom.sharing import Sharing

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "authorisation.md"
MARK = "<!-- made by scripts/authorisation.py -->\n\n"


def page() -> str:
    """The page as it should be: what stands above the mark, and the table of the routes that there are."""
    alone = Sharing()
    media = MediaAddresses(Wherever(None, alone.directory, alone.neighbours), RoomGate())
    head, _, _ = PAGE.read_text("utf-8").partition(MARK)
    return head + MARK + table(routes(Assets(ROOT / "web"), media))


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(page(), "utf-8")
    elif PAGE.read_text("utf-8") != page():
        sys.exit("docs/authorisation.md is not as the routes are: run scripts/authorisation.py --write")
