#!/usr/bin/env python3
"""mlyard follows a store while MLflow writes to it: live_mlflow.py URI MLYARD

Every point that MLflow has acknowledged must be visible through mlyard's command line within LIMIT seconds.
Nothing here sleeps for a fixed time and hopes: it asks until it has the answer or the deadline has passed.
"""
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time

from compare_mlflow import Mlyard, check, path_of

LIMIT, UP, OVERALL, POINTS = 2.0, 20.0, 120.0, 40      # UP: for the follower's first import


def read_lines(pipe, lines):
    for line in pipe:
        lines.put((time.monotonic(), json.loads(line)))
    lines.put((time.monotonic(), {"event": "gone"}))


def follow(mlyard, follower, lines, deadline):
    """Returns the delay of each point, and what went wrong."""
    pending, delays, run_id, ended, seen_any, began = [], [], None, None, None, time.monotonic()
    while time.monotonic() < deadline and follower.poll() is None:
        while not lines.empty() or run_id is None:
            at, line = lines.get(timeout=OVERALL)
            run_id = run_id or line.get("run_id")
            if line["event"] == "point":
                pending.append((at, line["key"], [line["step"], line["timestamp"], line["value"]]))
            elif line["event"] == "ended":
                ended = at
            elif line["event"] == "gone" and ended is None:
                return delays, ["the writer died"]
        for key in {p[1] for p in pending}:
            try:
                points = mlyard.json("metrics", "get", run_id, key)["points"]
            except RuntimeError:                # not there yet
                points = []
            now = time.monotonic()
            if points and seen_any is None:     # from now on the follower is known to be up
                seen_any = now
            for p in [p for p in pending if p[1] == key and p[2] in points]:
                delays.append(now - max(p[0], seen_any))
                pending.remove(p)
        late = [p for p in pending if seen_any and time.monotonic() - max(p[0], seen_any) > LIMIT]
        if late:
            return delays, [f"not visible after {LIMIT} s: {late[0][1:]}"]
        if seen_any is None and time.monotonic() - began > UP:
            return delays, [f"nothing visible after {UP} s"]
        if ended and not pending:
            if mlyard.json("runs", "show", run_id)["status"] == "FINISHED":
                return delays, []
            if time.monotonic() - ended > LIMIT:
                return delays, [f"the run is not finished {LIMIT} s after its end"]
        time.sleep(0.02)
    return delays, ["overall deadline"] if follower.poll() is None else []


def main():
    uri, binary = sys.argv[1:]
    here = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as log:
        workspace = os.path.join(folder, "ws.mlyard")
        writer = subprocess.Popen([sys.executable, os.path.join(here, "make_store.py"), uri, "--live", str(POINTS)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True)
        lines, follower = queue.Queue(), None
        try:
            threading.Thread(target=read_lines, args=(writer.stdout, lines), daemon=True).start()
            first = lines.get(timeout=OVERALL)              # the live run has begun; the store is there
            lines.put(first)
            follower = subprocess.Popen([os.path.abspath(binary), "-w", workspace, "import", "--follow", path_of(uri)],
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            delays, wrong = follow(Mlyard(binary, workspace), follower, lines, time.monotonic() + OVERALL)
            if not wrong and writer.wait(timeout=OVERALL):
                wrong.append(f"the writer ended with {writer.returncode}")
            if follower.poll() is not None:
                wrong.append(f"the follower ended by itself with {follower.returncode}")
            else:
                follower.terminate()
                if follower.wait(timeout=20):
                    wrong.append(f"the follower, told to end, ended with {follower.returncode}")
        finally:
            for child in (follower, writer):
                if child:
                    child.terminate()
                    child.wait(timeout=20)
        log.seek(0)
        said = log.read().splitlines()[-20:]
    check(f"{len(delays)} live points visible within {LIMIT} s", wrong)
    if wrong:
        print("#   last words:", *said, sep="\n#     ")
    if delays:
        delays.sort()
        print(f"# delays: median {delays[len(delays) // 2] * 1000:.0f} ms, longest {delays[-1] * 1000:.0f} ms")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
