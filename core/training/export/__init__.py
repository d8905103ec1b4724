"""What can be taken home from a run: weights, curves, configuration, and a script that does it again."""

from core.training.export.records import configuration_json, curves_csv, weights_bytes
from core.training.export.script import script
