"""A server in a process of its own: feeds that answer after 100 ms, and a websocket that talks fast."""

import asyncio
import json
import multiprocessing
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

LATENCY = 0.1


@contextmanager
def feeds() -> Iterator[str]:
    """Address of a server whose every path is a feed with a new post each minute."""
    with _process(_serve_feeds) as port:
        yield f"http://127.0.0.1:{port}"


@contextmanager
def microphone(words: list[str], rate: int) -> Iterator[str]:
    """Address of a websocket that says so many posts a second, as Jetstream does."""
    with _process(_serve_stream, words, rate) as port:
        yield f"ws://127.0.0.1:{port}"


@contextmanager
def _process(target: Any, *arguments: Any) -> Iterator[int]:  # noqa: ANN401 - a function of this file
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=target, args=(there, *arguments), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def _serve_feeds(pipe: Any) -> None:  # noqa: ANN401 - a pipe
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                name = head.split(b" ", 2)[1].decode().strip("/")
                await asyncio.sleep(LATENCY)
                body = _feed(name)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/feed+json\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1_000)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def _feed(name: str) -> bytes:
    minute = int(time.time() // 60)  # noqa: TID251 - the far end has a clock of its own
    items = [
        {
            "id": f"{name}-{m}",
            "content_text": f"Somebody says something of brand{name.partition('-')[2]} again",
            "date_published": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(m * 60)),
        }
        for m in range(minute, minute - 5, -1)
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": name, "items": items}
    return json.dumps(feed).encode()


def _serve_stream(pipe: Any, words: list[str], rate: int) -> None:  # noqa: ANN401 - a pipe
    rng = random.Random(3)
    texts = [" ".join(rng.choices(words, k=18)) for _ in range(5_000)]

    async def talk(line: ServerConnection) -> None:
        said, began = 0, time.time()  # noqa: TID251
        while True:
            due = int((time.time() - began) * rate)  # noqa: TID251
            while said < due:
                try:
                    await line.send(_frame(said, texts[said % len(texts)]))
                except ConnectionClosed:
                    return
                said += 1
            await asyncio.sleep(0.005)

    async def main() -> None:
        async with serve(talk, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            await server.serve_forever()

    asyncio.run(main())


def _frame(number: int, text: str) -> str:
    now = time.time()  # noqa: TID251
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now * 1000) % 1000:03}Z"
    record = {"$type": "app.bsky.feed.post", "createdAt": stamp, "langs": ["fr"], "text": text}
    commit = {
        "rev": f"3m{number}", "operation": "create", "collection": "app.bsky.feed.post",
        "rkey": f"3m{number}", "record": record, "cid": f"bafy{number}",
    }  # fmt: skip
    did = f"did:plc:{number % 50_000:024}"
    return json.dumps({"did": did, "time_us": int(now * 1e6), "kind": "commit", "commit": commit})
