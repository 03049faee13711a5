#!/usr/bin/env python3
"""Validates parity reports against parity-report.schema.json beside this file.

Usage: validate.py REPORT.json...    exit 0 when all are valid, 1 when one is not

Needs the package python3-jsonschema.
"""
import json
import pathlib
import sys

import jsonschema


def place(error):
    """Where the fault is, as robosync-parity names it: cells[3].samples[0].wall_s"""
    text = ""
    for step in error.absolute_path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the report"


def main():
    schema_path = pathlib.Path(__file__).with_name("parity-report.schema.json")
    schema = json.loads(schema_path.read_text(encoding="utf-8"))
    validator_class = jsonschema.validators.validator_for(schema)
    validator_class.check_schema(schema)
    faults = 0
    for name in sys.argv[1:]:
        report = json.loads(pathlib.Path(name).read_text(encoding="utf-8"))
        for error in validator_class(schema).iter_errors(report):
            print(f"{name}: {place(error)}: {error.message[:300]}")
            faults += 1
    return 1 if faults or len(sys.argv) < 2 else 0


if __name__ == "__main__":
    sys.exit(main())
