"""The pages in a real browser: by keyboard, without a script, in both languages, on a phone and on a wall."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from threading import Thread
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from app.admin import incidents, people, sign_in
from app.admin.team_specs import PersonSpec
from app.main import create_app
from app.runtime import Runtime
from tests.console.chromium import PLACE, chromium
from tests.console.conftest import Clock, furnish, link_for
from tests.standins.patience import HANG, until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
    pytest.mark.skipif(not PLACE and not os.environ.get("CI"), reason="there is no Chromium on this machine"),
]
PAGES = """
    /reports /reports/fires/1 /reports/watches/1
    /mentions /mentions?q=danone&tag=x /watches /watches/1 /watches/new /watches/1/sensitivity /calendar
    /duty /duty/new
    /listening /listening/find /listening/new /listening/new?kind=rss /listening/1
    /channels /channels/new?kind=email /channels/1 /people /people/1 /people/new /audit
    /keys /keys/new /keys/1 /teams /teams/1
"""
SIZES = {"phone": (390, 844), "desk": (1280, 900)}
WORDS = {
    "en": {
        "take": "I take it",
        "burns": "1 fire burns",
        "mine": "Acknowledged by Léa",
        "in": "Sign in",
        "holds": "What a post must hold",
    },
    "fr": {
        "take": "Je m’en occupe",
        "burns": "1 feu brûle",
        "mine": "Léa",
        "in": "Se connecter",
        "holds": "Ce qu’une publication doit contenir",
    },
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@contextmanager
def _serving(runtime: Runtime) -> Iterator[str]:
    """The service on a port of its own, as `tocsin serve` has it, without a beat."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        config = uvicorn.Config(
            create_app(nullcontext(runtime)), log_config=None, timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until(lambda: server.started)
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(HANG)


@pytest.fixture
def address(runtime: Runtime) -> Iterator[str]:
    with _serving(runtime) as address:
        yield address


Opens = Callable[..., Page]


@pytest.fixture
def opens(browser: Browser, address: str, runtime: Runtime, clock: Clock) -> Iterator[Opens]:
    """Signs Léa in, in a browser of a size and a language, and looks that nothing goes wrong in it."""
    wrong: list[str] = []
    contexts: list[BrowserContext] = []

    def enter(language: str = "en", size: str = "desk", **more: Any) -> Page:  # noqa: ANN401 - of Playwright
        width, height = SIZES[size]
        with runtime.sessions.begin() as session:
            spec = PersonSpec.model_validate({"name": "Léa", "role": "admin", "language": language})
            people.create(session, spec, by="test", now=clock.at)
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale=language, base_url=address, **more
        )
        context.set_default_timeout(HANG * 1000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said) else None)
        page.on("request", lambda sent: None if sent.url.startswith(address) else wrong.append(sent.url))
        page.goto(link_for(runtime, "Léa", now=clock.at))
        page.get_by_role("button", name=WORDS[language]["in"]).click()
        page.wait_for_url("/")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert wrong == []


def _is_wrong(said: ConsoleMessage) -> bool:
    """What the tests bring about themselves is none: no connection, and a slip in a form."""
    meant = "ERR_INTERNET_DISCONNECTED" in said.text or "status of 422" in said.text
    return said.type == "error" and not meant


