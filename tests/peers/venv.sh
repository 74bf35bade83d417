#!/bin/sh
# venv.sh NAME -- prints the path of a Python that has the named peer installed.
#
# NAME is mlflow3 (the newest MLflow, with scikit-learn, pandas and matplotlib), mlflow2 (the last MLflow 2), or the newest of pyarrow, scipy,
# evidently (with its NumPy, which must be 2: 1 makes other bins of whole numbers) or river.
# The environment is made on first use under ${XDG_CACHE_HOME:-$HOME/.cache}/mlyard-check, never in the source
# tree, and made again when the requirements below change. A lock lets several tests ask at once.
# Exit status: 0 made or found; 77 it cannot be installed here (1 where CI=true, so that CI cannot pass by
# skipping); 2 usage.  To get a newer MLflow, remove the environment's folder.
set -u

case ${1-} in
mlflow3) requirements='mlflow>=3 scikit-learn pandas matplotlib' import=mlflow ;;
mlflow2) requirements='mlflow<3 sqlalchemy<2.1' import=mlflow ;;
pyarrow) requirements='pyarrow numpy' import=pyarrow.parquet ;;
scipy) requirements='scipy>=1.11 numpy' import=scipy.stats ;;
evidently) requirements='evidently>=0.7.16 numpy>=2 pandas>=2,<3' import=evidently ;;     # it imports what pandas 3 has no more
sklearn) requirements='scikit-learn>=1.4 numpy' import=sklearn.metrics ;;
river) requirements='river>=0.21' import=river.drift ;;
*) echo "usage: venv.sh mlflow3|mlflow2|pyarrow|scipy|evidently|river|sklearn" >&2; exit 2 ;;
esac

cache=${XDG_CACHE_HOME:-$HOME/.cache}/mlyard-check
dir=$cache/$1
python=$dir/bin/python
stamp=$dir/.mlyard-stamp
want=$(printf '%s' "$requirements" | cksum)

fail() {
    echo "venv.sh: CANNOT INSTALL $1: $2 (log: $cache/$1.log)" >&2
    [ "${CI-}" = true ] && exit 1
    exit 77
}

# A Python whose venv module can also install pip (Debian splits that into python3-venv).
find_python() {
    for p in "${PYTHON-}" /usr/bin/python3 python3; do
        [ -n "$p" ] && "$p" -c 'import ensurepip, venv' 2>/dev/null && { echo "$p"; return; }
    done
    return 1
}

mkdir -p "$cache" || fail "$1" "cannot make $cache"
exec 9>"$cache/$1.lock"
flock 9 || fail "$1" "cannot lock $cache/$1.lock"

if [ ! -x "$python" ] || [ "$(cat "$stamp" 2>/dev/null)" != "$want" ]; then
    base=$(find_python) || fail "$1" "no python3 with venv; on Debian: apt-get install python3-venv"
    echo "venv.sh: making $1, this takes minutes" >&2
    rm -rf "$dir"
    "$base" -m venv "$dir" >"$cache/$1.log" 2>&1 || fail "$1" "python -m venv failed"
    set -f      # the requirements are split at spaces and hold no other shell words
    # shellcheck disable=SC2086
    "$python" -m pip install --disable-pip-version-check --no-input $requirements >>"$cache/$1.log" 2>&1 9>&- ||
        fail "$1" "pip install failed"
    "$python" -c "import $import" >>"$cache/$1.log" 2>&1 || fail "$1" "import $import failed"
    printf '%s\n' "$want" >"$stamp"
fi
echo "$python"
