package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// checkFile refuses a file that somebody else could have put there or could
// change, and makes an empty one where there is none. It never opens one that is
// there: closing it would end the locks that SQLite has on it
// (sqlite.org/howtocorrupt.html, section 2.2).
func checkFile(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		if err := checkMode(path + suffix); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // SQLite would have asked for 0644
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: the folder is missing; make it, with access for the service alone", filepath.Dir(path))
	case err != nil:
		return err
	}
	return errors.Join(f.Close(), keepName(filepath.Dir(path)))
}

// keepName has the disk know of a new file in a folder.
func keepName(folder string) error {
	if runtime.GOOS == "windows" { // opens no folders
		return nil
	}
	f, err := os.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func checkMode(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link; name the file itself", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file; name one", path)
	case info.Mode().Perm()&0o022 != 0 && runtime.GOOS != "windows":
		return fmt.Errorf("%s can be written by others; chmod go-w it, and make sure that nobody did", path)
	}
	return nil
}
