"""How a page is made: language, preferences, common words, compressed. Knows no page by name."""

from __future__ import annotations

import gzip
from typing import Any

import msgspec
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from liveroom.matters.parties import has_work
from liveroom.rooms.roles import Permission
from liveroom.rooms.roles import may as may_do
from liveroom.server import keys
from liveroom.server.assets import Assets
from liveroom.server.identity import csrf_token, is_secure, split_url, who
from liveroom.server.unread import unread
from liveroom.server.words import LANGUAGES, Words, choose_language, clock, when

SIZES = ("s", "m", "l")
THEMES = ("auto", "light", "dark")
COMPRESS_FROM = 1024

ENVIRONMENTS: web.AppKey[dict[str, Environment]] = web.AppKey("environments", dict)


def environments(assets: Assets, words: Words) -> dict[str, Environment]:
    """One template environment for each language."""
    return {lang: _environment(lang, assets, words) for lang in LANGUAGES}


def _environment(lang: str, assets: Assets, words: Words) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(assets.folder / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_gettext_translations(words.translations(lang), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["when"] = lambda moment: when(moment, lang)
    environment.filters["clock"] = clock
    environment.globals.update(lang=lang, static=assets.url, modules=lambda entry: _modules(assets, entry))
    return environment


def _modules(assets: Assets, entry: str) -> list[str]:
    return [assets.url(name) for name in assets.modules(entry)]


def language(request: web.Request) -> str:
    """`zh` or `en`."""
    return choose_language(request.cookies.get("lang"), request.headers.get("Accept-Language", ""))


def macros(request: web.Request, template: str) -> Any:
    """The words of a template, in the language of the page: they are written once, for pages, papers and pictures."""
    return request.app[ENVIRONMENTS][language(request)].get_template(template).module


def say(request: web.Request, sentence: str, **values: object) -> str:
    """A sentence in the language of the page."""
    return request.app[keys.WORDS].say(language(request), sentence, **values)


def render(
    request: web.Request,
    template: str,
    *,
    script: str | None = None,
    page: dict[str, Any] | None = None,
    status: int = 200,
    **context: Any,
) -> web.Response:
    """A page. `script` is its entry module; `page` is the data that the script reads, with its words added."""
    lang = language(request)
    actor = who(request)
    data = {"lang": lang, "words": {}, **(page or {})}
    if script:
        data["words"] = request.app[keys.WORDS].of_modules(lang, request.app[keys.ASSETS].modules(script))
    body = (
        request.app[ENVIRONMENTS][lang]
        .get_template(template)
        .render(
            page=msgspec.to_builtins(data),
            actor=actor,
            may=lambda permission: may_do(actor, Permission(permission)),
            has_work=has_work(actor),
            unread=unread(request),
            csrf=csrf_token(request),
            path=request.path_qs,
            size=_choice(request.cookies.get("size"), SIZES, "m"),
            theme=_choice(request.cookies.get("theme"), THEMES, "auto"),
            demo=request.app[keys.DEMO],
            **context,
        )
        .encode()
    )
    headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding, Accept-Language, Cookie"}
    if len(body) > COMPRESS_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = gzip.compress(body, 6, mtime=0)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=headers)


def site(request: web.Request) -> str:
    """The address under which people reach this site, without a slash at the end."""
    settings = request.app[keys.SETTINGS]
    return settings.public_url.rstrip("/") or f"{'https' if is_secure(request) else 'http'}://{request.host}"


def local_target(target: str) -> str:
    """A path of this site to go on to; the home page when it is anything else."""
    parts = split_url(target)
    safe = target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()
    return target if safe and parts is not None and not parts.netloc else "/"


def go(target: str) -> web.HTTPSeeOther:
    """After a form: on to a page that can be loaded again."""
    return web.HTTPSeeOther(local_target(target))


def _choice(wanted: str | None, choices: tuple[str, ...], default: str) -> str:
    return wanted if wanted in choices else default
