"""Profiles over TLS, from a real Redis with certificates that are made here."""
# Part: integration, sanitizers

import ssl

import pytest

import harness
from clients import ask
from fake_redis import FakeRedis, array, bulk
from shop import PAGE, PROFILE_RULES, named, profiles

ANN = {"X-Visitor": "ann"}


@pytest.fixture
def shop(nginx, origin, rules):
    def start(address, options):
        location = "personalize_deadline 60s;"
        return nginx(profiles(origin(PAGE), address, rules(PROFILE_RULES), options, location))

    return start


@pytest.mark.parametrize("name", ["", "server_name=redis.example"], ids=["by address", "by name"])
def test_a_server_with_the_right_certificate_is_asked(shop, secure, certificates, name):
    server = shop(secure(*certificates.server).tls, f"tls=on ca={certificates.ca} {name}")
    for _ in range(20):
        assert ask(server, headers=ANN).body == named("Ann")


def test_a_name_in_the_configuration_is_the_name_in_the_certificate(shop, secure, certificates):
    # "localhost" is no name of that certificate.
    address = secure(*certificates.server).tls.replace("127.0.0.1", "localhost")
    server = shop(address, f"tls=on ca={certificates.ca}")
    assert ask(server, headers=ANN).header("X-Profile") == "[unavailable]"
    assert "the certificate does not name server_name" in server.log()


def test_profiles_larger_than_a_record_arrive_whole(shop, secure, certificates):
    redis = secure(*certificates.server)
    name = "Ann" * 15000
    redis.profile("ann", first_name=name)
    server = shop(redis.tls, f"tls=on ca={certificates.ca}")
    assert ask(server, headers=ANN).body == named(name)


@pytest.mark.parametrize(
    "which, options, why",
    [
        ("nameless", "", "the certificate does not name the address"),
        ("nameless", "server_name=redis.example", "the certificate does not name server_name"),
        ("server", "server_name=other.example", "the certificate does not name server_name"),
    ],
)
def test_a_certificate_for_somebody_else_is_refused(shop, secure, certificates, which, options, why):
    server = shop(secure(*getattr(certificates, which)).tls, f"tls=on ca={certificates.ca} {options}")
    assert ask(server, headers=ANN).header("X-Profile") == "[unavailable]"
    assert why in server.log()


def test_a_certificate_of_an_unknown_authority_is_refused_unless_nothing_is_verified(shop, secure, certificates):
    other = certificates.authority("other")
    redis = secure(*certificates.server)
    server = shop(redis.tls, f"tls=on ca={other}")
    assert ask(server, headers=ANN).header("X-Profile") == "[unavailable]"
    assert "self-signed certificate in certificate chain" in server.log()
    assert ask(shop(redis.tls, "tls=on verify=off"), headers=ANN).body == named("Ann")


def test_a_server_that_wants_a_certificate_gets_ours(shop, secure, certificates):
    redis = secure(*certificates.server, clients="yes")
    certificate, key = certificates.client
    server = shop(redis.tls, f"tls=on ca={certificates.ca} cert={certificate} key={key}")
    assert ask(server, headers=ANN).body == named("Ann")
    assert ask(shop(redis.tls, f"tls=on ca={certificates.ca}"), headers=ANN).header("X-Profile") == "[unavailable]"


def test_a_server_that_knows_no_tls_or_is_not_spoken_tls_to_delays_nobody(shop, secure, certificates, tmp_path):
    plain = harness.Redis(tmp_path / "plain", harness.free_port()).start()
    try:
        server = shop(f"127.0.0.1:{plain.port}", f"tls=on ca={certificates.ca}")
        assert ask(server, headers=ANN).header("X-Profile") in ("[unavailable]", "[deadline]")
    finally:
        plain.stop()
    assert ask(shop(secure(*certificates.server).tls, ""), headers=ANN).header("X-Profile") == "[unavailable]"


class FakeTlsRedis(FakeRedis):
    """Sentinel, cluster and server in one, which knows Ann. Which SNI it was given is in `names`. Whom it tells of
    others, it tells of `host`, or of itself."""

    def __init__(self, certificate, host=None, node_port=None, at="127.0.0.1"):
        self.context, self.names = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), []
        self.context.load_cert_chain(*certificate)
        self.context.sni_callback = lambda connection, name, context: self.names.append(name)
        super().__init__(self.reply, at=at)
        self.node = (host or at, node_port or self.port)

    def serve(self, connection):
        with self.context.wrap_socket(connection, server_side=True) as secure:
            super().serve(secure)

    def reply(self, command, connection):
        name, (host, port) = command[0].upper(), self.node
        if name == b"ROLE":
            return b"*1\r\n" + bulk("master")
        if name == b"SENTINEL":
            return array(host, str(port))
        if name == b"CLUSTER":
            return b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n" + bulk(host) + b":%d\r\n" % port
        return array("Ann")


