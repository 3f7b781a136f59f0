"""Files that are not what their names say: nothing waits for them, dies of them or reads them without end."""
# Part: integration, sanitizers

import os
import signal
import socket
import subprocess

import pytest

import harness
from clients import ask
from shop import GREETED, PAGE, RULES, edge


def make(kind, path):
    """Something at `path` that is no file of rules."""
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "link to a FIFO":
        os.mkfifo(path.with_suffix(".fifo"))
        path.symlink_to(path.with_suffix(".fifo"))
    elif kind == "directory":
        path.mkdir()
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as s:
            s.bind(os.path.relpath(path))
    elif kind == "endless device":
        path.symlink_to("/dev/zero")
    elif kind == "terminal":
        path.symlink_to("/dev/tty")
    elif kind == "dangling link":
        path.symlink_to("nowhere")
    else:
        path.symlink_to(path)


KINDS = ["FIFO", "link to a FIFO", "directory", "socket", "endless device", "terminal", "dangling link", "circle"]


def check(*arguments):
    return subprocess.run([harness.BUILD / "personalize", *map(str, arguments)], capture_output=True, text=True,
                          timeout=harness.PATIENCE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["b.yaml", "b.lua"])
def test_what_is_no_regular_file_among_the_rules_hangs_nothing(nginx, origin, rules, tmp_path, kind, name):
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "a.yaml").write_text(RULES)
    server = nginx(edge(f"personalize on; personalize_rules {folder}/*.yaml {folder}/*.lua;"
                        f" proxy_pass http://127.0.0.1:{origin(PAGE).port};"), workers=2)
    server.tolerate(name)
    assert ask(server).body == GREETED
    odd = folder / name
    make(kind, odd)
    harness.wait_until(lambda: f"{name}:1:1: cannot be read: " in server.log(), "the complaint")
    assert ask(server).body == GREETED

    done = check("check", folder / "a.yaml", odd)
    assert done.returncode == 1 and f"{name}:1:1: cannot be read: " in done.stderr, done.stderr
    server.check()  # whatever it says, it ends
    server.ask_for_reload()
    for pid in server.worker_pids():
        os.kill(pid, signal.SIGKILL)
    server.tolerate_killed_workers()
    harness.wait_until(lambda: len(server.worker_pids()) >= 2, "the master to replace dead workers")

    os.unlink(odd) if not odd.is_dir() or odd.is_symlink() else odd.rmdir()
    (folder / "a.yaml").write_text(RULES.replace("Hello", "Good day"))
    harness.wait_until(lambda: b"Good day" in ask(server).body, "rules that were changed afterwards")


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_regular_file_is_not_included(tmp_path, kind):
    make(kind, tmp_path / "odd.yaml")
    (tmp_path / "a.yaml").write_text("include: odd.yaml\n" + RULES)
    done = check("check", tmp_path / "a.yaml")
    assert done.returncode == 1 and "a.yaml:1:10: cannot include `odd.yaml`: " in done.stderr, done.stderr


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("directive", ["personalize_plugin FILE.so", "personalize_plugin FILE.lua",
                                       "personalize_device_regexes FILE", "personalize_geo FILE"])
def test_what_is_no_regular_file_fails_the_directive_that_names_it(tmp_path, kind, directive):
    name = directive.split()[1].replace("FILE", str(tmp_path / "odd"))
    make(kind, tmp_path / os.path.basename(name))
    status, said = harness.Nginx(tmp_path / "nginx", edge(f"{directive.split()[0]} {name};")).check()
    assert status == 1 and name in said, said


def test_a_certificate_that_is_a_fifo_fails_its_directive(tmp_path):
    os.mkfifo(tmp_path / "ca.pem")
    status, said = harness.Nginx(
        tmp_path / "nginx", edge(f"personalize_redis 127.0.0.1:1 tls=on ca={tmp_path}/ca.pem;")).check()
    assert status == 1 and 'ca.pem": cannot be read: it is a FIFO, not a regular file' in said, said


