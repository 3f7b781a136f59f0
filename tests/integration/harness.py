"""Real servers for integration tests: NGINX with the module, Redis, origins that send what they are told."""

import contextlib
import functools
import http.client
import itertools
import io
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PERSONALIZE_BUILD", ROOT / "build")).resolve()
MODULE = BUILD / "ngx_http_personalize_module.so"
NGINX = os.environ.get(
    "PERSONALIZE_NGINX",
    shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin") or "nginx",
)


# What answers `brotli on`; None where Debian's package is missing.
BROTLI = next((path for path in [pathlib.Path("/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so")] if path.exists()), None)


@functools.cache
def sanitized():
    """True if the module was built with AddressSanitizer."""
    return b"__asan_init" in MODULE.read_bytes()


@functools.cache
def runtime_library(name):
    """Where the compiler keeps a library of its own."""
    return os.path.realpath(
        subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True).stdout.strip()
    )


# Below those that outgoing connections get, and elsewhere for tests that run beside this one; none twice.
ports = itertools.count(10000 + os.getpid() * 100 % 20000)


def free_port():
    while True:
        port = next(ports)
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            return port


# Seconds after which something is taken for hung. What is right takes a small part of that on any machine, and a test that
# passes never waits so long.
PATIENCE = 120


def wait_until(condition, what, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.01)
    raise AssertionError(f"timed out waiting for {what}")


