package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	maxConfig = 1 << 20  // bytes of a configuration file
	maxSecret = 64 << 10 // bytes of a file named by ${file:…}
	maxNodes  = 100_000  // values read from one file, aliases counted each time
)

// readLimited reads a file of at most limit bytes, and says whether anybody on
// the machine may read it. On Windows, where that is not in the mode, nobody may.
func readLimited(name string, limit int64) (content []byte, public bool, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, false, cause(err)
	}
	defer f.Close()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, false, cause(err)
	case info.IsDir():
		return nil, false, errors.New("is a directory")
	}
	content, err = io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, false, cause(err)
	}
	if int64(len(content)) > limit {
		return nil, false, fmt.Errorf("is larger than %d KiB", limit>>10)
	}
	return content, runtime.GOOS != "windows" && info.Mode().Perm()&0o004 != 0, nil
}

// cause leaves the name of the file out of an error that is going to be printed
// beside it.
func cause(err error) error {
	var of *os.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// parse reads YAML into nodes. The fault, if there is one, quotes nothing of
// the file, for there are secrets in it.
func parse(content []byte) (root *yaml.Node, fault *Fault) {
	defer func() {
		if recover() != nil { // the library's own guard does not know every panic
			root, fault = nil, &Fault{Line: 1, Text: "is not readable as YAML"}
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, &Fault{Line: 1, Text: "is empty; at least url, secrets and providers must be in it"}
	case err != nil:
		return nil, syntaxFault(err, content)
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		line := 1
		if err == nil {
			line = max(second.Line, 1)
		}
		return nil, &Fault{Line: line, Text: "a second document begins after ---; one file is one document"}
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, &Fault{Line: 1, Text: "is not a YAML mapping"}
	}
	return document.Content[0], nil
}

var (
	yamlLine   = regexp.MustCompile(`^yaml: (?:line (\d+): )?([a-z][a-z0-9 ,:]*)`)
	yamlAnchor = regexp.MustCompile(`^yaml: unknown anchor '(.*)' referenced`)
)

// syntaxFault turns the library's message into a fault. Of the message only its
// fixed words are kept.
func syntaxFault(err error, content []byte) *Fault {
	message := err.Error()
	if m := yamlAnchor.FindStringSubmatch(message); m != nil {
		return &Fault{
			Line: lineOf(content, "*"+m[1]),
			Text: "a value that begins with * is an alias of YAML, and there is no such anchor; put the value in quotes",
		}
	}
	m := yamlLine.FindStringSubmatch(message)
	if m == nil {
		return &Fault{Line: 1, Text: "is not readable as YAML"}
	}
	line, _ := strconv.Atoi(m[1])
	text := strings.TrimRight(m[2], ": ")
	if strings.Contains(text, "cannot start any token") && bytes.Contains(content, []byte("\t")) {
		text += "; YAML is indented with blanks, never with tabs"
	}
	return &Fault{Line: max(line, 1), Text: "is not valid YAML: " + text}
}

// lineOf returns the line of the first place of text, 1 if there is none.
func lineOf(content []byte, text string) int {
	before, _, found := bytes.Cut(content, []byte(text))
	if !found {
		return 1
	}
	return 1 + bytes.Count(before, []byte("\n"))
}
