"""to_parquet.py IN.csv OUT.parquet [CODEC] -- the same table as Parquet, written by pyarrow as it does by default (dictionaries, v1 pages, SNAPPY)."""
import sys

import pyarrow.csv
import pyarrow.parquet

table = pyarrow.csv.read_csv(sys.argv[1])
pyarrow.parquet.write_table(table, sys.argv[2], compression=sys.argv[3] if len(sys.argv) > 3 else "snappy")
