"""A small server that does what WHIP and WHEP ask for over HTTP, but carries no media; its faults can be chosen.

It shares no code with our own server.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aioice import stun

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
TOKEN = "a token"
FINGERPRINT = ":".join(["AB"] * 32)
EXPOSED = "Location, ETag, Link"


@dataclass
class Session:
    kind: str
    tag: str
    ufrag: str
    password: str
    mids: list[tuple[str, str]]


@dataclass
class Toy:
    """`faults` are names of what it does wrong; `live` is whether players are served."""

    faults: set[str] = field(default_factory=set)
    live: bool = True
    sessions: dict[str, Session] = field(default_factory=dict)

    def has(self, fault: str) -> bool:
        return fault in self.faults

    @asynccontextmanager
    async def run(self) -> AsyncIterator[str]:
        """The address without the last part, which is whip or whep."""
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(lambda: _Ice(self), local_addr=("127.0.0.1", 0))
        self.udp_port = transport.get_extra_info("sockname")[1]
        app = web.Application()
        for kind in ("whip", "whep"):
            app.router.add_route("*", f"/{kind}", self.endpoint)
            app.router.add_route("*", f"/{kind}/{{name}}", self.session)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        await runner.cleanup()
        transport.close()

    async def endpoint(self, request: web.Request) -> web.Response:
        kind = request.path.strip("/")
        if request.method == "OPTIONS":
            return self.preflight(request)
        if request.method in {"GET", "HEAD"}:
            return self.look(request, kind)
        if refused := self.door(request, kind):
            return refused
        if self.has("moves by 302") and "moved" not in request.query:
            return self.say(302, Location=f"/{kind}?moved=1")
        if request.content_type != SDP and not self.has("takes any type"):
            return self.say(400 if self.has("says 400 to other types") else 415)
        offer = await request.text()
        if kind == "whep" and not self.live:
            return self.nobody_publishes()
        if not offer or "x-unheard-of" in offer:
            return self.unplayable(kind, offer)
        if not offer.startswith("v=0"):
            if self.has("stumbles over malformed offers"):
                return self.say(500)
            return self.say(422 if self.has("says 422 to what is malformed") else 400)
        if "a=setup:active" in offer and self.has("stumbles over active clients"):
            return self.say(500)
        if offer.count("m=video") > 1 and not self.has("takes every track"):
            return self.say(500 if self.has("stumbles over two videos") else 422)
        if self.is_wrong_way(kind, offer):
            return self.say(422)
        return self.open(kind, offer)

    def look(self, request: web.Request, kind: str) -> web.Response:
        if self.has("is busy for good"):
            return self.say(503)
        if self.has("get is reserved"):
            return self.say(405)
        if request.method == "HEAD" and self.has("hides a type from GET"):
            return self.say(200, "", SDP)
        if kind == "whip" or self.has("says no type") or self.has("hides a type from GET"):
            return self.say(204)
        return self.say(200, "", SDP)

    def is_wrong_way(self, kind: str, offer: str) -> bool:
        looked_at = offer[offer.index("m=") :] if self.has("reads no direction of the session") else offer
        if "a=inactive" in looked_at:
            return not self.has("takes inactive offers")
        wrong = "recvonly" if kind == "whip" else "sendonly"
        return f"a={wrong}" in looked_at and not self.has("takes any direction")

    def nobody_publishes(self) -> web.Response:
        if self.has("404 without a publisher"):
            return self.say(404)
        return self.say(409) if self.has("does not say when") else self.say(409, Retry_After="5")

    def unplayable(self, kind: str, offer: str) -> web.Response:
        if kind == "whip":
            return (
                self.open(kind, offer, taken=1)
                if offer and self.has("takes a part")
                else self.say(422 if offer else 400)
            )
        name = self.keep(kind, [("audio", "0"), ("video", "1")])
        direction = "recvonly" if self.has("counter-offers to receive") else "sendonly"
        headers = {} if self.has("counter-offers nowhere") else {"Location": f"/whep/{name}"}
        text = self.describe(self.sessions[name], direction, setup="actpass")
        return self.say(406, text, "text/plain" if self.has("answers as text") else SDP, **headers)

    def open(self, kind: str, offer: str, taken: int = 9) -> web.Response:
        kinds = [line[2:].split()[0] for line in offer.splitlines() if line.startswith("m=")]
        name = self.keep(kind, [(k, str(mid)) for mid, k in enumerate(kinds)])
        session = self.sessions[name]
        direction = "recvonly" if kind == "whip" else "sendonly"
        if self.has("answers sendrecv"):
            direction = "sendrecv"
        headers = {"Location": f"/{kind}/{name}", "ETag": session.tag}
        if self.has("no address"):
            del headers["Location"]
        if self.has("no tag"):
            del headers["ETag"]
        login = 'username="u"; credential="c"; credential-type="password"'
        if self.has("turn without a password"):
            login = 'username="u"'
        if self.has("passwords for ever"):
            login = login.replace('"u"', '"99999999999:u"')
        server = "https://turn.example" if self.has("names a page as ICE server") else "turn:turn.example"
        headers["Link"] = f'<{server}>; rel="ice-server"; {login}'
        text = self.describe(session, direction, taken=taken)
        created = 200 if self.has("says 200 to offers") else 201
        return self.say(created, text, "text/plain" if self.has("answers as text") else SDP, **headers)

    def keep(self, kind: str, mids: list[tuple[str, str]]) -> str:
        name = str(len(self.sessions)) if self.has("counts sessions") else secrets.token_urlsafe(16)
        tag = "W/" * self.has("weak tags") + '"' + secrets.token_hex(4) + '"'
        self.sessions[name] = Session(kind, tag, secrets.token_hex(4), secrets.token_hex(16), mids)
        return name

    def describe(self, session: Session, direction: str, taken: int = 9, setup: str = "passive") -> str:
        lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite"]
        bundled = session.mids[:1] if self.has("bundles one") else session.mids
        lines.append("a=group:BUNDLE " + " ".join(mid for _, mid in bundled))
        for number, (kind, mid) in enumerate(session.mids):
            codec = "111 opus/48000/2" if kind == "audio" else "96 VP8/90000"
            stream = kind if self.has("two streams") else "toy"
            lines += [
                f"m={kind} {9 if number < taken else 0} UDP/TLS/RTP/SAVPF {codec.split(maxsplit=1)[0]}",
                "c=IN IP4 127.0.0.1",
                f"a=mid:{mid}",
                *(["a=rtcp-mux"] * (not self.has("no mux"))),
                *(["a=rtcp-mux-only"] * (not self.has("no mux only"))),
                f"a=ice-ufrag:{session.ufrag}",
                f"a=ice-pwd:{session.password}",
                f"a=fingerprint:sha-256 {FINGERPRINT}",
                f"a=setup:{setup}",
                f"a={direction}",
                *(["a=rtcp-fb:* nack"] * self.has("adds feedback")),
                *([f"a=msid:{stream} {kind}"] * (direction == "sendonly")),
                f"a=rtpmap:{codec}",
                *self.candidates(),
            ]
        return "\r\n".join(lines) + "\r\n"

    def candidates(self) -> list[str]:
        here = f"a=candidate:1 1 udp 2130706431 127.0.0.1 {self.udp_port} typ host"
        return [] if self.has("no candidates") else [here]

    async def session(self, request: web.Request) -> web.Response:
        kind, name = request.path.strip("/").split("/")
        if request.method == "OPTIONS":
            return self.say(405) if self.has("knows no OPTIONS of sessions") else self.preflight(request)
        if refused := self.door(request, kind):
            return refused
        session = self.sessions.get(name)
        if session is None or (kind != session.kind and not self.has("knows no kinds")):
            return self.say(404)
        if request.method in {"GET", "HEAD"}:
            return self.say(405 if self.has("sessions cannot be looked at") else 204)
        if request.method == "DELETE":
            del self.sessions[name]
            return self.say(200)
        if request.content_type == SDP and kind == "whep":
            return await self.answered(request)
        return await self.patch(request, session, name)

    async def answered(self, request: web.Request) -> web.Response:
        if not (await request.text()).startswith("v=0") and not self.has("takes any answer"):
            return self.say(400)
        return self.say(200 if self.has("says 200 to an answer") else 204)

    async def patch(self, request: web.Request, session: Session, name: str) -> web.Response:
        if request.content_type != FRAGMENT:
            if self.has("stumbles over other types"):
                return self.say(500)
            return self.say(400 if self.has("says 400 to other types") else 415)
        tag = request.headers.get("If-Match")
        if tag is None and not self.has("needs no tag"):
            return self.say(428)
        if (tag == "*" and self.has("minds the star")) or (tag == '"*"' and self.has("minds the quoted star")):
            return self.say(412)
        if tag not in {None, "*", '"*"', session.tag} and not self.has("takes any tag"):
            return self.say(412)
        body = await request.text()
        if not body.startswith("a="):
            if self.has("takes any fragment"):
                return self.say(200)
            return self.say(422 if self.has("says 422 to what is malformed") else 400)
        if "a=ice-ufrag:alone" in body:
            if self.has("ends with a failed restart"):
                del self.sessions[name]
            return self.say(400)
        return self.restart(session) if tag in {"*", '"*"'} else self.trickle(session, body)

    def trickle(self, session: Session, body: str) -> web.Response:
        if self.has("knows no trickle"):
            return self.say(400)
        if ".local" in body and self.has("minds unusable candidates"):
            return self.say(400)
        if self.has("says 200 to candidates"):
            return self.say(200)
        return self.say(204, ETag=session.tag) if self.has("tags candidates") else self.say(204)

    def restart(self, session: Session) -> web.Response:
        if not self.has("keeps its name"):
            session.ufrag, session.password = secrets.token_hex(4), secrets.token_hex(16)
        if not self.has("keeps its tag"):
            session.tag = f'"{secrets.token_hex(4)}"'
        password = "0" * 32 if self.has("says another password") else session.password
        lines = [
            "a=ice-lite",
            f"a=ice-ufrag:{session.ufrag}",
            f"a=ice-pwd:{password}",
        ]
        kind = "text/plain" if self.has("answers as text") else FRAGMENT
        if not self.has("restarts without candidates"):
            lines += self.candidates()
        return self.say(200, "\r\n".join(lines) + "\r\n", kind, ETag=session.tag)

    def door(self, request: web.Request, kind: str) -> web.Response | None:
        if kind != "whip" or request.headers.get("Authorization") == f"Bearer {TOKEN}" or self.has("an open door"):
            return None
        if "Authorization" in request.headers and self.has("takes any token"):
            return None
        return self.say(401) if self.has("no challenge") else self.say(401, WWW_Authenticate="Bearer")

    def preflight(self, request: web.Request) -> web.Response:
        if self.has("knows no OPTIONS"):
            return self.say(405)
        if self.has("asks preflights for the token"):
            return self.say(401)
        methods = "POST" if self.has("allows no PATCH") else "POST, GET, PATCH, DELETE"
        allow = {
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
            "Accept-Post": SDP,
        }
        if self.has("no Accept-Post"):
            del allow["Accept-Post"]
        return self.say(204, **allow)

    def say(self, status: int, text: str = "", kind: str = "", **headers: str) -> web.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["Access-Control-Allow-Origin"] = "*"
        if not self.has("hides its headers"):
            named["Access-Control-Expose-Headers"] = "Location" if self.has("exposes Location alone") else EXPOSED
        if status >= 400 and not text and not self.has("says no more than a status"):
            text, kind = f'{{"status": {status}}}', "application/problem+json"
        if kind:
            named["Content-Type"] = kind
        return web.Response(status=status, body=text.encode() if text else None, headers=named)


class _Ice(asyncio.DatagramProtocol):
    """Answers the checks of all sessions."""

    def __init__(self, toy: Toy) -> None:
        self.toy = toy

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        if data[0] > 3:  # DTLS, which the toy does not speak (RFC 7983)
            return
        request = stun.parse_message(data)
        ufrag = str(request.attributes["USERNAME"]).partition(":")[0]
        for session in self.toy.sessions.values():
            if session.ufrag == ufrag and request.check_message_integrity(session.password.encode()):
                transaction = b"0" * 12 if self.toy.has("answers another check") else request.transaction_id
                answer = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, transaction)
                answer.attributes["XOR-MAPPED-ADDRESS"] = address
                if not self.toy.has("signs no answer"):
                    password = "another" if self.toy.has("signs wrongly") else session.password
                    answer.add_message_integrity(password.encode())
                self.transport.sendto(bytes(answer), address)
