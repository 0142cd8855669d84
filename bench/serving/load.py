"""Load on one address: wrk for the peak, oha at a rate that does not wait for the service."""
import json
import os
import re
import subprocess

WRK, OHA = "wrk", os.environ.get("BENCH_OHA", "oha")
LOAD_CORES = os.environ.get("BENCH_LOAD_CORES", "1")


class LoadFailed(Exception):
    """Not every request was answered with a 2xx: the number would mean nothing."""


def pinned(command):
    return ["taskset", "-c", LOAD_CORES, *command]


def script(folder, name, path, headers):
    """The Lua that makes wrk post this body."""
    lines = [
        f'local file = io.open("{folder}/{name}.body", "rb")',
        'wrk.method, wrk.path, wrk.body = "POST", "%s", file:read("*a")' % path,
        *(f'wrk.headers["{key}"] = "{value}"' for key, value in headers.items()),
    ]
    lua = folder / f"{name}.lua"
    lua.write_text("\n".join(lines) + "\n")
    return lua


def peak(url, lua, connections, seconds):
    """Requests a second of a closed loop."""
    command = [WRK, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", str(lua), url]
    said = subprocess.run(pinned(command), capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise LoadFailed(f"{url} {lua.name}:\n{said}")
    return float(found[1])


def at_rate(url, path, body, headers, rate, connections, seconds):
    """Latencies in milliseconds at a fixed rate, each counted from when its request was due."""
    command = [OHA, "--no-tui", "--output-format", "json", "-z", f"{seconds}s", "-q", str(rate)]
    command += ["-c", str(connections), "--latency-correction", "-w", "-m", "POST", "-D", str(body)]
    for key, value in headers.items():
        command += ["-H", f"{key}: {value}"]
    ran = subprocess.run(pinned([*command, url + path]), capture_output=True, text=True, check=True)
    told = json.loads(ran.stdout)
    failed = {code: count for code, count in told["statusCodeDistribution"].items() if code != "200"}
    if failed or set(told["errorDistribution"]) - {"aborted due to deadline"}:
        raise LoadFailed(f"{url} at {rate}/s: {failed} {told['errorDistribution']}")
    of = told["latencyPercentiles"]
    return {name: of[name] * 1000 for name in ("p50", "p99", "p99.9")} | {
        "achieved": told["summary"]["requestsPerSec"]
    }
