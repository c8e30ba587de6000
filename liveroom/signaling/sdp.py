"""Reads the offers of WHIP and WHEP clients, writes our answers and offers (RFC 8866, RFC 9429). Knows no transport."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from liveroom.errors import Refused

OFFER_LIMIT = 16 * 1024
"""Bytes; the largest offer seen from a browser has a tenth of it."""

_LINES_LIMIT = 600
_SECTIONS_LIMIT = 4
_TOKEN = re.compile(r"[A-Za-z0-9+/=_.\-]{1,256}")
_FINGERPRINT = re.compile(r"(?:[0-9A-Fa-f]{2}:){19,63}[0-9A-Fa-f]{2}")
DIGESTS = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
SETUPS = frozenset({"actpass", "active", "passive"})
DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
FEEDBACK = {"video": ("nack", "nack pli", "ccm fir", "goog-remb"), "audio": ("nack",)}
"""The RTCP feedback that we know what to do with (RFC 4585, RFC 5104)."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A payload type of an m-section. `name` is lower case; `parameters` is its fmtp line, split.

    `feedback` is what both sides know of the RTCP feedback that was offered.
    """

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    parameters: tuple[tuple[str, str], ...] = ()
    feedback: tuple[str, ...] = ()

    def parameter(self, name: str) -> str:
        return next((value for key, value in self.parameters if key == name), "")

    @property
    def fmtp(self) -> str:
        return ";".join(f"{key}={value}" if value else key for key, value in self.parameters)


@dataclass(frozen=True, slots=True)
class Section:
    """One m-section: audio or video."""

    kind: str
    mid: str
    direction: str
    codecs: tuple[Codec, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """What we use of an offer. `fingerprints` are (digest, value) pairs in upper case."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: str
    sections: tuple[Section, ...]

    def section(self, kind: str) -> Section | None:
        return next((section for section in self.sections if section.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Local:
    """Our side of a transport: ICE credentials, certificate, addresses and port."""

    ufrag: str
    password: str
    fingerprint: str
    addresses: tuple[str, ...]
    port: int
    setup: str = "passive"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A stream that we send in an m-section: its SSRC and codec, with the viewer's payload type."""

    ssrc: int
    codec: Codec
    cname: str = "liveroom"
    stream: str = "liveroom"


@dataclass(slots=True)
class _Draft:
    """An m-section while it is read."""

    kind: str
    port: int
    formats: tuple[str, ...]
    lines: list[tuple[str, str]] = field(default_factory=list)


def parse_offer(text: str) -> Offer:
    """The offer. Anything that we cannot use as it stands is `Refused("bad_sdp")` or `Refused("unsupported_sdp")`."""
    return _read(text, _assemble)


def parse_answer(text: str) -> Offer:
    """The answer to an offer of ours, without the m-sections that it declines. Refuses as `parse_offer` does."""
    answer = _read(text, lambda session, drafts: _assemble(session, [draft for draft in drafts if draft.port]))
    if answer.setup == "actpass":
        raise Refused("bad_sdp", problem="an answer decides who is active (RFC 5763, section 5)")
    return answer


def _read(text: str, assemble: Callable[[Sequence[tuple[str, str]], Sequence[_Draft]], Offer]) -> Offer:
    try:
        return assemble(*_parse(text))
    except (ValueError, IndexError, KeyError) as error:
        raise Refused("bad_sdp", problem=str(error)[:100]) from error


def _parse(text: str) -> tuple[list[tuple[str, str]], list[_Draft]]:
    if len(text.encode()) > OFFER_LIMIT:
        raise ValueError("the offer is too large")
    lines = text.replace("\r\n", "\n").split("\n")
    if not lines or lines[0] != "v=0" or len(lines) > _LINES_LIMIT:
        raise ValueError("this is not a session description")
    session: list[tuple[str, str]] = []
    drafts: list[_Draft] = []
    for line in lines:
        if not line:
            continue
        if len(line) < 2 or line[1] != "=":
            raise ValueError("a line has no type")
        # What we use of these lines comes back in the answer: a lone CR would begin a line of the client's choice.
        if line[0] in "am" and not line.isprintable():
            raise ValueError("a line has control characters")
        if line.startswith("m="):
            drafts.append(_open_section(line[2:]))
        elif line.startswith("a="):
            name, _, value = line[2:].partition(":")
            (drafts[-1].lines if drafts else session).append((name, value))
    if not drafts:
        raise ValueError("nothing is offered")
    if len(drafts) > _SECTIONS_LIMIT:
        raise Refused("unsupported_sdp", problem="too many m-sections")
    return session, drafts


def _open_section(value: str) -> _Draft:
    kind, port, protocol, *formats = value.split()
    if protocol not in {"UDP/TLS/RTP/SAVPF", "UDP/TLS/RTP/SAVP", "RTP/SAVPF", "UDP/DTLS/SCTP", "DTLS/SCTP"}:
        raise ValueError("the media are not encrypted")
    if len(formats) > 80:
        raise ValueError("too many formats")
    return _Draft(kind, _number(port.partition("/")[0], 65535), tuple(formats))


def _assemble(session: Sequence[tuple[str, str]], drafts: Sequence[_Draft]) -> Offer:
    if not drafts:
        raise ValueError("nothing is left to talk about")
    given = next((name for name, _ in session if name in DIRECTIONS), "sendrecv")
    sections = tuple(_section(draft, given) for draft in drafts)
    if len({section.mid for section in sections}) != len(sections):
        raise ValueError("two m-sections have the same mid")
    media = [section.kind for section in sections if section.kind in {"audio", "video"}]
    if len(media) != len(set(media)):
        raise Refused("unsupported_sdp", problem="at most one audio and one video")
    if len(media) != len(sections):
        raise Refused("unsupported_sdp", problem="only audio and video are served")
    bundles = [value.split()[1:] for name, value in session if name == "group" and value.startswith("BUNDLE")]
    if len(sections) > 1 and (not bundles or set(bundles[0]) != {section.mid for section in sections}):
        raise Refused("unsupported_sdp", problem="all m-sections must be bundled")
    first = [*drafts[0].lines, *session]
    setup = _one(first, "setup") or "actpass"
    if setup not in SETUPS:
        raise ValueError("setup is unknown")
    fingerprints = tuple(_fingerprint(value) for name, value in first if name == "fingerprint")
    usable = tuple(pair for pair in fingerprints if pair[0] in DIGESTS)
    if not usable or len(fingerprints) > 8:
        raise ValueError("no usable fingerprint")
    ufrag, password = _token(first, "ice-ufrag", 4), _token(first, "ice-pwd", 22)
    return Offer(ufrag, password, usable, setup, sections)


def _section(draft: _Draft, direction: str) -> Section:
    """`direction` is that of the session, for an m-section that names none (RFC 8866, section 6.7)."""
    if not draft.port and not any(name == "bundle-only" for name, _ in draft.lines):
        raise Refused("unsupported_sdp", problem="an m-section without a port")
    mid = _one(draft.lines, "mid") or draft.kind
    if not _TOKEN.fullmatch(mid):
        raise ValueError("mid is damaged")
    directions = [name for name, _ in draft.lines if name in DIRECTIONS]
    if len(directions) > 1:
        raise ValueError("two directions")
    media = draft.kind in {"audio", "video"}
    if media and not any(name == "rtcp-mux" for name, _ in draft.lines):
        raise Refused("unsupported_sdp", problem="rtcp-mux is needed")
    codecs = tuple(_codecs(draft)) if media else ()
    if media and not codecs:
        raise ValueError("no codec")
    return Section(draft.kind, mid, directions[0] if directions else direction, codecs)


def _codecs(draft: _Draft) -> Iterable[Codec]:
    maps = dict(value.split(" ", 1) for name, value in draft.lines if name == "rtpmap")
    parameters = {}
    for name, value in draft.lines:
        if name == "fmtp":
            payload_type, _, rest = value.partition(" ")
            pairs = (part.strip().partition("=") for part in rest.split(";") if part.strip())
            parameters[payload_type] = tuple((key, given) for key, _, given in pairs)
    offered = {tuple(value.strip().split(" ", 1)) for name, value in draft.lines if name == "rtcp-fb"}
    for payload_type in draft.formats:
        if payload_type not in maps:
            continue
        number = _number(payload_type, 127)
        # RFC 5761, section 4: these would be mistaken for RTCP when multiplexed.
        if 64 <= number <= 95:
            raise ValueError("payload type out of range")
        name, rate, *channels = maps[payload_type].split("/")
        count = _number(channels[0], 255) if channels else 1
        yield Codec(
            number,
            name.lower(),
            _number(rate, 1_000_000),
            count,
            parameters.get(payload_type, ()),
            tuple(kind for kind in FEEDBACK[draft.kind] if {(payload_type, kind), ("*", kind)} & offered),
        )


def _number(written: str, most: int) -> int:
    """Decimal digits of ASCII only: `int` takes signs, underscores and the digits of all scripts."""
    if not written.isascii() or not written.isdigit() or int(written) > most:
        raise ValueError("a number is damaged or too large")
    return int(written)


def _one(lines: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for key, value in lines if key == name), "")


def _token(lines: Sequence[tuple[str, str]], name: str, shortest: int) -> str:
    value = _one(lines, name)
    if len(value) < shortest or not _TOKEN.fullmatch(value):
        raise ValueError(f"{name} is missing or damaged")
    return value


def _fingerprint(value: str) -> tuple[str, str]:
    digest, written = value.split()
    if not _FINGERPRINT.fullmatch(written):
        raise ValueError("a fingerprint is damaged")
    digest = digest.lower()
    if digest in DIGESTS and len(written) != DIGESTS[digest] * 3 - 1:
        raise ValueError("a fingerprint has the wrong length")
    return digest, written.upper()


def choose_published(section: Section) -> Codec:
    """What a publisher shall send: H.264 constrained baseline, else VP8; Opus. Or `Refused("no_common_codec")`."""
    if section.kind == "audio":
        usable = [codec for codec in section.codecs if codec.name == "opus" and codec.clock_rate == 48000]
    else:
        usable = sorted((c for c in section.codecs if _video_rank(c) is not None), key=lambda c: _video_rank(c) or 0)
    if not usable:
        raise Refused("no_common_codec", kind=section.kind)
    return usable[0]


def choose_watched(section: Section, published: Codec) -> Codec:
    """The viewer's payload type for what is published. `Refused("no_common_codec")` when it has none."""
    usable = [c for c in section.codecs if (c.name, c.clock_rate) == (published.name, published.clock_rate)]
    if published.name == "h264":
        usable = [codec for codec in usable if codec.parameter("packetization-mode") == "1"]
        profile = published.parameter("profile-level-id")[:2]
        usable.sort(key=lambda c: (c.parameter("profile-level-id")[:2] != profile, _video_rank(c) or 0))
    if not usable:
        raise Refused("no_common_codec", kind=section.kind)
    return usable[0]


def _video_rank(codec: Codec) -> int | None:
    """Smaller is better; None when it cannot be served. Packetization mode 1 only (RFC 6184, section 6.3)."""
    if codec.clock_rate != 90000:
        return None
    if codec.name == "vp8":
        return 3
    if codec.name != "h264" or codec.parameter("packetization-mode") != "1":
        return None
    profile = codec.parameter("profile-level-id").lower()
    return 0 if profile.startswith("42e0") else 1 if profile.startswith("42") else 2


def answer_setup(offer: Offer) -> str:
    """Our DTLS role (RFC 5763, section 5): server wherever the offer leaves it to us."""
    return "active" if offer.setup == "passive" else "passive"


def write_publish_answer(offer: Offer, chosen: Sequence[Codec], local: Local) -> str:
    """The answer to a WHIP offer: we receive, every m-section is taken."""
    lines = _head(section.mid for section in offer.sections)
    for section, codec in zip(offer.sections, chosen, strict=True):
        lines += [*_section_head(section.kind, section.mid, codec, local), "a=recvonly", *_codec_lines(codec)]
    return "\r\n".join(lines) + "\r\n"


def write_watch_answer(offer: Offer, outgoing: Sequence[Outgoing | None], local: Local) -> str:
    """The answer to a WHEP offer: we send; an m-section for which nothing is published stays inactive."""
    lines = _head(section.mid for section in offer.sections)
    for section, sent in zip(offer.sections, outgoing, strict=True):
        if sent is None:
            codec = section.codecs[0]
            lines += [*_section_head(section.kind, section.mid, codec, local), "a=inactive", *_codec_lines(codec)]
            continue
        lines += _sent_section(section.kind, section.mid, sent, local)
    return "\r\n".join(lines) + "\r\n"


def write_watch_offer(outgoing: Mapping[str, Outgoing], local: Local) -> str:
    """A WHEP counter-offer: what we can send, by kind; each m-section is named after its kind."""
    lines = _head(outgoing)
    for kind, sent in outgoing.items():
        ours = replace(sent, codec=replace(sent.codec, feedback=FEEDBACK[kind]))
        lines += _sent_section(kind, kind, ours, local)
    return "\r\n".join(lines) + "\r\n"


def _sent_section(kind: str, mid: str, sent: Outgoing, local: Local) -> list[str]:
    return [
        *_section_head(kind, mid, sent.codec, local),
        "a=sendonly",
        f"a=msid:{sent.stream} {kind}",
        *_codec_lines(sent.codec),
        f"a=ssrc:{sent.ssrc} cname:{sent.cname}",
        f"a=ssrc:{sent.ssrc} msid:{sent.stream} {kind}",
    ]


def _head(mids: Iterable[str]) -> list[str]:
    return [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=liveroom",
        "t=0 0",
        "a=ice-lite",
        f"a=group:BUNDLE {' '.join(mids)}",
        "a=msid-semantic:WMS *",
    ]


def _section_head(kind: str, mid: str, codec: Codec, local: Local) -> list[str]:
    return [
        f"m={kind} {local.port} UDP/TLS/RTP/SAVPF {codec.payload_type}",
        f"c=IN IP4 {local.addresses[0]}",
        f"a=mid:{mid}",
        "a=rtcp-mux",
        "a=rtcp-mux-only",
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        f"a=setup:{local.setup}",
        *candidate_lines(local),
        "a=end-of-candidates",
    ]


def candidate_lines(local: Local) -> list[str]:
    """Our host candidates (RFC 8839), in the order of the addresses."""
    return [
        f"a=candidate:{number} 1 udp {(126 << 24) + ((65535 - number) << 8) + 255} {address} {local.port} typ host"
        for number, address in enumerate(local.addresses, 1)
    ]


def _codec_lines(codec: Codec) -> list[str]:
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    number = codec.payload_type
    names = {"h264": "H264", "vp8": "VP8"}
    lines = [f"a=rtpmap:{number} {names.get(codec.name, codec.name)}/{codec.clock_rate}{channels}"]
    if codec.fmtp:
        lines.append(f"a=fmtp:{number} {codec.fmtp}")
    return [*lines, *(f"a=rtcp-fb:{number} {kind}" for kind in codec.feedback)]
