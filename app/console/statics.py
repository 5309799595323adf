"""The style sheet, the script and the icon, each under an address that changes with what it holds."""

import hashlib
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from app.errors import NotFound

router = APIRouter(include_in_schema=False)
_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    "console.css": "text/css; charset=utf-8",
    "console.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_FILES = {name: (_FOLDER / name).read_bytes() for name in _TYPES}
_DIGESTS = {name: hashlib.sha256(held).hexdigest()[:12] for name, held in _FILES.items()}
_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


def address(name: str) -> str:
    """Where the file is found, as it is now."""
    return f"/console/{_DIGESTS[name]}/{name}"


@router.get("/console/{digest}/{name}")
def read_file(digest: str, name: str) -> Response:
    """The file; one of another version is not kept, as the next page asks for the right one."""
    if name not in _TYPES:
        raise NotFound(f"there is nothing at /console/{digest}/{name}")
    headers = _KEPT if digest == _DIGESTS[name] else {}
    return Response(_FILES[name], media_type=_TYPES[name], headers=headers)
