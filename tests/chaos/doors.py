"""R10: two pollers on one token, polling <-> webhook, and several processes on one PostgreSQL.

`python -m tests.chaos.doors [--part all] --updates 300`; full: `--updates 10000 --rate 100`.
Parts: lint, standby, strangers, switch, processes (the last on PostgreSQL whatever --db says).
"""

from __future__ import annotations

import ast
import random
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.settings import ROOT
from tests.chaos.harness import FIRST_USER, Checks, World, arguments, count, wait_until_quiet, world
from tests.support.processes import Process, free_port, http
from tests.support.proxy import Proxy

CHATS = 50
TAKEOVER = 60.0
PROCESSES = 3
PHASE = 10.0
"""Seconds between two kills."""


def main() -> int:
    """Run and judge."""
    chosen = arguments(__doc__ or "", part="all", updates=300, rate=50.0, switches=4, kills=2)
    parts = {"lint": _lint, "standby": _standby, "strangers": _strangers, "switch": _switch, "processes": _processes}
    checks = Checks("doors")
    checks.figures = vars(chosen) | {"parts": {}}
    for name, part in parts.items():
        if chosen.part in ("all", name):
            checks.figures["parts"][name] = part(checks, chosen)
    return checks.finish()


def _lint(checks: Checks, _chosen: Any) -> dict[str, Any]:
    """`drop_pending_updates` is False wherever it stands; and it stands in each call that would have it."""
    wrong, calls = [], 0
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given = {k.arg: k.value for k in node.keywords}
            value = given.get("drop_pending_updates")
            false = isinstance(value, ast.Constant) and value.value is False
            if name in ("set_webhook", "delete_webhook", "run_polling", "start_polling", "run_webhook"):
                calls += 1
                if not false:
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
            elif value is not None and not false:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    checks.check(f"drop_pending_updates is False in all of {calls} calls {wrong}", calls > 0 and not wrong)
    return {"calls": calls, "wrong": wrong}


