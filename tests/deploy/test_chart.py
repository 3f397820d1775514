"""The Helm chart: real Helm lints and renders it with several values, and what comes out is checked
against Kubernetes' own schemas (kubernetes-validate) and its extensions' types (extensions.mjs).

    tests/deploy/tools.sh && build/venv-deploy/bin/python -m unittest discover -s tests/deploy -p 'test_chart.py'
"""

import json
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parents[2]
HELM = ROOT / "build/deploy/helm"
CHART = ROOT / "deploy/helm/sosie"
KUBERNETES = ("1.27", "1.31", "1.37")  # the oldest that Chart.yaml allows, and the newest there is
EXTENSIONS = {"ScaledObject", "TriggerAuthentication", "ServiceMonitor"}

KEDA = ["--set", "autoscaling.kind=keda,autoscaling.kafka.brokers=kafka:9092,autoscaling.kafka.topic=fleet"]
SASL = [*KEDA, "--set", "autoscaling.kafka.tls=true,autoscaling.kafka.sasl=scram_sha256,"
        "autoscaling.kafka.secret=kafka,autoscaling.kafka.caSecret=kafka-ca"]
OWN = ["--set-file", f"scenario.text={ROOT}/scenarios/traffeyere/traffeyere.toml",
       "--set-file", f"scenario.files.sensors\\.csv={ROOT}/scenarios/traffeyere/sensors.csv"]
MANY = ["--set", "workers=3,storage.class=fast,serviceMonitor.enabled=true,networkPolicy.from[0].podSelector.matchLabels.a=b",
        "--set", "environment.A=1,secretEnvironment.B.secret=s,secretEnvironment.B.key=k",
        "--set", "mounts[0].secret=ca,mounts[0].path=/etc/ca,mounts[1].configMap=m,mounts[1].path=/etc/m",
        "--set", "image.pullSecrets[0].name=registry,podLabels.x=y,podAnnotations.x=y,nodeSelector.x=y",
        "--set-json", 'tolerations=[{"key": "a", "operator": "Exists"}]',
        "--set-json", 'arguments=["--limit", "high=13"]']


def cloud(name):
    folder = ROOT / "deploy/cloud" / name
    return ["--values", folder / "values.yaml", "--set-file", f"scenario.text={folder}/scenario.toml"]


CASES = {"default": [], "keda": KEDA, "keda, sasl": SASL, "own scenario": OWN, "many": MANY,
         "hpa": ["--set", "autoscaling.kind=hpa,autoscaling.metric.labels.topic=fleet"],
         "aws": cloud("aws"), "azure": cloud("azure")}
WRONG = {"an unknown key": "workres=3", "no workers": "workers=0",
         "keda without a topic": "autoscaling.kind=keda,autoscaling.kafka.brokers=a:9092",
         "two sources of a mount": "mounts[0].secret=a,mounts[0].configMap=b,mounts[0].path=/a"}


def helm(*arguments):
    return subprocess.run([HELM, *map(str, arguments)], capture_output=True, text=True, check=False)


def rendered(values):
    done = helm("template", "fleet", CHART, *values)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def of_kind(objects, kind):
    return [one for one in objects if one["kind"] == kind]


class Chart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cases = {name: rendered(values) for name, values in CASES.items()}

    def test_lint(self):
        for name, values in CASES.items():
            with self.subTest(name):
                done = helm("lint", "--strict", CHART, *values)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_kubernetes_takes_it(self):
        for name, objects in self.cases.items():
            for version in KUBERNETES:
                for one in objects:
                    if one["kind"] in EXTENSIONS:
                        continue
                    with self.subTest(name, kind=one["kind"], version=version):
                        kubernetes_validate.validate(one, version, strict=True)

    def test_extensions_take_it(self):
        objects = [one for case in self.cases.values() for one in case if one["kind"] in EXTENSIONS]
        self.assertEqual({one["kind"] for one in objects}, EXTENSIONS)
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(objects, file)
            file.flush()
            done = subprocess.run(["node", ROOT / "tests/deploy/extensions.mjs", file.name],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_wrong_values_are_refused(self):
        for name, values in WRONG.items():
            with self.subTest(name):
                self.assertNotEqual(helm("template", "fleet", CHART, "--set", values).returncode, 0)

    def test_every_value_is_documented_and_in_the_schema(self):
        text = (CHART / "values.yaml").read_text()
        values = yaml.safe_load(text)
        schema = json.loads((CHART / "values.schema.json").read_text())
        self.assertEqual(set(values) | {"global"}, set(schema["properties"]))

    def test_its_listener_is_the_image_s(self):
        added = (ROOT / "deploy/docker/listener.toml").read_text().strip()
        scenario = of_kind(self.cases["own scenario"], "ConfigMap")[0]["data"]["scenario.toml"]
        self.assertEqual(scenario[-len(added) - 1:].strip(), added)
        self.assertEqual(len(re.findall(r"^\[\[listener\]\]$", scenario, re.M)), 3)

    def test_no_pod_is_root_or_holds_a_secret_in_clear(self):
        for name, objects in self.cases.items():
            with self.subTest(name):
                pod = of_kind(objects, "StatefulSet")[0]["spec"]["template"]["spec"]
                container = pod["containers"][0]
                self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                self.assertTrue(container["securityContext"]["readOnlyRootFilesystem"])
                self.assertFalse(pod["automountServiceAccountToken"])
                for variable in container["env"]:
                    if re.search("TOKEN|PASSWORD|SECRET", variable["name"]):
                        self.assertIn("secretKeyRef", variable.get("valueFrom", {}))

    def test_who_scales_says_how_many(self):
        for name, objects in self.cases.items():
            with self.subTest(name):
                scaled = of_kind(objects, "ScaledObject") + of_kind(objects, "HorizontalPodAutoscaler")
                workers = of_kind(objects, "StatefulSet")[0]["spec"].get("replicas")
                self.assertEqual(workers is None, bool(scaled))


if __name__ == "__main__":
    unittest.main()
