"""Profiles in a real Redis Cluster: slots that move, masters that are lost, servers that are replaced."""
# Part: integration, sanitizers

import binascii
import random
import re
import threading

import pytest

import harness
from clients import ask, request, swarm
from fake_redis import FakeRedis, array, bulk
from pace import paced, pacemaker
from redis_sets import Cluster
from shop import PAGE, PROFILE_RULES, STATUS_PAGE, STRANGER, counters, edge, named, profiles

DEADLINE = "personalize_deadline 60s;"
ANNS_SLOT = binascii.crc_hqx(b"ann", 0) % Cluster.SLOTS
VISITORS = {f"visitor{i}": f"Name {i}" for i in range(64)}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        owners = {}
        for visitor, name in VISITORS.items():
            cluster.profile(visitor, first_name=name)
            owners.setdefault(cluster.owner(visitor), []).append(visitor)
        assert len(owners) == 3, "every master has some of the visitors"
        yield cluster
    finally:
        cluster.stop()


def shop(nginx, origin, rules, address, options="", **more):
    return nginx(
        profiles(origin(PAGE), address, rules(PROFILE_RULES), options, DEADLINE, server=STATUS_PAGE), **more
    )


def ask_as_all(server):
    """One round of all visitors at once, as many times as each of them was greeted by name."""
    answers = swarm(server, [request("/", {"X-Visitor": visitor}) for visitor in VISITORS], parallel=64)
    known = 0
    for name, answer in zip(VISITORS.values(), answers):
        assert answer.body in (named(name), STRANGER), "somebody got what is not theirs"
        known += answer.body == named(name)
    return known


def everybody_is_known(server):
    return ask_as_all(server) == len(VISITORS)


def test_every_visitor_is_found_from_the_address_of_any_server(nginx, origin, rules, cluster):
    for node in (cluster.nodes[0], cluster.nodes[5]):
        server = shop(nginx, origin, rules, f"cluster 127.0.0.1:{node.port}")
        assert everybody_is_known(server)
        assert counters(server)["redis_redirects"] == 0, "the slots were known before they were needed"


def test_servers_that_are_gone_or_no_cluster_are_passed_over(nginx, origin, rules, cluster, redis):
    redis.command("CONFIG", "SET", "port", port := harness.free_port())
    addresses = f"127.0.0.1:{harness.free_port()} 127.0.0.1:{port} 127.0.0.1:{cluster.nodes[1].port}"
    server = shop(nginx, origin, rules, f"cluster {addresses}")
    harness.wait_until(lambda: everybody_is_known(server), "a server that knows the cluster")


