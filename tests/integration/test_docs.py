"""What README and docs tell people to type works: configurations load, files they mention exist, the demo is right."""
# Part: end to end

import os
import re
import subprocess

import pytest

import harness
from certificates import Certificates

DOCUMENTS = [harness.ROOT / "README.md", *sorted((harness.ROOT / "docs").glob("*.md"))]


def blocks(language):
    """Every fenced block of that language: (document:line, text)."""
    found = []
    for document in DOCUMENTS:
        text = document.read_text("utf-8")
        for match in re.finditer(rf"^```{language}\n(.*?)^```", text, re.M | re.S):
            line = text.count("\n", 0, match.start()) + 1
            found.append(pytest.param(match[1], id=f"{document.name}:{line}"))
    return found


def own_paths(configuration, folder, geo_database):
    """The configuration with paths of this machine in place of those of a shop's server."""
    if "=redis-ca.crt" in configuration:
        Certificates(folder / "certificates")
    for old, new in [
        ("/etc/nginx/mime.types", folder / "mime.types"),
        ("/etc/nginx/modules-enabled/*.conf", folder / "modules-enabled" / "*.conf"),
        ("# personalize_geo ", "personalize_geo "),
        ("/var/lib/GeoIP/GeoLite2-City.mmdb", geo_database),
        ("/var/log/nginx", folder / "logs"),
        ("/var/cache/nginx/shop", folder / "cache"),
        ("/run/nginx.pid", folder / "nginx.pid"),
        ("=redis-ca.crt", f"={folder}/certificates/ca.crt"),
        ("=edge.", f"={folder}/certificates/client."),
    ]:
        configuration = configuration.replace(old, str(new))
    return re.sub(r"listen( +)80;", f"listen\\g<1>127.0.0.1:{harness.free_port()};", configuration)


