{{- define "portcullis.labels" -}}
app.kubernetes.io/name: portcullis
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "portcullis.image" -}}
{{ .root.Values.image.registry }}/{{ .image }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{/* Of each service: its image, the port of its metrics and health, the keys of the Secret that it is handed (key: variable). */}}
{{- define "portcullis.services" -}}
gateway:
  image: verify-gateway
  port: 9959
  secrets: { session_secret: SESSION_SECRET, rpc_secret: RPC_SECRET }
session:
  image: session
  port: 9961
  secrets: { session_secret: SESSION_SECRET, rpc_secret: RPC_SECRET{{ if .Values.configuration.storage.postgres }}, postgres_password: STORAGE_POSTGRES_PASSWORD{{ end }} }
identity:
  image: identity
  port: 9960
  secrets: { storage_encryption_key: STORAGE_ENCRYPTION_KEY, jwt_secret: IDENTITY_VALIDATION_RESET_PASSWORD_JWT_SECRET, rpc_secret: RPC_SECRET{{ if .Values.configuration.storage.postgres }}, postgres_password: STORAGE_POSTGRES_PASSWORD{{ end }} }
notifier:
  image: notifier
  port: 9962
  secrets: { rpc_secret: RPC_SECRET{{ if .Values.configuration.notifier.smtp }}, smtp_password: NOTIFIER_SMTP_PASSWORD{{ end }} }
{{- end }}

{{/* What would not work is refused with what to write instead. */}}
{{- define "portcullis.check" -}}
{{- if not .Values.configuration.session.redis }}{{ fail "configuration.session.redis is missing: services in pods of their own need one Redis" }}{{ end }}
{{- if not .Values.configuration.storage.postgres }}
{{- range $name := list "identity" "session" }}
{{- $service := index $.Values.services $name }}
{{- if or (gt (int $service.replicas) 1) $service.autoscaling.enabled }}{{ fail (printf "services.%s runs more than once, which needs configuration.storage.postgres: a file serves one" $name) }}{{ end }}
{{- end }}
{{- end }}
{{- end }}
