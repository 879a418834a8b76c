"""S13: whom the program speaks to: the bot with its real Rasa process and its console, all network calls traced.

`python -m tests.network.fence`: strace follows all processes; where the machine lets us, in a network namespace that
has loopback and no route. Rasa must open no connection at all, listen on loopback, ask for its token, refuse what is
too large, and hold no secret in its environment; the bot speaks to the Bot API's address and to Rasa, to nobody else.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from bot.nlu.supervisor import NLU_PYTHON
from bot.settings import ROOT
from tests.chaos.harness import Checks, World, world
from tests.support.processes import TOKEN, clean_environment, free_port, http

KEY = "C" * 43 + "="
PLANTED = "canary-of-the-fence"
"""Stands in settings that no process but the bot's may see."""
CALL = re.compile(r"^(\d+) +(connect|bind|sendto|sendmsg|sendmmsg)\(\d+, (.*)")
PLACE = re.compile(
    r'sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?(?:inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)")'
)
EXEC = re.compile(r'^(\d+) +execve\("[^"]*", \[(.*?)\]')
FORK = re.compile(r"^(\d+) +(?:clone|clone3|fork|vfork)\(.*= (\d+)")
TRACE = "connect,bind,sendto,sendmsg,sendmmsg,execve,clone,clone3,fork,vfork"
STRACE = ("strace", "-f", "-qq", "-s", "300", "--seccomp-bpf", "-e", f"trace={TRACE}", "-e", "signal=none", "-o")
READY = 150.0
LONGEST = 12.0
"""Rasa gives up after ten seconds."""
QUESTIONS = ("ຢາກເຮັດພາສປອດ ເຮັດແນວໃດ", "ຖືກຂັງໄວ້ໃນຫ້ອງ ອອກໄປບໍ່ໄດ້", "my boss does not pay my salary", "x" * 4096)


@dataclass
class Traced:
    """What the processes did, by role of the process: "nlu" or "bot"."""

    connected: dict[str, set[tuple[str, int]]] = field(default_factory=lambda: {"nlu": set(), "bot": set()})
    bound: dict[str, set[tuple[str, int]]] = field(default_factory=lambda: {"nlu": set(), "bot": set()})


def main() -> int:
    """Run and judge; begins itself anew in a namespace without routes where that is allowed."""
    if "--inside" not in sys.argv and (alone := _unshare()):
        command = f"ip link set lo up && exec {sys.executable} -m tests.network.fence --inside"
        return subprocess.run([*alone, "sh", "-c", command], cwd=ROOT, check=False).returncode
    checks = Checks("fence")
    if not shutil.which("strace"):
        checks.check("strace is installed (apt-get install strace)", False)
        return checks.finish()
    inside = "--inside" in sys.argv
    if inside:
        checks.check(f"no way out of this namespace: {_outside()}", _outside() == "unreachable")
    with world("sqlite", LOG_LEVEL="INFO", DATA_KEY=KEY) as here:
        checks.check("a connection to a foreign address is seen in a trace: the trap works", _trap(here.folder))
        trace, started = here.folder / "trace.txt", time.monotonic()
        ports = {"nlu": free_port(), "console": free_port()}
        _run(checks, here, trace, ports)
        _judge(checks, here, read(trace.read_text(errors="replace")), ports)
        checks.figures = {"seconds": round(time.monotonic() - started, 1), "without_routes": inside, "seed": 1}
    return checks.finish()


# ------------------------------------------------------------------ running


def _unshare() -> list[str]:
    for command in (["unshare", "-n"], ["unshare", "-rn"]):
        if shutil.which("ip") and shutil.which("unshare"):
            tried = subprocess.run([*command, "ip", "link", "set", "lo", "up"], capture_output=True, check=False)
            if tried.returncode == 0:
                return command
    print("no namespace of the network is allowed here: the trace alone has to tell", flush=True)
    return []


def _outside() -> str:
    try:
        urllib.request.urlopen("http://192.0.2.1/", timeout=2).close()
    except urllib.error.URLError as error:
        return "unreachable" if "unreachable" in str(error.reason) else type(error.reason).__name__
    return "reached"