def _holds(page: Page) -> None:
    """What holds for each page: nothing serious for who cannot see or point, and no scrolling sideways."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
    small = """[...document.querySelectorAll("button, select, input:not([type=hidden]), summary")]
        .filter(one => one.offsetParent).map(one => [one.outerHTML, one.getBoundingClientRect().height])
        .filter(([_, height]) => height < 24)"""
    assert page.evaluate(small) == [], "too small to hit (WCAG 2.5.8)"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_from_the_sign_in_to_a_fire_that_is_taken_by_keyboard_alone(
    opens: Opens, fire: int, language: str, size: str
) -> None:
    said = WORDS[language]
    page = opens(language, size, color_scheme="dark" if size == "phone" else "light")
    expect(page.locator("h1")).to_contain_text(said["burns"])
    assert page.locator("html").get_attribute("lang") == language
    _holds(page)
    _tab_to(page, "Danone")
    page.keyboard.press("Enter")
    page.wait_for_url(f"/fires/{fire}")
    _holds(page)
    _tab_to(page, said["take"])
    page.keyboard.press("Enter")
    page.wait_for_url(f"/fires/{fire}?done=acknowledge")
    expect(page.locator("#head")).to_contain_text(said["mine"])
    _holds(page)
    page.set_viewport_size({"width": 320, "height": 640})
    for path in ("/", f"/fires/{fire}"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def _tab_to(page: Page, text: str) -> None:
    """Press Tab until what has that text is in focus, and seen to be."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == text:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", "nobody would see where they are"
            return
    pytest.fail(f"no way leads to {text!r} by keyboard")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_page_holds(opens: Opens, runtime: Runtime, fire: int, language: str, size: str) -> None:
    page = opens(language, size, color_scheme="light" if size == "phone" else "dark")
    furnish(runtime)
    for path in PAGES.split():
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        _holds(page)
    page.goto("/calendar")
    page.locator("#event summary").click()
    page.locator("#silence summary").click()
    _holds(page)
    page.goto("/reports/fires/1")
    page.locator("#words summary").click()
    page.locator("#share summary").click()
    _holds(page)
    page.locator("#share form button").click()
    _holds(page)
    page.goto("/shared/" + page.locator("#link").input_value().rpartition("/")[2])
    assert page.locator("nav").count() == 0
    _holds(page)
    page.goto("/watches/new")
    page.get_by_label(WORDS[language]["holds"]).fill("burns AND")
    page.locator("button[name=try]").click()
    expect(page.locator("#query-wrong")).to_be_visible()
    _holds(page)
    page.get_by_label(WORDS[language]["holds"]).fill("burns")
    page.locator("button[name=try]").click()
    expect(page.locator("#trial blockquote")).to_have_text("Danone burns")
    _holds(page)
    assert fire


def test_a_fire_is_taken_without_a_script(opens: Opens, fire: int) -> None:
    page = opens(java_script_enabled=False)
    page.get_by_role("link", name="Danone").click()
    page.get_by_role("button", name="I take it").click()
    page.wait_for_url(f"/fires/{fire}?done=acknowledge")
    page.get_by_label("In a sentence").fill("We answer")
    page.get_by_role("button", name="Write").click()
    assert "We answer" in page.locator("#more").inner_text()


def test_an_open_page_follows_what_happens_and_says_when_it_cannot(
    opens: Opens, runtime: Runtime, fire: int, clock: Clock
) -> None:
    page = opens()
    page.clock.install()
    page.reload()
    link = page.get_by_role("link", name="Danone")
    link.focus()
    with runtime.sessions.begin() as session:
        incidents.acknowledge(session, fire, by="Max", now=clock.at)
    expect(page.locator("#tiles")).to_contain_text("in the hands of Max", timeout=HANG * 1000)
    expect(link).to_be_focused()
    expect(page.locator("#stale")).to_be_hidden()
    page.context.set_offline(True)
    page.clock.run_for(62_000)
    expect(page.locator("#stale")).to_be_visible(timeout=HANG * 1000)
    page.context.set_offline(False)
    page.clock.run_for(62_000)
    expect(page.locator("#stale")).to_be_hidden(timeout=HANG * 1000)


def test_the_pages_of_signing_in_and_of_what_is_wrong_hold_too(
    browser: Browser, address: str, runtime: Runtime
) -> None:
    for language in ("en", "fr"):
        context = browser.new_context(
            locale=language, base_url=address, viewport={"width": 390, "height": 844}
        )
        page = context.new_page()
        with runtime.sessions.begin() as session:
            first = sign_in.first_link(session, now=runtime.now())
        for path in ("/sign-in", f"/sign-in/{first}", "/sign-in/x", "/shared/x"):
            page.goto(path)
            assert page.locator("html").get_attribute("lang") == language
            _holds(page)
        context.close()
