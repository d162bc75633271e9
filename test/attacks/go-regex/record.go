// Records how Go's own regexp package reads the patterns that rules are written in: go run record.go > table.json
//
// A pattern that does not compile is recorded as such; of one that does, for every text whether it is found, and what it captures as User.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strings"
)

type entry struct {
	Pattern string `json:"pattern"`
	// Whether it compiles.
	Valid bool `json:"valid"`
	// By text: false, or what it captures as User ("" where it captures nothing).
	Found []any `json:"found,omitempty"`
}

var texts = []string{
	"", "/", "/a", "/a/", "/a/b", "/A", "/admin", "/admin/", "/admin/users", "/administrator", "/admin?x=1", "/x?path=/admin", "/status", "/api/status?full",
	"/user/john", "/user/john/mail", "/user/MARY", "/user/", "/user/j-d", "/user/ümit", "/group/dev/x",
	"/a\nb", "\n", "/a b", "/a.b", "/a+b", "/a$b", "/a\\b", "/(a)", "/[a]", "/a|b", "/aa", "/aaa", "/aaaaaaaa", "/ab", "/abab",
	"/\u00e4", "/\u00c4", "/\u65e5\u672c", "/\u03c3\u03c2\u03a3", "/\u212a", "/k", "/K", "/\u017f", "/s", "/\u0130", "/i", "/\U0001f3f0", "/e\u0301",
	"/0", "/42", "/007", "/v1/x", "/v12/x", "/x_y", "/-", "app.example.com", "john.example.com", "a.b.example.com", "example.com.evil.test",
}

