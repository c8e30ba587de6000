"""Open311 GeoReport v2: what is asked and how it is answered, as values and as bytes. Knows no request and no matter.

Sections are those of the specification: https://wiki.open311.org/GeoReport_v2
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

from liveroom.text import clean, clean_lines, readable

DESCRIPTION_LIMIT = 4000
ADDRESS_LIMIT = 200
TITLE_LIMIT = 80
SPAN = timedelta(days=90)
MOST = 1000
"""“Response Volume”: 90 days or the first 1000 requests."""

MEDIA_TYPES = {"xml": "text/xml", "json": "application/json"}
"""“Format Support”."""

Fields = Mapping[str, Any]


class Unfit(Exception):
    """What was asked cannot be answered: the HTTP status that the specification has for it, and what is wrong."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status
        self.what = what


@dataclass(frozen=True, slots=True)
class Report:
    """“POST Service Request”: what somebody reports. Who they are is not read, so it cannot be kept."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Span:
    """When the requests were made that are asked for: from, and before."""

    start: datetime
    end: datetime


def read_report(fields: Mapping[str, str]) -> Report:
    """The report in a form. Raises `Unfit` with 400: no description, no location, or one that is none."""
    description = clean_lines(fields.get("description", ""))
    if not readable(description):
        raise Unfit(400, "description")
    if len(description) > DESCRIPTION_LIMIT:
        raise Unfit(400, "description")
    place = [_address(fields), _coordinates(fields)]
    if not any(place):
        raise Unfit(400, "lat, long, address_string")
    media = clean(fields.get("media_url", ""))
    lines = [description, *(line for line in place if line), *([f"media_url: {media}"] if media else [])]
    if len(media) > 500:
        raise Unfit(400, "media_url")
    return Report(clean(description)[:TITLE_LIMIT], "\n".join(lines))


def read_span(fields: Mapping[str, str], now: datetime) -> Span:
    """“GET Service Requests”, `start_date` and `end_date`: 90 days at most, the last ones when nothing is said."""
    start, end = _moment(fields, "start_date"), _moment(fields, "end_date")
    if start is None:
        end = end or now
        start = end - SPAN
    end = end or start + SPAN
    if not timedelta(0) <= end - start <= SPAN:
        raise Unfit(400, "start_date, end_date")
    return Span(start, end)


def names(fields: Mapping[str, str], name: str) -> list[str]:
    """What is separated by commas; empty when it is not said, which means the same (“Optional Arguments”)."""
    return [part for part in (piece.strip() for piece in fields.get(name, "").split(",")) if part]


def moment(at: datetime) -> str:
    """“Date/time format”: with seconds and the offset."""
    return at.isoformat(timespec="seconds")


def written(form: str, root: str, item: str, rows: Sequence[Fields]) -> bytes:
    """A list of things: in JSON an array, in XML an element of each (“XML Support”, “JSON Support”)."""
    if form == "json":
        return msgspec.json.encode(list(rows))
    top = ET.Element(root)
    for row in rows:
        _fill(ET.SubElement(top, item), row)
    return _document(top)


def written_one(form: str, root: str, row: Fields) -> bytes:
    """A single thing."""
    if form == "json":
        return msgspec.json.encode(row)
    top = ET.Element(root)
    _fill(top, row)
    return _document(top)


def errors(form: str, status: int, description: str) -> bytes:
    """“Errors”."""
    return written(form, "errors", "error", [{"code": status, "description": description}])


_PLURALS = {"attributes": "attribute", "endpoints": "endpoint", "formats": "format"}


def _fill(element: ET.Element, row: Fields) -> None:
    for name, value in row.items():
        child = ET.SubElement(element, name)
        if isinstance(value, list):
            for one in value:
                inner = ET.SubElement(child, _PLURALS[name])
                if isinstance(one, Mapping):
                    _fill(inner, one)
                else:
                    inner.text = str(one)
        elif value is not None:
            child.text = str(value).lower() if isinstance(value, bool) else str(value)


def _document(top: ET.Element) -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(top, encoding="unicode").encode()


def _address(fields: Mapping[str, str]) -> str:
    address = clean(fields.get("address_string", ""))
    if len(address) > ADDRESS_LIMIT:
        raise Unfit(400, "address_string")
    if not address and fields.get("address_id", "").strip():
        raise Unfit(400, "address_id")  # there is no repository of addresses
    return f"地址：{address}" if address else ""


def _coordinates(fields: Mapping[str, str]) -> str:
    lat, long = fields.get("lat", "").strip(), fields.get("long", "").strip()
    if not lat and not long:
        return ""
    try:
        found = float(lat), float(long)
    except ValueError:
        raise Unfit(400, "lat, long") from None
    if not (-90 <= found[0] <= 90 and -180 <= found[1] <= 180):
        raise Unfit(400, "lat, long")
    return f"坐标（WGS84）：{found[0]:.6f}, {found[1]:.6f}"


def _moment(fields: Mapping[str, str], name: str) -> datetime | None:
    said = fields.get(name, "").strip().replace(" ", "+")  # a plus sign that was not written as %2B
    if not said:
        return None
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise Unfit(400, name) from None
    if found.tzinfo is None or not 1970 < found.year < 9000:
        raise Unfit(400, name)
    return found
