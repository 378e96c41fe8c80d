package e2e

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

var printedAddress = regexp.MustCompile(`http://(?:localhost|127\.0\.0\.1):[1-9]\d*`)

// demo starts the binary as a newcomer does and returns the address that it
// prints.
func demo(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ostiary")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, "../cmd/ostiary").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.CommandContext(t.Context(), file, "demo", "--listen", "127.0.0.1:0")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	out, w := io.Pipe()
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Wait(); w.Close() }) // the context of the test has ended it
	address := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if found := printedAddress.FindString(lines.Text()); found != "" {
				select {
				case address <- found:
				default:
				}
			}
		}
	}()
	select {
	case found := <-address:
		return strings.Replace(found, "127.0.0.1", "localhost", 1)
	case <-time.After(20 * time.Second):
		t.Fatal("the demonstration prints no address")
	}
	return ""
}

// TestDemo signs in to the demonstration as README says, looks at the page of
// signed-in people with axe-core, and takes its picture.
func TestDemo(t *testing.T) {
	origin := demo(t)
	b := openTab(t)
	b.size(1000, 1280, 2)
	b.scheme("light")
	b.visit(origin)
	if !b.has("[name=password]") {
		b.leave(chromedp.Click(chromedp.CSS("a[href*=signin], a.button")))
	}
	b.audit(t)
	b.fill("username", "jsmith")
	b.fill("password", "wrong sesame")
	b.submit(0)
	if !b.has("[role=alert]") {
		t.Error("a wrong password is not told")
	}
	b.signIn("jsmith", "open sesame")
	if b.has("[name=password]") {
		t.Fatalf("not signed in: %s", b.text("[role=alert]"))
	}
	b.audit(t)
	b.picture("demo")
	b.scheme("dark")
	b.audit(t)
	b.picture("demo-dark")

	b.visit(origin + "/api/auth/signout")
	b.submit(0)
	b.visit(origin + "/api/auth/signin")
	b.signIn("ada", "open sesame")
	b.audit(t)
	b.fill("code", "246810")
	b.submit(0)
	if got := b.text("body"); !strings.Contains(got, "Ada") || b.has("[name=code]") {
		t.Errorf("after the code the page says %.200q", got)
	}
}
