"""A portal of open data for tests and demonstrations without a network: answers as Opendatasoft's Explore
API 2.1 is documented (records, exports, errors, limits, versions), from records given or from GeoJSON
files, one dataset a file.

    python3 tests/e2e/portal.py --port 8480 scenarios/toulouse/data/*.geojson
"""

import argparse
import csv
import hashlib
import io
import json
import re
import threading
import time
import urllib.parse
from datetime import datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = "/api/explore/v2.1/catalog/datasets"
MOST_A_PAGE, MOST_BY_PAGES = 100, 10_000
CONDITION = re.compile(r"(\w+)\s*(>=|<=|>|<|=)\s*(date'[^']*'|'[^']*'|-?[\d.]+)$")


def records_of(path):
    """A GeoJSON's features as the portal's records: geo_shape, and geo_point_2d of points."""
    records = []
    for feature in json.loads(Path(path).read_text(encoding="utf-8"))["features"]:
        record = dict(feature["properties"])
        geometry = feature["geometry"]
        record["geo_shape"] = {"type": "Feature", "geometry": geometry, "properties": {}}
        if geometry and geometry["type"] == "Point":
            lon, lat = geometry["coordinates"][:2]
            record["geo_point_2d"] = {"lon": lon, "lat": lat}
        records.append(record)
    return records


class Refused(Exception):
    """An error of the API: 400 InvalidRESTParameterError, 404 …"""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.body = status, {"error_code": code, "message": message}


def literal(text):
    if text.startswith("date'"):
        return datetime.fromisoformat(text[5:-1])
    return text[1:-1] if text.startswith("'") else float(text)


def holds(record, where):
    """ODSQL, as far as Sosie writes it: comparisons joined by "and"."""
    for part in filter(None, re.split(r"\s+and\s+", where.replace("(", "").replace(")", ""))):
        found = CONDITION.fullmatch(part.strip())
        if not found:
            raise Refused(400, "ODSQLSyntaxError", f"ODSQL query is malformed: {where}")
        name, operator, wanted = found[1], found[2], literal(found[3])
        value = record.get(name)
        if value is None:
            return False
        if isinstance(wanted, datetime):
            value = datetime.fromisoformat(value)
        if not {">=": value >= wanted, "<=": value <= wanted, ">": value > wanted, "<": value < wanted,
                "=": value == wanted}[operator]:
            return False
    return True


class Portal:
    """Use it in a `with`. `trouble`: what the next answers are instead, one after the other: a status,
    "cut" (half of it), "slow" (after 3 s), "interrupted" (a whole answer and the portal's own words)."""

    def __init__(self, port=0):
        self.datasets = {}
        self.key = None  # of the API, where one is needed
        self.trouble = []
        self.left = 10_000  # of the day's questions
        self.asked = []
        self.lock = threading.Lock()
        portal = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with portal.lock:
                    answer = portal.answer(self.path, self.headers)
                    trouble = portal.trouble.pop(0) if portal.trouble else None
                portal.send(self, trouble, *answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def send(self, handler, trouble, status, headers, body):
        length = len(body)
        if trouble == "slow":
            time.sleep(3)
        elif trouble == "cut":
            body, length = body[:length // 2], length // 2
        elif trouble == "interrupted":
            body += b"\nStreaming interrupted due to the following error: timeout (error_code: X)"
            length = len(body)
        elif trouble == 429:
            reset = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
            status, body = 429, json.dumps(
                {"errorcode": 10002, "error": "Too many requests on the domain. Please contact the domain "
                 "administrator.", "call_limit": 10000, "limit_time_unit": "day", "reset_time": reset}).encode()
            length = len(body)
        elif trouble:
            status, body, length = trouble, b"<html>oh</html>", 15
        try:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            if status != 304:
                handler.send_header("Content-Length", str(length))
            handler.end_headers()
            if status != 304:
                handler.wfile.write(body)
        except OSError:
            pass  # whoever asked has gone

    def answer(self, path, headers):
        self.asked.append(path)
        self.left -= 1
        more = {"X-RateLimit-Limit": "10000", "X-RateLimit-Remaining": str(self.left),
                "Content-Type": "application/json; charset=utf-8"}
        if self.key and headers.get("Authorization") != f"Apikey {self.key}":
            return 401, more, b'{"error_code":"AuthenticationError","message":"a key is needed"}'
        try:
            body = self.body(path)
        except Refused as refused:
            return refused.status, more, json.dumps(refused.body).encode()
        more["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        more["Last-Modified"] = formatdate(usegmt=True)
        if headers.get("If-None-Match") == more["ETag"]:
            return 304, more, b""
        return 200, more, body

    def body(self, path):
        address = urllib.parse.urlsplit(path)
        asked = dict(urllib.parse.parse_qsl(address.query))
        found = re.fullmatch(rf"{ROOT}/([\w@.-]+)/(records|exports/(?:geojson|json|csv))", address.path)
        if not found or found[1] not in self.datasets:
            raise Refused(404, "DatasetNotFoundError", f"The requested dataset does not exist: {address.path}")
        records = [r for r in self.datasets[found[1]] if holds(r, asked.get("where", ""))]
        if order := asked.get("order_by"):
            records = sorted(records, key=lambda r: (r.get(order) is None, r.get(order)))
        if asked.get("select"):
            names = asked["select"].split(",")
            records = [{name: r.get(name) for name in names} for r in records]
        if found[2] == "records":
            return self.page(records, int(asked.get("limit", 10)), int(asked.get("offset", 0)))
        return getattr(self, found[2].split("/")[1])(records)

    def page(self, records, limit, offset):
        if not 0 <= limit <= MOST_A_PAGE:
            raise Refused(400, "InvalidRESTParameterError",
                          f"Invalid value for limit API parameter: {limit} was found but -1 <= limit <= 100 is expected.")
        if limit + offset > MOST_BY_PAGES:
            raise Refused(400, "InvalidRESTParameterError", "Invalid value for sum of offset + limit API "
                          f"parameter: {limit + offset} was found but <= 10000 is expected.")
        return json.dumps({"total_count": len(records), "results": records[offset:offset + limit]}).encode()

    def json(self, records):
        return json.dumps(records).encode()

    def geojson(self, records):
        features = []
        for record in records:
            shape = record.get("geo_shape")
            place = record.get("geo_point_2d")
            geometry = shape["geometry"] if shape else place and {
                "type": "Point", "coordinates": [place["lon"], place["lat"]]}
            rest = {k: v for k, v in record.items() if k != "geo_shape"}
            features.append({"type": "Feature", "geometry": geometry, "properties": rest})
        return json.dumps({"type": "FeatureCollection", "features": features}).encode()

    def csv(self, records):
        out = io.StringIO()
        names = list(records[0]) if records else ["id"]
        writer = csv.writer(out, delimiter=";")
        writer.writerow(names)
        for record in records:
            writer.writerow([json.dumps(v) if isinstance(v, dict) else v for v in record.values()])
        return out.getvalue().encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, default=8480)
    parser.add_argument("files", nargs="+", type=Path)
    args = parser.parse_args()
    with Portal(args.port) as portal:
        portal.datasets = {path.stem: records_of(path) for path in args.files}
        print(f"{portal.url}: {', '.join(portal.datasets)}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
