/** The plain-text bodies. What stands alone on its line (code, link, token) is what people and programs look for. */
export const textTemplates = {
  'IdentityVerificationOTC.txt': `Hello {{ .DisplayName }},

somebody who is signed in as you at {{ .Domain }} wants to change how your account is protected.
If that is you, enter this code to confirm it:

----------------------------------------
{{ .OneTimeCode }}
----------------------------------------

The code works once, until {{ .ExpiresAt }}.
It was asked for from the address {{ .RemoteIP }}.

If it was not you: give the code to nobody, and change your password, for somebody else knows it.
{{ if .RevocationLinkURL -}}
{{ .RevocationLinkText }} by this link:

{{ .RevocationLinkURL }}
{{ end -}}
`,
  'IdentityVerificationJWT.txt': `Hello {{ .DisplayName }},

somebody asked for a new password for your account at {{ .Domain }}.
{{ if .LinkURL -}}
If that is you, open this link to choose one:

{{ .LinkURL }}
{{ else -}}
If that is you, go to the portal, to the page "Forgot your password?", and enter this token:

----------------------------------------
{{ .Token }}
----------------------------------------
{{ end }}
It works once, until {{ .ExpiresAt }}.
It was asked for from the address {{ .RemoteIP }}.

If it was not you, there is nothing you must do: your password stays as it is.
{{ if .RevocationLinkURL -}}
{{ .RevocationLinkText }} by this link:

{{ .RevocationLinkURL }}
{{ end -}}
`,
  'Event.txt': `Hello {{ .DisplayName }},

{{ .BodyPrefix }} {{ .BodyEvent }}.
{{ range $name, $value := .Details }}
{{ $name }}: {{ $value }}
{{- end }}

{{ .BodySuffix }}
`,
  'NewDevice.txt': `Hello {{ .DisplayName }},

somebody signed in to your account at {{ .Domain }} from a browser that was not seen there before.

Device: {{ .Device }}
Address: {{ .RemoteIP }}
Time: {{ .Time }}

If it was you, there is nothing you must do.
{{ if .LinkURL -}}
If it was not you, open this link within a week: it ends that session. Then choose a new password.

{{ .LinkURL }}
{{ else -}}
If it was not you: sign in to the portal, end that session in the settings, and choose a new password.
{{ end -}}
`,
} as const;

export type TextTemplateName = keyof typeof textTemplates;
