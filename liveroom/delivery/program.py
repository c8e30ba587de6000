"""Short messages through a program of the office's own: every telephone company has another interface.

The program is started for each message and gets it on standard input as one line of JSON: `kind` (`code` or `notice`),
`to` (the mobile number), `text`, `key` (the same when it is tried again; empty for codes). Exit status 0 says that it
was taken, 65 (EX_DATAERR) that it never will be, anything else that it is to be tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json

from liveroom.contacts import Contact
from liveroom.errors import Refused, Unavailable
from liveroom.ports.notices import Letter

PATIENCE = 20.0
NEVER = 65

CODE = "您的验证码是 {code}，10 分钟内有效，请不要告诉别人。Your code: {code}"


class ProgramSender:
    """Satisfies `liveroom.ports.vault.CodeSender` and `liveroom.ports.notices.Carrier`."""

    def __init__(self, program: str) -> None:
        self._program = program

    async def send(self, contact: Contact, code: str) -> None:
        try:
            await self._run({"kind": "code", "to": contact.address, "text": CODE.format(code=code), "key": ""})
        except Refused as refused:
            # Whoever asked for a code is not told whether there is such a number.
            raise Unavailable("the program for short messages did not take the code") from refused

    async def carry(self, contact: Contact, letter: Letter) -> None:
        await self._run({"kind": "notice", "to": contact.address, "text": letter.text, "key": letter.key})

    async def _run(self, message: dict[str, str]) -> None:
        """Nothing that the program says is kept: it may name the number."""
        line = (json.dumps(message, ensure_ascii=False) + "\n").encode()
        try:
            process = await asyncio.create_subprocess_exec(
                self._program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
        except OSError as error:
            raise Unavailable(f"the program for short messages cannot be started: {error.strerror}") from error
        try:
            async with asyncio.timeout(PATIENCE):
                await process.communicate(line)
        except TimeoutError:
            raise Unavailable("the program for short messages took too long") from None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode == NEVER:
            raise Refused("undeliverable")
        if process.returncode:
            raise Unavailable(f"the program for short messages ended with status {process.returncode}")
