"""The server asks nobody anything while it serves the page, answers, the widget and the rest.

It is watched twice. An audit hook, there before anything else is imported, notes every name that is
looked up, every address that is connected or sent to, and every program that is started. Compiled
code goes past it, so the same is done in a network of its own that leads nowhere: there the kernel
counts every packet that finds no way.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_serving import server

ROOT = Path(__file__).parent.parent
# Python runs this file before anything else when it finds it on its path.
SITECUSTOMIZE = """
import os, sys

WATCHED = ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.gethostby",
           "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")

def note(event, values):
    if event.startswith(WATCHED):
        place = 1 if event in ("socket.connect", "socket.sendto", "socket.sendmsg") else 0
        with open(os.environ["WATCHED"], "a") as file:
            file.write(f"{event} {values[place]!r}\\n")

sys.addaudithook(note)
"""
# Everything that a browser asks for, without one: the page and its parts, each of its buttons that
# makes the server work, the widget, the interface.
SESSION = r"""
import json, re, sys
from urllib.request import Request, urlopen

def get(path, data=None):
    body = json.dumps(data).encode() if data else None
    request = Request(sys.argv[1] + path, body, {"Content-Type": "application/json"})
    return urlopen(request, timeout=60)

page = get("/").read().decode()
parts = re.findall(r'(?:href|src)="\.?/?((?:assets/|static/|page\.)[^"]+)"', page)
assert len(parts) > 3
for path in ("theme.css", "manifest.json", "widget.js", "widget-v1.js", "embed?company=lumens.com",
             "docs", "api/v1/openapi.json", "healthz", "readyz", "api/v1/policies",
             "api/v1/policies/lumens.com", "api/v1/diff/bellacor.com", *parts):
    assert get("/" + path).read()
config = json.loads(re.search(r"window\.gradio_config = (.*?);</script>", page, re.DOTALL)[1])
ids = {one["props"].get("elem_id"): one["id"] for one in config["components"]}

def press(button, *data):
    handlers = [d for d in config["dependencies"] if [ids[button], "click"] in d["targets"]]
    sent = {"data": data, "fn_index": handlers[0]["id"], "session_hash": button}
    get("/gradio_api/queue/join", sent).read()
    events = get(f"/gradio_api/queue/data?session_hash={button}")
    done = next(line for line in events if b"process_completed" in line)
    assert b'"success": true' in done or b'"success":true' in done, done

press("send", "how do I opt out of Lumens emails?", "", "", None)
press("open-read", "#read=lumens.com")
press("open-changes", "#changes=bellacor.com")
press("open-about")
asked = {"question": "how do I opt out of Lumens emails?"}
assert json.load(get("/api/v1/ask", asked))["behaviour"] == "answer"
"""
# A server and a session where nothing but this machine can be reached, and what the kernel counted:
# before, after, and after one deliberate attempt by address and by name, which must be counted.
ALONE = r"""
set -e
mount --bind "$RESOLVER" /etc/resolv.conf
ip link set lo up
count() {
  awk '/^Ip:/ && n++ { print $13 }' /proc/net/snmp
  grep Ip6OutNoRoutes /proc/net/snmp6 || true
}
before=$(count)
"$PYTHON" -m chatbot serve --store "$STORE" --port 0 > "$FOLDER/out" & server=$!
trap 'kill $server' EXIT
while ! grep -q answers "$FOLDER/out"; do kill -0 $server; sleep 0.1; done
"$PYTHON" "$FOLDER/session.py" "$(grep -o 'http://[^ ]*' "$FOLDER/out")"
after=$(count)
"$PYTHON" -c 'import socket; socket.socket().connect_ex(("198.51.100.7", 443))'
by_address=$(count)
"$PYTHON" -c 'import socket; socket.getaddrinfo("a.example", 443)' 2> "$FOLDER/refused" || true
by_name=$(count)
printf '%s\n--\n%s\n--\n%s\n--\n%s\n' "$before" "$after" "$by_address" "$by_name"
"""


def test_no_name_is_looked_up_no_address_connected_and_no_program_started(
    store: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SITECUSTOMIZE, "utf-8")
    noted = tmp_path / "noted"
    paths = f"{tmp_path}{os.pathsep}{ROOT}"
    with server(store, PYTHONPATH=paths, WATCHED=str(noted)) as (connection, _):
        address = f"http://{connection.host}:{connection.port}"
        subprocess.run([sys.executable, "-c", SESSION, address], check=True)
    lines = noted.read_text("utf-8").splitlines()
    assert "socket.getaddrinfo '127.0.0.1'" in lines  # its own address: the hook is there
    assert [line for line in lines if line != "socket.getaddrinfo '127.0.0.1'"] == []


def test_the_kernel_sends_nothing_anywhere(store: Path, tmp_path: Path) -> None:
    alone = ["unshare", "--map-root-user", "--net", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*alone, "true"], check=False).returncode:
        pytest.skip("NO NETWORK OF ONE'S OWN: that compiled code asks nobody is NOT tested here")
    (tmp_path / "session.py").write_text(SESSION, "utf-8")
    (tmp_path / "resolver").write_text("nameserver 198.51.100.53\noptions timeout:1 attempts:1\n")
    environment = {
        **os.environ,
        "FOLDER": str(tmp_path),
        "PYTHON": sys.executable,
        "RESOLVER": str(tmp_path / "resolver"),
        "STORE": str(store),
    }
    done = subprocess.run(
        [*alone, "sh", "-c", ALONE], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    before, after, by_address, by_name = done.stdout.split("\n--\n")
    assert before == after
    assert len({after, by_address, by_name.strip()}) == 3  # both ways out would be counted
