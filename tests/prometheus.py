#!/usr/bin/env python3
"""Lets a real Prometheus scrape a running Sosie with what deploy/ ships, and asks it everything.

    tests/prometheus.py http://127.0.0.1:8090

- promtool and amtool accept the configurations, the rules and /metrics itself, whose families are
  those of docs/metrics.md;
- every query of the dashboards over Prometheus returns data, and so does the left side of every
  alert's condition
  (a healthy plant must not ring, but what it would ring on must be there);
- an alert really arrives in a real Alertmanager: a second target that is down, and the shipped rule.

A second Sosie with a webhook stands beside the given one, for what only a notifier has. Standard
library only; ends with 0 when all of it held.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from plain import PUSHED  # noqa: E402
from sosie import Sosie, eventually, free_port  # noqa: E402

DEPLOY = ROOT / "deploy"
PATIENCE_S = 45
# Grafana's variables, as a page that shows everything sets them. Short: two scrapes must suffice.
VARIABLES = {"$__rate_interval": "15s", "$instance": ".*", "$stage": ".*"}
# What only a Kafka source or a sink has: asked, but without data here (tests/e2e has those).
ELSEWHERE = re.compile(r"sosie_(source_lag|source_dead_letters|sink)_?")
# promtool would have another name for these, but issue 3 fixes them: others expect them.
NAMES_FIXED = re.compile(r"treatment_efficiency_percent|pression_(kpa|mbar)")
WEBHOOK = """
[[notifier]]
kind = "webhook"
url = "http://127.0.0.1:{port}/"

[alerts]
[[alerts.notifier]]
kind = "webhook"
url = "http://127.0.0.1:{port}/"
"""


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


def replaced(text, pattern, by):
    """Every `pattern` in `text` becomes `by`; there is at least one, or the file has changed."""
    text, count = re.subn(pattern, by, text)
    if count == 0:
        raise AssertionError(f"'{pattern}' is not in the shipped file any more")
    return text


def run(*command, text=None):
    return subprocess.run(command, input=text, text=True, capture_output=True, check=False)


class Servers:
    """Prometheus and Alertmanager with the shipped files, made quick; use it in a `with`."""

    def __init__(self, folder, targets):
        self.folder = folder
        self.ports = {"P_PROM": str(free_port()), "P_AM": str(free_port())}
        rules = folder / "rules"
        rules.mkdir()
        for file in (DEPLOY / "prometheus/rules").glob("*.yml"):
            (rules / file.name).write_text(replaced(file.read_text(), r"for: \w+", "for: 0s"))
        config = (DEPLOY / "prometheus/prometheus.yml").read_text()
        config = replaced(config, r"(scrape|evaluation)_interval: \w+", r"\1_interval: 1s")
        config = replaced(config, r"127\.0\.0\.1:9093", f"127.0.0.1:{self.ports['P_AM']}")
        config = replaced(config, r'\["127\.0\.0\.1:8090"\]', json.dumps(targets))
        (folder / "prometheus.yml").write_text(config)
        alerts = (DEPLOY / "alertmanager/alertmanager.yml").read_text()
        (folder / "alertmanager.yml").write_text(replaced(alerts, r"group_wait: \w+", "group_wait: 1s"))

    def call(self, command):
        env = {**os.environ, **self.ports, "SOSIE_SERVERS_DIR": str(self.folder),
               "PROM_CONFIG": str(self.folder / "prometheus.yml"),
               "AM_CONFIG": str(self.folder / "alertmanager.yml")}
        done = subprocess.run([ROOT / "tests/servers.sh", command, "alertmanager", "prometheus"],
                              env=env, check=False)
        if done.returncode != 0:
            raise AssertionError(f"servers.sh {command} failed")

    def __enter__(self):
        self.call("start")
        return self

    def __exit__(self, *_):
        self.call("clean")

    def prometheus(self, path, **parameters):
        url = f"http://127.0.0.1:{self.ports['P_PROM']}/api/v1/{path}?"
        return json.loads(get(url + urllib.parse.urlencode(parameters)))["data"]

    def alerts(self):
        return json.loads(get(f"http://127.0.0.1:{self.ports['P_AM']}/api/v2/alerts"))

    def has_data(self, query):
        """Some sample, and not only NaN (a quantile of nothing is NaN)."""
        try:
            result = self.prometheus("query", query=query)["result"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{query}: {error.read().decode()}") from error
        return any(sample["value"][1] != "NaN" for sample in result)


def dashboard_queries():
    for file in sorted((DEPLOY / "grafana/dashboards").glob("*.json")):
        dashboard = json.loads(file.read_text())
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                if target["datasource"]["type"] != "prometheus":
                    continue
                query = target["expr"]
                for name, value in VARIABLES.items():
                    query = query.replace(name, value)
                yield f"{dashboard['title']}, panel {panel['title']} {target['refId']}", query


def rule_queries(servers):
    """What each alert compares, without the comparison."""
    for group in servers.prometheus("rules")["groups"]:
        for rule in group["rules"]:
            if rule["health"] == "err":
                raise AssertionError(f"{rule['name']}: {rule['lastError']}")
            left, _, _ = re.match(r"(.*) (==|<|>) ([\d.]+)$", rule["query"]).groups()
            yield f"alert {rule['name']}", left


def check_metrics(text):
    """promtool's opinion of /metrics, but for the names that are fixed."""
    said = run("promtool", "check", "metrics", text=text).stderr.splitlines()
    bad = [line for line in said if line.strip() and not NAMES_FIXED.search(line)]
    if bad:
        raise AssertionError("promtool check metrics: " + "; ".join(bad))


