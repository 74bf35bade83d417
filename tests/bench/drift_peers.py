"""drift_peers.py MLYARD FOLDER TIMES -- runs mlyard, SciPy and Evidently on FOLDER/ref.csv and FOLDER/cur.csv, each in a process of its own, and prints what they took.
drift_peers.py scipy|evidently FOLDER -- what such a process does.

All read the CSV files and compute Kolmogorov-Smirnov, normalised Wasserstein, Jensen-Shannon and PSI for every column: mlyard by --tests, SciPy by a loop over the columns as one
writes it by hand (pandas reads), Evidently by its DataDriftPreset, which chooses one method a column (Wasserstein here) and draws the distributions; so its work is not the same, but what its users wait for."""
import json
import os
import subprocess
import sys
import tempfile
import time

TESTS = "ks,wasserstein,jensen_shannon,psi"


def shares(a, b, fill):
    """The bins of Evidently: Sturges' on both sides together, or the values themselves when the reference has at most 20."""
    import numpy
    values = numpy.unique(a)
    if len(values) > 20:
        edges = numpy.histogram_bin_edges(numpy.concatenate([a, b]), bins="sturges")
        p, q = numpy.histogram(a, edges)[0], numpy.histogram(b, edges)[0]
    else:
        values = numpy.union1d(values, b)
        p, q = (numpy.array([(side == v).sum() for v in values]) for side in (a, b))
    p, q = p / len(a), q / len(b)
    for side in (p, q) if fill else ():
        least = side[side > 0].min()
        side[side == 0] = least / 1e6 if least <= 1e-4 else 1e-4
    return p, q


def with_scipy(folder):
    import numpy
    import pandas
    from scipy import stats
    from scipy.spatial import distance
    ref, cur = (pandas.read_csv(os.path.join(folder, name)) for name in ("ref.csv", "cur.csv"))
    found = {}
    for name in ref.columns:
        a, b = (side[name].to_numpy() for side in (ref, cur))
        a, b = a[numpy.isfinite(a)], b[numpy.isfinite(b)]
        ks = stats.ks_2samp(a, b)
        distance_normed = stats.wasserstein_distance(a, b) / max(numpy.std(a), 0.001)
        js = distance.jensenshannon(*shares(a, b, False))
        p, q = shares(a, b, True)
        found[name] = {"ks": [ks.statistic, ks.pvalue], "wasserstein": [distance_normed], "jensen_shannon": [js], "psi": [((p - q) * numpy.log(p / q)).sum()]}
    json.dump(found, open(os.path.join(folder, "scipy.json"), "w"), default=float)


def with_evidently(folder):
    import warnings
    warnings.simplefilter("ignore")
    import pandas
    from evidently import Report
    from evidently.presets import DataDriftPreset
    ref, cur = (pandas.read_csv(os.path.join(folder, name)) for name in ("ref.csv", "cur.csv"))
    Report([DataDriftPreset()]).run(cur, ref).dict()


VERSIONS = """
import evidently, numpy, os, pandas, scipy, sys
print("python %s, numpy %s, pandas %s, scipy %s, evidently %s; %d processors" % (sys.version.split()[0], numpy.__version__, pandas.__version__, scipy.__version__, evidently.__version__, os.cpu_count()))
"""


def measure(command, out=None):
    """Wall seconds, processor seconds, MB at the peak. This process imports little, because the peak of one that is made from it is at least its own."""
    before = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(out or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 1)
        os.execv(command[0], command)
    _, status, used = os.wait4(pid, 0)
    if status != 0:
        sys.exit("%s ended with status %d" % (command[0], status))
    return time.monotonic() - before, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def shown(who, one):
    print("%-9s %7.2f s wall, %7.2f s of processor time, %6.0f MB (load %.1f)" % ((who,) + one + (os.getloadavg()[0],)), flush=True)
    return one


def differences(report, other):
    """Distances within 1e-9, p-values within 1e-8 relative or 1e-14; SciPy's own p-values of a million rows are approximate, so there within 1e-3."""
    wrong = compared = 0
    for column in report["columns"]:
        for test in column["tests"]:
            want = other[column["name"]].get(test["name"])
            if not want:
                continue
            mine = [test["statistic"], test["p_value"]][:len(want)]
            for value, expected, within in zip(mine, want, (1e-9, 1e-3)):
                compared += 1
                if abs(value - expected) > max(within * abs(expected), 1e-14):
                    wrong += 1
                    print("%s, %s: %r, SciPy %r" % (column["name"], test["name"], value, expected))
    print("%d numbers of mlyard and SciPy compared, %d differ" % (compared, wrong))
    return wrong


def main():
    if sys.argv[1] in ("scipy", "evidently"):
        return (with_scipy if sys.argv[1] == "scipy" else with_evidently)(sys.argv[2])
    program, folder, times = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), int(sys.argv[3])
    subprocess.run([sys.executable, "-c", VERSIONS], check=True)
    best = {}
    with tempfile.TemporaryDirectory() as home:
        for name in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ["XDG_%s_HOME" % name] = home
        ours = [program, "drift", "run", "--reference", folder + "/ref.csv", "--current", folder + "/cur.csv", "--tests", TESTS, "--no-save", "--no-joint"]
        measure(ours)                                    # the files are in memory from here on, for all
        for _ in range(times):
            for who, command in (("mlyard", ours), ("scipy", [sys.executable, __file__, "scipy", folder])):
                one = shown(who, measure(command))
                best[who] = min(best.get(who, one), one)
        if os.environ.get("EVIDENTLY") != "no":
            best["evidently"] = shown("evidently", measure([sys.executable, __file__, "evidently", folder]))
            one = shown("mlyard", measure(ours))
            best["mlyard"] = min(best["mlyard"], one)
        report = os.path.join(home, "report.json")
        measure(ours + ["--json"], report)
        wrong = differences(json.load(open(report)), json.load(open(os.path.join(folder, "scipy.json"))))
    for who in sorted(set(best) - {"mlyard"}):
        print("mlyard is %.0f times as fast as %s on the wall (best of each), %.0f times by processor time, in %.2f of its memory" % (
            best[who][0] / best["mlyard"][0], who, best[who][1] / best["mlyard"][1], best["mlyard"][2] / best[who][2]))
    sys.exit(wrong != 0)


main()
