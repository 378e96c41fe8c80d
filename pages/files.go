package pages

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed templates/*.html static/* languages/*.json
var embedded embed.FS

// largestFile bounds a file of the override directory, in bytes.
const largestFile = 4 << 20

// files finds a file by its plain name, in the override directory first.
type files struct {
	dir   string
	names []string // what the override directory holds
}

// layer is one version of a file.
type layer struct {
	name    string // for messages: with the directory, when it is an override
	content []byte
	own     bool // from the override directory
}

func openFiles(dir string) (files, error) {
	if dir == "" {
		return files{}, nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return files{}, fmt.Errorf("template directory: %w", err)
	}
	f := files{dir: dir}
	for _, entry := range entries {
		if name := entry.Name(); !entry.IsDir() && !strings.HasPrefix(name, ".") {
			f.names = append(f.names, name)
		}
	}
	return f, f.check()
}

// check refuses templates and languages that replace nothing: they would be
// mistyped names, silently without effect.
func (f files) check() error {
	var faults []error
	for _, name := range f.names {
		if strings.HasSuffix(name, ".html") && readEmbedded(name) == nil {
			faults = append(faults, fmt.Errorf("%s: there is no template of that name; the names are %s",
				filepath.Join(f.dir, name), strings.Join(templateNames, ", ")))
		}
	}
	return errors.Join(faults...)
}

// layers returns the embedded file of that name, if any, then the override.
func (f files) layers(name string) ([]layer, error) {
	var out []layer
	if content := readEmbedded(name); content != nil {
		out = append(out, layer{name: name, content: content})
	}
	if !slices.Contains(f.names, name) {
		return out, nil
	}
	path := filepath.Join(f.dir, name)
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > largestFile {
		return nil, fmt.Errorf("%s: is larger than %d MiB", path, largestFile>>20)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return append(out, layer{name: path, content: content, own: true}), nil
}

// read returns the file of that name that counts.
func (f files) read(name string) (layer, error) {
	all, err := f.layers(name)
	if err != nil {
		return layer{}, err
	}
	if len(all) == 0 {
		return layer{}, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return all[len(all)-1], nil
}

// furtherLanguages returns the tags of the languages that only the override
// directory has.
func (f files) furtherLanguages() []string {
	var tags []string
	for _, name := range f.names {
		tag, ok := strings.CutSuffix(name, ".json")
		if ok && !slices.Contains(embeddedLanguages, tag) {
			tags = append(tags, tag)
		}
	}
	slices.Sort(tags)
	return tags
}

func readEmbedded(name string) []byte {
	folder := "static/"
	switch filepath.Ext(name) {
	case ".html":
		folder = "templates/"
	case ".json":
		folder = "languages/"
	}
	content, err := embedded.ReadFile(folder + name)
	if err != nil {
		return nil
	}
	return content
}
