"""Choosing one of many organizations: by keyboard, by ear, without script, in both languages."""

from __future__ import annotations

from urllib.parse import urlencode

from services.identity.tests.factories import OPERATOR, a_ministry, a_user
from services.identity.tests.pages.conftest import Site, a_browser, strangers
from services.identity.tests.pages.test_sign_in_pages import SMALL, look_at, people, sign_in

WAITING = "/oauth2/authorize?client_id=bmms-cli"
CHOOSER = f"/account/organization?{urlencode({'continue': WAITING})}"
SEVEN = dict.fromkeys(("MOH", "MOLE", "MAFAR", "OOBC", "OCM", "MFBM", "ONE"), "viewer")


async def test_one_of_many_organizations_is_found_by_keyboard_without_script(site: Site) -> None:
    async with people(site).unit_of_work(OPERATOR) as uow:
        uow.session.add_all(a_ministry(code) for code in ("ONE", "TWO"))
    await a_user(people(site), "few@moh.example", **SEVEN)
    await a_user(people(site), "many@moh.example", **SEVEN, TWO="viewer")
    async with a_browser(site, viewport=SMALL, java_script_enabled=False) as context:
        page = await context.new_page()
        await sign_in(page, "few@moh.example")
        await page.goto(CHOOSER)
        assert await page.locator(".choices a").count() == 7
        assert await page.locator("#search").count() == 0
        await context.clear_cookies()
        await sign_in(page, "many@moh.example")
        await look_at(page, f"{CHOOSER}&search=nothing", CHOOSER)
        assert await page.locator(".choices a").count() == 8
        heard = await page.locator("main").aria_snapshot()
        assert "- search:" in heard
        assert 'searchbox "Search by name or code"' in heard
        await page.focus("#search")
        await page.keyboard.type("HEALTH min")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**search=HEALTH+min")
        assert (await page.title()).startswith("Found: 1 of 8")
        assert await page.evaluate("document.activeElement.innerText") == "Found: 1 of 8"
        await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        chosen = "document.activeElement.getAttribute('href')"
        assert await page.evaluate(chosen) == f"{WAITING}&organization=MOH"
        await page.click("footer a")
        assert await page.inner_text("main h2") == "Nakita: 1 sa 8"
        await page.fill("#search", "wala")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**search=wala")
        assert await page.locator(".choices").count() == 0
        await page.click("text=Ipakita lahat")
        assert await page.locator(".choices a").count() == 8
    assert strangers(site) == []
    assert site.complaints == []
