package pages

import "slices"

type (
	accountView struct {
		Name, CSRFToken, Action string
		Notice                  string
		Banner                  *bannerView
		Factors                 []accountFactorView
		Devices                 []accountDeviceView
		Offers                  offersView
		ProofURL                string
		HomeURL, SignOutURL     string
		Here                    string
	}
	accountFactorView struct {
		ID, Kind, Key     string // Key makes the ids of the page
		Name, KindName    string // KindName is empty where Name is that already
		Created, Used     *dateView
		Left              string
		Few               bool
		Change            bool
		Rename, Remove    bool
		Action, CSRFToken string
		NameField         nameView
	}
	accountDeviceView struct {
		ID, Key, Name          string
		Current                bool
		Created, Used, Expires *dateView
		Action, CSRFToken      string
		Change                 bool
	}
)

// notices are what an account page says was done.
var notices = []string{"enrolled", "removed", "renamed", "forgotten", "recovery_used", "codes_few", "factor_needed"}

// fewCodes is the number of recovery codes from which on new ones are urged.
const fewCodes = 3

func (r *Renderer) accountView(c *catalogue, p Account) accountView {
	v := accountView{
		Name: p.Name, CSRFToken: p.CSRFToken, Action: p.Action, Banner: newChangeBanner(c, p.Problem), ProofURL: p.ProofURL,
		HomeURL: p.HomeURL, SignOutURL: or(p.SignOutURL, r.base+"/signout"), Here: r.hereOrNone(p.Here),
	}
	if slices.Contains(notices, p.Notice) {
		v.Notice = c.text("notice_" + p.Notice)
	}
	hasCodes := false
	for i := range p.Factors {
		v.Factors = append(v.Factors, newAccountFactor(c, &p, &p.Factors[i]))
		hasCodes = hasCodes || p.Factors[i].Kind == kindRecovery
	}
	for _, d := range p.Devices {
		v.Devices = append(v.Devices, accountDeviceView{
			ID: d.ID, Key: "device-" + d.ID, Name: or(d.Name, c.text("device_unnamed")), Current: d.Current,
			Created: newDate(d.Created), Used: newDate(d.Used), Expires: newDate(d.Expires),
			Action: p.Action, CSRFToken: p.CSRFToken, Change: p.ProofURL == "",
		})
	}
	if p.ProofURL == "" {
		v.Offers = newOffers(c, p.Offers, p.Invite, p.Problem)
		v.Offers.Action, v.Offers.CSRFToken = p.Action+"/enrol", p.CSRFToken
		if hasCodes {
			v.Offers.renewCodes(c)
		}
	}
	v.Offers.giveFocus(v.Banner)
	return v
}

// renewCodes tells that new recovery codes replace the old ones.
func (v *offersView) renewCodes(c *catalogue) {
	for i := range v.Offers {
		if v.Offers[i].Kind == kindRecovery {
			v.Offers[i].Name, v.Offers[i].About = c.text("new_codes"), c.text("about_new_codes")
		}
	}
}

func newAccountFactor(c *catalogue, p *Account, f *AccountFactor) accountFactorView {
	v := accountFactorView{
		ID: f.ID, Kind: f.Kind, Key: "factor-" + f.ID, Name: f.Name, KindName: c.kindName(f.Kind, f.Label),
		Created: newDate(f.Created), Used: newDate(f.Used), Few: f.Left >= 0 && f.Left <= fewCodes,
		Rename: p.ProofURL == "" && f.Kind != kindRecovery, Remove: p.ProofURL == "" && f.Removable,
		Action: p.Action, CSRFToken: p.CSRFToken,
	}
	v.Change = v.Rename || v.Remove
	if v.Name == "" {
		v.Name, v.KindName = v.KindName, ""
	}
	switch {
	case f.Left == 0:
		v.Left = c.text("left_none")
	case f.Left > 0:
		v.Left = c.counted("left", int64(f.Left))
	}
	if v.Rename {
		v.NameField = nameView{ID: "name-of-" + f.ID, Value: f.Name}
	}
	return v
}
