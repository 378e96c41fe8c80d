package ostiary

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"
	"time"
)

// device is what is kept of a browser that its person wishes not to be asked for
// a second factor in. It belongs to one account and one set of factors: adding or
// removing one ends it (MFA-11).
type device struct {
	Hash    []byte // of the secret in its cookie
	Factors string // kept.fingerprint
	Name    string // "Firefox on Windows"
}

// mostDevices is how many an account has. The next one takes the place of the
// oldest.
const mostDevices = 20

// remembered reports whether the browser was told not to ask, and the factors are
// still the same. It stands for a proof at sign-in and never later.
func (a *attempt) remembered(k *kept, n need) bool {
	f := a.s.factors
	if f.RememberDevice <= 0 || !k.real(n.rule) {
		return false
	}
	r, d, ok := a.device(k)
	if !ok || d.Factors != k.fingerprint() {
		return false
	}
	if now := a.s.now(); now.Sub(r.Used) > 24*time.Hour { // for the list; whether it succeeds does not matter
		r.Used = seconds(now)
		_ = f.Store.Change(a.ctx, k.account, Change{Update: []Record{r}})
	}
	a.trusted = true
	return true
}

// device finds the record of this browser.
func (x *exchange) device(k *kept) (r Record, d device, ok bool) {
	value, ok := x.cookie(x.s.jar.device.Name)
	if !ok {
		return r, d, false
	}
	id, secret, _ := strings.Cut(value, ".")
	r, ok = k.find(deviceKind, id)
	if !ok || x.s.factors.open(r, &d) != nil {
		return r, d, false
	}
	sum := sha256.Sum256([]byte(secret))
	return r, d, subtle.ConstantTimeCompare(sum[:], d.Hash) == 1
}

// rememberDevice adds the browser to a change, if its person ticked so. It counts
// only when the change does, which is after everything else was good.
func (s *second) rememberDevice(c *Change, k *kept) error {
	f := s.s.factors
	if f.RememberDevice <= 0 || !s.values.Bool(rememberField) || s.kind.Kind() == recovery {
		return nil
	}
	id, secret := rand.Text(), rand.Text()
	sum := sha256.Sum256([]byte(secret))
	r, err := f.seal(k.account, deviceKind, id, device{Hash: sum[:], Factors: k.fingerprint(), Name: browserName(s.r.UserAgent())})
	if err != nil {
		return err
	}
	now := s.s.now()
	r.Created, r.Used, r.Expires = seconds(now), seconds(now), seconds(now.Add(f.RememberDevice))
	c.Add = append(c.Add, r)
	all := k.all(deviceKind)
	c.Remove = append(c.Remove, all[:max(0, len(all)-mostDevices+1)]...)
	if old, _, ok := s.device(k); ok && !slices.ContainsFunc(c.Remove, func(r Record) bool { return r.ID == old.ID }) {
		c.Remove = append(c.Remove, old)
	}
	s.deviceCookie = s.s.jar.device.StringFor(id+"."+secret, f.RememberDevice)
	return nil
}

// browserName is what a person knows a browser by. It is for their eyes alone and
// decides nothing.
func browserName(agent string) string {
	pick := func(of [][2]string) string {
		for _, p := range of {
			if strings.Contains(agent, p[0]) {
				return p[1]
			}
		}
		return ""
	}
	browser := pick([][2]string{
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS", "Firefox"},
		{"CriOS", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	})
	system := pick([][2]string{
		{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	})
	switch {
	case browser == "" && system == "":
		return ""
	case browser == "" || system == "":
		return browser + system
	}
	return browser + " – " + system
}
