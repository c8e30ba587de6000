"""What people see when something cannot be done: one page, one JSON shape. Knows no handler."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from liveroom.errors import Refused, Unavailable
from liveroom.server.pages import render, say
from liveroom.server.refusals import N_, explain, status

log = structlog.get_logger()

HEADINGS = {
    400: N_("这样提交不了"),
    401: N_("请先登录"),
    403: N_("没有权限"),
    404: N_("没有找到这个页面"),
    405: N_("这个地址不能这样用"),
    409: N_("现在不能这样做"),
    413: N_("内容太大了"),
    422: N_("内容要改一改"),
    429: N_("请稍等一下"),
    500: N_("服务器出了问题"),
    503: N_("暂时不能提供服务"),
}
SENTENCES = {
    404: N_("地址可能写错了，或者内容已经移走。"),
    405: N_("请从首页重新进入。"),
    413: N_("请把内容缩短后再提交。"),
    500: N_("我们已经记录下来。请稍后再试，您写的内容可以返回上一页找回。"),
}


@web.middleware
async def answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn refusals and errors into answers; an unforeseen error is logged once and shown as 500."""
    try:
        return await handler(request)
    except Refused as refused:
        if refused.code == "unauthenticated" and request.method == "GET" and _wants_page(request):
            raise web.HTTPSeeOther(f"/sign-in?next={quote(request.rel_url.raw_path_qs)}") from None
        words = explain(request, refused)
        return _answer(request, status(refused), words, refused.code, refused.retry_after, refused.detail)
    except Unavailable as error:
        log.error("unavailable", route=_route(request), problem=str(error))
        unavailable = Refused("unavailable", retry_after=5.0)
        words = explain(request, unavailable)
        return _answer(request, 503, words, unavailable.code, unavailable.retry_after)
    except web.HTTPException as exception:
        if exception.status < 400 or exception.content_type == "application/problem+json":
            raise
        words = say(request, SENTENCES.get(exception.status, exception.reason))
        answer = _answer(request, exception.status, words, exception.reason.lower().replace(" ", "_"), None)
        if "Allow" in exception.headers:
            answer.headers["Allow"] = exception.headers["Allow"]
        return answer
    except Exception:
        log.exception("failed", route=_route(request))
        words = say(request, SENTENCES[500])
        return _answer(request, 500, words, "failed", None)


def _route(request: web.Request) -> str:
    """The pattern of the address: the address itself may hold a tracking code or a sign-in link."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


def _answer(
    request: web.Request,
    number: int,
    words: str,
    code: str,
    retry_after: float | None,
    values: Mapping[str, object] | None = None,
) -> web.Response:
    heading = say(request, HEADINGS.get(number, HEADINGS[400]))
    if _wants_page(request):
        home = say(request, N_("回到首页"))
        response = render(request, "error.html", status=number, heading=heading, words=words, next=[("/", home)])
    else:
        response = web.json_response(
            {
                "type": "about:blank",
                "title": HTTPStatus(number).phrase,
                "status": number,
                "code": code,
                "detail": words,
                **({"values": values} if values else {}),
            },
            status=number,
            content_type="application/problem+json",
        )
    if retry_after is not None:
        response.headers["Retry-After"] = str(int(retry_after))
    if number == HTTPStatus.UNAUTHORIZED and not _wants_page(request):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _wants_page(request: web.Request) -> bool:
    return not request.path.startswith("/api/") and "text/html" in request.headers.get("Accept", "")
