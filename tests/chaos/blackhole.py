"""R9: the network to Telegram (or to PostgreSQL) swallows everything, or leaves dead connections behind.

`python -m tests.chaos.blackhole [--fault blackhole,halfopen,refuse] --seconds 14 --poll 4 --stuck 12`;
full, with the product's own time-outs: `--seconds 300 --poll 15 --stuck 45`. `--target database` puts the proxy before
PostgreSQL instead.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from tests.chaos.harness import Checks, World, arguments, count, world
from tests.support.postgres import own_server
from tests.support.processes import free_port
from tests.support.proxy import Proxy

PEOPLE = 10
RESUMES, RED = 30.0, 60.0


def main() -> int:
    """Run and judge."""
    chosen = arguments(
        __doc__ or "", fault="blackhole,halfopen,refuse", target="telegram", seconds=14.0, poll=4, stuck=12.0
    )
    checks = Checks("blackhole")
    checks.figures = vars(chosen) | {"faults": {}}
    settings = {"TELEGRAM_POLL_SECONDS": str(chosen.poll), "HEALTH_STUCK_SECONDS": str(chosen.stuck)}
    run = _database if chosen.target == "database" else _telegram
    with _world(chosen.db, chosen.target, chosen.seed, settings) as (here, proxy):
        process = here.start_bot()
        here.wait_answered(here.ask(1, 900), 20)
        for number, fault in enumerate(chosen.fault.split(",")):
            first = 1000 + 1000 * number
            found = run(here, proxy, fault, first, chosen.seconds)
            total = count(here, PEOPLE * 2, PEOPLE, first)
            found |= {"lost": total.lost, "duplicates": total.duplicates, "double_effects": total.double_effects}
            checks.figures["faults"][fault] = found
            _judge(checks, fault, found, chosen.target)
        checks.check("the bot lives, without a trace in its log", process.alive and "Traceback" not in here.log)
        process.stop()
    return checks.finish()


def _judge(checks: Checks, fault: str, found: dict[str, Any], target: str) -> None:
    if target == "telegram":
        checks.check(f"{fault}: healthz red <= {RED:g} s ({found['red_s']} s)", found["red_s"] <= RED)
        checks.check(f"{fault}: polls again <= {RESUMES:g} s ({found['resumed_s']} s)", found["resumed_s"] <= RESUMES)
        checks.check(f"{fault}: healthz green again ({found['green_s']} s after)", found["green_s"] <= RESUMES)
    else:
        checks.check(f"{fault}: hotline text <= 1 s ({found['hotline_s']} s)", found["hotline_s"] <= 1.0)
    checks.check(
        f"{fault}: all answered <= {RESUMES:g} s after ({found['answered_s']} s)", found["answered_s"] <= RESUMES
    )
    checks.check(f"{fault}: 0 of {PEOPLE * 2} lost", found["lost"] == 0)
    checks.check(f"{fault}: 0 effects done twice", found["double_effects"] == 0)
    checks.check(f"{fault}: a text twice only to those who were being answered", found["duplicates"] <= PEOPLE)


def _telegram(here: World, proxy: Proxy, fault: str, first: int, seconds: float) -> dict[str, Any]:
    here.ask(PEOPLE, first)
    time.sleep(0.05)  # cut while answers are under way
    proxy.mode = fault
    begun = time.monotonic()
    here.ask(PEOPLE, first, "m{n}7")
    red = _until(lambda: here.health() == 503, max(seconds, RED + 5))
    time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
    proxy.mode = "pass"
    returned, since = time.monotonic(), time.time()
    resumed = _until(lambda: _polled(here, since), RESUMES + 15)
    answered = _until(lambda: count(here, PEOPLE * 2, PEOPLE, first).lost == 0, RESUMES + 15)
    green = _until(lambda: here.health() == 200, RESUMES)
    return {
        "red_s": round(red, 1),
        "resumed_s": round(resumed, 2),
        "answered_s": round(resumed + answered, 2),
        "green_s": round(time.monotonic() - returned if green < RESUMES else float("inf"), 2),
    }


def _database(here: World, proxy: Proxy, fault: str, first: int, seconds: float) -> dict[str, Any]:
    here.ask(PEOPLE, first)
    time.sleep(0.05)
    proxy.mode = fault
    begun, since = time.monotonic(), time.time()
    asked = here.ask(PEOPLE, first, "m{n}7")
    here.wait_answered(asked, 5, contains="191")
    hotlines = here.first_sends("191", since)
    time.sleep(max(0.0, seconds - (time.monotonic() - begun)))
    proxy.mode = "pass"
    answered = _until(lambda: count(here, PEOPLE * 2, PEOPLE, first).lost == 0, RESUMES + 15)
    worst = max(hotlines.get(chat, float("inf")) - made for chat, made in asked.items())
    return {"hotline_s": round(worst, 2), "answered_s": round(answered, 2)}


def _polled(here: World, since: float) -> bool:
    return any(call["time"] >= since for call in here.emulator.requests(method="getUpdates", limit=5))


def _until(holds: Any, seconds: float) -> float:
    """Seconds until something holds; inf when that takes too long."""
    started = time.monotonic()
    while time.monotonic() - started < seconds:
        if holds():
            return time.monotonic() - started
        time.sleep(0.1)
    return float("inf")


@contextlib.contextmanager
def _world(database: str, target: str, seed: int, settings: dict[str, str]) -> Iterator[tuple[World, Proxy]]:
    """A world with a proxy before Telegram or before PostgreSQL. We ourselves look at the database directly."""
    with contextlib.ExitStack() as stack:
        if target == "database":
            server = stack.enter_context(own_server(free_port()))
            proxy = stack.enter_context(Proxy(server.port))
            through = server.url.replace(f":{server.port}/", f":{proxy.port}/")
            here = stack.enter_context(world("pg", seed=seed, url=server.url, DATABASE_URL=through, **settings))
        else:
            here = stack.enter_context(world(database, seed=seed, **settings))
            proxy = stack.enter_context(Proxy(int(here.emulator_url.rsplit(":", 1)[1])))
            here.settings["TELEGRAM_API_URL"] = f"http://127.0.0.1:{proxy.port}"
        yield here, proxy


if __name__ == "__main__":
    raise SystemExit(main())
