"""A real browser at the real application: Chromium, where there is one."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import BrowserContext, Page, async_playwright

from deploy.local.ports import find_free_port
from libs.chassis.testing import ServiceDatabase
from services.identity.tests.conftest import Start

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
PATIENCE_MILLISECONDS = 120_000
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--no-first-run"]


@dataclass
class Site:
    """The running application at its own address, and what a browser noticed there."""

    app: FastAPI
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)


@pytest.fixture
async def site(start: Start, database: ServiceDatabase) -> AsyncIterator[Site]:
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    port = find_free_port()
    url = f"http://localhost:{port}"
    app = await start(issuer=url)
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (the server says so by a flag)
        await asyncio.sleep(0.02)
    yield Site(app, url)
    server.should_exit = True
    await running


@pytest.fixture
async def page(site: Site) -> AsyncIterator[Page]:
    """Give a page that notes every request and every complaint of the browser."""
    async with a_browser(site) as context:
        yield await context.new_page()


@asynccontextmanager
async def a_browser(site: Site, **options: Any) -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = await browser.new_context(base_url=site.url, **options)
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.on("request", lambda request: site.requests.append(request.url))
        context.on("console", lambda said: _note(site, said))
        yield context
        await browser.close()


def _note(site: Site, said: Any) -> None:
    # A refused form answers 4xx, which Chromium calls an error of the network.
    if said.type in ("error", "warning") and "status of 4" not in said.text:
        site.complaints.append(f"{said.type}: {said.text}")


def strangers(site: Site) -> list[str]:
    """Return the requests that went to anyone but us."""
    ours = urlsplit(site.url).netloc
    return [url for url in site.requests if urlsplit(url).netloc not in (ours, "")]