def _trap(folder: Path) -> bool:
    """192.0.2.1 is nobody's address (RFC 5737)."""
    target = folder / "trap.txt"
    code = "import socket; s = socket.socket(); s.setblocking(False); s.connect_ex(('192.0.2.1', 80))"
    subprocess.run([*STRACE, str(target), sys.executable, "-c", code], cwd=ROOT, check=True)
    return ("192.0.2.1", 80) in read(target.read_text()).connected["bot"]


def _run(checks: Checks, here: World, trace: Path, ports: dict[str, int]) -> None:
    """The bot, its Rasa and its console at work, under strace."""
    environment = here.environment(
        NLU_PORT=str(ports["nlu"]), CONSOLE_PORT=str(ports["console"]), ORGANISATION=PLANTED,
        STAFF_ALERT_COMMAND="", CONTENT_DIR=str(ROOT / "content"),
    )  # fmt: skip
    environment.pop("NLU_URL")
    with (here.folder / "bot.log").open("ab") as out:
        bot = subprocess.Popen(
            [*STRACE, str(trace), sys.executable, "-m", "bot", "run"],
            cwd=ROOT, env=clean_environment() | environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    try:
        pid = _rasa(here, bot, ports["nlu"])
        checks.check("Rasa answers", bool(pid))
        if not pid:
            print(here.log[-2000:])
            return
        _environment(checks, here, pid)
        _door(checks, ports["nlu"], _variables(pid).get("NLU_TOKEN", ""))
        took = here.wait_answered({c: t for n, q in enumerate(QUESTIONS) for c, t in here.ask(1, 500 + n, q).items()},
                                  20, contains="")  # fmt: skip
        checks.check(f"{len(QUESTIONS)} questions are answered ({took:.1f} s)", took < 20)
        status = http(f"http://127.0.0.1:{ports['console']}/sign-in")[0]
        checks.check(f"the console answers {status}", status == 200)
        time.sleep(3)  # what it does of its own accord
    finally:
        bot.terminate()
        try:
            bot.wait(20)
        except subprocess.TimeoutExpired:
            bot.kill()


def _rasa(here: World, bot: subprocess.Popen[bytes], port: int) -> int:
    """Process number of Rasa once it answers; 0 when it does not."""
    until = time.monotonic() + READY
    while time.monotonic() < until and bot.poll() is None:
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = command.read_bytes().split(b"\0")
            except OSError:
                continue
            if b"nlu.serve" in words and str(port).encode() in words and words[0] == str(NLU_PYTHON).encode():
                token = _variables(int(command.parent.name)).get("NLU_TOKEN", "")
                if _ask(port, f"/model/parse?token={token}", {"text": "passport"})[0] == 200:
                    return int(command.parent.name)
        time.sleep(0.5)
    return 0


def _variables(pid: int) -> dict[str, str]:
    raw = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
    return dict(line.split("=", 1) for line in raw.split("\0") if "=" in line)


def _ask(port: int, path: str, body: object = None, method: str = "") -> tuple[int, float]:
    """Status, and how long it took; 0 when nobody answers, or too late."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data, {"content-type": "application/json"}, method=method or None
    )
    started = time.monotonic()
    try:
        with urllib.request.urlopen(request, timeout=LONGEST) as answer:
            answer.read()
            return answer.status, time.monotonic() - started
    except urllib.error.HTTPError as error:
        return error.code, time.monotonic() - started
    except OSError:
        return 0, time.monotonic() - started


def _environment(checks: Checks, here: World, pid: int) -> None:
    seen = Path(f"/proc/{pid}/environ").read_text(errors="replace") + Path(f"/proc/{pid}/cmdline").read_text()
    file = here.database_url.rsplit("/", 1)[-1]
    secrets = {"TELEGRAM_TOKEN": TOKEN, "its second half": TOKEN.split(":")[1], "DATA_KEY": KEY,
               "DATABASE_URL": here.database_url, "the database's file": file, "other settings": PLANTED}  # fmt: skip
    found = [name for name, value in secrets.items() if value in seen]
    found += [name for name in _variables(pid) if re.search("KEY|TELEGRAM|DATABASE|PASSWORD", name)]
    checks.check(f"Rasa's environment and command line hold {len(found)} secrets {found}", not found)
    variables = _variables(pid)
    checks.check("telemetry is off", variables.get("RASA_TELEMETRY_ENABLED") == "false")
    checks.check("its token is not on the command line", variables["NLU_TOKEN"] not in
                 Path(f"/proc/{pid}/cmdline").read_text())  # fmt: skip
    limits = Path(f"/proc/{pid}/limits").read_text()
    checks.check("it leaves no core dump", bool(re.search(r"Max core file size +0 +0 ", limits)))


def _door(checks: Checks, port: int, token: str) -> None:
    text = {"text": "passport"}
    refused = {
        "no token": _ask(port, "/model/parse", text)[0],
        "a wrong one": _ask(port, "/model/parse?token=wrong", text)[0],
        "another model without one": _ask(port, "/model", {"model_file": "/etc/passwd"}, "PUT")[0],
        "training without one": _ask(port, "/model/train", {}, "POST")[0],
        "status without one": _ask(port, "/status")[0],
        "domain without one": _ask(port, "/domain")[0],
    }
    checks.check(f"refused: {refused}", set(refused.values()) == {401})
    large, took = _ask(port, f"/model/parse?token={token}", {"text": "a" * 70_000})
    checks.check(f"70,000 bytes: {large} after {took:.1f} s", large == 413)
    long, took = _ask(port, f"/model/parse?token={token}", {"text": "ພາສ ປອດ " * 1000})
    checks.check(f"8,000 letters: {long} after {took:.1f} s (<= {LONGEST:g})", long in (200, 503) and took <= LONGEST)


# ------------------------------------------------------------------ judging


def read(trace: str) -> Traced:
    """The network calls of a trace; of Rasa is a process that was started as nlu.serve, and what came from it."""
    done, parents, rasa = Traced(), dict[str, str](), set[str]()
    for line in trace.splitlines():
        if found := FORK.match(line):
            parents[found[2]] = found[1]
        elif (found := EXEC.match(line)) and '"nlu.serve"' in found[2]:
            rasa.add(found[1])
        elif found := CALL.match(line):
            place = PLACE.search(found[3])
            if place is None:
                continue
            who, target = found[1], (place[2] or place[3], int(place[1]))
            while who not in rasa and who in parents:
                who = parents[who]
            kept = done.bound if found[2] == "bind" else done.connected
            kept["nlu" if who in rasa else "bot"].add(target)
    return done


def _judge(checks: Checks, here: World, done: Traced, ports: dict[str, int]) -> None:
    loopback = ("127.0.0.1", "::1", "::ffff:127.0.0.1")
    nlu = done.connected["nlu"]
    checks.check(f"Rasa opened {len(nlu)} connections {sorted(nlu)[:3]}", not nlu)
    checks.check(f"Rasa listens at {sorted(done.bound['nlu'])}", {a for a, _ in done.bound["nlu"]} <= set(loopback))
    away = {place for place in done.connected["bot"] if place[0] not in loopback}
    checks.check(f"the bot spoke to {len(away)} foreign addresses {sorted(away)[:3]}", not away)
    telegram = urlsplit(here.emulator_url).port or 0
    allowed = {telegram: "the Bot API", ports["nlu"]: "Rasa", ports["console"]: "is its own port free?",
               here.health_port: "is its own port free?"}  # fmt: skip
    spoken = {port for _, port in done.connected["bot"]}
    checks.check(f"the bot spoke to {sorted(allowed.get(p, str(p)) for p in spoken)}", spoken <= allowed.keys())
    checks.check("and to the Bot API and Rasa it did", {telegram, ports["nlu"]} <= spoken)
    open_doors = {place for place in done.bound["bot"] if place[0] not in loopback}
    checks.check(f"bot and console listen at {sorted(done.bound['bot'])}", not open_doors)


if __name__ == "__main__":
    os.environ.setdefault("DATA_KEY", KEY)
    raise SystemExit(main())