@pytest.fixture
def fake(certificates):
    """fake(names, …) → a FakeTlsRedis whose certificate has these names."""
    started = []

    def start(names, **more):
        certificate = certificates.signed(f"fake{len(started)}", f"subjectAltName={names}")
        started.append(FakeTlsRedis(certificate, **more))
        return started[-1]

    yield start
    for one in started:
        one.stop()


KINDS = ["", "cluster ", "sentinel:shop "]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "directive, names, known, sni",
    [
        ("localhost:PORT", "DNS:localhost", True, "localhost"),
        ("localhost:PORT", "DNS:redis.example,IP:127.0.0.1", False, "localhost"),
        ("127.0.0.1:PORT", "IP:127.0.0.1", True, None),
        ("127.0.0.1:PORT", "DNS:127.0.0.1,DNS:localhost", False, None),
        ("localhost:PORT server_name=redis.example", "DNS:redis.example", True, "redis.example"),
        ("localhost:PORT server_name=redis.example.", "DNS:redis.example", True, "redis.example"),
        ("localhost:PORT server_name=cache.redis.example", "DNS:*.redis.example", True, "cache.redis.example"),
        ("localhost:PORT server_name=127.0.0.1", "IP:127.0.0.1", True, None),
        ("127.0.0.1:PORT server_name=10.1.2.3", "IP:10.1.2.3", True, None),
        ("127.0.0.1:PORT server_name=10.1.2.3", "IP:127.0.0.1", False, None),
        ("127.0.0.1:PORT server_name=10.1.2.3", "DNS:10.1.2.3", False, None),
        ("127.0.0.1:PORT server_name=2001:db8::1", "IP:2001:db8::1", True, None),
        ("127.0.0.1:PORT server_name=[2001:DB8:0::1]", "IP:2001:db8::1", True, None),
        ("localhost:PORT server_name=", "IP:127.0.0.1", True, None),
        ("localhost:PORT server_name=", "DNS:localhost", False, None),
    ],
)
def test_a_certificate_names_whom_the_directive_names(
    shop, fake, certificates, kind, directive, names, known, sni
):
    redis = fake(names)
    server = shop(kind + directive.replace("PORT", str(redis.port), 1), f"tls=on ca={certificates.ca}")
    if known:
        harness.wait_until(lambda: ask(server, headers=ANN).body == named("Ann"), "the profile")
    else:
        harness.wait_until(lambda: "the certificate does not name" in server.log(), "the refusal")
        assert ask(server, headers=ANN).header("X-Profile") == "[unavailable]"
    assert set(redis.names) == {sni}


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize(
    "directive, names, known, sni",
    [
        ("localhost:PORT", "DNS:localhost", True, "localhost"),
        ("localhost:PORT", "IP:127.0.0.2", True, "localhost"),
        ("localhost:PORT", "DNS:elsewhere", False, "localhost"),
        ("localhost:PORT 127.0.0.3:PORT", "IP:127.0.0.2", True, None),
        ("localhost:PORT 127.0.0.3:PORT", "DNS:localhost", False, None),
        ("localhost:PORT server_name=all.example", "DNS:all.example", True, "all.example"),
        ("localhost:PORT server_name=all.example", "IP:127.0.0.2", False, "all.example"),
        ("127.0.0.1:PORT", "IP:127.0.0.2", True, None),
        ("127.0.0.1:PORT server_name=", "IP:127.0.0.2", True, None),
    ],
)
def test_a_server_that_others_tell_of_has_the_directive_s_name_or_that_of_its_address(
    shop, fake, certificates, kind, directive, names, known, sni
):
    there = fake(names, at="127.0.0.2")
    here = fake("DNS:localhost,DNS:all.example,IP:127.0.0.1", host="127.0.0.2", node_port=there.port)
    server = shop(kind + directive.replace("PORT", str(here.port)), f"tls=on ca={certificates.ca}")
    if known:
        harness.wait_until(lambda: ask(server, headers=ANN).body == named("Ann"), "the profile")
    else:
        harness.wait_until(lambda: "the certificate does not name" in server.log(), "the refusal")
        assert ask(server, headers=ANN).header("X-Profile") == "[unavailable]"
    assert set(there.names) == {sni}


@pytest.mark.parametrize("server_name", ["", "server_name=::1", "server_name=[::1]"])
def test_an_ipv6_address_is_verified_as_one_with_and_without_brackets(shop, fake, certificates, server_name):
    redis = fake("IP:::1", at="::1")
    server = shop(f"[::1]:{redis.port}", f"tls=on ca={certificates.ca} {server_name}")
    harness.wait_until(lambda: ask(server, headers=ANN).body == named("Ann"), "the profile")
    assert set(redis.names) == {None}
    wrong = fake("IP:::2,DNS:localhost", at="::1")
    server = shop(f"[::1]:{wrong.port}", f"tls=on ca={certificates.ca} {server_name}")
    assert ask(server, headers=ANN).header("X-Profile") == "[unavailable]"
