"""User-mode instructions per request of one NGINX process, counted by Valgrind."""

import http.client
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from servers import free_port

ROOT = Path(__file__).resolve().parents[1]
BUILD = Path(os.environ.get("PERSONALIZE_BUILD", ROOT / "build")).resolve()
MODULE = BUILD / "ngx_http_personalize_module.so"
BROWSER = {"Cookie": "visitor=v1", "Accept": "text/html", "Accept-Encoding": "gzip, br",
           "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"}


class Asked:
    """What is asked for, again and again."""

    def __init__(self, path="/", plain=True, body=None, headers=None):
        self.path, self.body = path, body
        self.headers = {**BROWSER, **({"Accept-Encoding": "identity"} if plain else {}), **(headers or {})}

    def ask(self, connection, times):
        for _ in range(times):
            connection.request("POST" if self.body else "GET", self.path, self.body, self.headers)
            connection.getresponse().read()


def configuration(folder, port, directives):
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return f"""load_module {MODULE}; daemon off; master_process off; {user} pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{ {temporary} access_log off; include /etc/nginx/mime.types; keepalive_requests 1000000; sendfile on; tcp_nopush off;
proxy_cache_path {folder}/cache keys_zone=page:1m;
server {{ listen 127.0.0.1:{port}; {directives} }} }}"""


def control(server, *words):
    command = ["callgrind_control", *words, str(server.pid)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def instructions(folder, directives, asked, requests):
    """Instructions of one request, of which `requests` were counted; `directives` are those of the server."""
    folder.mkdir()
    port, counts = free_port(), folder / "counts"
    (folder / "nginx.conf").write_text(configuration(folder, port, directives))
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}", "nginx", "-p", folder, "-e",
               folder / "error.log", "-c", folder / "nginx.conf"]
    environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin"}
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while True:
            try:
                connection.connect()
                break
            except OSError:
                if server.poll() is not None:
                    sys.exit((folder / "error.log").read_text())
                time.sleep(0.1)
        asked.ask(connection, 5)
        time.sleep(3)  # what is compressed aside
        asked.ask(connection, requests)
        control(server, "-z")
        asked.ask(connection, requests)
        control(server, "-d")
        connection.close()
    finally:
        server.terminate()
        server.wait()
    dump = Path(f"{counts}.1").read_text()
    return int(re.search(r"^(?:summary|totals): (\d+)", dump, re.M)[1]) / requests
