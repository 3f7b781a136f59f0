"""Never down because of a rule: with mistakes in rule files NGINX starts and reloads all the same."""
# Part: integration, sanitizers

import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess

import pytest

import harness
from clients import ask
from shop import GREETED, PAGE, RULES, edge

BAD = RULES.replace("select", "selekt")


def greeting(word):
    return RULES.replace("Hello", word)


@pytest.fixture
def shop(nginx, origin, tmp_path):
    """NGINX with the rule files of a folder: `shop(directives)`, not started yet."""
    (tmp_path / "rules").mkdir(exist_ok=True)
    servers = []

    def make(directives="", rules="RULES/*.yaml", locations="", **options):
        rules = rules.replace("RULES", str(tmp_path / "rules"))
        address = origin(PAGE).address
        server = harness.Nginx(
            tmp_path / f"nginx{len(servers)}",
            edge(f"personalize on; personalize_rules {rules}; {directives.replace('FOLDER', str(tmp_path))}"
                 f" add_header X-Error $personalize_rules_error; proxy_pass http://{address};",
                 "location = /status { personalize_status; } " + locations), **options)
        servers.append(server)
        return server

    make.folder, make.file = tmp_path / "rules", tmp_path / "rules" / "a.yaml"
    yield make
    for server in servers:
        server.stop()
        if server.process is None:
            continue  # only its configuration was checked
        assert not server.alarms(), server.alarms()


def status(server):
    return json.loads(ask(server, "/status").body)


def page(server):
    return server.get("/").body


def wait_for(server, words):
    harness.wait_until(lambda: words in page(server), words.decode())


def start_fails(server):
    done = subprocess.run(server.command(), capture_output=True, text=True, env=server.environment(), timeout=harness.PATIENCE)
    return done.returncode != 0 and "[emerg]" in done.stderr


@pytest.mark.parametrize("main", ["", "master_process off;"])
def test_a_start_with_mistakes_serves_the_backends_pages_until_they_are_repaired(shop, main):
    shop.file.write_text(BAD)
    server = shop(main=main)
    exit_status, said = server.check()
    assert exit_status == 0 and re.search(r"\[warn\] [^\n]*a\.yaml:4:\d+: unknown key `selekt`", said), said
    assert "pages go out as the backend made them" in said and "[emerg]" not in said
    server.start()
    response = server.get("/")
    assert response.body == PAGE and "private" not in (response.header("Cache-Control") or "")
    assert "a.yaml:4:" in response.header("X-Error")
    harness.wait_until(lambda: "a.yaml:4:" in (status(server)["rules"][0]["error"] or ""), "the status")
    assert status(server)["rules_refused"] == 1
    assert re.search(r"\[error\] [^\n]*personalize: [^\n]*a\.yaml:4:\d+: unknown key", server.log())
    assert "the rules cannot be used (2 mistakes); pages go out as the backend made them" in server.log()
    shop.file.write_text(RULES)
    harness.wait_until(lambda: page(server) == GREETED, "the repaired rules")
    assert server.get("/").header("X-Error") is None
    assert status(server)["rules"][0]["error"] == ""


@pytest.mark.parametrize("what", ["no file matches", "no folder", "no such file", "empty file", "link to nothing", "include"])
def test_rules_that_are_not_there_keep_nothing_from_starting(shop, what):
    rules, words = "RULES/*.yaml", "no file matches"
    if what == "no folder":
        shop.folder.rmdir()
        words = "no file matches: there is no folder"
    elif what == "no such file":
        rules, words = "RULES/a.yaml", "a.yaml:1:1: cannot be read: No such file or directory"
    elif what == "empty file":
        shop.file.write_text("")
        words = "the file is empty"
    elif what == "link to nothing":
        shop.file.symlink_to("nowhere")
        words = "cannot be read: No such file or directory"
    elif what == "include":
        shop.file.write_text("version: 1\ninclude: nowhere.yaml\n")
        words = "cannot include `nowhere.yaml`"
    server = shop(rules=rules)
    assert server.check()[0] == 0
    server.start()
    assert page(server) == PAGE and words in server.log() and words in server.get("/").header("X-Error")
    if shop.file.is_symlink():
        shop.file.unlink()
    shop.folder.mkdir(exist_ok=True)
    shop.file.write_text(RULES)
    harness.wait_until(lambda: page(server) == GREETED, "rules")