var patterns = []string{
	// anchors
	"^/$", "^/a$", "^/a", "/a$", "^$", "", ".", "^", "$", `\A/a\z`, `\A`, `\z`, "(?m)^b$", "(?m)^", "^/a\nb$", "^/a.b$", "(?s)^/a.b$", "(?-s)^/a.b$",
	// what people write
	"^/admin([/?].*)?$", "^/admin.*$", "/admin", "^/admin$", "^/(admin|status)$", "^/api/.*$", "^/api/(status|health)([?].*)?$", "status", "^/user/[^/]+/?$",
	`^/(?:a|b)/?$`, "^/a/b/?$", "/[a-z]+$", "^/[A-Z]$", `^/\w+$`, `^/\W$`, `^/\d+$`, `^/\D+$`, `\s`, `\S\s\S`, `^/v\d+/`, `^/v[0-9]{1,2}/x$`, `\.`, `\+`, `\$`, `\\`, `\(a\)`, `\[a\]`, `a\|b`, "[.]", "[+$]",
	`^(\w+)\.example\.com$`, `^(app|john)\.example\.com$`, `example\.com$`, `^[^.]+\.example\.com$`, `^([a-z]+\.)+example\.com$`,
	// captures
	`^/user/(?P<User>\w+)$`, `^/user/(?P<User>\w+)`, `^/user/(?P<User>[^/]*)/?`, `/(?P<User>.+)/mail$`, `(?i)^/user/(?P<User>mary)$`, `^/user/(?P<User>john|j)`, `^/user/(?P<User>j|john)`, `^/user/(?P<User>.*?)/`, `^/user/(?P<User>.*)/`,
	`^/user/(?:(?P<User>john)|x)`, `^/(?:user/(?P<User>\w+)|admin)`, `(?P<User>a)|(?:b)`, `(?P<User>a*)`, `(?P<User>a+?)`, `(?P<User>a{2})`, `^(?P<User>\w+)\.example\.com$`, `^/user/(?<User>\w+)$`, `(?P<User>\p{L}+)$`,
	// repetition
	"^/a*$", "^/a+$", "^/a?$", "^/a{2}$", "^/a{2,}$", "^/a{2,3}$", "^/a{0}$", "^/a{,2}$", "^/a{2", "^/(ab)*$", "^/(ab){2}$", "^/a*?$", "^/a+?", "^/a??", "a{1000}", "(a*)*", "(a|b)*", "(?:a?){20}a{2}",
	"a**", "a{1001}", "a{2,1}", "*a", "+", "?", "a++", "a*+", "a{2}{3}", "(a{500}){3}",
	// flags
	"(?i)/ADMIN", "(?i)^/a$", "(?i)^/\u00e4$", "(?i)^/\u00c4$", "(?i)^/k$", "(?i)^/\u212a$", "(?i)^/s$", "(?i)^/\u017f$", "(?i)^/i$", "(?i)^/\u0130$", "(?i)^/\u03c3+$", "(?i:A)dmin", "(?i)a(?-i)B", "(?U)a+", "(?U)^/a+?$", "(?is)A.B", "(?im)^B$", "(?i)[k-m]", "(?i)[^k]$", "(?x)a b", "(?z)a", "(?i", "(?)a",
	// classes
	"[[:alpha:]]", "^/[[:digit:]]+$", "[[:^space:]]$", "[[:word:]]+$", "[[:punct:]]$", "[[:upper:]]", "[[:xdigit:]]+$", "[[:foo:]]", "[a-]", "[-a]", "[]a]", "[^]a]", "[a", "[z-a]", "[a-\\d]", `[\w.-]+$`, `[\d\s]`, `[^\w/]`, `[\x61]`, `[\x{1f3f0}]`, "[\u65e5-\u672c]", "[^\u0000-\u007f]", `[\]]`, `[\Qa\E]`,
	`\pL`, `\p{L}+$`, `\PL$`, `\p{Lu}`, `\p{Greek}`, `\p{^Greek}`, `\P{Greek}$`, `\p{Han}{2}`, `\p{Latin}+$`, `\p{Nd}`, `\p{Foo}`, `\p`, `\p{L`, `\p{Any}`, `\p{So}`, `\p{Mn}`,
	// escapes
	`\x2f`, `\x{2F}a`, `\x{110000}`, `\x`, `\57`, `\057a`, `\0`, `\1`, `\8`, `\a`, `\f`, `\t`, `\n`, `\r`, `\v`, `\e`, `\cA`, `\h`, `\R`, `\X`, `\K`, `\G`, `\Z`, `\Q.\E`, `\Qa.b\E`, `\Q(`, `\E`, `\/`, `\-`, `\_`, `\"`, `\<`, `\y`, `\u0061`, `\N{SPACE}`, `\C`, `\`, `\é`,
	`\b`, `\ba`, `a\b`, `\Badmin`, `\badmin\b`, `\B`, `\bj-d\b`, `^/\b`,
	// groups, and what has no place in RE2
	"(a)(b)", "(?:a)", "(", ")", "(a", "a)", "()", "(|a)", "a||b", "|", "a|", "(?=a)", "(?!a)", "(?<=a)b", "(?<!a)b", "(?>a)", `(a)\1`, `(?P<x>a)(?P=x)`, "(?P<User>a)(?P<User>b)", "(?P<1a>a)", "(?P<>a)", "(?P<a", "(?P<a-b>a)", "(?P<ä>a)", "(?<x>a)", "(?'x'a)", "(?#c)a", "(?(1)a|b)", "(?R)", "(?|a|b)", "\\", "(?P<n", "[[.a.]]", "[[=a=]]",
	"(((((((((((a)))))))))))", "[a&&b]", "[a--b]", "a{1}{1}", "^*", "$*", `\b*`, "(?:^)*a", "(^a)+", "x*y*z*$", "/.*/.*/.*$", "(a|ab)(c|bcd)?$", "(?:a|ab)(?:b|)$", "^(?:/[a-z]+)+$", "^/.{1,3}$", "^/.$", "^/..$", `^/\x{e4}$`, "^/\u00e4$", "^/\u65e5", "\U0001f3f0", "^/.\u0301$",
}

func main() {
	entries := make([]entry, 0, len(patterns))
	for _, pattern := range patterns {
		compiled, err := regexp.Compile(pattern)
		recorded := entry{Pattern: pattern, Valid: err == nil}
		if err == nil {
			user := compiled.SubexpIndex("User")
			for _, text := range texts {
				match := compiled.FindStringSubmatch(text)
				switch {
				case match == nil:
					recorded.Found = append(recorded.Found, false)
				case user < 0:
					recorded.Found = append(recorded.Found, "")
				default:
					recorded.Found = append(recorded.Found, match[user])
				}
			}
		}
		entries = append(entries, recorded)
	}
	lines := make([]string, 0, len(entries))
	for _, each := range entries {
		line, err := json.Marshal(each)
		if err != nil {
			panic(err)
		}
		lines = append(lines, "    "+string(line))
	}
	head, err := json.Marshal(texts)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(os.Stdout, "{\n  \"texts\": %s,\n  \"patterns\": [\n%s\n  ]\n}\n", head, strings.Join(lines, ",\n"))
}
