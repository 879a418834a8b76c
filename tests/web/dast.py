"""S6: scanners at every page and form of the console, and at the webhook door of the bot.

`python -m tests.web.dast [--only schemathesis,sqlmap,wapiti,webhook] [--examples 25] [--people 40] [--seed 1]`.
schemathesis asks by a description that is made from the router, as every role and as nobody; sqlmap tries every field,
wapiti follows the pages. Every answer is counted by the console itself: 0 findings, 0 answers 5xx, all with their
headers. sqlmap and wapiti are programs of the system: `make dast` installs them where it can.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from bot import logs
from bot.storage.models import Role
from tests.chaos.harness import Checks
from tests.web import dast_webhook
from tests.web.dast_site import ENDS_THE_SESSION, Site, address_of, fields_of, openapi, routes, site

PARTS = ("schemathesis", "sqlmap", "wapiti", "webhook")
CHECKED = "not_a_server_error,status_code_conformance,unsupported_method"
FEW: tuple[Role | None, ...] = (Role.SUPERVISOR, Role.EDITOR, None)
ALL: tuple[Role | None, ...] = (*Role, None)
ATTACKS = (
    "blindsql,sql,xss,permanentxss,exec,file,crlf,redirect,csp,cookieflags,http_headers,csrf,methods,backup,"
    "htaccess,shellshock"
)
"""Those of wapiti that need no address on the internet."""
NOT_WANTED = {
    "X-XSS-Protection is not set": "browsers have taken it out; the CSP does its work, and OWASP advises against it"
}
"""What a scanner would like to have, and why it does not get it."""
NO_NETWORK = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": "127.0.0.1"}
"""wapiti would fetch lists from the internet."""
INSTALL = "apt-get install --no-install-recommends sqlmap wapiti"


def main() -> int:
    """Run and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--examples", type=int, default=25)
    parser.add_argument("--people", type=int, default=40)
    parser.add_argument("--minutes", type=int, default=15, help="for each of sqlmap and wapiti, at most")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    os.environ.setdefault("DATA_KEY", "D" * 43 + "=")
    logs.set_up("CRITICAL")
    checks, parts = Checks("dast"), chosen.only.split(",")
    checks.figures = vars(chosen) | {"seconds": {}}
    with tempfile.TemporaryDirectory(prefix="dast-") as name:
        if set(parts) - {"webhook"}:
            with site(Path(name), chosen.people) as here:
                for part in ("schemathesis", "sqlmap", "wapiti"):
                    if part in parts:
                        started = time.monotonic()
                        globals()[f"_{part}"](checks, here, chosen)
                        checks.figures["seconds"][part] = round(time.monotonic() - started, 1)
                _judge(checks, here, whole="schemathesis" in parts)
        if "webhook" in parts:
            dast_webhook.run(checks, chosen.examples, chosen.seed)
    return checks.finish()


