"""Clients that say exactly what they are told, and many of them at once."""

import asyncio
import socket
import subprocess
import time

import harness
from harness import Response


def dechunk(data):
    """A chunked body's content, None if it is not complete."""
    chunks, position = [], 0
    while (end := data.find(b"\r\n", position)) >= 0:
        size = int(data[position:end].split(b";")[0], 16)
        if size == 0:
            return b"".join(chunks) if data.startswith(b"\r\n\r\n", end) else None
        chunks.append(data[end + 2 : end + 2 + size])
        position = end + 2 + size + 2
    return None


class Answer(Response):
    """A response as it came over a connection that was read to its end; `complete` tells if its framing
    says so too."""

    def __init__(self, raw, head_only=False):
        self.raw = raw
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = [
            tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "") for line in lines[1:]
        ]
        super().__init__(int(lines[0].split(" ")[1]), headers, rest)
        self.version = lines[0].split(" ")[0]
        self.complete = True
        if head_only:
            return
        if self.header("Transfer-Encoding") == "chunked":
            body = dechunk(rest)
            self.complete = body is not None
            self.body = body if self.complete else rest
        elif self.header("Content-Length") is not None:
            self.complete = len(rest) == int(self.header("Content-Length"))


def request(path="/", headers=None, method="GET", version="1.1", close=True):
    lines = [f"{method} {path} HTTP/{version}", "Host: shop.example"]
    if close:
        lines.append("Connection: close")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def read_all(connection):
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def exchange(port, data, timeout=harness.PATIENCE):
    """Sends bytes, gives everything that came back until the server closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as connection:
        connection.sendall(data)
        return read_all(connection)


def ask(server, path="/", headers=None, method="GET", version="1.1"):
    return Answer(exchange(server.port, request(path, headers, method, version)), head_only=method == "HEAD")


# Which worker has answered (SHOW of shop.py says so too).
SHOW_WORKER = "add_header X-Worker $pid always;"


def wait_for_every_worker(server, is_right, what, asked=None):
    """Until the last answer of each worker to `asked` (bytes) was right; who answers is told by SHOW_WORKER. So many
    visitors in a row that got the right answer prove nothing: on a busy machine one worker may take them all."""
    last = {}

    def all_right():
        for answer in swarm(server, [asked or request()] * 8, parallel=8):
            if isinstance(answer, Answer):
                last[int(answer.header("X-Worker"))] = is_right(answer)
        return all(last.get(pid) for pid in server.accepting_pids())

    harness.wait_until(all_right, what)


class Slow:
    """A client that has asked and does not read."""

    sockets = []  # of all of them

    @classmethod
    def leave(cls):
        """All that are still there: a server that is told to stop waits for them."""
        while cls.sockets:
            cls.sockets.pop().close()

    def __init__(self, server, path, headers=None):
        self.socket = socket.socket()
        self.sockets.append(self.socket)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", server.port))
        self.socket.sendall(request(path, headers))

    def peek(self):
        """The beginning of the answer."""
        return self.socket.recv(2048, socket.MSG_PEEK)

    def read(self):
        """The answer's body, now."""
        with self.socket:
            return Answer(read_all(self.socket)).body


def timed(server, path="/", headers=None):
    """(answer, milliseconds)"""
    start = time.monotonic()
    answer = ask(server, path, headers)
    return answer, (time.monotonic() - start) * 1000


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "-i", "--max-time", str(harness.PATIENCE), *arguments], capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def http2(server, path="/", headers=None, *options):
    """One request over HTTP/2, by curl."""
    arguments = [x for name, value in (headers or {}).items() for x in ("-H", f"{name}: {value}")]
    return Answer(
        curl("--http2-prior-knowledge", *arguments, *options, f"http://127.0.0.1:{server.http2_port}{path}")
    )


def swarm(server, requests, parallel=64, timeout=harness.PATIENCE):
    """Sends `requests` (bytes, each on a connection of its own), `parallel` at a time; gives an Answer or an
    exception for each, in their order."""

    async def one(data, gate):
        async with gate:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                try:
                    writer.write(data)
                    return Answer(await asyncio.wait_for(reader.read(), timeout))
                finally:
                    writer.close()
            except (OSError, asyncio.TimeoutError, IndexError) as error:
                return error

    async def all_of_them():
        gate = asyncio.Semaphore(parallel)
        return await asyncio.gather(*(one(data, gate) for data in requests))

    return asyncio.run(all_of_them())
