"""Sources that are pushed to, and what is brought to them."""

from typing import Any

from sqlalchemy import func, select
from starlette.testclient import TestClient

from app.models import Post
from app.runtime import Runtime
from app.sources.push.source import HEADER

POSTS = [
    {"id": str(n), "published_at": f"2026-11-22T09:0{n}:00Z", "text": f"glass in my yogurt {n}"}
    for n in range(3)
]


def bring(client: TestClient, source_id: int, body: bytes, signature: str | None) -> Any:  # noqa: ANN401
    headers = {HEADER: signature} if signature is not None else {}
    return client.post(f"/api/v1/sources/{source_id}/posts", content=body, headers=headers)


def count(runtime: Runtime) -> int:
    with runtime.sessions() as session:
        return session.scalar(select(func.count(Post.id))) or 0


TOOL = {
    "sender": "hmac",
    "header": "X-Hub-Signature",
    "prefix": "sha1=",
    "algorithm": "sha1",
    "posts": "documents",
    "answer": 200,
}

SECRET = "0123456789abcdef"


def tool(admin: TestClient, **settings: Any) -> int:  # noqa: ANN401 - whatever settings hold
    """The id of a source that a listening tool pushes to."""
    spec = {"name": "tool", "kind": "push", "settings": TOOL | settings, "secret": SECRET}
    made = admin.post("/api/v1/sources", json=spec)
    assert made.status_code == 201, made.text
    return int(made.json()["id"])
