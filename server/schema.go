package server

import (
	"encoding/json"
	"strings"
)

// schema is a piece of JSON Schema, 2020-12.
type schema map[string]any

// Key is one key of the configuration file.
type Key struct {
	// Path is where it stands: "providers[].connector.http.url".
	Path string
	// Doc says in a sentence what it does.
	Doc string
	// Default is what holds when it is left out, "" when nothing does.
	Default string
	// Required is set for keys that may not be left out.
	Required bool
}

// Keys returns every key that a configuration file may have, from the top of
// the file to its ends.
func Keys() []Key { return listKeys("", fileKeys()) }

func listKeys[T any](prefix string, members []member[T]) []Key {
	var all []Key
	for _, m := range members {
		path := strings.TrimPrefix(prefix+"."+m.key, ".")
		all = append(all, Key{Path: path, Doc: m.doc, Default: m.def, Required: m.must})
		if m.below != nil {
			all = append(all, m.below(path)...)
		}
	}
	return all
}

// Schema returns the JSON Schema of the configuration file, for editors and
// for the checks of deployment tools.
func Schema() []byte {
	s := mappingSchema(fileKeys())
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "Configuration of Ostiary"
	encoded, _ := json.MarshalIndent(s, "", "  ") // maps, strings and numbers only: can't fail
	return append(encoded, '\n')
}

func mappingSchema[T any](members []member[T]) schema {
	properties := make(schema, len(members))
	var required []string
	for _, m := range members {
		p := m.schema()
		p["description"] = describe(m.doc, m.def)
		properties[m.key] = p
		if m.must {
			required = append(required, m.key)
		}
	}
	s := schema{"type": "object", "properties": properties, "additionalProperties": false}
	if required != nil {
		s["required"] = required
	}
	return s
}

func describe(doc, def string) string {
	if def == "" {
		return doc
	}
	return doc + " Default: " + def + "."
}
