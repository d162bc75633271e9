const page = (content: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ .Title }}</title>
</head>
<body style="margin:0;padding:24px 12px;background:#f3f4f6;color:#1f2937;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;border:1px solid #e5e7eb;border-radius:8px">
<h1 style="margin:0 0 16px;font-size:20px">{{ .Title }}</h1>
<p>Hello {{ .DisplayName }},</p>
${content}
<p style="margin:24px 0 0;color:#6b7280;font-size:13px">Portcullis</p>
</div>
</body>
</html>
`;

const code = (field: string): string =>
  `<p style="margin:24px 0;padding:12px;background:#f3f4f6;border-radius:6px;text-align:center;font:bold 24px/1.2 ui-monospace,Menlo,Consolas,monospace;letter-spacing:3px;word-break:break-all">{{ ${field} }}</p>`;

const row = (name: string, field: string): string =>
  `<tr><td style="padding:2px 16px 2px 0;color:#6b7280">${name}</td><td>{{ ${field} }}</td></tr>\n`;

const origin = `<p>It works once, until {{ .ExpiresAt }}. It was asked for from the address {{ .RemoteIP }}.</p>`;

const cancel = `{{ if .RevocationLinkURL }}<p><a href="{{ .RevocationLinkURL }}" style="color:#b91c1c">{{ .RevocationLinkText }}</a></p>
{{ end }}`;

/** The HTML bodies: no image, no script, nothing from elsewhere. */
export const htmlTemplates = {
  'IdentityVerificationOTC.html': page(`<p>somebody who is signed in as you at {{ .Domain }} wants to change how your account is protected.
If that is you, enter this code to confirm it:</p>
${code('.OneTimeCode')}
${origin}
<p>If it was not you: give the code to nobody, and change your password, for somebody else knows it.</p>
${cancel}`),
  'IdentityVerificationJWT.html': page(`<p>somebody asked for a new password for your account at {{ .Domain }}.</p>
{{ if .LinkURL }}<p>If that is you, choose one here:</p>
<p style="margin:24px 0"><a href="{{ .LinkURL }}" style="display:inline-block;padding:10px 20px;background:#1d4ed8;color:#ffffff;border-radius:6px;text-decoration:none">{{ .LinkText }}</a></p>
<p style="color:#6b7280;font-size:13px;word-break:break-all">{{ .LinkURL }}</p>
{{ else }}<p>If that is you, go to the portal, to the page &quot;Forgot your password?&quot;, and enter this token:</p>
<p style="margin:24px 0;padding:12px;background:#f3f4f6;border-radius:6px;font:14px/1.4 ui-monospace,Menlo,Consolas,monospace;word-break:break-all">{{ .Token }}</p>
{{ end }}${origin}
<p>If it was not you, there is nothing you must do: your password stays as it is.</p>
${cancel}`),
  'Event.html': page(`<p>{{ .BodyPrefix }} {{ .BodyEvent }}.</p>
<table style="border-collapse:collapse">
{{ range $name, $value := .Details }}${row('{{ $name }}', '$value')}{{ end }}</table>
<p>{{ .BodySuffix }}</p>`),
  'NewDevice.html': page(`<p>somebody signed in to your account at {{ .Domain }} from a browser that was not seen there before.</p>
<table style="border-collapse:collapse">
${row('Device', '.Device')}${row('Address', '.RemoteIP')}${row('Time', '.Time')}</table>
<p>If it was you, there is nothing you must do.</p>
{{ if .LinkURL }}<p>If it was not you, open this link within a week: it ends that session. Then choose a new password.</p>
<p style="margin:24px 0"><a href="{{ .LinkURL }}" style="display:inline-block;padding:10px 20px;background:#b91c1c;color:#ffffff;border-radius:6px;text-decoration:none">{{ .LinkText }}</a></p>
<p style="color:#6b7280;font-size:13px;word-break:break-all">{{ .LinkURL }}</p>
{{ else }}<p>If it was not you: sign in to the portal, end that session in the settings, and choose a new password.</p>
{{ end }}`),
} as const;