def _judge(checks: Checks, here: Site, *, whole: bool) -> None:
    """What the console saw of all of them."""
    seen = here.seen
    asked = sum(seen.statuses.values())
    checks.check(f"{asked} answers, {len(seen.faults)} of them 5xx {seen.faults[:3]}", not seen.faults)
    checks.check(f"{len(seen.bare)} without the headers of safety {seen.bare[:3]}", not seen.bare)
    missed = [
        f"{method} {path}" for method, path, _ in routes(here.app)
        if not any(_fits(path, place.split(" ", 1)[1]) for place in seen.by_route if place.startswith(method + " "))
    ]  # fmt: skip
    if whole:
        checks.check(f"{len(routes(here.app))} routes, {len(missed)} of them not asked {missed[:3]}", not missed)
    done = sum(count for status, count in seen.statuses.items() if status < 400)
    checks.check(f"{done} answers were no refusals: the scanners were inside", done > asked // 20)
    checks.figures["answers"] = {str(status): count for status, count in sorted(seen.statuses.items())}


def _fits(pattern: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+(:int)?\}", "[^/]+", pattern), path) is not None


# ------------------------------------------------------------------ schemathesis


def _schemathesis(checks: Checks, here: Site, chosen: argparse.Namespace) -> None:
    description = here.folder / "openapi.json"
    description.write_text(json.dumps(openapi(here.app, here.numbers)), encoding="utf-8")
    for role in FEW if chosen.examples < 10 else ALL:
        headers = [f"--header={name}: {value}" for name, value in here.headers(role).items()]
        program = str(Path(sys.executable).parent / "schemathesis")
        command = [
            program, "run", str(description), "--url", here.address, "--phases", "fuzzing", "--checks", CHECKED,
            "--max-examples", str(chosen.examples if role == Role.SUPERVISOR else max(1, chosen.examples // 3)),
            "--seed", str(chosen.seed), "--continue-on-failure", "--no-shrink", "--no-color", "--max-redirects", "0",
            "--request-timeout", "60", "--suppress-health-check", "all", "--report", "ndjson",
            "--report-ndjson-path", str(here.folder / f"events-{role}.ndjson"), *headers,
        ]  # fmt: skip
        done = subprocess.run(command, cwd=here.folder, capture_output=True, text=True, check=False)
        found = re.search(r"(\d+) generated", done.stdout)
        failures = re.findall(r"^_+ (.*?) _+$", done.stdout, re.M)
        checks.check(
            f"schemathesis as {role or 'nobody'}: {found[1] if found else '?'} requests, {len(failures)} findings "
            f"{failures[:3]}", done.returncode == 0,
        )  # fmt: skip
        if done.returncode:
            told = done.stdout.partition("= FAILURES =")[2] or done.stdout[-3000:]
            print(told[:6000] + done.stderr[-1000:], flush=True)


# ------------------------------------------------------------------ sqlmap


def _sqlmap(checks: Checks, here: Site, chosen: argparse.Namespace) -> None:
    program = shutil.which("sqlmap")
    if program is None:
        checks.check(f"sqlmap is missing: {INSTALL}", False)
        return
    requests = here.folder / "requests"
    requests.mkdir()
    for number, (method, path, route) in enumerate(routes(here.app)):
        asked, form = fields_of(route)
        address = address_of(path, here.numbers)
        if method == "GET" and not asked and "{" not in path:
            continue
        text = _request(here, method, address + ("" if asked or form else "*"), asked, form)
        (requests / f"{number:03}.txt").write_text(text, encoding="utf-8")
    common = [program, "--batch", "--smart", "--level", "1", "--risk", "1", "--threads", "2", "--timeout", "20",
              "--technique", "BEUT", "--time-sec", "2", "--flush-session", "--disable-coloring", "--ignore-code", "*",
              "--output-dir", str(here.folder / "sqlmap"), "--dbms", "sqlite",
        "--ignore-redirects", "--ignore-stdin"]  # fmt: skip
    until, tried, found, late = time.monotonic() + 60 * chosen.minutes, 0, [], 0
    for file in sorted(requests.iterdir()):
        left = until - time.monotonic()
        if left < 10:
            late += 1
            continue
        try:
            done = subprocess.run([*common, "-r", str(file)], cwd=here.folder, capture_output=True, text=True,
                                  check=False, timeout=left)  # fmt: skip
        except subprocess.TimeoutExpired:
            late += 1
            continue
        tried += 1
        if "identified the following injection point" in done.stdout:
            found.append(file.read_text(encoding="utf-8").splitlines()[0])
            print(done.stdout[-1500:], flush=True)
    checks.check(f"sqlmap: {tried} pages and forms, {len(found)} can be injected {found[:3]}", tried > 0 and not found)
    checks.check(f"sqlmap: {late} were not reached in {chosen.minutes} minutes", late == 0)


def _request(here: Site, method: str, address: str, asked: list[str], form: list[str]) -> str:
    """A request as sqlmap reads it from a file."""
    query = "?" + urlencode(dict.fromkeys(asked, "1")) if asked and method == "GET" else ""
    lines = [f"{method} {address}{query} HTTP/1.1", f"Host: {here.address.removeprefix('http://')}"]
    lines += [f"{name}: {value}" for name, value in here.headers(Role.SUPERVISOR).items()]
    body = ""
    if method == "POST":
        body = urlencode(dict.fromkeys(form or ["text"], "1"))
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", body])


# ------------------------------------------------------------------ wapiti


def _wapiti(checks: Checks, here: Site, chosen: argparse.Namespace) -> None:
    program = shutil.which("wapiti")
    if program is None:
        checks.check(f"wapiti is missing: {INSTALL}", False)
        return
    report = here.folder / "wapiti.json"
    headers = [part for name, value in here.headers(Role.SUPERVISOR).items() for part in ("-H", f"{name}: {value}")]
    starts = [part for method, path, _ in routes(here.app) if method == "GET"
              for part in ("-s", here.address + address_of(path, here.numbers))]  # fmt: skip
    command = [
        program, "-u", here.address + "/", *starts, *headers, "--scope", "domain", "-m", ATTACKS, "-f", "json",
        "-o", str(report), "--flush-session", "--no-bugreport", "-d", "3",
        "--max-links-per-page", "30", "--max-files-per-dir", "25", "--max-parameters", "16", "--max-scan-time",
        str(20 * chosen.minutes), "--max-attack-time", str(2 * chosen.minutes),
        "--store-session", str(here.folder / "wapiti"),
        "--store-config", str(here.folder / "wapiti-config"),
    ]  # fmt: skip
    done = subprocess.run(command, cwd=here.folder, capture_output=True, text=True, check=False,
                          timeout=60 * (2 * chosen.minutes + 5), env=os.environ | NO_NETWORK)  # fmt: skip
    if not report.exists():
        checks.check("wapiti wrote a report", False)
        print((done.stdout + done.stderr)[-3000:], flush=True)
        return
    told = json.loads(report.read_text(encoding="utf-8"))
    found = {kind: rows for part in ("vulnerabilities", "anomalies") for kind, rows in told[part].items() if rows}
    checks.figures["wapiti_pages"] = told["infos"].get("crawled_pages")
    found = {
        kind: kept for kind, rows in found.items()
        if (kept := [r for r in rows if r["info"] not in NOT_WANTED and r["path"] not in ENDS_THE_SESSION])
    }  # fmt: skip
    count = sum(len(rows) for rows in found.values())
    checks.check(f"wapiti: {count} findings { {kind: len(rows) for kind, rows in found.items()} }", not found)
    for kind, rows in found.items():
        print(f"    {kind}: {[_said(row) for row in rows[:3]]}", flush=True)


def _said(row: dict[str, Any]) -> str:
    return f"{row.get('method')} {row.get('path')} {row.get('parameter')} {row.get('info')}"[:200]


if __name__ == "__main__":
    raise SystemExit(main())
