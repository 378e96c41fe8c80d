package memory

// ending is when a key is over, in Unix nanoseconds.
type ending struct {
	at  int64
	key string
}

// ends is a binary heap with the earliest ending first.
type ends []ending

func (e *ends) push(x ending) {
	*e = append(*e, x)
	h := *e
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if h[parent].at <= x.at {
			break
		}
		h[i], i = h[parent], parent
	}
	h[i] = x
}

// replaceFirst puts x in the place of the earliest ending.
func (e *ends) replaceFirst(x ending) {
	h := *e
	i := 0
	for {
		child := 2*i + 1
		if child >= len(h) {
			break
		}
		if child+1 < len(h) && h[child+1].at < h[child].at {
			child++
		}
		if x.at <= h[child].at {
			break
		}
		h[i], i = h[child], child
	}
	h[i] = x
}

// popFirst removes the earliest ending.
func (e *ends) popFirst() {
	h := *e
	last := len(h) - 1
	moved := h[last]
	h[last] = ending{} // lets go of the key
	*e = h[:last]
	if last > 0 {
		e.replaceFirst(moved)
	}
}
