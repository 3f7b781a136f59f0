"""Who may write rules may not read root's files through them: includes stay in the rules' folders, and no message shows
what is in a file that is none of rules."""
# Part: integration

import os
import subprocess

import pytest

import harness
from clients import ask
from shop import GREETED, PAGE, RULES, edge

# None of these words may be seen by anybody.
SECRETS = {
    "shadow": "root:$6$SECRET$hash:19000:0:99999:7:::\nSECRET:x:1:\n",
    "map": "db_SECRET: hunter2\n",
    "map of maps": "SECRET:\n  password: SECRET\n",
    "known keys": "rules: SECRET\nslots: { SECRET: { selekt: SECRET } }\npartials: SECRET\n",
    "compose": 'version: "3"\nservices:\n  SECRET: { image: SECRET }\n',
    "other version": "version: SECRET\nSECRET: 1\n",
    "list": "- SECRET\n- password: SECRET\n",
    "broken": "SECRET: [1, 2\nb: *SECRET\n",
    "anchor": "a: *SECRET\n",
    "tag": "a: !<SECRET\n",
    "tab": "SECRET:\n\tSECRET: 1\n",
    "key": "-----BEGIN PRIVATE KEY-----\nSECRET==\n-----END PRIVATE KEY-----\n",
    "two documents": "SECRET: 1\n---\nSECRET: 2\n",
    "bytes": "SECRET\udcff\n",
    "control": "SECRET\x01\n",
    "lua": "SECRET = \n",
    "lua that runs": "SECRET.x = 1\n",
    "lua that returns": "return { SECRET = 'SECRET' }\n",
    "lua that fails": "error('SECRET')\n",
}


def check(*files):
    return subprocess.run([harness.BUILD / "personalize", "check", *files], capture_output=True, text=True,
                          timeout=harness.PATIENCE)


@pytest.mark.parametrize("ending", ["yaml", "lua"])
@pytest.mark.parametrize("secret", SECRETS)
def test_no_message_shows_what_is_in_a_file_that_is_none_of_rules(tmp_path, secret, ending):
    folder = tmp_path / "rules"
    folder.mkdir()
    path = folder / f"other.{ending}"
    path.write_bytes(SECRETS[secret].encode(errors="surrogateescape"))
    (folder / "a.yml").write_text(f"version: 1\ninclude: other.{ending}\n")
    for named in (path, folder / "a.yml"):
        done = check(named)
        if done.returncode == 0:
            assert ending == "lua"  # an empty script, say
        assert "SECRET" not in done.stderr + done.stdout, done.stderr
        status, said = harness.Nginx(tmp_path / "nginx", edge(f"personalize_rules {named};")).check()
        assert "SECRET" not in said, said


def test_a_slip_in_a_file_without_version_is_still_said(tmp_path):
    (tmp_path / "a.yaml").write_text("verson: 1\nslots: {}\nSECRET: 1\n")
    done = check(tmp_path / "a.yaml")
    assert "a.yaml:1:1: unknown key `verson` in a rule file, did you mean version?" in done.stderr, done.stderr
    assert "a rule file needs `version`" in done.stderr and "SECRET" not in done.stderr


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "rules" / "parts").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text(RULES)
    (tmp_path / "rules" / "leads-out.yaml").symlink_to("../secret.yaml")
    (tmp_path / "rules" / "up").symlink_to("..")
    (tmp_path / "rules" / "parts" / "part.yaml").write_text(RULES)
    (tmp_path / "rules" / "stays-in.yaml").symlink_to("parts/part.yaml")
    return tmp_path


@pytest.mark.parametrize("name", ["../secret.yaml", "parts/../../secret.yaml", "ABSOLUTE/secret.yaml", "leads-out.yaml",
                                  "up/secret.yaml", "/etc/shadow", "/nonexistent/x.yaml", "../nonexistent.yaml",
                                  "/proc/self/environ", "../rules-of-others/x.yaml"])
def test_what_is_outside_the_rules_folders_is_not_included(tree, name):
    (tree / "rules-of-others").mkdir()
    (tree / "rules-of-others" / "x.yaml").write_text(RULES)
    name = name.replace("ABSOLUTE", str(tree))
    (tree / "rules" / "a.yml").write_text(f"version: 1\ninclude: {name}\n")
    refusal = f"a.yml:2:10: cannot include `{name}`: it is outside the folders that rules are in"
    assert refusal in check(tree / "rules" / "a.yml").stderr
    for named in (tree / "rules" / "a.yml", tree / "rules" / "*.yml"):
        assert refusal in harness.Nginx(tree / "nginx", edge(f"personalize_rules {named};")).check()[1]


@pytest.mark.parametrize("name", ["parts/part.yaml", "./parts/../parts/part.yaml", "stays-in.yaml", "up/rules/parts/part.yaml",
                                  "ABSOLUTE/rules/parts/part.yaml"])
def test_what_is_inside_is_included_also_through_links(tree, name):
    name = name.replace("ABSOLUTE", str(tree))
    (tree / "rules" / "a.yml").write_text(f"version: 1\ninclude: {name}\n")
    (tree / "current").symlink_to("rules")
    for folder in ("rules", "current"):
        done = check(tree / folder / "a.yml")
        assert done.returncode == 0, done.stderr
    done = subprocess.run([harness.BUILD / "personalize", "check", "a.yml"], cwd=tree / "rules", capture_output=True)
    assert done.returncode == 0, done.stderr


def test_a_folder_that_is_named_as_well_may_be_included_from(tree):
    (tree / "shared").mkdir()
    (tree / "shared" / "x.yaml").write_text(RULES)
    (tree / "rules" / "a.yml").write_text("version: 1\ninclude: ../shared/x.yaml\n")
    for named in (f"{tree}/rules/a.yml {tree}/shared/*.yaml", f"{tree}/*/a.yml"):
        status, said = harness.Nginx(tree / "nginx", edge(f"personalize_rules {named};")).check()
        assert "cannot include" not in said and status == 0, said


def switch(link, target):
    new = link.with_name(link.name + ".new")
    new.symlink_to(target)
    os.replace(new, link)


@pytest.mark.parametrize("layout", ["ConfigMap", "releases"])
def test_folders_that_are_switched_work_as_they_did(nginx, origin, tmp_path, layout):
    """A ConfigMap's files are links into a folder that a link stands for; releases are switched as a whole."""
    rules = tmp_path / "rules" if layout == "ConfigMap" else tmp_path / "current"
    if layout == "ConfigMap":
        rules.mkdir()

    def release(number, text):
        folder = (rules if layout == "ConfigMap" else tmp_path) / f"..{number}"
        folder.mkdir()
        (folder / "a.yaml").write_text("version: 1\ninclude: part.inc\n")
        (folder / "part.inc").write_text(text)
        switch(rules / "..data" if layout == "ConfigMap" else rules, folder.name)
        if layout == "ConfigMap" and number == 1:
            for name in ("a.yaml", "part.inc"):
                (rules / name).symlink_to(f"..data/{name}")

    release(1, RULES)
    server = nginx(edge(f"personalize on; personalize_rules {rules}/*.yaml;"
                        f" proxy_pass http://127.0.0.1:{origin(PAGE).port};"))
    assert ask(server).body == GREETED
    release(2, RULES.replace("Hello", "Good day"))
    harness.wait_until(lambda: b"Good day" in ask(server).body, "the second release")
    server.reload()
    assert b"Good day" in ask(server).body
