"""The tool reads profiles from real servers as the module does: TLS, Sentinel, Cluster, and what goes wrong."""
# Part: integration

import binascii
import json
import socket
import subprocess

import pytest

import harness
from fake_redis import FakeRedis, array, bulk
from redis_sets import Cluster, SentinelSet
from shop import PROFILE_RULES

ANNS_SLOT = binascii.crc_hqx(b"ann", 0) % Cluster.SLOTS


@pytest.fixture
def explain(rules):
    """explain("--redis", address, …) → the finished process, for Ann's page."""
    path = rules(PROFILE_RULES)

    def run(address, *more, visitor="ann", consent=("off",)):
        return subprocess.run(
            [harness.BUILD / "personalize", "explain", "--rules", path, "--url", "https://shop.example/",
             "--visitor", visitor, "--consent", *consent, "--json", "--redis", address, *more],
            capture_output=True, text=True, timeout=harness.PATIENCE,
        )

    return run


def shown(done):
    """What the rules knew of the visitor, and what became of the profile."""
    assert done.returncode == 0, done.stderr
    explanation = json.loads(done.stdout)
    return explanation["profile"], explanation["attributes"]["profile.first_name"]


def refusal(done):
    assert done.returncode == 2 and done.stdout == "", done.stdout
    assert done.stderr.startswith("personalize: ") and done.stderr.count("\n") == 1, done.stderr
    return done.stderr[len("personalize: "):].strip()


@pytest.fixture
def ann(redis):
    """A Redis that knows Ann, on a port too: its address."""
    redis.command("CONFIG", "SET", "port", port := harness.free_port())
    redis.profile("ann", first_name="Ann")
    return f"127.0.0.1:{port}"


def test_the_profile_decides_what_the_visitor_would_see(explain, redis, ann):
    assert shown(explain(ann)) == ("found", "Ann")
    done = explain(ann)
    assert '"inner"' in done.stdout and "Ann" in done.stdout
    assert shown(explain(ann, visitor="nobody")) == ("not_found", None)
    assert shown(explain(f"unix:{redis.socket}")) == ("found", "Ann")
    assert shown(explain(ann.replace("127.0.0.1", "localhost"))) == ("found", "Ann")


def test_parameters_are_those_of_the_directive_in_one_piece_or_several(explain, redis, ann):
    redis.command("ACL", "SETUSER", "edge", "on", ">secret", "~shop:*", "+ping", "+select", "+hmget")
    redis.command("-n", "2", "HSET", "shop:{ann}:profile", "first_name", "Anna")
    words = [ann, "user=edge", "password=secret", "db=2", "prefix=shop:"]
    assert shown(explain(*words)) == ("found", "Anna")
    assert shown(explain(" ".join(words))) == ("found", "Anna")


def test_a_profile_in_the_request_is_preferred_and_consent_is_needed_as_in_nginx(explain, ann, tmp_path):
    (tmp_path / "profile.json").write_text('{"first_name": "Given"}')
    assert shown(explain(ann, "--profile", str(tmp_path / "profile.json"))) == ("found", "Given")
    assert json.loads(explain(ann, consent=["required"]).stdout)["profile"] == "no_consent"


@pytest.mark.parametrize(
    "parameters, message",
    [
        ("", "--redis: an address is missing"),
        ("127.0.0.1:nonsense", 'invalid port in Redis address "127.0.0.1:nonsense"'),
        ("no.such.host.invalid", 'host not found in Redis address "no.such.host.invalid"'),
        ("127.0.0.1 colour=red", 'invalid parameter "colour=red"'),
        ("cluster", "needs the addresses of some of the cluster's servers"),
        ("127.0.0.1 tls=on", "tls=on needs ca=FILE"),
        ("127.0.0.1 tls=on ca=none.pem", 'cannot use "none.pem": no such file'),
    ],
)
def test_wrong_parameters_are_named(explain, parameters, message):
    assert message in refusal(explain(parameters))


def test_somebody_must_be_asked_for(explain, ann):
    assert "give --visitor ID" in refusal(explain(ann, visitor=""))


def test_passwords_that_are_wrong_or_missing(explain, tmp_path):
    redis = harness.Redis(tmp_path / "closed", harness.free_port(), password="secret").start()
    try:
        redis.profile("ann", first_name="Ann")
        address = f"127.0.0.1:{redis.port}"
        assert shown(explain(address, "password=secret")) == ("found", "Ann")
        wrong = refusal(explain(address, "password=guess"))
        assert wrong.startswith(f"redis {address}: WRONGPASS") and "check user= and password=" in wrong
        missing = refusal(explain(address))
        assert missing.startswith(f"redis {address}: NOAUTH") and "give password=" in missing
    finally:
        redis.stop()


