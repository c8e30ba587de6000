"""Fills in the form of one step of a matter and sends it, whatever its fields are."""

from __future__ import annotations

from playwright.async_api import Page


async def take(page: Page, command: str, **fields: str | list[str]) -> None:
    """The page that answers is there when this returns. A list is ticked; a checklist gets one answer to all points."""
    form = page.locator(f"#step-{command}")
    if not await form.locator("form").is_visible():
        await form.locator("summary").click()
    for name, value in fields.items():
        if name == "checklist":
            for point in await form.locator(f".point [value='{value}']").all():
                await point.check()
            continue
        if isinstance(value, list):
            for one in value:
                await form.locator(f"[name='{name}'][value='{one}']").check()
            continue
        field = form.locator(f"[name='{name}']").first
        kind = await field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "radio":
            await form.locator(f"[name='{name}'][value='{value}']").check()
        elif kind == "select":
            await field.select_option(value)
        else:
            await field.fill(value)
    async with page.expect_navigation():
        await form.locator("form button").click()
