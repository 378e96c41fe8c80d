package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker when a release is made.
var version string

type versionCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// build is what a program is made of.
type build struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Run prints the version.
func (c *versionCommand) Run(a *surroundings) error {
	b := readBuild()
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(b)
	}
	detail := b.Go + ", " + b.Platform
	if b.Revision != "" {
		detail = b.Revision + ", " + detail
	}
	_, err := fmt.Fprintf(a.stdout, "ostiary %s (%s)\n", b.Version, detail)
	return err
}

func readBuild() build {
	b := build{Version: version, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	if b.Version == "" {
		b.Version = info.Main.Version
	}
	if b.Version == "" {
		b.Version = "(devel)"
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			b.Revision = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true" && b.Revision != "":
			b.Revision += "+changes"
		}
	}
	return b
}
