"""Prints a CSV file or a workbook as JSON: what somebody else's program makes of it."""

import csv
import datetime
import json
import sys


def cell(value):
    if isinstance(value.value, (datetime.datetime, datetime.date)):
        shown = value.value.isoformat()
    else:
        shown = value.value
    return {"value": shown, "type": value.data_type, "format": value.number_format}


def read_workbook(path):
    import openpyxl

    workbook = openpyxl.load_workbook(path)
    return [
        {
            "name": sheet.title,
            "frozen": sheet.freeze_panes,
            "widths": {name: column.width for name, column in sheet.column_dimensions.items()},
            "rows": [[cell(value) for value in row] for row in sheet.iter_rows()],
        }
        for sheet in workbook.worksheets
    ]


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


json.dump((read_csv if sys.argv[1] == "csv" else read_workbook)(sys.argv[2]), sys.stdout)
