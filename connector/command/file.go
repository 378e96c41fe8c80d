package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkProgram says what is wrong with the file of a program: whoever can
// replace it reads every password.
func checkProgram(argv []string) error {
	if len(argv) == 0 || argv[0] == "" {
		return errors.New("Argv: is missing")
	}
	file := argv[0]
	if !filepath.IsAbs(file) {
		return fmt.Errorf("Argv: %q is not an absolute path", file)
	}
	if isScriptOfShell(file) {
		return fmt.Errorf("Argv: %s is run by a shell: name the program that does the work", file)
	}
	if err := checkFile(file); err != nil {
		return fmt.Errorf("Argv: %w", err)
	}
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return fmt.Errorf("Argv: %w", err)
	}
	// The folders on the way to a link count as much as those of its target.
	for _, name := range []string{filepath.Clean(file), target} {
		if err := checkFolders(name); err != nil {
			return fmt.Errorf("Argv: %w", err)
		}
	}
	return nil
}

// checkFile is what each run checks again.
func checkFile(file string) error {
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: there is no such file", file)
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is not a file", file)
	}
	return checkMode(file, info)
}

func checkFolders(name string) error {
	for folder := filepath.Dir(name); ; folder = filepath.Dir(folder) {
		info, err := os.Stat(folder)
		if err != nil {
			return err
		}
		if err := checkFolderMode(folder, info); err != nil {
			return err
		}
		if folder == filepath.Dir(folder) {
			return nil
		}
	}
}

func checkDir(dir string) error {
	if dir == "" {
		return nil // Argv is missing, and said so
	}
	if !filepath.IsAbs(dir) {
		return fmt.Errorf("Dir: %q is not an absolute path", dir)
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return fmt.Errorf("Dir: %w", err)
	case !info.IsDir():
		return fmt.Errorf("Dir: %s: is not a folder", dir)
	}
	return nil
}
