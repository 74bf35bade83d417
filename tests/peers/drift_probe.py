"""drift_probe -- speaks with the program tests/peers/drift_probe: what our tests and detectors say of values."""
import json
import math
import struct
import subprocess


class Probe:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, line, values):
        self.process.stdin.write(line.encode() + b"\n" + struct.pack("<%dd" % len(values), *values))
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit("not ok - the program ended at: " + line)
        return json.loads(answer)

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def number(v):
    return math.nan if v is None else float(v)


def near(got, want, relative, absolute):
    if math.isnan(want) or math.isnan(got):
        return math.isnan(want) and math.isnan(got)
    return got == want or abs(got - want) <= max(absolute, relative * abs(want))
