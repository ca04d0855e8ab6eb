"""Forty mixed columns from CSV, as people do it with pandas and scikit-learn: a line asks, a line answers.

The mean and variance of 22 numbers, 32 quantile bins of 8 integers and the 1,000 most frequent of 10 texts, fitted on all rows and
then computed for all rows. Missing integers are imputed by the median first, since KBinsDiscretizer takes none.
"""
import sys
import time
import warnings

import numpy
import pandas
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, StandardScaler

NUMBERS = [f"x{index}" for index in range(22)]
INTEGERS = [f"n{index}" for index in range(8)]
TEXTS = [f"t{index}" for index in range(10)]
BINS = 32
TERMS = 1000


def analysis_pass(path, row_count):
    """Returns the CPU seconds of the process, then the means of the numbers."""
    start = time.process_time()
    rows = pandas.read_csv(path, nrows=row_count)
    pipeline = ColumnTransformer([
        ("scaled", StandardScaler(), NUMBERS),
        ("bucket", make_pipeline(
            SimpleImputer(strategy="median"), KBinsDiscretizer(BINS, encode="ordinal", strategy="quantile")), INTEGERS),
    ])
    features = pipeline.fit_transform(rows)
    for name in TEXTS:
        terms = rows[name].value_counts().index[:TERMS]
        numpy.add.reduce(pandas.Categorical(rows[name], categories=terms).codes, dtype=numpy.int64)
    numpy.nansum(features, axis=0)
    return [time.process_time() - start, *pipeline.named_transformers_["scaled"].mean_]


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    for line in sys.stdin:
        command, *arguments = line.split(" ")
        if command.strip() == "version":
            print(f"{pandas.__version__} / {sklearn.__version__}", flush=True)
        else:
            print(*analysis_pass(arguments[0], int(arguments[1])), flush=True)