def test_a_folder_that_workers_may_not_read_is_said_and_the_rules_stay(shop):
    if os.geteuid() != 0:
        pytest.skip("only root can lock others out")
    shop.file.write_text(RULES)
    server = shop()
    path = server.folder / "conf" / "nginx.conf"
    path.write_text(path.read_text().replace("user root;", "user nobody nogroup;"))
    for folder in [shop.folder, *shop.folder.parents]:
        if folder.stat().st_uid == 0 and folder != pathlib.Path("/") and folder != pathlib.Path("/tmp"):
            folder.chmod(folder.stat().st_mode | 0o055)
    server.start()
    assert page(server) == GREETED
    shop.folder.chmod(0o700)
    harness.wait_until(lambda: "Permission denied" in server.log(), "the reason")
    assert page(server) == GREETED
    shop.folder.chmod(0o755)


@pytest.mark.parametrize("mistake", [BAD, "nonsense", None])
def test_a_reload_with_mistakes_keeps_what_is_live(shop, mistake):
    shop.file.write_text("version: 1\ninclude: part.inc\n")
    part = shop.folder / "part.inc"
    part.write_text(RULES)
    server = shop(workers=2).start()
    part.write_text(greeting("Good day"))
    wait_for(server, b"Good day")
    harness.wait_until(lambda: list(status(server)["rules"][0]["workers"].values()) == [2], "both workers")
    shop.file.write_text(mistake) if mistake else shop.file.unlink()
    for _ in range(2):
        server.reload()
        for _ in range(8):
            assert b"Good day" in page(server)
        assert "a.yaml" in server.get("/").header("X-Error") or mistake is None
    assert status(server)["rules"][0]["error"]
    shop.file.write_text(greeting("Welcome back"))
    wait_for(server, b"Welcome back")


def test_a_reload_with_mistakes_takes_the_rest_of_the_configuration(shop):
    shop.file.write_text(RULES)
    server = shop().start()
    shop.file.write_text(BAD)
    path = server.folder / "conf" / "nginx.conf"
    path.write_text(path.read_text().replace("location = /status", "location = /new { return 204; } location = /status"))
    server.reload()
    assert server.get("/new").status == 204
    assert page(server) == GREETED


def test_strict_refuses_rules_with_mistakes(shop):
    shop.file.write_text(BAD)
    server = shop("personalize_rules_check strict;")
    exit_status, said = server.check()
    assert exit_status == 1 and re.search(r"\[emerg\] [^\n]*a\.yaml:4:", said), said
    assert start_fails(server)
    shop.file.write_text(RULES)
    server.start()
    workers = server.worker_pids()
    shop.file.write_text(BAD)
    server.tolerate("a.yaml|no file matches")
    server.ask_for_reload()
    harness.wait_until(lambda: "[emerg]" in server.log(), "the complaint")
    assert page(server) == GREETED and server.worker_pids() == workers
    shop.folder.joinpath("a.yaml").unlink()
    assert server.check()[0] == 1


def test_one_strict_location_is_enough_to_refuse(shop):
    shop.file.write_text(BAD)
    server = shop(locations=f"location /strict/ {{ personalize_rules_check strict; personalize_rules {shop.folder}/*.yaml; }}")
    assert server.check()[0] == 1


def test_other_mistakes_than_those_of_rules_refuse_as_ever(shop):
    shop.file.write_text(BAD)
    server = shop("personalize_geo FOLDER/none.mmdb;")
    assert server.check()[0] == 1
    assert shop("personalize_rules_check sometimes;").check()[0] == 1
    assert shop(rules="last_good=FOLDER").check()[0] == 1
    assert shop(rules="RULES/*.yaml last_good=").check()[0] == 1


def kept(folder):
    return sorted(folder.glob("*")) if folder.exists() else []