def test_a_link_to_an_endless_file_is_read_to_the_limit_only(tmp_path):
    with open(tmp_path / "large.yaml", "wb") as file:
        file.truncate(1 << 40)  # a hole
    done = check("check", tmp_path / "large.yaml")
    assert done.returncode == 1 and "large.yaml:1:1: file larger than 8 MB" in done.stderr, done.stderr


def test_the_sum_of_all_rule_files_is_bounded(tmp_path):
    for i in range(12):
        (tmp_path / f"{i:02}.yaml").write_text("version: 1\n" + "#" * (6 << 20))
    done = check("check", *sorted(tmp_path.glob("*.yaml")))
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("the rule files are larger than 64 MB together") == 1, done.stderr
    (tmp_path / "all.yaml").write_text("version: 1\ninclude: [" + ", ".join(f"{i:02}.yaml" for i in range(12)) + "]\n")
    done = check("check", tmp_path / "all.yaml")
    assert "cannot include `10.yaml`: the rule files are larger than 64 MB together" in done.stderr, done.stderr


# Plugins in machine code.


def shop(origin, rules, plugin):
    return edge(f"personalize on; personalize_rules {rules}; personalize_plugin {plugin};"
                f" proxy_pass http://127.0.0.1:{origin.port};")


@pytest.mark.parametrize("length", [0, 1, 4, 63, 64, 1000, 4096, 8192, 20000, 0.5, 0.9, 0.999])
def test_a_truncated_plugin_fails_a_reload_and_kills_nobody(nginx, origin, rules, tmp_path, length):
    whole = (harness.BUILD / "loyalty.so").read_bytes()
    plugin = tmp_path / "plugin.so"
    plugin.write_bytes(whole)
    server = nginx(shop(origin(PAGE), rules(RULES), plugin))
    plugin.write_bytes(whole[: length if length == int(length) else int(len(whole) * length)])
    status, said = server.check()
    assert status == 1 and f'"{plugin}": plugin ' in said and ": copy it again in " in said, said
    server.tolerate("copy it again")
    before = server.worker_pids()
    server.ask_for_reload()
    harness.wait_until(lambda: "copy it again" in server.log(), "the complaint")
    assert ask(server).body == GREETED and server.worker_pids() == before
    plugin.write_bytes(whole)
    server.reload()
    assert ask(server).body == GREETED


def compiled(tmp_path, *options):
    source, result = tmp_path / "x.c", tmp_path / "other.so"
    source.write_text("int main(void) { return 0; }\n__attribute__((constructor)) static void begin(void) { START; }\n")
    done = subprocess.run(["gcc", *options, "-o", result, source], capture_output=True)
    if done.returncode != 0:
        pytest.skip("the compiler cannot make that here")
    return result


@pytest.mark.parametrize(
    "options, message",
    [
        (["-DSTART", "-c"], "it is an object file (.o): link it with -shared"),
        (["-DSTART"], "it is a program: link it with -shared"),
        (["-DSTART", "-no-pie"], "it is a program: link it with -shared"),
        (["-DSTART", "-m32", "-shared", "-fPIC", "-nostdlib"], "it was built for another kind of machine"),
        (["-DSTART=__builtin_trap()", "-shared", "-fPIC"], "when it was tried, it crashed: Illegal instruction"),
        (["-DSTART=*(volatile int*)0=1", "-shared", "-fPIC"], "when it was tried, it crashed: Segmentation fault"),
        (["-include", "stdlib.h", "-DSTART=exit(0)", "-shared", "-fPIC"], "when it was tried, it ended the process"),
        (["-DSTART", "-shared", "-fPIC"], "is not a plugin: it has no PERSONALIZE_PLUGIN"),
    ],
)
def test_what_is_no_plugin_for_this_machine_is_said(tmp_path, options, message):
    plugin = compiled(tmp_path, *options)
    status, said = harness.Nginx(tmp_path / "nginx", edge(f"personalize_plugin {plugin};")).check()
    lines = [line for line in said.splitlines() if "[emerg]" in line]
    assert status == 1 and len(lines) == 1 and message in lines[0], said
