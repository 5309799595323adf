"""The Chromium of the machine, driven over its own protocol."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

PLACE = shutil.which("chromium") or shutil.which("chromium-browser") or ""
# Nothing of a browser's own errands: they would be refused one by one, and take longer than the tests.
_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PLACE, args=_QUIET)
        yield browser
        browser.close()
