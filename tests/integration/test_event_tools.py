"""export-events and import-events: the log of events, and other people's tools."""
# Part: integration

import base64
import csv
import hashlib
import hmac
import io
import json
import re
import signal
import subprocess
import threading

import pytest

import harness
from event_logs import in_redis, make, maker, tool as run, until_settled
from redis_sets import Cluster, SentinelSet

TOOL = harness.BUILD / "personalize"


def event(number, visitor="ann", **more):
    return {"time": 1764410000000 + number, "id": f"e{number}", "visitor": visitor, "confirmed": True,
            "name": "page_view", **more}


FULL = event(
    1, shop="main", name="purchase", path="/p/\"quoted\", and comma", country="IE", device="phone", language="en",
    referrer="search", search_term="=1+1\nboots", currency="EUR", transaction_id="T-1", value=129.5, results=3,
    duration=1500, utm_source="mail", utm_campaign="summer",
    items=[{"item_id": "boots", "item_name": "Tide \"Boots\", two\nlines", "price": 64.75, "quantity": 2}, {"item_id": "b"}],
    shown=[{"slot": "hero", "rule": "rain", "experiment": "hero", "variation": "b", "applied": True, "items": ["x", "y"]},
           {"slot": "top", "rule": "late", "applied": False}],
)


def lines_of(text):
    return [json.loads(line) for line in text.splitlines()]


def ids(text):
    return [one["id"] for one in lines_of(text)]


@pytest.fixture
def log(tmp_path):
    """log(events or lines…) → a log file."""

    def write(*events, name="events.log", end="\n"):
        path = tmp_path / name
        path.write_text("\n".join(e if isinstance(e, str) else json.dumps(e) for e in events) + end)
        return path

    return write


def append(redis, *events, stream=0, prefix="personalize:"):
    for one in events:
        redis.command("XADD", f"{prefix}log:{{{stream:02}}}", "*", "e", json.dumps(one))


def address(redis):
    return f"unix:{redis.socket}"


def test_all_streams_are_exported_as_json_lines(redis):
    for number in range(100):
        append(redis, event(number), stream=number)
    done = run("export-events", "--redis", address(redis), "--ids", "plain")
    assert (done.returncode, done.stderr) == (0, "personalize: 100 events\n")
    assert sorted(ids(done.stdout)) == sorted(f"e{i}" for i in range(100))


def test_what_is_exported_is_what_was_written(redis, log):
    append(redis, FULL)
    done = run("export-events", "--redis", address(redis), "--ids", "plain")
    assert lines_of(done.stdout) == [FULL]
    assert run("export-events", log(FULL), "--ids", "plain").stdout == done.stdout


def test_ids_are_hmac_unless_asked(log, tmp_path):
    path = log(event(1, "ann"), event(2, "bob"), event(3, "ann"))
    done = run("export-events", path)
    visitors = [one["visitor"] for one in lines_of(done.stdout)]
    assert visitors[0] == visitors[2] != visitors[1] and not {"ann", "bob"} & set(visitors)
    assert "ann" not in done.stdout and "--key FILE" in done.stderr
    assert visitors != [one["visitor"] for one in lines_of(run("export-events", path).stdout)], "another key each time"
    key = tmp_path / "key"
    key.write_text("0123456789abcdef\nsecond line\n")
    expected = base64.urlsafe_b64encode(hmac.digest(b"0123456789abcdef", b"ann", hashlib.sha256)[:16]).decode()[:22]
    assert lines_of(run("export-events", path, "--key", key).stdout)[0]["visitor"] == expected
    key.write_text("short\n")
    assert run("export-events", path, "--key", key).returncode == 2
    assert "cannot be read" in run("export-events", path, "--key", tmp_path / "none").stderr


def test_a_reader_goes_on_where_it_had_come_to_and_drops_what_all_have_read(redis):
    words = ("export-events", "--redis", address(redis), "--ids", "plain", "--reader")
    append(redis, *(event(i) for i in range(500)))
    assert len(ids(run(*words, "one").stdout)) == 500
    assert redis.command("XLEN", "personalize:log:{00}") != "500", "the only reader has read them"
    append(redis, *(event(i) for i in range(500, 505)))
    assert ids(run(*words, "one").stdout) == [f"e{i}" for i in range(500, 505)]
    assert run(*words, "one").stdout == ""