@pytest.fixture
def folder(tmp_path):
    """A configuration folder as on Debian, with the sample rules in it."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "personalize").symlink_to(harness.ROOT / "conf/demo/rules")
    (tmp_path / "modules-enabled").mkdir()
    (tmp_path / "modules-enabled/50-mod-http-personalize.conf").write_text(f"load_module {harness.MODULE};\n")
    (tmp_path / "mime.types").write_text("types { text/html html; text/css css; }\n")
    (tmp_path / "personalize-visitor.key").touch(0o600)
    (tmp_path / "personalize-visitor.key").write_text("0123456789abcdef" * 2)
    return tmp_path


def nginx_accepts(folder, configuration):
    """`nginx -t` on a whole nginx.conf."""
    path = folder / "nginx.conf"
    path.write_text(configuration)
    server = harness.Nginx(folder / "unused", "")
    done = subprocess.run([harness.NGINX, "-t", "-p", folder, "-c", path, "-e", folder / "logs/error.log"],
                          capture_output=True, text=True, env=server.environment(), timeout=harness.PATIENCE)
    assert done.returncode == 0, done.stderr
    # The demo's rules use everything, and some blocks are about one thing only.
    expected = "is never known without" if "personalize_rules" in configuration else "no rules apply here"
    assert [line for line in re.findall(r"\[warn\].*", done.stderr) if expected not in line] == []


def test_the_sample_nginx_conf_loads(folder, geo_database):
    configuration = (harness.ROOT / "conf/nginx.conf").read_text("utf-8")
    if os.geteuid() != 0:
        configuration = configuration.replace("user www-data;", "")
    nginx_accepts(folder, own_paths(configuration, folder, geo_database))


@pytest.mark.parametrize("block", blocks("nginx"))
def test_every_configuration_in_the_documents_loads(block, folder, geo_database):
    nginx_accepts(folder, own_paths(f"""
        include {folder}/modules-enabled/*.conf;
        pid {folder}/nginx.pid;
        events {{}}
        http {{
            access_log off;
            {block}
        }}""", folder, geo_database))


def test_the_readmes_sample_loads_as_it_is_printed_where_there_is_no_geo_database(folder):
    readme = (harness.ROOT / "README.md").read_text("utf-8")
    sample = re.search(r"^Then a few lines in the configuration:\n\n```nginx\n(.*?)^```", readme, re.M | re.S)[1]
    assert not os.path.exists("/var/lib/GeoIP/GeoLite2-City.mmdb") or "# personalize_geo " in sample
    nginx_accepts(folder, f"""
        include {folder}/modules-enabled/*.conf;
        pid {folder}/nginx.pid;
        events {{}}
        http {{
            access_log off;
            {sample.replace("listen 80;", f"listen 127.0.0.1:{harness.free_port()};")}
        }}""")


@pytest.mark.parametrize("block", blocks("yaml"))
def test_every_rule_file_in_the_documents_is_right(block, tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_text(block if "version:" in block else "version: 1\n" + block)
    for name in re.findall(r"[\w/]+\.yaml", (re.search(r"^include: (.*)", block, re.M) or [""])[0]):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        slots = 'slots: { hero: { select: "#hero" } }\n' if name == "slots.yaml" else ""
        (tmp_path / name).write_text("version: 1\n" + slots)
    done = subprocess.run([harness.BUILD / "personalize", "check", path], capture_output=True, text=True,
                          timeout=harness.PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("block", [block for block in blocks("lua") if re.search(r"^(rule|event) {", block.values[0], re.M)])
def test_every_rule_in_lua_in_the_documents_is_right(block, tmp_path):
    (tmp_path / "rules.lua").write_text(block)
    (tmp_path / "slots.yaml").write_text("""version: 1
attributes: { profile: { first_name: string, basket_value: double, interests: list<string> } }
slots: { offer: { select: "#offer" } }
""")
    done = subprocess.run([harness.BUILD / "personalize", "check", tmp_path / "slots.yaml", tmp_path / "rules.lua"],
                          capture_output=True, text=True, timeout=harness.PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_attribute_that_the_rules_page_names_exists(tmp_path):
    names = []
    text = (harness.ROOT / "docs/rules.md").read_text("utf-8")
    for namespace, row in re.findall(r"^\| `(geo|device|time|request)\.` \| (.*)", text, re.M):
        names += [f"{namespace}.{name}" for name in re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", row))]
    assert len(names) > 30
    path = tmp_path / "rules.yaml"
    path.write_text("version: 1\nslots: { a: { select: a } }\nrules:\n" + "".join(
        f"  - {{ id: r{i}, slot: a, when: 'has({name})', do: remove }}\n" for i, name in enumerate(names)))
    done = subprocess.run([harness.BUILD / "personalize", "check", path], capture_output=True, text=True,
                          timeout=harness.PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


def calls_of_the_tool():
    return [block for block in blocks("sh") if re.match(r"(build/personalize|conf/demo)", block.values[0])]


@pytest.mark.parametrize("block", calls_of_the_tool())
def test_every_call_of_the_tool_in_the_documents_succeeds(block):
    script = "set -e\n" + block.replace("build/", f"{harness.BUILD}/")
    done = subprocess.run(["bash", "-c", script], cwd=harness.ROOT, capture_output=True, text=True, timeout=harness.PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr


def anchors(document):
    """What GitHub makes of a document's headings."""
    headings = re.findall(r"^#+ (.*)", document.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings_that_exist(document):
    for target, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", document.read_text("utf-8")):
        if re.match(r"https?:", target):
            continue
        path = document.parent / target if target else document
        assert path.exists(), f"{document.name}: {target}"
        assert not anchor or anchor in anchors(path), f"{document.name}: {target}#{anchor}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_files_that_commands_mention_exist(document):
    for block in re.findall(r"^```sh\n(.*?)^```", document.read_text("utf-8"), re.M | re.S):
        for path in re.findall(r"(?<![\w/.])(?:conf|docs|bench)/[\w./-]+", block):
            assert (harness.ROOT / path).exists(), f"{document.name}: {path}"


def test_every_directive_and_variable_of_the_module_is_in_the_readme():
    readme = (harness.ROOT / "README.md").read_text("utf-8")
    sources = "".join(path.read_text("utf-8") for path in (harness.ROOT / "module").rglob("*.cc"))
    names = set(re.findall(r'ngx_string\("(personalize(?:_\w+)?)"\)', sources))
    assert names, "no directives found in module/"
    missing = [name for name in sorted(names) if f"`{name} " not in readme and f"`${name}`" not in readme]
    assert not missing


def defaults():
    """{directive: {parameter, or "" for the whole directive: default}}, as the module applies them."""
    table = {}
    source = (harness.ROOT / "module/conf/defaults.h").read_text("utf-8")
    for directive, parameter, text in re.findall(r'\{"(personalize\w*)", "(\w*)", "([^"]*)"\}', source):
        table.setdefault(directive, {})[parameter] = text
    return table


def readme_directives():
    """[(directive, default, meaning)] of README's table."""
    section = (harness.ROOT / "README.md").read_text("utf-8").split("## Directives")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(personalize\w*)[^`]*` \|(?: (.*?))? \| (.*) \|$", section, re.M)
    assert len(rows) == len(re.findall(r"^\| `", section, re.M)) > 20
    return rows


def values_said(text, parameter):
    """What that parameter is in code within `text`, but for TIME and the like, and for what is only an example: [cert=…]."""
    code = " ".join(re.findall(r"`([^`]*)`", re.sub(r"\[[^\]]*\]", "", text)))
    return [value for value in re.findall(rf"(?<!\w){parameter}=(\S*)", code) if value and not value.isupper()]


@pytest.mark.parametrize("directive, default, meaning", readme_directives())
def test_the_readme_says_the_defaults_that_are_applied(directive, default, meaning):
    known = defaults().get(directive, {})
    whole = re.match(r"`([^`]*)`(?:;|$)", default)
    if "" in known and default:  # a second row of the same directive has none
        assert whole and whole[1] == known[""], f"{directive}: {known['']}"
    elif directive != "personalize_device_regexes":  # where Debian has them
        assert default in ("", "–"), directive
    for parameter, text in known.items():
        if parameter and default:
            assert values_said(f"{default} {meaning}", parameter) == [text], f"{directive} {parameter}={text}"


def test_every_default_is_of_a_directive_in_the_readme():
    assert set(defaults()) <= {directive for directive, _, _ in readme_directives()}
    assert sum(map(len, defaults().values())) > 20


def test_the_page_about_the_weather_says_the_defaults_that_are_applied():
    text = (harness.ROOT / "docs/context.md").read_text("utf-8")
    table = text.split("| parameter | default | meaning |")[1].split("\n\n")[0]
    said = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", table, re.M))
    known = defaults()["personalize_weather"]
    assert said == {parameter: text for parameter, text in known.items() if parameter}


@pytest.mark.parametrize(
    "document, sentence, directive, parameter",
    [
        ("redis.md", "Each worker has `connections` (DEFAULT) to every server", "personalize_redis", "connections"),
        ("redis.md", "It is DEFAULT by default", "personalize_profile_cache", ""),
        ("context.md", "`personalize_time_zone` (default DEFAULT)", "personalize_time_zone", ""),
    ],
)
def test_what_other_documents_say_of_defaults_is_so(document, sentence, directive, parameter):
    assert sentence.replace("DEFAULT", defaults()[directive][parameter]) in (
        (harness.ROOT / "docs" / document).read_text("utf-8")
    )


def test_every_reason_to_leave_a_page_as_it_is_is_explained():
    source = (harness.ROOT / "module/page/exchange.cc").read_text("utf-8")
    reasons = re.findall(r'case Skipped::\w+: return "(\w+)";', source)
    section = (harness.ROOT / "docs/ops.md").read_text("utf-8").split("## Why was nothing done?")[1]
    assert len(reasons) > 10 and [reason for reason in reasons if f"`{reason}`" not in section] == []


def test_six_visitors_of_the_demo_get_what_is_theirs(tmp_path):
    environment = dict(os.environ, PERSONALIZE_BUILD=str(harness.BUILD))
    environment.pop("PORT", None)
    if harness.sanitized():  # the server alone needs the sanitizer's runtime
        needed = harness.Nginx(tmp_path / "unused", "").environment()
        settings = [f"{name}='{needed[name]}'" for name in ("LD_PRELOAD", "ASAN_OPTIONS", "UBSAN_OPTIONS")]
        (tmp_path / "nginx").write_text(f"#!/bin/sh\nexec env {' '.join(settings)} {harness.NGINX} \"$@\"\n")
        (tmp_path / "nginx").chmod(0o755)
        environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    done = subprocess.run([harness.ROOT / "conf/demo/demo", "--check"], capture_output=True, text=True, timeout=harness.PATIENCE,
                          env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"stream +\d+ µs .*\n.*splice +\d+ µs .*\n.*the same bytes", done.stdout)
