"""S4: guessing at the door of the console.

`python -m tests.web.bruteforce [--guesses 10000] [--timings 200]`: guesses over simulated time, from changing addresses
and from one; what a stranger's guessing does to the owner; the time of known and unknown names; the second factor.
The clock of the console is the test's, so that hours pass in seconds; the timings are real, with the real hash.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
from argon2 import PasswordHasher

from bot.services import staff
from bot.services.staff import HASHER, TooManyTriesError
from bot.storage.db import Database
from bot.storage.migrate import upgrade
from bot.storage.models import Role, Staff
from tests.chaos.harness import Checks

START = datetime(2026, 11, 24, tzinfo=UTC)
NAME = "dao"


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--guesses", type=int, default=10_000)
    parser.add_argument("--timings", type=int, default=200)
    chosen = parser.parse_args()
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    checks = Checks("bruteforce")
    with tempfile.TemporaryDirectory(prefix="bruteforce-") as folder:
        url = f"sqlite:///{Path(folder) / 'bot.sqlite3'}"
        upgrade(url)
        database = Database(url)
        with database.write() as session:
            password = staff.add(session, NAME, Role.COUNSELLOR, START)
        _many_addresses(checks, database, chosen.guesses)
        _one_address(checks, database)
        _owner(checks, database, password)
        _codes(checks, database)
        _timings(checks, database, chosen.timings)
        database.close()
    memory = HASHER.memory_cost // 1024
    checks.check(f"argon2 {HASHER.type.name}, {memory} MiB", HASHER.type.name == "ID" and memory >= 64)
    checks.figures |= vars(chosen)
    return checks.finish()


def _try(database: Database, name: str, address: str, now: datetime) -> int:
    """Seconds to wait; 0 when the guess was let through to the check."""
    try:
        with database.write() as session:
            staff.begin_try(session, name, address, now)
    except TooManyTriesError as error:
        return error.seconds
    return 0


def _many_addresses(checks: Checks, database: Database, guesses: int) -> None:
    """A guess every second, each from another address: how many get to the check, and how many fit?"""
    draw, now, through, longest = random.Random(1), START, Counter[int](), 0
    for number in range(guesses):
        now += timedelta(seconds=1)
        wait = _try(database, NAME, f"10.{number % 250}.{number // 250 % 250}.1", now)
        longest = max(longest, wait)
        if not wait:
            through[number // 60] += 1
    with database.read() as session:
        _, kept = staff.password_of(session, NAME, now)
    fast = draw.sample(["123456", "password", "dao", "qwerty", "letmein", "vientiane", "hotline", "000000"], 3)
    entered = sum(staff.fits(kept, guess) for guess in fast)
    checked, most = sum(through.values()), max(through.values())
    checks.check(
        f"{guesses} guesses, one a second: {checked} let through to the check; of 3 common passwords {entered} fit",
        entered == 0,
    )
    checks.check(f"at most {most} a minute on one account", most <= 5)
    checks.check(f"they wait up to {longest} s", longest >= 42)
    checks.figures |= {"checked": checked, "most_a_minute": most, "longest_wait": longest}


def _one_address(checks: Checks, database: Database) -> None:
    now, through = START + timedelta(days=2), 0
    for number in range(600):
        through += not _try(database, f"name{number}", "10.9.9.9", now + timedelta(seconds=number / 10))
    checks.check(f"one address, 600 names in a minute: {through} were checked", through <= 30)


def _owner(checks: Checks, database: Database, password: str) -> None:
    """A stranger guesses without an end; the owner still gets in after the longest wait."""
    now, waited = START + timedelta(days=1), 0.0
    for second in range(600):
        _try(database, NAME, "10.1.1.1", now + timedelta(seconds=second))
    now += timedelta(seconds=600)
    while wait := _try(database, NAME, "10.2.2.2", now + timedelta(seconds=waited)):
        waited += wait
        if waited > 600:
            break
    with database.read() as session:
        found, kept = staff.password_of(session, NAME, now)
    checks.check(
        f"the owner gets in after {waited:.0f} s", waited <= 120 and staff.fits(kept, password) and bool(found)
    )


def _codes(checks: Checks, database: Database) -> None:
    with database.write() as session:
        row = session.query(Staff).one()
        row.totp_secret, row.totp_confirmed_at = pyotp.random_base32(), START
        number, secret = row.id, row.totp_secret
    now = datetime.now(UTC)
    right = pyotp.TOTP(secret).at(now)
    with database.write() as session:
        uses = [staff.use_code(session, number, right, now) for _ in range(5)]
    checks.check(f"a right code counts {sum(uses)} time of 5", uses == [True, False, False, False, False])
    with database.write() as session:
        stale = staff.use_code(session, number, pyotp.TOTP(secret).at(now - timedelta(minutes=2)), now)
    checks.check("a code of two minutes ago does not count", not stale)


def _timings(checks: Checks, database: Database, number: int) -> None:
    """Known and unknown names, in turn; on a busy machine a quicker hash shows a difference in our own code better."""
    spent: dict[str, list[float]] = {NAME: [], "nobody": []}
    whole, staff.HASHER = staff.HASHER, PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    try:
        staff._nobodys_hash.cache_clear()
        with database.write() as session:
            session.query(Staff).one().password_hash = staff.hashed("right right right")
        for turn in range(2 * number):
            name = (NAME, "nobody")[turn % 2]
            started = time.perf_counter()
            with database.read() as session:
                _, kept = staff.password_of(session, name, START)
            staff.fits(kept, "wrong wrong wrong")
            spent[name].append(1000 * (time.perf_counter() - started))
    finally:
        staff.HASHER = whole
        staff._nobodys_hash.cache_clear()
    known, unknown = (statistics.median(spent[name]) for name in (NAME, "nobody"))
    checks.check(
        f"known name {known:.1f} ms, unknown {unknown:.1f} ms (median of {number})", abs(known - unknown) <= 10
    )
    checks.figures |= {"known_ms": round(known, 2), "unknown_ms": round(unknown, 2)}


if __name__ == "__main__":
    raise SystemExit(main())
