"""The commands that a rule set may use, each with the fields it cannot do without. Knows no table.

What a command does to the record is `replay`'s; the words for it stand in the templates. A rule set chooses among
them, and says who, when and where to.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

COMMANDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        command: frozenset(needed.split())
        for command, needed in {
            # How matters begin.
            "draft": "title body",
            "say": "title unit",
            "receive": "title body",
            # A deputy makes it their own.
            "edit": "",
            "offer": "deputy",
            "decline": "",
            "lapse": "",
            "adopt": "",
            "invite": "others",
            "cosign": "",
            "decline_cosign": "",
            "redraft": "",
            "withdraw": "",
            # The office.
            "take_up": "",
            "register": "",
            "return": "",
            "not_admit": "",
            "consolidate": "into",
            "separate": "",
            "assign": "unit",
            "forward": "unit",
            "approve_return": "unit",
            "deny_return": "",
            "grant_extension": "",
            "deny_extension": "",
            "supervise": "",
            "uphold": "",
            "cancel": "",
            "make_confidential": "",
            "make_public": "",
            "close": "",
            # The unit.
            "accept": "",
            "request_return": "",
            "send_back": "",
            "contact": "",
            "give_opinion": "text",
            "ask_extension": "until reason",
            "prepare_reply": "class text",
            "reply": "class text",
            "explain": "",
            "confirm": "",
            "dispute": "",
            "start_work": "",
            "report": "",
            "claim_done": "",
            # Deputies, askers and whoever looks whether it is true.
            "evaluate": "result",
            "rate": "result",
            "check": "solved",
            "call_back": "",
            "verify": "found",
            "conclude": "outcome",
            # The system.
            "fall_due": "",
        }.items()
    }
)