def test_what_another_reader_has_not_read_is_kept(redis):
    words = ("export-events", "--redis", address(redis), "--ids", "plain", "--reader")
    append(redis, event(0))
    run(*words, "slow")
    append(redis, *(event(i) for i in range(1, 400)))
    assert len(ids(run(*words, "fast").stdout)) >= 399
    assert len(ids(run(*words, "slow").stdout)) == 399
    # One that was not seen for a day is not waited for.
    append(redis, *(event(i) for i in range(400, 900)))
    position, count, saved = redis.command("HGET", "personalize:log:{00}:readers", "slow").split()
    redis.command("HSET", "personalize:log:{00}:readers", "slow", f"{position} {count} {int(saved) - 25 * 3600 * 1000}")
    run(*words, "fast")
    done = run(*words, "slow")
    missing = 500 - len(ids(done.stdout))
    assert missing > 0 and done.returncode == 1
    assert f"{missing} events were dropped before they were read" in done.stderr


def test_a_reader_that_only_begins_is_waited_for(redis):
    words = ("export-events", "--redis", address(redis), "--ids", "plain", "--reader")
    append(redis, *(event(i) for i in range(300)))
    with open("/dev/full", "w") as full:
        assert subprocess.run([TOOL, *words, "new"], stdout=full, stderr=subprocess.DEVNULL).returncode == 2
    assert len(ids(run(*words, "other").stdout)) == 300
    assert len(ids(run(*words, "new").stdout)) == 300


def test_events_that_were_dropped_unread_are_counted(redis):
    words = ("export-events", "--redis", address(redis), "--ids", "plain", "--reader", "one")
    append(redis, event(0))
    assert run(*words).returncode == 0
    append(redis, *(event(i) for i in range(1, 21)))
    redis.command("XTRIM", "personalize:log:{00}", "MAXLEN", "5")
    done = run(*words)
    assert ids(done.stdout) == [f"e{i}" for i in range(16, 21)]
    assert done.returncode == 1 and "15 events were dropped before they were read" in done.stderr
    done = run(*words)
    assert (done.stdout, done.returncode) == ("", 0), "they are counted once"
    redis.command("DEL", "personalize:log:{00}")
    append(redis, event(30))
    assert ids(run(*words).stdout) == ["e30"], "a stream that begins anew"


def documented_rights(user):
    """What docs/redis.md gives that user."""
    text = (harness.ROOT / "docs/redis.md").read_text()
    return re.findall(rf"`ACL SETUSER {user} on >secret (~shop:\S* [^`]*(?:xadd|xtrim)[^`]*)`", text)[0].split()


def test_the_documented_rights_are_enough_for_readers_and_for_the_edge(nginx, redis):
    redis.command("CONFIG", "SET", "port", port := harness.free_port())
    for user in ("reader", "edge"):
        assert redis.command("ACL", "SETUSER", user, "reset", "on", ">secret", *documented_rights(user)) == "OK"
    server = maker(nginx, "redis", f"127.0.0.1:{port} user=edge password=secret prefix=shop:")
    made, _ = make(server, count=300)
    assert until_settled(server, 300) == (300, {})
    reader = f"127.0.0.1:{port} user=reader password=secret prefix=shop:"
    for expected in (made, set()):
        done = run("export-events", "--redis", reader, "--ids", "plain", "--reader", "one")
        assert (done.returncode, set(ids(done.stdout))) == (0, expected), done.stderr


def test_entries_of_any_size_come_through(redis):
    large = [event(i, path="/" + "x" * 60_000) for i in range(40)]
    append(redis, *large, *(event(i) for i in range(40, 60)))
    done = run("export-events", "--redis", address(redis), "--ids", "plain")
    assert ids(done.stdout) == [f"e{i}" for i in range(60)]


