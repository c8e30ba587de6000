"""Every refusal in words that say what to do, with its HTTP status. Knows no rule behind it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from aiohttp import web

from liveroom.errors import Refused
from liveroom.server.pages import language, say
from liveroom.server.words import when


def N_(words: str) -> str:  # noqa: N802 - gettext's own name for words that are translated later
    return words


WORDS: Mapping[str, tuple[int, str]] = {
    "already_on_air": (409, N_("编号 {label} 正在回答，请先结束它。")),
    "appeal_over": (409, N_("不公开的决定只能在 24 小时内申诉一次。")),
    "appeals_open": (409, N_("有提问没有公开，提问人在 {until} 之前还可以申诉，之后才能归档。")),
    "bad_body": (400, N_("发来的数据不对：{problem}")),
    "bad_choice": (400, N_("请从列出的选项中选择。")),
    "bad_contact": (400, N_("请写 11 位手机号，或完整的邮箱地址。")),
    "bad_credentials": (403, N_("用户名或密码不对，请再试一次。")),
    "bad_form": (403, N_("页面已过期，内容没有提交。请返回刷新后再提交一次。")),
    "bad_key": (400, N_("提问缺少有效的编号，请刷新页面后再试。")),
    "bad_key_header": (400, N_("Idempotency-Key 只能是 1 到 128 个可见的 ASCII 字符。")),
    "bad_message": (400, N_("页面发来的内容无法识别，请刷新页面。")),
    "bad_slug": (400, N_("地址只能用小写字母、数字和连字符，最多 40 个字符。")),
    "bad_time": (400, N_("请填写日期和时间。")),
    "cannot_merge": (409, N_("编号 {label} 现在不能并入。")),
    "cannot_undo": (409, N_("已经不能撤销：超过 10 秒，或者这条提问又有了变化。")),
    "claimed": (409, N_("{name} 正在处理编号 {label}，还有 {seconds} 秒。需要时可以接手。")),
    "code_malformed": (400, N_("验证码是 6 位数字，请核对。")),
    "code_not_sent": (503, N_("验证码现在发不出去，请稍后再试，或换一种方式。也可以匿名提问。")),
    "code_over": (409, N_("这个验证码不能再用了，请重新发送一个。")),
    "code_wrong": (403, N_("验证码不对，还可以试 {left} 次。")),
    "consent_missing": (400, N_("请先念给本人听，本人同意后再提交。")),
    "contact_missing": (409, N_("答复之前，请先与代表沟通并记录沟通情况。")),
    "date_out_of_range": (400, N_("日期应在 {first} 到 {last} 之间，请核对年份。")),
    "deputy_missing": (400, N_("请至少选择一位代表。")),
    "empty": (400, N_("请写下内容后再提交。")),
    "erased": (409, N_("已经删除过了。")),
    "file_active": (400, N_("这个 PDF 里有脚本、会自动运行的内容或别的文件。请另存为普通 PDF，或打印成 PDF 再上传。")),
    "file_damaged": (400, N_("这个文件打不开，可能没有传完整。请重新选择。")),
    "file_kind": (400, N_("只能上传 JPEG、PNG、WebP 图片或 PDF。苹果手机的 HEIC 照片请先转成 JPEG。")),
    "file_locked": (400, N_("这个 PDF 有密码。请去掉密码再上传。")),
    "file_too_demanding": (400, N_("这个文件太大、太复杂：图片最多 6400 万像素，PDF 最多 300 页。")),
    "file_too_large": (413, N_("文件太大了，最多 {limit} MB。")),
    "files_enough": (409, N_("一步最多带 {limit} 个附件。")),
    "files_full": (409, N_("这件事的附件已经太多，不能再加。")),
    "forbidden": (403, N_("您没有权限做这一步。")),
    "events_missing": (400, N_("请至少勾选一种步骤。")),
    "export_too_large": (409, N_("超过 {limit} 条，请加上筛选条件再导出。")),
    "file_missing": (400, N_("请先选择一个文件。")),
    "foreign_origin": (403, N_("请求来自别的网站，没有执行。")),
    "hook_address": (400, N_("地址要以 https 开头，指向外部的服务器，不带用户名和密码。")),
    "key_busy": (409, N_("同一个请求正在处理，请过 {seconds} 秒再看。")),
    "key_reused": (422, N_("这个 Idempotency-Key 已经用于别的请求，请换一个。")),
    "login_taken": (409, N_("这个用户名已经有人用了。")),
    "message_not_sent": (503, N_("验证码现在发不出去，请稍后再试，或换一种方式。")),
    "no_session": (409, N_("直播间现在没有安排场次。")),
    "not_found": (404, N_("没有找到，可能已被撤回。")),
    "not_live": (409, N_("直播还没有开始，请稍等。")),
    "not_sure": (400, N_("请先勾选“我明白，删除后不能恢复”。")),
    "not_willing": (409, N_("这位提问人没有同意，或者已经收回同意，所以看不到联系方式。")),
    "not_verified": (409, N_("这台设备还没有验证身份。请先验证，或选择匿名。")),
    "nothing_chosen": (400, N_("请先勾选提问。")),
    "commitment_said": (
        400,
        N_("编号 {label} 在直播中说过“记为承诺”。请补上单位记为承诺；不作为承诺的，请在说明里写原因。"),
    ),
    "outcome_not_free": (409, N_("编号 {label} 不能选这个去向。")),
    "outcomes_missing": (409, N_("还有提问没有去向，暂不能归档。")),
    "own_question": (409, N_("这是您自己的提问，不需要附议。")),
    "promise_moved": (409, N_("已经承诺 {day}，不能改得更晚。要推迟，请申请延期，由工委决定。")),
    "promise_missing": (400, N_("{letter} 类答复需要写明计划解决的日期。")),
    "reason_missing": (400, N_("请写明原因。")),
    "session_closed": (409, N_("这场直播现在不接受这一步。")),
    "session_cut": (409, N_("直播已被中止：解除之前不能公开任何新内容，也不能开播。")),
    "session_over": (409, N_("这场直播已经结束。")),
    "slow_down": (429, N_("操作太快了，请过 {seconds} 秒再试。")),
    "slug_taken": (409, N_("这个地址已经有直播间在用。")),
    "tag_differs": (412, N_("内容已经变了，请先读取最新的状态。")),
    "too_long": (400, N_("内容太长了，最多 {limit} 个字。")),
    "too_many": (400, N_("一次最多 {limit} 个。")),
    "topic_missing": (400, N_("请填写主题。")),
    "unauthenticated": (401, N_("请先登录。")),
    "unavailable": (503, N_("暂时无法保存，内容没有提交。请保留您写的内容，稍后再试。")),
    "unchanged": (409, N_("文字没有改动。")),
    "bad_words": (400, N_("有几行无法识别，什么都没有保存。请改好这些行再保存。")),
    "too_many_words": (400, N_("一个词表最多 {limit} 个词。")),
    "words_changed": (409, N_("这个词表刚刚被别人改过。您写的内容还在下面，请先看看最新的一版，再保存。")),
    "measure_missing": (400, N_("请写明承诺的措施。")),
    "no_matter_chosen": (400, N_("请先勾选要交办的事项。")),
    "checklist_open": (400, N_("审查要点要逐条回答。")),
    "not_admissible": (409, N_("审查要点中有不符合的：{points}。请退回修改，或者不作为建议办理。")),
    "already_frozen": (409, N_("这一季度已经公布，不能再改。")),
    "quarter_not_over": (409, N_("这一季度还没有结束，结束后才能公布。")),
    "not_asked": (403, N_("只有提问或附议过这件事的人可以确认。用当时的手机或浏览器打开，或者用查询编号。")),
    "already_checked": (409, N_("您已经确认过了。")),
    "bad_link": (400, N_("请写另一件同类、还没有办结的事项的编号。")),
    "bad_page": (400, N_("这一页的地址不对，请从列表的开头看起。")),
    "extension_not_later": (400, N_("新的期限要晚于现在的期限。")),
    "extension_too_late": (409, N_("期限已经过了，不能再申请延期。")),
    "extension_too_long": (400, N_("各轮办理的延期合在一起，最晚到 {last}（规则：最多 {limit} 个月）。")),
    "extensions_spent": (409, N_("延期已经用完：各轮办理合在一起，最多 {limit} 个月。")),
    "opinions_missing": (409, N_("还没有收到协办单位的意见：{units}。")),
    "returns_spent": (409, N_("已经退办 {limit} 次，不能再退。")),
    "unknown_kind": (400, N_("现在的办理规则里没有这类事项。")),
    "unknown_rules": (503, N_("找不到这件事项所用的办理规则，请与管理员联系。")),
    "wrong_type": (415, N_("请用 application/json 发送。")),
    "undeliverable": (409, N_("对方的邮箱或号码不接收。")),
    "wrong_state": (409, N_("这条内容刚刚有了变化，现在不能这样做。请看最新状态。")),
}


def status(refused: Refused) -> int:
    return WORDS.get(refused.code, (400, ""))[0]


def explain(request: web.Request, refused: Refused) -> str:
    """The refusal in the language of the page."""
    lang = language(request)
    sentence = WORDS.get(refused.code, (400, N_("这一步没有成功（{code}）。")))[1]
    detail = {
        name: when(value, lang) if isinstance(value, datetime) else value for name, value in refused.detail.items()
    }
    values = {"code": refused.code, "seconds": int(refused.retry_after or 1), **detail}
    return say(request, sentence, **values)
