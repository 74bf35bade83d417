#!/usr/bin/env python3
"""Measures mlyard on large stores and prints what it found; it judges nothing: bench.py MLYARD DATA [SHAPE...]

DATA is a folder with the databases that gen.py wrote (SHAPE.db). Times are medians. Beside each import stands its
ratio to one plain scan of the same tables by SQLite on the same machine, which is the figure to compare elsewhere.
"""
import contextlib
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

from terminal import Terminal

SHAPES = ("points", "deep", "tall", "wide")
REPEAT = 5


def say(what, *figures):
    print(f"{what:44}", "  ".join(figures), flush=True)


def median_ms(seconds):
    return f"{statistics.median(seconds) * 1000:.1f} ms"


def peak(kilobytes):
    """A child's peak counts from before its exec, so nothing below this program's own size can be seen."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return f"peak {kilobytes // 1024} MB" if kilobytes > own else f"peak under {own // 1024 + 1} MB"


def measured(command):
    """Runs a command; returns seconds, peak resident kilobytes, standard output's bytes. A failure is an error."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        if child.returncode:
            err.seek(0)
            raise RuntimeError(f"exit {child.returncode}: {err.read(200).decode(errors='replace').strip()}")
        return seconds, usage.ru_maxrss, out.tell() or os.fstat(out.fileno()).st_size


def scan_s(path):
    """One scan of what an import has to read, by SQLite alone."""
    began = time.monotonic()
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        db.execute("SELECT sum(value), sum(timestamp), sum(step), max(run_uuid), max(key) FROM metrics").fetchall()
        for table in ("params", "tags"):
            db.execute(f"SELECT max(key), max(value), max(run_uuid) FROM {table}").fetchall()
    return time.monotonic() - began


def one_value(path, query):
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        return db.execute(query).fetchone()[0]


def size_of(workspace):
    return sum(os.path.getsize(workspace + end) for end in ("", "-wal") if os.path.exists(workspace + end))


def bench_import(mlyard, shape, path, workspace):
    rows = one_value(path, "SELECT count(*) FROM metrics")
    scan_s(path)                                        # so that both are measured with the file in the page cache
    scan = statistics.median(scan_s(path) for _ in range(3))
    seconds, resident, _ = measured([mlyard, "-w", workspace, "import", path])
    size = size_of(workspace)
    say(f"{shape}: import of {rows:,} points", f"{seconds:.2f} s", f"{rows / seconds:,.0f} points/s",
        f"{seconds / scan:.1f} scans", peak(resident), f"{size / 1e6:.1f} MB, was {os.path.getsize(path) / 1e6:.1f}",
        f"{size / rows:.2f} bytes/point")
    again = [measured([mlyard, "-w", workspace, "import", path])[0] for _ in range(REPEAT)]
    say(f"{shape}: import, nothing changed", median_ms(again))


def bench_commands(mlyard, shape, path, workspace):
    run = one_value(path, "SELECT run_uuid FROM runs ORDER BY run_uuid LIMIT 1")
    key = one_value(path, "SELECT key FROM metrics LIMIT 1")
    for args in (["experiments", "list"], ["runs", "list"], ["runs", "list", "--json"],
                 ["runs", "list", "--filter", f"{key} < 0.5 params.optimizer = adam"],
                 ["runs", "list", "--sort", f"metrics.{key}"],
                 ["runs", "show", run], ["metrics", "get", run, key, "--json"]):
        title = f"{shape}: {' '.join(args).replace(run, 'RUN')}"[:43]
        try:
            found = [measured([mlyard, "-w", workspace, *args]) for _ in range(REPEAT)]
            say(title, median_ms([f[0] for f in found]), peak(max(f[1] for f in found)), f"{found[0][2]:,} bytes")
        except RuntimeError as error:
            say(title, f"not measured: {error}")


def bench_terminal(mlyard, shape, path, workspace):
    """The workspace holds the data already: what a person waits for when the program opens."""
    text = "run-0"              # every run's name begins so: a useful screen shows at least one
    starts = []
    for i in range(REPEAT):
        terminal = Terminal([mlyard, "-w", workspace])
        try:
            starts.append(terminal.start(text))
            if i < REPEAT - 1:
                continue
            keys = [terminal.key(b"j") for _ in range(40)]
            burst_bytes, burst_ms = terminal.key(b"j" * 200)
            idle_bytes, idle_cpu = terminal.idle(5)
            resident = terminal.peak_kb()
        except (OSError, RuntimeError) as error:
            return say(f"{shape}: screen", f"not measured: {error}")
        finally:
            terminal.close()
    middle = lambda key: statistics.median(s[key] for s in starts)
    say(f"{shape}: first useful screen", f"{middle('ms'):.0f} ms", f"{middle('bytes'):,.0f} bytes",
        f"{middle('rest_bytes'):,.0f} at rest", f"peak {resident // 1024} MB")
    key_bytes, key_ms = (statistics.median(k) for k in zip(*keys))
    say(f"{shape}: cursor key", f"{key_ms:.1f} ms", f"{key_bytes:.0f} bytes")
    say(f"{shape}: 200 cursor keys at once", f"{burst_ms:.0f} ms", f"{burst_bytes:,} bytes")
    say(f"{shape}: 5 s idle", f"{idle_bytes} bytes", f"{idle_cpu} ms of CPU")


def main():
    mlyard, data, *shapes = sys.argv[1:]
    mlyard = os.path.abspath(mlyard)
    say("mlyard --version", median_ms([measured([mlyard, "--version"])[0] for _ in range(REPEAT)]))
    for shape in shapes or SHAPES:
        path = os.path.join(os.path.abspath(data), shape + ".db")
        with tempfile.TemporaryDirectory(dir=data) as folder:
            workspace = os.path.join(folder, "ws.mlyard")
            for part in (bench_import, bench_commands, bench_terminal):
                part(mlyard, shape, path, workspace)


if __name__ == "__main__":
    main()