def test_a_server_that_is_away(explain, tmp_path):
    address = f"127.0.0.1:{harness.free_port()}"
    assert refusal(explain(address)) == f"redis {address}: Connection refused: is Redis running there?"
    path = tmp_path / "none.sock"
    assert refusal(explain(f"unix:{path}")).startswith(f"redis unix:{path}: No such file or directory: is that")


def test_a_server_that_hangs(explain):
    server = FakeRedis(lambda command, connection: None)
    try:
        assert refusal(explain(server.address)) == (
            f"redis {server.address}: no answer in time: is it busy, or is a firewall in between?"
        )
    finally:
        server.stop()


@pytest.mark.parametrize(
    "reply, message",
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "that is not Redis' protocol"),
        (b"\x15\x03\x01\x00\x02\x02\x50", "that is not Redis' protocol"),
        (b"*1000000000\r\n", "the reply is too large"),
        (b"$1000000\r\n" + b"a" * 600_000, "the reply is too large"),
        (b"-NOPERM this user has no permissions\r\n", "NOPERM this user has no permissions"),
        (b"-MOVED 1 127.0.0.1:1\r\n", "MOVED 1 127.0.0.1:1"),
    ],
    ids=["http", "tls", "elements", "bytes", "error", "redirect"],
)
def test_a_server_that_says_nonsense(explain, reply, message):
    server = FakeRedis(lambda command, connection: reply)
    try:
        said = refusal(explain(server.address))
        assert said.startswith(f"redis {server.address}: ") and message in said
    finally:
        server.stop()


def test_a_server_that_hangs_up(explain):
    server = FakeRedis(lambda command, connection: connection.shutdown(socket.SHUT_RDWR))
    try:
        assert "closed by the server" in refusal(explain(server.address))
    finally:
        server.stop()


def test_tls_with_the_right_certificate_by_address_and_by_name(explain, secure, certificates):
    server = secure(*certificates.server)
    server.profile("ann", first_name="Ann" * 15000)
    address = server.tls
    for name in ("", "server_name=redis.example", "server_name="):
        assert shown(explain(f"{address} tls=on ca={certificates.ca} {name}")) == ("found", "Ann" * 15000)


def test_tls_certificates_of_others_are_refused(explain, secure, certificates):
    address = secure(*certificates.nameless).tls
    on = f"tls=on ca={certificates.ca}"
    nameless = refusal(explain(f"{address} {on}"))
    assert nameless == f"redis {address}: the certificate does not name the address (is server_name missing?)"
    wrong = refusal(explain(f"{address} {on} server_name=redis.example"))
    assert wrong == f"redis {address}: the certificate does not name server_name"
    other = refusal(explain(f"{address} tls=on ca={certificates.authority('stranger')}"))
    assert "self-signed certificate in certificate chain: is ca=FILE the authority" in other
    assert shown(explain(f"{address} tls=on verify=off"))[0] == "found"


def test_tls_with_a_certificate_of_ours(explain, secure, certificates):
    address = secure(*certificates.server, clients="yes").tls
    certificate, key = certificates.client
    on = f"tls=on ca={certificates.ca}"
    assert shown(explain(f"{address} {on} cert={certificate} key={key}"))[0] == "found"
    assert refusal(explain(f"{address} {on}")).startswith(f"redis {address}: ")
    other_key = certificates.server[1]
    assert f'cannot use "{other_key}": key values mismatch' in refusal(
        explain(f"{address} {on} cert={certificate} key={other_key}")
    )


def test_tls_where_only_one_side_speaks_it(explain, secure, certificates, ann):
    tls = refusal(explain(f"{ann} tls=on ca={certificates.ca}"))
    assert tls.startswith(f"redis {ann}: TLS handshake failed")
    plain = secure(*certificates.server).tls
    assert refusal(explain(plain)).startswith(f"redis {plain}: ")


