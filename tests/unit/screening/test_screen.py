"""What is found in a text, whatever it is disguised as, and what is not taken for anything."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liveroom.screening.detectors import Kind, detect
from liveroom.screening.screen import COVER, Screen
from liveroom.screening.words import Action, Entry, WordList
from liveroom.storage.characters import folds

WORDS = (
    Entry("加微信", Action.HOLD, sounds=True),
    Entry("代开发票", Action.HOLD, sounds=True),
    Entry("银行", Action.FLAG, sounds=True),
    Entry("不想活", Action.ESCALATE),
    Entry("傻瓜", Action.MASK),
    Entry("vx", Action.FLAG),
)
LIST = WordList("test", 3, "试验", WORDS, datetime(2026, 1, 1, tzinfo=UTC), "system", "system", "")
SCREEN = Screen([LIST], folds())


def kinds(text: str) -> set[str]:
    return {finding.what for finding in SCREEN.look(text).findings}


@pytest.mark.parametrize(
    "written",
    [
        "加微信",
        "加 微 信",
        "加.微-信",
        "加\u200b微\u2060信",
        "加❤微❤信",
        "加薇信",  # the same sound
        "加葳芯",
        "加wei信",
        "加ｗｅｉ信",
        "jia微xin",
        "加wеi信",  # a Cyrillic letter
        "加微\u0336信\u0336",
        "【加】【微】【信】",
    ],
)
def test_a_word_is_found_whatever_it_is_disguised_as(written: str) -> None:
    screened = SCREEN.look(f"请问{written}谢谢")
    assert [finding.what for finding in screened.findings] == ["加微信"]
    assert screened.action is Action.HOLD
    found = screened.findings[0]
    assert f"请问{written}谢谢"[found.start : found.end].rstrip("\u0336】") == written.lstrip("【").rstrip("\u0336】")
    assert (found.source, found.version) == ("test", 3)


@pytest.mark.parametrize(
    ("written", "word"),
    [("代開發票", "代开发票"), ("不想活", "不想活"), ("吟航", "银行"), ("ＶＸ", "vx"), ("v x", "vx")],
)
def test_script_width_and_every_reading_are_one(written: str, word: str) -> None:
    assert kinds(written) == {word}


def test_a_written_word_is_not_told_again_by_its_sound() -> None:
    (found,) = SCREEN.look("加微信").findings
    assert not found.by_sound
    (found,) = SCREEN.look("加薇信").findings
    assert found.by_sound


@pytest.mark.parametrize("text", ["vxworks", "avx", "加 微 的 信", "傻 大瓜", "代发票"])
def test_a_word_is_not_found_inside_another(text: str) -> None:
    assert kinds(text) == set()


NUMBERS = {
    Kind.MOBILE: [
        "13800138000",
        "１３８００１３８０００",
        "138 0013 8000",
        "138-0013-8000",
        "138.001.38000",
        "(138)00138000",
        "+86 138 0013 8000",
        "8613800138000",
        "008613800138000",
        "1-3-8-0-0-1-3-8-0-0-0",
        "1、3、8、0、0、1、3、8、0、0、0",
        "1❤3❤8❤0❤0❤1❤3❤8❤0❤0❤0",
        "1\u200b3\u200b8\u200b0\u200b0138000",
        "一三八零零一三八零零零",
        "壹叁捌零零壹叁捌零零零",
        "幺三八〇〇幺三八〇〇〇",
        "一 三八 零零 一三八 零零零",
        "13八零零一三8零零零",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣",
        "𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎",
        "١٣٨٠٠١٣٨٠٠٠",
        "138oo138ooo",
        "l38OOl38OOO",
        "打一13800138000",
    ],
    Kind.LANDLINE: [
        "0898-66221234",
        "(0898) 6622 1234",
        "089866221234",
        "010 62345678",
        "座机：66221234",
        "电话6622-1234",
    ],
    Kind.IDENTITY: ["11010519491231002X", "110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ"],
    Kind.BANK_CARD: ["4111 1111 1111 1111", "6222-0212-3456-7894"],
    Kind.NUMBER: ["113800138000", "622202123456789412345"],
    Kind.PLATE: ["琼A12345", "琼A·12345", "瓊Ａ １２３４５", "琼AD12345", "琼A12345D", "粤Z1234港", "琼a一二三四五"],
    Kind.EMAIL: [
        "wang@example.com",
        "wang＠example。com",
        "wang#example.com",
        "wang艾特example点com",
        "wang (at) example.com",
    ],
    Kind.ACCOUNT: ["微信号：wang_2026", "vx wang2026", "QQ 123456789"],
}


@pytest.mark.parametrize(
    ("kind", "written"), [(kind, written) for kind, several in NUMBERS.items() for written in several]
)
@pytest.mark.parametrize("around", ["{}", "请回我{}，谢谢", "我家三个人{}等"])
def test_personal_data_are_found_and_nothing_of_them_is_shown(kind: Kind, written: str, around: str) -> None:
    text = around.format(written)
    screened = SCREEN.look(text)
    assert kind in {finding.what for finding in screened.findings}, screened
    assert len(screened.text) == len(text)
    assert not set(screened.text) & set("0123456789一二四五六七八九零〇①⓪aeio"), screened
    assert screened.text.endswith(around.split("{}")[1]), "what stands behind is kept"


@pytest.mark.parametrize(
    "text",
    [
        "2026年3月12日的船票多少钱？",
        "请拨打12345热线，或者拨打 12328",
        "停电了要打95598吗",
        "二〇二六年十一月二十四日开会",
        "渡轮7:30、9:30、13:30、15:30、17:30开",
        "渡轮7.30、9.30、13.30、15.30、17.30开",
        "渡轮7.30 9.30 13.30 15.30 17.30开",
        "2026.10.13-2026.10.15 8:00停航",
        "2026-03-15—2026-03-20停航",
        "2026/03/15 13:30 到 2026/03/20 17:45",
        "码头离村3.5公里，票价28元，涨到35元，老人14元",
        "琼渡3号船什么时候修好？12路公交呢",
        "客服400-123-4567没人接",
        "学校有1200名学生，投入1350万元，2026-2030年完成",
        "三月一日到五月三日，一三五单号，二四六双号",
        "修路要1300000元还是1500000元，要180天",
        "我们村12号停水，13号才来水",
        "1、2、3、4、5、6、7、8、9、10、11",
        "机票1380元、1400元、1500元",
        "东港路2号码头的灯坏了",
        "岛上3000人，每天用水450吨，2025年是390吨",
        "北纬18.2528度，东经109.5119度",
        "第七届人大第三次会议第0012号建议",
        "青年路B1停车场、云A座、新C区",
        "这件事一五一十说清楚，三番五次，七上八下",
        "8点、9点、10点各一班，节假日加两班",
        "微信公众号怎么关注",
        "能不能用邮箱提交",
        "海水养殖100亩，亏了200000块，3年还清",
    ],
)
def test_life_on_an_island_is_left_alone(text: str) -> None:
    screened = SCREEN.look(text)
    assert screened.findings == ()
    assert screened.text == text


@pytest.mark.parametrize("text", ["我住西屿村12号", "望海路7号", "东港社区三号楼2单元", "北村二十三号门口"])
def test_addresses_are_told_and_stay(text: str) -> None:
    screened = SCREEN.look(text)
    assert [(finding.what, finding.action) for finding in screened.findings] == [("address", Action.FLAG)]
    assert screened.text == text


def test_the_strongest_action_counts() -> None:
    assert SCREEN.look("傻瓜").action is Action.MASK
    assert SCREEN.look("傻瓜，vx").action is Action.FLAG
    assert SCREEN.look("加微信，不想活").action is Action.ESCALATE
    assert SCREEN.look("路灯坏了").action is None


def test_what_covering_brings_together_is_covered_too() -> None:
    assert SCREEN.look("傻傻瓜瓜").text == "****"


disguised = st.text(
    st.sampled_from("0123456789一三八零〇oOlI１３８ -.、❤\u200b\u0301xX琼A@qq.com微信加傻瓜路号村" + COVER), max_size=60
)


@given(st.one_of(st.text(max_size=80), disguised))
def test_nothing_is_left_in_what_is_shown(text: str) -> None:
    shown = SCREEN.look(text)
    assert len(shown.text) == len(text)
    again = SCREEN.look(shown.text)
    assert again.text == shown.text
    assert all(detection.kind is Kind.ADDRESS for detection in detect(shown.text, folds()))
    assert all(0 <= finding.start < finding.end <= len(text) for finding in shown.findings)
    changed = {place for place, (a, b) in enumerate(zip(text, shown.text, strict=True)) if a != b}
    assert {shown.text[place] for place in changed} <= {COVER}


@given(disguised, disguised, st.integers(10**8, 10**9 - 1))
def test_a_number_between_anything_is_never_shown(before: str, after: str, rest: int) -> None:
    number = f"13{rest}"
    assert number not in SCREEN.look(f"{before}{number}{after}").text
