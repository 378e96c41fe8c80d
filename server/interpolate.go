package server

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// interpolate puts the values of ${NAME} and ${file:PATH} into a text; $${
// stands for ${ itself. It reports whether anything was put in: such a text may
// be a secret wherever it stands.
func (r *reader) interpolate(raw string) (text string, foreign bool, problems []string) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(raw, "${")
		if !found {
			b.WriteString(raw)
			return b.String(), foreign, problems
		}
		if escaped, ok := strings.CutSuffix(before, "$"); ok {
			b.WriteString(escaped + "${")
			raw = rest
			continue
		}
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", true, append(problems, `"${" has no "}" after it; write $${ for the characters themselves`)
		}
		value, problem := r.fetch(name)
		if problem != "" {
			problems = append(problems, problem)
		}
		b.WriteString(value)
		foreign, raw = true, after
	}
}

// fetch returns the value of one reference, or says what is wrong with it.
func (r *reader) fetch(name string) (value, problem string) {
	if path, ok := strings.CutPrefix(name, "file:"); ok {
		return r.fetchFile(path)
	}
	if !variable.MatchString(name) {
		return "", "between ${ and } stands neither the name of an environment variable nor file: and a path"
	}
	value = r.getenv(name)
	if value == "" {
		return "", fmt.Sprintf("the environment variable %s is not set; set it, or use ${file:…}", name)
	}
	r.hide(value)
	return value, ""
}

// fetchFile reads a file named in the configuration. What everybody on the
// machine can read is no secret, and is refused (FAL-5).
func (r *reader) fetchFile(path string) (value, problem string) {
	if path == "" {
		return "", "${file:} names no file"
	}
	content, public, err := readLimited(r.path(path), maxSecret)
	switch {
	case err != nil:
		return "", fmt.Sprintf("the file %s can't be read: %v", path, err)
	case public:
		return "", fmt.Sprintf("the file %s can be read by everybody on this machine; run chmod o-r on it, or give the container's secret mode 0400", path)
	}
	value = strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if value == "" {
		return "", fmt.Sprintf("the file %s is empty", path)
	}
	r.hide(value)
	return value, ""
}

// path returns a path that stands in the file: a relative one counts from the
// folder that the file is in.
func (r *reader) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(r.dir, name)
}