def _standby(checks: Checks, chosen: Any) -> dict[str, Any]:
    """Two pollers that share a database: the second waits, and takes over when the first is killed."""
    with world(chosen.db, seed=chosen.seed) as here:
        first = here.start_bot()
        other = free_port()
        second = here.start_bot(HEALTH_PORT=str(other))
        time.sleep(3)
        _feed(here, chosen.updates // 2, chosen.rate)
        _fed(here)
        said = here.log.count("stands_by                      part=poller")
        health = here.health(other)
        first.kill()
        killed = time.time()
        _feed(here, chosen.updates - chosen.updates // 2, chosen.rate)
        while time.time() - killed < TAKEOVER + 5 and not _polled(here, killed):
            time.sleep(0.1)
        takeover = time.time() - killed
        _fed(here)
        wait_until_quiet(here, second, 120)
        conflicts = here.emulator.stats()["conflicts"]
        second.stop()
        found = count(here, chosen.updates, CHATS)
    checks.check(f"standby: one line says so ({said})", said == 1)
    checks.check("standby: healthz of the one that waits is green", health == 200)
    checks.check(f"standby: they do not fight ({conflicts} conflicts)", conflicts == 0)
    checks.check(f"standby: takeover <= {TAKEOVER:g} s ({takeover:.1f} s)", takeover <= TAKEOVER)
    _sound(checks, "standby", found)
    return {"takeover_s": round(takeover, 2), "conflicts": conflicts, **asdict(found)}


def _strangers(checks: Checks, chosen: Any) -> dict[str, Any]:
    """Two pollers that share the token only (a mistake): they calm down, say so once, and the one left goes on."""
    with world("sqlite", seed=chosen.seed) as here:
        first = here.start_bot()
        other = here.database_url.replace("bot.sqlite3", "other.sqlite3")
        second = here.start_bot(HEALTH_PORT=str(free_port()), DATABASE_URL=other)
        time.sleep(12)
        first.kill()
        killed = time.time()
        asked = here.ask(1, 5000)
        takeover = here.wait_answered(asked, TAKEOVER + 5)
        said = here.log.count("poller_stands_by")
        conflicts = here.emulator.stats()["conflicts"]
        alive = second.alive
        second.stop()
    checks.check(f"strangers: each says so at most once ({said} lines, {conflicts} conflicts)", 1 <= said <= 2)
    checks.check(
        f"strangers: the one left answers <= {TAKEOVER:g} s ({takeover:.1f} s)", takeover <= TAKEOVER and alive
    )
    return {"takeover_s": round(takeover, 2), "conflicts": conflicts, "since": round(killed)}


def _switch(checks: Checks, chosen: Any) -> dict[str, Any]:
    """Polling and webhook in turn, under load, on one database."""
    with world(chosen.db, seed=chosen.seed) as here:
        _feed(here, chosen.updates, chosen.rate)
        for number in range(chosen.switches):
            here.mode = ("polling", "webhook")[number % 2]
            process = here.start_bot()
            time.sleep(max(1.0, chosen.updates / chosen.rate / chosen.switches - 1))
            process.stop()
        here.mode = "polling"
        process = here.start_bot()
        _fed(here)
        wait_until_quiet(here, process, 300)
        process.stop()
        found = count(here, chosen.updates, CHATS)
        dropped = here.emulator.stats()["dropped"]
    checks.check(f"switch: 0 dropped in {chosen.switches} switches", dropped == 0)
    checks.check(f"switch: no text twice ({found.duplicates})", found.duplicates == 0)
    _sound(checks, "switch", found)
    return asdict(found)


def _processes(checks: Checks, chosen: Any) -> dict[str, Any]:
    """Webhook processes behind a balancer share one PostgreSQL; one after the other is killed and started again."""
    chance = random.Random(chosen.seed)
    with world("pg", mode="webhook", seed=chosen.seed) as here:
        ports = [(free_port(), free_port()) for _ in range(PROCESSES)]
        with Proxy(*(port for port, _ in ports), longest=0.3) as balancer:
            here.settings["TELEGRAM_WEBHOOK_URL"] = f"http://127.0.0.1:{balancer.port}"
            bots = [_start(here, pair) for pair in ports]
            # Slow enough that a process is back at work before the next one is killed.
            seconds = max(chosen.updates / chosen.rate, PHASE * (chosen.kills + 1))
            _feed(here, chosen.updates, chosen.updates / seconds)
            before_kills = [0] * PROCESSES
            for _ in range(chosen.kills):
                time.sleep(seconds / (chosen.kills + 1))
                number = chance.randrange(PROCESSES)
                # The figure of a process begins anew with it: what a killed one had done counts too.
                before_kills[number] += _who_worked(here, [ports[number]])[0]
                bots[number].kill()
                bots[number] = _start(here, ports[number], wait=False)
            _fed(here)
            wait_until_quiet(here, bots[0], 300)
            worked = [a + b for a, b in zip(before_kills, _who_worked(here, ports), strict=True)]
            for bot in bots:
                bot.stop()
            found = count(here, chosen.updates, CHATS)
            sets = here.emulator.stats()["methods"].get("setwebhook", 0)
    checks.check(
        f"processes: {sum(n > 0 for n in worked)} of {PROCESSES} processed updates", sum(n > 0 for n in worked) > 1
    )
    checks.check(
        f"processes: texts twice at most those under way at a kill ({found.duplicates})",
        found.duplicates <= 32 * chosen.kills,
    )
    _sound(checks, "processes", found)
    return {"processed": worked, "setWebhook": sets, **asdict(found)}


def _start(here: World, ports: tuple[int, int], *, wait: bool = True) -> Process:
    return here.start_bot(wait=wait, TELEGRAM_WEBHOOK_PORT=str(ports[0]), HEALTH_PORT=str(ports[1]))


def _who_worked(here: World, ports: list[tuple[int, int]]) -> list[int]:
    """How many updates each process has processed since it started."""
    found = []
    for _, port in ports:
        lines = http(f"http://127.0.0.1:{port}/metrics")[1].splitlines()
        found.append(sum(int(float(line.split()[-1])) for line in lines if line.startswith("bot_updates_done_total")))
    return found


def _sound(checks: Checks, part: str, found: Any) -> None:
    checks.check(f"{part}: 0 lost", found.lost == 0)
    checks.check(f"{part}: 0 effects done twice", found.double_effects == 0)
    checks.check(f"{part}: order kept in every chat", found.disordered_chats == 0)
    checks.check(f"{part}: nothing left unfinished", found.unfinished == 0)


def _feed(here: World, updates: int, rate: float) -> None:
    here.emulator.feed(count=updates, chats=CHATS, rate=rate, first_user_id=FIRST_USER)


def _fed(here: World) -> None:
    while not here.emulator.feed_state()["done"]:
        time.sleep(0.1)


def _polled(here: World, since: float) -> bool:
    return any(call["time"] >= since for call in here.emulator.requests(method="getUpdates", limit=5))


if __name__ == "__main__":
    assert Path(ROOT).is_dir()
    raise SystemExit(main())
