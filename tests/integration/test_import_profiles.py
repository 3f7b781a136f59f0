"""import-profiles: what a shop knows of its visitors gets into Redis as rules read it."""
# Part: integration

import json

import pytest

from event_logs import tool as run


def address(redis):
    return f"unix:{redis.socket}"


RULES = """
version: 1
attributes:
  profile:
    first_name: string
    spent: double
    interests: list<string>
    loyal: bool
slots:
  hero: { select: "#hero" }
rules:
  - { id: a, slot: hero, when: profile.loyal, do: { inner: "<b>{{profile.first_name}}</b>" } }
"""


def profile(redis, visitor, prefix="personalize:"):
    words = redis.command("HGETALL", f"{prefix}{{{visitor}}}:profile").splitlines()
    return dict(zip(words[::2], words[1::2]))


def test_profiles_are_imported_as_rules_read_them(redis, rules):
    rows = [
        {"visitor": "ann", "first_name": "Änn", "spent": 12.5, "interests": ["rain", "camp"], "loyal": True},
        {"visitor": "bob", "first_name": "Bob", "loyal": None},
    ]
    words = ("import-profiles", "-", "--redis", address(redis), "--rules", rules(RULES))
    done = run(*words, text="\n".join(map(json.dumps, rows)))
    assert (done.returncode, done.stderr) == (0, "personalize: 2 profiles\n")
    assert profile(redis, "ann") == {
        "first_name": "Änn", "spent": "12.5", "interests": '["rain","camp"]', "loyal": "true"
    }
    assert profile(redis, "bob") == {"first_name": "Bob"}
    shown = run("explain", "--rules", rules(RULES), "--url", "https://shop.example/", "--visitor", "ann",
                "--consent", "off", "--redis", address(redis), "--json")
    assert "Änn" in shown.stdout


def test_profiles_come_from_csv_and_are_merged_or_replaced(redis):
    text = 'customer,first_name,city\nann,"Ann, A.",Cork\nbob,,Galway\n'
    words = ("import-profiles", "-", "--redis", f"{address(redis)} prefix=shop:", "--id", "customer")
    redis.profile("ann", prefix="shop:", spent="5")
    assert run(*words, text=text).returncode == 0
    assert profile(redis, "ann", "shop:") == {"spent": "5", "first_name": "Ann, A.", "city": "Cork"}
    assert profile(redis, "bob", "shop:") == {"city": "Galway"}
    assert run(*words, "--replace", text=text).returncode == 0
    assert profile(redis, "ann", "shop:") == {"first_name": "Ann, A.", "city": "Cork"}


@pytest.mark.parametrize(
    "row, why",
    [
        ({"first_name": "A"}, "it has no `visitor`"),
        ({"visitor": "a b", "first_name": "A"}, "an id is 1 to 128 of"),
        ({"visitor": "a}", "first_name": "A"}, "an id is 1 to 128 of"),
        ({"visitor": "ann"}, "it has no fields"),
        ({"visitor": "ann", "frist_name": "A"}, "rules declare no profile.frist_name"),
        ({"visitor": "ann", "spent": "much"}, "`spent` is no double"),
        ({"visitor": "ann", "interests": [1, [2]]}, "`interests` is no list<string>"),
        ({"visitor": "ann", "loyal": "yes"}, "`loyal` is no bool"),
    ],
)
def test_profiles_that_rules_could_not_read_are_refused(redis, rules, row, why):
    done = run("import-profiles", "-", "--redis", address(redis), "--rules", rules(RULES), text=json.dumps(row))
    assert done.returncode == 1 and f"-:1: {why}" in done.stderr, done.stderr
    assert redis.command("KEYS", "*") == ""


@pytest.mark.parametrize(
    "words, why",
    [
        (["-"], "say where profiles go"),
        (["-", "--redis", "127.0.0.1:1"], "Connection refused"),
        (["/nowhere.csv", "--dry-run"], "cannot be read"),
        (["-", "--dry-run", "--rules", "/nowhere.yaml"], "--rules: "),
    ],
)
def test_what_cannot_be_done_is_said_and_the_exit_status_is_2(words, why):
    done = run("import-profiles", *words, text='{"visitor":"a","b":1}')
    assert done.returncode == 2 and why in done.stderr, (done.returncode, done.stderr)


def test_there_is_help():
    done = run("import-profiles", "--help")
    assert done.returncode == 0 and "--replace" in done.stdout
