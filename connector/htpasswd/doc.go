// Package htpasswd signs people in against a file as Apache's htpasswd writes
// it. The file is read anew when it changed; a change that can't be read is
// logged and leaves the people as they were.
package htpasswd
