"""The Debian package: what it holds and that NGINX can load it from there."""
# Part: package

import re
import subprocess

import pytest

import harness


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    if harness.sanitized():
        pytest.skip("packages are made of builds without sanitizers")
    folder = tmp_path_factory.mktemp("package")
    subprocess.run(["cpack", "-G", "DEB", "-B", str(folder), "--config", str(harness.BUILD / "CPackConfig.cmake")],
                   cwd=harness.BUILD, check=True, stdout=subprocess.DEVNULL)
    package, = folder.glob("*.deb")
    symbols, = folder.glob("*-dbgsym_*.ddeb")
    subprocess.run(["dpkg-deb", "-x", symbols, folder / "symbols"], check=True)
    subprocess.run(["dpkg-deb", "-R", package, folder / "root"], check=True)
    return folder / "root"


def test_it_puts_the_files_where_debians_own_modules_have_them(unpacked):
    for path in ("usr/lib/nginx/modules/ngx_http_personalize_module.so", "usr/bin/personalize",
                 "usr/include/personalize/plugin.h",
                 "usr/share/nginx/modules-available/mod-http-personalize.conf", "etc/nginx/personalize",
                 "usr/share/personalize/rules.schema.json", "usr/share/personalize/update-device-regexes",
                 "usr/share/doc/libnginx-mod-http-personalize/copyright",
                 "usr/share/doc/libnginx-mod-http-personalize/presets/woocommerce.yaml"):
        assert (unpacked / path).exists(), path


def test_what_is_installed_is_stripped_and_its_lines_for_backtraces_are_in_a_package_of_their_own(unpacked):
    for path in ("usr/lib/nginx/modules/ngx_http_personalize_module.so", "usr/bin/personalize"):
        said = subprocess.run(["readelf", "-SnW", unpacked / path], capture_output=True, text=True, check=True).stdout
        assert not re.search(r" \.(symtab|debug_info) ", said), path
        identity = re.search(r"Build ID: (\w\w)(\w+)", said)
        symbols = unpacked.parent / "symbols/usr/lib/debug/.build-id" / identity[1] / f"{identity[2]}.debug"
        assert b".debug_line" in symbols.read_bytes(), path


def test_it_depends_on_the_module_interface_of_this_nginx(unpacked):
    provided = subprocess.run(["dpkg-query", "-W", "-f", "${Provides}", "nginx"], capture_output=True, text=True).stdout
    interface, = [name.strip() for name in provided.split(",") if "nginx-abi" in name]
    control = (unpacked / "DEBIAN/control").read_text()
    assert f"Depends: {interface}" in control


def test_its_maintainer_is_whom_policy_wants_a_name_and_an_address(unpacked):
    control = (unpacked / "DEBIAN/control").read_text()
    assert re.search(r"^Maintainer: [^<>@]+ <[^<>@ ]+@[^<>@ ]+>$", control, re.M), control


def test_nginx_loads_the_packaged_module(unpacked, tmp_path):
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(f"""
        load_module {unpacked}/usr/lib/nginx/modules/ngx_http_personalize_module.so;
        pid {tmp_path}/nginx.pid;
        events {{}}
        http {{ access_log off; server {{ listen 127.0.0.1:{harness.free_port()}; personalize off; }} }}
    """)
    done = subprocess.run([harness.NGINX, "-t", "-c", configuration, "-e", tmp_path / "error.log"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_packaged_tool_runs(unpacked):
    done = subprocess.run([unpacked / "usr/bin/personalize", "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "explain" in done.stdout
