{{- define "sosie.name" -}}
{{- ternary .Release.Name (printf "%s-sosie" .Release.Name) (contains "sosie" .Release.Name) | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "sosie.selector" -}}
app.kubernetes.io/name: sosie
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "sosie.labels" -}}
{{ include "sosie.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- /* The image's scenario, or the one of the config map. */}}
{{- define "sosie.scenario" -}}
{{- if .Values.scenario.text -}}
/etc/sosie/scenario/scenario.toml
{{- else -}}
/usr/share/sosie/scenarios/{{ .Values.scenario.name }}/{{ .Values.scenario.name }}.served.toml
{{- end }}
{{- end }}

{{- /* The same as deploy/docker/listener.toml, which the image's own scenarios have. */}}
{{- define "sosie.listener" -}}
{{- if not (regexMatch "(?m)^\\[\\[listener\\]\\]" .Values.scenario.text) }}
[[listener]]
port = {{ .Values.scenario.port }}
{{ end }}
# ---- added to the scenario for containers: what else than the container itself may ask here

[[listener]]
address = "0.0.0.0"
port = 8443
certificate = "/run/secrets/sosie_certificate"
key = "/run/secrets/sosie_key"
token_env = "SOSIE_TOKEN"
{{- end }}

{{- define "sosie.health" -}}
exec: {command: [sosie-health, {{ .argument | quote }}, {{ .port | quote }}]}
{{- end }}