class Follower:
    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [TOOL, "export-events", *map(str, arguments), "--follow", "--ids", "plain"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        self.lines = []
        self.thread = threading.Thread(target=lambda: self.lines.extend(self.process.stdout), daemon=True)
        self.thread.start()

    def until(self, count):
        harness.wait_until(lambda: len(self.lines) >= count, f"{count} events")
        return ids("".join(self.lines))

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        self.process.wait(harness.PATIENCE)
        self.thread.join(harness.PATIENCE)
        return self.process.returncode, self.process.stderr.read()


def test_a_follower_gets_events_as_they_come_and_ends_when_told(redis):
    append(redis, event(0))
    follower = Follower("--redis", address(redis), "--reader", "one")
    follower.until(1)
    append(redis, event(1), event(2))
    assert follower.until(3) == ["e0", "e1", "e2"]
    assert follower.stop() == (0, "personalize: 3 events\n")
    assert run("export-events", "--redis", address(redis), "--ids", "plain", "--reader", "one").stdout == ""


def test_a_follower_outlives_its_redis(redis, tmp_path):
    durable = harness.Redis(tmp_path / "durable", options=("--appendonly", "yes", "--appendfsync", "always")).start()
    try:
        append(durable, event(0))
        follower = Follower("--redis", address(durable))
        follower.until(1)
        durable.process.kill()
        durable.process.wait()
        durable.start()
        harness.wait_until(lambda: durable.command("PING") == "PONG", "Redis to have read what it had")
        append(durable, event(1))
        assert follower.until(2) == ["e0", "e1"]
        assert follower.stop(signal.SIGINT)[0] == 0
    finally:
        durable.stop()


def test_a_reader_that_is_killed_hands_over_again_and_loses_nothing(redis):
    append(redis, *(event(i) for i in range(50)))
    follower = Follower("--redis", address(redis), "--reader", "one")
    follower.until(50)
    follower.process.kill()
    follower.process.wait()
    append(redis, event(50))
    again = ids(run("export-events", "--redis", address(redis), "--ids", "plain", "--reader", "one").stdout)
    assert again[-1] == "e50" and again == [f"e{i}" for i in range(51 - len(again), 51)]


def test_files_are_read_on_over_rotation(log, tmp_path):
    words = ("export-events", tmp_path / "events.log", "--ids", "plain", "--reader", "one")
    path = log(event(0), event(1))
    assert ids(run(*words).stdout) == ["e0", "e1"]
    with path.open("a") as file:
        file.write(json.dumps(event(2)) + "\n" + json.dumps(event(3))[:30])
    assert ids(run(*words).stdout) == ["e2"], "a line that is still being written is left"
    with path.open("a") as file:
        file.write(json.dumps(event(3))[30:] + "\n")
    path.rename(tmp_path / "events.log.1")
    log(event(4))
    assert ids(run(*words).stdout) == ["e3", "e4"]
    path.write_text("")
    path.write_text(json.dumps(event(5)) + "\n")
    assert ids(run(*words).stdout) in (["e5"], []), "a file that was emptied"


def test_a_file_is_followed_over_rotation(log, tmp_path):
    path = log(event(0))
    follower = Follower(path)
    follower.until(1)
    path.rename(tmp_path / "moved.log")
    with (tmp_path / "moved.log").open("a") as file:
        file.write(json.dumps(event(1)) + "\n")
    log(event(2))
    assert follower.until(3) == ["e0", "e1", "e2"]
    assert follower.stop()[0] == 0


def test_broken_lines_are_counted_and_what_follows_them_is_not_lost(log):
    whole = json.dumps(event(2), separators=(",", ":"))
    done = run(
        "export-events", "--ids", "plain",
        log(event(1), '{"time":17644,"id":"e', '{"time":1764410000000,"id":"e9","na' + whole, "", "null", event(3)),
    )
    assert ids(done.stdout) == ["e1", "e2", "e3"]
    assert done.returncode == 1 and "3 lines were broken, such as: " in done.stderr


def test_csv_has_a_header_and_everything_and_comes_back(log, tmp_path):
    path = log(FULL, event(2))
    text = run("export-events", path, "--ids", "plain", "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["id"] for row in rows] == ["e1", "e2"]
    assert rows[0]["search_term"] == FULL["search_term"] and json.loads(rows[0]["items"]) == FULL["items"]
    assert json.loads(rows[0]["shown"]) == FULL["shown"] and rows[1]["shown"] == ""
    done = run("import-events", "-", "--log", tmp_path / "back.log", text=text)
    assert (done.returncode, done.stderr) == (0, "personalize: 2 events\n")
    assert lines_of((tmp_path / "back.log").read_text()) == [FULL, event(2)]


def parameters(row):
    return {one["key"]: next(iter(one["value"].values())) for one in row["event_params"]}


def test_ga4_rows_have_parameters_and_items_and_exposures_are_promotions(log, tmp_path):
    done = run("export-events", log(FULL, event(2, name="dwell", duration=900)), "--ids", "plain", "--format", "ga4")
    purchase, shown, dwell = lines_of(done.stdout)
    assert (purchase["event_name"], purchase["event_timestamp"]) == ("purchase", "1764410000001000")
    assert purchase["event_date"] == "20251129" and purchase["user_pseudo_id"] == "ann"
    assert parameters(purchase)["value"] == 129.5 and parameters(purchase)["search_term"] == FULL["search_term"]
    assert purchase["ecommerce"] == {"transaction_id": "T-1", "purchase_revenue": 129.5}
    assert purchase["items"][0]["price"] == 64.75 and purchase["items"][0]["quantity"] == "2"
    assert purchase["device"] == {"category": "mobile", "language": "en"} and purchase["geo"] == {"country": "IE"}
    assert shown["event_name"] == "view_promotion" and parameters(shown)["exp_variant_string"] == "personalize-hero-b"
    assert parameters(shown)["promotion_id"] == "rain" and [i["item_id"] for i in shown["items"]] == ["x", "y"]
    assert (dwell["event_name"], parameters(dwell)["engagement_time_msec"]) == ("user_engagement", "900")
    back = run("import-events", "-", "--log", tmp_path / "back.log", text=done.stdout)
    assert back.returncode == 0
    first = lines_of((tmp_path / "back.log").read_text())[0]
    assert first == {name: value for name, value in FULL.items() if name not in ("shown", "duration")}


GA4 = {
    "event_date": "20251129", "event_timestamp": "1764410000123456", "event_name": "view_item",
    "event_params": [
        {"key": "page_location", "value": {"string_value": "https://shop.example/p/boots?utm_source=x#top"}},
        {"key": "ga_session_id", "value": {"int_value": "17"}},
        {"key": "value", "value": {"string_value": None, "int_value": "129", "float_value": None, "double_value": None}},
        {"key": "currency", "value": {"string_value": "EUR"}},
    ],
    "user_pseudo_id": "1234.5678", "user_id": None,
    "device": {"category": "mobile", "language": "en-ie"}, "geo": {"country": "Ireland", "city": "(not set)"},
    "items": [{"item_id": "boots", "item_name": "Tide Boots", "item_variant": "(not set)", "price": 129.0, "quantity": "1"}],
}


def test_rows_of_bigquery_are_imported(redis):
    rows = [GA4, {**GA4, "event_name": "session_start"}, {**GA4, "user_pseudo_id": None}]
    done = run("import-events", "-", "--redis", address(redis), text="\n".join(map(json.dumps, rows)))
    assert done.returncode == 1
    assert done.stderr == "-:3: it needs a `user_pseudo_id`\npersonalize: 1 events, 1 passed over, 1 refused\n"
    [there] = lines_of(run("export-events", "--redis", address(redis), "--ids", "plain").stdout)
    assert there.pop("id")
    assert there == {
        "time": 1764410000123, "visitor": "1234.5678", "confirmed": True, "name": "view_item", "path": "/p/boots",
        "country": "IE", "device": "phone", "language": "en", "currency": "EUR", "value": 129,
        "items": [{"item_id": "boots", "item_name": "Tide Boots", "price": 129, "quantity": 1}],
    }


def test_events_are_imported_to_the_stream_of_their_visitor(nginx, redis):
    server = maker(nginx, "redis", address(redis))
    for _ in range(16):
        make(server, count=1)
    until_settled(server, 16)
    before = {key: int(redis.command("XLEN", key)) for key in redis.command("KEYS", "*log*").splitlines()}
    past = "\n".join(json.dumps(event(i, f"v{i}")) for i in range(16))
    assert run("import-events", "-", "--redis", address(redis), text=past).returncode == 0
    assert {key: int(redis.command("XLEN", key)) for key in before} == {key: 2 * count for key, count in before.items()}
    assert len(in_redis(redis)) == 32


@pytest.mark.parametrize(
    "line, why",
    [
        ("[1]", "not a JSON object"),
        ('{"time":1,"visitor":"a"', "not a JSON object"),
        ('{"visitor":"a","name":"page_view"}', "`time` must be milliseconds"),
        ('{"time":"yesterday","visitor":"a","name":"page_view"}', "is not a time"),
        ('{"time":1,"name":"page_view"}', "needs a `visitor`"),
        ('{"time":1,"visitor":"a","name":"veiw_item"}', "unknown event"),
    ],
)
def test_what_is_no_event_is_refused_with_its_line(tmp_path, line, why):
    done = run("import-events", "-", "--log", tmp_path / "log", text=json.dumps(event(0)) + "\n\n" + line + "\n")
    assert done.returncode == 1 and done.stderr.startswith("-:3: ") and why in done.stderr, done.stderr
    assert len(lines_of((tmp_path / "log").read_text())) == 1


@pytest.mark.parametrize(
    "text, why",
    [
        ("time,visitor,nmae\n", "-:1: there is no column `nmae`"),
        ("time,visitor,name\n1,a\n", "-:2: it has other columns than the header"),
        ('time,visitor,name\n1,"a"b,page_view\n', "-:2: something follows a closing quote"),
        ('time,visitor,name\n1,"a,page_view\n', "-:2: a quote is not closed"),
        ("time,visitor,name,items\n1,a,page_view,[\n", "-:2: `items` is not JSON"),
    ],
)
def test_what_is_wrong_with_csv_is_said_with_its_line(tmp_path, text, why):
    done = run("import-events", "-", "--log", tmp_path / "log", text=text)
    assert done.returncode == 1 and done.stderr.startswith(why), done.stderr


def test_times_may_be_written_as_people_write_them(tmp_path):
    text = '\ufefftime,visitor,name\r\n2025-11-29T10:00:00Z,a,page_view\r\n\r\n1764410000000,"b",login\r\n'
    done = run("import-events", "-", "--log", tmp_path / "log", text=text)
    assert done.returncode == 0, done.stderr
    assert [one["time"] for one in lines_of((tmp_path / "log").read_text())] == [1764410400000, 1764410000000]


def test_a_dry_run_writes_nothing(redis):
    done = run("import-events", "-", "--redis", address(redis), "--dry-run", text=json.dumps(event(0)))
    assert (done.returncode, done.stderr) == (0, "personalize: 1 events\n")
    assert redis.command("KEYS", "*") == ""


def test_the_log_of_a_master_that_sentinels_know_is_read_and_written(tmp_path):
    several = SentinelSet(tmp_path / "set").start()
    try:
        words = ("--redis", f"sentinel:{several.NAME} {several.addresses}")
        past = "\n".join(json.dumps(event(i, f"v{i}")) for i in range(50))
        assert run("import-events", "-", *words, text=past).returncode == 0
        assert len(ids(run("export-events", *words, "--ids", "plain", "--reader", "one").stdout)) == 50
    finally:
        several.stop()


def test_the_log_of_a_cluster_is_read_and_written(tmp_path):
    cluster = Cluster(tmp_path / "cluster")
    try:
        cluster.start()
        words = ("--redis", f"cluster {cluster.addresses}")
        past = "\n".join(json.dumps(event(i, f"v{i}")) for i in range(200))
        assert run("import-events", "-", *words, "--shards", "20", text=past).returncode == 0
        done = run("export-events", *words, "--ids", "plain", "--reader", "one")
        assert (done.returncode, len(ids(done.stdout))) == (0, 200), done.stderr
        assert run("export-events", *words, "--ids", "plain", "--reader", "one").stdout == ""
    finally:
        cluster.stop()


@pytest.mark.parametrize(
    "words, why",
    [
        (["export-events"], "name log files, or a Redis"),
        (["export-events", "/nowhere/events.log"], "cannot be read"),
        (["export-events", "x", "--redis", "y"], "name log files, or a Redis"),
        (["export-events", "x", "--format", "xml"], "--format: json, csv or ga4"),
        (["export-events", "x", "--ids", "none"], "--ids: hmac or plain"),
        (["export-events", "x", "--reader", "one"], "--reader needs --key FILE"),
        (["export-events", "--redis", "127.0.0.1:1", "--ids", "plain"], "Connection refused"),
        (["export-events", "x", "--ids", "plain", "--reader", "../one"], "neither spaces nor slashes"),
        (["import-events", "-"], "say where events go"),
        (["import-events", "/nowhere.csv", "--log", "/dev/null"], "cannot be read"),
        (["import-events", "-", "--log", "/nowhere/log"], "cannot be written"),
        (["import-events", "-", "--redis", "127.0.0.1:1"], "Connection refused"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_exit_status_is_2(words, why):
    text = json.dumps(event(0, path="/" + "x" * 9000))
    done = run(*words, text=text)
    assert done.returncode == 2 and why in done.stderr, (done.returncode, done.stderr)


@pytest.mark.parametrize("verb", ["export-events", "import-events"])
def test_each_verb_has_help(verb):
    done = run(verb, "--help")
    assert done.returncode == 0 and "--redis" in done.stdout


def test_a_full_disk_is_no_success(log):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [TOOL, "export-events", log(event(0)), "--ids", "plain"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2 and "cannot be written" in done.stderr
