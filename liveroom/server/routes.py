"""Every address of the site, on one page."""

from __future__ import annotations

from aiohttp import web

from liveroom.server import (
    follow_pages,
    health,
    import_pages,
    operator_pages,
    public_pages,
    session_pages,
    sign_in,
    staff_pages,
    verify_pages,
    word_pages,
)
from liveroom.server.api import table as api
from liveroom.server.assets import Assets
from liveroom.server.socket import session_socket
from liveroom.server.whip import MediaAddresses


def routes(assets: Assets, media: MediaAddresses) -> list[web.RouteDef]:
    """All routes, to be added to an application."""
    return [
        web.get("/", public_pages.home),
        web.get("/rooms/{slug}", public_pages.room_page),
        web.post("/rooms/{slug}/ask", public_pages.ask),
        web.post("/rooms/{slug}/second", public_pages.second),
        web.post("/rooms/{slug}/withdraw", public_pages.withdraw),
        web.get("/rooms/{slug}/figures", public_pages.session_figures),
        web.get("/rooms/{slug}/qr.svg", public_pages.qr),
        web.get("/rooms/{slug}/sessions/{session}", session_pages.session_page),
        web.get("/rooms/{slug}/socket", session_socket),
        web.get("/rooms/{slug}/studio", staff_pages.studio),
        web.get("/rooms/{slug}/prompter", staff_pages.prompter),
        web.get("/rooms/{slug}/desk", staff_pages.desk),
        web.get("/rooms/{slug}/operator", operator_pages.form),
        web.post("/rooms/{slug}/operator", operator_pages.enter),
        web.get("/rooms/{slug}/slips/{code}", operator_pages.slip),
        web.get("/rooms/{slug}/outcomes", staff_pages.outcomes),
        web.post("/rooms/{slug}/outcomes", staff_pages.give_outcome),
        *media.routes(),
        web.get("/suggestions", follow_pages.suggestions),
        web.get("/suggestions/{number}", follow_pages.suggestion),
        web.get("/track", follow_pages.track_form),
        web.get("/track/{code}", follow_pages.track),
        web.post("/track/{code}/appeal", follow_pages.appeal),
        web.get("/worklist", follow_pages.work),
        web.get("/worklist/{matter}", follow_pages.work_item),
        web.post("/worklist/{matter}/{command}", follow_pages.step),
        web.get("/office", staff_pages.office),
        web.post("/office/sessions", staff_pages.plan_session),
        web.post("/office/sessions/{session}/{command}", staff_pages.change_session),
        web.post("/office/rooms", staff_pages.add_room),
        web.get("/office/import", import_pages.page),
        web.post("/office/import", import_pages.look),
        web.post("/office/import/apply", import_pages.carry_out),
        web.get("/office/import/{kind}/template", import_pages.empty_file),
        web.get("/office/words", word_pages.lists),
        web.post("/office/words", word_pages.begin),
        web.post("/office/words/try", word_pages.try_text),
        web.get("/office/words/{list}", word_pages.word_list),
        web.post("/office/words/{list}", word_pages.change),
        web.get("/office/words/{list}/export", word_pages.export),
        *api.routes(),
        web.get("/sign-in", sign_in.form),
        web.post("/sign-in", sign_in.submit),
        web.get("/sign-in/{token}", sign_in.link),
        web.post("/sign-out", sign_in.leave),
        web.get("/verify", verify_pages.page),
        web.post("/verify/contact", verify_pages.send_code),
        web.post("/verify/code", verify_pages.confirm),
        web.post("/verify/forget", verify_pages.forget),
        web.post("/preferences", public_pages.preferences),
        web.get("/healthz", health.alive),
        web.get("/readyz", health.ready),
        web.get("/metrics", health.metrics),
        web.get("/static/{version}/{name:.+}", assets.serve),
    ]
