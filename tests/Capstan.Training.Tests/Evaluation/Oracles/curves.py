"""Prints what scikit-learn says about rows that CurveOracles.cs makes by the same formulas, as C# literals.

Run with: python3 curves.py   (values in the test are of Python 3.11, scikit-learn 1.2.1, numpy 1.24.2)
"""
import numpy
from sklearn.metrics import (auc, confusion_matrix, explained_variance_score, f1_score, matthews_corrcoef,
                             mean_absolute_percentage_error, median_absolute_error, precision_recall_curve, precision_score,
                             recall_score, roc_curve)

row = numpy.arange(500)
labels = ((row * row * 31 + row * 17) % 11 < 4).astype(int)
scores = ((row * 7919 + 13) % 640 - 320 + 96 * labels) / 64.0  # exact in single precision, with ties
weights = 1 + row % 3
probabilities = 1 / (1 + numpy.exp(-scores))
targets = 1 + ((row * 104729) % 997) / 8.0  # never 0
predictions = targets + scores

for name, w in (("unweighted", None), ("weighted", weights)):
    print(name)
    for threshold in (0.5, 0.9):
        called = (probabilities > threshold).astype(int)
        tn, fp, fn, tp = confusion_matrix(labels, called, sample_weight=w).ravel()
        print(f"[InlineData({str(w is not None).lower()}, {threshold}, {tp}, {fp}, {fn}, {tn},",
              f"{precision_score(labels, called, sample_weight=w)!r}, {recall_score(labels, called, sample_weight=w)!r},",
              f"{f1_score(labels, called, sample_weight=w)!r}, {matthews_corrcoef(labels, called, sample_weight=w)!r})]")
    precision, recall, thresholds = precision_recall_curve(labels, scores, sample_weight=w)
    f1 = 2 * precision * recall / numpy.maximum(precision + recall, 1e-300)
    print("best f1", repr(f1.max()), "at log-odds ≥", thresholds[f1.argmax()])
    fpr, tpr, _ = roc_curve(labels, scores, sample_weight=w)
    print("area under the ROC points", repr(auc(fpr, tpr)), "points", len(fpr))
    print("tpr at fpr 0.1, 0.3, 0.7", [repr(v) for v in numpy.interp([0.1, 0.3, 0.7], fpr, tpr)])
    print("median_ae", repr(median_absolute_error(targets, predictions, sample_weight=w)))
    print("mape", repr(mean_absolute_percentage_error(targets, predictions, sample_weight=w)))
    print("explained_variance", repr(explained_variance_score(targets, predictions, sample_weight=w)))
