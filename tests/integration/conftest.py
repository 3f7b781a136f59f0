"""Fixtures: each test gets its own folder, its own servers, and a clean error.log when it is over."""

import subprocess

import pytest

import harness
from certificates import Certificates
from clients import Slow


@pytest.fixture
def nginx(tmp_path):
    """Starts NGINX: nginx(http_configuration, workers=1, …) → harness.Nginx. After the test it must stop
    gracefully with nothing alarming in its log."""
    servers = []

    def start(http, **options):
        server = harness.Nginx(tmp_path / f"nginx{len(servers)}", http, **options)
        servers.append(server)
        return server.start()

    yield start
    Slow.leave()
    problems = []
    for server in servers:
        try:
            server.stop()
        except AssertionError as error:
            problems.append(str(error))
        problems += server.alarms()
    assert not problems, "\n".join(problems)


@pytest.fixture
def redis(tmp_path):
    server = harness.Redis(tmp_path / "redis").start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("tls") / "certificates")


@pytest.fixture
def secure(tmp_path, certificates):
    """secure(certificate, key, clients="no") → a Redis with Ann's profile, and a TLS port `tls`."""
    servers = []

    def start(certificate, key, clients="no"):
        port = harness.free_port()
        options = (
            *("--tls-port", str(port), "--tls-cert-file", str(certificate), "--tls-key-file", str(key)),
            *("--tls-ca-cert-file", str(certificates.ca), "--tls-auth-clients", clients),
        )
        server = harness.Redis(tmp_path / f"tls{len(servers)}", options=options).start()
        server.tls = f"127.0.0.1:{port}"
        server.profile("ann", first_name="Ann")
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def origin():
    """Starts origins: origin(handler) or origin(body bytes) → harness.Origin."""
    origins = []

    def start(handler):
        if isinstance(handler, bytes):
            body = handler
            handler = lambda path, headers, send: send(harness.html_response(body))  # noqa: E731
        origins.append(harness.Origin(handler))
        return origins[-1]

    yield start
    for server in origins:
        server.stop()


@pytest.fixture
def rules(tmp_path):
    """Writes a rule file, gives its path."""
    count = 0

    def write(text, name=None):
        nonlocal count
        count += 1
        path = tmp_path / (name or f"rules{count}.yaml")
        path.write_text(text)
        return path

    return write


@pytest.fixture(scope="session")
def geo_database(tmp_path_factory):
    """The demo's City database: places in networks reserved for documentation, see conf/demo/places.json."""
    path = tmp_path_factory.mktemp("geo") / "city.mmdb"
    subprocess.run(
        [harness.ROOT / "conf/demo/geo-database", harness.ROOT / "conf/demo/places.json", path], check=True
    )
    return path
