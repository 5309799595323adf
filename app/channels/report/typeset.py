"""Sets a report as a PDF: a program of its own, so that nothing waits for it and nothing else pays for it.

It is run by `app.channels.report.pdf`, reads {"data": …, "svg": …} as JSON and writes the PDF. It sees a
folder with three files, and no network. What no font here has a sign for is shown as a box, and said.
"""

import json
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

_BOX = "\u25a1"
_TRIES = 4  # each finds the signs that the one before had hidden
_MISSING = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_RUST = re.compile(r"\\u\{([0-9a-fA-F]+)\}|\\(.)")
_UNSEEN = dict.fromkeys((0x200C, 0x200D, 0xFE0E, 0xFE0F, 0x2066, 0x2067, 0x2068, 0x2069))  # they join signs


def set_type(folder: Path, data: dict[str, Any], svg: str, *, says: str) -> bytes:
    """The PDF, tagged for readers that read it aloud (PDF/UA-1); `says`: what boxes stand for.

    A typst.TypstError says what is wrong with the template.
    """
    import typst  # noqa: PLC0415 - 80 MB, in this program alone

    source = folder / "report.typ"
    for left in reversed(range(_TRIES)):
        (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
        (folder / "curve.svg").write_text(svg, encoding="utf-8")
        compiler = typst.Compiler(source, root=folder, package_path=folder, package_cache_path=folder)
        try:
            # Untagged in the end rather than not at all: a sign that is missing keeps nobody from the report.
            made = compiler.compile(format="pdf", pdf_standards=["ua-1"] if left else [])
        except typst.TypstError as error:
            missing = set(_signs(error.diagnostic))
            if not missing or not left:
                raise
            signs = str.maketrans(dict.fromkeys(missing, _BOX)) | _UNSEEN
            data, svg = _without(data, signs), svg.translate(signs)
            data["signs"] = says
        else:
            assert isinstance(made, bytes)  # noqa: S101 - says so to the type checker
            return made
    raise AssertionError  # the last try is made or raises


def _signs(diagnostic: str) -> Iterator[str]:
    """The characters that no font had a sign for."""
    for found in _MISSING.finditer(diagnostic):
        yield from _RUST.sub(lambda one: chr(int(one[1], 16)) if one[1] else one[2], found[1])


def _without(value: Any, signs: dict[int, Any]) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return value.translate(signs)
    if isinstance(value, dict):
        return {key: one if key == "url" else _without(one, signs) for key, one in value.items()}
    return [_without(one, signs) for one in value] if isinstance(value, list) else value


def main() -> None:
    """Read the job, write the PDF; what is wrong goes to standard error."""
    _bound()
    job = json.loads(sys.stdin.buffer.read())
    with tempfile.TemporaryDirectory(prefix="tocsin-report-") as made:
        folder = Path(made)
        (folder / "report.typ").write_text(job["template"], encoding="utf-8")
        sys.stdout.buffer.write(set_type(folder, job["data"], job["svg"], says=job["says"]))


def _bound() -> None:
    """Take no more memory and time than a report is worth, where the system can hold us to it."""
    try:
        import resource  # noqa: PLC0415 - not everywhere
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, 2 << 30), (resource.RLIMIT_CPU, 60)):
        with suppress(ValueError, OSError):  # it is held to less already, or the system knows no such bound
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
