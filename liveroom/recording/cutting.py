"""Cuts a part out of recorded files into one of its own, without decoding it. Knows no session and no folder."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from liveroom.recording.containers import Writer

GAP = 1.0
"""Seconds between two files that are left out of what is played: the broadcast was interrupted."""

KEPT_OF_GAP = 0.04

PAST = 2.0
"""Seconds behind the end within which a frame of the other track may still belong before it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A recorded file, and when it begins, in seconds of any clock."""

    file: Path
    begin: float


@dataclass(frozen=True, slots=True)
class _Frame:
    kind: str
    data: bytes
    seconds: float
    keyframe: bool


def cut(pieces: Sequence[Piece], begin: float, end: float, target: Path, *, picture: bool) -> bool:
    """Write what was recorded from `begin` to `end` into `target`; False, and no file, when that is nothing.

    With the picture it begins at the last keyframe before. `pieces` are in order and of one container. Raises OSError.
    """
    kinds = ("video", "audio") if picture else ("audio",)
    partial = target.with_name(target.name + ".part")
    with contextlib.ExitStack() as held:
        tracks = _tracks(pieces, kinds, held)
        if not tracks:
            return False
        held.callback(partial.unlink, missing_ok=True)
        writer = Writer.copying(partial, tracks)
        try:
            written = _copy(pieces, begin, end, tracks.keys(), writer)
        finally:
            writer.close()
        if written:
            partial.replace(target)
        return written


def _copy(pieces: Sequence[Piece], begin: float, end: float, kinds: Collection[str], writer: Writer) -> bool:
    origin, last = None, 0.0
    for piece in pieces:
        begun = False
        for frame in _part(_frames(piece, kinds), begin, end):
            if origin is None:
                origin = frame.seconds
            elif not begun and frame.seconds - last > GAP:
                origin += frame.seconds - last - KEPT_OF_GAP
            begun, last = True, max(last, frame.seconds)
            if frame.seconds < origin:
                continue  # sound from before the keyframe
            writer.add(frame.kind, frame.data, frame.seconds - origin, keyframe=frame.keyframe)
    return origin is not None


def _part(frames: Iterable[_Frame], begin: float, end: float) -> Iterator[_Frame]:
    lead: list[_Frame] = []
    decodable = False
    for frame in frames:
        if frame.seconds >= end + PAST:
            return
        if frame.seconds >= end:
            continue
        if frame.kind == "video":
            if frame.keyframe and frame.seconds <= begin:
                lead = [before for before in lead if before.seconds >= frame.seconds]
            decodable = decodable or frame.keyframe
            if not decodable:
                continue
        elif frame.seconds < begin and not decodable:
            continue
        lead.append(frame)
        if frame.seconds >= begin:
            yield from lead
            lead = []


def _tracks(pieces: Iterable[Piece], kinds: Collection[str], held: contextlib.ExitStack) -> dict[str, Any]:
    """Of each kind the first track there is."""
    tracks: dict[str, Any] = {}
    for piece in pieces:
        # A file that has only just begun has no header yet.
        with contextlib.suppress(ValueError):
            for track in held.enter_context(av.open(str(piece.file))).streams:
                if track.type in kinds:
                    tracks.setdefault(track.type, track)
        if len(tracks) == len(kinds):
            break
    return tracks


def _frames(piece: Piece, kinds: Collection[str]) -> Iterator[_Frame]:
    """All there is of a file, up to where its writer was stopped."""
    with contextlib.suppress(ValueError), av.open(str(piece.file)) as container:
        for packet in container.demux([track for track in container.streams if track.type in kinds]):
            if packet.pts is not None and packet.size:
                seconds = piece.begin + float(packet.pts * packet.time_base)
                yield _Frame(packet.stream.type, bytes(packet), seconds, packet.is_keyframe)
