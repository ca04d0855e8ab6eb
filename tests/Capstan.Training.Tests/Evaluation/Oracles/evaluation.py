"""Prints what scikit-learn says about rows that EvaluationOracles.cs makes by the same formulas.

Run with: python3 evaluation.py   (values in the test are of Python 3.11, scikit-learn 1.2.1, numpy 1.24.2)
"""
import sys

import numpy
import sklearn
from sklearn.metrics import (accuracy_score, average_precision_score, log_loss, mean_absolute_error, mean_squared_error,
                             r2_score, roc_auc_score)

row = numpy.arange(500)
labels = ((row * row * 31 + row * 17) % 11 < 4).astype(int)
scores = ((row * 7919 + 13) % 640 - 320 + 96 * labels) / 64.0  # exact in single precision, with ties
weights = 1 + row % 3
probabilities = 1 / (1 + numpy.exp(-scores))
targets = ((row * 104729) % 997) / 8.0
predictions = targets + scores

print(sys.version.split()[0], sklearn.__version__, numpy.__version__)
for name, w in (("unweighted", None), ("weighted", weights)):
    print(name)
    print("auc", repr(roc_auc_score(labels, scores, sample_weight=w)))
    print("average_precision", repr(average_precision_score(labels, scores, sample_weight=w)))
    print("log_loss", repr(log_loss(labels, probabilities, sample_weight=w)))
    print("accuracy", repr(accuracy_score(labels, scores > 0, sample_weight=w)))
    print("rmse", repr(mean_squared_error(targets, predictions, sample_weight=w) ** 0.5))
    print("mae", repr(mean_absolute_error(targets, predictions, sample_weight=w)))
    print("r2", repr(r2_score(targets, predictions, sample_weight=w)))
