"""Prints what scikit-learn says about rows that CalibrationOracles.cs makes by the same formulas.

Run with: python3 calibration.py   (values in the test are of Python 3.11, scikit-learn 1.2.1, numpy 1.24.2)
"""
import numpy
from sklearn.calibration import _SigmoidCalibration
from sklearn.isotonic import IsotonicRegression

row = numpy.arange(500)
rank = (row * 7919 + 13) % 160  # with ties
labels = ((row * row * 31 + row * 17) % 97 * 160 < 97 * rank).astype(int)
scores = (rank - 80) / 16.0  # exact in single precision
weights = (1 + row % 3).astype(float)

for name, w in (("unweighted", None), ("weighted", weights)):
    platt = _SigmoidCalibration().fit(scores, labels, w)
    print(name, "slope", repr(-platt.a_), "offset", repr(-platt.b_))
    total = 500 if w is None else weights.sum()
    margin = 0.5 / (total + 1)
    isotonic = IsotonicRegression(y_min=margin, y_max=1 - margin, out_of_bounds="clip").fit(scores, labels, w)
    at = [x for x in (-9, -5, -3.4375, -2, -1.0625, 0, 0.5, 1.25, 2.0625, 3, 4.5, 9) if x in scores or abs(x) == 9]
    print(at)
    print([float(f"{p:.10g}") for p in isotonic.predict(at)])
    print("mean", repr(isotonic.predict(scores).mean()), "different", len(set(isotonic.predict(scores))))