def accepts(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as s:
        return s.connect_ex(address) == 0


def children_of(pid):
    return list(map(int, pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def resident_kb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+) kB", status)[1])


class Response:
    def __init__(self, status, headers, body):
        self.status, self.header_list, self.body = status, headers, body

    def header(self, name):
        """All values of a header joined, or None."""
        values = [v for k, v in self.header_list if k.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self):
        return self.body.decode("utf-8")


class Orphan:
    """A process that loses its parent, with what is needed of subprocess.Popen. NGINX with `daemon off` takes a
    new binary only when the parent that it began with is gone."""

    def __init__(self, command, environment):
        self.parent = subprocess.Popen(
            ["sh", "-c", '"$@" >/dev/null 2>&1 & echo $!; read line', "sh", *command],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.pid, self.stderr, self.returncode = int(self.parent.stdout.readline()), io.BytesIO(), None

    def lose_parent(self):
        self.parent.communicate("\n")

    def poll(self):
        try:
            state = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            state = "X"
        self.returncode = 0 if state in "ZX" else None
        return self.returncode

    def send_signal(self, number):
        os.kill(self.pid, number)

    def wait(self, seconds=PATIENCE):
        wait_until(lambda: self.poll() is not None, "the process to end", seconds)


class Nginx:
    """One NGINX with the module in a folder of its own. `http` is what stands inside `http {}`; PORT,
    HTTP2_PORT and FOLDER in it are replaced. Unless `consent` says otherwise the shop needs no visitor's
    consent: what needs it, and how it is given, has tests of its own."""

    # What must never appear in error.log, whatever a test does.
    ALARMS = re.compile(
        r"\[alert\]|\[emerg\]|AddressSanitizer|LeakSanitizer|runtime error:|open socket .* left"
    )

    def __init__(
        self,
        folder,
        http,
        workers=1,
        main="",
        events="",
        module=True,
        orphan=False,
        before="",
        after_module="",
        consent="personalize_consent off;",
    ):
        self.folder = pathlib.Path(folder).resolve()
        self.port, self.http2_port = free_port(), free_port()
        self.process, self.started, self.tolerated = None, None, []
        self.workers, self.main, self.events, self.module = workers, main, events, module
        self.orphan = orphan
        self.before = before  # what precedes the line that loads the module
        self.after_module = after_module  # and what follows it
        self.consent = consent if module else ""
        for name in ("conf", "logs", "temp", "html"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.configure(http)

    @property
    def error_log(self):
        return self.folder / "logs" / "error.log"

    def configure(self, http):
        for name, value in (("HTTP2_PORT", self.http2_port), ("PORT", self.port), ("FOLDER", self.folder)):
            http = http.replace(name, str(value))
        temp = "\n".join(
            f"    {kind}_temp_path {self.folder}/temp/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "conf" / "nginx.conf").write_text(
            f"""
{self.before}
{f"load_module {MODULE};" if self.module else ""}
{self.after_module}
daemon off;
# What a sanitizer needs, for new binaries too.
env LD_PRELOAD; env ASAN_OPTIONS; env UBSAN_OPTIONS;
{"user root;" if os.geteuid() == 0 else ""}
worker_processes {self.workers};
pid {self.folder}/logs/nginx.pid;
error_log {self.error_log} info;
{self.main}
events {{ worker_connections 1024; {self.events} }}
http {{
{temp}
    types {{ text/html html; text/plain txt; text/css css; }}
    default_type application/octet-stream;
    access_log {self.folder}/logs/access.log;
    {self.consent}
{http}
}}
"""
        )

    def environment(self):
        environment = dict(os.environ)
        if self.module and sanitized():
            # libstdc++ too: a sanitizer that starts before it never learns how exceptions are thrown.
            environment["LD_PRELOAD"] = " ".join(map(runtime_library, ("libasan.so", "libstdc++.so")))
            environment["ASAN_OPTIONS"] = "detect_leaks=0:abort_on_error=1"
            environment["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
        return environment

    def command(self, *arguments):
        return [NGINX, "-p", str(self.folder), "-c", "conf/nginx.conf", "-e", str(self.error_log), *arguments]

    def check(self):
        """`nginx -t`: exit status and what it said."""
        done = subprocess.run(
            self.command("-t"), capture_output=True, text=True, env=self.environment(), timeout=60
        )
        return done.returncode, done.stderr

    def start(self):
        self.started = time.monotonic()
        if self.orphan:
            self.process = Orphan(self.command(), self.environment())
        else:
            self.process = subprocess.Popen(self.command(), env=self.environment(), stderr=subprocess.PIPE)
        wait_until(lambda: self.process.poll() is not None or self.serves(), "nginx to serve")
        if self.orphan:
            self.process.lose_parent()
        if self.process.poll() is not None:
            raise AssertionError("nginx did not start: " + self.process.stderr.read().decode() + self.log())
        return self

    def seconds(self):
        """How long it has run: what is limited to so many a second may have happened more often on a slow machine."""
        return time.monotonic() - self.started

    def serves(self):
        """True once all ports are open and all workers are there, in this order."""
        alone = "master_process off" in self.main
        return accepts(("127.0.0.1", self.port)) and (alone or len(self.worker_pids()) >= self.workers)

    def ask_for_reload(self):
        self.process.send_signal(signal.SIGHUP)

    def reload(self):
        """Reloads and waits until only new workers are there."""
        old = self.worker_pids()
        self.ask_for_reload()
        wait_until(lambda: (new := self.worker_pids()) and not new & old, "new workers")

    def worker_pids(self):
        return set(children_of(self.process.pid))

    def accepting_pids(self):
        """Of all workers that take visitors, those of a new binary too."""

        def beneath(pid):
            for child in children_of(pid):
                title = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().strip(b"\0 ")
                yield from [child] if title == b"nginx: worker process" else beneath(child)

        return set(beneath(self.process.pid))

    def stopped(self):
        """True once the master has no more requests to answer and is gone."""
        return self.process.poll() is not None

    def open_files(self):
        """Open file descriptors of all workers: what is left behind by a request shows here."""
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.worker_pids())

    def memory(self):
        """Resident kB of all workers."""
        return sum(resident_kb(pid) for pid in self.worker_pids())

    def idle_memory(self):
        """The same once nothing goes on: under a sanitizer workers may go on warming up while they serve."""
        samples = [self.memory()]
        while len(samples) < 4 or len(set(samples[-4:])) > 1:
            time.sleep(0.1)
            samples.append(self.memory())
        return samples[-1]

    def connections(self):
        """Open client connections but the one that asks; needs a location /stub_status."""
        text = self.get("/stub_status").text
        return int(re.search(r"Active connections: (\d+)", text)[1]) - 1

    def file(self, name, content, mtime=None):
        """Writes a file into the folder `html`."""
        path = self.folder / "html" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        return path

    def log(self):
        return self.error_log.read_text(errors="replace") if self.error_log.exists() else ""

    def access_log(self):
        return (self.folder / "logs" / "access.log").read_text(errors="replace")

    def tolerate(self, pattern):
        """Lines of error.log that match are expected by the test."""
        self.tolerated.append(re.compile(pattern))

    def tolerate_killed_workers(self):
        """Perhaps they hold a zone's lock at that moment, which the master then takes from them and tells."""
        self.tolerate(r"exited on signal 9|shared memory zone .* was locked by")

    def alarms(self):
        return [
            line
            for line in self.log().splitlines()
            if self.ALARMS.search(line) and not any(pattern.search(line) for pattern in self.tolerated)
        ]

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                for pid in (*self.worker_pids(), self.process.pid):
                    os.kill(pid, signal.SIGKILL)
                self.process.wait()
                raise AssertionError(f"nginx did not stop gracefully within {PATIENCE} s")

    def get(self, path="/", headers=None, method="GET", timeout=PATIENCE):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, headers={"Host": "shop.example", **(headers or {})})
            response = connection.getresponse()
            return Response(response.status, response.getheaders(), response.read())
        finally:
            connection.close()


def redis_cli(*arguments, password=""):
    done = subprocess.run(
        ["redis-cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={**os.environ, "REDISCLI_AUTH": password} if password else None,
    )
    return done.stdout.strip()


class Redis:
    """A redis-server on a Unix socket (and a port, if asked for) in a folder of its own."""

    def __init__(self, folder, port=0, options=(), password=""):
        self.password = password
        self.folder = pathlib.Path(folder).resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = str(self.folder / "redis.sock")
        self.port, self.options, self.process = port, options, None

    def start(self):
        self.process = subprocess.Popen(
            [
                "redis-server",
                "--port",
                str(self.port),
                "--unixsocket",
                self.socket,
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                str(self.folder),
                *(["--requirepass", self.password, "--masterauth", self.password] if self.password else []),
                *self.options,
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until(lambda: accepts(self.socket), "redis to listen")
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(PATIENCE)

    def command(self, *arguments):
        return redis_cli("-s", self.socket, *arguments, password=self.password)

    def profile(self, visitor, prefix="personalize:", **fields):
        self.command("HSET", f"{prefix}{{{visitor}}}:profile", *(x for pair in fields.items() for x in pair))


class Server:
    """Accepts on a port of its own; each connection gets a thread that runs `serve(connection)`."""

    def __init__(self, port=0, at="127.0.0.1"):
        family = socket.AF_INET6 if ":" in at else socket.AF_INET
        self.listener = socket.create_server((at, port), family=family, backlog=256)
        self.port = self.listener.getsockname()[1]
        self.address = f"[{at}]:{self.port}" if ":" in at else f"{at}:{self.port}"
        self.accepted, self.open = 0, set()
        self.acceptor = threading.Thread(target=self._accept, daemon=True)
        self.acceptor.start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.accepted += 1
                self.open.add(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError, ValueError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.serve(connection)
        self.open.discard(connection)
        connection.close()

    def stop(self):
        # Closing alone would leave the thread inside of accept(), and the port open until its next visitor:
        # another test's.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.acceptor.join(PATIENCE)
        self.listener.close()
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Origin(Server):
    """An HTTP/1.1 origin: `handler(path, headers, send)` calls `send(bytes)` as often as it likes, raw,
    headers included; the connection closes when it returns. Everything it was asked is in `requests`
    and `bodies`."""

    def __init__(self, handler):
        self.handler, self.requests, self.bodies = handler, [], []
        super().__init__()

    def serve(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        lines = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, v in (line.split(":", 1) for line in lines[1:])}
        path = lines[0].split(" ")[1]
        body = head.partition(b"\r\n\r\n")[2]
        while len(body) < int(headers.get("content-length", 0)):
            piece = connection.recv(65536)
            if not piece:
                return
            body += piece
        self.requests.append((path, headers))
        self.bodies.append(body)
        self.handler(path, headers, connection.sendall)


def html_response(body, *headers, status="200 OK", content_type="text/html; charset=utf-8"):
    """A complete raw response."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {content_type}",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