def check_documented(text):
    """docs/metrics.md and /metrics name the same families."""
    page = (ROOT / "docs/metrics.md").read_text().replace("<name>", "traffeyere")
    documented = set(re.findall(r"`((?:sosie|edge_ai|station)_\w+)`", page))
    served = set(re.findall(r"^# TYPE (\S+)", text, re.M))
    sensors = {name for name in served if re.fullmatch(r"station_traffeyere_\w+_current", name)}
    if not sensors or documented ^ (served - sensors):
        raise AssertionError(f"docs/metrics.md and /metrics differ: {documented ^ (served - sensors)}")


def check_files():
    for command in (["promtool", "check", "config", DEPLOY / "prometheus/prometheus.yml"],
                    ["promtool", "check", "rules", *(DEPLOY / "prometheus/rules").glob("*.yml")],
                    ["amtool", "check-config", DEPLOY / "alertmanager/alertmanager.yml"]):
        done = run(*map(str, command))
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")


def check_variables(servers):
    """The dashboard's drop-down lists have something in them."""
    for match, label in (("station_traffeyere_total_sensors", "instance"),
                         ('{__name__=~"station_traffeyere_.+_current"}', "process_stage")):
        values = servers.prometheus(f"label/{label}/values", **{"match[]": match})
        if not values:
            raise AssertionError(f"no {label} in {match}")


def check_alert(servers, dead):
    def arrived():
        return [alert for alert in servers.alerts()
                if alert["labels"]["alertname"] == "StationNotScraped"
                and alert["labels"]["instance"] == dead]

    alert = eventually(arrived, f"StationNotScraped of {dead} in Alertmanager", PATIENCE_S)[0]
    if alert["labels"]["severity"] != "critical" or [r["name"] for r in alert["receivers"]] != ["duty"]:
        raise AssertionError(f"the alert went astray: {alert}")


def check(servers, dead):
    queries = [*dashboard_queries(), *eventually(lambda: list(rule_queries(servers)), "rules loaded")]
    silent = dict(queries)

    def all_answered():
        for name in [name for name, query in silent.items()
                     if servers.has_data(query) or ELSEWHERE.search(query)]:
            del silent[name]
        return not silent

    try:
        eventually(all_answered, "data for every query", PATIENCE_S)
    except AssertionError as late:
        raise AssertionError("no data for\n  " + "\n  ".join(
            f"{name}: {query}" for name, query in silent.items())) from late
    check_variables(servers)
    check_alert(servers, dead)
    return len(queries)


def main():
    base = sys.argv[1].rstrip("/")
    check_files()
    metrics = get(base + "/metrics")
    check_metrics(metrics)
    check_documented(metrics)
    dead = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory(prefix="sosie-prometheus-") as folder:
        with Sosie.of_text(PUSHED + WEBHOOK.format(port=free_port())) as second:
            targets = [urllib.parse.urlparse(base).netloc, f"127.0.0.1:{second.port}", dead]
            with Servers(Path(folder), targets) as servers:
                count = check(servers, dead)
    print(f"prometheus: {count} queries of dashboards and rules were answered; an alert arrived")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        sys.exit(f"prometheus: {error}")
