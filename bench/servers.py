"""Servers to measure over HTTP, on a core of their own, and wrk on the other."""
import asyncio
import contextlib
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SERVER_CORE, CLIENT_CORE = 0, 1


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class SlowParts:
    """An upstream that takes `seconds` and a way to Redis that takes 1 ms, each in a thread of its own on the client's
    core: timers of one event loop are rounded up to whole milliseconds whenever something else happens in it."""

    def __init__(self, page, redis_socket, seconds):
        self.page, self.redis_socket, self.seconds = page, redis_socket, seconds
        self.upstream_port, self.redis_port = free_port(), free_port()
        for serve, port in ((self.upstream, self.upstream_port), (self.relay, self.redis_port)):
            ready = threading.Event()
            threading.Thread(target=self.run, args=(serve, port, ready), daemon=True).start()
            ready.wait(10)

    @staticmethod
    def run(serve, port, ready):
        os.sched_setaffinity(0, {CLIENT_CORE})
        loop = asyncio.new_event_loop()

        async def listen():
            await asyncio.start_server(serve, "127.0.0.1", port)
            ready.set()
        loop.create_task(listen())
        loop.run_forever()

    async def upstream(self, reader, writer):
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(self.page)}\r\n\r\n".encode()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await asyncio.sleep(self.seconds)
                writer.write(head + self.page)
        writer.close()

    async def relay(self, reader, writer):
        redis_reader, redis_writer = await asyncio.open_unix_connection(self.redis_socket)

        async def pump(source, target, delay):
            with contextlib.suppress(ConnectionError):
                while data := await source.read(65536):
                    await asyncio.sleep(delay)
                    target.write(data)
            target.close()
        await asyncio.gather(pump(reader, redis_writer, 0.001), pump(redis_reader, writer, 0))


class Servers:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="personalize-bench-"))
        self.processes = []

    def close(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, command, address):
        """Until it listens at `address`, a port or the path of a Unix socket. Its process."""
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as probe:
                if probe.connect_ex(address) == 0:
                    return process
            time.sleep(0.02)
        logs = "".join(path.read_text("utf-8", "replace") for path in self.folder.glob("*.log"))
        sys.exit(f"{command[0]} did not start\n{logs}")

    def nginx(self, name, http, modules=(), workers=1):
        """A one-worker NGINX on the servers' core, or one of several workers; `http` with DIR for the folder. Its port
        and process id."""
        port = free_port()
        folder = self.folder / re.sub(r"\W+", "-", name)
        folder.mkdir()
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        affinity = f"worker_cpu_affinity {1 << SERVER_CORE:b};" if workers == 1 else ""
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            "".join(f"load_module {module};\n" for module in modules)
            + f"daemon off; {user} worker_processes {workers}; {affinity} pid {folder}/pid;\n"
            + f"error_log {self.folder}/{folder.name}.log; events {{ worker_connections 512; }}\n"
            + f"http {{ {temporary} access_log off; include /etc/nginx/mime.types;\n"
            + "sendfile on; tcp_nopush off; keepalive_requests 1000000;\n"
            + http.replace("PORT", str(port)).replace("CACHE", str(folder / "cache"))
                  .replace("DIR", str(self.folder)) + "\n}\n")
        self.start([shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin"), "-p", str(folder), "-e",
                    str(self.folder / f"{folder.name}.log"), "-c", str(folder / "nginx.conf")], ("127.0.0.1", port))
        return port, self.processes[-1].pid


def cpu_seconds(master):
    """CPU time that the workers of an NGINX have used."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    ticks = sum(sum(map(int, Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[11:13])) for worker in workers)
    return ticks / os.sysconf("SC_CLK_TCK")


def wrk(server, connections, seconds, options):
    """Requests per second, median latency in ms, the worker's CPU time per request in µs. `options`: more of wrk's."""
    port, master = server
    before = cpu_seconds(master)
    command = ["taskset", "-c", str(CLIENT_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    text = subprocess.run([*command, *options, f"http://127.0.0.1:{port}/"], check=True, capture_output=True,
                          text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        sys.exit(f"errors while measuring:\n{text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    number, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", text).groups()
    requests = int(re.search(r"(\d+) requests in", text)[1])
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit], (cpu_seconds(master) - before) / requests * 1e6


def alternate(servers, connections, arguments, options):
    """All servers in turn, `rounds` times: name → medians of what wrk() measures."""
    samples = {name: [] for name in servers}
    for _ in range(arguments.rounds):
        for name, server in servers.items():
            samples[name].append(wrk(server, connections, arguments.seconds, options))
    return {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in samples.items()}
