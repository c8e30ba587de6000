"""Tells of everything in a browser's pages that ran, was refused or was fetched and is not ours."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

_SAYS = "watched: "
_LISTENS = f"""
window.hit = () => console.log('{_SAYS}ran');
document.addEventListener('securitypolicyviolation', (broken) =>
  console.log('{_SAYS}refused ' + broken.violatedDirective + ' ' + broken.blockedURI));
"""
_FETCHED = ("/x", "/x.js")
"""What the payloads would fetch from wherever they stand."""


async def watched(context: BrowserContext, site: str) -> list[str]:
    """What is found from now on, in every page of the context; `site` is the address of ours."""
    found: list[str] = []

    def said(message: ConsoleMessage) -> None:
        if message.text.startswith(_SAYS) or "Content Security Policy" in message.text:
            found.append(message.text)

    def fetched(request: Request) -> None:
        parts = urlsplit(request.url)
        ours = parts.scheme in {"data", "blob"} or request.url.startswith(site)
        if not ours or parts.path.endswith(_FETCHED):
            found.append(f"fetched {request.url}")

    async def asked(dialog: Dialog) -> None:
        found.append(f"asked {dialog.message}")
        await dialog.dismiss()

    def opened(page: Page) -> None:
        found.append(f"opened {page.url}")

    await context.add_init_script(_LISTENS)
    context.on("console", said)
    context.on("request", fetched)
    context.on("dialog", asked)
    for page in context.pages:
        page.on("popup", opened)
    return found
