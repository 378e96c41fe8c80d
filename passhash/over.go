package passhash

import "time"

// over returns the hash of what change makes of a password.
func (h Hash) over(family Family, change func(password string) string) Hash {
	inner := h
	h.family, h.longest = family, MaxPassword
	h.matches = func(password string) bool { return inner.Match(change(password)) }
	return h
}

// named returns the hash under another family, the zero Hash as it is.
func (h Hash) named(family Family) Hash {
	if h.matches != nil {
		h.family = family
	}
	return h
}

// behind returns the hash of the password with any of the endings. It tries them
// all, so that the time does not tell which.
func (h Hash) behind(endings ...Pepper) Hash {
	inner := h
	h.cost.Time *= time.Duration(len(endings))
	h.matches = func(password string) bool {
		match := false
		for _, ending := range endings {
			match = inner.Match(password+string(ending)) || match
		}
		return match
	}
	h.longest = MaxPassword
	return h
}
