import ast
import inspect
from importlib import import_module

import pytest

from app.channels.apprise.gateway import Gateway
from app.channels.apprise.services import SERVICES, Unusable, _loaded, open_plugin, service_of
from app.channels.apprise.transport import flaw

TOKEN = "tk-never-to-be-seen"
TEAMS = (
    "https://prod-1.westeurope.logic.azure.com:443/workflows/aa/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers&sv=1.0&sig=abc"
)
# Modules by which a plugin could reach the world, this machine or another process, past the gateway.
WAYS_OUT = {
    "socket", "ssl", "http", "urllib.request", "urllib3", "smtplib", "ftplib", "telnetlib", "asyncio",
    "httpx", "subprocess", "ctypes", "multiprocessing", "websocket", "websockets", "paho",
    "slixmpp", "dbus", "syslog",
}  # fmt: skip


def test_each_service_is_loaded_by_its_schemes_and_is_told_by_the_gateway_alone() -> None:
    """Whatever a newer apprise does: its plugins find our gateway, and no other way out."""
    for service in SERVICES:
        kind, _ = _loaded(service)
        assert kind.schemas(kind) == set(service.schemes), service.name
        module = import_module(kind.__module__)
        assert isinstance(module.requests, Gateway), service.name
        tree = ast.parse(inspect.getsource(module))
        used = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "requests"
        }
        assert all(hasattr(Gateway, name) for name in used), (service.name, used)
        imported = {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        imported |= {
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
        }
        assert not {name for name in imported if name in WAYS_OUT or name.split(".")[0] in WAYS_OUT}, (
            service.name
        )


@pytest.mark.parametrize(
    "url",
    ["", "on-call", "ntfys", "mailto://a:b@c.example", "syslog://", "file:///etc/passwd", "dbus://", "rsyslog://h",
     "exec://x", "https://evil.example/hook", "https://ntfy.sh.evil.example/x", "slack://a/b/c", "http://[::1/x"],
)  # fmt: skip
def test_what_is_on_no_list_is_refused(url: str) -> None:
    with pytest.raises(Unusable, match="name of"):
        service_of(url)


def test_an_address_that_a_service_hands_out_is_taken_as_it_is() -> None:
    for url, name in (
        ("https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnop", "Discord"),
        (TEAMS, "Microsoft Teams"),
        ("https://chat.googleapis.com/v1/spaces/AAA/messages?key=k&token=t", "Google Chat"),
        ("https://ntfy.sh/on-call", "ntfy"),
    ):  # fmt: skip
        service = service_of(url)
        assert service.name == name
        assert open_plugin(url, service) is not None


def test_an_operator_cannot_loosen_the_guard_nor_reach_files() -> None:
    for chosen in ("verify=no", "redirect=yes", "template=/etc/passwd", "rto=900", "retry=9", "store=yes"):
        assert flaw(f"ntfy://h.example/t?{chosen}") == (
            f"may not set {chosen.split('=')[0]}: Tocsin sees to that; leave it out"
        )
    assert flaw("ntfy://h.example/t?priority=max") is None


def test_what_is_wrong_is_said_without_the_url() -> None:
    for url in (f"twilio://{TOKEN}", f"discord://{TOKEN}", f"msgbird://{TOKEN}", "pagerduty://"):
        said = flaw(url) or ""
        assert "its forms: {schema}://" in said, url
        assert TOKEN not in said


def test_a_channel_has_one_recipient() -> None:
    assert flaw("ntfy://h.example/one/two") == (
        "names 2 recipients: give one to a channel, and make a channel for each"
    )


def test_outside_of_a_call_no_plugin_reaches_the_world() -> None:
    url = "ntfy://127.0.0.1:9/t"
    assert open_plugin(url, service_of(url)).notify(title="a", body="b") is False
