"""Catalogues of sentences are read as Babel, which writes them, reads them."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from liveroom.server import catalogue
from liveroom.server.assets import web_folder

OURS = sorted((web_folder() / "locale" / "en").glob("*.po"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_our_catalogues_are_read_as_babel_reads_them(path: Path) -> None:
    with path.open("rb") as file:
        by_babel = {message.id: message.string for message in read_po(file, "en") if message.id and message.string}
    assert len(by_babel) > 100
    assert catalogue.read(path) == by_babel


def test_long_sentences_marks_and_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "some.po"
    path.write_text(
        """msgid ""
msgstr "Language: en\\n"

#: js/a.js
#, python-brace-format
msgid ""
"甲，"
"乙"
msgstr ""
"A, \\"B\\"\\n"
"and C"

msgid "未译"
msgstr ""

#~ msgid "旧"
#~ msgstr "old"
"""
    )
    sentences = catalogue.Sentences(catalogue.read(path))
    assert sentences.gettext("甲，乙") == 'A, "B"\nand C'
    assert [sentences.gettext(sentence) for sentence in ("未译", "旧")] == ["未译", "旧"]


def test_what_a_catalogue_of_ours_never_has_is_told_and_not_skipped(tmp_path: Path) -> None:
    path = tmp_path / "some.po"
    path.write_text('msgctxt "a"\nmsgid "b"\nmsgstr "c"\n')
    with pytest.raises(ValueError, match="msgctxt"):
        catalogue.read(path)