def test_sentinels_name_the_master_also_after_it_moved(explain, tmp_path):
    several = SentinelSet(tmp_path / "set", password="data", sentinel_password="watch")
    address = f"sentinel:{several.NAME} {several.addresses} password=data sentinel_password="
    try:
        several.start()
        several.servers[0].profile("ann", first_name="Ann")
        assert shown(explain(address + "watch")) == ("found", "Ann")
        assert "WRONGPASS" in refusal(explain(address + "data"))
        harness.wait_until(lambda: several.servers[1].command("DBSIZE") == "1", "the replica's copy")
        former = several.master()
        former.process.kill()
        former.process.wait()
        harness.wait_until(lambda: several.master_port() != former.port, "the fail-over")
        harness.wait_until(lambda: explain(address + "watch").returncode == 0, "the new master")
        assert shown(explain(address + "watch")) == ("found", "Ann")
    finally:
        several.stop()


def test_sentinels_that_know_nothing_or_are_gone_are_passed_over(explain, ann):
    liars = [FakeRedis(lambda command, connection, reply=reply: reply) for reply in (b"*-1\r\n", b"+OK\r\n", b"x\r\n")]
    host, port = ann.split(":")
    honest = FakeRedis(lambda command, connection: array(host, port))
    away = f"127.0.0.1:{harness.free_port()}"
    try:
        useless = " ".join([away, *(liar.address for liar in liars)])
        assert shown(explain(f"sentinel:shop {useless} {honest.address}")) == ("found", "Ann")
        said = refusal(explain(f"sentinel:shop {useless}"))
        assert f"{away}: Connection refused" in said
        for liar in liars[:2]:
            assert f"{liar.address}: the Sentinel does not know an address of the master" in said
    finally:
        for one in (*liars, honest):
            one.stop()


def test_a_replica_that_a_sentinel_takes_for_the_master_is_not_believed(explain, redis, ann):
    redis.command("REPLICAOF", "127.0.0.1", harness.free_port())
    host, port = ann.split(":")
    sentinel = FakeRedis(lambda command, connection: array(host, port))
    try:
        assert refusal(explain(f"sentinel:shop {sentinel.address}")) == f"redis sentinel:shop, {ann}: is not the master"
    finally:
        sentinel.stop()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster.start()
    finally:
        cluster.stop()


def test_a_cluster_is_asked_where_the_key_is(explain, cluster):
    visitors = [f"visitor{i}" for i in range(12)]
    for visitor in visitors:
        cluster.profile(visitor, first_name=visitor)
    assert len({cluster.owner(visitor).port for visitor in visitors}) == 3
    for visitor in visitors:
        done = explain(f"cluster 127.0.0.1:{cluster.nodes[0].port}", visitor=visitor)
        assert shown(done) == ("found", visitor)
    away = f"127.0.0.1:{harness.free_port()}"
    assert shown(explain(f"cluster {away} {cluster.addresses}", visitor="visitor1")) == ("found", "visitor1")


def test_a_slot_that_is_being_moved_and_one_that_has_moved(explain, cluster):
    cluster.profile("ann", first_name="Ann")
    owner, slot = cluster.owner("ann"), cluster.slot("ann")
    target = next(node for node in cluster.nodes[:3] if node is not owner)
    target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", cluster.id(owner))
    owner.command("CLUSTER", "SETSLOT", slot, "MIGRATING", cluster.id(target))
    owner.command("MIGRATE", "127.0.0.1", target.port, "personalize:{ann}:profile", 0, 5000)
    assert shown(explain(f"cluster {cluster.addresses}")) == ("found", "Ann")
    for node in (target, owner):
        node.command("CLUSTER", "SETSLOT", slot, "NODE", cluster.id(target))
    assert shown(explain(f"cluster {cluster.addresses}")) == ("found", "Ann")


def slots_of(address):
    host, port = address.split(":")
    return b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n" + bulk(host) + b":%d\r\n" % int(port)


def test_redirects_are_followed_where_the_map_is_outdated_and_not_in_circles(explain):
    friend = FakeRedis(lambda command, connection: array("Ann"))
    targets = [friend.address]

    def redirecting(command, connection):
        if command[0] == b"CLUSTER":
            return slots_of(server.address)
        return b"-MOVED %d %s\r\n" % (ANNS_SLOT, targets[0].encode())

    server = FakeRedis(redirecting)
    try:
        assert shown(explain(f"cluster {server.address}")) == ("found", "Ann")
        targets[0] = server.address
        assert f"MOVED {ANNS_SLOT} {server.address}" in refusal(explain(f"cluster {server.address}"))
    finally:
        friend.stop()
        server.stop()
