"""How good the predictions of a trained network are: thresholds, calibration, and the last features as a map."""