def test_the_last_good_rules_serve_after_a_start_with_mistakes(shop, tmp_path):
    folder = tmp_path / "kept"
    rules = f"RULES/*.yaml last_good={folder}"
    shop.file.write_text("version: 1\ninclude: parts/part.inc\n")
    (shop.folder / "parts").mkdir()
    part = shop.folder / "parts" / "part.inc"
    part.write_text(RULES)
    server = shop(rules=rules)
    assert server.check()[0] == 0 and kept(folder) == []
    server.start()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700 and folder.stat().st_uid == os.geteuid()
    (file,) = kept(folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes(), file.stat().st_ino
    part.write_text(greeting("Good day"))
    wait_for(server, b"Good day")
    assert server.check()[0] == 0
    assert (file.read_bytes(), file.stat().st_ino) == before  # neither workers nor nginx -t write there
    server.reload()
    assert b"Good day" in file.read_bytes() and kept(folder) == [file]

    part.unlink()
    shop.file.write_text(BAD)
    server.stop()
    server.start()
    assert b"Good day" in page(server) and "a.yaml:4:" in server.get("/").header("X-Error")
    assert "the last good ones are used" in server.log()
    assert b"Good day" in file.read_bytes()
    server.reload()
    assert b"Good day" in page(server) and b"Good day" in file.read_bytes()
    shop.file.write_text(greeting("Welcome back"))
    wait_for(server, b"Welcome back")
    assert b"Good day" in file.read_bytes()
    server.reload()
    assert b"Welcome back" in file.read_bytes()


@pytest.mark.parametrize("harm", ["truncated", "changed", "a link", "a FIFO", "the folder is open to others", "gone"])
def test_last_good_rules_that_are_not_to_be_trusted_do_not_serve(shop, tmp_path, harm):
    folder = tmp_path / "kept"
    shop.file.write_text(RULES)
    server = shop(rules=f"RULES/*.yaml last_good={folder}").start()
    server.stop()
    (file,) = kept(folder)
    text = file.read_bytes()
    if harm == "truncated":
        file.write_bytes(text[: len(text) // 2])
    elif harm == "changed":
        file.write_bytes(text.replace(b"Hello", b"Jello"))
    elif harm == "a link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    elif harm == "a FIFO":
        file.unlink()
        os.mkfifo(file)
    elif harm == "gone":
        shutil.rmtree(folder)
    else:
        folder.chmod(0o777)
    shop.file.write_text(BAD)
    server.start()
    assert page(server) == PAGE
    assert "the last good rules cannot be used" in server.log() or harm == "gone"


def test_each_set_of_rules_has_last_good_ones_of_its_own(shop, tmp_path):
    folder = tmp_path / "kept"
    (tmp_path / "others").mkdir()
    other = tmp_path / "others" / "b.yaml"
    shop.file.write_text(RULES)
    other.write_text(greeting("Ahoy"))
    server = shop(rules=f"RULES/*.yaml last_good={folder}",
                  locations=f"location /others/ {{ personalize_rules {other} last_good={folder};"
                            f" personalize on; alias {tmp_path}/nginx0/html/; }}")
    server.file("x.html", PAGE)
    server.start()
    assert len(kept(folder)) == 2
    server.stop()
    shop.file.write_text(BAD)
    other.write_text(BAD)
    server.start()
    assert page(server) == GREETED
    assert b"Ahoy" in server.get("/others/x.html").body


def test_a_new_binary_comes_up_with_mistakes_too(shop, tmp_path):
    shop.file.write_text(RULES)
    server = shop(rules=f"RULES/*.yaml last_good={tmp_path}/kept", orphan=True).start()
    shop.file.write_text(BAD)
    logs = server.folder / "logs"
    server.process.send_signal(signal.SIGUSR2)
    harness.wait_until(lambda: (logs / "nginx.pid.oldbin").exists() and (logs / "nginx.pid").exists(), "a new master")
    try:
        assert {page(server) for _ in range(40)} == {GREETED}
    finally:
        os.kill(int((logs / "nginx.pid").read_text()), signal.SIGQUIT)
        harness.wait_until(lambda: not (logs / "nginx.pid.oldbin").exists(), "the new master to go")
    assert page(server) == GREETED
