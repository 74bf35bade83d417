"""A small driver for terminal programs on a pseudo-terminal: what a key costs, in milliseconds and bytes.

It does not keep a screen. It answers the questions that programs ask of a terminal when they start, and counts.
Times run from a write to the last byte before QUIET seconds of silence, read before anything is parsed.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

QUIET = 0.15
ANSWERS = ((b"\x1b[c", b"\x1b[?64;1;22c"), (b"\x1b[6n", b"\x1b[1;1R"), (b"\x1b[?u", b"\x1b[?0u"),
           (b"\x1b]10;?", b"\x1b]10;rgb:d7d7/dada/e0e0\x1b\\"), (b"\x1b]11;?", b"\x1b]11;rgb:1616/1818/1d1d\x1b\\"))
ESCAPES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[()][0-9A-Z]|\x1b[=>78]")


class Terminal:
    def __init__(self, command, columns=200, rows=50, **environment):
        self.began = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
            try:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.execvpe(command[0], command, environment)
            finally:
                os._exit(127)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.set_blocking(self.fd, False)

    def read(self, timeout):
        """What has come within timeout seconds, b"" for nothing, None when the program has gone."""
        if not select.select([self.fd], [], [], timeout)[0]:
            return b""
        try:
            data = os.read(self.fd, 1 << 20)
        except OSError:
            return None
        for question, answer in ANSWERS:
            if question in data:
                os.write(self.fd, answer)
        return data

    def settle(self, until=None, limit=60.0, began=None):
        """Reads until it is quiet (and, given until, that text has come). Returns bytes, and ms to the last of them."""
        began, out, last = began or time.monotonic(), b"", None
        while time.monotonic() - began < limit:
            data = self.read(QUIET)
            now = time.monotonic()
            if data is None:
                break
            if data:
                out, last = out + data, now
            if until and until in ESCAPES.sub(b"", out):
                break
            if not data and not until and (out or now - began > 4 * QUIET):
                break
        return out, ((last or began) - began) * 1000

    def start(self, text):
        """Bytes and ms until text stands in the output, then until rest."""
        out, ms = self.settle(text.encode(), began=self.began)
        if text.encode() not in ESCAPES.sub(b"", out):
            raise RuntimeError(f"{text!r} never came; {len(out)} bytes: {out[-200:]!r}")
        rest, _ = self.settle()
        return {"ms": ms, "bytes": len(out), "rest_bytes": len(out) + len(rest)}

    def key(self, keys):
        began = time.monotonic()
        os.write(self.fd, keys)
        out, ms = self.settle(began=began)
        return len(out), ms

    def idle(self, seconds):
        """Bytes written and CPU milliseconds used while nobody does anything."""
        before, out, end = self.cpu_ms(), 0, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            out += len(self.read(left) or b"")
        return out, self.cpu_ms() - before

    def cpu_ms(self):
        with open(f"/proc/{self.pid}/stat") as f:
            words = f.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) * 1000 // os.sysconf("SC_CLK_TCK")

    def peak_kb(self):
        with open(f"/proc/{self.pid}/status") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])

    def close(self):
        """Ends the program that was started here."""
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 5
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
            self.read(0.05)
        os.close(self.fd)
