"""Reads as much of a session description (RFC 8866) as the checks look at. Knows no meaning of codecs."""

from __future__ import annotations

from dataclasses import dataclass

DIRECTIONS = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})


@dataclass(frozen=True, slots=True)
class Part:
    """One m-section: its kind, port and lines."""

    kind: str
    port: int
    lines: tuple[str, ...]

    def has(self, attribute: str) -> bool:
        return f"a={attribute}" in self.lines

    def values(self, attribute: str) -> list[str]:
        return _values(self.lines, attribute)


@dataclass(frozen=True, slots=True)
class Description:
    """A session description, or a fragment of one (RFC 8840).

    `candidates` are addresses and ports of the UDP candidates, each once.
    """

    session: tuple[str, ...]
    parts: tuple[Part, ...]
    candidates: tuple[tuple[str, int], ...]

    @property
    def taken(self) -> tuple[Part, ...]:
        """The m-sections that were not declined."""
        return tuple(part for part in self.parts if part.port)

    @property
    def ufrag(self) -> str:
        return next(iter(self._all("ice-ufrag")), "")

    @property
    def password(self) -> str:
        return next(iter(self._all("ice-pwd")), "")

    @property
    def setup(self) -> str:
        return next(iter(self._all("setup")), "")

    @property
    def bundled(self) -> set[str]:
        """The mids of the first BUNDLE group."""
        groups = [value.split() for value in _values(self.session, "group")]
        return next((set(group[1:]) for group in groups if group[:1] == ["BUNDLE"]), set())

    @property
    def streams(self) -> set[str]:
        """Names of the streams that the m-sections belong to."""
        return {value.split()[0] for part in self.taken for value in part.values("msid")[:1]}

    def direction(self, part: Part) -> str:
        for lines in (part.lines, self.session):
            for line in lines:
                if line[2:] in DIRECTIONS:
                    return line[2:]
        return "sendrecv"

    def _all(self, attribute: str) -> list[str]:
        return [value for part in self.parts for value in part.values(attribute)] + _values(self.session, attribute)


def read_description(text: str) -> Description:
    """Raises ValueError with a sentence when this is no session description."""
    if not text.startswith("v=0"):
        raise ValueError("this is no session description")
    return read_fragment(text)


def read_fragment(text: str) -> Description:
    """Raises ValueError with a sentence when this is no fragment of a session description."""
    session: list[str] = []
    parts: list[tuple[str, int, list[str]]] = []
    for line in filter(None, text.replace("\r\n", "\n").split("\n")):
        if line[1:2] != "=":
            raise ValueError(f"this is no line of a session description: {line[:40]}")
        if line.startswith("m="):
            words = line[2:].split()
            if len(words) < 4 or not words[1].isdecimal():
                raise ValueError(f"an m-line is malformed: {line[:40]}")
            parts.append((words[0], int(words[1]), []))
        else:
            (parts[-1][2] if parts else session).append(line)
    found = [line for _, _, lines in (*parts, ("", 0, session)) for line in lines if line.startswith("a=candidate:")]
    return Description(
        tuple(session),
        tuple(Part(kind, port, tuple(lines)) for kind, port, lines in parts),
        tuple(dict.fromkeys(address for line in found for address in _address(line))),
    )


def _address(line: str) -> list[tuple[str, int]]:
    """Where a candidate is, when it is reached by UDP (RFC 8839, section 5.1)."""
    words = line.split()
    if len(words) < 8 or not words[5].isdecimal():
        raise ValueError(f"a candidate is malformed: {line[:60]}")
    return [(words[4], int(words[5]))] if words[2].lower() == "udp" else []


def _values(lines: tuple[str, ...], attribute: str) -> list[str]:
    prefix = f"a={attribute}:"
    return [line[len(prefix) :] for line in lines if line.startswith(prefix)]
