"""Profiles over TLS, from a real Redis with certificates that are made here."""

import pytest

import harness
from certificates import Certificates
from clients import ask
from shop import PAGE, PROFILE_RULES, named, profiles

ANN = {"X-Visitor": "ann"}


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
def shop(nginx, origin, rules):
    def start(address, options):
        location = "personalize_deadline 2s;"
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
