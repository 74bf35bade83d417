"""drift_river.py PROGRAM [SEED [STREAMS]] -- every detector on random streams: ours (tests/peers/drift_probe) and river's must fire, and warn, at the same values.

Streams are pieces with a rate of errors (0 or 1), or with a mean and a deviation; some have no change at all. Parameters are the defaults, or random ones.
KSWIN draws its sample of the older values at random, in each library its own way: there the window is set to twice the sample, so that nothing is left to draw.
Prints the number of the stream that differs."""
import random
import sys

import river
from river import drift

from drift_probe import Probe



def binary(*names):
    """Of the detectors of errors: by the first of its names that this river has."""
    return next(getattr(drift.binary, name) for name in names if hasattr(drift.binary, name))


def adwin(r):
    delta, clock, grace = r.choice([0.002, 0.05, 0.0001]), r.choice([32, 1, 10]), r.choice([10, 30])
    return [delta, clock, 5, 5, grace], drift.ADWIN(delta=delta, clock=clock, max_buckets=5, min_window_length=5, grace_period=grace)


def page_hinkley(r):
    least, delta, threshold = r.choice([30, 100]), r.choice([0.005, 0.05]), r.choice([50, 5, 20])
    return [least, delta, threshold, 1 - 0.0001], drift.PageHinkley(min_instances=least, delta=delta, threshold=threshold, alpha=1 - 0.0001)


def kswin(r):
    sample, alpha = r.choice([20, 30, 50]), r.choice([0.005, 0.001])
    return [alpha, 2 * sample, sample], drift.KSWIN(alpha=alpha, window_size=2 * sample, stat_size=sample, seed=1)


def ddm(r):
    least, warning, fires = r.choice([30, 100]), 2.0, r.choice([3.0, 2.5])
    return [least, warning, fires], binary("DDM")(warm_start=least, warning_threshold=warning, drift_threshold=fires)


def eddm(r):
    least, alpha, beta = r.choice([30, 60]), 0.95, r.choice([0.9, 0.8])
    return [least, alpha, beta], binary("EDDM")(warm_start=least, alpha=alpha, beta=beta)


def hddm_a(r):
    fires, warning, two = r.choice([0.001, 0.01]), r.choice([0.005, 0.05]), r.random() < 0.5
    return [fires, warning, int(two)], binary("HDDMA", "HDDM_A")(drift_confidence=fires, warning_confidence=warning, two_sided_test=two)


def hddm_w(r):
    fires, warning, weight, two = r.choice([0.001, 0.0001]), 0.005, r.choice([0.05, 0.01]), r.random() < 0.5
    return [fires, warning, weight, int(two)], binary("HDDMW", "HDDM_W")(drift_confidence=fires, warning_confidence=warning, lambda_val=weight, two_sided_test=two)


# name -> maker of the parameters and of river's detector, whether it takes errors only
DETECTORS = {"adwin": (adwin, False), "page_hinkley": (page_hinkley, False), "kswin": (kswin, False), "ddm": (ddm, True), "eddm": (eddm, True), "hddm_a": (hddm_a, True),
             "hddm_w": (hddm_w, True)}


def stream(r, errors):
    values = []
    for _ in range(r.choice([1, 2, 2, 3, 5])):
        n = r.randrange(100, 2500)
        if errors:
            rate = r.choice([0.01, 0.05, 0.1, 0.3, 0.5, 0.9])
            values += [1.0 if r.random() < rate else 0.0 for _ in range(n)]
        else:
            mean, sd = r.choice([0, 0, 0.2, 1, -2, 10]), r.choice([0.1, 1, 3])
            values += [r.gauss(mean, sd) for _ in range(n)]
    return values


def theirs(detector, values, errors):
    fired, warned = [], []
    for i, v in enumerate(values):
        detector.update(v == 1.0 if errors else v)
        if detector.drift_detected:
            fired.append(i)
        elif getattr(detector, "warning_detected", False):
            warned.append(i)
    return {"drift": fired, "warning": warned}


def first_difference(a, b):
    for i in range(max(len(a), len(b))):
        if i >= len(a) or i >= len(b) or a[i] != b[i]:
            return "ours %s, river's %s" % (a[i:i + 3], b[i:i + 3])
    return None


def main():
    seed, streams = int(sys.argv[2]) if len(sys.argv) > 2 else 20261121, int(sys.argv[3]) if len(sys.argv) > 3 else 24
    print("river %s, seed %d, %d streams a detector" % (river.__version__, seed, streams))
    probe, bad, fired, values_seen = Probe(sys.argv[1]), 0, 0, 0
    for name, (make, errors) in DETECTORS.items():
        # a test of two samples at every value: seconds a stream
        for i in range(streams if name != "kswin" else max(1, streams // 8)):
            r = random.Random("%d %s %d" % (seed, name, i))
            parameters, detector = make(r)
            values = stream(r, errors)
            want = theirs(detector, values, errors)
            got = probe.ask("stream %s %d %s" % (name, len(values), " ".join(repr(p) for p in parameters)), values)
            fired, values_seen = fired + len(want["drift"]), values_seen + len(values)
            for what in ("drift", "warning"):
                where = first_difference(got[what], want[what])
                if where:
                    print("stream %d: %s %s: %s: %s" % (i, name, parameters, what, where))
                    bad += 1
    probe.close()
    print("%s - %d values, river fired %d times, %d differences" % ("not ok" if bad else "ok", values_seen, fired, bad))
    return bad > 0


if __name__ == "__main__":
    sys.exit(main())
