"""Every page as axe-core judges it, and with the keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urljoin

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.support.browser import DESKTOP, PHONE, Person
from tests.support.demo import Demo
from tests.support.steps import ASKED, ask, key, sideways

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]
AXE = Path(__file__).resolve().parents[2] / "node_modules/axe-core/axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCHEMES: tuple[Literal["light"], Literal["dark"]] = "light", "dark"
NARROWEST = {"width": 320, "height": 640}
"""Also what a window of 640 pixels becomes at a zoom of 200 %."""
STICKY = """() => {
  window.sticky = (how) =>
    document
      .querySelectorAll('.desk-head, .desk-foot, .bottom-bar, .sticky-new')
      .forEach((e) => (e.style.position = how));
}"""
RUN = """async ([values, where, rules]) => {
  const options = { resultTypes: ['violations'], runOnly: { type: 'tag', values }, rules };
  const { violations } = await axe.run(where, options);
  return violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`));
}"""
ACCENTS = [".badge", ".button"]
"""What is no body text: accent colours are enough for AA there."""


class Judge:
    """Runs axe-core over pages, in two languages and two appearances, and keeps what it finds."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[str] = []
        self.seen: list[str] = []

    async def look(
        self,
        page: Page,
        name: str,
        *,
        ready: str = "main",
        public: bool = False,
        languages: tuple[str, ...] = ("en", "zh"),
        wide: bool = False,
    ) -> None:
        """`ready` is what is seen once the page is complete; `wide` asks for a desktop's width as well."""
        self.seen.append(name)
        before = page.viewport_size
        for language in languages:
            if len(languages) > 1:
                await page.context.add_cookies([{"name": "lang", "value": language, "url": urljoin(page.url, "/")}])
                await page.reload()
            await expect(page.locator(ready).first).to_be_visible()
            for size in (PHONE, DESKTOP) if wide else (PHONE,):
                await page.set_viewport_size({"width": size["width"], "height": size["height"]})
                for scheme in SCHEMES:
                    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                    where = f"{name}, {language}, {scheme}, {size['width']} px"
                    self.found += [f"{where}: {line}" for line in await self.judge(page, public)]
            await page.set_viewport_size({"width": NARROWEST["width"], "height": NARROWEST["height"]})
            await page.evaluate("document.documentElement.dataset.size = 'l'")
            if await sideways(page) > 0:
                self.found.append(f"{name}, {language}: scrolls sideways at 320 px in large type")
            await page.evaluate("document.documentElement.dataset.size = 'm'")
        for size in (PHONE, DESKTOP) if wide else (PHONE,):
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            self.found += [f"{name}, {size['width']} px: {line}" for line in await walk(page)]
        await page.set_viewport_size(before or PHONE)

    async def judge(self, page: Page, public: bool) -> list[str]:
        """What is wrong with the page as it is now; body text of pages for everybody has a contrast of 7 to 1."""
        if await page.evaluate("typeof axe") == "undefined":
            # Through the debugger: the page's policy allows no script of others.
            await page.evaluate(self.source)
            await page.evaluate(STICKY)
        # What sticks covers other things only until they are scrolled; axe takes one look.
        await page.evaluate("sticky('static')")
        found: list[str] = await page.evaluate(RUN, [TAGS, {"include": ["html"]}, {}])
        if public:
            enhanced = {
                "color-contrast-enhanced": {"enabled": True},
                "identical-links-same-purpose": {"enabled": False},
            }
            found += await page.evaluate(RUN, [["wcag2aaa"], {"include": ["html"], "exclude": ACCENTS}, enhanced])
        await page.evaluate("sticky('')")
        return found


@pytest.fixture
def judge() -> Judge:
    if not AXE.is_file():
        pytest.skip("axe-core is missing: run npm ci")
    return Judge(AXE.read_text())


async def test_axe_finds_nothing_on_any_page(demo: Demo, browser: Browser, judge: Judge, figures: list[str]) -> None:
    home, room = demo["home"], demo["room"]
    visitor = await Person.arrive(browser, home, phone=True)
    page = visitor.page
    await judge.look(page, "home", public=True)
    for name, path in {
        "sign-in": "sign-in",
        "track form": "track",
        "seconded": "seconded",
        "track form, wrong code": "track?code=wrong",
        "error": "nothing-here",
        "suggestions": "suggestions",
        "suggestions, narrowed": "suggestions?q=zzz&state=open",
        "promises": "promises",
        "figures": "figures?by=unit",
        "behind a figure": "figures/2026/closed?part=of",
        "notice": "figures/2026/notice",
    }.items():
        await page.goto(home + path)
        await judge.look(page, name, public=True)
    await page.goto(home + "suggestions?state=closed")
    await page.locator("main a[href^='/suggestions/']").first.click()
    await judge.look(page, "suggestion", public=True, ready="h1")

    online = "#link[data-link=online]"
    await page.goto(room)
    await judge.look(page, "room before", public=True, ready=online)
    deputy = await Person.arrive(browser, demo["studio"], phone=True)
    await judge.look(deputy.page, "studio before", ready="#go-live:enabled")
    moderator = await Person.arrive(browser, demo["desk"])
    await judge.look(moderator.page, "desk, empty", ready=online, wide=True)

    await deputy.page.click("#go-live")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    for asked in ASKED:
        await ask(visitor, *asked)
    for text, _, _ in ASKED[:3]:
        await key(moderator, "pending", text, "p")
    for text, _, _ in ASKED[:2]:
        await key(moderator, "published", text, "q")
    await moderator.page.locator("[data-column=queued] .desk-card", has_text=ASKED[0][0]).focus()
    await moderator.page.keyboard.press("o")
    other = await Person.arrive(browser, room, phone=True)
    await judge.look(other.page, "room live", public=True, ready="#over")
    await judge.look(page, "room live, with own questions", public=True, ready="#over")
    await judge.look(moderator.page, "desk", ready=".desk-card", wide=True)
    for name, letter in (("refuse", "r"), ("edit", "e"), ("keys", "?")):
        await moderator.page.locator("[data-column=pending] .desk-card").first.focus()
        await moderator.page.keyboard.press(letter)
        await judge.look(moderator.page, f"desk, {name}", ready=f"#{name}-dialog", languages=("zh",))
        await moderator.page.keyboard.press("Escape")
    await judge.look(deputy.page, "studio live", ready="#now-buttons", languages=("zh",))
    code = await page.locator("#mine-list a").first.get_attribute("href")
    await page.goto(home.rstrip("/") + str(code))
    await judge.look(page, "track", public=True, ready="h1")

    await deputy.page.click("#end")
    await judge.look(deputy.page, "studio, end", ready="#end-dialog", languages=("zh",))
    await deputy.page.click("#end-dialog button[value=yes]")
    await expect(deputy.page.locator("#state")).to_have_text("已结束")
    await other.page.goto(room)
    await judge.look(other.page, "room ended", public=True, ready=online)
    office = await Person.arrive(browser, demo["office"], phone=True)
    await judge.look(office.page, "office", wide=True)
    await office.page.goto(room + "/outcomes")
    await judge.look(office.page, "outcomes", wide=True)
    await office.page.goto(home + "worklist")
    await judge.look(office.page, "work list")
    await office.page.goto(home + "worklist?view=review")
    await judge.look(office.page, "work list, narrowed", ready="#q")
    await office.page.locator("main li h2 a").first.click()
    await office.page.locator("#step-register summary").click()
    await judge.look(office.page, "work item, to be reviewed", ready="#steps", languages=("zh",), wide=True)
    for page in ("reminders", "account", "office/people"):
        await office.page.goto(home + page)
        await judge.look(office.page, page)
    await office.page.goto(home + "worklist/board")
    await judge.look(office.page, "board of the units", wide=True)
    unit = await Person.arrive(browser, demo["unit"], phone=True)
    await unit.page.locator("main a[href^='/worklist/']").first.click()
    await judge.look(unit.page, "work item", ready="h1", wide=True)
    figures.append(f"axe looked at {len(judge.seen)} pages: {', '.join(judge.seen)}")
    assert judge.found == [], "\n".join(judge.found)


STOPS = """() => {
  const usable = 'a[href], button, input:not([type=hidden]), textarea, select, summary, [tabindex="0"]';
  window.visited = new Set();
  window.usable = () => [...(document.querySelector('dialog[open]') ?? document).querySelectorAll(usable)]
    .filter((e) => !e.disabled && e.type !== 'radio' && e.checkVisibility({ visibilityProperty: true }));
}"""
STOP = """() => {
  const here = document.activeElement;
  const [first] = window.visited;
  const [before, again] = [window.last, window.visited.has(here)];
  window.last = here;
  if (here === first && here !== before) return null;
  if (here === document.body || again) return [];
  window.visited.add(here);
  const name = `${here.tagName} ${here.id} ${here.textContent.trim().slice(0, 20)}`;
  const style = getComputedStyle(here);
  const box = here.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height, innerHeight) / 2];
  const top = document.elementFromPoint(x, y);
  const problems = [];
  if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) problems.push(`${name}: no outline`);
  if (!here.contains(top) && !top?.contains(here)) problems.push(`${name}: covered by ${top?.outerHTML.slice(0, 60)}`);
  return problems;
}"""


async def walk(page: Page) -> list[str]:
    """Tab once around the page; what is not reached, is covered, or shows no focus."""
    await page.evaluate(STOPS)
    found: list[str] = []
    stop: list[str] | None = []
    while stop is not None:
        found += stop
        await page.keyboard.press("Tab")
        stop = await page.evaluate(STOP)
    left = "usable().filter((e) => !visited.has(e)).map((e) => `not reached: ${e.outerHTML.slice(0, 80)}`)"
    return found + await page.evaluate(left)


async def tab_to(page: Page, selector: str) -> None:
    """Tab on until the focus is on what is wanted."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached with Tab")


def focused(page: Page) -> Locator:
    return page.locator(":focus")


async def test_the_staff_finds_its_places_in_one_line_and_a_menu(demo: Demo, browser: Browser, judge: Judge) -> None:
    signed_in = await Person.arrive(browser, demo["office"], phone=True)
    for language in ("zh", "en"):
        context = await browser.new_context(
            viewport=PHONE,
            java_script_enabled=language == "en",
            storage_state=await signed_in.context.storage_state(),
        )
        await context.add_cookies([{"name": "lang", "value": language, "url": demo["home"]}])
        page = await context.new_page()
        await page.goto(demo["home"] + "worklist")
        menu, places = page.locator(".menu summary"), page.locator(".places")
        for width in (320, PHONE["width"]):
            await page.set_viewport_size({"width": width, "height": 800})
            box = await page.locator("header.top").bounding_box()
            assert box is not None
            assert box["height"] < 60, f"{language}: {box['height']} px high at {width} px"
        await expect(page.locator(".top > nav > [aria-current=page]")).to_have_attribute("href", "/worklist")
        await expect(places).to_be_hidden()
        await menu.focus()
        await page.keyboard.press("Enter")
        for place in await places.get_by_role("link").all():
            box = await place.bounding_box()
            assert box is not None
            assert box["height"] >= 44
        if language == "en":
            await judge.look(page, "menu", languages=("en",), ready=".places")
        await menu.focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await page.wait_for_url(demo["home"] + "track")
        await expect(places).to_be_hidden()
        await page.set_viewport_size(DESKTOP)
        await expect(places.locator("[aria-current=page]")).to_have_attribute("href", "/track")
        await expect(menu).to_be_hidden()
        await context.close()
    await signed_in.leave()
    assert judge.found == [], "\n".join(judge.found)


async def test_axe_finds_nothing_on_the_pages_beside_the_session(
    demo: Demo, browser: Browser, judge: Judge, figures: list[str]
) -> None:
    asker, moderator = (
        await Person.arrive(browser, demo["room"], phone=True),
        await Person.arrive(browser, demo["desk"]),
    )
    office, page = await Person.arrive(browser, demo["office"], phone=True), asker.page
    for asked in ASKED:
        await ask(asker, *asked)
    desk = moderator.page
    await desk.locator("[data-column=pending] .desk-card").first.focus()
    for name, letter in (("merge", "m"), ("tag", "t"), ("assign", "g")):
        await desk.keyboard.press(letter)
        await judge.look(desk, f"desk, {name}", ready=f"#{name}-dialog", languages=("zh",))
        await desk.keyboard.press("Escape")
        await expect(desk.locator("dialog[open]")).to_have_count(0)
    await desk.locator("[data-column=pending] .desk-card").first.focus()
    await desk.keyboard.press("x")
    await desk.keyboard.press("s")
    await judge.look(desk, "desk, selection and shield", ready="#bulk-count", languages=("zh",), wide=True)
    await desk.goto(demo["room"] + "/prompter")
    await judge.look(desk, "prompter", ready="#now-text")
    await desk.goto(demo["room"] + "/operator")
    await judge.look(desk, "operator", ready="#text")
    await desk.fill("#text", "电话里问：几点停航？")
    await desk.check("[name=consent]")
    await desk.click("main button.main")
    await desk.wait_for_url("**/slips/**")
    await judge.look(desk, "slip", ready=".slip")
    for path, name in (("words", "word lists"), ("words/advertising", "word list")):
        await office.page.goto(urljoin(demo["home"], f"/office/{path}"))
        await judge.look(office.page, name, ready="h1")
    await page.goto(demo["room"] + "/figures")
    await judge.look(page, "figures", public=True, ready="h1")
    await page.goto(urljoin(demo["home"], "/verify"))
    await judge.look(page, "verify", public=True, ready="h1")
    figures.append(f"axe looked at {len(judge.seen)} more pages: {', '.join(judge.seen)}")
    assert judge.found == [], "\n".join(judge.found)
    assert asker.errors == moderator.errors == office.errors == []


async def test_the_room_is_used_with_the_keyboard_alone(demo: Demo, browser: Browser) -> None:
    moderator = await Person.arrive(browser, demo["desk"])
    neighbour, viewer = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["room"])
    page = viewer.page
    for asked in ASKED[:2]:
        await ask(neighbour, *asked)
        await key(moderator, "pending", asked[0], "p")
    await expect(page.locator("#question-list .question")).to_have_count(2)

    await page.keyboard.press("Tab")
    await expect(focused(page)).to_have_text("跳到主要内容")
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await tab_to(page, "#text")
    await page.keyboard.type("几点开船？")
    await ask(neighbour, *ASKED[2])
    await key(moderator, "pending", ASKED[2][0], "p")
    await expect(page.locator("#question-count")).to_have_text("3")
    await expect(page.locator("#text"), "an update takes the focus away").to_be_focused()
    await page.keyboard.type("谢谢。")
    await tab_to(page, "#send")
    await page.keyboard.press("Enter")
    await expect(page.locator("#asked")).to_contain_text("已收到，编号")
    await expect(page.locator("#mine-list")).to_contain_text("几点开船？谢谢。")

    await tab_to(page, "[data-act=second]")
    row = page.locator("#question-list .question", has=focused(page))
    words = await row.locator(".text").inner_text()
    await page.keyboard.press("Space")
    await expect(focused(page)).to_have_attribute("aria-pressed", "true")
    # Seconded by two, the last one rises to the top; queued, the one in focus rises above it.
    await key(moderator, "published", words, "q")
    await expect(row).to_contain_text("排队中")
    await expect(row.locator(".text")).to_have_text(words)
    await expect(focused(page)).to_have_attribute("data-act", "second")

    await page.evaluate("document.activeElement.blur()")
    await tab_to(page, "[data-act=withdraw]")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog[open]")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(focused(page)).to_have_attribute("data-act", "withdraw")
    await page.keyboard.press("Enter")
    await expect(page.locator("dialog[open]")).to_be_visible()
    await tab_to(page, "button[value=yes]")
    await page.keyboard.press("Space")
    await expect(page.locator("#mine-list")).to_contain_text("您已撤回这个提问")
    await expect(page.locator("#mine-list a"), "the focus is lost with the button").to_be_focused()

    await page.reload()
    await expect(page.locator("#link")).to_have_attribute("data-link", "online")
    assert await walk(page) == []
    assert viewer.errors == []


QUICK_FINGERS = """async () => {
  const entry = document.querySelector('script[src$="js/pages/room.js"]').src;
  const { ask } = await import(entry.replace('pages/room.js', 'lib/dom.js'));
  const dialog = document.getElementById('confirm');
  const press = (answer) => dialog.querySelector(`button[value=${answer}]`).click();
  const leave = [() => press('no'), () => dialog.close(), () => press('yes'), () => press('no'), () => press('yes')];
  // Each is opened in the same breath in which the one before is left, long before the browser tells of its close.
  const answers = leave.map((how) => { const answer = ask(dialog); how(); return answer; });
  return Promise.all(answers);
}"""


async def test_a_question_asked_again_at_once_keeps_its_own_answer(demo: Demo, browser: Browser) -> None:
    viewer = await Person.arrive(browser, demo["room"])
    assert await viewer.page.evaluate(QUICK_FINGERS) == [False, False, True, False, True]


async def test_the_desk_is_used_with_the_keyboard_alone(demo: Demo, browser: Browser) -> None:
    asker, moderator = await Person.arrive(browser, demo["room"]), await Person.arrive(browser, demo["desk"])
    office = await Person.arrive(browser, demo["office"])
    await office.page.goto(demo["room"] + "/desk")
    for asked in ASKED:
        await ask(asker, *asked)
    page, press = moderator.page, moderator.page.keyboard.press
    first, second, third, fourth = (text for text, _, _ in ASKED)

    def column(name: str) -> Locator:
        return page.locator(f"[data-column={name}]")

    await expect(column("pending").locator(".desk-card")).to_have_count(4)
    # What is similar is grouped a moment later: a button that comes while somebody tabs past its place is not reached.
    await expect(page.get_by_role("button", name="选中关于")).to_have_count(1)
    assert await walk(page) == []
    await page.reload()
    await expect(column("pending").locator(".desk-card")).to_have_count(4)

    await press("j")
    await expect(focused(page)).to_contain_text(first)
    await press("ArrowDown")
    await press("k")
    await expect(focused(page)).to_contain_text(first)
    # Others work on the same question, and on another: the focus stays.
    await office.page.locator("[data-column=pending] .desk-card", has_text=first).focus()
    await office.page.keyboard.press("e")
    await office.page.fill("#edit-text", first + "（改）")
    await office.page.click("#edit-dialog button[value=yes]")
    await expect(focused(page)).to_contain_text("（改）")
    await key(office, "pending", fourth, "p")
    await expect(column("published")).to_contain_text(fourth)
    await expect(focused(page)).to_contain_text("（改）")
    await key(office, "pending", "（改）", "p")
    await expect(column("published").locator(":focus")).to_contain_text("（改）")

    await press("q")
    await expect(column("queued")).to_contain_text("（改）")
    await expect(focused(page), "the work goes on with the next one").to_contain_text(fourth)
    await press("q")
    await expect(column("queued").locator(":focus")).to_contain_text(fourth)
    await press("Shift+ArrowUp")
    await expect(column("queued").locator(".desk-card").first).to_contain_text(fourth)
    await expect(focused(page)).to_contain_text(fourth)
    await press("u")
    await expect(column("published")).to_contain_text(fourth)
    await expect(column("queued").locator(":focus")).to_contain_text("（改）")

    await press("/")
    await expect(page.locator("#search")).to_be_focused()
    await page.keyboard.type("码头")
    await expect(column("pending").locator(".desk-card")).to_have_count(1)
    await press("Escape")
    await tab_to(page, "[data-column=pending] [data-act=refuse]")
    await press("Enter")
    await expect(page.locator("#refuse-dialog :focus")).to_have_count(1)
    await press("3")
    await press("Enter")
    await expect(column("done")).to_contain_text("广告")
    await press("/")
    await press("Control+a")
    await press("Delete")
    await press("Escape")
    await tab_to(page, "[data-column=pending] .desk-card")
    await expect(focused(page)).to_contain_text(second)
    await press("e")
    await expect(page.locator("#edit-text")).to_be_focused()
    await press("End")
    await page.keyboard.type("请答复。")
    await tab_to(page, "#edit-dialog button[value=yes]")
    await press("Enter")
    await expect(focused(page)).to_contain_text("请答复。")
    await tab_to(page, "[data-act=publish]")
    await press("Space")
    await expect(column("published").locator(":focus")).to_contain_text("请答复。")
    await press("?")
    await expect(page.locator("#keys-dialog")).to_be_visible()
    await press("Escape")
    await expect(focused(page)).to_contain_text("请答复。")
    assert third not in await column("pending").inner_text()
    assert moderator.errors == []


# To the browser even a look of this test is a gesture, after which pages may play sound without being asked.
UNTOUCHED = "Object.defineProperty(navigator, 'userActivation', { value: { hasBeenActive: false } });"


async def test_what_had_the_focus_hands_it_on_when_it_goes(demo: Demo, browser: Browser) -> None:
    deputy = await Person.arrive(browser, demo["studio"])
    viewer = await Person.arrive(browser, demo["room"], script=UNTOUCHED)
    office = await Person.arrive(browser, demo["office"])
    await office.page.goto(demo["room"] + "/desk")
    await expect(deputy.page.locator("#go-live")).to_be_enabled()
    await tab_to(deputy.page, "#go-live")
    await deputy.page.keyboard.press("Enter")
    await expect(deputy.page.locator("#state")).to_have_text("直播中")
    await expect(deputy.page.locator("#mute")).to_be_focused()
    await expect(viewer.page.locator("#sound")).to_be_visible()
    await tab_to(viewer.page, "#sound")
    await viewer.page.keyboard.press("Enter")
    await expect(viewer.page.locator("#audio-only")).to_be_focused()
    await expect(office.page.locator("#cut")).to_be_visible()
    await tab_to(office.page, "#cut")
    await office.page.keyboard.press("Enter")
    await expect(office.page.locator("#cut-reason")).to_be_focused()
    await office.page.keyboard.type("跑题")
    await office.page.keyboard.press("Enter")
    await expect(office.page.locator("#resume")).to_be_focused()
    await expect(viewer.page.locator("#holding-more")).to_have_text("跑题")


async def test_axe_finds_nothing_on_the_pages_of_those_who_follow(
    demo: Demo, browser: Browser, judge: Judge, figures: list[str]
) -> None:
    follower = await Person.arrive(browser, urljoin(demo["home"], "/suggestions?state=open"), phone=True)
    office, page = await Person.arrive(browser, demo["office"]), follower.page
    await page.locator("main a[href^='/suggestions/']").first.click()
    suggestion = page.url
    for way, fields, button in (
        ("station", {"place": "西屿联络站"}, "form[action^='/following/'] button"),
        ("feed", {}, "form[action^='/following/'] button"),
        ("mail", {"contact": "wang@example.org"}, "#code"),
    ):
        await page.goto(suggestion)
        await page.locator("#follow summary").click()
        await page.check(f"#follow [name=way][value={way}]")
        # What does not belong to the way is not in the way.
        for name, shown in (("contact", way == "mail"), ("place", way == "station")):
            await expect(page.locator(f"#follow-{name}")).to_be_visible(visible=shown)
        await judge.look(page, f"follow by {way}", public=True, ready="#follow", languages=("zh",))
        for name, value in fields.items():
            await page.fill(f"#follow [name={name}]", value)
        await page.click("#follow button.main")
        await page.wait_for_url("**/following/*")
        await judge.look(page, f"following by {way}", public=True, ready=button)
    for name in ("deliveries", "deliveries?state=sent"):
        await office.page.goto(urljoin(demo["home"], f"/office/{name}"))
        await judge.look(office.page, name, ready="h1")
    await page.goto(f"{suggestion}/poster")
    await judge.look(page, "poster", public=True, ready="#print")
    figures.append(f"axe looked at {len(judge.seen)} more pages: {', '.join(judge.seen)}")
    assert judge.found == [], "\n".join(judge.found)
    assert follower.errors == office.errors == []