def move(cluster, slot, source, target, between=lambda: None):
    """As redis-cli --cluster reshard does it; `between` is called while the slot has no keys here any more, but
    is still the source's."""
    source_id, target_id = cluster.id(source), cluster.id(target)
    assert target.command("CLUSTER", "SETSLOT", slot, "IMPORTING", source_id) == "OK"
    assert source.command("CLUSTER", "SETSLOT", slot, "MIGRATING", target_id) == "OK"
    while keys := source.command("CLUSTER", "GETKEYSINSLOT", slot, 100).split():
        assert source.command("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys) == "OK"
    between()
    for node in (target, source, *cluster.running()):
        node.command("CLUSTER", "SETSLOT", slot, "NODE", target_id)


def test_a_slot_that_moves_is_followed(nginx, origin, rules, cluster):
    server = shop(nginx, origin, rules, f"cluster {cluster.addresses}")
    assert everybody_is_known(server)
    visitor = "visitor7"
    source = cluster.owner(visitor)
    target = next(node for node in cluster.nodes[:3] if node is not source)
    asked = []

    def while_it_moves():
        before = counters(server)["redis_redirects"]
        asked.append(ask(server, headers={"X-Visitor": visitor}).body)
        asked.append(counters(server)["redis_redirects"] - before)

    move(cluster, cluster.slot(visitor), source, target, while_it_moves)
    assert asked == [named(VISITORS[visitor]), 1], "ASK leads to where the key is already"
    before = counters(server)
    assert ask(server, headers={"X-Visitor": visitor}).body == named(VISITORS[visitor])
    harness.wait_until(
        lambda: ask(server, headers={"X-Visitor": visitor}).body == named(VISITORS[visitor])
        and counters(server)["redis_moves"] >= before["redis_moves"],
        "the new map",
    )
    known = counters(server)["redis_redirects"]
    for _ in range(5):
        assert ask(server, headers={"X-Visitor": visitor}).body == named(VISITORS[visitor])
    assert counters(server)["redis_redirects"] == known, "what MOVED said is remembered"
    move(cluster, cluster.slot(visitor), target, source)


@pytest.fixture
def named_cluster(cluster):
    """While it goes by host names: servers say them, and add their addresses."""

    def prefer(kind, name):
        for node in cluster.nodes:
            node.command("CONFIG", "SET", "cluster-announce-hostname", name)
            node.command("CONFIG", "SET", "cluster-preferred-endpoint-type", kind)
        harness.wait_until(
            lambda: not name or all(node.command("CLUSTER", "SLOTS").count(name) >= 6 for node in cluster.nodes),
            "all servers to know the names",
        )

    yield prefer
    prefer("ip", "")


def redirected(cluster, server, visitor):
    """Moves the visitor's slot and back, asking before the servers' map can have been asked for; the bodies."""
    source = cluster.owner(visitor)
    target = next(node for node in cluster.nodes[:3] if node is not source)
    bodies = []
    for there, back in ((source, target), (target, source)):
        move(
            cluster,
            cluster.slot(visitor),
            there,
            back,
            lambda: bodies.append(ask(server, headers={"X-Visitor": visitor}).body),
        )
        bodies.append(ask(server, headers={"X-Visitor": visitor}).body)
    return bodies


def test_redirects_to_names_whose_addresses_the_servers_told_are_followed(
    nginx, origin, rules, cluster, named_cluster
):
    named_cluster("hostname", "redis.example")
    server = shop(nginx, origin, rules, f"cluster {cluster.addresses}")
    harness.wait_until(lambda: everybody_is_known(server), "the map")
    assert set(redirected(cluster, server, "visitor7")) == {named(VISITORS["visitor7"])}
    assert counters(server)["redis_errors"] == counters(server)["redis_redirects"] >= 2


@pytest.mark.parametrize("kind, name", [("unknown-endpoint", ""), ("hostname", "")], ids=["unknown", "question mark"])
def test_servers_that_do_not_say_who_they_are_are_found_again_at_once(
    nginx, origin, rules, cluster, named_cluster, kind, name
):
    named_cluster(kind, name)
    server = shop(nginx, origin, rules, f"cluster {cluster.addresses}")
    harness.wait_until(lambda: everybody_is_known(server), "the map")
    source = cluster.owner("visitor7")
    target = next(node for node in cluster.nodes[:3] if node is not source)
    slot = cluster.slot("visitor7")
    move(cluster, slot, source, target)
    try:
        harness.wait_until(
            lambda: ask(server, headers={"X-Visitor": "visitor7"}).body == named(VISITORS["visitor7"]), "the new map"
        )
    finally:
        move(cluster, slot, target, source)


def slots_and_hostname(port, name):
    """All slots are that server's, which goes by a name, on this machine."""
    facts = array("ip", "127.0.0.1")
    node = b"*4\r\n" + bulk(name) + b":%d\r\n" % port + bulk("id") + facts
    return b"*1\r\n*3\r\n:0\r\n:16383\r\n" + node


@pytest.mark.parametrize("kind", ["MOVED", "ASK"])
def test_a_redirect_to_an_unknown_name_has_the_map_asked_for_at_once(nginx, origin, rules, kind):
    knows = []
    right = FakeRedis(lambda command, _: array("Ann"))

    def slots(port):
        knows.append(port)
        return slots_and_hostname(port, "one.example") if len(knows) == 1 else slots_and_hostname(right.port, "two.example")

    fake = FakeCluster(lambda port: b"-%s %d two.example:%d\r\n" % (kind.encode(), ANNS_SLOT, right.port), slots)
    try:
        server = shop(nginx, origin, rules, f"cluster {fake.address}")
        harness.wait_until(lambda: len(knows) == 1, "the first map")
        harness.wait_until(lambda: ask(server, headers={"X-Visitor": "ann"}).body == named("Ann"), "the second map")
        told = [command for command in fake.data_commands() if command[0] == b"HMGET"]
        assert told and counters(server)["redis_redirects"] == len(told)
        # The map is asked for every five seconds anyway, but not as soon as this.
        assert len(knows) >= 2
    finally:
        fake.stop()
        right.stop()


@pytest.fixture
def as_edge(cluster):
    """A Redis user with these rights only; the options that make NGINX that user."""

    def allow(*rights):
        for node in cluster.nodes:
            node.command("ACL", "SETUSER", "edge", "reset", "on", ">secret", "~personalize:*", *rights)
        return "user=edge password=secret"

    yield allow
    for node in cluster.running():
        node.command("ACL", "DELUSER", "edge")


def documented_rights():
    """What docs/redis.md gives the user of a cluster."""
    said = re.findall(r"`ACL SETUSER edge on >secret ~shop:\* ([^`]*cluster[^`]*)`", (harness.ROOT / "docs/redis.md").read_text())
    assert len(said) == 1, said
    return said[0].split()


def test_the_documented_rights_are_enough_while_a_slot_moves(nginx, origin, rules, cluster, as_edge):
    server = shop(nginx, origin, rules, f"cluster {cluster.addresses}", as_edge(*documented_rights()))
    harness.wait_until(lambda: everybody_is_known(server), "the map")
    assert set(redirected(cluster, server, "visitor7")) == {named(VISITORS["visitor7"])}


def test_a_user_who_may_not_ask_for_a_moving_slot_is_told_why(nginx, origin, rules, cluster, as_edge):
    rights = [right for right in documented_rights() if right != "+asking"]
    server = shop(nginx, origin, rules, f"cluster {cluster.addresses}", as_edge(*rights))
    harness.wait_until(lambda: everybody_is_known(server), "the map")
    source = cluster.owner("visitor7")
    target = next(node for node in cluster.nodes[:3] if node is not source)
    asked = []

    def while_it_moves():
        before = counters(server)
        answer = ask(server, headers={"X-Visitor": "visitor7"})
        now = counters(server)
        asked.append((answer.body, answer.header("X-Profile"), now["redis_queries"] - before["redis_queries"]))

    move(cluster, cluster.slot("visitor7"), source, target, while_it_moves)
    move(cluster, cluster.slot("visitor7"), target, source)
    assert asked == [(STRANGER, "[error]", 2)], "it ran in circles"
    lines = [line for line in server.log().splitlines() if "personalize: redis cluster" in line]
    assert len(lines) == 1 and "NOPERM" in lines[0] and "+asking" in lines[0], lines


def test_slots_that_move_under_load_give_nobody_anything_that_is_not_theirs(nginx, origin, rules, cluster):
    server = shop(nginx, origin, rules, f"cluster {cluster.addresses}", workers=2)
    assert everybody_is_known(server)
    over, known, rounds = threading.Event(), [], []

    def visit():
        while not over.is_set():
            known.append(ask_as_all(server))
            rounds.append(1)

    load = threading.Thread(target=visit)
    load.start()
    try:
        for visitor in random.Random(5).sample(sorted(VISITORS), 4):
            source = cluster.owner(visitor)
            target = next(node for node in cluster.nodes[:3] if node is not source)
            move(cluster, cluster.slot(visitor), source, target)
            enough = len(rounds) + 1
            harness.wait_until(lambda: len(rounds) >= enough or not load.is_alive(), "another round")
            move(cluster, cluster.slot(visitor), target, source)
    finally:
        over.set()
        load.join()
    assert known and sum(known) >= 0.99 * len(known) * len(VISITORS), "moving slots cost profiles"


def test_a_lost_master_is_replaced_by_its_replica(nginx, origin, rules, cluster):
    server = nginx(
        edge(
            f"proxy_pass http://127.0.0.1:{origin(PAGE).port};",
            f"""personalize on; personalize_rules {rules(PROFILE_RULES)}; personalize_visitor $http_x_visitor;
            personalize_redis cluster {cluster.addresses}; personalize_deadline 1s;
            location /file/ {{ alias FOLDER/html/; }} {pacemaker(1100)} {STATUS_PAGE}""",
        )
    )
    server.file("page.html", PAGE)
    harness.wait_until(lambda: everybody_is_known(server), "everybody to be known")
    lost = cluster.owner("visitor0")
    lost.process.kill()
    lost.process.wait()

    def found_again():
        if everybody_is_known(server):
            return True
        [(_, in_time)] = paced(server, [{"X-Visitor": "visitor0"}], "/file/page.html")
        assert in_time, "a page waited longer than its deadline"

    harness.wait_until(found_again, "the cluster to be found again")
    now = counters(server)
    assert now["redis_moves"] >= 1 and now["redis_disconnects"] >= 1
    lines = [line for line in server.log().splitlines() if "[error]" in line or "[warn]" in line]
    assert len(lines) < max(30, 2 * server.seconds()), "the log is not calm"
    lost.start()
    harness.wait_until(lambda: cluster.healthy(), "the lost server to be back as a replica")
    assert everybody_is_known(server)


def slots_of(port, first=0, last=16383, host="127.0.0.1"):
    node = array(host, "port", "id").replace(b"$4\r\nport\r\n", b":%d\r\n" % port)
    return b"*1\r\n*3\r\n:%d\r\n:%d\r\n" % (first, last) + node


class FakeCluster(FakeRedis):
    """Says that it has all slots, and answers queries with `answer(port)`."""

    def __init__(self, answer, slots=slots_of):
        def reply(command, _):
            if command[0].upper() == b"CLUSTER":
                return slots(self.port)
            return answer(self.port)

        super().__init__(reply)


@pytest.mark.parametrize(
    "answer",
    [
        lambda port: b"-MOVED 1 127.0.0.1:%d\r\n" % port,
        lambda port: b"-MOVED 99999 127.0.0.1:1\r\n",
        lambda port: b"-MOVED %d redis.example:6379\r\n" % ANNS_SLOT,
        lambda port: b"-MOVED %d 127.0.0.1:%d\r\n" % (ANNS_SLOT, port),
        lambda port: b"-ASK %d 127.0.0.1:%d\r\n" % (ANNS_SLOT, port),
        lambda port: b"-ASK %d 127.0.0.1:1\r\n" % ANNS_SLOT,
        lambda port: b"-MOVED %d\r\n" % ANNS_SLOT,
        lambda port: b"-MOVED\r\n",
        lambda port: b"-CLUSTERDOWN The cluster is down\r\n",
        lambda port: b"-TRYAGAIN Multiple keys request during rehashing of slot\r\n",
    ],
    ids=["other slot", "no slot", "name", "circle", "ask circle", "ask nobody", "no target", "bare", "down", "try again"],
)
def test_redirects_in_circles_or_to_nowhere_end_in_an_anonymous_page(nginx, origin, rules, answer):
    fake = FakeCluster(answer)
    try:
        server = shop(nginx, origin, rules, f"cluster {fake.address}")
        for _ in range(8):
            assert ask(server, headers={"X-Visitor": "ann"}).body == STRANGER
        queries = [command for command in fake.data_commands() if command[0] == b"HMGET"]
        assert 8 <= len(queries) <= 8 * 4, "circles are left"
    finally:
        fake.stop()


@pytest.mark.parametrize(
    "slots",
    [
        lambda port: b"*0\r\n",
        lambda port: b"-ERR This instance has cluster support disabled\r\n",
        lambda port: b"*1\r\n*3\r\n:5\r\n:3\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n",
        lambda port: b"*1\r\n*3\r\n:0\r\n:99999\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n",
        lambda port: b"*1\r\n*2\r\n:0\r\n:1\r\n",
        lambda port: slots_of(port, host="redis.example"),
        lambda port: b"*200\r\n" + b"".join(slots_of(i + 1, i, i)[4:] for i in range(200)),
        lambda port: b"+OK\r\n",
    ],
    ids=["nothing", "no cluster", "backwards", "outside", "short", "names", "200 servers", "status"],
)
def test_nonsense_about_slots_is_survived(nginx, origin, rules, slots):
    fake = FakeCluster(lambda port: array("Ann"), slots)
    try:
        server = shop(nginx, origin, rules, f"cluster {fake.address}")
        for _ in range(3):
            assert ask(server, headers={"X-Visitor": "ann"}).status == 200
        lines = [line for line in server.log().splitlines() if "[error]" in line or "[warn]" in line]
        assert len(lines) < max(20, 2 * server.seconds()), lines
    finally:
        fake.stop()


def test_a_server_that_leaves_its_own_address_out_is_the_one_that_was_asked(nginx, origin, rules):
    fake = FakeCluster(lambda port: array("Ann"), lambda port: slots_of(port, host=""))
    try:
        server = shop(nginx, origin, rules, f"cluster {fake.address}")
        assert ask(server, headers={"X-Visitor": "ann"}).body == named("Ann")
    finally:
        fake.stop()
