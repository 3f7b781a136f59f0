"""A geo database may be replaced, damaged or removed while NGINX runs: pages follow a good one and survive a bad one."""
# Part: integration, sanitizers

import subprocess
import threading

import pytest

import harness
from harness import wait_until
from pace import paced, pacemaker
from shop import HERO, PAGE, edge

PLACES = harness.ROOT / "conf/demo/places.json"
RULES = """
version: 1
slots: { hero: { select: "#hero" } }
rules:
  - { id: it, slot: hero, when: 'geo.city != ""', do: { inner: "{{geo.city}}" } }
"""


def database(folder, dublin):
    """The demo's City database, in which Dublin has another name."""
    places = folder / "places.json"
    places.write_text(PLACES.read_text("utf-8").replace('"Dublin"', f'"{dublin}"'))
    path = folder / f"{dublin}.mmdb"
    subprocess.run([harness.ROOT / "conf/demo/geo-database", places, path], check=True)
    return path


@pytest.fixture
def city_file(tmp_path):
    return database(tmp_path, "Dublin").rename(tmp_path / "city.mmdb")


@pytest.fixture
def server(nginx, origin, rules, city_file):
    started = nginx(edge(f"proxy_pass http://127.0.0.1:{origin(PAGE).port};",
                         f"""personalize on; personalize_rules {rules(RULES)}; personalize_geo {city_file};
                             set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;
                             location /file/ {{ alias FOLDER/html/; }} {pacemaker(60)}"""))
    started.file("page.html", PAGE)
    return started


def shows(server, city):
    body = server.get(headers={"X-Forwarded-For": "192.0.2.1"}).body
    assert HERO not in body
    return b"id=\"hero\">" + city.encode() + b"</div>" in body


def test_a_file_that_is_renamed_into_place_takes_over(server, city_file, tmp_path):
    assert shows(server, "Dublin")
    database(tmp_path, "Baile").rename(city_file)
    wait_until(lambda: shows(server, "Baile"), "the new database")
    assert "was replaced" in server.log()


def test_a_file_that_is_overwritten_in_place_takes_over(server, city_file, tmp_path):
    assert shows(server, "Dublin")
    city_file.write_bytes(database(tmp_path, "Eblana").read_bytes())
    wait_until(lambda: shows(server, "Eblana"), "the new database")


@pytest.mark.parametrize("damage", ["truncated", "foreign", "empty"])
def test_a_file_that_is_no_database_changes_nothing(server, city_file, damage):
    whole = city_file.read_bytes()
    city_file.write_bytes({"truncated": whole[:len(whole) // 2], "foreign": b"PK\x03\x04" * 1000, "empty": b""}[damage])
    server.tolerate("the old one stays in use")
    wait_until(lambda: "the old one stays in use" in server.log(), "the refusal")
    assert shows(server, "Dublin")
    city_file.write_bytes(whole)
    wait_until(lambda: "was replaced" in server.log(), "the good one")
    assert shows(server, "Dublin")


def test_pages_stay_right_and_on_time_whatever_happens_to_the_file(server, city_file, tmp_path):
    """Visitors come all the time while the file is overwritten with half of itself, emptied, removed, made
    unreadable, and at last replaced."""
    whole = city_file.read_bytes()
    server.tolerate("the old one stays in use")
    over, seen, late = threading.Event(), set(), []

    def visit():
        while not over.is_set():
            for answer, in_time in paced(server, [{"X-Forwarded-For": "192.0.2.1"}] * 8, "/file/page.html"):
                seen.add(answer.body)
                late.append(not in_time)

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    try:
        for damage in (
            lambda: city_file.write_bytes(whole[: len(whole) // 2]),
            lambda: city_file.write_bytes(b""),
            lambda: city_file.unlink(),
            lambda: city_file.mkdir(),
        ):
            damage()
            rounds = len(late)
            wait_until(lambda: len(late) > rounds + 100, "visitors")
        city_file.rmdir()
        database(tmp_path, "Dubh").rename(city_file)
        wait_until(lambda: shows(server, "Dubh"), "the new database")
    finally:
        over.set()
        for visitor in visitors:
            visitor.join()
    cities = {body[body.index(b'wide" id="hero">') + 16 :].split(b"<")[0] for body in seen}
    assert cities <= {b"Dublin", b"Dubh"}, cities
    assert not any(late), "pages were late"


def test_a_file_that_is_removed_changes_nothing_until_another_is_there(server, city_file, tmp_path):
    city_file.unlink()
    assert shows(server, "Dublin")
    database(tmp_path, "Duibhlinn").rename(city_file)
    wait_until(lambda: shows(server, "Duibhlinn"), "the new database")
